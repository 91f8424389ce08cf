# JSON, XML and TOML.
#----
builtins.toJSON { a = 1; b = [ true false null ]; c = "x\"y\\z\n\t"; d = 1.5; }
#----
builtins.toJSON 1.0
#----
builtins.toJSON [ 0.1 1.0e20 1.0e15 100000000000000.0 1.0e-5 0.0001 123456789.123 (-0.0) ]
#----
builtins.toJSON (1.0e300 * 1.0e300)
#----
builtins.toJSON 9223372036854775807
#----
builtins.toJSON ""
#----
builtins.toJSON "é🎉"
#----
builtins.toJSON (builtins.substring 0 1 "é")
#----
builtins.toJSON "a/b</script>"
#----
builtins.toJSON { outPath = "/x"; a = 1; }
#----
builtins.toJSON { __toString = self: "s"; a = 1; }
#----
builtins.toJSON { outPath = { a = 1; }; }
#----
builtins.toJSON { "b" = 1; "a" = 2; "" = 3; }
#----
builtins.toJSON (x: x)
#----
builtins.toJSON [ (throw "inside") ]
#----
builtins.toJSON map
#----
builtins.toJSON [ ]
#----
builtins.toJSON { }
#----
builtins.fromJSON "{\"a\": [1, 2.5, -3e2, true, false, null, \"x\\u00e9\\n\"]}"
#----
builtins.fromJSON "1"
#----
builtins.fromJSON "-0"
#----
builtins.fromJSON "1.0"
#----
builtins.fromJSON "1e2"
#----
builtins.fromJSON "\"\\ud83c\\udf89\""
#----
builtins.fromJSON "{\"a\":1,\"a\":2}"
#----
builtins.fromJSON "9223372036854775807"
#----
builtins.fromJSON "9223372036854775808"
#----
builtins.fromJSON "-9223372036854775808"
#----
builtins.fromJSON "-9223372036854775809"
#----
builtins.fromJSON "18446744073709551616"
#----
builtins.fromJSON ""
#----
builtins.fromJSON "{"
#----
builtins.fromJSON "[1,]"
#----
builtins.fromJSON "[1 2]"
#----
builtins.fromJSON "{\"a\"}"
#----
builtins.fromJSON "{a:1}"
#----
builtins.fromJSON "nul"
#----
builtins.fromJSON "1 1"
#----
builtins.fromJSON "'a'"
#----
builtins.fromJSON "\"\\x\""
#----
builtins.fromJSON "\"a
b\""
#----
builtins.fromJSON "01"
#----
builtins.fromJSON "1."
#----
builtins.fromJSON "1e"
#----
builtins.fromJSON "1e999"
#----
builtins.fromJSON "\"\\u0000\""
#----
builtins.fromJSON "\"\\ud800\""
#----
builtins.fromJSON 1
#----
builtins.fromJSON (builtins.toJSON { a.b.c = [ 1 { d = 2.5; } ]; })
#----
builtins.fromTOML "a = 1"
#----
fromTOML "a = 1
[b]
c = \"x\"
d = [1, 2]
[[e]]
f = 1
[[e]]
f = 2"
#----
builtins.fromTOML "a.b.c = 1
a.d = 2"
#----
builtins.fromTOML "i = [ 0x1F, 0o17, 0b101, 1_000, -5, +7 ]
f = [ 1.5, 1e3, -0.5, 6.6e-3 ]"
#----
builtins.fromTOML "s = '''
raw\\n'''
t = \"\"\"
a\\
   b\"\"\"
u = 'x\\y'"
#----
builtins.fromTOML "t = { a = 1, b = { c = 2 } }"
#----
builtins.fromTOML "\"quoted key\" = true
'k' = false"
#----
builtins.fromTOML "a = inf
b = -inf"
#----
builtins.fromTOML ""
#----
builtins.fromTOML "# only a comment"
#----
builtins.fromTOML "i = 9223372036854775807
j = -9223372036854775808"
#----
builtins.fromTOML "d = 1979-05-27"
#----
builtins.fromTOML "d = 1979-05-27T07:32:00Z"
#----
builtins.fromTOML "s = \"\\u00e9\\U0001F389\\t\""
#----
builtins.fromTOML 1
#----
(builtins.tryEval (builtins.fromTOML "a = 1
b = 2")).value
#----
builtins.toXML 1
#----
builtins.toXML { a = 1; b = "x<y>&\"z\"
"; }
#----
builtins.toXML [ 1 1.5 true null /a "s" ]
#----
builtins.toXML (x: x)
#----
builtins.toXML ({ b, a ? 1, ... }@c: a)
#----
builtins.toXML ({ }: 1)
#----
builtins.toXML map
#----
builtins.toXML (derivation { name = "n"; system = "s"; builder = "b"; })
#----
builtins.toXML [ (throw "inside") ]
#----
builtins.toXML { }
#----
builtins.fromTOML "a = 9223372036854775808"
#----
builtins.fromTOML "a = {b = 1,}"
#----
builtins.fromTOML "a = {b = 1,\n c = 2}"
#----
builtins.fromTOML "a = \"\\e\""
#----
builtins.fromTOML "a = 0xFFFFFFFFFFFFFFFF"
#----
builtins.fromTOML "a = 1e400"
#----
builtins.fromTOML "a = 01"
#----
builtins.fromTOML "a = 1__0"
#----
builtins.fromTOML "[a]\n[a]"
#----
builtins.fromTOML "a=1\na.b=2"
#----
builtins.fromTOML "[[a]]\n[a]"
#----
builtins.fromTOML "a=[1,\n2,\n]"
#----
builtins.fromTOML "a=[{b=1},{c=2}]"
#----
builtins.fromTOML "a={}\n[a.b]"
#----
builtins.fromTOML "[[a.b]]\nc=1\n[[a.b]]\nc=2"
#----
builtins.fromTOML "a = { b.c = 1, b.d = 2 }"
#----
builtins.fromTOML "é=1"
#----
builtins.fromTOML "a = -0.0"
#----
builtins.fromTOML "a=[ # c\n1 # d\n, 2]"
#----
builtins.fromTOML "a=1 b=2"
#----
builtins.fromTOML "a = .1"
#----
builtins.fromTOML "a = 07:32:00"
#----
builtins.fromTOML "3.14=1"
#----
builtins.toJSON [ 745872273439540.2 1835963139934920.8 106554662800625.12 1035040618570953.8 853366390887346.8 2.062725024151593e169 5.0 1.0e22 1.0e-10 ]
#----
map builtins.toJSON [ 0.1 0.2 0.3 1.1 123456.789 4503599627370496.5 9007199254740993.0 ]
#----
builtins.fromJSON "01e400"
#----
builtins.fromJSON "[1 18446744073709551615]"
#----
builtins.fromJSON "[18446744073709551615 ]"
#----
builtins.fromJSON "[1, 1e400"
