# The builder of derivations that bring none of their own.
if [ -n "${NIX_ATTRS_SH_FILE-}" ] && [ -e "$NIX_ATTRS_SH_FILE" ]; then . "$NIX_ATTRS_SH_FILE"; elif [ -f .attrs.sh ]; then . .attrs.sh; fi
source "$stdenv/setup"
genericBuild
