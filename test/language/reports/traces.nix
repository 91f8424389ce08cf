Traces: which lines stand in them, and where they point.
#----
(-0.0) <= throw "a"
#----
null >= 255
#----
[ (1 == (throw "a")) ]
#----
builtins.concatMap (x: 1) [ "foo" ]
#----
let f = a: a; in builtins.concatMap f [ 1 2 ]
#----
builtins.concatMap (x: y: 1) [ 1 ]
#----
builtins.genList (x: x + "foo") 2
#----
builtins.zipAttrsWith (_: 1) [ { foo = 1; } ]
#----
builtins.zipAttrsWith (a: b: a + b) [ { foo = 1; } ]
#----
builtins.mapAttrs (n: x: throw "a") { a = 1; b = 2; }
#----
builtins.mapAttrs (n: { a }: a) { a = { a = 1; }; b = 1; }
#----
map ({ a }: a) [ 1 ]
#----
"foo" * 1
#----
1.5 * "foo"
#----
"foo" * 1.5
#----
(- 123456.) 789
#----
(1 - 2) 3
#----
"${./no-such-file}"
#----
"a" + /no-such-directory/../no-such-file
#----
rec { __overrides = 1; }
#----
rec { __overrides = x: x; }
#----
builtins.genericClosure { startSet = [ { key = 1; } { key = 2; } { key = null; } ]; operator = x: [ ]; }
#----
builtins.genericClosure { startSet = [ { key = "b"; } { key = "a"; } { key = "c"; } { key = 1; } ]; operator = x: [ ]; }
#----
builtins.toJSON (x: x)
#----
builtins.toJSON { a.b = { __functor = self: x: 1; }; }
#----
builtins.toJSON [ 1 map ]
#----
let
  a = throw "nope";
  b = builtins.addErrorContext "forcing b" a;
  c = builtins.addErrorContext "forcing c" a;
  d = builtins.addErrorContext "forcing d" a;
in
builtins.seq (builtins.tryEval b) (builtins.seq (builtins.tryEval c) d)
#----
let
  down = again: n: if n > 0 then down again (n - 1) else if again then up true 10 else throw "bottom";
  up = again: n: if n > 0 then up again (n - 1) else if again then down false 10 else throw "top";
in
down true 10
#----
let { x = 1; }
#----
let { body = y; y = throw "a"; }
#----
# options: max-call-depth 20
let f = n: if n == 1000 then n else f (n + 1); in f 0
#----
# options: max-call-depth 20
let f = n: if n != 1000 then f (n + 1) else n; in f 0
#----
# options: max-call-depth 20
let f = n: if n >= 1000 then n else f (n + 1); in f 0
#----
# options: max-call-depth 100
(x: x x) (x: x x)
#----
# options: max-call-depth 50
builtins.toJSON (builtins.foldl' (tail: head: { inherit head tail; }) null (builtins.genList (x: x) 100))
#----
# options: max-call-depth 50
builtins.toXML (builtins.foldl' (tail: head: { inherit head tail; }) null (builtins.genList (x: x) 100))
#----
# options: max-call-depth 50
let long = builtins.genList (x: x) 100; reverse = builtins.foldl' (tail: head: { inherit head tail; }) null long; in builtins.deepSeq reverse 1
#----
{ b = throw "b"; a = throw "a"; }
#----
{ b = 1; c = throw "c"; outPath = throw "outPath"; a = throw "a"; }
#----
builtins.deepSeq { zz = 1; a = [ { z = throw "z"; } ]; b = { y = throw "y"; b = 1; w = throw "w"; }; } 1
#----
{
	a = 1;
	b = throw "a	b";
}
#----
builtins.trace "a	b" (throw "é	b	ü	x漢字	z")
#----
throw "a[1mb[0mc	xyz]8;;http://x\\L[2Kq"
#----
builtins.trace "[1mb" (throw "M[")
#----
"�" + throw "�	�a	b"
#----
builtins.appendContext "a" { "/x" = { }; }
#----
import <nix/nope.nix>
#----
"${<nix/nope>}"
#----
(1 == 2) // { }
#----
throw "voilà"
#----
builtins.warn "à\n  b  \n" (throw "a \nb\f")
#----
throw "　"
#----
{ f = x: x; g = [ (y: y) map ]; } + 1
#----
builtins.trace { f = x: x; } (builtins.trace (x: x) 1)
