# The environment of every build: sourced by the default builder, by builders of packages' own, and by nix-shell.
#
# The names of phases, hooks, functions and variables are the public interface that packages rely on (nixpkgs' manual,
# "The Standard Environment"); what is here is written for bash 5 and few forks, since each costs a build time.

if [[ -n ${__setupSourced-} && -z ${IN_NIX_SHELL-} ]]; then return; fi
__setupSourced=1
set -e -o pipefail
shopt -s nullglob extglob

# --- structured attributes -------------------------------------------------------------------------------------------

if [[ -n ${NIX_ATTRS_SH_FILE-} && -e ${NIX_ATTRS_SH_FILE-} ]]; then
  source "$NIX_ATTRS_SH_FILE"
  __structuredAttrs=1
elif [[ -z ${NIX_ATTRS_SH_FILE-} && -e .attrs.sh ]]; then
  source .attrs.sh
  __structuredAttrs=1
fi
if [[ -n ${__structuredAttrs-} ]]; then
  for __name in "${!outputs[@]}"; do export "$__name=${outputs[$__name]}"; done
  if declare -p env &> /dev/null; then
    for __name in "${!env[@]}"; do export "$__name=${env[$__name]}"; done
  fi
  unset __name
fi

if [[ -z ${outputs[*]-} ]]; then outputs=out; fi
# The names of the outputs, whichever way they were given.
getAllOutputNames() {
  if [[ -n ${__structuredAttrs-} ]]; then echo "${!outputs[*]}"; else echo "$outputs"; fi
}

# --- messages --------------------------------------------------------------------------------------------------------

: "${NIX_LOG_FD:=}"
# A structured line for whoever draws the build (bruma, nix, nom): Nix's `@nix {…}` on standard error.
__nixMessage() {
  if [[ -n $NIX_LOG_FD ]]; then printf '@nix { "action": "%s", "phase": "%s" }\n' "$1" "$2" >&"$NIX_LOG_FD"; fi
}
nixLogWithLevel() { if (($1 <= ${NIX_DEBUG:-0})); then printf '%s\n' "$2" >&2; fi; }
nixErrorLog() { nixLogWithLevel 0 "$*"; }
nixWarnLog() { nixLogWithLevel 1 "$*"; }
nixNoticeLog() { nixLogWithLevel 2 "$*"; }
nixInfoLog() { nixLogWithLevel 3 "$*"; }
nixTalkativeLog() { nixLogWithLevel 4 "$*"; }
nixChattyLog() { nixLogWithLevel 5 "$*"; }
nixDebugLog() { nixLogWithLevel 6 "$*"; }
nixVomitLog() { nixLogWithLevel 7 "$*"; }
echoCmd() {
  printf '%s:' "$1"
  shift
  printf ' %q' "$@"
  echo
}

# --- hooks -----------------------------------------------------------------------------------------------------------

# What a hook's name stands for, if anything: a function, a file, or text in a variable.
_callImplicitHook() {
  local default=$1 name=$2
  if declare -F "$name" > /dev/null; then
    "$name"
  elif type -p "$name" > /dev/null; then
    source "$name"
  elif [[ -n ${!name:-} ]]; then
    eval "${!name}"
  else
    return "$default"
  fi
}
# One entry of a hook array: a function's name or text.
_eval() {
  if declare -F "$1" > /dev/null; then "$@"; else eval "$1"; fi
}
runHook() {
  local hookName=$1 hook
  shift
  local -n __hookList=${hookName%Hook}Hooks
  for hook in "_callImplicitHook 0 $hookName" ${__hookList+"${__hookList[@]}"}; do
    if declare -F "$hook" > /dev/null; then "$hook" "$@"; else eval "$hook"; fi
  done
  return 0
}
# Runs entries until one succeeds.
runOneHook() {
  local hookName=$1 hook
  shift
  local -n __hookList=${hookName%Hook}Hooks
  for hook in "_callImplicitHook 1 $hookName" ${__hookList+"${__hookList[@]}"}; do
    if _eval "$hook" "$@"; then return 0; fi
  done
  return 1
}

# --- variables that are lists ----------------------------------------------------------------------------------------

