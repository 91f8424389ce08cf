# What a compiler among the inputs does to the environment of a build or shell.
ccWrapper_addFlags() {
  if [[ -d $1/include && $1 != @libc_dev@ ]]; then
    export NIX_CFLAGS_COMPILE="${NIX_CFLAGS_COMPILE-}${NIX_CFLAGS_COMPILE:+ }-isystem $1/include"
  fi
}
addEnvHooks "$targetOffset" ccWrapper_addFlags
export NIX_CC=@out@ CC=gcc CXX=g++
# Names inside object files that would be random otherwise.
if [[ -n ${out-} ]]; then
  __seed=${out##*/}
  export NIX_CFLAGS_COMPILE="-frandom-seed=${__seed:0:10}${NIX_CFLAGS_COMPILE:+ }${NIX_CFLAGS_COMPILE-}"
  unset __seed
fi
