# Builtins on lists: laziness, order, errors.
#----
map (x: x * 2) [ 1 2 3 ]
#----
map (throw "unused") [ ]
#----
map 1 [ ]
#----
map 1 [ 2 ]
#----
map (x: x) 1
#----
builtins.length (map (x: throw "lazy") [ 1 2 ])
#----
builtins.head (map (x: x) [ 1 (throw "no") ])
#----
builtins.filter (x: x > 1) [ 1 2 3 ]
#----
builtins.filter (throw "unused") [ ]
#----
builtins.filter (x: 1) [ 1 ]
#----
builtins.filter (x: true) [ (throw "a") ] == [ ]
#----
builtins.length (builtins.filter (x: true) [ (throw "a") ])
#----
builtins.all (x: x) [ ]
#----
builtins.all (x: x) [ true false (throw "no") ]
#----
builtins.any (x: x) [ false true (throw "no") ]
#----
builtins.any (x: x) [ ]
#----
builtins.any 1 [ ]
#----
builtins.all 1 2
#----
builtins.any (x: "a") [ 1 ]
#----
builtins.all (x: null) [ 1 ]
#----
builtins.concatLists [ [ 1 ] [ ] [ 2 3 ] ]
#----
builtins.concatLists [ ]
#----
builtins.concatLists [ 1 ]
#----
builtins.concatLists 1
#----
builtins.concatMap (x: [ x x ]) [ 1 2 ]
#----
builtins.concatMap (x: x) [ [ 1 ] 2 ]
#----
builtins.concatMap (x: x) 1
#----
builtins.concatMap 1 [ ]
#----
builtins.elem 1 [ 2 1 (throw "no") ]
#----
builtins.elem 1 [ ]
#----
builtins.elem (throw "a") [ ]
#----
builtins.elem { a = 1; } [ { a = 1; } ]
#----
builtins.elem 1 [ 1.0 ]
#----
builtins.elem 1 2
#----
builtins.elemAt [ 1 2 3 ] 1
#----
builtins.elemAt [ 1 2 3 ] 3
#----
builtins.elemAt [ 1 2 3 ] (-1)
#----
builtins.elemAt [ ] 0
#----
builtins.elemAt [ 1 (throw "x") ] 0
#----
builtins.elemAt 1 0
#----
builtins.elemAt [ 1 ] "0"
#----
builtins.elemAt [ 1 ] 9223372036854775807
#----
builtins.foldl' (a: b: a + b) 0 [ 1 2 3 ]
#----
builtins.foldl' (a: b: b) (throw "first") [ 1 ]
#----
builtins.foldl' (a: b: a) 1 [ (throw "lazy") ]
#----
builtins.foldl' (a: b: if b == 2 then throw "strict" else b) 0 [ 1 2 3 ]
#----
builtins.foldl' (a: b: a) (throw "empty") [ ]
#----
builtins.foldl' 1 2 [ ]
#----
builtins.foldl' (a: b: a) 1 2
#----
builtins.foldl' (a: a) 1 [ 2 ]
#----
builtins.genList (x: x * x) 5
#----
builtins.genList (x: x) 0
#----
builtins.genList 1 0
#----
builtins.genList (x: x) (-1)
#----
builtins.genList (x: x) "a"
#----
builtins.length (builtins.genList (x: throw "lazy") 3)
#----
builtins.groupBy (x: if x > 1 then "big" else "small") [ 1 2 3 0 ]
#----
builtins.groupBy (x: x) [ ]
#----
builtins.groupBy (x: x) [ 1 ]
#----
builtins.groupBy 1 [ ]
#----
builtins.groupBy (x: "a") 1
#----
builtins.head [ 1 (throw "no") ]
#----
builtins.head [ ]
#----
builtins.head 1
#----
builtins.tail [ 1 2 3 ]
#----
builtins.tail [ (throw "x") 2 ]
#----
builtins.tail [ ]
#----
builtins.tail "a"
#----
builtins.length [ ]
#----
builtins.length [ (throw "x") ]
#----
builtins.length { }
#----
builtins.partition (x: x > 1) [ 1 2 3 ]
#----
builtins.partition (x: true) [ ]
#----
builtins.partition (x: true) [ (throw "strict") ]
#----
builtins.partition (x: 1) [ 1 ]
#----
builtins.partition 1 [ ]
#----
builtins.sort builtins.lessThan [ 3 1 2 ]
#----
builtins.sort (a: b: a > b) [ 3 1 2 ]
#----
builtins.sort builtins.lessThan [ "b" "a" "B" ]
#----
builtins.sort builtins.lessThan [ 1 "a" ]
#----
builtins.sort builtins.lessThan [ ]
#----
builtins.sort 1 [ ]
#----
builtins.sort 1 [ 2 ]
#----
builtins.sort (throw "unused") [ ]
#----
builtins.sort builtins.lessThan [ (throw "forced") ]
#----
builtins.sort (a: b: 1) [ 1 2 ]
#----
builtins.sort (a: b: true) [ 1 2 3 4 5 ]
#----
builtins.sort (a: b: false) [ 3 1 2 ]
#----
builtins.sort (a: b: a.k < b.k) [ { k = 2; v = "a"; } { k = 1; v = "b"; } { k = 2; v = "c"; } { k = 1; v = "d"; } ]
#----
builtins.sort builtins.lessThan (builtins.genList (x: (x * 7919) - (x * 7919 / 101) * 101) 60)
#----
builtins.sort (a: b: true) (builtins.genList (x: x) 40)
#----
builtins.sort (a: b: a < b) (builtins.genList (x: if x < 20 then x else 60 - x) 40)
#----
builtins.sort (a: b: (a / 10) < (b / 10)) (builtins.genList (x: (x * 37) - (x * 37 / 100) * 100) 50)
#----
builtins.sort builtins.lessThan [ 1 1.5 1.0 0.5 ]
#----
builtins.sort builtins.lessThan [ [ 2 ] [ 1 2 ] [ 1 ] ]
#----
builtins.sort builtins.lessThan [ { } { } ]
#----
builtins.isList [ ]
#----
builtins.isList { }
#----
map (x: x.a or 0) [ { a = 1; } { } ]
#----
builtins.genericClosure { startSet = [ { key = 5; } ]; operator = { key }: if key == 0 then [ ] else [ { key = key - 1; } ]; }
#----
builtins.genericClosure { startSet = [ { key = 1; a = 1; } { key = 1; a = 2; } ]; operator = x: [ ]; }
#----
builtins.genericClosure { startSet = [ { key = "b"; } { key = "a"; } ]; operator = x: [ { key = "c"; } ]; }
#----
builtins.genericClosure { startSet = [ ]; }
#----
builtins.genericClosure { startSet = [ ]; operator = throw "unused"; }
#----
builtins.genericClosure { operator = x: [ ]; }
#----
builtins.genericClosure { startSet = [ 1 ]; operator = x: [ ]; }
#----
builtins.genericClosure { startSet = [ { } ]; operator = x: [ ]; }
#----
builtins.genericClosure { startSet = [ { key = 1; } ]; }
#----
builtins.genericClosure { startSet = [ { key = 1; } ]; operator = 1; }
#----
builtins.genericClosure { startSet = [ { key = 1; } ]; operator = x: 1; }
#----
builtins.genericClosure { startSet = [ { key = 1; } { key = "a"; } ]; operator = x: [ ]; }
#----
builtins.genericClosure { startSet = [ { key = 1; } { key = 1.0; } { key = 2; } ]; operator = x: [ ]; }
#----
builtins.genericClosure { startSet = [ { key = [ 1 ]; } { key = [ 1 ]; } ]; operator = x: [ ]; }
#----
builtins.genericClosure { startSet = [ { key = { }; } ]; operator = x: [ ]; }
#----
builtins.genericClosure { startSet = [ { key = { }; } { key = { }; } ]; operator = x: [ ]; }
#----
builtins.genericClosure { startSet = [ { key = null; } ]; operator = x: [ (throw "forced") ]; }
#----
builtins.genericClosure 1
#----
builtins.genericClosure { startSet = map (key: { inherit key; }) [ 5 3 8 1.0 9 2 ]; operator = x: [ { key = "s"; } ]; }
#----
builtins.genericClosure { startSet = map (key: { inherit key; }) [ [ 2 ] [ 1 ] [ 2 ] [ 0 5 ] ]; operator = x: [ ]; }
#----
[ (removeAttrs { a = 1; } [ "b" ]) { } { } ]
