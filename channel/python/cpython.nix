/*
  CPython from upstream's source: one expression for every version (README.md says where it meets the package set).

  A plain build by default, since it is what a first shell waits for: no profile-guided optimisation, no link-time
  optimisation, no test modules, bytecode of one level. All that can be asked for with `override`.

  Bytecode is never checked against its source (PEP 552, "unchecked-hash"): neither changes in the store, and it stays
  the same whoever builds it.
*/
{
  lib,
  pkgs,
  stdenv,
  fetchurl,
  pkg-config,
  bash,
  zlib,
  bzip2,
  xz,
  libffi,
  openssl,
  sqlite,
  readline,
  ncurses,
  gdbm,
  libuuid,
  libxcrypt,
  zstd,
  minor,
  source ? (import ./versions.nix).${minor},
  # What packages are built on and environments run: this very interpreter, `overrideAttrs` included, unless told otherwise.
  self ? null,
  packageOverrides ? (final: previous: { }),
  enableOptimizations ? false,
  enableLTO ? false,
  reproducibleBuild ? true,
  enableShared ? false,
  enableGIL ? true,
  bytecodeLevels ? [ "0" ],
  stripTests ? true,
  configureFlags ? [ ],
  # nixpkgs' names for what is fixed here.
  tkinter ? null,
  sourceVersion ? null,
  pythonAttr ? "python${lib.replaceStrings [ "." ] [ "" ] minor}",
}:
let
  inherit (source) version;
  older = lib.versionOlder minor;
  atLeast = lib.versionAtLeast minor;
  executable = "python${minor}${lib.optionalString (!enableGIL) "t"}";
  libPrefix = executable;
  sitePackages = "lib/${libPrefix}/site-packages";
  buildInputs = [
    zlib
    bzip2
    xz
    libffi
    openssl
    sqlite
    readline
    ncurses
    gdbm
    libuuid
  ]
  ++ lib.optional (older "3.13") libxcrypt
  ++ lib.optional (atLeast "3.14") zstd;

  passthruFor =
    python:
    let
      packages = import ./packages {
        inherit pkgs lib python;
        overrides = packageOverrides;
      };
      buildEnv = lib.makeOverridable (import ./environment.nix { inherit pkgs lib python; }) { };
    in
    {
      inherit buildEnv;
      inherit
        version
        executable
        libPrefix
        sitePackages
        pythonAttr
        packageOverrides
        ;
      pythonVersion = minor;
      sourceVersion = {
        major = lib.versions.major version;
        minor = lib.versions.minor version;
        patch = lib.versions.patch version;
        suffix = "";
      };
      implementation = "cpython";
      interpreter = "${python}/bin/${executable}";
      isPy27 = false;
      isPy2 = false;
      isPy3 = true;
      isPy3k = true;
      isPyPy = false;
      isPy310 = minor == "3.10";
      isPy311 = minor == "3.11";
      isPy312 = minor == "3.12";
      isPy313 = minor == "3.13";
      isPy314 = minor == "3.14";
      isPy315 = minor == "3.15";
      pythonAtLeast = lib.versionAtLeast minor;
      pythonOlder = lib.versionOlder minor;
      pythonOnBuildForHost = python;
      pythonOnBuildForBuild = python;
      pythonForBuild = python;
      pythonABITags = [
        "abi3"
        "none"
        "cp${lib.replaceStrings [ "." ] [ "" ] minor}"
      ];
      hasDistutilsCxxPatch = false;
      isGILDisabled = !enableGIL;
      pythonModule = python;
      pkgs = packages;
      withPackages = f: buildEnv.override { extraLibs = f packages; };
      tkinter = pkgs.callPackage ./tkinter.nix { inherit python; };
      tests = { };
    };
