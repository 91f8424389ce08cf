# Platforms: from a system name or configuration triple to the set of facts that packages ask `hostPlatform` for.
{ lib }:
let
  inherit (lib.systems) parse inspect;

  # uname -m, and what Linux, Go, Rust and others call a processor.
  linuxArch = cpu:
    if cpu.family == "x86" && cpu.bits == 32 then "i386"
    else if cpu.family == "x86" then "x86_64"
    else if cpu.family == "arm" && cpu.bits == 32 then "arm"
    else if cpu.family == "arm" then "arm64"
    else if cpu.family == "power" then "powerpc"
    else if cpu.family == "riscv" then "riscv"
    else if cpu.family == "mips" then "mips"
    else if cpu.family == "s390" then "s390"
    else if cpu.family == "loongarch" then "loongarch"
    else cpu.name;

  goArch = cpu: {
    x86_64 = "amd64"; i686 = "386"; i586 = "386"; i486 = "386"; i386 = "386"; aarch64 = "arm64";
    armv5tel = "arm"; armv6l = "arm"; armv7a = "arm"; armv7l = "arm"; powerpc64le = "ppc64le"; powerpc64 = "ppc64";
    riscv64 = "riscv64"; s390x = "s390x"; loongarch64 = "loong64"; mips64el = "mips64le"; wasm32 = "wasm";
  }.${cpu.name} or cpu.name;

  # The dynamic linker of a platform: null where there is none, or none is known.
  dynamicLinker = p:
    if p.libc == "musl" then "/lib/ld-musl-${if p.isx86_32 then "i386" else if p.isAarch32 then "armhf" else p.parsed.cpu.name}.so.1"
    else if p.libc != "glibc" then null
    else if p.isx86_64 then "/lib64/ld-linux-x86-64.so.2"
    else if p.isx86_32 then "/lib/ld-linux.so.2"
    else if p.isAarch64 then "/lib/ld-linux-aarch64.so.1"
    else if p.isAarch32 then "/lib/ld-linux-armhf.so.3"
    else if p.isRiscV64 then "/lib/ld-linux-riscv64-lp64d.so.1"
    else if p.parsed.cpu.name == "powerpc64le" then "/lib64/ld64.so.2"
    else if p.isS390x then "/lib/ld64.so.1"
    else if p.isLoongArch64 then "/lib64/ld-linux-loongarch-lp64d.so.1"
    else null;

  # What may run what: a 64-bit machine its 32-bit programs, everything itself.
  runs = a: b:
    a.parsed.kernel.name == b.parsed.kernel.name
    && (
      a.parsed.cpu.name == b.parsed.cpu.name
      || (a.isx86_64 && b.isx86_32)
      || (a.isAarch64 && b.isAarch32 && a.isLinux)
      || (a.isx86_32 && b.isx86_32)
    );

  elaborate = argument:
    let
      given = if builtins.isString argument then { system = argument; } else argument;
      args = removeAttrs given [ "system" "config" "parsed" ]
        // lib.optionalAttrs (given ? parsed && !(given ? system || given ? config)) { inherit (given) parsed; };

      final = {
        parsed = parse.mkSystemFromString (
          if given ? config then given.config
          else given.system or (throw "lib.systems.elaborate: neither `system` nor `config` is given"));
        system = parse.doubleFromSystem final.parsed;
        config = given.config or (parse.tripleFromSystem final.parsed);

        canExecute = other: runs final other;
        emulatorAvailable = pkgs: final.canExecute or (_: false) pkgs.stdenv.hostPlatform;
        emulator = pkgs:
          if pkgs.stdenv.hostPlatform.canExecute final then lib.getExe (pkgs.writeShellScriptBin "exec" ''exec "$@"'')
          else throw "Don't know how to run ${final.config} executables.";
        isCompatible = _: throw "lib.systems.*.isCompatible is gone: use canExecute";

        useLLVM = false;
        libc =
          if final.isDarwin then "libSystem"
          else if final.isMusl then "musl"
          else if final.isWindows then "msvcrt"
          else if final.isWasi then "wasilibc"
          else if final.isLinux then "glibc"
          else if final.isFreeBSD then "fblibc"
          else if final.isNetBSD then "nblibc"
          else if final.isOpenBSD then "oblibc"
          else "none";
        linker = if final.useLLVM then "lld" else if final.isDarwin then "cctools" else "bfd";

        extensions =
          lib.optionalAttrs final.hasSharedLibraries {
            sharedLibrary = if final.isDarwin then ".dylib" else if final.isWindows then ".dll" else ".so";
          }
          // {
            staticLibrary = if final.isWindows then ".lib" else ".a";
            library = if final.isStatic then final.extensions.staticLibrary else final.extensions.sharedLibrary;
            executable = if final.isWindows then ".exe" else if final.isWasm then ".wasm" else "";
          };
        hasSharedLibraries = !final.isStatic && (final.isLinux || final.isDarwin || final.isBSD || final.isWindows || final.isSunOS);
        isStatic = final.isWasm || final.isRedox;

        uname = {
          system = { linux = "Linux"; windows = "Windows"; darwin = "Darwin"; netbsd = "NetBSD"; freebsd = "FreeBSD"; openbsd = "OpenBSD"; wasi = "Wasi"; }.${final.parsed.kernel.name} or null;
          processor =
            if final.isPower64 then "ppc64" + lib.optionalString final.isLittleEndian "le"
            else if final.isDarwin && final.isAarch64 then "arm64"
            else if final.isMips64 then "mips64"
            else final.parsed.cpu.name;
          release = null;
        };

        linuxArch = linuxArch final.parsed.cpu;
        qemuArch =
          if final.isAarch32 then "arm"
          else if final.isx86_32 then "i386"
          else { powerpc64le = "ppc64le"; powerpc64 = "ppc64"; powerpc = "ppc"; }.${final.parsed.cpu.name} or final.parsed.cpu.name;
        darwinArch = if final.isAarch64 then "arm64" else final.parsed.cpu.name;
        darwinPlatform = if final.isMacOS then "macos" else null;
        darwinSdkVersion = "14.4";
        darwinMinVersion = "14.0";
        darwinMinVersionVariable = if final.isMacOS then "MACOSX_DEPLOYMENT_TARGET" else null;
        ubootArch = final.linuxArch;
        efiArch =
          if final.isx86_32 then "ia32"
          else if final.isx86_64 then "x64"
          else if final.isAarch32 then "arm"
          else if final.isAarch64 then "aa64"
          else final.parsed.cpu.name;

        linux-kernel = {
          name = "other";
          target = if final.isx86 then "bzImage" else if final.isAarch64 then "Image" else "vmlinux";
          autoModules = true;
          baseConfig = "defconfig";
        };
        gcc = lib.optionalAttrs final.isPower64 { cpu = "powerpc64"; };

        go = { GOOS = if final.isWasi then "wasip1" else final.parsed.kernel.name; GOARCH = goArch final.parsed.cpu; GOARM = if final.isAarch32 then final.parsed.cpu.version or "" else ""; };
        nim = { os = { linux = "Linux"; darwin = "MacOSX"; windows = "Windows"; }.${final.parsed.kernel.name} or final.parsed.kernel.name; cpu = { x86_64 = "amd64"; i686 = "i386"; aarch64 = "arm64"; armv7l = "arm"; }.${final.parsed.cpu.name} or final.parsed.cpu.name; };
        libDir = if final.isLinux && (final.isx86_64 || final.isMips64 || final.isPower64) then "lib64" else "lib";
        staticEmulatorAvailable = final.emulatorAvailable;
        useAndroidPrebuilt = false;
        useiOSPrebuilt = false;
        androidSdkVersion = null;
        androidNdkVersion = null;
        node = {
          arch =
            if final.isx86_64 then "x64" else if final.isx86_32 then "ia32"
            else if final.isAarch64 then "arm64" else if final.isAarch32 then "arm"
            else final.parsed.cpu.name;
          platform = if final.isWindows then "win32" else final.parsed.kernel.name;
        };
        rust =
          let
            cpu = { armv7l = "armv7"; armv7a = "armv7"; armv6l = "arm"; riscv64 = "riscv64gc"; riscv32 = "riscv32gc"; }.${final.parsed.cpu.name} or final.parsed.cpu.name;
            vendor = { apple = "apple"; pc = "unknown"; w64 = "pc"; }.${final.parsed.vendor.name} or "unknown";
            abi = if final.parsed.abi.name == "unknown" then "" else "-${final.parsed.abi.name}";
            target = "${cpu}-${vendor}-${final.parsed.kernel.name}${abi}";
          in
          {
            rustcTarget = target;
            rustcTargetSpec = target;
            cargoShortTarget = target;
            cargoEnvVarTarget = lib.replaceStrings [ "-" ] [ "_" ] (lib.toUpper target);
            isNoStdTarget = builtins.any (t: lib.hasInfix t target) [ "-none" "nvptx" "switch" "-uefi" ];
            platform = {
              arch = if final.isAarch32 then "arm" else final.parsed.cpu.name;
              os = if final.isDarwin then "macos" else final.parsed.kernel.name;
              target-family = [ (if final.isWindows then "windows" else "unix") ];
              vendor = vendor;
            };
          };
        rustc = { };
        dynamicLinker = dynamicLinker final;
      }
      // lib.mapAttrs (_: match: match final.parsed) inspect.predicates
      // lib.mapAttrs (_: match: match (final.gcc.arch or "default")) lib.systems.architectures.predicates
      // args;
    in
    assert final.parsed ? cpu;
    final;
