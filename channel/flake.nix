# The channel as a flake: what inputs that mean nixpkgs become with `--nixpkgs bundled`.
{
  description = "bruma's own package set";
  outputs =
    { self }:
    let
      lib = import ./lib;
      systems = [
        "x86_64-linux"
      ];
    in
    {
      inherit lib;
      legacyPackages = lib.genAttrs systems (system: import ./. { inherit system; });
    };
}
