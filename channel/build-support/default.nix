/*
  Fetchers and builders.
*/
final:
let
  lib = import ../lib;
in
{
  callPackage = lib.callPackageWith final;
  callPackages = lib.callPackagesWith final;
  newScope = extra: lib.callPackageWith (final // extra);
  makeScope = lib.makeScope;
  fetchurl = import ./fetchurl.nix { inherit lib; };
  makeWrapper = final.makeSetupHook {
    name = "make-wrapper-hook";
    substitutions.shell = final.runtimeShell;
  } ./make-wrapper.sh;
  makeShellWrapper = final.makeWrapper;
  makeBinaryWrapper = final.makeWrapper;
  buildEnv = import ./build-env.nix { inherit lib; inherit (final) runCommand; };
  mkShell = final.callPackage ./mkshell.nix { };
  mkShellNoCC = final.callPackage ./mkshell.nix { stdenv = final.stdenvNoCC; };
  buildFHSEnv = import ./fhs {
    inherit lib;
    pkgs = final;
    inherit (final)
      runCommand
      writeShellScript
      writeText
      buildEnv
      bubblewrap
      bash
      coreutils
      glibc
      ;
  };
  buildFHSEnvBubblewrap = final.buildFHSEnv;
  installShellFiles = final.makeSetupHook { name = "install-shell-files"; } ./install-shell-files.sh;
  wrapGAppsHook3 = final.makeSetupHook {
    name = "wrap-gapps-hook";
    deps = [ final.makeWrapper ];
  } ./wrap-gapps.sh;
  wrapGAppsNoGuiHook = final.wrapGAppsHook3;
  autoPatchelfHook = final.makeSetupHook {
    name = "auto-patchelf-hook";
    substitutions = {
      shell = final.runtimeShell;
      libc = "${final.glibc}";
      gccLib = "${final.gcc-lib}";
    };
  } ./auto-patchelf.sh;
}
// import ./trivial-builders.nix final
// import ./fetchers.nix final
