/*
  The channel: a function from nixpkgs' usual arguments to the package set.

  The set is a fixed point over layers, in this order: what needs no package (lib, seeds), packages from seeds, stdenv,
  build support, packages built here, Python, aliases, then the overlays.
*/
{
  system ? localSystem.system or (if builtins.isString localSystem then localSystem else builtins.currentSystem),
  localSystem ? { },
  crossSystem ? null,
  config ? { },
  overlays ? [ ],
  ...
}@arguments:
let
  lib = import ./lib;
  configuration = if builtins.isFunction config then config { inherit pkgs lib; } else config;
  seeds = import ./seeds { inherit system; };
  bootstrap = import ./seeds/bootstrap.nix { inherit system seeds; };
  seedPackageFor = glibc: bash: import ./seeds/package.nix { inherit lib system seeds bootstrap glibc bash; };

  base = final: {
    inherit lib system;
    config = configuration;
    overlays = overlays;
    path = ./.;
    pkgs = final;
    # What the base layer is made of, for tools and tests.
    channelSeeds = seeds;
    channelBootstrap = bootstrap;
    glibc = import ./packages/libc.nix { seedPackage = seedPackageFor null null; };
    seedPackageWithoutBash = seedPackageFor final.glibc null;
    seedPackage = seedPackageFor final.glibc final.bash;
    extend = overlay: import ./. (arguments // { overlays = overlays ++ [ overlay ]; });
    appendOverlays = more: import ./. (arguments // { overlays = overlays ++ more; });
  };
  layers = [
    base
    (import ./packages/libraries.nix)
    (import ./packages/programs.nix)
    (import ./packages/compiler.nix)
    (import ./stdenv/packages.nix)
    (import ./build-support)
    (import ./python)
    (import ./aliases.nix)
  ];
  whole = final: builtins.foldl' (set: layer: set // layer final) { } layers;
  pkgs = lib.fix (lib.extends (lib.composeManyExtensions overlays) whole);
in
if crossSystem != null && crossSystem != { } then
  throw "the bundled package set does not cross-compile"
else
  pkgs
