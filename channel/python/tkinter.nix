/*
  `_tkinter`, the interpreter's binding to Tk, built apart so that the interpreter needs neither Tk nor X11.

  The Python part is in the standard library already. Tcl and Tk would look for their scripts in /usr: the module says
  where they are before it is initialised, unless the user has said so.
*/
{
  lib,
  stdenv,
  tcl,
  tk,
  xorg,
  python,
}:
stdenv.mkDerivation {
  pname = "${python.libPrefix}-tkinter";
  inherit (python) version src;
  buildInputs = [
    tcl
    tk
    xorg.libX11
  ];
  strictDeps = true;
  dontConfigure = true;
  buildPhase = ''
    runHook preBuild
    cat > scripts.c <<EOF
    #include <stdlib.h>
    __attribute__((constructor)) static void say_where_scripts_are(void) {
      setenv("TCL_LIBRARY", "${lib.getLib tcl}/share/tcltk/tcl8.6", 0);
      setenv("TK_LIBRARY", "${lib.getLib tk}/share/tcltk/tk8.6", 0);
    }
    EOF
    cc -shared -fPIC -O2 -DNDEBUG -DWITH_APPINIT=1 -DPy_BUILD_CORE_MODULE -I${python}/include/${python.libPrefix} -I${python}/include/${python.libPrefix}/internal -IModules \
      -I${lib.getDev tcl}/include/tcl8.6 -I${lib.getDev tk}/include/tcl8.6 \
      Modules/_tkinter.c Modules/tkappinit.c scripts.c -ltk8.6 -ltcl8.6 -lX11 -o _tkinter.so
    runHook postBuild
  '';
  installPhase = ''
    runHook preInstall
    mkdir -p "$out/${python.sitePackages}"
    suffix=$(${python.interpreter} -c 'import sysconfig; print(sysconfig.get_config_var("EXT_SUFFIX"))')
    cp _tkinter.so "$out/${python.sitePackages}/_tkinter$suffix"
    runHook postInstall
  '';
  passthru.pythonModule = python;
  meta = {
    description = "Python's binding to Tk";
    homepage = "https://docs.python.org/3/library/tkinter.html";
  };
}
