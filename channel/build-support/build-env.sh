# buildEnv's work; see build-env.nix. $packagesPath: lines of priority and path.
declare -A priorityOf=()
wanted() { # PLACE: is it, or what is below it, or above it, to be linked?
  local prefix
  for prefix in $pathsToLink; do
    [[ $prefix != / ]] || return 0
    if [[ $1 == "$prefix" || $1 == "$prefix"/* || $prefix == "$1"/* ]]; then return 0; fi
  done
  return 1
}
inside() { # PLACE: is all of it to be linked?
  local prefix
  for prefix in $pathsToLink; do
    [[ $prefix != / ]] || return 0
    if [[ $1 == "$prefix" || $1 == "$prefix"/* ]]; then return 0; fi
  done
  return 1
}
target=$out$extraPrefix
mkdir -p "$target"
link() { # FROM PLACE PRIORITY
  local entry name place existing
  for entry in "$1"/* "$1"/.[!.]*; do
    name=${entry##*/}
    place=$2/$name
    case $place in /nix-support | /propagated-build-inputs | /log | */perllocal.pod | */info/dir) continue ;; esac
    wanted "$place" || continue
    if [[ -d $entry ]]; then
      if [[ -L $target$place && -d $target$place ]]; then
        # The link to one package's directory becomes a directory of links.
        existing=$(readlink "$target$place")
        rm "$target$place"
        mkdir "$target$place"
        link "$existing" "$place" "${priorityOf[$place]}"
        link "$entry" "$place" "$3"
      elif [[ -d $target$place ]]; then
        link "$entry" "$place" "$3"
      elif [[ -e $target$place || -L $target$place ]]; then
        collision "$entry" "$place" "$3"
      elif inside "$place"; then
        ln -s "$entry" "$target$place"
        priorityOf[$place]=$3
      else
        mkdir "$target$place"
        link "$entry" "$place" "$3"
        rmdir --ignore-fail-on-non-empty "$target$place"
      fi
    elif [[ -e $entry || -L $entry ]]; then
      inside "$place" || continue
      if [[ -e $target$place || -L $target$place ]]; then
        collision "$entry" "$place" "$3"
      else
        ln -s "$entry" "$target$place"
        priorityOf[$place]=$3
      fi
    fi
  done
}
collision() { # FILE PLACE PRIORITY
  local existing former=${priorityOf[$2]:-5}
  existing=$(readlink "$target$2" || echo "$target$2")
  if (($3 < former)); then
    rm -rf "${target:?}$2"
    ln -s "$1" "$target$2"
    priorityOf[$2]=$3
  elif (($3 > former)); then
    return 0
  elif [[ $existing == "$1" || $(realpath "$existing") == $(realpath "$1") ]]; then
    return 0
  elif [[ -n $checkCollisionContents && -f $existing && -f $1 ]] && cmp -s "$existing" "$1" && [[ -x $existing && -x $1 || ! -x $existing && ! -x $1 ]]; then
    return 0
  elif [[ -n $ignoreCollisions ]]; then
    if [[ $ignoreCollisions == 1 ]]; then echo "colliding subpath (ignored): \`$existing' and \`$1'" >&2; fi
  else
    echo "pkgs.buildEnv error: two given paths contain a conflicting subpath:" >&2
    echo "  \`$existing' and" >&2
    echo "  \`$1'" >&2
    echo "hint: this may be caused by two different versions of the same package in buildEnv's \`paths\` parameter" >&2
    echo "hint: \`pkgs.nix-diff\` can be used to compare derivations" >&2
    exit 25
  fi
}
declare -A done=()
later=()
while read -r priority path; do
  [[ -n $path && -z ${done[$path]-} ]] || continue
  done[$path]=1
  if [[ ! -d $path ]]; then
    if [[ -n $ignoreSingleFileOutputs ]]; then continue; fi
    echo "pkgs.buildEnv error: The store path $path is a file and can't be merged into an environment using pkgs.buildEnv!" >&2
    exit 1
  fi
  link "$path" "" "$priority"
  if [[ -f $path/nix-support/propagated-user-env-packages ]]; then later+=($(< "$path/nix-support/propagated-user-env-packages")); fi
done < "$packagesPath"
priority=1000
while ((${#later[@]})); do
  path=${later[0]}
  later=("${later[@]:1}")
  [[ -z ${done[$path]-} ]] || continue
  done[$path]=1
  link "$path" "" "$priority"
  priority=$((priority + 1))
  if [[ -f $path/nix-support/propagated-user-env-packages ]]; then later+=($(< "$path/nix-support/propagated-user-env-packages")); fi
done
if [[ -n $manifest ]]; then ln -s "$manifest" "$out/manifest"; fi
eval "$postBuild"
