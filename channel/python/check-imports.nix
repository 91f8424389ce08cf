/*
  Does every package of an interpreter's set import? A derivation that fails if one does not.

      bruma build channel/python/check-imports.nix --argstr python python311

  All packages lie in one environment; each is imported by a process of its own. import-exceptions.txt has those that cannot be
  imported on a machine without something, and the reason. The log lists what failed, with the last line of each error.
*/
{
  python ? "python3",
  pkgs ? import ../. { },
}:
let
  inherit (pkgs) lib;
  interpreter = pkgs.${python};
  names = builtins.attrNames (lib.importJSON (./. + "/index-${interpreter.pythonVersion}.json"));
  packages = map (name: interpreter.pkgs.${name}) names;
  environment = interpreter.buildEnv.override { extraLibs = packages; };
in
derivation {
  name = "${interpreter.name}-imports";
  inherit (pkgs) system;
  builder = environment.interpreter;
  args = [
    ./check-imports.py
  ];
  inherit (interpreter) executable;
  inherit environment;
  details = ./. + "/details-${interpreter.pythonVersion}.json";
  exceptions = ./import-exceptions.txt;
}
