# Introspection: typelibs of all inputs are found, and the libraries that they name.
if [[ -z ${__girHook-} ]]; then
  __girHook=1
  addGirPaths() {
    addToSearchPath GI_TYPELIB_PATH "$1/lib/girepository-1.0"
    if [[ -d $1/share/glib-2.0/schemas || -d $1/share/icons ]]; then addToSearchPath XDG_DATA_DIRS "$1/share"; fi
  }
  addEnvHooks "$hostOffset" addGirPaths
  addEnvHooks "$targetOffset" addGirPaths
fi
