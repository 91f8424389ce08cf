# Typelibs name their libraries by soname, which nothing would find here: each gets a new list of absolute paths at its
# end, and the two numbers in its header (gitypelib-internal.h: `size` at 40, `shared_library` at 52) that refer to it.
little() { # NUMBER: four bytes, lowest first, as printf wants them
  printf '\\x%02x\\x%02x\\x%02x\\x%02x' $(($1 & 255)) $(($1 >> 8 & 255)) $(($1 >> 16 & 255)) $(($1 >> 24 & 255))
}
for typelib in "$out"/lib/girepository-1.0/*.typelib; do
  [ ! -L "$typelib" ] || continue
  offset=$(od -A n -t u4 -j 52 -N 4 "$typelib")
  offset=$((offset))
  [ "$offset" != 0 ] || continue
  IFS= read -r -d '' names < <(tail -c +$((offset + 1)) "$typelib") || true
  paths=
  for name in ${names//,/ }; do
    path=$name
    for directory in "$out" $deps; do
      if [ -e "$directory/lib/$name" ]; then path=$directory/lib/$name; break; fi
    done
    paths+=${paths:+,}$path
  done
  size=$(stat -c %s "$typelib")
  chmod u+w "$typelib"
  printf '%s\0' "$paths" >> "$typelib"
  # A typelib's size is a multiple of four.
  end=$(stat -c %s "$typelib")
  while [ $((end % 4)) != 0 ]; do printf '\0' >> "$typelib"; end=$((end + 1)); done
  printf "$(little "$end")" | dd of="$typelib" bs=1 seek=40 conv=notrunc status=none
  printf "$(little "$size")" | dd of="$typelib" bs=1 seek=52 conv=notrunc status=none
done
