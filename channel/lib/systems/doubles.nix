# Lists of system names by property, for `meta.platforms`.
{ lib }:
let
  inherit (lib.systems) parse inspect;
  inherit (inspect) predicates;

  all = [
    "i686-linux" "x86_64-linux" "aarch64-linux" "aarch64_be-linux" "armv5tel-linux" "armv6l-linux" "armv7a-linux"
    "armv7l-linux" "loongarch64-linux" "mips-linux" "mips64-linux" "mips64el-linux" "mipsel-linux"
    "powerpc64-linux" "powerpc64le-linux" "riscv32-linux" "riscv64-linux" "s390-linux" "s390x-linux"
    "x86_64-darwin" "aarch64-darwin"
    "i686-freebsd" "x86_64-freebsd" "aarch64-freebsd" "i686-netbsd" "x86_64-netbsd" "i686-openbsd" "x86_64-openbsd"
    "x86_64-solaris" "i686-windows" "x86_64-windows" "wasm32-wasi" "wasm64-wasi"
    "aarch64-none" "arm-none" "i686-none" "powerpc-none" "riscv32-none" "riscv64-none" "x86_64-none"
  ];
  parsed = map parse.mkSystemFromString all;
  those = predicate: map parse.doubleFromSystem (builtins.filter predicate parsed);
in
{
  inherit all;
  none = [ ];
  allBut = names: builtins.filter (name: !(builtins.elem name names)) all;

  arm = those predicates.isAarch32;
  armv7 = those predicates.isArmv7;
  aarch = those predicates.isAarch;
  aarch64 = those predicates.isAarch64;
  x86 = those predicates.isx86;
  i686 = those predicates.isi686;
  x86_64 = those predicates.isx86_64;
  mips = those predicates.isMips;
  power = those predicates.isPower;
  riscv = those predicates.isRiscV;
  riscv32 = those predicates.isRiscV32;
  riscv64 = those predicates.isRiscV64;
  s390 = those predicates.isS390;
  s390x = those predicates.isS390x;
  loongarch64 = those predicates.isLoongArch64;

  bigEndian = those predicates.isBigEndian;
  littleEndian = those predicates.isLittleEndian;

  cygwin = [ ];
  darwin = those predicates.isDarwin;
  freebsd = those predicates.isFreeBSD;
  gnu = those predicates.isGnu;
  illumos = those predicates.isSunOS;
  linux = those predicates.isLinux;
  netbsd = those predicates.isNetBSD;
  openbsd = those predicates.isOpenBSD;
  unix = those predicates.isUnix;
  wasi = those predicates.isWasi;
  windows = those predicates.isWindows;
  embedded = those predicates.isNone;
  mesaPlatforms = those predicates.isLinux;
}
