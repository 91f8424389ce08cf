# System names (`x86_64-linux`) and configuration triples (`x86_64-unknown-linux-gnu`) taken apart into processor,
# vendor, kernel and ABI.
{ lib }:
let
  inherit (builtins) elemAt length;

  named = type: builtins.mapAttrs (name: value: value // { inherit name; _type = type; });

  little = { _type = "significant-byte"; name = "littleEndian"; };
  big = { _type = "significant-byte"; name = "bigEndian"; };

  cpu = family: bits: byte: extra: { inherit family bits; significantByte = byte; } // extra;
in
rec {
  significantBytes = { littleEndian = little; bigEndian = big; };

  cpuTypes = named "cpu-type" {
    arm = cpu "arm" 32 little { };
    armv5tel = cpu "arm" 32 little { version = "5"; arch = "armv5t"; };
    armv6m = cpu "arm" 32 little { version = "6"; arch = "armv6-m"; };
    armv6l = cpu "arm" 32 little { version = "6"; arch = "armv6"; };
    armv7a = cpu "arm" 32 little { version = "7"; arch = "armv7-a"; };
    armv7l = cpu "arm" 32 little { version = "7"; arch = "armv7"; };
    aarch64 = cpu "arm" 64 little { version = "8"; arch = "armv8-a"; };
    aarch64_be = cpu "arm" 64 big { version = "8"; arch = "armv8-a"; };
    i386 = cpu "x86" 32 little { arch = "i386"; };
    i486 = cpu "x86" 32 little { arch = "i486"; };
    i586 = cpu "x86" 32 little { arch = "i586"; };
    i686 = cpu "x86" 32 little { arch = "i686"; };
    x86_64 = cpu "x86" 64 little { arch = "x86-64"; };
    alpha = cpu "alpha" 64 little { };
    avr = cpu "avr" 8 little { };
    m68k = cpu "m68k" 32 big { };
    msp430 = cpu "msp430" 16 little { };
    mips = cpu "mips" 32 big { };
    mipsel = cpu "mips" 32 little { };
    mips64 = cpu "mips" 64 big { };
    mips64el = cpu "mips" 64 little { };
    powerpc = cpu "power" 32 big { };
    powerpc64 = cpu "power" 64 big { };
    powerpc64le = cpu "power" 64 little { };
    riscv32 = cpu "riscv" 32 little { };
    riscv64 = cpu "riscv" 64 little { };
    s390 = cpu "s390" 32 big { };
    s390x = cpu "s390" 64 big { };
    sparc64 = cpu "sparc" 64 big { };
    loongarch64 = cpu "loongarch" 64 little { };
    wasm32 = cpu "wasm" 32 little { };
    wasm64 = cpu "wasm" 64 little { };
  };

  vendors = named "vendor" { apple = { }; pc = { }; w64 = { }; none = { }; unknown = { }; };

  execFormats = named "exec-format" { elf = { }; macho = { }; pe = { }; wasm = { }; unknown = { }; };

  kernelFamilies = named "kernel-family" { bsd = { }; darwin = { }; };

  kernels = named "kernel" (
    let
      inherit (execFormats) elf macho pe wasm unknown;
      bsd = { inherit (kernelFamilies) bsd; };
    in
    {
      linux = { execFormat = elf; families = { }; };
      darwin = { execFormat = macho; families = { inherit (kernelFamilies) darwin; }; };
      freebsd = { execFormat = elf; families = bsd; };
      netbsd = { execFormat = elf; families = bsd; };
      openbsd = { execFormat = elf; families = bsd; };
      solaris = { execFormat = elf; families = { }; };
      windows = { execFormat = pe; families = { }; };
      wasi = { execFormat = wasm; families = { }; };
      none = { execFormat = unknown; families = { }; };
    }
  );

  abis = named "abi" {
    gnu = { };
    gnueabi = { float = "soft"; };
    gnueabihf = { float = "hard"; };
    gnuabi64 = { abi = "64"; };
    gnuabielfv2 = { abi = "elfv2"; };
    musl = { };
    musleabi = { float = "soft"; };
    musleabihf = { float = "hard"; };
    eabi = { float = "soft"; };
    eabihf = { float = "hard"; };
    msvc = { };
    uclibc = { };
    cygnus = { };
    android = { };
    androideabi = { };
    elf = { };
    unknown = { };
  };

  isSystem = x: x._type or null == "system";

  mkSystem = { cpu, vendor, kernel, abi }: { _type = "system"; inherit cpu vendor kernel abi; };

  lookup = what: table: name:
    table.${name} or (throw "Unknown ${what} '${name}': known ones are ${builtins.concatStringsSep ", " (builtins.attrNames table)}");

  mkSystemFromString = text:
    let
      parts = lib.splitString "-" text;
      n = length parts;
      kernelAliases = { macos = "darwin"; mingw32 = "windows"; cygwin = "windows"; };
      kernelOf = name: lookup "kernel" kernels (
        let
          bare = builtins.head (builtins.match "([a-z]+(32)?)[0-9.]*" name);
        in
        kernelAliases.${name} or (if kernels ? ${name} then name else kernelAliases.${bare} or bare));
      cpu = lookup "processor" cpuTypes (
        let
          name = builtins.head parts;
        in
        if name == "arm64" then "aarch64" else if name == "amd64" then "x86_64" else name);
      # cpu-kernel | cpu-kernel-abi | cpu-vendor-kernel | cpu-vendor-kernel-abi
      known =
        if n == 1 then { kernel = "none"; }
        else if n == 2 then { kernel = elemAt parts 1; }
        else if n == 3 && (kernels ? ${elemAt parts 1} && elemAt parts 1 != "none") then { kernel = elemAt parts 1; abi = elemAt parts 2; }
        else if n == 3 && elemAt parts 1 == "none" && abis ? ${elemAt parts 2} then { vendor = "none"; kernel = "none"; abi = elemAt parts 2; }
        else if n == 3 then { vendor = elemAt parts 1; kernel = elemAt parts 2; }
        else if n == 4 then { vendor = elemAt parts 1; kernel = elemAt parts 2; abi = elemAt parts 3; }
        else throw "lib.systems: '${text}' is not a system name or configuration triple";
      kernel = kernelOf known.kernel;
    in
    mkSystem {
      inherit cpu kernel;
      vendor = lookup "vendor" vendors (known.vendor or (
        if kernel.name == "darwin" then "apple" else if kernel.name == "windows" then "pc" else "unknown"));
      abi = lookup "ABI" abis (
        if known.abi or null == "gnu" || !(known ? abi) && kernel.name == "linux" then
          (if cpu.family == "arm" && cpu.bits == 32 then
            (if lib.versionAtLeast (cpu.version or "0") "6" then "gnueabihf" else "gnueabi")
          else if cpu.name == "powerpc64" then "gnuabielfv2"
          else "gnu")
        else known.abi or (if kernel.name == "windows" then "gnu" else "unknown"));
    };

  kernelName = kernel: kernel.name + toString (kernel.version or "");

  doubleFromSystem = { cpu, kernel, abi, ... }:
    if kernel.name == "windows" && abi.name != "msvc" then "${cpu.name}-windows"
    else "${cpu.name}-${kernelName kernel}";

  tripleFromSystem = { cpu, vendor, kernel, abi, ... }:
    let
      suffix = lib.optionalString (abi.name != "unknown") "-${abi.name}";
      # Apple's own name for it.
      machine = if kernel.name == "darwin" && cpu.name == "aarch64" then "arm64" else cpu.name;
    in
    "${machine}-${vendor.name}-${kernelName kernel}${suffix}";
}
