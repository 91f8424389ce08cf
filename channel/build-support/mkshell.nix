/*
  `mkShell`: a derivation that is there for its environment.

  `packages` are native inputs; `inputsFrom` gives the inputs of others, less themselves; the shell hooks run from the
  last of `inputsFrom` to the first, then the shell's own; whatever else is given becomes a variable.
*/
{ lib, stdenv }:
lib.makeOverridable (
  {
    name ? "nix-shell",
    packages ? [ ],
    inputsFrom ? [ ],
    buildInputs ? [ ],
    nativeBuildInputs ? [ ],
    propagatedBuildInputs ? [ ],
    propagatedNativeBuildInputs ? [ ],
    ...
  }@attrs:
  let
    withPython = import ../python/shell-packages.nix { inherit lib; };
    merge = kind: (attrs.${kind} or [ ]) ++ lib.subtractLists inputsFrom (lib.flatten (lib.catAttrs kind inputsFrom));
    rest = removeAttrs attrs [
      "name"
      "packages"
      "inputsFrom"
      "buildInputs"
      "nativeBuildInputs"
      "propagatedBuildInputs"
      "propagatedNativeBuildInputs"
      "shellHook"
    ];
  in
  stdenv.mkDerivation (
    {
      inherit name;
      buildInputs = withPython (merge "buildInputs");
      nativeBuildInputs = withPython (packages ++ merge "nativeBuildInputs");
      propagatedBuildInputs = merge "propagatedBuildInputs";
      propagatedNativeBuildInputs = merge "propagatedNativeBuildInputs";
      shellHook = lib.concatStringsSep "\n" (lib.catAttrs "shellHook" (lib.reverseList inputsFrom ++ [ attrs ]));
      phases = [ "buildPhase" ];
      buildPhase = ''
        {
          echo "------------------------------------------------------------"
          echo " WARNING: the existence of this path is not guaranteed."
          echo " It is an internal implementation detail for pkgs.mkShell."
          echo "------------------------------------------------------------"
          echo
          # Record all build inputs as runtime dependencies
          export
        } >> "$out"
      '';
      preferLocalBuild = true;
    }
    // rest
  )
)
