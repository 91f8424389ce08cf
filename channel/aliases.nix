/*
  Names that were, or that are not in this set: each says what to write instead.
*/
final:
let
  lib = import ./lib;
  renamed = old: new: value: lib.warn "${old} is now called ${new}" value;
  gone = name: instead: throw "${name} has been removed: ${instead}";
  absent = name: instead: throw "${name} is not in the bundled package set${if instead == "" then "" else ": ${instead}"}";
  pythonEnd = version: end: gone "python${lib.replaceStrings [ "." ] [ "" ] version}" "Python ${version} has had no security fixes since ${end}; use python3 (${final.python3.pythonVersion}) or python311";
in
{
  gobjectIntrospection = renamed "gobjectIntrospection" "gobject-introspection" final.gobject-introspection;
  wrapGAppsHook = renamed "wrapGAppsHook" "wrapGAppsHook3" final.wrapGAppsHook3;
  libudev = renamed "libudev" "systemd" final.systemd;
  udev = final.systemd;
  systemdLibs = final.systemd;
  systemdMinimal = final.systemd;
  utillinux = renamed "utillinux" "util-linux" final.util-linux;
  util-linuxMinimal = final.util-linux;
  pkgconfig = renamed "pkgconfig" "pkg-config" final.pkg-config;
  lzma = renamed "lzma" "xz" final.xz;
  bashInteractive = final.bash;
  bashInteractive_5 = final.bash;
  bash_5 = final.bash;
  gnumake42 = final.gnumake;
  awk = renamed "awk" "gawk" final.gawk;
  sed = renamed "sed" "gnused" final.gnused;
  grep = renamed "grep" "gnugrep" final.gnugrep;
  tar = renamed "tar" "gnutar" final.gnutar;
  make = renamed "make" "gnumake" final.gnumake;
  openssl_3 = final.openssl;
  sqlite3 = renamed "sqlite3" "sqlite" final.sqlite;
  libjpeg_turbo = final.libjpeg;
  mesa = absent "mesa" "drivers are the machine's; libGL is there";
  gitFull = final.git;
  xlibs = final.xorg;
  xlibsWrapper = absent "xlibsWrapper" "name the libraries of xorg that are needed";
  libGLU = absent "libGLU" "";
  libgcc = final.gcc-lib;
  libstdcxx5 = gone "libstdcxx5" "use stdenv.cc.cc.lib";
  glibcLocales = absent "glibcLocales" "C.UTF-8 is built into glibc; other locales are the machine's";
  python2 = pythonEnd "2" "2020; python2 code needs porting, `2to3` of python311 helps";
  python27 = pythonEnd "2.7" "2020";
  python2Packages = pythonEnd "2" "2020";
  python27Packages = pythonEnd "2.7" "2020";
  python2Full = pythonEnd "2" "2020";
  python34 = pythonEnd "3.4" "2019";
  python35 = pythonEnd "3.5" "2020";
  python36 = pythonEnd "3.6" "2021";
  python37 = pythonEnd "3.7" "2023";
  python38 = pythonEnd "3.8" "2024";
  python39 = pythonEnd "3.9" "2025";
  python36Packages = pythonEnd "3.6" "2021";
  python37Packages = pythonEnd "3.7" "2023";
  python38Packages = pythonEnd "3.8" "2024";
  python39Packages = pythonEnd "3.9" "2025";
  python36Full = pythonEnd "3.6" "2021";
  python37Full = pythonEnd "3.7" "2023";
  python38Full = pythonEnd "3.8" "2024";
  pypy3 = absent "pypy3" "";
  pypy = absent "pypy" "";
  buildFHSUserEnv = renamed "buildFHSUserEnv" "buildFHSEnv" final.buildFHSEnv;
  buildFHSUserEnvBubblewrap = renamed "buildFHSUserEnvBubblewrap" "buildFHSEnv" final.buildFHSEnv;
  clang = absent "clang" "stdenv's compiler is gcc";
  llvmPackages = absent "llvmPackages" "stdenv's compiler is gcc";
  clangStdenv = absent "clangStdenv" "stdenv's compiler is gcc";
  gcc11 = absent "gcc11" "gcc is 12";
  gcc13 = absent "gcc13" "gcc is 12";
  pkgsCross = throw "the bundled package set does not cross-compile";
  pkgsStatic = throw "the bundled package set has no static variant";
  pkgsMusl = throw "the bundled package set has no musl variant";
  pkgsi686Linux = throw "the bundled package set has no 32-bit packages";
  nixos = absent "nixos" "NixOS systems need nixpkgs";
  darwin = { };
  targetPackages = final;
  buildPackages = final;
  pkgsBuildBuild = final;
  pkgsBuildHost = final;
  pkgsHostHost = final;
  pkgsHostTarget = final;
  pkgsTargetTarget = final;
  __splicedPackages = final;
  hostPlatform = final.stdenv.hostPlatform;
  buildPlatform = final.stdenv.buildPlatform;
  targetPlatform = final.stdenv.targetPlatform;
}
