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

  hello = program "hello" [ "hello" ] [ ] { };
  figlet = program "figlet" [ "figlet" ] [ ] { };
  htop = program "htop" [ "htop" "libnl-3-200" "libnl-genl-3-200" ] [ final.ncurses final.libcap ] { };
  tmux = program "tmux" [ "tmux" "libevent-core-2.1-7" "libutempter0" ] [ final.ncurses final.systemd ] { };
  less = program "less" [ "less" ] [ final.ncurses ] { };
  unzip = program "unzip" [ "unzip" ] [ final.bzip2 ] { };
  zip = program "zip" [ "zip" ] [ final.bzip2 ] { };
  jq = program "jq" [ "jq" "libjq1" "libonig5" ] [ ] { };
  wget = program "wget" [ "wget" ] [ final.pcre2-lib final.libuuid final.libidn2 final.gnutls final.nettle final.zlib final.libpsl ] { };
  procps = program "procps" [ "procps" "libproc2-0" ] [ final.ncurses final.systemd ] { };
  psmisc = program "psmisc" [ "psmisc" ] [ final.ncurses final.libselinux ] { };
  hostname = program "hostname" [ "hostname" ] [ ] { };
  which = program "which" [ "debianutils" ] [ ] {
    assembled = ''
      find "$out" -mindepth 1 -maxdepth 1 ! -name bin -exec rm -rf {} +
      find "$out/bin" -mindepth 1 ! -name 'which*' -delete
      mv "$out/bin/which.debianutils" "$out/bin/which" 2> /dev/null || true
    '';
  };
  tree = program "tree" [ "tree" ] [ ] { };
  nano = program "nano" [ "nano" ] [ final.ncurses ] { };
  strace = program "strace" [ "strace" ] [ final.libunwind ] { };
  libunwind = program "libunwind" [ "libunwind8" ] [ final.xz final.gcc-lib ] { };
  rsync = program "rsync" [ "rsync" "libpopt0" "libxxhash0" ] [ final.acl final.lz4 final.zstd final.openssl final.zlib ] { };
  ripgrep = program "ripgrep" [ "ripgrep" ] [ final.pcre2-lib final.gcc-lib ] { meta.mainProgram = "rg"; };
  m4 = program "m4" [ "m4" ] [ final.libsigsegv ] { };
  bison = program "bison" [ "bison" ] [ final.readline ] { };
  flex = program "flex" [ "flex" ] [ ] { };
  unixtools.xxd = program "xxd" [ "xxd" ] [ ] { };
  xxd = final.unixtools.xxd;

  # Perl's own modules are found by a variable, since their place is written into the library.
  perl = program "perl" [ "perl-base" "perl" "perl-modules-5.36" "libperl5.36" ] [ final.libxcrypt final.gdbm final.db final.bzip2 final.zlib ] {
    interpreters = [ ];
    assembled = ''
      rm -rf "$out/etc" "$out/bin/perl5.36-x86_64-linux-gnu" "$out/bin/perl5.36.0"
      mv "$out/bin/perl" "$out/bin/.perl-wrapped"
      # The machine's modules are for the machine's perl.
      sed -i -E -e 's|/usr(/[a-z0-9/_.-]*perl)|/no-\1|g' -e 's|/usr(/local/lib/site_perl)|/no-\1|g' -e 's|/etc/perl|/no-/perl|g' "$out/bin/.perl-wrapped" "$out"/lib/libperl.so.*
    '';
    patched = ''
      printf '%s\n' "#!$bash/bin/bash" "export PERL5LIB=\''${PERL5LIB:+\$PERL5LIB:}$out/lib/perl/5.36:$out/share/perl/5.36:$out/lib/perl-base" "exec -a \"\$0\" $out/bin/.perl-wrapped \"\$@\"" > "$out/bin/perl"
      chmod +x "$out/bin/perl"
    '';
  };
  autoconf = program "autoconf" [ "autoconf" ] [ ] { interpreters = [ final.perl ]; };
  ninja = program "ninja" [ "ninja-build" ] [ final.gcc-lib ] {
    patched = ''mkdir -p "$out/nix-support"; cp "$setupHook" "$out/nix-support/setup-hook"'';
    environment.setupHook = ./ninja-setup-hook.sh;
  };
  cmake = program "cmake" [ "cmake" "cmake-data" "libarchive13" "libjsoncpp25" "librhash0" "libuv1" ] [
    final.gcc-lib final.curl final.expat final.zlib final.acl final.nettle final.lz4 final.zstd final.libxml2 final.bzip2 final.xz
  ] {
    interpreters = [ final.bash ];
    patched = ''mkdir -p "$out/nix-support"; cp "$setupHook" "$out/nix-support/setup-hook"'';
    environment.setupHook = ./cmake-setup-hook.sh;
  };
  git = program "git" [ "git" ] [ final.curl-gnutls final.expat final.pcre2-lib final.zlib ] {
    interpreters = [ ];
    assembled = ''
      rm -rf "$out/etc" "$out/lib/git-core/git-"{svn,cvs*,p4,send-email,instaweb,archimport} "$out/share/gitweb" "$out/share/perl5"
      mv "$out/bin/git" "$out/bin/.git-wrapped"
    '';
    patched = ''
      rm -f "$out/bin/git-"{cvsserver,shell} "$out/bin/scalar"
      printf '%s\n' "#!$bash/bin/bash" "export GIT_EXEC_PATH=\''${GIT_EXEC_PATH-$out/lib/git-core} GIT_TEMPLATE_DIR=\''${GIT_TEMPLATE_DIR-$out/share/git-core/templates}" \
        "exec -a \"\$0\" $out/bin/.git-wrapped \"\$@\"" > "$out/bin/git"
      chmod +x "$out/bin/git"
      rm "$out/lib/git-core/git"
      ln -s ../../bin/.git-wrapped "$out/lib/git-core/git"
      for file in "$out"/lib/git-core/* "$out"/bin/*; do
        if [ -L "$file" ] && [ ! -e "$file" ]; then ln -sfn "$out/bin/.git-wrapped" "$file"; fi
      done
    '';
  };
  gitMinimal = final.git;
  cacert = program "nss-cacert" [ "ca-certificates" ] [ ] {
    version = "20230311";
    assembled = ''
      mkdir -p "$out/etc/ssl/certs"
      cat "$out"/share/ca-certificates/mozilla/*.crt > "$NIX_BUILD_TOP/bundle"
      find "$out" -mindepth 1 -maxdepth 1 ! -name etc -exec rm -rf {} +
      find "$out/etc" -mindepth 1 -maxdepth 1 ! -name ssl -exec rm -rf {} +
      cp "$NIX_BUILD_TOP/bundle" "$out/etc/ssl/certs/ca-bundle.crt"
      ln -s ca-bundle.crt "$out/etc/ssl/certs/ca-certificates.crt"
    '';
    patched = ''
      mkdir -p "$out/nix-support"
      echo "export NIX_SSL_CERT_FILE=$out/etc/ssl/certs/ca-bundle.crt SSL_CERT_FILE=$out/etc/ssl/certs/ca-bundle.crt" > "$out/nix-support/setup-hook"
    '';
  };
  # Which libraries a program loads, by the store's own dynamic linker.
  ldd = final.writeShellScriptBin "ldd" ''
    for file; do
      [ $# -eq 1 ] || echo "$file:"
      LD_TRACE_LOADED_OBJECTS=1 LD_WARN= ${final.glibc}/lib/ld-linux-x86-64.so.2 "$file" || exit 1
    done
  '';
  gdb = throw "gdb is not in the bundled package set";
}
