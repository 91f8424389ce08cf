# Runs pytest on what was installed: pytestFlags, pytestFlagsArray, enabledTests, disabledTests, enabledTestPaths,
# disabledTestPaths, enabledTestMarks, disabledTestMarks.

pytestCheckPhase() {
  runHook preCheck
  local arguments=(-m pytest) words=() list=() expression= item
  join() { # OPERATOR PREFIX ITEM…
    local operator=$1 prefix=$2
    shift 2
    for item; do expression+="${expression:+ $operator }$prefix$item"; done
  }
  concatTo list enabledTests
  if ((${#list[@]})); then join or "" "${list[@]}"; expression="($expression)"; fi
  list=()
  concatTo list disabledTests
  if ((${#list[@]})); then
    local chosen=$expression
    expression=
    join and "not " "${list[@]}"
    expression=${chosen:+$chosen and }$expression
  fi
  if [[ -n $expression ]]; then arguments+=(-k "$expression"); fi
  expression= list=()
  concatTo list disabledTestMarks
  if ((${#list[@]})); then join and "not " "${list[@]}"; arguments+=(-m "$expression"); fi
  list=()
  concatTo list disabledTestPaths
  for item in "${list[@]}"; do
    case $item in
      *::*) arguments+=("--deselect=$item") ;;
      *) arguments+=("--ignore-glob=$item") ;;
    esac
  done
  concatTo arguments pytestFlags pytestFlagsArray enabledTestPaths
  python "${arguments[@]}" -p no:cacheprovider
  runHook postCheck
}

if [[ -z ${dontUsePytestCheck-} && -z ${installCheckPhase-} ]]; then installCheckPhase=pytestCheckPhase; fi
