# `isLinux`, `isx86_64` and the rest, as patterns of a parsed system and as predicates made of them.
{ lib }:
let


  family = name: { cpu.family = name; };
  familyBits = name: bits: { cpu = { family = name; inherit bits; }; };
  kernel = name: { kernel.name = name; };
  abiNames = names: map (name: { abi = { inherit name; }; }) names;
in
rec {
  patterns = rec {
    isi686 = { cpu = { name = "i686"; }; };
    isx86 = family "x86";
    isx86_32 = familyBits "x86" 32;
    isx86_64 = familyBits "x86" 64;
    isAarch = family "arm";
    isAarch32 = familyBits "arm" 32;
    isAarch64 = familyBits "arm" 64;
    isArmv7 = map (name: { cpu = { inherit name; }; }) [ "armv7a" "armv7l" ];
    isMips = family "mips";
    isMips32 = familyBits "mips" 32;
    isMips64 = familyBits "mips" 64;
    isPower = family "power";
    isPower64 = familyBits "power" 64;
    isRiscV = family "riscv";
    isRiscV32 = familyBits "riscv" 32;
    isRiscV64 = familyBits "riscv" 64;
    isS390 = family "s390";
    isS390x = { cpu = { family = "s390"; bits = 64; }; };
    isSparc = family "sparc";
    isLoongArch64 = familyBits "loongarch" 64;
    isWasm = family "wasm";

    is32bit = { cpu.bits = 32; };
    is64bit = { cpu.bits = 64; };
    isBigEndian = { cpu.significantByte.name = "bigEndian"; };
    isLittleEndian = { cpu.significantByte.name = "littleEndian"; };

    isBSD = { kernel.families.bsd.name = "bsd"; };
    isDarwin = { kernel.families.darwin.name = "darwin"; };
    isMacOS = kernel "darwin";
    isiOS = { kernel.name = "ios"; };
    isUnix = [ isBSD isDarwin isLinux isSunOS ];
    isLinux = kernel "linux";
    isSunOS = kernel "solaris";
    isFreeBSD = kernel "freebsd";
    isNetBSD = kernel "netbsd";
    isOpenBSD = kernel "openbsd";
    isWindows = kernel "windows";
    isCygwin = { kernel.name = "windows"; abi.name = "cygnus"; };
    isMinGW = { kernel.name = "windows"; abi.name = "gnu"; };
    isWasi = kernel "wasi";
    isNone = kernel "none";

    isAndroid = abiNames [ "android" "androideabi" ];
    isGnu = (abiNames [ "gnu" "gnuabi64" "gnueabi" "gnueabihf" "gnuabielfv2" ]);
    isMusl = abiNames [ "musl" "musleabi" "musleabihf" ];

    isUClibc = abiNames [ "uclibc" ];
    isMsvc = abiNames [ "msvc" ];
    isEabi = abiNames [ "eabi" "eabihf" ];
    isAbiElfv1 = abiNames [ "gnuabielfv1" ];
    isAbiElfv2 = abiNames [ "gnuabielfv2" ];
    isILP32 = abiNames [ "muslx32" "gnux32" ];
    isMips64n64 = { cpu = { family = "mips"; bits = 64; }; abi.abi = "64"; };
    isMips64n32 = { cpu = { family = "mips"; bits = 64; }; abi.abi = "n32"; };
    isSparc64 = familyBits "sparc" 64;
    isAlpha = family "alpha";
    isAvr = family "avr";
    isM68k = family "m68k";
    isMsp430 = family "msp430";
    isArc = family "arc";
    isMicroBlaze = family "microblaze";
    isMmix = family "mmix";
    isOr1k = family "or1k";
    isRx = family "rx";
    isSh4 = family "sh";
    isVc4 = family "vc4";
    isJavaScript = family "javascript";
    isEfi = map (family: { cpu = { inherit family; significantByte.name = "littleEndian"; }; }) [ "arm" "loongarch" "riscv" "x86" ];
    isUefi = kernel "uefi";
    isRedox = kernel "redox";
    isGenode = kernel "genode";
    isGhcjs = kernel "ghcjs";

    isPE = { kernel.execFormat.name = "pe"; };
    isElf = { kernel.execFormat.name = "elf"; };
    isMacho = { kernel.execFormat.name = "macho"; };
  };

  # pattern or list of them -> parsed system -> bool
  matchAnyAttrs = pattern:
    if builtins.isList pattern then (system: builtins.any (p: lib.matchAttrs p system) pattern)
    else lib.matchAttrs pattern;

  predicates = builtins.mapAttrs (_: matchAnyAttrs) patterns;

  # The same for `meta.platforms` of elaborated platforms.
  platformPatterns = {
    isStatic = { parsed = { }; isStatic = true; };
  };
}
