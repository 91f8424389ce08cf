# Runs `python -m unittest discover` on what was installed: unittestFlags, unittestFlagsArray.

unittestCheckPhase() {
  runHook preCheck
  local flags=()
  concatTo flags unittestFlags unittestFlagsArray
  python -m unittest discover "${flags[@]}"
  runHook postCheck
}

if [[ -z ${dontUseUnittestCheck-} && -z ${installCheckPhase-} ]]; then installCheckPhase=unittestCheckPhase; fi
