/*
  Builders for small things: a command's output, a text, a script, a tree of links.
*/
final:
let
  lib = import ../lib;
  inherit (final) stdenv stdenvNoCC;
  # Nothing of the C compiler is needed to write a file.
  runCommandWith =
    {
      stdenv ? stdenvNoCC,
      runLocal ? false,
      derivationArgs ? { },
      name,
    }:
    buildCommand:
    stdenv.mkDerivation (
      {
        enableParallelBuilding = true;
        inherit buildCommand name;
        passAsFile = [ "buildCommand" ] ++ (derivationArgs.passAsFile or [ ]);
      }
      // lib.optionalAttrs (!derivationArgs ? meta) {
        pos =
          let
            names = builtins.attrNames derivationArgs;
          in
          if names == [ ] then null else builtins.unsafeGetAttrPos (builtins.head names) derivationArgs;
      }
      // lib.optionalAttrs runLocal {
        preferLocalBuild = true;
        allowSubstitutes = false;
      }
      // removeAttrs derivationArgs [ "passAsFile" ]
    );
  local = {
    preferLocalBuild = true;
    allowSubstitutes = false;
  };
  # The name of a file, which may be in the store already.
  nameOf =
    file:
    let
      base = builtins.unsafeDiscardStringContext (builtins.baseNameOf (toString file));
      inStore = builtins.match "[0-9a-z]{32}-(.*)" base;
    in
    if builtins.isAttrs file && file ? name then file.name else if inStore == null then base else builtins.head inStore;

  writeTextFile =
    {
      name,
      text,
      executable ? false,
      destination ? "",
      checkPhase ? "",
      meta ? { },
      passthru ? { },
      allowSubstitutes ? false,
      preferLocalBuild ? true,
      derivationArgs ? { },
      pos ? null,
    }:
    assert lib.assertMsg (destination != "" -> lib.hasPrefix "/" destination) ''
      destination must be an absolute path, relative to the derivation's out path: got '${destination}' instead.
    '';
    let
      inherit (lib) optionalAttrs optionalString;
      matches = builtins.match "/bin/([^/]+)" destination;
    in
    runCommandWith
      {
        inherit name;
        derivationArgs = {
          inherit
            text
            executable
            checkPhase
            allowSubstitutes
            preferLocalBuild
            destination
            ;
          passAsFile = [ "text" ] ++ (derivationArgs.passAsFile or [ ]);
          meta = optionalAttrs (executable && matches != null) { mainProgram = lib.head matches; } // meta // derivationArgs.meta or { };
          passthru = passthru // derivationArgs.passthru or { };
        }
        // removeAttrs derivationArgs [
          "passAsFile"
          "meta"
          "passthru"
        ];
      }
      ''
        target=$out$destination
        mkdir -p "''${target%/*}"
        if [ -e "$textPath" ]; then mv "$textPath" "$target"; else echo -n "$text" > "$target"; fi
        if [ -n "$executable" ]; then chmod +x "$target"; fi
        eval "$checkPhase"
      '';

  # The two forms of writeScript and friends: name and text.
  writeShellApplication =
    {
      name,
      text,
      runtimeInputs ? [ ],
      runtimeEnv ? null,
      meta ? { },
      passthru ? { },
      checkPhase ? null,
      excludeShellChecks ? [ ],
      extraShellCheckFlags ? [ ],
      bashOptions ? [
        "errexit"
        "nounset"
        "pipefail"
      ],
      derivationArgs ? { },
      inheritPath ? true,
    }:
    writeTextFile {
      inherit name passthru derivationArgs;
      meta = { mainProgram = name; } // meta;
      executable = true;
      destination = "/bin/${name}";
      allowSubstitutes = true;
      preferLocalBuild = false;
      text =
        ''
          #!${final.runtimeShell}
          ${lib.concatMapStringsSep "\n" (option: "set -o ${option}") bashOptions}
        ''
        + lib.optionalString (runtimeEnv != null) (
          lib.concatStrings (
            lib.mapAttrsToList (variable: value: ''
              ${lib.toShellVar variable value}
              export ${variable}
            '') runtimeEnv
          )
        )
        + lib.optionalString (runtimeInputs != [ ]) ''

          export PATH="${lib.makeBinPath runtimeInputs}${lib.optionalString inheritPath ":$PATH"}"
        ''
        + ''

          ${text}
        '';
      checkPhase = if checkPhase == null then "${final.runtimeShell} -n \"$target\"\n" else checkPhase;
    };

  symlinkJoin =
    {
      name ?
        if args_ ? pname && args_ ? version then
          "${args_.pname}-${args_.version}"
        else
          throw "symlinkJoin requires either a `name` OR `pname` and `version`",
      paths ? [ ],
      stripPrefix ? "",
      preferLocalBuild ? true,
      allowSubstitutes ? false,
      postBuild ? "",
      failOnMissing ? stripPrefix == "",
      ...
    }@args_:
    assert lib.assertMsg (stripPrefix != "" -> (lib.hasPrefix "/" stripPrefix && stripPrefix != "/")) ''
      stripPrefix must be either an empty string (disable stripping behavior), or relative path prefixed with /.

      Ensure that the path starts with / and specifies path to the subdirectory.
    '';
    let
      args =
        removeAttrs args_ [
          "name"
          "postBuild"
          "stripPrefix"
          "paths"
          "failOnMissing"
        ]
        // {
          inherit preferLocalBuild allowSubstitutes;
          paths = map (path: "${path}${stripPrefix}") (mapPaths (lib.flatten paths));
          passAsFile = [ "paths" ];
        };
      # A package stands for the outputs that installing it would give.
      mapPaths = lib.concatMap (
        path: if builtins.isAttrs path && path ? meta.outputsToInstall && !(path.outputSpecified or false) then map (output: path.${output}) path.meta.outputsToInstall else [ path ]
      );
    in
    final.runCommand name args ''
      mkdir -p $out
      link() { # FROM TO: one directory over another
        local entry name
        for entry in "$1"/* "$1"/.[!.]*; do
          [ -e "$entry" ] || [ -L "$entry" ] || continue
          name=''${entry##*/}
          if [ -d "$entry" ] && [ ! -L "$2/$name" ] && [ -d "$2/$name" ]; then
            link "$entry" "$2/$name"
          elif [ -d "$entry" ] && [ -L "$2/$name" ] && [ -d "$2/$name" ]; then
            local former
            former=$(readlink -f "$2/$name")
            rm "$2/$name"
            mkdir "$2/$name"
            link "$former" "$2/$name"
            link "$entry" "$2/$name"
          elif [ ! -e "$2/$name" ] && [ ! -L "$2/$name" ]; then
            if [ -d "$entry" ] && [ ! -L "$entry" ]; then
              mkdir "$2/$name"
              link "$entry" "$2/$name"
            else
              ln -s "$entry" "$2/$name"
            fi
          fi
        done
      }
      for path in $(cat "$pathsPath"); do
        if [ -d "$path" ]; then
          link "$path" "$out"
        elif [ -n "${lib.optionalString failOnMissing "1"}" ]; then
          echo "symlinkJoin: $path is missing or no directory" >&2
          exit 1
        fi
      done
      ${postBuild}
    '';
