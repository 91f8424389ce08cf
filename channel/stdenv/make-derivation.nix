/*
  `stdenv.mkDerivation`: attributes, or a function of the final attributes, → a derivation built by `setup.sh`.

  The attributes that reach the derivation are the given ones less those that only describe; lists of dependencies are
  flattened to paths of their dev outputs. See nixpkgs' manual, "Using stdenv", for what each means.
*/
{
  lib,
  stdenv,
  config,
  bash,
}:
let
  inherit (lib) concatMap isFunction optionalAttrs;
  inherit (builtins)
    isAttrs
    isBool
    isInt
    isList
    isPath
    isString
    listToAttrs
    mapAttrs
    removeAttrs
    typeOf
    ;

  dependencyNames = [
    "depsBuildBuild"
    "nativeBuildInputs"
    "depsBuildTarget"
    "depsHostHost"
    "buildInputs"
    "depsTargetTarget"
    "depsBuildBuildPropagated"
    "propagatedNativeBuildInputs"
    "depsBuildTargetPropagated"
    "depsHostHostPropagated"
    "propagatedBuildInputs"
    "depsTargetTargetPropagated"
  ];
  # Attributes for people and for functions, not for builds.
  descriptive = [
    "meta"
    "passthru"
    "pos"
    "checkInputs"
    "installCheckInputs"
    "nativeCheckInputs"
    "nativeInstallCheckInputs"
    "env"
    "__darwinAllowLocalNetworking"
    "__impureHostDeps"
    "__propagatedImpureHostDeps"
    "sandboxProfile"
    "propagatedSandboxProfile"
    "allowedImpureDLLs"
  ];

  # Dependencies may be nested lists, and null for one left out.
  flatten = name: position: dependency:
    if dependency == null then
      [ ]
    else if isList dependency then
      concatMap (flatten name position) dependency
    else if isAttrs dependency then
      # A Python package knows what it needs as data, and has it in no file of its own.
      [ (lib.getDev dependency) ] ++ map lib.getDev (dependency.neededBeside or [ ])
    else if isString dependency || isPath dependency then
      [ dependency ]
    else
      throw "Dependency is not of a valid type: element of ${name} for ${position} is ${
        if isFunction dependency then "a function; did you mean to call it, or forget parentheses around a call in a list?" else "a ${typeOf dependency}"
      }";

  checkedEnv =
    name: env:
    mapAttrs (
      variable: value:
      if isString value || isBool value || isInt value || lib.isDerivation value then
        value
      else
        throw "The `env` attribute set can only contain derivations, strings, booleans or integers. The `${variable}` attribute is of type ${typeOf value} (in ${name})."
    ) env;

  mkDerivation = fnOrAttrs: if isFunction fnOrAttrs then extensible fnOrAttrs else extensible (_: fnOrAttrs);

  extensible =
    rattrs:
    let
      args = rattrs (args // {
        inherit finalPackage;
        inherit overrideAttrs;
      });
      overrideAttrs =
        f0:
        extensible (
          final:
          let
            previous = rattrs final;
            applied = lib.toExtension f0 final previous;
          in
          previous // applied
        );
      finalPackage = simple overrideAttrs args;
    in
    finalPackage;

  simple =
    overrideAttrs: attrs:
    let
      name =
        attrs.name or (
          if attrs ? pname then
            if attrs ? version && attrs.version != null then
              "${attrs.pname}-${attrs.version}"
            else if attrs ? version then
              attrs.pname
            else
              throw "mkDerivation: '${attrs.pname}' has `pname` and no `version`: give it one, or a `name`"
          else
            throw "mkDerivation: neither `name` nor `pname` is given"
        );
      structured = attrs.__structuredAttrs or config.structuredAttrsByDefault or false;
      doCheck = attrs.doCheck or config.doCheckByDefault or false;
      doInstallCheck = attrs.doInstallCheck or config.doCheckByDefault or false;
      outputs = attrs.outputs or [ "out" ];
      position = builtins.unsafeGetAttrPos (if attrs ? pname then "pname" else "name") attrs;

      extra = {
        nativeBuildInputs = lib.optionals doCheck (attrs.nativeCheckInputs or [ ]) ++ lib.optionals doInstallCheck (attrs.nativeInstallCheckInputs or [ ]);
        buildInputs = lib.optionals doCheck (attrs.checkInputs or [ ]) ++ lib.optionals doInstallCheck (attrs.installCheckInputs or [ ]);
      };
      dependencies = listToAttrs (
        map (kind: {
          name = kind;
          value =
            let
              given = attrs.${kind} or [ ];
            in
            flatten kind name (if isList given then given ++ (extra.${kind} or [ ]) else [ given ] ++ (extra.${kind} or [ ]));
        }) dependencyNames
      );

      env = checkedEnv name (attrs.env or { });
      clashing = builtins.filter (variable: attrs ? ${variable}) (builtins.attrNames env);

      derivationArg =
        (removeAttrs attrs descriptive)
        // {
          inherit name;
          builder = attrs.realBuilder or "${bash}/bin/bash";
          args = attrs.args or [
            "-e"
            (attrs.builder or ./default-builder.sh)
          ];
          inherit stdenv;
          system = attrs.system or stdenv.system;
          userHook = config.stdenv.userHook or null;
          __ignoreNulls = true;
          inherit outputs;
          strictDeps = attrs.strictDeps or config.strictDepsByDefault or false;
          inherit doCheck doInstallCheck;
          configureFlags = attrs.configureFlags or [ ];
          cmakeFlags = attrs.cmakeFlags or [ ];
          mesonFlags = attrs.mesonFlags or [ ];
          patches = attrs.patches or [ ];
        }
        // optionalAttrs (attrs.enableParallelBuilding or config.enableParallelBuildingByDefault or false) {
          enableParallelBuilding = true;
          enableParallelChecking = attrs.enableParallelChecking or true;
          enableParallelInstalling = attrs.enableParallelInstalling or true;
        }
        // dependencies
        // (if structured then { inherit env; __structuredAttrs = true; } else env);

      checkedArg =
        if clashing != [ ] && !structured then
          throw "The `env` attribute set cannot contain any attributes passed to derivation. The following attributes are overlapping: ${lib.concatStringsSep ", " clashing} (in ${name})"
        else
          derivationArg;

      meta = {
        inherit name;
        available = true;
        broken = false;
        insecure = false;
        unsupported = false;
        unfree = false;
        outputsToInstall =
          let
            main = if builtins.elem "bin" outputs then "bin" else if builtins.elem "out" outputs then "out" else builtins.head outputs;
          in
          [ main ] ++ lib.optional (builtins.elem "man" outputs) "man";
      }
      // (if position == null then { } else { position = "${position.file}:${toString position.line}"; })
      // (attrs.meta or { });

      refused =
        if meta.broken && !(config.allowBroken or false) then
          throw "Package '${name}' in ${meta.position or "an unknown place"} is marked as broken, refusing to evaluate. Set `config.allowBroken = true` to build it all the same."
        else if lib.any (license: builtins.isAttrs license && !(license.free or true)) (lib.toList (meta.license or [ ])) && !(config.allowUnfree or false) && !((config.allowUnfreePredicate or (_: false)) (attrs // { inherit name; })) then
          throw "Package '${name}' in ${meta.position or "an unknown place"} has an unfree license, refusing to evaluate. Set `config.allowUnfree = true` to build it all the same."
        else if meta ? knownVulnerabilities && meta.knownVulnerabilities != [ ] && !(config.allowInsecure or false) then
          throw "Package '${name}' is marked as insecure: ${lib.concatStringsSep "; " meta.knownVulnerabilities}"
        else
          true;

      # A derivation that builds nothing of its own but has everything that building this one needs: for shells.
      inputDerivation = derivation (
        (removeAttrs derivationArg [
          "allowedReferences"
          "allowedRequisites"
          "disallowedReferences"
          "disallowedRequisites"
          "outputHash"
          "outputHashAlgo"
          "outputHashMode"
          "outputChecks"
          "passAsFile"
          "realBuilder"
          "__structuredAttrs"
          "env"
        ])
        // (if structured then env else { })
        // {
          name = "${name}-inputs";
          outputs = [ "out" ];
          _derivation_original_builder = derivationArg.builder;
          _derivation_original_args = derivationArg.args;
          builder = "${bash}/bin/bash";
          args = [
            "-c"
            "export > $out"
          ];
        }
      );
    in
    lib.extendDerivation refused (
      {
        inherit overrideAttrs inputDerivation meta;
        passthru = attrs.passthru or { };
      }
      // (attrs.passthru or { })
      // optionalAttrs (attrs ? env) { inherit env; }
    ) (derivation checkedArg);
in
{
  inherit mkDerivation;
}
