# seedPackage's builder: see package.nix. Runs with bootstrap's tools alone.
#
# Debian's /bin, /usr/bin, /lib/<triplet>, /usr/lib/<triplet>, … become bin/, lib/, include/, share/, etc/. Most of the
# work is done by one process for many files (cp, find, grep, sed, patchelf): a fork per file would take minutes.
set -eu -o pipefail
shopt -s nullglob
export LC_ALL=C
triplet=x86_64-linux-gnu
dev=${dev:-}
work=$NIX_BUILD_TOP/work
mkdir -p "$work" "$out"
say() { echo "$@" >&2; }

# --- where things go -------------------------------------------------------------------------------------------------

# An absolute path inside a Debian system → REPLY, the place below $out, or empty when it has none.
place() {
  case $1 in
    /usr/share/* | /usr/include/* | /usr/libexec/* | /usr/games/*) REPLY=${1#/usr/} ;;
    /usr/lib/$triplet/* | /lib/$triplet/*) REPLY=lib/${1#*/lib/$triplet/} ;;
    /usr/lib64/* | /lib64/*) REPLY=lib/${1#*/lib64/} ;;
    /usr/lib/* | /lib/*) REPLY=lib/${1#*/lib/} ;;
    /usr/bin/* | /bin/*) REPLY=bin/${1#*/bin/} ;;
    /usr/sbin/* | /sbin/*) REPLY=bin/${1#*/sbin/} ;;
    /etc/*) REPLY=${1#/} ;;
    *) REPLY= ;;
  esac
  case $REPLY in
    include/$triplet/c++/*) ;;
    include/$triplet/*) REPLY=include/${REPLY#include/$triplet/} ;;
  esac
}

# /a/b/../c/./d → REPLY=/a/c/d
normalise() {
  local part parts=() IFS=/
  for part in $1; do
    case $part in
      '' | .) ;;
      ..) [ ${#parts[@]} -eq 0 ] || unset "parts[$((${#parts[@]} - 1))]" ;;
      *) parts+=("$part") ;;
    esac
  done
  REPLY="/${parts[*]}"
}

copyInto() { # DIRECTORY PLACE
  mkdir -p "$out/$2"
  cp -dR --no-preserve=ownership,timestamps "$1/." "$out/$2/"
  chmod -R u+w "$out/$2"
}

for seed in $seeds; do
  for directory in usr/lib lib; do
    [ -d "$seed/$directory" ] || continue
    for entry in "$seed/$directory"/*; do
      [ "${entry##*/}" != $triplet ] || { copyInto "$entry" lib; continue; }
      mkdir -p "$out/lib"
      cp -dR --no-preserve=ownership,timestamps "$entry" "$out/lib/"
      chmod -R u+w "$out/lib"
    done
  done
  for directory in usr/bin bin usr/sbin sbin; do [ ! -d "$seed/$directory" ] || copyInto "$seed/$directory" bin; done
  for directory in usr/share usr/include usr/libexec; do [ ! -d "$seed/$directory" ] || copyInto "$seed/$directory" "${directory#usr/}"; done
  [ ! -d "$seed/etc" ] || copyInto "$seed/etc" etc
done
if [ -d "$out/include/$triplet" ]; then
  for entry in "$out/include/$triplet"/*; do
    [ "${entry##*/}" != c++ ] || continue
    cp -dR "$entry" "$out/include/"
    rm -rf "$entry"
  done
  rmdir --ignore-fail-on-non-empty "$out/include/$triplet"
fi
if [ -d "$out/share" ]; then
  (cd "$out/share" && rm -rf doc doc-base lintian bug info menu apport gdb man locale bash-completion zsh python3 pixmaps)
  rmdir --ignore-fail-on-non-empty "$out/share"
fi
find "$out" -name '*.la' -delete

# --- symbolic links --------------------------------------------------------------------------------------------------

for seed in $seeds; do
  find "$seed" -type l -printf '%P\t%l\n' >> "$work/links"
