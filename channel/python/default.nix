/*
  The interpreters of the set, one attribute a version, and `python3`.
*/
final:
let
  lib = import ../lib;
  versions = import ./versions.nix;
  attribute = minor: "python${lib.replaceStrings [ "." ] [ "" ] minor}";
  interpreter =
    minor:
    lib.nameValuePair (attribute minor) (final.callPackage ./cpython.nix { inherit minor; });
  interpreters = lib.listToAttrs (map interpreter (builtins.attrNames versions));
  packages = lib.mapAttrs' (name: _: lib.nameValuePair "${name}Packages" final.${name}.pkgs) interpreters;
in
interpreters
// packages
// import ./applications.nix final
// {
  python3 = final.python313;
  python = final.python3;
  python3Packages = final.python3.pkgs;
  pythonPackages = final.python3Packages;
  python3Minimal = final.python3;
  python3Full = final.python3;
}