in
{
  inherit
    runCommandWith
    writeTextFile
    writeShellApplication
    symlinkJoin
    ;
  runtimeShell = "${final.bash}/bin/bash";
  runtimeShellPackage = final.bash;

  runCommand =
    name: env:
    runCommandWith {
      inherit name;
      stdenv = stdenvNoCC;
      runLocal = false;
      derivationArgs = env;
    };
  runCommandLocal =
    name: env:
    runCommandWith {
      inherit name;
      stdenv = stdenvNoCC;
      runLocal = true;
      derivationArgs = env;
    };
  runCommandCC =
    name: env:
    runCommandWith {
      inherit name stdenv;
      runLocal = false;
      derivationArgs = env;
    };
  runCommandNoCC = final.runCommand;
  runCommandNoCCLocal = final.runCommandLocal;

  writeText = name: text: writeTextFile { inherit name text; };
  writeTextDir =
    path: text:
    writeTextFile {
      inherit text;
      name = builtins.baseNameOf path;
      destination = "/${path}";
    };
  writeScript =
    name: text:
    writeTextFile {
      inherit name text;
      executable = true;
    };
  writeScriptBin =
    name: text:
    writeTextFile {
      inherit name text;
      executable = true;
      destination = "/bin/${name}";
    };
  writeShellScript =
    name: text:
    writeTextFile {
      inherit name;
      executable = true;
      text = ''
        #!${final.runtimeShell}
        ${text}
      '';
      checkPhase = ''
        ${final.runtimeShell} -n "$target"
      '';
    };
  writeShellScriptBin =
    name: text:
    writeTextFile {
      inherit name;
      executable = true;
      destination = "/bin/${name}";
      text = ''
        #!${final.runtimeShell}
        ${text}
      '';
      checkPhase = ''
        ${final.runtimeShell} -n "$target"
      '';
      meta.mainProgram = name;
    };
  concatTextFile =
    {
      name,
      files,
      executable ? false,
      destination ? "",
      checkPhase ? "",
      meta ? { },
      passthru ? { },
    }:
    final.runCommandLocal name
      {
        inherit
          files
          executable
          checkPhase
          meta
          passthru
          destination
          ;
      }
      ''
        file=$out$destination
        mkdir -p "''${file%/*}"
        cat $files > "$file"
        if [ -n "$executable" ]; then chmod +x "$file"; fi
        eval "$checkPhase"
      '';
  concatText = name: files: final.concatTextFile { inherit name files; };
  concatScript =
    name: files:
    final.concatTextFile {
      inherit name files;
      executable = true;
    };
  writeStringReferencesToFile =
    text: final.writeText "string-references" (lib.concatLines (builtins.attrNames (builtins.getContext text)));
  writeClosure =
    paths:
    final.runCommandLocal "closure-paths"
      {
        exportReferencesGraph = lib.concatLists (lib.imap0 (index: path: [ "graph-${toString index}" path ]) paths);
      }
      ''
        cat graph-* | grep "^$NIX_STORE/" | sort -u > $out
      '';
  writeReferencesToFile = path: final.writeClosure [ path ];

  linkFarm =
    name: entries:
    let
      pairs =
        if builtins.isAttrs entries then
          lib.mapAttrsToList lib.nameValuePair entries
        else
          map (entry: lib.nameValuePair entry.name entry.path) entries;
      # The last of two entries of one name wins.
      unique = lib.listToAttrs pairs;
    in
    final.runCommand name
      (
        local
        // {
          commands = lib.concatStrings (
            lib.mapAttrsToList (
              entry: path:
              "mkdir -p -- ${lib.escapeShellArg (builtins.dirOf entry)}\nln -s -- ${lib.escapeShellArg "${path}"} ${lib.escapeShellArg entry}\n"
            ) unique
          );
          passAsFile = [ "commands" ];
          passthru.entries = unique;
        }
      )
      ''
        mkdir -p $out
        cd $out
        source "$commandsPath"
      '';
  linkFarmFromDrvs =
    name: drvs:
    final.linkFarm name (
      map (drv: {
        name = drv.name;
        path = drv;
      }) drvs
    );
  onlyBin =
    drv:
    final.runCommand "${drv.name}-only-bin" { } ''
      mkdir -p $out
      ln -s ${lib.getBin drv}/bin $out/bin
    '';

  makeSetupHook =
    {
      name ? throw "makeSetupHook: `name` is missing",
      deps ? [ ],
      propagatedBuildInputs ? [ ],
      propagatedNativeBuildInputs ? [ ],
      depsTargetTargetPropagated ? [ ],
      meta ? { },
      passthru ? { },
      substitutions ? { },
    }:
    script:
    final.runCommand name
      (
        substitutions
        // {
          inherit meta passthru;
          strictDeps = true;
          propagatedBuildInputs = propagatedBuildInputs;
          propagatedNativeBuildInputs = deps ++ propagatedNativeBuildInputs;
          __hookSubstitutions = builtins.attrNames substitutions;
        }
      )
      ''
        mkdir -p $out/nix-support
        cp ${script} $out/nix-support/setup-hook
        chmod +w $out/nix-support/setup-hook
        arguments=()
        for name in $__hookSubstitutions; do arguments+=(--subst-var "$name"); done
        if [ ''${#arguments[@]} -gt 0 ]; then substituteInPlace $out/nix-support/setup-hook "''${arguments[@]}"; fi
        # What a hook brings along is for building, whether it was asked for here or there.
        if [ -n "$propagatedNativeBuildInputs$propagatedBuildInputs" ]; then
          echo -n "$propagatedNativeBuildInputs $propagatedBuildInputs" > $out/nix-support/propagated-build-inputs
        fi
      '';

  substituteAll =
    arguments:
    stdenvNoCC.mkDerivation (
      {
        name = arguments.name or (nameOf arguments.src);
        buildCommand = ''
          substituteAll "$src" "$out"
          if [ -n "''${isExecutable-}" ]; then chmod +x "$out"; fi
          if [ -n "''${dir-}" ]; then
            mv "$out" file
            mkdir -p "$out/$dir"
            mv file "$out/$dir/$name"
            if [ -n "''${isExecutable-}" ]; then chmod +x "$out/$dir/$name"; fi
          fi
          eval "''${postInstall-}"
        '';
        preferLocalBuild = true;
        allowSubstitutes = false;
      }
      // removeAttrs arguments [ "name" ]
    );
  substituteAllFiles =
    arguments:
    stdenvNoCC.mkDerivation (
      {
        name = "substitute-all-files";
        buildCommand = ''
          for file in $files; do
            mkdir -p "$out/$(dirname "$file")"
            substituteAll "$src/$file" "$out/$file"
          done
        '';
      }
      // arguments
    );
  substitute =
    arguments:
    stdenvNoCC.mkDerivation (
      {
        name = arguments.name or (nameOf arguments.src);
        __substitutions = toString (arguments.replacements or [ ]);
        substitutionsList = arguments.substitutions or [ ];
        __structuredAttrs = true;
        buildCommand = ''
          declare -a words=("''${substitutionsList[@]}")
          if [ ''${#words[@]} -eq 0 ]; then words=($__substitutions); fi
          substitute "$src" "$out" "''${words[@]}"
          if [ -n "''${isExecutable-}" ]; then chmod +x "$out"; fi
        '';
      }
      // removeAttrs arguments [
        "name"
        "replacements"
        "substitutions"
      ]
    );
  # Every given name must occur in the file as @name@, and none may be left over.
  replaceVarsWith =
    {
      src,
      replacements,
      dir ? null,
      isExecutable ? false,
      name ? nameOf src,
      ...
    }@arguments:
    let
      values = lib.filterAttrs (_: value: value != null) replacements;
      kept = builtins.attrNames (lib.filterAttrs (_: value: value == null) replacements);
    in
    stdenvNoCC.mkDerivation (
      {
        inherit name src;
        buildCommand = ''
          file=$NIX_BUILD_TOP/file
          substitute "$src" "$file" ${
            lib.concatStringsSep " " (lib.mapAttrsToList (variable: value: "--replace-fail ${lib.escapeShellArg "@${variable}@"} ${lib.escapeShellArg "${value}"}") values)
          }
          if grep -oE '@[a-zA-Z_][0-9A-Za-z_-]*@' "$file" ${lib.concatMapStringsSep " " (variable: "| grep -v -x -F ${lib.escapeShellArg "@${variable}@"}") kept} > left; then
            echo "replaceVars: these are in ${name} and have no replacement: $(sort -u left | tr '\n' ' ')" >&2
            exit 1
          fi
          target=$out${lib.optionalString (dir != null) "/${dir}/${name}"}
          mkdir -p "''${target%/*}"
          cp "$file" "$target"
          ${lib.optionalString isExecutable ''chmod +x "$target"''}
          eval "''${postInstall-}"
        '';
        preferLocalBuild = true;
        allowSubstitutes = false;
      }
      // removeAttrs arguments [
        "src"
        "name"
        "replacements"
        "dir"
        "isExecutable"
      ]
    );
  replaceVars = src: replacements: final.replaceVarsWith { inherit src replacements; };
  replaceDependency = _: throw "replaceDependency is not in the bundled package set; use overlays or override instead";
  copyPathToStore = path: builtins.path { inherit path; };
  copyPathsToStore = map (path: builtins.path { inherit path; });
  applyPatches =
    {
      src,
      name ? "${nameOf src}-patched",
      patches ? [ ],
      prePatch ? "",
      postPatch ? "",
      ...
    }@arguments:
    stdenvNoCC.mkDerivation (
      {
        inherit
          name
          src
          patches
          prePatch
          postPatch
          ;
        preferLocalBuild = true;
        allowSubstitutes = false;
        phases = "unpackPhase patchPhase installPhase";
        installPhase = "cp -R ./ $out";
      }
      // removeAttrs arguments [
        "src"
        "name"
      ]
    );
  srcOnly =
    arguments:
    let
      attributes = if arguments ? drvAttrs then arguments.drvAttrs // { inherit (arguments) name; } else arguments;
    in
    stdenvNoCC.mkDerivation {
      name = "${attributes.name or attributes.pname}-source";
      inherit (attributes) src;
      patches = attributes.patches or [ ];
      phases = "unpackPhase patchPhase installPhase";
      installPhase = "cp -R ./ $out";
    };
  emptyFile = final.runCommand "empty-file" (local // { outputHash = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="; outputHashAlgo = "sha256"; outputHashMode = "flat"; }) "touch $out";
  emptyDirectory = final.runCommand "empty-directory" (
    local
    // {
      outputHashAlgo = "sha256";
      outputHashMode = "recursive";
      outputHash = "0sjjj9z1dhilhpc8pq4154czrb79z9cm044jvn75kxcjv6v5l2m5";
    }
  ) "mkdir $out";
  testers = {
    testEqualContents =
      {
        assertion,
        actual,
        expected,
        ...
      }:
      final.runCommand "equal-contents-${lib.strings.toLower (lib.strings.sanitizeDerivationName assertion)}" { inherit actual expected; } ''
        if ! diff -U5 -r "$actual" "$expected"; then echo "not equal: ${assertion}" >&2; exit 1; fi
        mkdir -p $out
      '';
  };
  requireFile =
    {
      name ? null,
      sha256 ? null,
      sha1 ? null,
      hash ? null,
      url ? null,
      message ? null,
      hashMode ? "flat",
    }:
    let
      name' = if name == null then builtins.baseNameOf (toString url) else name;
      text =
        if message != null then
          message
        else
          "Unfortunately, we cannot download file ${name'} automatically.\nPlease go to ${url} to download it yourself, and add it to the store with\n  bruma store add-file ${name'}\n";
    in
    derivation {
      name = name';
      inherit (final) system;
      builder = "${final.bash}/bin/bash";
      args = [
        "-c"
        "printf '%s\\n' \"$message\" >&2; exit 1"
      ];
      message = text;
      outputHashMode = hashMode;
      outputHashAlgo = if hash != null then null else if sha256 != null then "sha256" else "sha1";
      outputHash = if hash != null then hash else if sha256 != null then sha256 else sha1;
      preferLocalBuild = true;
    };
}
