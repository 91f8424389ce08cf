/*
  Programs assembled from seeds, by nixpkgs' names.
*/
final:
let
  inherit (final) seedPackage;
  program =
    pname: debs: deps: more:
    seedPackage (
      {
        inherit pname debs deps;
        meta.mainProgram = pname;
      }
      // more
    );
in
{
  # Without a seed for interpreters: this is where /bin/sh scripts find theirs.
  bashNonInteractive = final.bash;
  bash = final.seedPackageWithoutBash {
    pname = "bash";
    debs = [ "bash" ];
    deps = [ final.ncurses ];
    assembled = ''
      rm -rf "$out/etc" "$out/bin/bashbug" "$out/bin/clear_console" "$out/share"
      ln -sf bash "$out/bin/sh"
      rm -f "$out/bin/rbash"
    '';
    passthru.shellPath = "/bin/bash";
    meta.mainProgram = "bash";
  };
  coreutils = program "coreutils" [ "coreutils" ] [ final.libselinux final.acl final.attr final.gmp ] { };
  findutils = program "findutils" [ "findutils" ] [ final.libselinux final.acl ] { };
  diffutils = program "diffutils" [ "diffutils" ] [ ] { };
  gnused = program "gnused" [ "sed" ] [ final.acl final.libselinux ] { };
  gnugrep = program "gnugrep" [ "grep" ] [ final.pcre2-lib ] { };
  gawk = program "gawk" [ "gawk" ] [ final.mpfr final.gmp final.readline final.libsigsegv ] {
    assembled = ''
      ln -sf gawk "$out/bin/awk"
    '';
  };
  mawk = program "mawk" [ "mawk" ] [ ] { };
  gnutar = program "gnutar" [ "tar" ] [ final.acl final.libselinux ] { meta.mainProgram = "tar"; };
  gzip = program "gzip" [ "gzip" ] [ ] { };
  gnumake = program "gnumake" [ "make" ] [ ] { meta.mainProgram = "make"; };
  patch = program "patch" [ "patch" ] [ ] { };
  patchelf = program "patchelf" [ "patchelf" ] [ final.gcc-lib ] { };
  file = program "file" [ "file" "libmagic1" "libmagic-mgc" ] [ final.bzip2 final.xz final.zlib ] { };
  bubblewrap = program "bubblewrap" [ "bubblewrap" ] [ final.libselinux final.libcap ] { meta.mainProgram = "bwrap"; };

  pkg-config-unwrapped = program "pkg-config" [ "pkgconf-bin" "libpkgconf3" ] [ ] {
    assembled = ''
      mv "$out/bin/pkgconf" "$out/bin/pkg-config"
      ln -s pkg-config "$out/bin/pkgconf"
    '';
    # Looks nowhere but where its variable says.
    patched = ''
      mkdir -p "$out/nix-support"
      cp "$setupHook" "$out/nix-support/setup-hook"
    '';
    environment.setupHook = ./pkg-config-setup-hook.sh;
  };
  pkg-config = final.pkg-config-unwrapped;
  pkgconf = final.pkg-config;
}
