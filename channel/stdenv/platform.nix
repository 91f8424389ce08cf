/*
  What packages ask about the platform. Builds are native: build, host and target are one.
*/
{ lib, system }:
let
  parts = lib.splitString "-" system;
  cpu = builtins.head parts;
  kernel = builtins.elemAt parts 1;
  isLinux = kernel == "linux";
  isx86_64 = cpu == "x86_64";
  isAarch64 = cpu == "aarch64";
in
rec {
  inherit system isLinux isx86_64 isAarch64;
  config = "${cpu}-unknown-linux-gnu";
  isDarwin = kernel == "darwin";
  isUnix = true;
  isGnu = isLinux;
  isx86 = isx86_64;
  isx86_32 = false;
  isi686 = false;
  isAarch = isAarch64;
  isAarch32 = false;
  isAarch64Darwin = isAarch64 && isDarwin;
  isArm = false;
  isArmv7 = false;
  isRiscV = false;
  isRiscV64 = false;
  isPower = false;
  isPower64 = false;
  isPowerPC = false;
  isS390 = false;
  isS390x = false;
  isMips = false;
  isLoongArch64 = false;
  isSparc = false;
  isWasm = false;
  isWasi = false;
  isJavaScript = false;
  isMusl = false;
  isUClibc = false;
  isStatic = false;
  isWindows = false;
  isMinGW = false;
  isCygwin = false;
  isMsvc = false;
  isSunOS = false;
  isFreeBSD = false;
  isOpenBSD = false;
  isNetBSD = false;
  isBSD = false;
  isiOS = false;
  isAndroid = false;
  isRedox = false;
  isGhcjs = false;
  isNone = false;
  isMacOS = isDarwin;
  isEfi = true;
  is64bit = true;
  is32bit = false;
  isLittleEndian = true;
  isBigEndian = false;
  isElf = isLinux;
  isMachO = isDarwin;
  isHardFloat = true;
  isAvx2 = false;
  useLLVM = false;
  libc = "glibc";
  linker = "bfd";
  linux-kernel = { };
  gcc = { };
  rustc = { };
  extensions = {
    sharedLibrary = ".so";
    staticLibrary = ".a";
    library = ".so";
    executable = "";
  };
  uname = {
    system = "Linux";
    processor = cpu;
    release = null;
  };
  parsed = {
    _type = "system";
    cpu = {
      name = cpu;
      bits = 64;
      family = if isAarch64 then "arm" else "x86";
      arch = if isx86_64 then "x86-64" else "armv8-a";
      significantByte.name = "littleEndian";
    };
    kernel = {
      name = kernel;
      families = { };
      execFormat.name = "elf";
    };
    vendor.name = "unknown";
    abi.name = "gnu";
  };
  qemuArch = cpu;
  darwinArch = if isAarch64 then "arm64" else cpu;
  linuxArch = if isAarch64 then "arm64" else cpu;
  emulatorAvailable = pkgs: true;
  emulator = pkgs: "";
  canExecute = other: other.system or system == system;
  isCompatible = canExecute;
  equals = other: other.system or null == system;
}
