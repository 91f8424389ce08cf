#!/bin/sh
# All that must hold before a change is done: format and lint, types, floors, tests. `./bruma self-test` is the same.
# It installs what it needs by itself; its last line is `N passed, M failed, K skipped`.
set -u
cd "$(dirname "$0")/.." || exit 1
./bruma __install || exit 1
PATH=$PWD/node_modules/.bin:$PATH
for platform in linux-x64 linux-arm64 darwin-arm64; do
  [ -x "node_modules/node-$platform/bin/node" ] && PATH=$PWD/node_modules/node-$platform/bin:$PATH
done
export PATH
# As the launcher does: deep recursion is tested for.
ulimit -S -s 1048576 2>/dev/null || true
status=0
step() {
  printf '%s\n' "== $1" >&2
  shift
  "$@" || status=1
}
step "format and lint" biome check --error-on-warnings src tools test bench channel
step "types" tsc --noEmit
step "floors" node tools/floors.ts
step "program" node tools/bundle.mjs
step "tests" node tools/test.mjs "$@" || status=1
exit $status
