# What a linker among the inputs does to the environment of a build or shell.
bintoolsWrapper_addFlags() {
  if [[ $1 == @libc_dev@ || $1 == @libc@ ]]; then return 0; fi
  if [[ -d $1/lib ]]; then
    export NIX_LDFLAGS="${NIX_LDFLAGS-}${NIX_LDFLAGS:+ }-L$1/lib"
  fi
}
addEnvHooks "$targetOffset" bintoolsWrapper_addFlags
export NIX_BINTOOLS=@out@ AR=ar AS=as LD=ld NM=nm OBJCOPY=objcopy OBJDUMP=objdump RANLIB=ranlib READELF=readelf SIZE=size STRINGS=strings STRIP=strip