done
while IFS=$'\t' read -r link target; do
  place "/$link"
  here=$REPLY
  [ -n "$here" ] && [ -L "$out/$here" ] || continue
  case $target in
    /*) normalise "$target" ;;
    *) normalise "/${link%/*}/$target" ;;
  esac
  place "$REPLY"
  there=$REPLY
  found=
  if [ -n "$there" ] && { [ -e "$out/$there" ] || [ -L "$out/$there" ]; }; then
    found=$out/$there
  elif [ -n "$there" ]; then
    for dep in $deps $glibc; do
      [ ! -e "$dep/$there" ] || { found=$dep/$there; break; }
    done
  fi
  if [ -z "$found" ]; then
    rm "$out/$here"
  elif [ "${here%/*}" = "${there%/*}" ] && [ "$found" = "$out/$there" ]; then
    [ "$target" = "${there##*/}" ] || ln -sfn "${there##*/}" "$out/$here"
  else
    ln -sfn "$found" "$out/$here"
  fi
done < "$work/links"

eval "$assembled"

# Links whose target's target was left out.
find "$out" -xtype l -delete

# --- scripts ---------------------------------------------------------------------------------------------------------

# The interpreter named by a script's first line → REPLY, its place in the store, or empty.
interpreter() {
  local name=${1##*/} package
  REPLY=
  case $name in
    sh | bash | dash) [ -z "$bash" ] || REPLY=$bash/bin/$( [ "$name" = bash ] && echo bash || echo sh ) ;;
    *)
      for package in $out $interpreters; do
        if [ -x "$package/bin/$name" ]; then REPLY=$package/bin/$name; return; fi
      done
      ;;
  esac
}
directories=()
for directory in bin libexec lib share/git-core share/libtool share/gettext share/autoconf share/automake* etc; do
  for directory in "$out"/$directory; do [ ! -d "$directory" ] || directories+=("$directory"); done
