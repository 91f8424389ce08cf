/*
  `python.pkgs`: the packages of one interpreter, a fixed point over layers.

  In order: what builds packages, the wheels of the index, what some of them need beside the index, old names, the set's
  extensions (`pkgs.pythonPackagesExtensions`), and the `packageOverrides` of who asked for the interpreter.

  Nothing here is computed for a package that nobody asks for: the index is read once, and each attribute is made on
  demand.
*/
{
  pkgs,
  lib,
  python,
  overrides ? (final: previous: { }),
}:
let
  builders = final: import ./builders.nix { inherit pkgs lib python final; };
  layers = [
    (final: previous: import ./from-index.nix { inherit pkgs lib python final; })
    (import ./adjustments.nix { inherit pkgs lib python; })
    (import ./aliases.nix { inherit lib; })
  ]
  ++ (pkgs.pythonPackagesExtensions or [ ])
  ++ [ overrides ];
in
lib.fix (lib.extends (lib.composeManyExtensions layers) builders)
