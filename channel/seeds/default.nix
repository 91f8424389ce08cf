/*
  Debian package name → the derivation of its unpacked tree.

  A seed is a fixed-output path: its address follows from the tree's NAR hash alone, so Nix finds it valid once the
  tree is in its store, whoever put it there. `builtin:unpack-deb` is bruma's own builder.
*/
{ system }:
let
  architectures = {
    x86_64-linux = "amd64";
    aarch64-linux = "arm64";
  };
  architecture = architectures.${system} or (throw "the bundled package set has no seeds for ${system}, only for x86_64-linux");
  pins = (builtins.fromJSON (builtins.readFile ./pins.json)).${architecture} or (throw "no seed is pinned yet for ${system}");
  seed =
    package: pin:
    derivation {
      inherit (pin) name;
      system = "builtin";
      builder = "builtin:unpack-deb";
      url = "mirror://debian/${pin.path}";
      outputHashMode = "recursive";
      outputHashAlgo = "sha256";
      outputHash = pin.hash;
      preferLocalBuild = true;
    };
in
builtins.mapAttrs seed pins
