What the parser and `builtins.warn` warn of.
#----
let or = 1; f = x: x; in [ (x: x) or ]
#----
let or = x: x + 1; in map (x: x + 1) or [ 1 ]
#----
let or = 1; f = x: x; in { a = f or; b = (f or); c = f (f or); d = [ f or ]; e = { }.x or f or; }
#----
let or = 1; in [ ((a:   a )  or) (a: a) or ]
#----
builtins.warn "\n a  \n\n b \n" 1
#----
builtins.warn "a  " 1
#----
builtins.warn "é\xff" 1
#----
# options: abort-on-warn true
builtins.warn "a" 1
#----
# options: lint-url-literals warn
[ http://example.com/a?b a:b ]
#----
# options: lint-url-literals fatal
{
  a = http://example.com;
}
#----
# options: lint-short-path-literals warn
[
  foo/bar
  ./a/b ./zz a/b/c
  a/${"b"}/c
]
#----
# options: lint-short-path-literals fatal
foo/bar
#----
# options: lint-absolute-path-literals warn
[ /tmp/foo ~/foo ./a /a/${"b"} ]
#----
# options: lint-absolute-path-literals fatal
~/foo
#----
# options: lint-absolute-path-literals fatal
/tmp/foo
#----
builtins.warn "" (builtins.warn " " 1)
