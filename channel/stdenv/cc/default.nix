/*
  gcc and ld told about the store: shell scripts around the unwrapped programs that name the C library, the start files
  and the dynamic linker, take NIX_CFLAGS_COMPILE and NIX_LDFLAGS, and give what is linked a RUNPATH to every library
  found in the store. `--sysroot` names a directory with nothing but a link to the store in it, so that /usr/include and /usr/lib of the
  machine are never looked at.
*/
{
  lib,
  system,
  bash,
  coreutils,
  gnused,
  glibc,
  gcc-lib,
  binutils-unwrapped,
  cc,
  extraLibraries ? [ ],
  languages ? [
    "c"
    "c++"
  ],
}:
let
  wrap =
    attributes:
    derivation (
      {
        inherit system;
        builder = "${bash}/bin/bash";
        args = [
          "-e"
          ./build.sh
        ];
        PATH = "${coreutils}/bin:${gnused}/bin";
        shell = "${bash}/bin/bash";
        storeDir = builtins.storeDir;
        libc = glibc;
        libc_dev = glibc.dev;
        gcc_lib = gcc-lib;
        linker = "${glibc}/lib/ld-linux-x86-64.so.2";
        extraLibraries = map lib.getLib extraLibraries;
      }
      // attributes
    );
  finish =
    drv: passthru:
    drv
    // passthru
    // {
      outputs = [ "out" ];
      inherit passthru;
      out = drv // passthru;
      meta = {
        available = true;
        outputsToInstall = [ "out" ];
        inherit (passthru) mainProgram;
      };
      override = arguments: throw "the compiler wrapper's parts cannot be exchanged";
    };
  bintools = finish (wrap {
    name = "binutils-wrapper-${binutils-unwrapped.version}";
    kind = "bintools";
    tools = binutils-unwrapped;
    wrapper = ./ld.sh;
    setupHook = ./bintools-setup-hook.sh;
  }) {
    pname = "binutils-wrapper";
    inherit (binutils-unwrapped) version;
    mainProgram = "ld";
    isGNU = true;
    targetPrefix = "";
    bintools = binutils-unwrapped;
    libc = glibc;
    dynamicLinker = "${glibc}/lib/ld-linux-x86-64.so.2";
  };
in
finish (wrap {
  name = "gcc-wrapper-${cc.version}";
  kind = "cc";
  tools = cc;
  inherit bintools;
  wrapper = ./cc.sh;
  setupHook = ./cc-setup-hook.sh;
  languages = languages;
}) {
  pname = "gcc-wrapper";
  inherit (cc) version;
  mainProgram = "gcc";
  isGNU = true;
  isClang = false;
  targetPrefix = "";
  nativeTools = false;
  nativeLibc = false;
  inherit cc bintools;
  libc = glibc;
  lib = gcc-lib;
  hardeningUnsupportedFlags = [ ];
  defaultHardeningFlags = [
    "bindnow"
    "format"
    "fortify"
    "pic"
    "relro"
    "stackprotector"
    "strictoverflow"
  ];
}
