# The part of setup.sh that splits a build's result into its outputs and puts it in order after installing.

# --- multiple outputs ------------------------------------------------------------------------------------------------

__hasOutput() { [[ " $(getAllOutputNames) " == *" $1 "* ]]; }
# Sets outputDev, outputBin, …: which output takes files of a kind, the first of those named that there is.
_assignFirst() {
  local -n __chosen=$1
  shift
  if [[ -n $__chosen ]]; then return 0; fi
  local candidate
  for candidate; do
    if [[ $candidate == "$__defaultOutput" ]] || __hasOutput "$candidate"; then __chosen=$candidate; return 0; fi
  done
}
__defaultOutput=out
if ! __hasOutput out; then read -r __defaultOutput _ <<< "$(getAllOutputNames)"; fi
: "${outputDev=}" "${outputBin=}" "${outputInclude=}" "${outputLib=}" "${outputDoc=}" "${outputDevdoc=}" "${outputMan=}" "${outputDevman=}" "${outputInfo=}"
_assignFirst outputDev dev out "$__defaultOutput"
_assignFirst outputBin bin out "$__defaultOutput"
_assignFirst outputInclude "$outputDev"
_assignFirst outputLib lib out "$__defaultOutput"
_assignFirst outputDoc doc out "$__defaultOutput"
_assignFirst outputDevdoc devdoc REMOVE out "$__defaultOutput"
_assignFirst outputMan man "$outputBin"
_assignFirst outputDevman devman devdoc "$outputMan"
_assignFirst outputInfo info "$outputBin"
for __name in outputDev outputBin outputInclude outputLib outputDoc outputMan outputDevman outputInfo; do
  [[ -n ${!__name} ]] || printf -v "$__name" %s "$__defaultOutput"
done
unset __name
if [[ -z ${prefix-} ]]; then prefix=${!__defaultOutput-}; fi

_multioutConfig() {
  local list
  list=$(getAllOutputNames)
  if [[ $list != *' '* || -z ${setOutputFlags-1} ]]; then return 0; fi
  if [[ -n ${configureScript-} ]] || [[ -x ./configure ]]; then
    prependToVar configureFlags \
      "--bindir=${!outputBin}/bin" "--sbindir=${!outputBin}/sbin" "--includedir=${!outputInclude}/include" \
      "--mandir=${!outputMan}/share/man" "--infodir=${!outputInfo}/share/info" "--docdir=${!outputDoc}/share/doc/${shareDocName:-${pname:-doc}}" \
      "--libdir=${!outputLib}/lib" "--libexecdir=${!outputLib}/libexec" "--localedir=${!outputLib}/share/locale"
  fi
  prependToVar installFlags "pkgconfigdir=${!outputDev}/lib/pkgconfig" "m4datadir=${!outputDev}/share/aclocal" "aclocaldir=${!outputDev}/share/aclocal"
}
preConfigureHooks+=(_multioutConfig)

