# installManPage, installShellCompletion, installBin: puts files where man, shells and users look for them.
installManPage() {
  local path name
  for path; do
    if [[ -z $path ]]; then echo "installManPage: error: path cannot be empty" >&2; return 1; fi
    if [[ $path == -- ]]; then continue; fi
    name=${path##*/}
    name=${name%.gz}
    install -Dm644 --no-target-directory "$path" "${!outputMan}/share/man/man${name##*.}/${path##*/}"
  done
}
installShellCompletion() {
  local shell= name= cmd= retval=0 file target
  while (($#)); do
    case $1 in
      --bash | --fish | --zsh | --nushell) shell=${1#--}; shift; continue ;;
      --name) name=$2; shift 2; continue ;;
      --name=*) name=${1#*=}; shift; continue ;;
      --cmd) cmd=$2; shift 2; continue ;;
      --cmd=*) cmd=${1#*=}; shift; continue ;;
      --) shift; continue ;;
      -*) echo "installShellCompletion: error: unknown flag $1" >&2; return 1 ;;
    esac
    file=$1
    shift
    local kind=$shell base=${name:-${file##*/}}
    if [[ -z $kind ]]; then
      case $file in
        *.bash) kind=bash ;;
        *.fish) kind=fish ;;
        *.zsh | */_*) kind=zsh ;;
        *) echo "installShellCompletion: error: could not guess shell for $file" >&2; return 1 ;;
      esac
    fi
    if [[ -z $name && -n $cmd ]]; then
      case $kind in zsh) base=_$cmd ;; fish) base=$cmd.fish ;; *) base=$cmd.$kind ;; esac
    fi
    case $kind in
      bash) target=${!outputBin}/share/bash-completion/completions/$base ;;
      fish) target=${!outputBin}/share/fish/vendor_completions.d/$base ;;
      zsh) target=${!outputBin}/share/zsh/site-functions/$base ;;
      nushell) target=${!outputBin}/share/nushell/vendor/autoload/$base ;;
    esac
    mkdir -p "${target%/*}"
    # A pipe or process substitution is read, not copied.
    cat "$file" > "$target"
    chmod 644 "$target"
    name=
  done
  return $retval
}
installBin() {
  local path
  for path; do install -Dm755 --no-target-directory "$path" "${!outputBin}/bin/${path##*/}"; done
}
