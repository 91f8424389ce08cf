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
  # Libraries that load modules from a directory of the machine's: that is code, and not of this set.
  withoutHostModules = ''
    find "$out/lib" -name '*.so*' -type f -exec sed -i -z "s|/usr/lib/$triplet|/nix/no-/$triplet|g" {} +
  '';
  # Introspection data names libraries by soname, and is found by GI_TYPELIB_PATH: both are made to lead into the store.
  girHook = ''
    if [ -d "$out/lib/girepository-1.0" ]; then
      source ${./typelib.sh}
      mkdir -p "''${dev:-$out}/nix-support"
      cat ${./gir-setup-hook.sh} >> "''${dev:-$out}/nix-support/setup-hook"
    fi
  '';
  compileSchemas = ''
    ${final.glib}/lib/glib-2.0/glib-compile-schemas "$out/share/glib-2.0/schemas"
  '';
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
  gdbm = library "gdbm" [ "libgdbm6" "libgdbm-dev" "libgdbm-compat4" "libgdbm-compat-dev" ] [ ] { };
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
  libcap = library "libcap" [ "libcap2" "libcap-dev" "libcap2-bin" ] [ ] {
    # Libraries that can be started like programs.
    assembled = ''patchelf --set-interpreter "$glibc/lib/ld-linux-x86-64.so.2" "$out"/lib/libcap.so.2.* "$out"/lib/libpsx.so.2.*'';
  };
  libcap_ng = runtimeOnly "libcap-ng" [ "libcap-ng0" ] [ ] { };
  audit = runtimeOnly "audit" [ "libaudit1" ] [ final.libcap_ng ] { };
  libsigsegv = runtimeOnly "libsigsegv" [ "libsigsegv2" ] [ ] { };

  # Network and data formats.
  nghttp2 = runtimeOnly "nghttp2" [ "libnghttp2-14" ] [ ] { };
  libunistring = runtimeOnly "libunistring" [ "libunistring2" ] [ ] { };
  libidn2 = runtimeOnly "libidn2" [ "libidn2-0" ] [ final.libunistring ] { };
  libssh2 = runtimeOnly "libssh2" [ "libssh2-1" ] [ final.openssl final.zlib ] { };
  libpsl = runtimeOnly "libpsl" [ "libpsl5" ] [ final.libidn2 final.libunistring ] { };
  libkrb5 = runtimeOnly "libkrb5" [ "libkrb5-3" "libgssapi-krb5-2" "libk5crypto3" "libcom-err2" "libkrb5support0" "libkeyutils1" ] [ final.openssl ] { assembled = withoutHostModules; };
  openldap = runtimeOnly "openldap" [ "libldap-2.5-0" "libsasl2-2" ] [ final.gnutls final.openssl final.db ] { assembled = withoutHostModules; };
  db = runtimeOnly "db" [ "libdb5.3" ] [ ] { };
  brotli = runtimeOnly "brotli" [ "libbrotli1" ] [ ] { };
  nettle = runtimeOnly "nettle" [ "libnettle8" "libhogweed6" ] [ final.gmp ] { };
  p11-kit = runtimeOnly "p11-kit" [ "libp11-kit0" ] [ final.libffi ] { assembled = withoutHostModules; };
  libtasn1 = runtimeOnly "libtasn1" [ "libtasn1-6" ] [ ] { };
  gnutls = runtimeOnly "gnutls" [ "libgnutls30" ] [ final.nettle final.p11-kit final.libtasn1 final.libidn2 final.libunistring final.gmp ] { };
  rtmpdump = runtimeOnly "rtmpdump" [ "librtmp1" ] [ final.gnutls final.nettle final.zlib final.gmp ] { };
  curl = library "curl" [ "libcurl4" "libcurl4-openssl-dev" "curl" ] [
    final.nghttp2 final.libidn2 final.rtmpdump final.libssh2 final.libpsl final.libkrb5 final.openldap final.brotli final.zstd final.zlib final.openssl
  ] { };
  curl-gnutls = runtimeOnly "curl-gnutls" [ "libcurl3-gnutls" ] [
    final.nghttp2 final.libidn2 final.rtmpdump final.libssh2 final.libpsl final.libkrb5 final.openldap final.brotli final.zstd final.zlib final.gnutls final.nettle
  ] { };
  icu = runtimeOnly "icu" [ "libicu72" ] [ final.gcc-lib ] { };
  libxml2 = library "libxml2" [ "libxml2" "libxml2-dev" "libxml2-utils" ] [ final.icu final.xz final.zlib ] { propagate = [ final.zlib ]; };
  libxslt = library "libxslt" [ "libxslt1.1" "libxslt1-dev" ] [ final.libxml2 final.libgcrypt ] { propagate = [ final.libxml2 ]; };
  libssh = library "libssh" [ "libssh-4" "libssh-dev" ] [ final.openssl final.zlib final.libkrb5 ] { };
  libsodium = library "libsodium" [ "libsodium23" "libsodium-dev" ] [ ] { };
  libyaml = library "libyaml" [ "libyaml-0-2" "libyaml-dev" ] [ ] { };
  libev = runtimeOnly "libev" [ "libev4" ] [ ] { };
  libpq = library "libpq" [ "libpq5" "libpq-dev" ] [ final.openssl final.libkrb5 final.openldap ] { };
  libmysqlclient = library "mariadb-connector-c" [ "libmariadb3" "libmariadb-dev" ] [ final.openssl final.zstd final.zlib final.libkrb5 ] { };
  file-lib = library "libmagic" [ "libmagic1" "libmagic-mgc" "libmagic-dev" ] [ final.bzip2 final.xz final.zlib ] { };

  # The system's.
  libmount = runtimeOnly "libmount" [ "libmount1" "libblkid1" ] [ final.libselinux ] { };
  libgpg-error = runtimeOnly "libgpg-error" [ "libgpg-error0" ] [ ] { };
  libgcrypt = runtimeOnly "libgcrypt" [ "libgcrypt20" ] [ final.libgpg-error ] { };
  systemd = library "systemd" [ "libsystemd0" "libsystemd-dev" "libudev1" "libudev-dev" ] [ final.libcap final.libgcrypt final.lz4 final.xz final.zstd ] {
    meta.description = "systemd's libraries, libsystemd and libudev";
  };
  util-linux = library "util-linux" [ "util-linux" "util-linux-extra" "libuuid1" "uuid-dev" "libblkid1" "libblkid-dev" "libmount1" "libmount-dev" "libsmartcols1" "libfdisk1" ] [
    final.ncurses final.readline final.libselinux final.libcap_ng final.systemd final.libxcrypt final.audit final.zlib
  ] {
    version = "2.38.1";
    # These need PAM or audit, and rights that nobody in the store has.
    assembled = "rm -f $out/bin/{su,runuser,login,sulogin,newgrp,chsh,chfn} $out/lib/systemd -r; rm -rf $out/etc";
  };

  # Pictures and fonts.
  libjpeg = library "libjpeg-turbo" [ "libjpeg62-turbo" "libjpeg62-turbo-dev" ] [ ] { };
  libpng = library "libpng" [ "libpng16-16" "libpng-dev" ] [ final.zlib ] { propagate = [ final.zlib ]; };
  libdeflate = runtimeOnly "libdeflate" [ "libdeflate0" ] [ ] { };
  libwebp = runtimeOnly "libwebp" [ "libwebp7" ] [ ] { };
  libtiff = runtimeOnly "libtiff" [ "libtiff6" "libjbig0" "liblerc4" ] [ final.libdeflate final.libwebp final.libjpeg final.xz final.zstd final.zlib final.gcc-lib ] { };
  freetype = library "freetype" [ "libfreetype6" "libfreetype-dev" ] [ final.zlib final.libpng final.brotli ] { propagate = [ final.zlib final.libpng ]; };
  fontconfig = library "fontconfig" [ "libfontconfig1" "libfontconfig-dev" "fontconfig-config" "fontconfig" ] [ final.freetype final.expat ] {
    propagate = [ final.freetype final.expat ];
    # Its own configuration is /etc/fonts on every machine that has fonts.
    keepShare = true;
  };
  dejavu_fonts = runtimeOnly "dejavu-fonts" [ "fonts-dejavu-core" ] [ ] { };
  openblas = library "openblas" [ "libopenblas0-pthread" "libopenblas-pthread-dev" ] [ final.gfortran-lib final.gcc-lib ] {
    assembled = "cp -a $out/lib/openblas-pthread/*.so* $out/lib/ && rm -rf $out/lib/openblas-pthread; cp -a $out/include/openblas-pthread/. $out/include/ && rm -rf $out/include/openblas-pthread";
  };
  tzdata = runtimeOnly "tzdata" [ "tzdata" ] [ ] { };
  iso-codes = throw "iso-codes is not in the bundled package set";

  # X11 and OpenGL. What draws on the machine's own hardware is the machine's.
  libbsd = runtimeOnly "libbsd" [ "libbsd0" "libmd0" ] [ ] { };
  libglvnd = runtimeOnly "libglvnd" [ "libglvnd0" "libgl1" "libglx0" "libegl1" "libopengl0" "libgles2" ] [ final.xorg.libX11 ] { };
  libGL = final.libglvnd;
  libdrm = runtimeOnly "libdrm" [ "libdrm2" ] [ ] { };
  libxkbcommon = runtimeOnly "libxkbcommon" [ "libxkbcommon0" "xkb-data" ] [ ] { };
  wayland = runtimeOnly "wayland" [ "libwayland-client0" "libwayland-cursor0" "libwayland-egl1" ] [ final.libffi ] { };
  libepoxy = runtimeOnly "libepoxy" [ "libepoxy0" ] [ ] { };
  xorg =
    let
      x = pname: debs: deps: runtimeOnly pname debs deps { };
      xDev = pname: debs: deps: propagate: library pname debs deps { inherit propagate; };
      inherit (final) xorg;
    in
    {
      xorgproto = seedPackage { pname = "xorgproto"; debs = [ "x11proto-dev" "xtrans-dev" ]; };
      libXau = xDev "libXau" [ "libxau6" "libxau-dev" ] [ ] [ xorg.xorgproto ];
      libXdmcp = xDev "libXdmcp" [ "libxdmcp6" "libxdmcp-dev" ] [ final.libbsd ] [ xorg.xorgproto ];
      libxcb = xDev "libxcb" [ "libxcb1" "libxcb1-dev" "libxcb-render0" "libxcb-shm0" "libxcb-dri2-0" "libxcb-dri3-0" ] [ xorg.libXau xorg.libXdmcp ] [ xorg.libXau xorg.libXdmcp ];
      libX11 = xDev "libX11" [ "libx11-6" "libx11-dev" "libx11-xcb1" ] [ xorg.libxcb ] [ xorg.libxcb xorg.xorgproto ];
      libXext = xDev "libXext" [ "libxext6" "libxext-dev" ] [ xorg.libX11 ] [ xorg.libX11 ];
      libXrender = xDev "libXrender" [ "libxrender1" "libxrender-dev" ] [ xorg.libX11 ] [ xorg.libX11 ];
      libICE = xDev "libICE" [ "libice6" "libice-dev" ] [ final.libbsd ] [ xorg.xorgproto ];
      libSM = xDev "libSM" [ "libsm6" "libsm-dev" ] [ xorg.libICE final.libuuid ] [ xorg.libICE ];
      libXft = x "libXft" [ "libxft2" ] [ xorg.libX11 xorg.libXrender final.freetype final.fontconfig ];
      libXScrnSaver = x "libXScrnSaver" [ "libxss1" ] [ xorg.libX11 xorg.libXext ];
      libXfixes = x "libXfixes" [ "libxfixes3" ] [ xorg.libX11 ];
      libXi = x "libXi" [ "libxi6" ] [ xorg.libX11 xorg.libXext ];
      libXrandr = x "libXrandr" [ "libxrandr2" ] [ xorg.libX11 xorg.libXext xorg.libXrender ];
      libXcursor = x "libXcursor" [ "libxcursor1" ] [ xorg.libX11 xorg.libXrender xorg.libXfixes ];
      libXinerama = x "libXinerama" [ "libxinerama1" ] [ xorg.libX11 xorg.libXext ];
      libXdamage = x "libXdamage" [ "libxdamage1" ] [ xorg.libX11 ];
      libXcomposite = x "libXcomposite" [ "libxcomposite1" ] [ xorg.libX11 ];
      libXtst = x "libXtst" [ "libxtst6" ] [ xorg.libX11 xorg.libXext xorg.libXi ];
    };
  inherit (final.xorg) libX11 libXext libXrender libICE libSM libxcb;

  # Tcl and Tk find their scripts through variables, which python's tkinter sets.
  tcl = library "tcl" [ "libtcl8.6" "tcl8.6" "tcl8.6-dev" ] [ final.zlib ] { keepShare = true; passthru.release = "8.6"; };
  tk = library "tk" [ "libtk8.6" "tk8.6" "tk8.6-dev" ] [ final.tcl final.xorg.libX11 final.xorg.libXft final.xorg.libXScrnSaver final.xorg.libXext final.freetype final.fontconfig ] {
    propagate = [ final.tcl final.xorg.libX11 ];
    keepShare = true;
  };

  # glib and what stands on it.
  glib = library "glib" [ "libglib2.0-0" "libglib2.0-dev" "libglib2.0-bin" ] [ final.libffi final.pcre2 final.zlib final.libmount final.libselinux ] {
    # gresource is the one program that needs libelf.
    assembled = ''
      rm -f "$out/bin/gresource"
      ${withoutHostModules}
    '';
    propagate = [ final.zlib final.libffi final.pcre2 ];
  };

  # Introspection data of glib and cairo lies with the libraries here, that of the others in gtk3.
  gobject-introspection = library "gobject-introspection" [ "libgirepository-1.0-1" "libgirepository1.0-dev" "gir1.2-glib-2.0" "gir1.2-freedesktop" ] [ final.glib final.libffi ] {
    propagate = [ final.glib final.libffi ];
    patched = girHook;
  };
  pixman = library "pixman" [ "libpixman-1-0" "libpixman-1-dev" ] [ ] { };
  cairo = library "cairo" [ "libcairo2" "libcairo2-dev" "libcairo-gobject2" ] [
    final.glib final.freetype final.fontconfig final.libpng final.pixman final.zlib final.xorg.libX11 final.xorg.libXext final.xorg.libXrender final.xorg.libxcb
  ] { propagate = [ final.glib final.freetype final.fontconfig final.libpng final.pixman final.xorg.libX11 final.xorg.libXext final.xorg.libXrender ]; };
  fribidi = runtimeOnly "fribidi" [ "libfribidi0" ] [ ] { };
  libthai = runtimeOnly "libthai" [ "libthai0" "libdatrie1" ] [ ] { };
  graphite2 = runtimeOnly "graphite2" [ "libgraphite2-3" ] [ final.gcc-lib ] { };
  harfbuzz = runtimeOnly "harfbuzz" [ "libharfbuzz0b" "gir1.2-harfbuzz-0.0" ] [ final.glib final.freetype final.graphite2 ] { patched = girHook; };
  pango = runtimeOnly "pango" [ "libpango-1.0-0" "libpangocairo-1.0-0" "libpangoft2-1.0-0" "libpangoxft-1.0-0" "gir1.2-pango-1.0" ] [
    final.glib final.harfbuzz final.fribidi final.libthai final.freetype final.fontconfig final.cairo final.xorg.libXft final.xorg.libXrender final.xorg.libX11
  ] { patched = girHook; };
  gdk-pixbuf = runtimeOnly "gdk-pixbuf" [ "libgdk-pixbuf-2.0-0" "libgdk-pixbuf2.0-common" "gir1.2-gdkpixbuf-2.0" ] [ final.glib final.libpng final.libjpeg final.libtiff final.shared-mime-info ] {
    assembled = withoutHostModules;
    # Where the loaders are is told by a variable, in the setup hook.
    patched = ''
      ${girHook}
      query=$(find "$out" -name gdk-pixbuf-query-loaders -type f | head -n 1)
      if [ -n "$query" ]; then
        "$query" "$out"/lib/gdk-pixbuf-2.0/2.10.0/loaders/*.so > "$out/lib/gdk-pixbuf-2.0/2.10.0/loaders.cache"
        echo "export GDK_PIXBUF_MODULE_FILE=\''${GDK_PIXBUF_MODULE_FILE:-$out/lib/gdk-pixbuf-2.0/2.10.0/loaders.cache}" >> "$out/nix-support/setup-hook"
      fi
    '';
  };
  at-spi2-core = runtimeOnly "at-spi2-core" [ "libatk1.0-0" "libatk-bridge2.0-0" "libatspi2.0-0" "gir1.2-atk-1.0" ] [ final.glib final.dbus final.xorg.libX11 final.xorg.libXi ] { patched = girHook; };
  atk = final.at-spi2-core;
  dbus = runtimeOnly "dbus" [ "libdbus-1-3" ] [ final.systemd ] { };
  lcms2 = runtimeOnly "lcms2" [ "liblcms2-2" ] [ ] { };
  colord = runtimeOnly "colord" [ "libcolord2" ] [ final.glib final.lcms2 final.systemd ] { };
  avahi = runtimeOnly "avahi" [ "libavahi-common3" "libavahi-client3" ] [ final.dbus ] { };
  cups = runtimeOnly "cups" [ "libcups2" ] [ final.avahi final.gnutls final.libkrb5 final.zlib ] { };
  shared-mime-info = runtimeOnly "shared-mime-info" [ "shared-mime-info" ] [ final.glib final.libxml2 ] { };
  hicolor-icon-theme = runtimeOnly "hicolor-icon-theme" [ "hicolor-icon-theme" ] [ ] { };
  adwaita-icon-theme = runtimeOnly "adwaita-icon-theme" [ "adwaita-icon-theme" ] [ ] { };
  gsettings-desktop-schemas = runtimeOnly "gsettings-desktop-schemas" [ "gsettings-desktop-schemas" ] [ final.glib ] { patched = compileSchemas + girHook; };
  librsvg = runtimeOnly "librsvg" [ "librsvg2-2" "librsvg2-common" ] [ final.cairo final.gdk-pixbuf final.glib final.pango final.libxml2 final.harfbuzz final.freetype final.fontconfig final.gcc-lib ] { };
  gtk3 = runtimeOnly "gtk3" [ "libgtk-3-0" "libgtk-3-common" "libgtk-3-bin" "gir1.2-gtk-3.0" ] [
    final.glib final.gdk-pixbuf final.pango final.cairo final.at-spi2-core final.harfbuzz final.fribidi final.libepoxy final.colord final.cups
    final.fontconfig final.freetype final.wayland final.libxkbcommon final.xorg.libX11 final.xorg.libXi final.xorg.libXrandr final.xorg.libXcursor
    final.xorg.libXfixes final.xorg.libXinerama final.xorg.libXdamage final.xorg.libXcomposite final.xorg.libXext
  ] {
    assembled = withoutHostModules;
    patched = compileSchemas + girHook;
    propagate = [ final.glib final.gdk-pixbuf final.pango final.cairo final.at-spi2-core final.harfbuzz ];
  };

  # soname → package, for what the manylinux policies (PEP 600) let a wheel expect from the system.
  manylinuxLibraries =
    let
      of = package: names: map (name: { inherit name; value = package; }) names;
    in
    builtins.listToAttrs (
      of final.glibc [ "libc.so.6" "libm.so.6" "libmvec.so.1" "libdl.so.2" "librt.so.1" "libpthread.so.0" "libutil.so.1" "libresolv.so.2" "libnsl.so.1" "libanl.so.1" "ld-linux-x86-64.so.2" "libgcc_s.so.1" ]
      ++ of final.gcc-lib [ "libstdc++.so.6" "libatomic.so.1" "libgomp.so.1" "libquadmath.so.0" ]
      ++ of final.zlib [ "libz.so.1" ]
      ++ of final.expat [ "libexpat.so.1" ]
      ++ of final.libxcrypt [ "libcrypt.so.1" ]
      ++ of final.glib [ "libglib-2.0.so.0" "libgobject-2.0.so.0" "libgthread-2.0.so.0" ]
      ++ of final.libglvnd [ "libGL.so.1" "libEGL.so.1" "libGLX.so.0" "libOpenGL.so.0" ]
      ++ of final.xorg.libX11 [ "libX11.so.6" ]
      ++ of final.xorg.libXext [ "libXext.so.6" ]
      ++ of final.xorg.libXrender [ "libXrender.so.1" ]
      ++ of final.xorg.libICE [ "libICE.so.6" ]
      ++ of final.xorg.libSM [ "libSM.so.6" ]
    );
}