# moveToOutput PATTERN OUTPUT: what matches below any output goes to that one (REMOVE deletes it).
moveToOutput() {
  local pattern=$1 destination=${2:-REMOVE} output source target
  for output in $(getAllOutputNames); do
    if [[ $destination != REMOVE && ${!output} == "${!destination:-$destination}" ]]; then continue; fi
    for source in "${!output}"/$pattern; do
      [[ -e $source || -L $source ]] || continue
      if [[ $destination == REMOVE ]]; then
        echo "Removing $source"
        rm -rf "$source"
      else
        target=${!destination:-$destination}${source#"${!output}"}
        echo "Moving $source to $target"
        mkdir -p "${target%/*}"
        if [[ -d $target && -d $source ]]; then
          cp -r --preserve=all -T "$source" "$target"
          rm -rf "$source"
        else
          mv "$source" "$target"
        fi
      fi
      source=${source%/*}
      while [[ -n $source && $source != "${!output}" ]] && rmdir "$source" 2> /dev/null; do source=${source%/*}; done
    done
  done
}
_multioutDocs() {
  if [[ $(getAllOutputNames) != *' '* ]]; then return 0; fi
  moveToOutput share/info "$outputInfo"
  moveToOutput share/doc "$outputDoc"
  if [[ $outputDevdoc != REMOVE ]]; then moveToOutput share/gtk-doc "$outputDevdoc"; fi
  moveToOutput share/man "$outputMan"
}
_multioutDevs() {
  if [[ $(getAllOutputNames) != *' '* || -z ${moveToDev-1} || $outputDev == "$outputLib" ]]; then return 0; fi
  moveToOutput include "$outputInclude"
  moveToOutput lib/pkgconfig "$outputDev"
  moveToOutput share/pkgconfig "$outputDev"
  moveToOutput lib/cmake "$outputDev"
  moveToOutput share/aclocal "$outputDev"
  local file
  for file in "${!outputDev}"/lib/pkgconfig/*.pc "${!outputDev}"/share/pkgconfig/*.pc; do
    sed -i "/^includedir=/s,=\\\${prefix},=${!outputInclude}," "$file"
  done
}
_multioutPropagateDev() {
  if [[ $(getAllOutputNames) != *' '* ]]; then return 0; fi
  local first output list=
  read -r first _ <<< "$(getAllOutputNames)"
  if [[ $first == "$outputDev" ]]; then
    [[ $outputDev != out ]] || return 0
  fi
  if [[ -z ${propagatedBuildOutputs+x} ]]; then
    for output in "$outputBin" "$outputInclude" "$outputLib"; do
      if [[ $output != "$outputDev" && " $list " != *" $output "* ]]; then list+=" $output"; fi
    done
  else
    list=$propagatedBuildOutputs
  fi
  [[ -n $list ]] || return 0
  mkdir -p "${!outputDev}/nix-support"
  for output in $list; do printf ' %s' "${!output}" >> "${!outputDev}/nix-support/propagated-build-inputs"; done
}
preFixupHooks+=(_multioutDocs _multioutDevs)
postFixupHooks+=(_multioutPropagateDev)

# --- scripts ---------------------------------------------------------------------------------------------------------

# patchShebangs [--build|--host] [--update] PATH…: first lines of executable scripts name interpreters of the store.
patchShebangs() {
  local search=HOST_PATH update= file line interpreter words program arguments found
  while (($#)); do
    case $1 in
      --build) search=PATH ;;
      --host) search=HOST_PATH ;;
      --update) update=1 ;;
      --) shift; break ;;
      -*) echo "Unknown option $1 supplied to patchShebangs" >&2; return 1 ;;
      *) break ;;
    esac
    shift
  done
  (($#)) || return 0
  echo "patching script interpreter paths in $*"
  # One grep for all files: those whose first line starts with #!.
  while IFS= read -r -d '' file; do
    isScript "$file" || continue
    IFS= read -r line < "$file" || [[ -n $line ]] || continue
    read -r -a words <<< "${line#\#!}" || true
    interpreter=${words[0]-}
    if [[ $interpreter == "$NIX_STORE"/* && -z $update ]]; then continue; fi
    if [[ -z $interpreter ]]; then continue; fi
    if [[ ${interpreter##*/} == env ]]; then
      words=("${words[@]:1}")
      if [[ ${words[0]-} == -S ]]; then words=("${words[@]:1}"); elif [[ ${words[0]-} == -* || ${words[0]-} == *=* ]]; then
        echo "$file: unsupported interpreter directive \"$line\" (set dontPatchShebangs=1 and handle shebang patching yourself)" >&2
        exit 1
      fi
      program=${words[0]-}
    else
      program=${interpreter##*/}
    fi
    arguments=${words[*]:1}
    found=
    # Where packages run: buildInputs; a shell is always there.
    local directory directories
    IFS=: read -r -a directories <<< "${!search}:$PATH"
    if [[ $search == HOST_PATH ]]; then
      case $program in sh | bash) directories=("${directories[@]}" "${SHELL%/*}") ;; esac
    fi
    for directory in "${directories[@]}"; do
      if [[ -n $directory && -x $directory/$program && ! -d $directory/$program ]]; then found=$directory/$program; break; fi
    done
    [[ -n $found ]] || continue
    found="#!$found${arguments:+ $arguments}"
    if [[ $found != "$line" ]]; then
      echo "$file: interpreter directive changed from \"$line\" to \"$found\""
      local stamp
      stamp=$(stat --printf '%y' "$file")
      found=${found//\\/\\\\}
      sed -i -e "1s|.*|${found//|/\\|}|" "$file"
      touch --date "$stamp" "$file"
    fi
  done < <(find "$@" -type f -perm -0100 -print0)
}
patchShebangsAuto() {
  if [[ -z ${dontPatchShebangs-} && -e $prefix ]]; then
    # What serves building only may keep to what is on PATH.
    if [[ ${output-} != out && ${output-} == "$outputDev" ]]; then patchShebangs --build "$prefix"; else patchShebangs --host "$prefix"; fi
  fi
}

