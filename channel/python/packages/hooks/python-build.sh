# How a Python package is built, installed and checked. Which of it applies says $pythonFormat.

pythonBuildPhase() {
  runHook preBuild
  case $pythonFormat in
    setuptools | pyproject | flit)
      if [[ ! -f pyproject.toml && ! -f setup.py && ! -f setup.cfg ]]; then
        echo "error: $PWD holds neither pyproject.toml nor setup.py, so there is nothing to build a Python package from" >&2
        echo "hint: if the project lies in a directory below, say so with sourceRoot; for phases of your own: pyproject = false;" >&2
        return 1
      fi
      # Archives know no time before 1980.
      if [[ ${SOURCE_DATE_EPOCH:-0} -lt 315532800 ]]; then export SOURCE_DATE_EPOCH=315532800; fi
      mkdir -p dist
      python @buildWheel@ "$pythonFormat" dist
      ;;
  esac
  runHook postBuild
}

pythonInstallPhase() {
  runHook preInstall
  local wheels=() wheel libraries= input
  case $pythonFormat in
    wheel)
      wheels=("$src")
      for input in ${buildInputs-} ${propagatedBuildInputs-}; do libraries+=${libraries:+:}$input/lib; done
      ;;
    *) wheels=(dist/*.whl) ;;
  esac
  for wheel in "${wheels[@]}"; do
    if [[ ! -f $wheel ]]; then echo "error: no wheel was built in $PWD/dist" >&2; return 1; fi
    interpreter=@interpreter@ wheel=$wheel libraries=$libraries patchelf=$(type -P patchelf || true) @interpreter@ -I @installWheel@
  done
  runHook postInstall
}

# Programs run on an environment of the package and what it needs, which lies within the package.
bindPythonPrograms() {
  local program scripts=()
  if [[ -n ${dontWrapPythonPrograms-} || -n ${pythonProgramsBound-} ]]; then return 0; fi
  for program in "$out"/bin/*; do
    if [[ -f $program && ! -L $program ]] && head -c 2 "$program" | grep -q '^#!' && head -n 1 "$program" | grep -q python; then scripts+=("$program"); fi
  done
  if ((${#scripts[@]} == 0)); then return 0; fi
  pythonProgramsBound=1
  own=$out programs="$out/bin" runtime="$pythonRuntime" interpreter="$pythonInterpreter" executable="$pythonExecutable" prompt="$pythonPackageName" \
    out=$out/.environment @interpreter@ -I @makeEnvironment@
  if [[ -n ${makeWrapperArgs[*]-} ]]; then
    local flags=()
    concatTo flags makeWrapperArgs
    for program in "${scripts[@]}"; do wrapProgram "$program" "${flags[@]}"; done
  fi
}
# nixpkgs' names for it.
wrapPythonPrograms() { bindPythonPrograms; }
wrapPythonProgramsIn() { bindPythonPrograms; }
buildPythonPath() { program_PYTHONPATH=; program_PATH=; }
patchPythonScript() { :; }

pythonMetadataPhase() {
  if [[ -d $out/@sitePackages@ ]]; then
    PYTHONPATH=@packaging@ python @checkMetadata@ "$out/@sitePackages@" "${pythonRelaxDeps[*]-}" "${pythonRemoveDeps[*]-}" "${dontCheckRuntimeDeps:+skip}"
  fi
}

pythonImportsCheckPhase() {
  if [[ -z ${pythonImportsCheck[*]-} || -n ${dontUsePythonImportsCheck-} ]]; then return 0; fi
  echo "importing ${pythonImportsCheck[*]}"
  local names=(${pythonImportsCheck[*]})
  (cd "$out" && PYTHONPATH=$out/@sitePackages@ python -c 'import importlib, sys
for name in sys.argv[1:]: importlib.import_module(name)' "${names[@]}")
}

# Tests see what was installed.
pythonTestPath() { export PATH=$out/bin:$PATH PYTHONPATH=$out/@sitePackages@${PYTHONPATH:+:$PYTHONPATH}; }

if [[ $pythonFormat != other ]]; then
  if [[ -z ${buildPhase-} ]]; then buildPhase=pythonBuildPhase; fi
  if [[ -z ${installPhase-} ]]; then installPhase=pythonInstallPhase; fi
  if [[ -z ${configurePhase-} ]]; then dontConfigure=${dontConfigure-1}; fi
fi
postFixupHooks+=(bindPythonPrograms pythonTestPath)
# After fixing up, before tests.
preFixupPhases+=" pythonMetadataPhase"
preDistPhases+=" pythonImportsCheckPhase"
