/*
  `buildPythonPackage` and `buildPythonApplication`: a Python package from its source or from a wheel.

  Everything that Python code needs to build or to be tested (`build-system`, `dependencies`, modules among the other
  inputs) is put into one environment, whose interpreter is the `python` of the build; nothing is found through variables. So
  a shell on such a package (`inputsFrom`, `nix develop`) has that environment, too.

  `format` as in nixpkgs: "pyproject" (`pyproject = true`), "setuptools" (what no choice means), "flit", "wheel", "other"
  (`pyproject = false`: phases of your own). A wheel is built by calling the project's backend as PEP 517 says, and
  unpacked by install-wheel.py. Programs in $out/bin run on an environment within the package ($out/.environment).

  Not here: `format = "egg"`, and nixpkgs' `catchConflicts` as a build step: an environment with two versions of one
  project does not evaluate.
*/
{
  pkgs,
  lib,
  python,
  final,
}:
{ application }:
let
  modules = import ./modules.nix { inherit lib python; };
  inherit (modules) hasPythonModule;
  # Attributes that this function understands, and the builder must not see.
  own = [
    "pyproject"
    "format"
    "build-system"
    "dependencies"
    "optional-dependencies"
    "disabled"
    "namePrefix"
    "pythonPath"
    "catchConflicts"
    "dontCheckRuntimeDeps"
    "stdenv"
    "nativeCheckInputs"
    "checkInputs"
    "checkPhase"
    "doCheck"
    "passthru"
    "pythonRelaxDeps"
    "pythonRemoveDeps"
    "pythonNamespaces"
    "pythonImportsCheck"
    "makeWrapperArgs"
    "dontWrapPythonPrograms"
    "meta"
    "enabledTestMarks"
  ];
  checkHook = pkgs.makeSetupHook {
    name = "python-build-hook";
    substitutions = {
      interpreter = python.interpreter;
      sitePackages = python.sitePackages;
      installWheel = "${../install-wheel.py}";
      makeEnvironment = "${../make-environment.py}";
      buildWheel = "${../build-wheel.py}";
      checkMetadata = "${../check-metadata.py}";
      packaging = "${modules.bare final.packaging}/${python.sitePackages}";
    };
  } ./hooks/python-build.sh;

  build =
    given:
    let
      attrs = if lib.isFunction given then lib.fix (self: given (self // { finalPackage = package; })) else given;
      pname = attrs.pname or (lib.getName (attrs.name or (throw "buildPythonPackage: neither `pname` nor `name` is given")));
      fullName = attrs.name or "${pname}-${attrs.version or (throw "buildPythonPackage: ${pname} has no `version`")}";

      format =
        if attrs ? format && attrs.format != null then
          if attrs ? pyproject && attrs.pyproject != null then
            throw "${fullName}: give either `pyproject` or `format`, not both"
          else if builtins.elem attrs.format [ "setuptools" "pyproject" "flit" "wheel" "other" ] then
            attrs.format
          else
            throw "${fullName}: format = \"${attrs.format}\" is not supported; there are \"pyproject\", \"setuptools\", \"flit\", \"wheel\" and \"other\""
        else if (attrs.pyproject or null) == true then
          "pyproject"
        else if (attrs.pyproject or null) == false then
          "other"
        else
          "setuptools";
      builtFromSource = format != "wheel" && format != "other";
      buildSystem =
        attrs.build-system or [ ]
        ++ lib.optionals (format == "setuptools") [ final.setuptools final.wheel ]
        ++ lib.optional (format == "flit") final.flit-core;

      list = name: lib.filter (input: input != null) (lib.flatten (lib.toList (attrs.${name} or [ ])));
      python' = inputs: lib.filter hasPythonModule inputs;
      plain = inputs: lib.filter (input: !hasPythonModule input && !(isInterpreter input)) inputs;
      isInterpreter = input: lib.isAttrs input && (input ? withPackages || input.pythonEnvironment or false) && input ? sitePackages;
      wrongInterpreter = lib.filter (input: lib.isAttrs input && lib.isAttrs (input.pythonModule or null) && !hasPythonModule input) (list "dependencies" ++ list "propagatedBuildInputs" ++ list "build-system");

      dependencies = python' (list "dependencies" ++ list "propagatedBuildInputs" ++ list "pythonPath");
      checks = list "nativeCheckInputs" ++ list "checkInputs" ++ list "nativeInstallCheckInputs";
      doCheck = attrs.doCheck or true;
      withTests = doCheck && (checks != [ ] || attrs ? checkPhase);
      ofHooks = lib.concatMap (input: if lib.isAttrs input then input.pythonDependencies or [ ] else [ ]) (checks ++ list "nativeBuildInputs");
      forBuilding =
        python' (buildSystem ++ list "nativeBuildInputs" ++ list "buildInputs")
        ++ dependencies
        ++ lib.optionals withTests (python' checks)
        ++ ofHooks;
      environment = python.buildEnv.override {
        extraLibs = forBuilding;
        ignoreCollisions = true;
      };
      native = attrs.stdenv or pkgs.stdenv;
      # What programs of this package run on, the package itself excepted.
      runtime = map (package: (modules.bare package).outPath) (modules.closure dependencies);

      checked =
        if attrs.disabled or false then
          throw "${fullName} not supported for interpreter ${python.name}"
        else if wrongInterpreter != [ ] then
          throw "${fullName}: ${lib.concatMapStringsSep ", " (input: "${input.name} is for ${input.pythonModule.name}") wrongInterpreter}, and this is a build for ${python.name}; take dependencies from one interpreter's packages (the arguments that python.pkgs.callPackage gives)"
        else
          true;

      arguments =
        (removeAttrs attrs own)
        // {
          name = (if application then "" else "${attrs.namePrefix or "${python.libPrefix}-"}") + fullName;
          inherit pname;
          nativeBuildInputs =
            [ environment checkHook ]
            ++ plain (list "nativeBuildInputs" ++ buildSystem)
            ++ lib.optionals withTests (plain checks)
            ++ lib.optional (attrs.makeWrapperArgs or [ ] != [ ]) pkgs.makeWrapper;
          buildInputs = plain (list "buildInputs") ++ lib.optionals (format == "wheel") [ pkgs.gcc-lib pkgs.zlib pkgs.patchelf ];
          propagatedBuildInputs = plain (list "propagatedBuildInputs" ++ list "dependencies");
          strictDeps = attrs.strictDeps or false;
          pythonFormat = format;
          pythonRuntime = runtime;
          pythonInterpreter = "${python}";
          pythonExecutable = python.executable;
          pythonPackageName = pname;
          pythonRelaxDeps = attrs.pythonRelaxDeps or [ ];
          pythonRemoveDeps = attrs.pythonRemoveDeps or [ ];
          pythonImportsCheck = attrs.pythonImportsCheck or [ ];
          makeWrapperArgs = attrs.makeWrapperArgs or [ ];
          dontWrapPythonPrograms = attrs.dontWrapPythonPrograms or false;
          dontCheckRuntimeDeps = attrs.dontCheckRuntimeDeps or (!builtFromSource);
          # Tests run on what was installed.
          doCheck = false;
          doInstallCheck = withTests;
          # Wheels are the way their makers want them.
          dontStrip = attrs.dontStrip or (format == "wheel");
          dontPatchELF = attrs.dontPatchELF or (format == "wheel");
          # The same bytecode and archives whoever builds.
          PYTHONHASHSEED = attrs.PYTHONHASHSEED or "0";
          ${if format == "wheel" then "dontUnpack" else null} = true;
          ${if attrs ? checkPhase then "installCheckPhase" else null} = attrs.checkPhase;
          meta = {
            mainProgram = pname;
            isBuildPythonPackage = true;
          }
          // (attrs.meta or { });
          passthru =
            {
              inherit pname dependencies;
              propagatedBuildInputs = list "propagatedBuildInputs" ++ list "dependencies";
              build-system = buildSystem;
              optional-dependencies = attrs.optional-dependencies or { };
              pythonModule = if application then false else python;
              requiredPythonModules = modules.requiredPythonModules dependencies;
              neededBeside = if application then [ ] else map modules.bare (modules.requiredPythonModules dependencies) ++ [ python ];
              inherit format;
              buildEnvironment = environment;
              # For shells: what building and running this needs, on one interpreter.
              pythonPackage = true;
            }
            // (attrs.passthru or { });
        };
      derived = native.mkDerivation arguments;
      overriding = built: {
        overridePythonAttrs = f: build (applied attrs f);
        overrideAttrs = f: complete (built.overrideAttrs f);
      };
      complete = built: built // overriding built;
      package = if checked then complete derived else null;
    in
    package;

  # New source for what was a wheel: then it is built, unless the new one is a wheel, too.
  applied =
    old: f:
    let
      new = if lib.isFunction f then f old else f;
      merged = old // new;
      source = merged.src.name or (baseNameOf (toString (merged.src or "")));
      noWheel = (old.format or null) == "wheel" && new ? src && !(new ? format) && !(lib.hasSuffix ".whl" source);
    in
    if new ? pyproject && !(new ? format) || noWheel then
      removeAttrs merged [ "format" ]
      // (if new ? pyproject then { } else { pyproject = true; build-system = merged.build-system or [ final.setuptools final.wheel ]; })
    else
      merged;
in
build
