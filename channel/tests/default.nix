/*
  What the channel's base promises, as derivations that build only if it holds:

    bruma build channel/tests -A NAME        (or nix-build, where the seeds are in the store)
*/
{
  pkgs ? import ../. { },
}:
let
  inherit (pkgs) lib;
  check =
    name: attributes: script:
    pkgs.stdenv.mkDerivation (
      {
        name = "check-${name}";
        dontUnpack = true;
        buildCommand = ''
          fail() { echo "check ${name}: $*" >&2; exit 1; }
          equal() { [ "$1" = "$2" ] || fail "expected '$2', got '$1'"; }
          ${script}
          touch "$out"
        '';
      }
      // attributes
    );
  hello = pkgs.stdenv.mkDerivation (finalAttrs: {
    pname = "hello";
    version = "1";
    outputs = [
      "out"
      "dev"
      "bin"
    ];
    dontUnpack = true;
    buildInputs = [ pkgs.zlib ];
    buildPhase = ''
      runHook preBuild
      cat > hello.c <<E
      #include <stdio.h>
      #include <zlib.h>
      const char *greeting(void) { return zlibVersion(); }
      E
      cat > main.cc <<E
      #include <iostream>
      extern "C" const char *greeting(void);
      int main() { std::cout << "zlib " << greeting() << std::endl; }
      E
      cc -shared -fPIC -o libhello.so hello.c -lz
      mkdir -p $out/lib
      cp libhello.so $out/lib
      c++ -O2 -o hello main.cc -L$out/lib -lhello
      runHook postBuild
    '';
    installPhase = ''
      runHook preInstall
      mkdir -p $bin/bin $out/include $out/lib/pkgconfig $out/share/man/man1
      cp hello $bin/bin
      printf '#!/usr/bin/env bash\necho script\n' > $bin/bin/script
      chmod +x $bin/bin/script
      echo 'const char *greeting(void);' > $out/include/hello.h
      printf 'prefix=%s\nincludedir=''${prefix}/include\nName: hello\nDescription: x\nVersion: 1\nLibs: -L%s/lib -lhello\nCflags: -I''${includedir}\n' $out $out > $out/lib/pkgconfig/hello.pc
      echo .TH > $out/share/man/man1/hello.1
      runHook postInstall
    '';
    postInstall = "echo ${finalAttrs.pname} > $out/share/name";
  });
