# wrapGAppsHook3: programs find schemas, typelibs, icons and image loaders of the inputs.
declare -a gappsWrapperArgs
gappsWrapperArgs_addInput() {
  if [[ -d $1/lib/girepository-1.0 ]]; then addToSearchPath GI_TYPELIB_PATH "$1/lib/girepository-1.0"; fi
  if [[ -d $1/share/glib-2.0/schemas || -d $1/share/gsettings-schemas || -d $1/share/icons ]]; then addToSearchPath __gappsDataDirs "$1/share"; fi
}
addEnvHooks "$targetOffset" gappsWrapperArgs_addInput
gappsWrapperArgsHook() {
  if [[ -n ${GI_TYPELIB_PATH-} ]]; then gappsWrapperArgs+=(--prefix GI_TYPELIB_PATH : "$GI_TYPELIB_PATH"); fi
  if [[ -n ${__gappsDataDirs-} ]]; then gappsWrapperArgs+=(--prefix XDG_DATA_DIRS : "$__gappsDataDirs"); fi
  if [[ -n ${GDK_PIXBUF_MODULE_FILE-} ]]; then gappsWrapperArgs+=(--set GDK_PIXBUF_MODULE_FILE "$GDK_PIXBUF_MODULE_FILE"); fi
  if [[ -d ${prefix:?}/share ]]; then gappsWrapperArgs+=(--prefix XDG_DATA_DIRS : "$prefix/share"); fi
  if [[ -d $prefix/lib/girepository-1.0 ]]; then gappsWrapperArgs+=(--prefix GI_TYPELIB_PATH : "$prefix/lib/girepository-1.0"); fi
}
preFixupPhases+=" gappsWrapperArgsHook"
wrapGApp() { wrapProgram "$1" "${gappsWrapperArgs[@]}" "${@:2}"; }
wrapGAppsHook() {
  if [[ -n ${dontWrapGApps-} || -n ${__gappsWrapped-} ]]; then return 0; fi
  __gappsWrapped=1
  local directory file
  for directory in "$prefix/bin" "$prefix/libexec"; do
    [[ -d $directory ]] || continue
    while IFS= read -r -d '' file; do
      echo "Wrapping program '$file'"
      wrapGApp "$file"
    done < <(find "$directory" -type f -executable -print0)
  done
}
fixupOutputHooks+=(wrapGAppsHook)