in
{
  inherit elaborate;

  parse = import ./parse.nix { inherit lib; };
  inspect = import ./inspect.nix { inherit lib; };
  doubles = import ./doubles.nix { inherit lib; };
  architectures = import ./architectures.nix { inherit lib; };
  examples = import ./examples.nix;
  platforms = {
    pc = { linux-kernel = { name = "pc"; baseConfig = "defconfig"; autoModules = true; target = "bzImage"; }; };
    select = _: { };
  };
  supported = { tier1 = [ "x86_64-linux" ]; tier2 = [ "aarch64-linux" "x86_64-darwin" ]; tier3 = [ "aarch64-darwin" ]; };

  # What flakes commonly are written for.
  flakeExposed = [ "x86_64-linux" "aarch64-linux" "x86_64-darwin" "aarch64-darwin" "i686-linux" "armv6l-linux" "armv7l-linux" "powerpc64le-linux" "riscv64-linux" ];

  # The same platform? Functions in it cannot be compared.
  equals =
    let
      bare = p: removeAttrs p [ "canExecute" "emulator" "emulatorAvailable" "isCompatible" ];
    in
    a: b: bare a == bare b;

  toLosslessStringMaybe = system:
    if builtins.isString system then system
    else if lib.systems.equals system (elaborate system.system) then system.system
    else null;
}