in
rec {
  # Compilers, the linker's RUNPATHs, stripping, outputs.
  toolchain = check "toolchain" { nativeBuildInputs = [ pkgs.patchelf ]; } ''
    equal "$(${hello.bin}/bin/hello)" "zlib ${pkgs.zlib.version}"
    equal "$(${hello.bin}/bin/script)" script
    case $(patchelf --print-interpreter ${hello.bin}/bin/hello) in ${pkgs.glibc}/lib/*) ;; *) fail "interpreter outside the store" ;; esac
    for file in ${hello.bin}/bin/hello ${hello}/lib/libhello.so; do
      IFS=:
      for directory in $(patchelf --print-rpath $file); do
        case $directory in "$NIX_STORE"/*) ;; *) fail "$file looks into $directory" ;; esac
      done
      unset IFS
    done
    [ -e ${hello.dev}/include/hello.h ] || fail "headers are not in dev"
    [ -e ${hello.dev}/lib/pkgconfig/hello.pc ] || fail "pkg-config file is not in dev"
    grep -q "includedir=${hello.dev}" ${hello.dev}/lib/pkgconfig/hello.pc || fail "pkg-config file names the wrong output"
  '';
  # A package of several outputs as a dependency.
  dependency = check "dependency" {
    nativeBuildInputs = [ pkgs.pkg-config ];
    buildInputs = [ hello ];
    strictDeps = true;
  } ''
    echo '#include <hello.h>
    int main() { return greeting() == 0; }' > a.c
    cc a.c -lhello -o a
    ./a
    cc a.c $(pkg-config --cflags --libs hello) -o b
    ./b
  '';
  overriding = check "overriding" { } ''
    equal "$(cat ${hello.overrideAttrs (previous: { pname = "changed"; })}/share/name)" changed
    equal "$(cat ${(hello.overrideAttrs (final: previous: { pname = "again"; })).out}/share/name)" again
  '';
  structured = pkgs.stdenv.mkDerivation {
    name = "check-structured";
    __structuredAttrs = true;
    list = [
      "a b"
      "c"
    ];
    env.NUMBER = 7;
    dontUnpack = true;
    installPhase = ''
      [ "''${#list[@]}" = 2 ] && [ "''${list[0]}" = "a b" ] && [ "$NUMBER" = 7 ]
      [ "$(bash -c 'echo $NUMBER')" = 7 ]
      mkdir $out
    '';
  };
  substitution = check "substitution" { name = "check-substitution"; word = "a&b\\c"; } ''
    echo "x @word@ y" > file
    substituteAllInPlace file
    equal "$(cat file)" "x $word y"
    substituteInPlace file --replace-fail "x" 'p&q' --replace-quiet nothing there
    equal "$(cat file)" "p&q $word y"
    if (substituteInPlace file --replace-fail absent there) 2> /dev/null; then fail "a pattern that is not there is replaced"; fi
    equal "$(cat file)" "p&q $word y"
  '';
  wrapper = check "wrapper" { nativeBuildInputs = [ pkgs.makeWrapper ]; } ''
    printf '#!${pkgs.runtimeShell}\necho "$A|$B|$C|$LIST|$*|$PWD"\n' > program
    chmod +x program
    cp program other
    wrapProgram $PWD/program --set A 'a "b" $c' --set-default B default --unset C --prefix LIST : /x:/y --suffix LIST : /z --add-flags "--one 'two words'" --append-flag "last one" --chdir /
    equal "$(B=given C=c LIST=/y:/m ./program arg)" 'a "b" $c|given||/x:/y:/m:/z|--one two words arg last one|/'
    equal "$(./program)" 'a "b" $c|default||/x:/y:/z|--one two words last one|/'
    echo /from/file > list
    makeWrapper $PWD/other $PWD/wrapped --prefix-each LIST : "/1 /2" --suffix-contents LIST : list --run 'export A=ran' --inherit-argv0
    equal "$(LIST=/0 ./wrapped)" 'ran|||/2:/1:/0:/from/file||'"$PWD"
  '';
  trees = check "trees" { } ''
    cd ${
      pkgs.symlinkJoin {
        name = "joined";
        paths = [
          (pkgs.writeTextDir "share/a/one" "1")
          (pkgs.writeTextDir "share/a/two" "2")
          (pkgs.writeShellScriptBin "hi" "echo hi")
        ];
        postBuild = "echo built > $out/post";
      }
    }
    equal "$(cat share/a/one share/a/two post)" "12built"
    equal "$(bin/hi)" hi
    cd ${
      pkgs.buildEnv {
        name = "environment";
        paths = [
          (pkgs.writeTextDir "bin/x" "1")
          (lib.hiPrio (pkgs.writeTextDir "bin/x" "2"))
          (pkgs.writeTextDir "share/left-out" "")
        ];
        pathsToLink = [ "/bin" ];
      }
    }
    equal "$(cat bin/x)" 2
    [ ! -e share ] || fail "what is not to be linked is"
  '';
  # Every interpreter: modules, no reference to the compiler, extensions, virtual environments.
  python = interpreter interpreterOf;
  python311 = interpreter pkgs.python311;
  python310 = interpreter pkgs.python310;
  python312 = interpreter pkgs.python312;
  python314 = interpreter pkgs.python314;
  interpreterOf = pkgs.python3;
  interpreter =
    python:
    check "interpreter-${python.pythonVersion}"
      {
        nativeBuildInputs = [ python ];
        exportReferencesGraph = [
          "closure"
          python
        ];
      }
      ''
        export HOME=$PWD
        python - <<E
        import ctypes, hashlib, importlib, ssl, sqlite3, sys, threading, zlib
        modules = "bz2 lzma readline curses uuid dbm.gnu decimal multiprocessing.shared_memory venv ensurepip zoneinfo xml.parsers.expat mmap socket select termios resource".split()
        if sys.version_info < (3, 13): modules.append("crypt")
        for module in modules: importlib.import_module(module)
        assert sys.prefix == "${python}", sys.prefix
        assert sys.version_info[:2] == (${lib.replaceStrings [ "." ] [ ", " ] python.pythonVersion})
        sqlite3.connect(":memory:").execute("select 1").fetchone()
        ssl.create_default_context()
        outside = [line for line in open("/proc/self/maps") if ".so" in line and "$NIX_STORE" not in line]
        assert not outside, outside
        thread = threading.Thread(target=print, args=("thread",)); thread.start(); thread.join()
        E
        if grep -E 'gcc-wrapper|gcc-[0-9]|binutils|-dev$' closure; then fail "the compiler is in the closure"; fi
        cat > spam.c <<E
        #include <Python.h>
        static PyObject *answer(PyObject *self, PyObject *args) { return PyLong_FromLong(42); }
        static PyMethodDef methods[] = {{"answer", answer, METH_NOARGS, ""}, {0}};
        static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "spam", 0, -1, methods};
        PyMODINIT_FUNC PyInit_spam(void) { return PyModule_Create(&module); }
        E
        cc $(python -c 'import sysconfig as s; v = s.get_config_var; print("-shared", v("CCSHARED") or "-fPIC", "-I" + s.get_paths()["include"], "-o", "spam" + v("EXT_SUFFIX"))') spam.c
        equal "$(python -c 'import spam; print(spam.answer())')" 42
        for copies in "" --copies; do
          python -m venv $copies venv
          equal "$(venv/bin/python -c 'import sys; print(sys.prefix != sys.base_prefix)')" True
          venv/bin/pip --version | grep -q "$PWD/venv" || fail "pip is not the environment's"
          rm -r venv
        done
      '';
  tkinter = check "tkinter" { nativeBuildInputs = [ pkgs.python3 pkgs.python3.tkinter ]; } ''
    python -c 'import tkinter; tcl = tkinter.Tcl(); assert tcl.eval("info library").startswith("/nix/store"), tcl.eval("info library")'
  '';
  # GTK through introspection: typelibs are found, and the libraries that they name, and nothing of the machine's.
  introspection =
    check "introspection"
      {
        nativeBuildInputs = [
          pkgs.python3
          pkgs.gobject-introspection
          pkgs.gtk3
        ];
      }
      ''
        python - <<E
        import ctypes
        gi = ctypes.CDLL("${pkgs.gobject-introspection}/lib/libgirepository-1.0.so.1")
        gi.g_irepository_require.restype = ctypes.c_void_p
        for name, version in ("Gtk", "3.0"), ("Pango", "1.0"), ("GdkPixbuf", "2.0"):
            error = ctypes.c_void_p()
            assert gi.g_irepository_require(None, name.encode(), version.encode(), 0, ctypes.byref(error)), name
        # The library is loaded when something of it is asked for.
        gi.g_irepository_find_by_name.restype = ctypes.c_void_p
        gi.g_irepository_get_shared_library.restype = ctypes.c_char_p
        libraries = gi.g_irepository_get_shared_library(None, b"Gtk").decode().split(",")
        assert ctypes.CDLL(libraries[0]).gtk_get_major_version() == 3
        outside = [line for line in open("/proc/self/maps") if ".so" in line and "$NIX_STORE" not in line]
        assert not outside, outside
        E
        [ -e "$GDK_PIXBUF_MODULE_FILE" ] || fail "no image loaders"
      '';
  # Programs and certificates that other builds use.
  programs = check "programs" { nativeBuildInputs = with pkgs; [ git curl jq unzip zip which perl cmake ninja cacert openssl less file rsync ripgrep tree procps sqlite bison m4 autoconf ldd ]; } ''
    export HOME=$PWD
    git init -q repository
    cd repository
    git -c user.name=a -c user.email=a@b commit -q --allow-empty -m first
    equal "$(git log --format=%s)" first
    cd ..
    equal "$(echo '{"a":[1,2]}' | jq -c .a)" "[1,2]"
    equal "$(perl -MList::Util=sum -MData::Dumper -e 'print sum(1..4)')" 10
    curl --version > version
    openssl verify -CAfile "$SSL_CERT_FILE" <(openssl x509 -in "$SSL_CERT_FILE") > /dev/null
    equal "$(sqlite3 :memory: 'select 6*7')" 42
    ldd "$(type -P jq)" | grep -q "libjq.so.1 => $NIX_STORE"
    mkdir project
    printf 'cmake_minimum_required(VERSION 3.13)\nproject(x C)\nadd_executable(x x.c)\ninstall(TARGETS x)\n' > project/CMakeLists.txt
    echo 'int main(void) { return 0; }' > project/x.c
    cmake -S project -B build -G Ninja -DCMAKE_INSTALL_PREFIX=$PWD/installed > log
    ninja -C build install >> log
    installed/bin/x
  '';
  # The package set's answers to old names.
  names = check "names" { } ''
    ${lib.optionalString ((builtins.tryEval pkgs.python36).success) "fail python36"}
    ${lib.optionalString ((builtins.tryEval pkgs.pkgsCross).success) "fail pkgsCross"}
  '';
}
