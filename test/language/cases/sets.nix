# Builtins on attribute sets.
#----
builtins.attrNames { b = 1; a = 2; "" = 3; A = 4; "é" = 5; }
#----
builtins.attrNames { }
#----
builtins.attrNames 1
#----
builtins.attrValues { b = 1; a = 2; }
#----
builtins.length (builtins.attrValues { a = throw "lazy"; })
#----
builtins.attrValues [ ]
#----
builtins.catAttrs "a" [ { a = 1; } { b = 2; } { a = 3; } ]
#----
builtins.catAttrs "a" [ 1 ]
#----
builtins.catAttrs "a" 1
#----
builtins.catAttrs 1 [ ]
#----
builtins.functionArgs ({ a, b ? 1, ... }: a)
#----
builtins.functionArgs (x: x)
#----
builtins.functionArgs map
#----
builtins.functionArgs (map 1)
#----
builtins.functionArgs derivation
#----
builtins.functionArgs { __functor = self: x: x; }
#----
builtins.functionArgs 1
#----
builtins.functionArgs ({ }: 1)
#----
builtins.functionArgs ({ ... }@a: 1)
#----
builtins.getAttr "a" { a = 1; }
#----
builtins.getAttr "b" { a = 1; }
#----
builtins.getAttr 1 { }
#----
builtins.getAttr "a" 1
#----
builtins.hasAttr "a" { a = throw "lazy"; }
#----
builtins.hasAttr "b" { a = 1; }
#----
builtins.hasAttr "a" 1
#----
builtins.hasAttr 1 { }
#----
builtins.intersectAttrs { a = 1; b = 2; } { b = 3; c = 4; }
#----
builtins.intersectAttrs { } { a = 1; }
#----
builtins.intersectAttrs { a = throw "l"; } { a = 1; }
#----
builtins.intersectAttrs 1 { }
#----
builtins.intersectAttrs { } 1
#----
builtins.isAttrs { }
#----
builtins.isAttrs [ ]
#----
builtins.isAttrs (derivation { name = "x"; system = "y"; builder = "z"; })
#----
builtins.listToAttrs [ { name = "a"; value = 1; } { name = "b"; value = 2; } ]
#----
builtins.listToAttrs [ { name = "a"; value = 1; } { name = "a"; value = 2; } ]
#----
builtins.listToAttrs [ { name = "a"; value = 1; } { name = "a"; } ]
#----
builtins.listToAttrs [ { name = "a"; } ]
#----
builtins.listToAttrs [ { value = 1; } ]
#----
builtins.listToAttrs [ { name = 1; value = 1; } ]
#----
builtins.listToAttrs [ 1 ]
#----
builtins.listToAttrs 1
#----
builtins.listToAttrs [ ]
#----
builtins.attrNames (builtins.listToAttrs [ { name = "z"; value = throw "lazy"; } ])
#----
builtins.mapAttrs (n: v: n + toString v) { a = 1; b = 2; }
#----
builtins.mapAttrs 1 { }
#----
builtins.mapAttrs 1 { a = 1; }
#----
builtins.attrNames (builtins.mapAttrs (throw "lazy") { a = 1; })
#----
builtins.mapAttrs (n: v: v) 1
#----
removeAttrs { a = 1; b = 2; c = 3; } [ "a" "c" "d" ]
#----
removeAttrs { a = 1; } [ ]
#----
removeAttrs { a = 1; } [ 1 ]
#----
removeAttrs 1 [ ]
#----
removeAttrs { } 1
#----
builtins.attrNames (removeAttrs { a = throw "x"; b = throw "y"; } [ "a" ])
#----
builtins.unsafeGetAttrPos "a" { a = 1; }
#----
builtins.unsafeGetAttrPos "b" { a = 1; }
#----
builtins.unsafeGetAttrPos "a" (builtins.mapAttrs (n: v: v) { a = 1; })
#----
builtins.unsafeGetAttrPos "a" (builtins.listToAttrs [ { name = "a"; value = 1; } ])
#----
builtins.unsafeGetAttrPos "a" ({ a = 1; } // { b = 2; })
#----
builtins.unsafeGetAttrPos "a" (builtins.functionArgs ({ a }: a))
#----
builtins.unsafeGetAttrPos "a" (let a = 1; in { inherit a; })
#----
builtins.unsafeGetAttrPos 1 { }
#----
builtins.zipAttrsWith (n: vs: vs) [ { a = 1; } { a = 2; b = 3; } ]
#----
builtins.zipAttrsWith (n: vs: { inherit n vs; }) [ ]
#----
builtins.zipAttrsWith 1 [ ]
#----
builtins.zipAttrsWith (n: vs: vs) [ 1 ]
#----
builtins.attrNames (builtins.zipAttrsWith (n: throw "lazy") [ { a = 1; } ])
#----
{ __overrides = { a = 2; }; a = 1; }
#----
rec { __overrides = { a = 2; }; a = 1; b = a; }
#----
{ a = 1; b = 2; } // builtins.listToAttrs (map (n: { name = n; value = n; }) [ "b" "c" ])
#----
builtins.foldl' (a: b: a // b) { } (builtins.genList (i: { ${"k" + toString i} = i; }) 12)
#----
({ a, b ? a + 1, ... }@all: [ a b (builtins.attrNames all) ]) { a = 1; z = 3; }
#----
({ a, b ? 2 }: a + b) { a = 1; }
#----
({ a }: a) { }
#----
({ a }: a) { a = 1; b = 2; }
#----
({ name, version }: name) { nmae = 1; version = 2; }
#----
({ a }: a) 1
#----
({ a ? b, b ? 1 }: a) { }
#----
({ a ? a }: a) { }
#----
(args@{ a ? 1, ... }: args ? a) { }
#----
{ }."a b"
#----
{ }."if"
#----
builtins.getAttr "a b" { }
#----
({ a }: a) { "b c" = 1; a = 1; }
#----
{ "x y" = 1; "x y" = 2; }
#----
let inherit ({ }) "a b"; in 1
#----
let s = { a = 1; }; t = { b = 2; }; in [ s (s // s) (s // { }) ({ } // s) ({ a = 5; } // s) (t // s // t) ]
#----
let m = builtins.listToAttrs (builtins.genList (i: { name = "k${toString i}"; value = i; }) 200); s = m // { k7 = "new"; a = s.k7; }; in [ (builtins.length (builtins.attrNames s)) s.a s.k8 (s.b or "none") (s ? k7) (s == m) (s == m // { a = "new"; k7 = "new"; }) (m // { k3 = 3; } == m) ]
#----
let m = builtins.listToAttrs (builtins.genList (i: { name = "k${toString i}"; value = i; }) 200); grow = s: i: s // { "k${toString (i * 3)}" = s."k${toString i}" + 1; }; s = builtins.foldl' grow m (builtins.genList (i: i) 100); in [ (builtins.length (builtins.attrValues s)) (map (i: s."k${toString (i * i)}") [ 0 1 2 3 4 5 6 9 ]) s.k297 (builtins.hashString "sha256" (builtins.toJSON s)) ]
#----
let m = builtins.listToAttrs (builtins.genList (i: { name = "k${toString i}"; value = i; }) 200); s = m // { a = 1; }; in (removeAttrs s [ "a" ]).a
#----
let m = builtins.listToAttrs (builtins.genList (i: { name = "k${toString i}"; value = i; }) 200); f = { a, k1, b ? a, ... }@all: [ a k1 b (all ? k2) ]; in [ (f (m // { a = 5; })) (f ({ a = 6; k1 = 0; } // m)) (with m // { x = 1; }; x + k9) (builtins.intersectAttrs { a = 1; k4 = 2; z = 3; } (m // { a = 7; })) (builtins.intersectAttrs (m // { a = 7; }) { a = 1; k4 = 2; z = 3; }) ]
#----
let m = builtins.listToAttrs (builtins.genList (i: { name = "k${toString i}"; value = i; }) 200); in ({ k1, a }: a) (m // { a = 5; })
#----
let m = builtins.listToAttrs (builtins.genList (i: { name = "k${toString i}"; value = i; }) 200); in ({ missing, ... }: missing) (m // { a = 5; })
#----
let m = builtins.listToAttrs (builtins.genList (i: { name = "k${toString i}"; value = i; }) 200); s = m // { k5 = throw "no"; }; in [ (builtins.tryEval s.k5).success s.k6 (builtins.tryEval (s == m)).success (builtins.attrNames (s // { k5 = 1; }) == builtins.attrNames m) (s // { k5 = 5; } == m) ]
#----
let
  m = builtins.listToAttrs (builtins.genList (i: { name = "k${toString i}"; value = i; }) 200);
  line = s: n: (builtins.unsafeGetAttrPos n s).line or null;
  s = m // {
    k5 = 1;
  } // {
    a = 2;
    inherit (m) k6;
  };
  t = { k9 = 1; c = 3; } // s;
in
map (x: map (line x) [ "k5" "a" "k6" "k7" "k9" "c" "nix" ]) [ s t (removeAttrs t [ "a" ]) (builtins.mapAttrs (_: v: v) t) ]
#----
let a = "a"; c = "c"; in [ { ${c} = 1; ${a} = 2; b = 3; "${a}${c}" = 4; } (builtins.attrNames { ${c} = 1; ${a} = 2; }) { ${null} = 1; ${c} = 2; ${null} = 3; } { ${null} = 1; } ]
#----
let a = "a"; in { ${a} = 1; b = 2; ${a} = 3; }
#----
let a = "a"; in { a = 1; ${a} = 3; }
#----
let a = "a"; c = "c"; in map (n: (builtins.unsafeGetAttrPos n { ${c} = 1; b = 2; ${a} = 3; }).column) [ "a" "b" "c" ]
#----
builtins.listToAttrs [ { name = "b"; value = 1; } { name = "a"; value = 2; } { name = "b"; } { name = "c"; value = 3; } { value = 9; name = "a"; } ]
#----
builtins.listToAttrs [ { name = "b"; value = 1; } { name = "a"; } ]
#----
builtins.listToAttrs [ { name = "b"; value = 1; } { name = 1; value = 1; } { } ]
#----
builtins.listToAttrs (map (i: { name = "n${toString (i * 37 - i * 37 / 50 * 50)}"; value = i; }) (builtins.genList (i: i) 80))
