/*
  The standard environment: a derivation with `setup`, and the functions that packages call on it.
*/
{
  lib,
  system,
  config ? { },
  bash,
  initialPath,
  defaultNativeBuildInputs,
  cc ? null,
  bootstrapPath,
}:
let
  hostPlatform = import ./platform.nix { inherit lib system; };
  defaultHardening = "bindnow format fortify pic relro stackprotector strictoverflow";
  drv = derivation {
    name = "stdenv-linux";
    inherit system initialPath;
    builder = "${bash}/bin/bash";
    args = [
      "-e"
      ./build.sh
    ];
    PATH = lib.makeBinPath bootstrapPath;
    setup = ./setup.sh;
    fixup = ./fixup.sh;
    shell = "${bash}/bin/bash";
    inherit defaultHardening;
    defaultNativeBuildInputs = map lib.getDev (defaultNativeBuildInputs ++ lib.optional (cc != null) cc);
    storeDir = builtins.storeDir;
  };
  stdenv =
    drv
    // {
      inherit
        cc
        initialPath
        hostPlatform
        system
        ;
      buildPlatform = hostPlatform;
      targetPlatform = hostPlatform;
      shell = "${bash}/bin/bash";
      shellPackage = bash;
      extraNativeBuildInputs = [ ];
      extraBuildInputs = [ ];
      hasCC = cc != null;
      inherit (hostPlatform)
        isLinux
        isDarwin
        isx86_64
        isAarch64
        isi686
        is64bit
        is32bit
        isSunOS
        isCygwin
        isFreeBSD
        isOpenBSD
        isBSD
        isAarch32
        isBigEndian
        ;
      outputs = [ "out" ];
      out = drv;
      meta = {
        description = "The environment in which packages are built";
        available = true;
        outputsToInstall = [ "out" ];
      };
      override =
        changes:
        import ./default.nix (
          {
            inherit
              lib
              system
              config
              bash
              initialPath
              defaultNativeBuildInputs
              cc
              bootstrapPath
              ;
          }
          // builtins.intersectAttrs {
            cc = null;
            initialPath = null;
          } changes
        );
    }
    // import ./make-derivation.nix { inherit lib stdenv config bash; };
in
stdenv
