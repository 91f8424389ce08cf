/*
  `buildFHSEnv`: a shell (or one command) in a file system laid out as distributions do it, for programs that were made
  for one: /usr, /lib64/ld-linux…, /etc from the host where it matters.

  The tree is made of links into the store; bubblewrap puts it in place, without rights and without touching the host.
  Programs of the host's own kind find libraries in /usr/lib, since the dynamic linker here is the one that looks there.
*/
{
  lib,
  pkgs,
  runCommand,
  writeShellScript,
  writeText,
  buildEnv,
  bubblewrap,
  bash,
  coreutils,
  glibc,
}:
lib.makeOverridable (
  {
    name ? "${args.pname}-${args.version}",
    pname ? null,
    version ? null,
    targetPkgs ? (_: [ ]),
    multiPkgs ? (_: [ ]),
    multiArch ? false,
    profile ? "",
    runScript ? "bash",
    extraBuildCommands ? "",
    extraBuildCommandsMulti ? "",
    extraInstallCommands ? "",
    extraOutputsToInstall ? [ ],
    extraBindMounts ? [ ],
    extraBwrapArgs ? [ ],
    extraPreBwrapCmds ? "",
    unshareUser ? false,
    unshareIpc ? false,
    unsharePid ? false,
    unshareNet ? false,
    unshareUts ? false,
    unshareCgroup ? false,
    privateTmp ? false,
    dieWithParent ? true,
    chdirToPwd ? true,
    executableName ? if pname != null then pname else name,
    nativeBuildInputs ? [ ],
    passthru ? { },
    meta ? { },
  }@args:
  let
    base = with pkgs; [
      bash
      coreutils
      findutils
      gnugrep
      gnused
      gawk
      gnutar
      gzip
      bzip2
      xz
      diffutils
      less
      which
      gcc-lib
      glibc
      zlib
      ncurses
      cacert
    ];
    packages = targetPkgs pkgs ++ (if multiPkgs == null then [ ] else multiPkgs pkgs) ++ base;
    usr = buildEnv {
      name = "${name}-usr";
      paths = packages;
      extraOutputsToInstall = [
        "out"
        "lib"
        "bin"
      ]
      ++ extraOutputsToInstall;
      ignoreCollisions = true;
      pathsToLink = [
        "/bin"
        "/lib"
        "/include"
        "/share"
        "/libexec"
        "/etc"
      ];
    };
    profileFile = writeText "profile" ''
      export PS1='${name}-fhs:\w\$ '
      export LOCALE_ARCHIVE=''${LOCALE_ARCHIVE-/usr/lib/locale/locale-archive}
      export PATH=/run/wrappers/bin:/usr/bin:/usr/sbin:$PATH
      export SSL_CERT_FILE=''${SSL_CERT_FILE-/etc/ssl/certs/ca-bundle.crt}
      export PKG_CONFIG_PATH=/usr/lib/pkgconfig
      # A compiler of the store looks where everything is.
      export NIX_CFLAGS_COMPILE='-idirafter /usr/include' NIX_LDFLAGS='-L/usr/lib'
      unset NIX_ENFORCE_PURITY
      ${profile}
    '';
    root =
      runCommand "${name}-fhsenv-rootfs"
        {
          inherit nativeBuildInputs;
          passthru = { inherit usr; };
        }
        ''
          mkdir -p $out/usr/lib $out/etc $out/usr/bin
          cd $out
          for directory in ${usr}/*; do
            name=''${directory##*/}
            case $name in
              etc) ;;
              lib)
                for entry in "$directory"/*; do ln -s "$entry" usr/lib/; done
                ;;
              bin)
                for entry in "$directory"/*; do ln -s "$entry" usr/bin/; done
                ;;
              *) ln -s "$directory" usr/$name ;;
            esac
          done
          # The linker as it was before its search path was taken away.
          rm -f usr/lib/ld-linux-x86-64.so.2
          cp ${pkgs.channelSeeds.libc6}/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 usr/lib/
          ln -s lib usr/lib64
          ln -s bin usr/sbin
          ln -s usr/bin bin
          ln -s usr/bin sbin
          ln -s usr/lib lib
          ln -s usr/lib lib64
          [ ! -d ${usr}/etc ] || cp -rL --no-preserve=mode ${usr}/etc/. etc/
          cp ${profileFile} etc/profile
          ${extraBuildCommands}
          ${extraBuildCommandsMulti}
        '';
    init =
      script:
      writeShellScript "${name}-init" ''
        source /etc/profile
        ${script}
      '';
    flags = lib.concatStringsSep " " (
      lib.optional unshareUser "--unshare-user"
      ++ lib.optional unshareIpc "--unshare-ipc"
      ++ lib.optional unsharePid "--unshare-pid"
      ++ lib.optional unshareNet "--unshare-net"
      ++ lib.optional unshareUts "--unshare-uts"
      ++ lib.optional unshareCgroup "--unshare-cgroup"
      ++ lib.optional dieWithParent "--die-with-parent"
      ++ lib.optional privateTmp "--tmpfs /tmp"
      ++ map (path: if builtins.isAttrs path then "--bind-try ${path.host or path.src} ${path.dest or path.dst}" else "--bind-try ${path} ${path}") extraBindMounts
    );
    # What of the host's /etc programs ask for.
    hostEtc = [
      "passwd" "group" "shadow" "hosts" "resolv.conf" "nsswitch.conf" "localtime" "zoneinfo" "machine-id" "os-release" "sudoers" "fonts"
      "alsa" "asound.conf" "gtk-3.0" "dconf" "profiles" "login.defs" "mtab" "inputrc" "hostname" "services" "protocols"
    ];
    start =
      script:
      writeShellScript "${name}-bwrap" ''
        arguments=(--dev-bind /dev /dev --proc /proc)
        # Everything at the top of the host but what the tree brings itself.
        for entry in /*; do
          case ''${entry##*/} in
            bin | sbin | lib | lib64 | lib32 | libx32 | usr | etc | dev | proc) ;;
            *)
              if [ -L "$entry" ]; then
                arguments+=(--symlink "$(${coreutils}/bin/readlink "$entry")" "$entry")
              elif [ -d "$entry" ]; then
                arguments+=(--bind-try "$entry" "$entry")
              fi
              ;;
          esac
        done
        for entry in ${root}/*; do
          case ''${entry##*/} in
            etc) ;;
            *) if [ -L "$entry" ]; then arguments+=(--symlink "$(${coreutils}/bin/readlink "$entry")" "/''${entry##*/}"); else arguments+=(--ro-bind "$entry" "/''${entry##*/}"); fi ;;
          esac
        done
        arguments+=(--tmpfs /etc)
        for entry in ${root}/etc/*; do arguments+=(--ro-bind "$entry" "/etc/''${entry##*/}"); done
        for entry in ${toString hostEtc}; do
          if [ -e "/etc/$entry" ] && [ ! -e "${root}/etc/$entry" ]; then arguments+=(--ro-bind-try "/etc/$entry" "/etc/$entry"); fi
        done
        if [ -d /etc/ssl ] && [ ! -e ${root}/etc/ssl ]; then arguments+=(--ro-bind-try /etc/ssl /etc/ssl); fi
        ${extraPreBwrapCmds}
        exec ${bubblewrap}/bin/bwrap "''${arguments[@]}" ${flags} ${lib.optionalString chdirToPwd ''--chdir "$PWD"''} ${lib.concatStringsSep " " extraBwrapArgs} ${init script} "$@"
      '';
    command = ''exec ${runScript} "$@"'';
    package =
      runCommand name
        {
          inherit meta;
          preferLocalBuild = true;
          allowSubstitutes = false;
          passthru = passthru // {
            inherit args;
            fhsenv = root;
            env = pkgs.mkShellNoCC {
              name = "${name}-shell-env";
              # Only entering it makes sense: it is a shell of its own.
              shellHook = ''
                exec ${start "exec ${runScript} \"$@\""}
              '';
            };
          };
        }
        ''
          mkdir -p $out/bin
          ln -s ${start command} $out/bin/${executableName}
          ${extraInstallCommands}
        '';
  in
  package
)
