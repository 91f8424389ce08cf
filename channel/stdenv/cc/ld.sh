#!@shell@
# The linker of the store; see channel/stdenv/cc. Adds the dynamic linker, the libraries of NIX_LDFLAGS, and for every
# library of the store that is linked a RUNPATH to its directory.
store=${NIX_STORE:-/nix/store}
arguments=("$@")
before=() after=($NIX_LDFLAGS_BEFORE $NIX_LDFLAGS)
static= relocatable= expanded=()
for argument in "${arguments[@]}" "${after[@]}"; do
  if [[ $argument == @* && -f ${argument#@} ]]; then
    # A response file: only read here; ld reads it itself.
    IFS= read -r -d '' text < "${argument#@}"
    eval "words=($(printf '%s' "$text"))" 2> /dev/null || words=($text)
    expanded+=("${words[@]}")
  else
    expanded+=("$argument")
  fi
done
declare -A wanted=() given=()
directories=() names=() rpaths=()
addRpath() {
  if [[ $1 == "$store"/* && -z ${given[$1]} ]]; then given[$1]=1 rpaths+=(-rpath "$1"); fi
}
previous=
for argument in "${expanded[@]}"; do
  case $previous in
    -L) directories+=("$argument") previous= ; continue ;;
    -l) names+=("$argument") previous= ; continue ;;
    -rpath | --rpath) given[$argument]=1 previous= ; continue ;;
    skip) previous= ; continue ;;
  esac
  case $argument in
    -L | -l | -rpath | --rpath) previous=$argument ;;
    -o | -dynamic-linker | --dynamic-linker | -plugin | -m | -soname | -h | -T | -rpath-link) previous=skip ;;
    -L*) directories+=("${argument#-L}") ;;
    -l*) names+=("${argument#-l}") ;;
    -rpath=* | --rpath=*) given[${argument#*=}]=1 ;;
    -static | -no-dynamic-linker | --no-dynamic-linker) static=1 ;;
    -r | -i | --relocatable) relocatable=1 ;;
    *.so | *.so.*) if [[ $argument == "$store"/* ]]; then addRpath "${argument%/*}"; fi ;;
  esac
done
if [[ -z $relocatable ]]; then
  case " $NIX_HARDENING_ENABLE " in *" relro "*) before+=(-z relro) ;; esac
  case " $NIX_HARDENING_ENABLE " in *" bindnow "*) before+=(-z now) ;; esac
  if [[ -z $static ]]; then
    after+=(-dynamic-linker @linker@)
    if [[ -z ${NIX_DONT_SET_RPATH-} ]]; then
      for name in "${names[@]}"; do
        case $name in
          c | m | dl | pthread | rt | util | gcc | gcc_s) continue ;;
          stdc++ | gomp | atomic | quadmath | itm) addRpath @gcc_lib@/lib; continue ;;
          gfortran) for directory in @extraLibraries@; do addRpath "$directory/lib"; done; addRpath @gcc_lib@/lib; continue ;;
          :*) file=${name#:} ;;
          *) file=lib$name.so ;;
        esac
        for directory in "${directories[@]}"; do
          if [[ -e $directory/$file ]]; then
            while [[ $directory == */ && $directory != / ]]; do directory=${directory%/}; done
            addRpath "$directory"
            break
          fi
        done
      done
      addRpath @libc@/lib
      after+=("${rpaths[@]}")
    fi
  fi
fi
# What gcc does not add by itself when ld is called by hand.
after+=(-L@libc_dev@/lib -L@libc@/lib)
exec @program@ "${before[@]}" "${arguments[@]}" "${after[@]}"
