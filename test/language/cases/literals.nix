# Literals: integers, floats, strings of both kinds, paths, URIs, lists, sets.
#----
0
#----
007
#----
9223372036854775807
#----
9223372036854775808
#----
-9223372036854775807 - 1
#----
1.5
#----
.5
#----
1.
#----
1.0e3
#----
1.5E-7
#----
100000.0
#----
1000000.0
#----
123456789.0
#----
0.00001
#----
1.0e300 * 1.0e300
#----
-(1.0e300 * 1.0e300)
#----
-0.0
#----
[ 1.0e308 0.1 (1.0 / 3) 2.5e-320 ]
#----
""
#----
"a\nb\tc\rd\\e\"f\$g\${h}"
#----
"$x $$y $${z} $"
#----
"\q\u"
#----
"a${"b"}c${"d" + "e"}"
#----
"é ü 漢字 🎉"
#----
"line one
line two"
#----
''simple''
#----
''
  indented
    more
  less
''
#----
''
    two
  one
''
#----
''
  tab''\tnewline''\nquote'''dollar''${x}''
#----
''$$x ''$ $''
#----
''   lead''
#----
''
    a

    b
  ''
#----
''
	tab stays
	two''
#----
''a${"x"}
  b${"y"}''
#----
''
  ${"interpolated first"}
    rest
''
#----
''
    keep
   trailing ''
#----
'''' + "x"
#----
''''\a''
#----
''a'''b''
#----
/a/b/c
#----
/a/./b/../c
#----
./x
#----
baseNameOf ../x/y
#----
./a + "/b"
#----
/a + "b"
#----
/a + "/../c"
#----
"${toString /a/b}/c"
#----
/a/${"b"}/c
#----
./${"foo"}-bar
#----
baseNameOf ~/x
#----
http://example.org/a?b=c&d=e
#----
[ ]
#----
[ 1 "two" 3.0 null true ./four [ 5 ] { six = 6; } ]
#----
[ (x: x) ]
#----
[ 1 -1 ]
#----
[ 1 (-1) ]
#----
{ }
#----
{ a = 1; b.c = 2; b.d = 3; }
#----
{ a.b = 1; a = { c = 2; }; }
#----
{ "a b" = 1; "c${"d"}" = 2; ${"e"} = 3; }
#----
{ a = 1; a = 2; }
#----
{ a.b = 1; a.b = 2; }
#----
{ a = 1; a.b = 2; }
#----
{ ${null} = 1; b = 2; }
#----
{ ${"x"} = 1; x = 2; }
#----
{ "if" = 1; _ = 2; a'b = 3; a-b = 4; "1" = 5; "" = 6; }
#----
{ or = 1; }.or
#----
rec { a = 1; b = a + 1; c = b + a; }
#----
rec { a = b; b = a; }.a
#----
rec { a.b = 1; c = a.b; }
#----
let rec_ = rec { x = 1; y = rec { z = x; }; }; in rec_.y.z
#----
{ inherit ({ a = 1; b = 2; }) a b; }
#----
let x = 1; in { inherit x; y = x; }
#----
{ inherit; }
#----
{ inherit (throw "unused") a; b = 1; }.b
#----
let { body = x + 1; x = 2; }
#----
true && false
#----
null
#----
__curPos.line
#----
(__curPos).column
#----
baseNameOf (__curPos.file)
#----
1 2
#----
"unterminated
#----
{ a = 1
#----
x: x
#----
{ a, b ? 2, ... }: a
#----
{ a, a }: a
#----
{ a }@a: a
#----
x@{ y }: x
#----
undefinedName
#----
'' '' == "" 
#----
"a" "b"
