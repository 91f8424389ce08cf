# Makes the wrapped tools; see default.nix.
mkdir -p "$out/bin" "$out/nix-support"
fill() { # SOURCE DESTINATION PROGRAM
  sed -e "s|@shell@|$shell|g" -e "s|@program@|$3|g" -e "s|@libc@|$libc|g" -e "s|@libc_dev@|$libc_dev|g" -e "s|@gcc_lib@|$gcc_lib|g" \
    -e "s|@linker@|$linker|g" -e "s|@bintools@|${bintools:-$out}|g" -e "s|@out@|$out|g" -e "s|@cc@|$tools|g" \
    -e "s|@extraLibraries@|$extraLibraries|g" -e "s|@cxx@|${cxx:-}|g" -e "s|@coreutils@|${PATH%%:*}|g" "$1" > "$2"
}
if [ "$kind" = bintools ]; then
  for file in "$tools"/bin/*; do
    name=${file##*/}
    case $name in
      ld | ld.bfd | *-linux-gnu-*) ;;
      *) ln -s "$file" "$out/bin/$name" ;;
    esac
  done
  for name in ld ld.bfd; do
    fill "$wrapper" "$out/bin/$name" "$tools/bin/$name"
    chmod +x "$out/bin/$name"
  done
  echo "$linker" > "$out/nix-support/dynamic-linker"
else
  for name in gcc g++ cpp gfortran; do
    [ -e "$tools/bin/$name" ] || continue
    cxx=
    [ "$name" != g++ ] || cxx=1
    fill "$wrapper" "$out/bin/$name" "$tools/bin/$name"
    chmod +x "$out/bin/$name"
  done
  # ld looks below the sysroot even for the libraries that a library's RUNPATH names, so the store is there, too.
  mkdir -p "$out/sysroot/${storeDir%/*}"
  ln -s "$storeDir" "$out/sysroot/$storeDir"
  ln -s gcc "$out/bin/cc"
  ln -s g++ "$out/bin/c++"
  for name in gcc-ar gcc-nm gcc-ranlib gcov; do [ ! -e "$tools/bin/$name" ] || ln -s "$tools/bin/$name" "$out/bin/$name"; done
  echo -n "$bintools $libc_dev" > "$out/nix-support/propagated-build-inputs"
  echo "$tools" > "$out/nix-support/orig-cc"
  echo "$libc" > "$out/nix-support/orig-libc"
  echo "$libc_dev" > "$out/nix-support/orig-libc-dev"
fi
fill "$setupHook" "$out/nix-support/setup-hook" ""