# --- ELF files -------------------------------------------------------------------------------------------------------

# The ELF files below a directory → the array `files`; those with a dynamic section only.
__elfFiles() {
  files=()
  local file
  while IFS= read -r -d '' file; do files+=("$file"); done < <(find "$1" -type f \( -perm -0100 -o -name '*.so*' \) ! -name '*.o' ! -name '*.a' -print0 | LC_ALL=C xargs -0 -r grep -laZ $'^\x7fELF' || true)
}
_doStrip() {
  if [[ -n ${dontStrip-} || -z ${STRIP-} ]]; then return 0; fi
  local directories=() all=() directory kinds=() debug=() file
  concatTo debug stripDebugList=lib
  if [[ -z ${stripDebugList[*]-} ]]; then debug=(lib lib32 lib64 libexec bin sbin); fi
  for directory in "${debug[@]}"; do if [[ -d $prefix/$directory ]]; then directories+=("$prefix/$directory"); fi; done
  if ((${#directories[@]})); then
    echo "stripping (with command $STRIP and flags ${stripDebugFlags:--S -p}) in ${directories[*]}"
    while IFS= read -r -d '' file; do all+=("$file"); done < <(find "${directories[@]}" -type f \( -perm -0100 -o -name '*.so*' -o -name '*.a' -o -name '*.o' \) ! -name '*.dwo' -print0 \
      | LC_ALL=C xargs -0 -r grep -laZ -e $'^\x7fELF' -e '^!<arch>' || true)
    if ((${#all[@]})); then
      printf '%s\0' "${all[@]}" | xargs -0 -r -n 64 -P "$NIX_BUILD_CORES" "$STRIP" ${stripDebugFlags:--S -p} 2> /dev/null || true
    fi
  fi
  directories=()
  for directory in ${stripAllList[*]-}; do if [[ -d $prefix/$directory ]]; then directories+=("$prefix/$directory"); fi; done
  if ((${#directories[@]})); then
    find "${directories[@]}" -type f -print0 | xargs -0 -r "$STRIP" ${stripAllFlags:--s -p} 2> /dev/null || true
  fi
}
_shrinkRpaths() {
  if [[ -n ${dontPatchELF-} ]]; then return 0; fi
  local files
  __elfFiles "$prefix"
  if ((${#files[@]} == 0)); then return 0; fi
  echo "shrinking RPATHs of ELF executables and libraries in $prefix"
  patchelf --shrink-rpath "${files[@]}" 2> /dev/null || {
    # One that cannot be patched stops patchelf: then each by itself.
    local file
    for file in "${files[@]}"; do patchelf --shrink-rpath "$file" 2> /dev/null || true; done
  }
}
_checkBuildDirectory() {
  if [[ -n ${noAuditTmpdir-} || ! -e $prefix ]]; then return 0; fi
  local files file
  __elfFiles "$prefix"
  ((${#files[@]})) || return 0
  while IFS= read -r file; do
    case $file in
      *"$NIX_BUILD_TOP"/*)
        echo "RPATH of a binary in $prefix contains a forbidden reference to $NIX_BUILD_TOP/" >&2
        exit 1
        ;;
    esac
  done < <(patchelf --print-rpath "${files[@]}" 2> /dev/null || true)
}

# --- places ----------------------------------------------------------------------------------------------------------

_moveLib64() {
  if [[ -n ${dontMoveLib64-} || ! -d $prefix/lib64 || -L $prefix/lib64 ]]; then return 0; fi
  mkdir -p "$prefix/lib"
  cp -r --preserve=all "$prefix/lib64/." "$prefix/lib/"
  rm -rf "$prefix/lib64"
  ln -s lib "$prefix/lib64"
}
_moveSbin() {
  if [[ -n ${dontMoveSbin-} || ! -d $prefix/sbin || -L $prefix/sbin ]]; then return 0; fi
  mkdir -p "$prefix/bin"
  mv "$prefix"/sbin/* "$prefix/bin/"
  rmdir "$prefix/sbin"
  ln -s bin "$prefix/sbin"
}
_moveToShare() {
  local directory
  for directory in ${forceShare:-man doc info}; do
    if [[ -d $prefix/$directory && ! -L $prefix/$directory ]]; then
      mkdir -p "$prefix/share"
      if [[ -d $prefix/share/$directory ]]; then
        cp -r "$prefix/$directory/." "$prefix/share/$directory/"
        rm -rf "${prefix:?}/$directory"
      else
        mv "$prefix/$directory" "$prefix/share/"
      fi
    fi
  done
}
compressManPages() {
  if [[ -n ${dontGzipMan-} || ! -d $1/share/man || -L $1/share/man ]]; then return 0; fi
  find "$1/share/man" -type f ! -name '*.gz' ! -name '*.bz2' ! -name '*.xz' -print0 | xargs -0 -r -n 32 -P "$NIX_BUILD_CORES" gzip -n -f
  local link target
  while IFS= read -r -d '' link; do
    target=$(readlink "$link")
    if [[ $target != *.gz ]]; then
      rm "$link"
      ln -s "$target.gz" "$link.gz"
    fi
  done < <(find "$1/share/man" -type l -xtype l -print0)
}
_compressManPages() { compressManPages "$prefix"; }
_pruneLibtoolFiles() {
  if [[ -n ${dontPruneLibtoolFiles-} || ! -e $prefix ]]; then return 0; fi
  local file
  while IFS= read -r file; do
    if grep -q '^# Generated by .*libtool' "$file"; then sed -i -e "/^dependency_libs='[^']/{s/=.*/=''/}" "$file"; fi
  done < <(find "$prefix" -type f -name '*.la')
}
_makeSymlinksRelative() {
  if [[ -n ${dontRewriteSymlinks-} || ! -e $prefix ]]; then return 0; fi
  local link target
  while IFS= read -r -d '' link; do
    target=$(readlink "$link")
    if [[ $target == "$prefix"/* ]]; then ln -snrf "$target" "$link"; fi
  done < <(find "$prefix" -type l -lname '/*' -print0)
}
# A link to nowhere is a fault of the package's that would only show when somebody follows it.
_noBrokenSymlinks() {
  if [[ -n ${dontCheckForBrokenSymlinks-} ]]; then return 0; fi
  local output link count=0
  for output in $(getAllOutputNames); do
    [[ -e ${!output} ]] || continue
    while IFS= read -r -d '' link; do
      echo "ERROR: noBrokenSymlinks: the symlink $link points to a missing target: $(readlink "$link")" >&2
      count=$((count + 1))
    done < <(find "${!output}" -xtype l -lname "*" ! -lname '/proc/*' ! -lname '/dev/*' ! -lname '/run/*' ! -lname '/etc/*' ! -lname '/var/*' -print0)
  done
  if ((count)); then
    echo "ERROR: noBrokenSymlinks: found $count dangling symlinks" >&2
    exit 1
  fi
}
# The newest file of an unpacked source dates what is built from it.
updateSourceDateEpoch() {
  local newest
  [[ -e $NIX_BUILD_TOP/env-vars ]] || return 0
  newest=$(find "$1" -type f -not -newer "$NIX_BUILD_TOP/env-vars" -printf '%T@\n' 2> /dev/null | sort -n | tail -n 1)
  newest=${newest%%.*}
  if [[ -n $newest ]] && ((newest > SOURCE_DATE_EPOCH)); then
    echo "setting SOURCE_DATE_EPOCH to timestamp $newest of file \"$1\""
    export SOURCE_DATE_EPOCH=$newest
  fi
}
_updateSourceDateEpochFromSourceRoot() { if [[ -n ${sourceRoot-} ]]; then updateSourceDateEpoch "$sourceRoot"; fi; }
postUnpackHooks+=(_updateSourceDateEpochFromSourceRoot)

fixupOutputHooks+=(_moveLib64 _moveSbin _moveToShare patchShebangsAuto _pruneLibtoolFiles _doStrip _shrinkRpaths _checkBuildDirectory _compressManPages _makeSymlinksRelative)
postFixupHooks+=(_noBrokenSymlinks)
