/*
  glibc from its seeds.

  Debian's dynamic linker looks into the cache and the library directories of the machine it runs on. Here it must
  find nothing but what a RUNPATH names, so those strings are overwritten in place by names of the same length that
  exist nowhere; so are the paths of character set modules, which are loaded as code.

  libc itself gets a RUNPATH, since it loads libgcc_s when a thread ends.
*/
{ seedPackage }:
seedPackage {
  pname = "glibc";
  debs = [
    "libc6"
    "libc-bin"
    "libc6-dev"
    "linux-libc-dev"
    "libgcc-s1"
  ];
  dev = true;
  assembled = ''
    rm -rf "$out/lib/gconv" "$out/lib/locale" "$out/lib/audit" "$out/etc" "$out/share" "$out/bin/"{ldconfig,ldconfig.real,sln,iconvconfig,zdump,tzselect,zic} "$out/lib/mime"
    mkdir -p "$dev/lib"
    for file in "$out"/lib/*.o "$out"/lib/*.a "$out/lib/libc.so" "$out/lib/libm.so"; do
      case ''${file##*/} in
        libc.a | libm-*.a | libmvec.a | libg.a | libm.a) rm "$file" ;;
        *) mv "$file" "$dev/lib/" ;;
      esac
    done
    sed -i -e "s|/usr/lib/$triplet/libc_nonshared|$dev/lib/libc_nonshared|; s|/lib64/|$out/lib/|; s|/lib/$triplet/|$out/lib/|g" "$dev/lib/libc.so" "$dev/lib/libm.so"
    sed -i -z -e 's|^/etc/ld\.so\.cache$|/nix/no/ld.cache|' -e 's|^/etc/ld\.so\.preload$|/nix/no/ld.preload|' -e 's|^/etc/ld\.so\.nohwcap$|/nix/no/ld.nohwcap|' \
      -e "s|^/usr/lib/$triplet/\$|/nix/no-/$triplet/|" -e "s|^/lib/$triplet/\$|/no-/$triplet/|" -e 's|^/usr/lib/$|/nix/no-/|' -e 's|^/lib/$|/no-/|' "$out/lib/ld-linux-x86-64.so.2"
    sed -i -z -e "s|/usr/lib/$triplet/gconv|/nix/no-/$triplet/gconv|g" "$out/lib/libc.so.6"
  '';
  patched = ''
    patchelf --set-interpreter "$out/lib/ld-linux-x86-64.so.2" --set-rpath "$out/lib" "$out/lib/libc.so.6"
    mkdir -p "$dev/nix-support"
  '';
  meta = {
    description = "The GNU C library";
    homepage = "https://www.gnu.org/software/libc/";
  };
}
