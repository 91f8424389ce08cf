/*
  seedPackage: several seeds → one package in which every ELF file, script, link and pkg-config file refers to the
  store only.

  Arguments:
  - pname; version (taken from the first seed's if not given); debs: names in `seeds`;
  - deps: packages whose lib/ the ELF files may need (the RUNPATH keeps only what each needs);
  - interpreters: packages that give the interpreters of scripts (perl, python); a script that finds none is left out;
  - dev: whether headers, pkg-config files and the like become an output of their own;
  - propagate: packages that whoever compiles against this one needs, too;
  - keepLayout: directories below /usr that keep their place (the compiler's);
  - assembled: a piece of shell that runs once everything is in place, before patching.

  The result has the attributes of a derivation of stdenv's: outputs, meta, passthru, override, overrideAttrs.
*/
{
  lib,
  system,
  seeds,
  bootstrap,
  glibc ? null,
  bash ? null,
}:
let
  seedPackage =
    {
      pname,
      version ? null,
      debs,
      deps ? [ ],
      interpreters ? [ ],
      dev ? false,
      propagate ? [ ],
      assembled ? "",
      patched ? "",
      optionalNeeds ? [ ],
      keepShare ? false,
      environment ? { },
      passthru ? { },
      meta ? { },
    }@arguments:
    let
      seedVersion =
        let
          first = builtins.head debs;
          full = lib.removePrefix "${first}-" seeds.${first}.name;
          upstream = builtins.head (builtins.match "([^-+]*).*" full);
        in
        lib.removeSuffix ".dfsg" upstream;
      version' = if version == null then seedVersion else version;
      outputs = [ "out" ] ++ lib.optional dev "dev";
      attributes = {
        name = "${pname}-${version'}";
        inherit system outputs;
        builder = "${bootstrap}/bin/bash";
        args = [
          "-e"
          ./assemble.sh
        ];
        PATH = "${bootstrap}/bin";
        seeds = map (name: seeds.${name}) debs;
        deps = map lib.getLib deps;
        interpreters = map lib.getBin interpreters;
        propagate = map lib.getDev propagate;
        inherit assembled patched optionalNeeds keepShare;
        glibc = if glibc == null then "" else glibc;
        bash = if bash == null then "" else bash;
      }
      // environment;
      drv = derivation attributes;
      withOutputs = lib.listToAttrs (
        map (name: {
          inherit name;
          value = common // {
            inherit (drv.${name}) outPath drvPath type;
            outputName = name;
            outputSpecified = true;
          };
        }) outputs
      );
      common =
        drv
        // passthru
        // withOutputs
        // {
          inherit pname outputs passthru;
          version = version';
          meta = {
            available = true;
            name = attributes.name;
            outputsToInstall = [ "out" ];
          }
          // meta;
          override = changes: seedPackage (arguments // (if builtins.isFunction changes then changes arguments else changes));
          overrideAttrs =
            changes: throw "${pname} is assembled from prebuilt files: overrideAttrs cannot change it; build your own with stdenv.mkDerivation";
        };
    in
    common;
in
seedPackage