done
if [ ${#directories[@]} -gt 0 ]; then
  find "${directories[@]}" -type f -perm -u+x ! -name '*.so*' ! -name '*.o' -print > "$work/executables"
  while IFS= read -r file; do
    IFS= read -r -N 2 magic < "$file" || true
    [ "$magic" = '#!' ] || continue
    IFS= read -r line < "$file" || true
    words=(${line#\#!})
    if [ "${words[0]##*/}" = env ]; then words=("${words[@]:1}"); [ "${words[0]:-}" != -S ] || words=("${words[@]:1}"); fi
    interpreter "${words[0]:-}"
    if [ -n "$REPLY" ]; then
      sed -i "1s|.*|#!$REPLY${words[1]:+ ${words[*]:1}}|" "$file"
    else
      say "left out ${file#$out/}: no ${words[0]:-interpreter} for it"
      rm "$file"
    fi
  done < "$work/executables"
fi

# --- ELF files -------------------------------------------------------------------------------------------------------

# Only files that need another library have a dynamic section to patch: their text says `lib….so.N` somewhere.
find "$out" -type f \( -perm -u+x -o -name '*.so*' \) ! -name '*.o' ! -name '*.a' ! -name '*.py' ! -name '*.h' -print0 \
  | xargs -0 -r grep -laZ $'^\x7fELF' > "$work/elf" || true
if [ -s "$work/elf" ]; then
  search=$out/lib
  for directory in "$out/lib/private"; do [ ! -d "$directory" ] || search+=:$directory; done
  for dep in $deps; do search+=:$dep/lib; done
  [ -z "$glibc" ] || search+=:$glibc/lib
  xargs -0 grep -laZ 'lib[A-Za-z0-9+_-]*[.0-9-]*\.so\.[0-9]' < "$work/elf" > "$work/dynamic" || true
  linker=${glibc:-$out}/lib/ld-linux-x86-64.so.2
  programs=() libraries=()
  while IFS= read -r -d '' file; do
    case $file in
      */ld-linux*.so.* | */libc.so.6) ;;
      *.so | *.so.*) libraries+=("$file") ;;
      *) programs+=("$file") ;;
    esac
  done < "$work/dynamic"
  if [ ${#programs[@]} -gt 0 ]; then
    # A position-independent library without `.so` in its name, or a plugin, has no interpreter to set.
    started=() others=()
    while IFS= read -r -d '' file; do started+=("$file"); done < <(printf '%s\0' "${programs[@]}" | xargs -0 grep -laZ '/lib64/ld-linux-x86-64\.so\.2' || true)
    [ ${#started[@]} -eq 0 ] || patchelf --set-interpreter "$linker" --set-rpath "$search" "${started[@]}"
    [ ${#started[@]} -eq 0 ] || patchelf --shrink-rpath "${started[@]}"
  fi
  if [ ${#libraries[@]} -gt 0 ]; then
    patchelf --set-rpath "$search" "${libraries[@]}"
    patchelf --shrink-rpath "${libraries[@]}"
  fi
  # Every library that any of them needs must be there: a missing one would be found on the user's machine, too late.
  missing=
  if [ ${#programs[@]} -gt 0 ] || [ ${#libraries[@]} -gt 0 ]; then
    declare -A seen=()
    while IFS= read -r name; do
      [ -z "${seen[$name]:-}" ] || continue
      seen[$name]=1
      for directory in ${search//:/ }; do [ ! -e "$directory/$name" ] || continue 2; done
      case " $optionalNeeds " in *" $name "*) continue ;; esac
      case $name in /*) continue ;; esac
      # A library of the package's own that lies in a directory of its own.
      [ -z "$(find "$out/lib" -name "$name" -print -quit)" ] || continue
      missing+=" $name"
    done < <(patchelf --print-needed "${programs[@]}" "${libraries[@]}" 2>/dev/null | sort -u)
  fi
  if [ -n "$missing" ]; then say "error: no dependency has:$missing"; exit 1; fi
fi

# --- files for compilers ---------------------------------------------------------------------------------------------

devOut=${dev:-$out}
if [ -n "$dev" ]; then
  mkdir -p "$dev"
  move() { # PLACE
    [ -e "$out/$1" ] || return 0
    local target=$dev/$1
    mkdir -p "${target%/*}"
    mv "$out/$1" "$target"
  }
  move include
  move lib/pkgconfig
  move share/pkgconfig
  move share/aclocal
  move lib/cmake
  for file in "$out"/bin/*-config; do move "${file#$out/}"; done
  find "$out/lib" -maxdepth 1 -name '*.a' -exec rm {} + 2>/dev/null || true
  rmdir --ignore-fail-on-non-empty "$out"/{lib,share,bin} 2>/dev/null || true
  mkdir -p "$dev/nix-support"
  echo -n "$out $propagate" > "$dev/nix-support/propagated-build-inputs"
elif [ -n "$propagate" ]; then
  mkdir -p "$out/nix-support"
  echo -n "$propagate" > "$out/nix-support/propagated-build-inputs"
fi
configs=("$devOut"/lib/pkgconfig/*.pc "$devOut"/share/pkgconfig/*.pc)
if [ ${#configs[@]} -gt 0 ]; then
  sed -i -e "s|^prefix=/usr|prefix=$out|" -e "s|^libdir=.*/lib/$triplet|libdir=$out/lib|" -e "s|^libdir=.*/lib\$|libdir=$out/lib|" \
    -e "s|^includedir=.*/include/$triplet|includedir=$devOut/include|" -e "s|^includedir=[^ ]*/include|includedir=$devOut/include|" \
    -e "s|/usr/lib/$triplet|$out/lib|g" -e "s|/usr/include/$triplet|$devOut/include|g" -e "s|/usr/include|$devOut/include|g" -e "s|=/usr/|=$out/|g" "${configs[@]}"
fi
configs=()
for file in "$devOut"/bin/*-config; do
  IFS= read -r -N 2 magic < "$file" || true
  [ "$magic" != '#!' ] || configs+=("$file")
done
if [ ${#configs[@]} -gt 0 ]; then
  sed -i -e "s|/usr/include/$triplet|$devOut/include|g" -e "s|/usr/include|$devOut/include|g" -e "s|/usr/lib/$triplet|$out/lib|g" -e "s|/usr/bin|$devOut/bin|g" \
    -e "s|\(prefix=[\"']\{0,1\}\)/usr|\1$out|g" "${configs[@]}"
fi
find "$out" ${dev:+"$dev"} -depth -type d -empty -delete
mkdir -p "$out"
eval "$patched"
