#!@shell@
# A compiler of the store; see channel/stdenv/cc. No program is forked here: builds call this thousands of times.
isCxx=@cxx@
optimised= link=1 hasInput= nostdinc= freestanding=
for argument; do
  case $argument in
    -O0) optimised= ;;
    -O*) optimised=1 ;;
    -nostdinc) nostdinc=1 ;;
    -ffreestanding | -nostdlib) freestanding=1 ;;
    -c | -S | -E | -M | -MM | -fsyntax-only) link= ;;
    -x*) hasInput=1 ;;
    -) hasInput=1 ;;
    -*) ;;
    *) hasInput=1 ;;
  esac
done
before=() after=()
# Asked for nothing but its version or its directories.
if [ -z "$hasInput" ]; then
  exec @program@ --sysroot=@out@/sysroot -B@bintools@/bin/ -B@libc_dev@/lib/ "$@"
fi
case " $NIX_HARDENING_ENABLE " in *" fortify "*) if [ -n "$optimised" ]; then before+=(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2); fi ;; esac
case " $NIX_HARDENING_ENABLE " in *" fortify3 "*) if [ -n "$optimised" ]; then before+=(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3); fi ;; esac
case " $NIX_HARDENING_ENABLE " in *" stackprotector "*) [ -n "$freestanding" ] || before+=(-fstack-protector-strong --param ssp-buffer-size=4) ;; esac
case " $NIX_HARDENING_ENABLE " in *" pic "*) before+=(-fPIC) ;; esac
case " $NIX_HARDENING_ENABLE " in *" strictoverflow "*) before+=(-fno-strict-overflow) ;; esac
case " $NIX_HARDENING_ENABLE " in *" format "*) before+=(-Wformat -Wformat-security -Werror=format-security) ;; esac
if [ -z "$nostdinc" ]; then after+=(-idirafter @libc_dev@/include); fi
after+=(-B@libc_dev@/lib/)
if [ -n "$link" ]; then after+=(-L@libc_dev@/lib -L@libc@/lib -L@gcc_lib@/lib); fi
exec @program@ --sysroot=@out@/sysroot -B@bintools@/bin/ "${before[@]}" $NIX_CFLAGS_COMPILE_BEFORE "$@" ${isCxx:+$NIX_CXXSTDLIB_COMPILE} $NIX_CFLAGS_COMPILE ${link:+$NIX_CFLAGS_LINK} "${after[@]}"
