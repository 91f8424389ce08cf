ninjaBuildPhase() {
  runHook preBuild
  local flagsArray=("-j${NIX_BUILD_CORES}")
  concatTo flagsArray ninjaFlags ninjaFlagsArray
  echoCmd 'build flags' "${flagsArray[@]}"
  TERM=dumb ninja "${flagsArray[@]}"
  runHook postBuild
}
ninjaCheckPhase() {
  runHook preCheck
  if [[ -z ${checkTarget-} ]]; then
    if ninja -t query test > /dev/null 2>&1; then checkTarget=test; fi
  fi
  if [[ -n ${checkTarget-} ]]; then
    local flagsArray=("-j${NIX_BUILD_CORES}")
    concatTo flagsArray ninjaFlags ninjaFlagsArray checkFlags checkFlagsArray checkTarget
    TERM=dumb ninja "${flagsArray[@]}"
  else
    echo "no check target found, doing nothing"
  fi
  runHook postCheck
}
ninjaInstallPhase() {
  runHook preInstall
  local flagsArray=("-j${NIX_BUILD_CORES}")
  concatTo flagsArray ninjaFlags ninjaFlagsArray installFlags installTargets=install
  TERM=dumb ninja "${flagsArray[@]}"
  runHook postInstall
}
if [[ -z ${dontUseNinjaBuild-} && -z ${buildPhase-} ]]; then buildPhase=ninjaBuildPhase; fi
if [[ -z ${dontUseNinjaCheck-} && -z ${checkPhase-} ]]; then checkPhase=ninjaCheckPhase; fi
if [[ -z ${dontUseNinjaInstall-} && -z ${installPhase-} ]]; then installPhase=ninjaInstallPhase; fi
