/*
  The standard environments of the set.
*/
final:
let
  inherit (final) lib;
  initialPath = [
    final.coreutils
    final.findutils
    final.diffutils
    final.gnused
    final.gnugrep
    final.gawk
    final.gnutar
    final.gzip
    final.bzip2
    final.gnumake
    final.bash
    final.patch
    final.xz
    final.file
    final.patchelf
  ];
  wrap =
    arguments:
    import ./cc (
      {
        inherit (final)
          lib
          system
          bash
          coreutils
          gnused
          glibc
          gcc-lib
          binutils-unwrapped
          ;
      }
      // arguments
    );
  make =
    cc:
    import ./. {
      inherit (final) lib system bash config;
      inherit initialPath cc;
      defaultNativeBuildInputs = [ ];
      bootstrapPath = [
        final.coreutils
        final.gnused
      ];
    };
in
{
  gcc = wrap { cc = final.gcc-unwrapped; };
  gcc12 = final.gcc;
  gfortran = wrap {
    cc = final.gfortran-unwrapped;
    extraLibraries = [ final.gfortran-lib ];
  };
  binutils = final.gcc.bintools;
  bintools = final.binutils;
  stdenv = make final.gcc;
  gccStdenv = final.stdenv;
  gcc12Stdenv = final.stdenv;
  stdenvNoCC = make null;
}