in
stdenv.mkDerivation (finalAttrs: {
  pname = "python3";
  inherit version;

  src = fetchurl {
    name = "Python-${version}.${source.extension}";
    urls = lib.optional (source ? mirror) source.mirror ++ [
      "https://www.python.org/ftp/python/${builtins.head (builtins.match "([0-9.]*[0-9])[abr]?c?[0-9]*" version)}/Python-${version}.${source.extension}"
    ];
    inherit (source) sha256;
  };

  inherit buildInputs;
  nativeBuildInputs = [ pkg-config ];
  strictDeps = true;
  enableParallelBuilding = true;
  dontAddDisableDepTrack = true;
  dontDisableStatic = true;

  postPatch = ''
    # The machine's library cache must not be asked.
    substituteInPlace Lib/ctypes/util.py --replace-quiet /sbin/ldconfig /nix/no/ldconfig
  '';

  # The compiler's flags: what configure would add, less debugging information, which doubles the work of the assembler.
  preConfigure = ''
    export OPT="-DNDEBUG -fwrapv -O3 -Wall"
  ''
  + lib.optionalString (older "3.12") ''
    # Modules are looked for by setup.py, which knows no other way.
    for package in $buildInputs; do
      if [ -d "$package/include" ]; then appendToVar CPPFLAGS "-I$package/include"; fi
      if [ -f "$package/nix-support/propagated-build-inputs" ]; then
        for library in $(< "$package/nix-support/propagated-build-inputs"); do
          if [ -d "$library/lib" ]; then appendToVar LDFLAGS "-L$library/lib"; fi
        done
      fi
    done
    export CPPFLAGS LDFLAGS
  ''
  + lib.optionalString (older "3.11") ''
    mkdir -p "$NIX_BUILD_TOP/openssl"
    ln -s ${lib.getDev openssl}/include "$NIX_BUILD_TOP/openssl/include"
    ln -s ${lib.getLib openssl}/lib "$NIX_BUILD_TOP/openssl/lib"
    appendToVar configureFlags "--with-openssl=$NIX_BUILD_TOP/openssl"
  '';

  configureFlags = [
    "--without-ensurepip"
    "--with-dbmliborder=gdbm"
    "--enable-loadable-sqlite-extensions"
    "--with-computed-gotos"
  ]
  ++ lib.optional (stripTests && !enableOptimizations && atLeast "3.11") "--disable-test-modules"
  ++ lib.optional (older "3.12") "--with-system-ffi"
  ++ lib.optional enableShared "--enable-shared"
  ++ lib.optional enableOptimizations "--enable-optimizations"
  ++ lib.optional enableLTO "--with-lto"
  ++ lib.optional (!enableGIL) "--disable-gil"
  ++ configureFlags;

  hardeningDisable = [
    "pic"
    "stackprotector"
    "format"
  ];

  env = {
    # A build that measures itself cannot give the same bytes twice, unless told to.
    ${if reproducibleBuild then "DETERMINISTIC_BUILD" else null} = 1;
    PYTHONHASHSEED = "0";
  };

  # `make install` would compile all bytecode three times over; once is done below.
  installFlags = [ "COMPILEALL_OPTS=-h" ];
  preInstall = ''
    ${lib.optionalString (older "3.12") ''
      sed -i -e '/compileall.py/,/[^\\]$/ { s|compileall\.py|compileall.py -h; :|; }' Makefile
    ''}
  '';

  postInstall = ''
    cd "$out"
    # Three hundred megabytes that only who embeds Python needs: ask for enableShared.
    rm -f lib/libpython*.a lib/${libPrefix}/config-*/libpython*.a
    for name in python3:python python3-config:python-config pydoc3:pydoc idle3:idle; do
      if [ ! -e "bin/''${name#*:}" ] && [ -e "bin/''${name%:*}" ]; then ln -s "''${name%:*}" "bin/''${name#*:}"; fi
    done
    if [ ! -e bin/python3 ]; then ln -s ${executable} bin/python3; ln -s python3 bin/python; fi
    ln -sf python${minor}.1.gz share/man/man1/python.1.gz
    rm -rf lib/${libPrefix}/{test,tkinter/test,idlelib/idle_test,lib2to3/tests,ctypes/test,sqlite3/test,unittest/test,distutils/tests} lib/${libPrefix}/ensurepip/__pycache__
    find . -name __pycache__ -type d -prune -exec rm -rf {} +
    for file in bin/*; do
      if isScript "$file"; then sed -i "1s|^#!.*python.*|#!$out/bin/${executable}|; s|^#!/bin/sh|#!${bash}/bin/sh|" "$file"; fi
    done

    # What was recorded about the build must not keep the compiler and the headers alive, and must serve any compiler.
    dataFile=$(echo lib/${libPrefix}/_sysconfigdata_*linux*.py)
    makefile=$(echo lib/${libPrefix}/config-*/Makefile)
    for file in "$dataFile" "$makefile" bin/python*-config lib/pkgconfig/*.pc lib/${libPrefix}/_sysconfig_vars*.json lib/${libPrefix}/build-details.json; do
      [ -f "$file" ] && [ ! -L "$file" ] || continue
      sed -i -E -e "s#-[IL]$NIX_STORE/[a-z0-9]{32}-[^ '\"]*##g; s#-isystem $NIX_STORE/[a-z0-9]{32}-[^ '\"]*##g; s#-frandom-seed=[a-z0-9]*##g" \
        -e "s#-I$NIX_BUILD_TOP[^ '\"]*##g; s#-L$NIX_BUILD_TOP[^ '\"]*##g; s#$NIX_BUILD_TOP#/build#g" \
        -e "s#-rpath $out/lib##g" \
        -e "s#$NIX_STORE/[a-z0-9]{32}-bash-[^/]*/bin/(ba)?sh#/bin/sh#g" \
        -e "s#$NIX_STORE/[a-z0-9]{32}-[^/ '\"]*/bin/##g" "$file"
      # Whatever is left of other packages.
      for path in $(grep -o "$NIX_STORE/[a-z0-9]\{32\}-[^/ '\"]*" "$file" | sort -u); do
        [ "$path" = "$out" ] || sed -i "s#$path#$NIX_STORE/eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee-''${path:$((''${#NIX_STORE} + 34))}#g" "$file"
      done
    done
    [ ! -f bin/python${minor}-config ] || sed -i "1s|^#!/bin/sh|#!${bash}/bin/sh|" bin/python*${minor}*-config

    # pip and uv say this, where they would stumble over a directory that cannot be written.
    printf '%s\n' '[externally-managed]' 'Error=This Python lies in the store, where nothing can be changed.' "" \
      ' Take packages from the package set: python3.withPackages (ps: [ ps.requests ]),' \
      ' or make a virtual environment: python -m venv .venv' > lib/${libPrefix}/EXTERNALLY-MANAGED

    # -I ignores the environment, hence -B: what this program imports itself must not be compiled the ordinary way on the side.
    for level in ${toString bytecodeLevels}; do
      SOURCE_DATE_EPOCH=1 "bin/${executable}" -I -B -m compileall -q -f -o "$level" -j ${if older "3.13" then "1" else "\"$NIX_BUILD_CORES\""} \
        --invalidation-mode unchecked-hash -x 'bad_coding|badsyntax|lib2to3/tests/data' lib/${libPrefix}
    done
    cd - > /dev/null
  '';

  # No dependency on a compiler: `python3` in a shell must not bring 150 MB with it.
  disallowedReferences = [
    stdenv.cc
    stdenv.cc.cc
    stdenv.cc.bintools
    stdenv.cc.bintools.bintools
    stdenv.cc.libc.dev
    pkg-config
  ]
  ++ map lib.getDev (lib.filter (package: lib.getDev package != lib.getLib package) buildInputs);

  # Packages that are given beside the interpreter are found by it. An environment finds its own without this.
  setupHook = ./setup-hook.sh;
  pythonExecutable = executable;
  pythonSitePackages = sitePackages;

  passthru = passthruFor (if self == null then finalAttrs.finalPackage else self);
  meta = {
    description = "High-level dynamically-typed programming language";
    homepage = "https://www.python.org/";
    license = lib.licenses.psfl or { fullName = "Python Software Foundation License version 2"; };
    mainProgram = executable;
    platforms = lib.platforms.linux or [ ];
  };
})
