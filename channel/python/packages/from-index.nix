/*
  The packages of the index: one small derivation a wheel, run by the interpreter itself, with no shell and no stdenv.

  The derivation installs the wheel and nothing else: it knows none of its dependencies, so all wheels install side by
  side, and a new version of one leaves the others as they are. What a package needs at run time is data
  (`dependencies`); environments put it together. A package with programs is, when it is used by itself, a derivation over that
  (`bound`), whose programs run in an environment of their own with everything they need.
*/
{
  pkgs,
  lib,
  python,
  final,
}:
let
  version = python.pythonVersion;
  indexFile = ../. + "/index-${version}.json";
  hasIndex = builtins.pathExists indexFile;
  index = lib.importJSON indexFile;
  details = lib.importJSON (../. + "/details-${version}.json");
  machine = python.stdenv.hostPlatform.parsed.cpu.name or (builtins.head (lib.splitString "-" pkgs.system));
  onArm = machine == "aarch64";
  native = import ../native-libraries.nix;
  # Variables for install-wheel.py where a package's code must change.
  amendments = {
    pip.amend = ../amendments/pip.py;
    python-magic = {
      amend = ../amendments/dlopen.py;
      amendFiles = "magic/loader.py";
      amendLibraries = lib.makeLibraryPath [ pkgs.file ];
      amendMagic = "${pkgs.file}/share/misc/magic.mgc";
    };
    weasyprint = {
      amend = ../amendments/dlopen.py;
      amendFiles = "weasyprint/text/ffi.py";
      amendLibraries = lib.makeLibraryPath [
        pkgs.glib
        pkgs.pango
        pkgs.harfbuzz
        pkgs.fontconfig
      ];
    };
  };
  modules = import ./modules.nix { inherit lib python; };
  inherit (import ./application.nix { inherit pkgs lib python; }) bind;
  installWheel = ../install-wheel.py;

  file = name: entry: short: hash: rec {
    fileName = if lib.hasSuffix ".whl" short then short else "${lib.replaceStrings [ "-" ] [ "_" ] name}-${entry.v}-${short}.whl";
    fetched = fetch name fileName hash;
  };
  fetch =
    name: fileName: hash:
    pkgs.fetchurl {
      url = "mirror://pypi/${builtins.substring 0 1 name}/${name}/${fileName}";
      hash = "sha256-${hash}";
    };

  package =
    name: entry:
    let
      chosen = if onArm && entry ? a then entry.a else entry.w or false;
      src =
        if chosen == false then
          throw "${name} ${entry.v} has no wheel for ${machine} on the index; build it from its sdist: python.pkgs.buildPythonPackage { pname = \"${name}\"; version = \"${entry.v}\"; src = python.pkgs.${name}.sdist; pyproject = true; build-system = [ … ]; }"
        else
          (file name entry (builtins.elemAt chosen 0) (builtins.elemAt chosen 1)).fetched;
      dependencies = map (other: final.${other}) (if onArm && entry ? e then entry.e else entry.d);
      detail = details.${name};
      sdist =
        if detail ? s then
          let
            given = builtins.elemAt detail.s 0;
          in
          fetch name (if given == null then "${lib.replaceStrings [ "-" ] [ "_" ] name}-${entry.v}.tar.gz" else given) (builtins.elemAt detail.s 1)
        else
          throw "${name} ${entry.v} has no sdist on the index";
      meta = {
        description = detail.t;
        license = {
          fullName = detail.l;
          free = true;
        };
        homepage = null;
        available = chosen != false;
        broken = false;
        outputsToInstall = [ "out" ];
      }
      // (if entry ? p then { mainProgram = name; } else { });
      passthru = {
        pname = name;
        inherit (entry) version;
        inherit src sdist meta dependencies;
        propagatedBuildInputs = dependencies;
        optional-dependencies = lib.mapAttrs (extra: map (other: final.${other})) (detail.x or { });
        pythonModule = python;
        requiredPythonModules = modules.requiredPythonModules dependencies;
        # Where the package is an input of a plain derivation or shell: what else must be there for `import` to work.
        neededBeside = map modules.bare (modules.requiredPythonModules dependencies) ++ [ python ];
        importNames = detail.m;
        format = "wheel";
        passthru = { };
        tests = { };
      };
      derived = derivation (
        {
          name = "${python.libPrefix}-${name}-${entry.v}";
          inherit (pkgs) system;
          builder = python.interpreter;
          args = [
            "-I"
            installWheel
          ];
          wheel = src;
          inherit (python) interpreter;
        }
        // (
          amendments.${name} or { }
        )
        // (
          if entry ? n then
            {
              libraries = lib.makeLibraryPath ([ pkgs.gcc-lib pkgs.zlib ] ++ map (soname: pkgs.manylinuxLibraries.${soname}) (native.${name} or [ ]));
              patchelf = "${pkgs.patchelf}/bin/patchelf";
              manylinux = builtins.concatStringsSep " " (builtins.attrNames pkgs.manylinuxLibraries);
            }
          else
            { }
        )
      );
      # As `buildPythonPackage` takes it: what overriding starts from.
      arguments = {
        pname = name;
        version = entry.v;
        format = "wheel";
        inherit src dependencies meta;
        optional-dependencies = passthru.optional-dependencies;
        buildInputs = if entry ? n then [ pkgs.gcc-lib pkgs.zlib ] ++ map (soname: pkgs.manylinuxLibraries.${soname}) (native.${name} or [ ]) else [ ];
        passthru = { inherit sdist; };
      };
      overriding = {
        overrideAttrs = f: (final.buildPythonPackage arguments).overrideAttrs f;
        overridePythonAttrs = f: (final.buildPythonPackage arguments).overridePythonAttrs f;
        override = given: overrideDependencies name arguments given;
      };
      bare = derived // passthru // { inherit (entry) v; version = entry.v; } // overriding;
    in
    if entry ? p then bind { inherit bare; } else bare;

  # `override` as nixpkgs' packages have it: arguments named like dependencies replace them.
  overrideDependencies =
    name: arguments: given:
    let
      new = if lib.isFunction given then given { } else given;
      replaced = map (dependency: new.${dependency.pname} or dependency) arguments.dependencies;
      unknown = removeAttrs new (map (dependency: dependency.pname) arguments.dependencies);
    in
    if unknown != { } then
      throw "${name} comes from the index as a wheel; `override` can replace its dependencies (${lib.concatMapStringsSep ", " (d: d.pname) arguments.dependencies}), not ${lib.concatStringsSep ", " (builtins.attrNames unknown)}; for anything else there is overridePythonAttrs"
    else
      final.buildPythonPackage (arguments // { dependencies = replaced; });

  absent =
    name: _:
    throw "${name} is not bundled for Python ${version}: the index has sets for ${lib.concatStringsSep " and " indexed}; take it from there, or make an index with channel/python/update ${version}";
  indexed = map (name: builtins.head (builtins.match "index-(.*)\\.json" name)) (
    builtins.filter (name: builtins.match "index-.*\\.json" name != null) (builtins.attrNames (builtins.readDir ../.))
  );
in
if hasIndex then builtins.mapAttrs package index else builtins.mapAttrs absent (lib.importJSON ../index-3.13.json)