__isArray() { [[ $(declare -p "$1" 2> /dev/null) =~ ^declare\ -[a-zA-Z]*a ]]; }
appendToVar() {
  local -n __variable=$1
  local name=$1
  shift
  if __isArray "$name"; then
    __variable+=("$@")
  elif [[ -n ${__structuredAttrs-} ]]; then
    if [[ -n ${__variable-} ]]; then __variable=($__variable "$@"); else __variable=("$@"); fi
  else
    __variable="${__variable-}${__variable:+ }$*"
  fi
}
prependToVar() {
  local -n __variable=$1
  local name=$1
  shift
  if __isArray "$name"; then
    __variable=("$@" "${__variable[@]}")
  elif [[ -n ${__structuredAttrs-} ]]; then
    __variable=("$@" ${__variable-})
  else
    __variable="$*${__variable:+ }${__variable-}"
  fi
}
# concatTo ARRAY NAME…: appends what the named variables hold, arrays as they are, text split at white space.
# NAME=DEFAULT gives a value for a variable that is not set.
concatTo() {
  local -n __target=$1
  shift
  local name default
  for name; do
    default=
    if [[ $name == *=* ]]; then default=${name#*=} name=${name%%=*}; fi
    if __isArray "$name"; then
      local -n __source=$name
      __target+=(${__source+"${__source[@]}"})
      unset -n __source
    elif [[ -n ${!name-} ]]; then
      if [[ $name == *Array ]]; then __target+=("${!name}"); else __target+=(${!name}); fi
    elif [[ -n $default ]]; then
      __target+=("$default")
    fi
  done
}
concatStringsSep() {
  local separator=$1 name=$2 REPLY= item items=()
  concatTo items "$name"
  for item in "${items[@]}"; do REPLY+=${REPLY:+$separator}$item; done
  printf '%s' "$REPLY"
}
# The old way of giving make its flags, still in packages: fills the array `flagsArray`.
_accumFlagsArray() { concatTo flagsArray "$@"; }

addToSearchPathWithCustomDelimiter() {
  if [[ -d $3 ]]; then export "$2=${!2:+${!2}$1}$3"; fi
}
addToSearchPath() { addToSearchPathWithCustomDelimiter : "$@"; }
prependToSearchPathWithCustomDelimiter() {
  if [[ -d $3 ]]; then export "$2=$3${!2:+$1${!2}}"; fi
}
prependToSearchPath() { prependToSearchPathWithCustomDelimiter : "$@"; }

# --- failure ---------------------------------------------------------------------------------------------------------

exitHandler() {
  exitCode=$?
  set +e
  if [[ -n ${showBuildStats-} ]]; then times; fi
  if ((exitCode != 0)); then
    runHook failureHook
    if [[ -n ${succeedOnFailure-} ]]; then
      echo "build failed with exit code $exitCode (ignored)"
      mkdir -p "$out/nix-support"
      printf '%s' "$exitCode" > "$out/nix-support/failed"
      exit 0
    fi
  else
    runHook exitHook
  fi
  return "$exitCode"
}
if [[ -z ${IN_NIX_SHELL-} ]]; then trap exitHandler EXIT; fi

# --- start -----------------------------------------------------------------------------------------------------------

declare -a unpackCmdHooks preConfigureHooks preFixupHooks fixupOutputHooks preFixupPhases postFixupHooks postUnpackHooks preInstallHooks
declare -a envHooksNative envHooksHost
: "${initialPath:=@initialPath@}"
: "${SHELL:=@shell@}"
defaultNativeBuildInputs="@defaultNativeBuildInputs@"
export SHELL=@shell@ CONFIG_SHELL=@shell@
: "${NIX_STORE:=@storeDir@}"
export NIX_STORE

runHook preHook

# @fixup@

PATH= HOST_PATH=
for __package in $initialPath; do
  PATH=${PATH:+$PATH:}$__package/bin
done
unset __package
export PATH

umask 022
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-315532800}
export TZ=UTC
export TERM=${TERM:-dumb}
[[ $TERM != xterm-256color || -n ${IN_NIX_SHELL-} ]] || export TERM=dumb
if [[ -z ${NIX_BUILD_TOP-} ]]; then export NIX_BUILD_TOP=${TMPDIR:-/tmp}; fi
if [[ -z ${IN_NIX_SHELL-} ]]; then export TMPDIR=${TMPDIR:-$NIX_BUILD_TOP} TMP=${TMP:-$NIX_BUILD_TOP} TEMP=${TEMP:-$NIX_BUILD_TOP} TEMPDIR=${TEMPDIR:-$NIX_BUILD_TOP}; fi
if [[ ${NIX_BUILD_CORES:-0} == 0 ]]; then NIX_BUILD_CORES=$(nproc 2> /dev/null || echo 1); fi
export NIX_BUILD_CORES
: "${NIX_HARDENING_ENABLE:=@defaultHardening@}"
if [[ -n ${hardeningDisable[*]-} || -n ${hardeningEnable[*]-} ]]; then
  __enabled=
  for __flag in $NIX_HARDENING_ENABLE ${hardeningEnable[*]-}; do
    case " ${hardeningDisable[*]-} " in *" all "* | *" $__flag "*) ;; *) __enabled+=" $__flag" ;; esac
  done
  NIX_HARDENING_ENABLE=${__enabled# }
  unset __enabled __flag
fi
export NIX_HARDENING_ENABLE

# --- dependencies ----------------------------------------------------------------------------------------------------
#
# Builds are native, so two kinds are enough: what runs while building (native: depsBuildBuild, nativeBuildInputs,
# depsBuildTarget) and what is built against (host: depsHostHost, buildInputs, depsTargetTarget). Without strictDeps
# each counts as both.

declare -A __seenNative=() __seenHost=()
declare -a pkgsNative=() pkgsHost=()
addEnvHooks() {
  local offset=$1
  shift
  if ((offset < 0)); then envHooksNative+=("$@"); else envHooksHost+=("$@"); fi
}
__findInput() { # KIND PACKAGE
  local kind=$1 package=$2 propagated
  if [[ $kind == native ]]; then
    [[ -z ${__seenNative[$package]-} ]] || return 0
    __seenNative[$package]=1
    pkgsNative+=("$package")
  else
    [[ -z ${__seenHost[$package]-} ]] || return 0
    __seenHost[$package]=1
    pkgsHost+=("$package")
  fi
  if [[ ! -e $package ]]; then
    echo "build input $package does not exist" >&2
    exit 1
  fi
  if [[ -d $package/nix-support ]]; then
    if [[ -f $package/nix-support/propagated-native-build-inputs && $kind == host ]]; then
      read -r -d '' propagated < "$package/nix-support/propagated-native-build-inputs" || true
      for propagated in $propagated; do __findInput native "$propagated"; done
    fi
    if [[ -f $package/nix-support/propagated-build-inputs ]]; then
      read -r -d '' propagated < "$package/nix-support/propagated-build-inputs" || true
      for propagated in $propagated; do __findInput "$kind" "$propagated"; done
    fi
  fi
}
for __package in ${depsBuildBuild[*]-} ${depsBuildBuildPropagated[*]-} $defaultNativeBuildInputs ${nativeBuildInputs[*]-} ${propagatedNativeBuildInputs[*]-} \
  ${depsBuildTarget[*]-} ${depsBuildTargetPropagated[*]-}; do __findInput native "$__package"; done
for __package in ${depsHostHost[*]-} ${depsHostHostPropagated[*]-} ${buildInputs[*]-} ${propagatedBuildInputs[*]-} \
  ${depsTargetTarget[*]-} ${depsTargetTargetPropagated[*]-}; do __findInput host "$__package"; done

# A setup hook: of the package's own file, or the package is one.
__sourceSetupHook() { # PACKAGE hostOffset targetOffset
  local hostOffset=$2 targetOffset=$3 role_post= role_suffixes=
  if [[ -f $1 ]]; then source "$1"; elif [[ -f $1/nix-support/setup-hook ]]; then source "$1/nix-support/setup-hook"; fi
}
__activateNative() {
  addToSearchPath PATH_INPUTS "$1/bin"
  __sourceSetupHook "$1" -1 0
}
__activateHost() {
  if [[ -z ${strictDeps-} ]]; then addToSearchPath PATH_INPUTS "$1/bin"; fi
  addToSearchPath HOST_PATH "$1/bin"
  __sourceSetupHook "$1" 0 1
}
PATH_INPUTS=
for __package in "${pkgsNative[@]}"; do __activateNative "$__package"; done
for __package in "${pkgsHost[@]}"; do
  if [[ -z ${__seenNative[$__package]-} ]]; then __activateHost "$__package"; else addToSearchPath HOST_PATH "$__package/bin"; fi
done
for __package in "${pkgsNative[@]}"; do
  for __hook in "${envHooksNative[@]}"; do "$__hook" "$__package"; done
  if [[ -z ${strictDeps-} && -z ${__seenHost[$__package]-} ]]; then
    for __hook in "${envHooksHost[@]}"; do "$__hook" "$__package"; done
  fi
done
for __package in "${pkgsHost[@]}"; do
  for __hook in "${envHooksHost[@]}"; do "$__hook" "$__package"; done
done
PATH=${PATH_INPUTS:+$PATH_INPUTS:}$PATH
export PATH HOST_PATH
unset __package __hook PATH_INPUTS
# Programs of the inputs find their data.
export XDG_DATA_DIRS
__addDataDirectory() { if [[ -d $1/share ]]; then XDG_DATA_DIRS=${XDG_DATA_DIRS:+$XDG_DATA_DIRS:}$1/share; fi; }
if [[ -z ${IN_NIX_SHELL-} ]]; then XDG_DATA_DIRS=; fi
for __package in "${pkgsNative[@]}"; do __addDataDirectory "$__package"; done
unset __package
[[ -n ${XDG_DATA_DIRS-} ]] || unset XDG_DATA_DIRS

if [[ -n ${out-} && -z ${NIX_DONT_SET_RPATH-} && -z ${NIX_NO_SELF_RPATH-} ]]; then
  export NIX_LDFLAGS="-rpath $out/lib${NIX_LDFLAGS:+ $NIX_LDFLAGS}"
fi

# --- substitution ----------------------------------------------------------------------------------------------------

consumeEntire() { # NAME: the whole of standard input, NUL bytes excepted
  if IFS='' read -r -d '' "$1"; then
    echo "consumeEntire(): ERROR: Input null bytes, won't process" >&2
    return 1
  fi
}
isScript() {
  local file=$1 magic
  [[ -f $file ]] || return 1
  LC_ALL=C IFS= read -r -n 2 magic < "$file" 2> /dev/null || true
  [[ $magic == '#!' ]]
}
isELF() {
  local file=$1 magic
  [[ -f $file ]] || return 1
  LC_ALL=C IFS= read -r -n 4 magic < "$file" 2> /dev/null || true
  [[ $magic == $'\x7fELF' ]]
}
isMachO() { return 1; }

substituteStream() {
  # No plain names: the variables that are substituted are looked up from here.
  local __text=${!1} __description=$2 __pattern __replacement __name __option
  shift 2
  while (($#)); do
    case $1 in
      --replace | --replace-fail | --replace-warn | --replace-quiet)
        __option=$1
        __pattern=$2 __replacement=$3
        if [[ $__text != *"$__pattern"* ]]; then
          case $__option in
            --replace-fail)
              printf 'substituteStream() in derivation %s: ERROR: pattern %q does not match anything in %s\n' "${name-${out-}}" "$__pattern" "$__description" >&2
              return 1
              ;;
            --replace | --replace-warn)
              printf 'substituteStream() in derivation %s: WARNING: pattern %q does not match anything in %s\n' "${name-${out-}}" "$__pattern" "$__description" >&2
              ;;
          esac
        fi
        shift 3
        __text=${__text//"$__pattern"/"$__replacement"}
        ;;
      --subst-var)
        __name=$2
        shift 2
        if [[ ! $__name =~ ^[a-zA-Z_][a-zA-Z0-9_]*$ ]]; then
          echo "substituteStream(): ERROR: substitution variables must be valid Bash names, \"$__name\" isn't." >&2
          return 1
        fi
        if [[ -z ${!__name+x} ]]; then
          echo "substituteStream(): ERROR: variable \$$__name is unset" >&2
          return 1
        fi
        __text=${__text//"@$__name@"/"${!__name}"}
        ;;
      --subst-var-by)
        __text=${__text//"@$2@"/"$3"}
        shift 3
        ;;
      *)
        echo "substituteStream(): ERROR: Invalid command line argument: $1" >&2
        return 1
        ;;
    esac
  done
  printf '%s' "$__text"
}
substitute() {
  local __input=$1 __output=$2 __content
  shift 2
  if [[ ! -f $__input ]]; then
    echo "substitute(): ERROR: file '$__input' does not exist" >&2
    return 1
  fi
  consumeEntire __content < "$__input"
  if [[ -e $__output ]]; then chmod +w "$__output"; fi
  substituteStream __content "file '$__input'" "$@" > "$__output"
}
substituteInPlace() {
  local __files=() __file
  while (($#)) && [[ $1 != --* ]]; do __files+=("$1"); shift; done
  if ((${#__files[@]} == 0)); then
    echo "substituteInPlace(): ERROR: no files to operate on" >&2
    return 1
  fi
  for __file in "${__files[@]}"; do
    if [[ ! -f $__file ]]; then
      echo "substituteInPlace(): ERROR: file '$__file' does not exist" >&2
      return 1
    fi
    local __content __result
    consumeEntire __content < "$__file"
    consumeEntire __result < <(substituteStream __content "file '$__file'" "$@" && printf '%s' $'\001')
    if [[ $__result != *$'\001' ]]; then return 1; fi
    if [[ ! -w $__file ]]; then chmod u+w "$__file"; fi
    printf '%s' "${__result%$'\001'}" > "$__file"
  done
}
__allSubstitutions() {
  local __name
  for __name in $(compgen -e); do
    if [[ $__name =~ ^[a-z][a-zA-Z0-9_]*$ ]]; then substitutions+=(--subst-var "$__name"); fi
  done
}
substituteAll() {
  local substitutions=()
  __allSubstitutions
  substitute "$1" "$2" "${substitutions[@]}"
}
substituteAllInPlace() {
  local substitutions=()
  __allSubstitutions
  substituteInPlace "$1" "${substitutions[@]}"
}
substituteAllStream() {
  local substitutions=()
  __allSubstitutions
  substituteStream "$1" "$2" "${substitutions[@]}"
}

# The name in the store without directory and hash; prints it.
stripHash() {
  local base=${1##*/}
  if [[ $base =~ ^[a-z0-9]{32}- ]]; then echo "${base:33}"; else echo "$base"; fi
}
dumpVars() {
  if [[ ${noDumpEnvVars-} != 1 && -w ${NIX_BUILD_TOP-} ]]; then
    local previous
    previous=$(umask)
    umask 077
    export > "$NIX_BUILD_TOP/env-vars" || true
    umask "$previous"
  fi
}
recordPropagatedDependencies() {
  local file value
  for file in propagated-build-inputs:propagatedBuildInputs propagated-native-build-inputs:propagatedNativeBuildInputs; do
    local list=()
    concatTo list "${file#*:}"
    if ((${#list[@]})); then
      mkdir -p "${!outputDev}/nix-support"
      printf '%s ' "${list[@]}" >> "${!outputDev}/nix-support/${file%%:*}"
    fi
  done
  if [[ -n ${setupHook-} ]]; then
    mkdir -p "${!outputDev}/nix-support"
    substituteAll "$setupHook" "${!outputDev}/nix-support/setup-hook"
  fi
  if [[ -n ${setupHooks[*]-} ]]; then
    mkdir -p "${!outputDev}/nix-support"
    local hook content
    for hook in ${setupHooks[*]}; do
      consumeEntire content < "$hook"
      substituteAllStream content "file '$hook'" >> "${!outputDev}/nix-support/setup-hook"
    done
  fi
  if [[ -n ${propagatedUserEnvPkgs[*]-} ]]; then
    mkdir -p "${!outputBin}/nix-support"
    printf '%s ' ${propagatedUserEnvPkgs[*]} > "${!outputBin}/nix-support/propagated-user-env-packages"
  fi
}

# --- phases ----------------------------------------------------------------------------------------------------------

_defaultUnpack() {
  local file=$1 destination
  if [[ -d $file ]]; then
    destination=$(stripHash "$file")
    if [[ -e $destination ]]; then
      echo "Cannot copy $file to $destination: destination already exists!"
      echo "Did you specify two \"srcs\" with the same \"name\"?"
      return 1
    fi
    cp -r --preserve=timestamps --reflink=auto -- "$file" "$destination"
  else
    case $file in
      *.tar.xz | *.tar.lzma | *.txz) (XZ_OPT="--threads=$NIX_BUILD_CORES" xz -d < "$file" || true) | tar xf - --mode=+w --warning=no-timestamp ;;
      *.tar | *.tar.* | *.tgz | *.tbz2 | *.tbz) tar xf "$file" --mode=+w --warning=no-timestamp ;;
      *.zip | *.whl) type -p unzip > /dev/null && unzip -qq "$file" ;;
      *) return 1 ;;
    esac
  fi
}
unpackFile() {
  curSrc=$1
  echo "unpacking source archive $curSrc"
  if ! runOneHook unpackCmd "$curSrc"; then
    if ! _defaultUnpack "$curSrc"; then
      echo "do not know how to unpack source archive $curSrc"
      exit 1
    fi
  fi
}
unpackPhase() {
  runHook preUnpack
  local sources=() before=() entry
  if [[ -n ${srcs[*]-} ]]; then
    concatTo sources srcs
  elif [[ -n ${src-} ]]; then
    sources=("$src")
  else
    echo 'variable $src or $srcs should point to the source'
    exit 1
  fi
  declare -A known=()
  for entry in *; do known[$entry]=1; done
  for entry in "${sources[@]}"; do unpackFile "$entry"; done
  : "${sourceRoot=}"
  if [[ -n ${setSourceRoot-} ]]; then
    runOneHook setSourceRoot
  elif [[ -z $sourceRoot ]]; then
    for entry in *; do
      if [[ -d $entry && -z ${known[$entry]-} ]]; then
        if [[ -n $sourceRoot ]]; then
          echo "unpacker produced multiple directories"
          exit 1
        fi
        sourceRoot=$entry
      fi
    done
  fi
  if [[ -z $sourceRoot ]]; then
    echo "unpacker appears to have produced no directories"
    exit 1
  fi
  echo "source root is $sourceRoot"
  if [[ ${dontMakeSourcesWritable-} != 1 ]]; then chmod -R u+w -- "$sourceRoot"; fi
  runHook postUnpack
}
patchPhase() {
  runHook prePatch
  local list=() flags=() entry
  concatTo list patches
  concatTo flags patchFlags=-p1
  for entry in "${list[@]}"; do
    echo "applying patch $entry"
    case $entry in
      *.gz) gzip -d < "$entry" | patch "${flags[@]}" ;;
      *.bz2) bzip2 -d < "$entry" | patch "${flags[@]}" ;;
      *.xz) xz -d < "$entry" | patch "${flags[@]}" ;;
      *) patch "${flags[@]}" < "$entry" ;;
    esac
  done
  runHook postPatch
}
configurePhase() {
  runHook preConfigure
  : "${configureScript=}"
  if [[ -z $configureScript && -x ./configure ]]; then configureScript=./configure; fi
  if [[ -z ${dontFixLibtool-} && -n $configureScript ]]; then
    local file
    while IFS= read -r file; do
      # libtool must not look into the machine's directories.
      sed -i -e 's|^eval sys_lib_.*search_path=.*|eval sys_lib_search_path=|' "$file"
    done < <(find . -name ltmain.sh)
  fi
  if [[ -z ${dontAddPrefix-} && -n ${prefix-} ]]; then prependToVar configureFlags "${prefixKey:---prefix=}$prefix"; fi
  if [[ -f $configureScript ]]; then
    if [[ -z ${dontAddDisableDepTrack-} ]] && grep -q dependency-tracking "$configureScript"; then prependToVar configureFlags --disable-dependency-tracking; fi
    if [[ -z ${dontDisableStatic-} ]] && grep -q enable-static "$configureScript"; then prependToVar configureFlags --disable-static; fi
  fi
  if [[ -n $configureScript ]]; then
    local flagsArray=()
    concatTo flagsArray configureFlags configureFlagsArray
    echoCmd 'configure flags' "${flagsArray[@]}"
    # A sandbox need not have the /bin/sh that most of these scripts name.
    local first=
    if [[ -f $configureScript ]]; then IFS= read -r first < "$configureScript" || true; fi
    if [[ $first =~ ^'#!'[[:space:]]*/bin/(ba)?sh ]]; then
      "$SHELL" "$configureScript" "${flagsArray[@]}"
    else
      $configureScript "${flagsArray[@]}"
    fi
  else
    echo "no configure script, doing nothing"
  fi
  runHook postConfigure
}
buildPhase() {
  runHook preBuild
  if [[ -z ${makeFlags[*]-} && -z ${makefile-} && ! -e Makefile && ! -e makefile && ! -e GNUmakefile ]]; then
    echo "no Makefile or custom buildPhase, doing nothing"
  else
    local flagsArray=(${enableParallelBuilding:+-j${NIX_BUILD_CORES}} SHELL="$SHELL")
    concatTo flagsArray makeFlags makeFlagsArray buildFlags buildFlagsArray
    echoCmd 'build flags' "${flagsArray[@]}"
    make ${makefile:+-f $makefile} "${flagsArray[@]}"
  fi
  runHook postBuild
}
checkPhase() {
  runHook preCheck
  if [[ -z ${foundMakefile-} && -z ${makefile-} && ! -e Makefile && ! -e makefile && ! -e GNUmakefile ]]; then
    echo "no Makefile or custom checkPhase, doing nothing"
  else
    if [[ -z ${checkTarget-} ]]; then
      local target
      for target in check test; do
        if make -n ${makefile:+-f $makefile} $target > /dev/null 2>&1; then checkTarget=$target; break; fi
      done
    fi
    if [[ -z ${checkTarget-} ]]; then
      echo "no check/test target in ${makefile:-Makefile}, doing nothing"
    else
      local flagsArray=(${enableParallelChecking:+-j${NIX_BUILD_CORES}} SHELL="$SHELL")
      concatTo flagsArray makeFlags makeFlagsArray checkFlags=VERBOSE=y checkFlagsArray checkTarget
      echoCmd 'check flags' "${flagsArray[@]}"
      make ${makefile:+-f $makefile} "${flagsArray[@]}"
    fi
  fi
  runHook postCheck
}
installPhase() {
  runHook preInstall
  if [[ -z ${makeFlags[*]-} && -z ${makefile-} && ! -e Makefile && ! -e makefile && ! -e GNUmakefile ]]; then
    echo "no Makefile or custom installPhase, doing nothing"
    runHook postInstall
    return
  fi
  if [[ -n ${prefix-} ]]; then mkdir -p "$prefix"; fi
  local flagsArray=(${enableParallelInstalling:+-j${NIX_BUILD_CORES}} SHELL="$SHELL")
  concatTo flagsArray makeFlags makeFlagsArray installFlags installFlagsArray installTargets=install
  echoCmd 'install flags' "${flagsArray[@]}"
  make ${makefile:+-f $makefile} "${flagsArray[@]}"
  runHook postInstall
}
fixupPhase() {
  local output
  for output in $(getAllOutputNames); do
    if [[ -e ${!output} ]]; then chmod -R u+w,u-s,g-s "${!output}"; fi
  done
  runHook preFixup
  for output in $(getAllOutputNames); do
    if [[ -e ${!output} ]]; then prefix=${!output} runHook fixupOutput; fi
  done
  recordPropagatedDependencies
  runHook postFixup
}
installCheckPhase() {
  runHook preInstallCheck
  if [[ -n ${installCheckTarget-} ]] || { [[ -e Makefile || -e makefile || -e GNUmakefile || -n ${makefile-} ]] && make -n ${makefile:+-f $makefile} installcheck > /dev/null 2>&1; }; then
    local flagsArray=(${enableParallelChecking:+-j${NIX_BUILD_CORES}} SHELL="$SHELL")
    concatTo flagsArray makeFlags makeFlagsArray installCheckFlags installCheckFlagsArray installCheckTarget=installcheck
    echoCmd 'installcheck flags' "${flagsArray[@]}"
    make ${makefile:+-f $makefile} "${flagsArray[@]}"
  else
    echo "no Makefile or custom installCheckPhase, doing nothing"
  fi
  runHook postInstallCheck
}
distPhase() {
  runHook preDist
  local flagsArray=()
  concatTo flagsArray distFlags distFlagsArray distTarget=dist
  make ${makefile:+-f $makefile} "${flagsArray[@]}"
  if [[ ${dontCopyDist-0} != 1 ]]; then
    mkdir -p "$out/tarballs"
    cp -pvd ${tarballs[*]:-*.tar.gz} "$out/tarballs"
  fi
  runHook postDist
}

showPhaseHeader() { echo "Running phase: $1"; }
showPhaseFooter() {
  local phase=$1 seconds=$(($3 - $2))
  if ((seconds >= 30)); then echo "$phase completed in $((seconds / 60)) minutes $((seconds % 60)) seconds"; fi
}
runPhase() {
  local curPhase=$1
  shift
  case $curPhase in
    unpackPhase) [[ -z ${dontUnpack-} ]] || return 0 ;;
    patchPhase) [[ -z ${dontPatch-} ]] || return 0 ;;
    configurePhase) [[ -z ${dontConfigure-} ]] || return 0 ;;
    buildPhase) [[ -z ${dontBuild-} ]] || return 0 ;;
    checkPhase) [[ -n ${doCheck-} ]] || return 0 ;;
    installPhase) [[ -z ${dontInstall-} ]] || return 0 ;;
    fixupPhase) [[ -z ${dontFixup-} ]] || return 0 ;;
    installCheckPhase) [[ -n ${doInstallCheck-} ]] || return 0 ;;
    distPhase) [[ -n ${doDist-} ]] || return 0 ;;
  esac
  __nixMessage setPhase "$curPhase"
  showPhaseHeader "$curPhase"
  dumpVars
  local start=$EPOCHSECONDS
  # Text given for a phase wins over the function of that name.
  if [[ -n ${!curPhase-} ]]; then eval "${!curPhase}"; else "$curPhase"; fi
  showPhaseFooter "$curPhase" "$start" "$EPOCHSECONDS"
  if [[ $curPhase == unpackPhase ]]; then
    if [[ -n ${sourceRoot-} ]]; then
      [[ -x $sourceRoot ]] || chmod +x -- "$sourceRoot"
      cd -- "$sourceRoot"
    fi
  fi
}
definePhases() {
  if [[ -z ${phases[*]-} ]]; then
    phases="${prePhases[*]-} unpackPhase patchPhase ${preConfigurePhases[*]-} configurePhase ${preBuildPhases[*]-} buildPhase checkPhase \
      ${preInstallPhases[*]-} installPhase ${preFixupPhases[*]-} fixupPhase installCheckPhase ${preDistPhases[*]-} distPhase ${postPhases[*]-}"
  fi
}
genericBuild() {
  # Run by hand in a shell, no trap is set and the outputs lie in the current directory.
  if [[ -n ${IN_NIX_SHELL-} ]]; then export GZIP_NO_TIMESTAMPS=1; fi
  if [[ -n ${buildCommandPath-} && -f ${buildCommandPath-} ]]; then
    source "$buildCommandPath"
    return
  fi
  if [[ -n ${buildCommand-} ]]; then
    eval "$buildCommand"
    return
  fi
  definePhases
  local phase
  for phase in ${phases[*]}; do runPhase "$phase"; done
}
printPhases() {
  definePhases
  local phase
  for phase in ${phases[*]}; do printf '%s ' "$phase"; done
  echo
}
runBuildPhase() { runPhase buildPhase; }
export GZIP_NO_TIMESTAMPS=1

runHook postHook
runHook userHook
dumpVars
