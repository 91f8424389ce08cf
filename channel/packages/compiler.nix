/*
  gcc and binutils from their seeds, unwrapped: what they are told about the store comes from the wrapper (../stdenv).
*/
final:
let
  inherit (final) seedPackage;
in
{
  binutils-unwrapped = seedPackage {
    pname = "binutils";
    debs = [ "binutils-x86-64-linux-gnu" "libbinutils" "libctf0" "libctf-nobfd0" "libgprofng0" "libjansson4" ];
    deps = [ final.zlib final.zstd final.gcc-lib ];
    # Names without the machine's, as links beside those with it; gold, gprofng and dwp are left out.
    assembled = ''
      cd "$out/bin"
      rm -f *-dwp *-gprofng* *-gp-* *-ld.gold *-gold
      for file in $triplet-*; do ln -sf "$file" "''${file#$triplet-}"; done
      cd - > /dev/null
      rm -rf "$out/lib/bfd-plugins" "$out/lib/gprofng" "$out/etc" "$out/share"
    '';
  };
  gcc-unwrapped = seedPackage {
    pname = "gcc";
    debs = [ "gcc-12" "cpp-12" "g++-12" "libgcc-12-dev" "libstdc++-12-dev" ];
    deps = [ final.gmp final.mpfr final.libmpc final.isl final.zlib final.zstd final.gcc-lib ];
    assembled = ''
      cd "$out/bin"
      for file in $triplet-*-12; do
        name=''${file#$triplet-}
        ln -sf "$file" "$name"
        ln -sf "$file" "''${name%-12}"
      done
      rm -f *lto-dump* c89-gcc c99-gcc
      cd - > /dev/null
      rm -rf "$out/share" "$out/lib/gcc/$triplet/12/plugin"
    '';
    passthru = {
      isGNU = true;
      isClang = false;
      lib = final.gcc-lib;
      libgcc = final.gcc-lib;
      hardeningUnsupportedFlags = [ ];
    };
  };
  gfortran-unwrapped = seedPackage {
    pname = "gfortran";
    debs = [ "gcc-12" "cpp-12" "g++-12" "gfortran-12" "libgcc-12-dev" "libstdc++-12-dev" "libgfortran-12-dev" ];
    deps = [ final.gmp final.mpfr final.libmpc final.isl final.zlib final.zstd final.gcc-lib final.gfortran-lib ];
    inherit (final.gcc-unwrapped) assembled;
    passthru = final.gcc-unwrapped.passthru;
  };
}
