# makeWrapper, wrapProgram: a shell script that sets up the environment of a program and starts it.

assertExecutable() {
  if [[ ! -f $1 ]]; then
    echo "Builder failed: $1 does not exist or is no file" >&2
    return 1
  fi
  if [[ ! -x $1 ]]; then
    echo "Cannot wrap '$1' because it is not an executable file" >&2
    return 1
  fi
}

# makeWrapper ORIGINAL WRAPPER ARGUMENTS, where ARGUMENTS are, in the order in which they take effect:
#   --argv0 NAME | --inherit-argv0 | --resolve-argv0      what the program sees as its own name
#   --set VAR VALUE, --set-default VAR VALUE, --unset VAR
#   --chdir DIR, --run COMMAND
#   --add-flag ARG, --append-flag ARG                     one argument, quoted
#   --add-flags ARGS, --append-flags ARGS                 text, split by the shell when it runs
#   --prefix|--suffix VAR SEP VALUE                       each part once; --prefix-each, --suffix-each take a list,
#   --prefix-contents|--suffix-contents VAR SEP FILES     the lines of files
makeWrapper() { makeShellWrapper "$@"; }
makeShellWrapper() {
  local original=$1 wrapper=$2 argv0= flagsBefore= flagsAfter= option variable separator value values file text
  local body=
  shift 2
  assertExecutable "$original"
  # One part to the front or the back of a list variable, at most once in it; no program is needed for it.
  __wrapperAddPart() { # prefix|suffix VAR SEP VALUE
    local quotedValue quotedSeparator
    printf -v quotedValue %q "$4"
    # A value may refer to variables: it is expanded when the wrapper runs.
    quotedValue=\"${4//\"/\\\"}\"
    printf -v quotedSeparator %q "$3"
    body+="$2=\${$2:+$quotedSeparator\$$2$quotedSeparator}"$'\n'
    body+="$2=\${$2//$quotedSeparator$quotedValue$quotedSeparator/$quotedSeparator}"$'\n'
    if [[ $1 == prefix ]]; then
      body+="$2=${quotedValue}\${$2:-$quotedSeparator}"$'\n'
    else
      body+="$2=\${$2:-$quotedSeparator}${quotedValue}"$'\n'
    fi
    body+="$2=\${$2#$quotedSeparator}"$'\n'"$2=\${$2%$quotedSeparator}"$'\n'"export $2"$'\n'
  }
  while (($#)); do
    option=$1
    shift
    case $option in
      --argv0) printf -v argv0 '%q' "$1"; argv0=\"${1//\"/\\\"}\"; shift ;;
      --inherit-argv0) argv0='"$0"' ;;
      --resolve-argv0)
        argv0='"$0"'
        body+='case $0 in */*) ;; *) resolved=$(type -P "$0") && argument0=$resolved ;; esac'$'\n'
        argv0='"${argument0:-$0}"'
        ;;
      --set) printf -v value %q "$2"; body+="export $1=$value"$'\n'; shift 2 ;;
      --set-default) printf -v value %q "$2"; body+="export $1=\${$1-$value}"$'\n'; shift 2 ;;
      --unset) body+="unset $1"$'\n'; shift ;;
      --chdir) printf -v value %q "$1"; body+="cd $value"$'\n'; shift ;;
      --run) body+="$1"$'\n'; shift ;;
      --add-flag) printf -v value %q "$1"; flagsBefore+=" $value"; shift ;;
      --append-flag) printf -v value %q "$1"; flagsAfter+=" $value"; shift ;;
      --add-flags) flagsBefore+=" $1"; shift ;;
      --append-flags) flagsAfter+=" $1"; shift ;;
      --prefix | --suffix)
        variable=$1 separator=$2 value=$3
        shift 3
        [[ -n $value ]] || continue
        # The parts one by one, the last first for a prefix, so that they end up in the order given.
        values=()
        text=$value$separator
        while [[ -n $text ]]; do values+=("${text%%"$separator"*}"); text=${text#*"$separator"}; done
        local index
        if [[ $option == --prefix ]]; then
          for ((index = ${#values[@]} - 1; index >= 0; index--)); do [[ -z ${values[index]} ]] || __wrapperAddPart prefix "$variable" "$separator" "${values[index]}"; done
        else
          for value in "${values[@]}"; do [[ -z $value ]] || __wrapperAddPart suffix "$variable" "$separator" "$value"; done
        fi
        ;;
      --prefix-each | --suffix-each)
        variable=$1 separator=$2 values=$3
        shift 3
        for value in $values; do __wrapperAddPart "${option:2:6}" "$variable" "$separator" "$value"; done
        ;;
      --prefix-contents | --suffix-contents)
        variable=$1 separator=$2 values=$3
        shift 3
        for file in $values; do
          while IFS= read -r value || [[ -n $value ]]; do [[ -z $value ]] || __wrapperAddPart "${option:2:6}" "$variable" "$separator" "$value"; done < "$file"
        done
        ;;
      *)
        echo "makeWrapper doesn't understand the arg $option" >&2
        return 1
        ;;
    esac
  done
  mkdir -p "$(dirname "$wrapper")"
  {
    echo "#!@shell@ -e"
    printf '%s' "$body"
    if [[ -n $argv0 ]]; then printf 'exec -a %s ' "$argv0"; else printf 'exec '; fi
    printf '"%s" %s "$@" %s\n' "$original" "$flagsBefore" "$flagsAfter"
  } > "$wrapper"
  chmod +x "$wrapper"
}

# wrapProgram PROGRAM ARGUMENTS: in its place; the original becomes .NAME-wrapped beside it.
wrapProgram() { wrapProgramShell "$@"; }
wrapProgramShell() {
  local program=$1 hidden
  assertExecutable "$program"
  hidden=$(dirname "$program")/.$(basename "$program")-wrapped
  while [[ -e $hidden ]]; do hidden+=_; done
  mv "$program" "$hidden"
  makeShellWrapper "$hidden" "$program" --inherit-argv0 "${@:2}"
}
# The binary kind of nixpkgs: here the same script.
makeBinaryWrapper() { makeShellWrapper "$@"; }
wrapProgramBinary() { wrapProgramShell "$@"; }
makeCWrapper() {
  echo "makeCWrapper is not there: use makeWrapper" >&2
  return 1
}
