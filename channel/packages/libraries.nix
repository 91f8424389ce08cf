/*
  Libraries assembled from seeds, by nixpkgs' names.

  `deps` are the packages whose libraries the ELF files may need; `propagate` what compiling against one needs, too.
*/
final:
let
  inherit (final) seedPackage;
  library =
    pname: debs: deps: more:
    seedPackage ({ inherit pname debs deps; dev = true; } // more);
  runtimeOnly =
    pname: debs: deps: more:
    seedPackage ({ inherit pname debs deps; } // more);
in
{
  # What programs of gcc's need at run time.
  gcc-lib = final.seedPackageWithoutBash {
    pname = "gcc-lib";
    debs = [ "libstdc++6" "libgomp1" "libatomic1" "libquadmath0" "libitm1" ];
    assembled = ''
      ln -s "$glibc/lib/libgcc_s.so.1" "$out/lib/libgcc_s.so.1"
      rm -rf "$out/share"
    '';
  };
  gfortran-lib = runtimeOnly "gfortran-lib" [ "libgfortran5" ] [ final.gcc-lib ] { };
  sanitizers-lib = runtimeOnly "gcc-sanitizers-lib" [ "libasan8" "libubsan1" "libtsan2" "liblsan0" ] [ final.gcc-lib ] { };

  gmp = library "gmp" [ "libgmp10" "libgmpxx4ldbl" "libgmp-dev" ] [ final.gcc-lib ] { };
  mpfr = library "mpfr" [ "libmpfr6" "libmpfr-dev" ] [ final.gmp ] { propagate = [ final.gmp ]; };
  libmpc = library "libmpc" [ "libmpc3" "libmpc-dev" ] [ final.gmp final.mpfr ] { propagate = [ final.gmp final.mpfr ]; };
  isl = runtimeOnly "isl" [ "libisl23" ] [ final.gmp ] { };

  zlib = library "zlib" [ "zlib1g" "zlib1g-dev" ] [ ] { };
  bzip2 = library "bzip2" [ "libbz2-1.0" "libbz2-dev" "bzip2" ] [ ] { };
  xz = library "xz" [ "liblzma5" "liblzma-dev" "xz-utils" ] [ ] { };
  zstd = library "zstd" [ "libzstd1" "libzstd-dev" "zstd" ] [ final.gcc-lib final.zlib final.xz final.lz4 ] { };
  lz4 = library "lz4" [ "liblz4-1" "liblz4-dev" "lz4" ] [ ] { };
  libffi = library "libffi" [ "libffi8" "libffi-dev" ] [ ] { };
  expat = library "expat" [ "libexpat1" "libexpat1-dev" ] [ ] { };
  gdbm = library "gdbm" [ "libgdbm6" "libgdbm-dev" ] [ ] { };
  # bash needs it.
  ncurses = final.seedPackageWithoutBash {
    pname = "ncurses";
    debs = [ "libncursesw6" "libncurses6" "libtinfo6" "libncurses-dev" "ncurses-bin" "ncurses-base" ];
    deps = [ final.gcc-lib ];
    dev = true;
  };
  readline = library "readline" [ "libreadline8" "libreadline-dev" ] [ final.ncurses ] { propagate = [ final.ncurses ]; };
  sqlite = library "sqlite" [ "libsqlite3-0" "libsqlite3-dev" "sqlite3" ] [ final.zlib final.readline final.ncurses ] { };
  libuuid = library "libuuid" [ "libuuid1" "uuid-dev" ] [ ] { };
  libxcrypt = library "libxcrypt" [ "libcrypt1" "libcrypt-dev" ] [ ] { };

  # Certificates and configuration are looked for in /etc/ssl, where most systems keep them, and modules nowhere.
  openssl = library "openssl" [ "libssl3" "libssl-dev" "openssl" ] [ ] {
    assembled = ''
      rm -rf "$out/etc" "$out/lib/ssl"
      sed -i -z -e 's|/usr/lib/ssl|/etc/ssl////|g' -e "s|/usr/lib/$triplet/engines-3|/nix/no-/$triplet/engines-3|g" -e "s|/usr/lib/$triplet/ossl-modules|/nix/no-/$triplet/ossl-modules|g" "$out/lib/libcrypto.so.3"
    '';
  };

  attr = library "attr" [ "libattr1" "libattr1-dev" ] [ ] { };
  acl = library "acl" [ "libacl1" "libacl1-dev" ] [ final.attr ] { propagate = [ final.attr ]; };
  pcre2 = library "pcre2" [ "libpcre2-8-0" "libpcre2-16-0" "libpcre2-32-0" "libpcre2-posix3" "libpcre2-dev" ] [ ] { };
  # What the shell tools need of it, without its headers.
  pcre2-lib = runtimeOnly "pcre2-lib" [ "libpcre2-8-0" ] [ ] { };
  libselinux = runtimeOnly "libselinux" [ "libselinux1" ] [ final.pcre2-lib ] { };
  libcap = library "libcap" [ "libcap2" "libcap-dev" "libcap2-bin" ] [ ] { };
  libcap_ng = runtimeOnly "libcap-ng" [ "libcap-ng0" ] [ ] { };
  libsigsegv = runtimeOnly "libsigsegv" [ "libsigsegv2" ] [ ] { };
}
