# autoPatchelfHook: points prebuilt ELF files of a package at the store's libraries.
#
# Every soname that a file needs is looked for in the package itself, in runtimeDependencies, and in the libraries of
# all inputs; the RUNPATH gets what was found, after what the file had itself below $ORIGIN. A library found nowhere is an error unless
# autoPatchelfIgnoreMissingDeps names it (by pattern).
declare -a autoPatchelfLibs extraAutoPatchelfLibs
gatherLibraries() { if [[ -d $1/lib ]]; then autoPatchelfLibs+=("$1/lib"); fi; }
addEnvHooks "$targetOffset" gatherLibraries

addAutoPatchelfSearchPath() {
  local recurse=1 argument directory
  local -a directories=()
  for argument; do
    case $argument in
      --) ;;
      --no-recurse) recurse= ;;
      *) directories+=("$argument") ;;
    esac
  done
  for argument in "${directories[@]}"; do
    if [[ -z $recurse ]]; then extraAutoPatchelfLibs+=("$argument"); continue; fi
    while IFS= read -r directory; do extraAutoPatchelfLibs+=("$directory"); done < <(find "$argument" -name '*.so*' -printf '%h\n' | sort -u)
  done
}

autoPatchelf() {
  local depth= argument file
  local -a paths=() files=()
  for argument; do
    case $argument in
      --) ;;
      --no-recurse) depth='-maxdepth 1' ;;
      *) paths+=("$argument") ;;
    esac
  done
  ((${#paths[@]})) || { echo "autoPatchelf: no paths to patch specified" >&2; return 1; }
  while IFS= read -r -d '' file; do files+=("$file"); done < <(find "${paths[@]}" $depth -type f -print0 2> /dev/null | LC_ALL=C xargs -0 -r grep -laZ $'^\x7fELF' || true)
  ((${#files[@]})) || return 0
  # soname → directory, the package's own first.
  local -A where=()
  local directory name
  while IFS= read -r file; do
    name=${file##*/}
    [[ -n ${where[$name]-} ]] || where[$name]=${file%/*}
  done < <(find "${paths[@]}" -name '*.so*' \( -type f -o -type l \) | sort)
  local -a always=()
  for directory in ${runtimeDependencies[*]-}; do always+=("${directory%/lib}/lib"); done
  for directory in "${extraAutoPatchelfLibs[@]}" "${always[@]}" "${autoPatchelfLibs[@]}" @gccLib@/lib @libc@/lib; do
    for file in "$directory"/*.so*; do
      name=${file##*/}
      [[ -n ${where[$name]-} ]] || where[$name]=$directory
    done
  done
  local -a missing=()
  local needed interpreter rpath old part pattern
  for file in "${files[@]}"; do
    needed=$(patchelf --print-needed "$file" 2> /dev/null) || continue
    if interpreter=$(patchelf --print-interpreter "$file" 2> /dev/null) && [[ $file != *.so && -n $interpreter ]]; then
      patchelf --set-interpreter @libc@/lib/"${interpreter##*/}" "$file"
    fi
    [[ -n $needed ]] || continue
    # Directories relative to the file itself stay, in front.
    old=$(patchelf --print-rpath "$file" 2> /dev/null || true)
    rpath=
    local -A has=()
    while IFS= read -r -d : part; do
      if [[ $part == '$ORIGIN'* || $part == "$NIX_STORE"/* ]] && [[ -z ${has[$part]-} ]]; then has[$part]=1 rpath+=${rpath:+:}$part; fi
    done <<< "$old:"
    while IFS= read -r name; do
      directory=${where[$name]-}
      if [[ -z $directory ]]; then
        for pattern in ${autoPatchelfIgnoreMissingDeps[*]-}; do
          case $pattern in 1 | true) continue 2 ;; esac
          # shellcheck disable=SC2053
          if [[ $name == $pattern ]]; then continue 2; fi
        done
        missing+=("error: auto-patchelf could not satisfy dependency $name wanted by $file")
        continue
      fi
      if [[ -z ${has[$directory]-} ]]; then has[$directory]=1 rpath+=${rpath:+:}$directory; fi
    done <<< "$needed"
    for directory in "${always[@]}" ${appendRunpaths[*]-}; do
      if [[ -z ${has[$directory]-} ]]; then has[$directory]=1 rpath+=${rpath:+:}$directory; fi
    done
    echo "setting RPATH of $file to $rpath"
    patchelf --set-rpath "$rpath" "$file" ${patchelfFlags[*]-}
    unset has
  done
  if ((${#missing[@]})); then
    printf '%s\n' "${missing[@]}" >&2
    echo "auto-patchelf failed to find all the required dependencies. Add the missing dependencies to --libs or use \`--ignore-missing=\"foo.so.1 bar.so etc.so\"\`." >&2
    exit 1
  fi
}
autoPatchelfPostFixup() {
  if [[ -n ${dontAutoPatchelf-} ]]; then return 0; fi
  local output list=()
  for output in $(getAllOutputNames); do if [[ -e ${!output} ]]; then list+=("${!output}"); fi; done
  autoPatchelf -- "${list[@]}"
}
postFixupHooks+=(autoPatchelfPostFixup)
