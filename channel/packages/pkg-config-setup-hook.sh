# Packages' own descriptions are found; the machine's are not.
addPkgConfigPath() {
  addToSearchPath PKG_CONFIG_PATH "$1/lib/pkgconfig"
  addToSearchPath PKG_CONFIG_PATH "$1/share/pkgconfig"
}
addEnvHooks "$targetOffset" addPkgConfigPath
export PKG_CONFIG=pkg-config PKG_CONFIG_LIBDIR=
