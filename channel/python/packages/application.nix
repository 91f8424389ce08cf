/*
  Programs of Python packages outside an environment.

  `bind { bare }`: the package as it is when somebody uses it by itself: `lib` and the rest are the package's own, and
  its programs are those of an environment that holds the package and all it needs. So a program finds its modules, and so
  do the processes it starts, without a variable that others would inherit.
*/
{
  pkgs,
  lib,
  python,
}:
let
  bind =
    { bare }:
    let
      environment = python.buildEnv.override { extraLibs = [ bare ]; };
      bound = derivation {
        inherit (bare) name;
        inherit (pkgs) system;
        builder = python.interpreter;
        args = [
          "-I"
          ../bind-programs.py
        ];
        package = bare;
        inherit environment;
      };
    in
    bare
    // {
      inherit (bound) outPath drvPath;
      inherit bare;
      all = [ bound ];
      out = bound // {
        inherit (bare) meta passthru;
      };
    };
in
{
  inherit bind;

  # A package that is used for its programs only: environments will not take its modules.
  toPythonApplication =
    package:
    package
    // {
      pythonModule = false;
      neededBeside = [ ];
      passthru = (package.passthru or { }) // {
        pythonModule = false;
      };
    }
    // (
      if package ? overrideAttrs then
        {
          overrideAttrs =
            f:
            package.overrideAttrs (
              lib.composeExtensions (lib.toExtension f) (
                _: old: {
                  passthru = (old.passthru or { }) // {
                    pythonModule = false;
                  };
                }
              )
            );
        }
      else
        { }
    );
}
