# Builtins on numbers and types.
#----
builtins.add 1 2
#----
builtins.add 1.5 2
#----
builtins.add "a" 1
#----
builtins.add 9223372036854775807 1
#----
builtins.sub 5 3
#----
builtins.sub 1 1.5
#----
builtins.sub (-9223372036854775807) 2
#----
builtins.mul 3 4
#----
builtins.mul 3 0.5
#----
builtins.mul 3037000500 3037000500
#----
builtins.mul 3037000499 3037000499
#----
builtins.mul (-1) 0
#----
builtins.mul "a" 1
#----
builtins.div 7 2
#----
builtins.div (-7) 2
#----
builtins.div 7 0
#----
builtins.div 7 0.0
#----
builtins.div 7.5 2
#----
builtins.div "a" 1
#----
builtins.div 1 "a"
#----
builtins.bitAnd 12 10
#----
builtins.bitOr 12 10
#----
builtins.bitXor 12 10
#----
builtins.bitAnd (-1) 255
#----
builtins.bitOr 4294967296 1
#----
builtins.bitXor (-1) 4294967296
#----
builtins.bitAnd 9223372036854775807 (-9223372036854775807)
#----
builtins.bitAnd 1.0 1
#----
builtins.bitOr 1 "a"
#----
builtins.lessThan 1 2
#----
builtins.lessThan 2 1.5
#----
builtins.lessThan "a" "b"
#----
builtins.lessThan 1 "a"
#----
builtins.lessThan { } { }
#----
builtins.ceil 1.2
#----
builtins.ceil (-1.2)
#----
builtins.ceil 5
#----
builtins.ceil "a"
#----
builtins.ceil 1.0e19
#----
builtins.ceil 9007199254740993
#----
builtins.ceil 9223372036854775807
#----
builtins.floor 1.8
#----
builtins.floor (-1.2)
#----
builtins.floor 9007199254740992
#----
builtins.floor (-1.0e30)
#----
builtins.floor null
#----
builtins.isInt 1
#----
builtins.isInt 1.0
#----
builtins.isFloat 1.0
#----
builtins.isFloat 1
#----
builtins.isString "a"
#----
builtins.isString /a
#----
builtins.isPath /a
#----
builtins.isPath "/a"
#----
builtins.isBool true
#----
builtins.isBool null
#----
isNull null
#----
isNull 0
#----
builtins.isFunction (x: x)
#----
builtins.isFunction map
#----
builtins.isFunction (map (x: x))
#----
builtins.isFunction { __functor = self: x: x; }
#----
builtins.isFunction (throw "forced")
#----
map builtins.typeOf [ 1 1.0 "a" /a null true [ ] { } (x: x) map (map 1) ]
#----
builtins.typeOf (throw "forced")
#----
builtins.langVersion
#----
builtins.nixVersion
#----
builtins.storeDir
#----
builtins.currentSystem
#----
builtins.isInt builtins.currentTime
#----
builtins.currentTime == builtins.currentTime
#----
builtins ? derivation && builtins ? true && builtins ? builtins
#----
builtins.builtins.builtins == builtins
#----
builtins.attrNames builtins
#----
__add 1 2
#----
__length [ 1 ]
#----
__mapAttrs (n: v: n) { a = 1; }
#----
__nixVersion == builtins.nixVersion
#----
map (n: builtins.hasAttr n builtins) [ "importNative" "exec" "outputOf" "fetchClosure" "fetchFinalTree" ]
#----
[ map (map 1) (x: x) ({ a }: a) builtins.add (builtins.add 1) derivation ]
#----
{ a = map; b = import; c = builtins.toString; }
#----
[ 1.0 10.0 0.1 100000.0 1000000.0 1234567.0 1.0e-4 1.0e-5 123456.7 (1.0 / 3) ]
#----
[ 123456.5 123457.5 0.0078125 (-123456.5) 999999.5 ]
#----
map toString [ 0.0078125 0.0234375 1.5 (1.0 / 3) ]
#----
let i = 1.0e300 * 1.0e300; in [ (i - i) (i * 0) (toString (i - i)) i (-i) ]
