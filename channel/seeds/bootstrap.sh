# Run by the seed's bash through the seed's dynamic linker; nothing on PATH works yet.
set -eu
run() { local program=$1; shift; "$linker" --library-path "$libraryPath" "$program" "$@"; }

run "$coreutils/bin/mkdir" -p "$out/bin" "$out/lib"
for seed in $librarySeeds; do
  for directory in "$seed/lib/$triplet" "$seed/usr/lib/$triplet"; do
    if [ -d "$directory" ]; then
      for file in "$directory"/*.so*; do [ ! -e "$file" ] || run "$coreutils/bin/cp" -d "$file" "$out/lib/"; done
    fi
  done
done
for seed in $programSeeds; do
  for directory in "$seed/bin" "$seed/usr/bin"; do
    if [ -d "$directory" ]; then run "$coreutils/bin/cp" -d "$directory"/* "$out/bin/"; fi
  done
done
run "$coreutils/bin/ln" -s bash "$out/bin/sh"

programs=() libraries=()
for file in "$out"/bin/*; do
  [ ! -L "$file" ] || continue
  IFS= LC_ALL=C read -r -N 4 magic < "$file" || true
  if [ "$magic" = $'\x7fELF' ]; then programs+=("$file"); else run "$coreutils/bin/rm" "$file"; fi
done
for file in "$out"/lib/*.so*; do
  case ${file##*/} in
    libc.so.6 | ld-linux*) ;;
    *) [ -L "$file" ] || libraries+=("$file") ;;
  esac
done
run "$coreutils/bin/chmod" -R u+w "$out"
run "$patchelf/usr/bin/patchelf" --set-interpreter "$out/lib/ld-linux-x86-64.so.2" --set-rpath "$out/lib" "${programs[@]}"
run "$patchelf/usr/bin/patchelf" --set-rpath "$out/lib" "${libraries[@]}"
