# Order of evaluation, errors, tracing, importing.
#----
abort "now"
#----
abort 1
#----
abort "${toString 1}"
#----
throw "now"
#----
throw 1
#----
throw { outPath = "as string"; }
#----
throw "two
lines"
#----
builtins.tryEval 1
#----
builtins.tryEval (throw "a")
#----
builtins.tryEval (assert false; 1)
#----
builtins.tryEval (abort "a")
#----
builtins.tryEval (1 + "a")
#----
builtins.tryEval { }.a
#----
builtins.tryEval (builtins.head [ ])
#----
builtins.tryEval [ (throw "inside") ]
#----
(builtins.tryEval (builtins.deepSeq [ (throw "inside") ] 1)).success
#----
(builtins.tryEval <no-such-path>).success
#----
(builtins.tryEval (let x = x; in x)).success
#----
(builtins.tryEval (import ./files/broken.nix)).success
#----
(builtins.tryEval (builtins.fromJSON "{")).success
#----
(builtins.tryEval (map (x: throw "lazy") [ 1 ])).success
#----
builtins.seq 1 2
#----
builtins.seq (throw "a") 2
#----
builtins.seq { a = throw "a"; } 2
#----
builtins.seq [ (throw "a") ] 2
#----
builtins.deepSeq { a = throw "a"; } 2
#----
builtins.deepSeq { a = [ { b = throw "a"; } ]; } 2
#----
builtins.deepSeq (let x = { inherit x; y = 1; }; in x) 3
#----
builtins.deepSeq (x: throw "a") 4
#----
builtins.trace "message" 1
#----
builtins.trace { a = 1; } 2
#----
builtins.trace (throw "a") 1
#----
builtins.traceVerbose (throw "unused") 1
#----
builtins.warn "careful" 1
#----
builtins.warn 1 2
#----
builtins.addErrorContext "context" 1
#----
builtins.addErrorContext "context" (throw "inner")
#----
builtins.addErrorContext (throw "unused") 1
#----
builtins.break 5
#----
builtins.getEnv "NO_SUCH_VARIABLE_HERE"
#----
builtins.getEnv 1
#----
import ./files/dir
#----
import ./files/dir/default.nix
#----
import ./files/function.nix 1
#----
import ./files/chain.nix
#----
(import (./files + "/dir")).value
#----
import "${toString ./files}/dir"
#----
import ./files/nowhere.nix
#----
import ./files/broken.nix
#----
import ./files/cycle.nix
#----
import 1
#----
import "relative.nix"
#----
import { outPath = toString ./files/dir; }
#----
scopedImport { a = 1; b = 2; } ./files/scoped.nix
#----
scopedImport { a = 1; } ./files/scoped.nix
#----
scopedImport { map = 1; } (builtins.toFile "x" "map")
#----
scopedImport 1 ./files/scoped.nix
#----
builtins.unsafeGetAttrPos "a" (import ./files/positions.nix)
#----
builtins.unsafeGetAttrPos "c" (import ./files/positions.nix).b
#----
let x = { a = x; }; in x.a.a.a ? a
#----
let f = x: f x; in f 1
#----
let xs = [ xs ]; in builtins.length (builtins.head xs)
#----
(x: x x) (x: x x)
#----
let s = rec { a = b; b = c; c = a; }; in s.a
#----
builtins.foldl' (a: b: a + b) 0 (builtins.genList (x: x) 100000)
#----
let count = n: if n == 0 then 0 else 1 + count (n - 1); in count 3000
#----
let build = n: if n == 0 then null else { next = build (n - 1); }; in builtins.deepSeq (build 2000) "deep"
#----
builtins.findFile [ ] "a"
#----
builtins.findFile [ { prefix = "x"; path = toString ./files; } ] "x/hello.txt" == ./files/hello.txt
#----
builtins.findFile [ { path = toString ./files; } ] "hello.txt" == ./files/hello.txt
#----
builtins.findFile [ { path = toString ./files; prefix = "y"; } ] "x/hello.txt"
#----
builtins.findFile [ { } ] "x"
#----
builtins.findFile [ { path = 1; } ] "x"
#----
builtins.findFile 1 "x"
#----
builtins.findFile [ ] 1
#----
<no-such-path>
#----
<nix/no-such-file>
#----
builtins.nixPath
#----
let __findFile = path: name: name; in <a/b>
#----
let __nixPath = [ { prefix = "p"; path = toString ./files; } ]; in <p/hello.txt> == ./files/hello.txt
#----
builtins.findFile [ { prefix = "x"; path = builtins.toFile "x" "y"; } ] "x"
#----
builtins.addErrorContext "outer" (derivation { name = "a"; system = "s"; builder = "b"; outputHash = "x"; outputHashAlgo = "sha256"; }).drvPath
