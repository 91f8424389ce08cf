# How flake references and input attributes are read and written.
#----
builtins.parseFlakeRef "nixpkgs"
#----
builtins.parseFlakeRef "nixpkgs/23.05"
#----
builtins.parseFlakeRef "nixpkgs/0123456789abcdef0123456789abcdef01234567"
#----
builtins.parseFlakeRef "nixpkgs/release/0123456789abcdef0123456789abcdef01234567"
#----
builtins.parseFlakeRef "nixpkgs/a/b/c"
#----
builtins.parseFlakeRef "nixpkgs/a//b"
#----
builtins.parseFlakeRef "nixpkgs/@"
#----
builtins.parseFlakeRef "nixpkgs#x"
#----
builtins.parseFlakeRef "nixpkgs#"
#----
builtins.parseFlakeRef "flake:nixpkgs/a/b"
#----
builtins.parseFlakeRef "flake:"
#----
builtins.parseFlakeRef "flake:1x"
#----
builtins.parseFlakeRef "flake:nixpkgs?dir=x"
#----
builtins.parseFlakeRef "flake:nixpkgs?foo=x"
#----
builtins.parseFlakeRef "github:a"
#----
builtins.parseFlakeRef "github:a/b"
#----
builtins.parseFlakeRef "github:a/b/c"
#----
builtins.parseFlakeRef "github:a/b/0123456789abcdef0123456789abcdef01234567"
#----
builtins.parseFlakeRef "github:a/b/c/d"
#----
builtins.parseFlakeRef "github:a/b/c?rev=0123456789abcdef0123456789abcdef01234567"
#----
builtins.parseFlakeRef "github:a/b?rev=0123456789abcdef0123456789abcdef01234567&ref=x"
#----
builtins.parseFlakeRef "github:a/b?rev=xyz"
#----
builtins.parseFlakeRef "github:a/b?host=x.org&dir=sub/dir&narHash=sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="
#----
builtins.parseFlakeRef "github:a/b?ref=x..y"
#----
builtins.parseFlakeRef "github:a/b?host=a_b"
#----
builtins.parseFlakeRef "github:a/b/c?ref=d"
#----
builtins.parseFlakeRef "github:a/b/0123456789abcdef0123456789abcdef01234567?rev=0123456789abcdef0123456789abcdef01234567"
#----
builtins.parseFlakeRef "github:a%2Fb/c"
#----
builtins.parseFlakeRef "gitlab:g%2Fsub/p/main"
#----
builtins.parseFlakeRef "gitlab:a/b/c"
#----
builtins.parseFlakeRef "sourcehut:~a/b"
#----
builtins.parseFlakeRef "github:a/b?foo=bar"
#----
builtins.parseFlakeRef "github:a/b/"
#----
builtins.parseFlakeRef "github:a/b#frag"
#----
builtins.parseFlakeRef "github:a/b?ref=feat%2Fx"
#----
builtins.parseFlakeRef "github:A/B/0123456789ABCDEF0123456789ABCDEF01234567"
#----
builtins.parseFlakeRef "git+https://example.org/x.git"
#----
builtins.parseFlakeRef "git+https://example.org/x.git?ref=main&rev=0123456789abcdef0123456789abcdef01234567"
#----
builtins.parseFlakeRef "git+https://example.org/x?dir=sub&submodules=1&shallow=1"
#----
builtins.parseFlakeRef "git+https://example.org/x?foo=bar&allRefs=1"
#----
builtins.parseFlakeRef "git+ssh://git@example.org/x"
#----
builtins.parseFlakeRef "git://example.org/x"
#----
builtins.parseFlakeRef "git+file:///a/b"
#----
builtins.parseFlakeRef "git+file:/a/b"
#----
builtins.parseFlakeRef "git+file:a/b"
#----
builtins.parseFlakeRef "git+file://host/a"
#----
builtins.parseFlakeRef "git+https://u:p@example.org:8080/x?ref=a%20b"
#----
builtins.parseFlakeRef "git+https://example.org:0/x"
#----
builtins.parseFlakeRef "git+https://example.org:/x"
#----
builtins.parseFlakeRef "git+https://example.org/x?lfs=1&exportIgnore=1&verifyCommit=1"
#----
builtins.parseFlakeRef "git+https://example.org/x?ref=-x"
#----
builtins.parseFlakeRef "git:git@example.org:x/y"
#----
builtins.parseFlakeRef "git+https://[::1]:99/x"
#----
builtins.parseFlakeRef "git@github.com:a/b"
#----
builtins.parseFlakeRef "git+a:b"
#----
builtins.parseFlakeRef "git+https://example.org/a%2Fb c"
#----
builtins.parseFlakeRef "git+https://example.org/x?submodules=0&lfs=yes"
#----
builtins.parseFlakeRef "hg+https://example.org/x?ref=a&rev=0123456789abcdef0123456789abcdef01234567"
#----
builtins.parseFlakeRef "hg+file:///x"
#----
builtins.parseFlakeRef "hg://x/y"
#----
builtins.parseFlakeRef "https://example.org/x.tar.gz"
#----
builtins.parseFlakeRef "https://example.org/x"
#----
builtins.parseFlakeRef "http://example.org/x.zip?narHash=sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=&lastModified=12&revCount=3&rev=0123456789abcdef0123456789abcdef01234567"
#----
builtins.parseFlakeRef "https://example.org/x.tar.gz?a=b&name=c&unpack=1&c=d e"
#----
builtins.parseFlakeRef "tarball+https://example.org/x"
#----
builtins.parseFlakeRef "tarball+file:///a/b.tar"
#----
builtins.parseFlakeRef "file:///a/b.tar.gz"
#----
builtins.parseFlakeRef "file:///a/b"
#----
builtins.parseFlakeRef "file+https://example.org/x"
#----
builtins.parseFlakeRef "file+git://x"
#----
builtins.parseFlakeRef "file:a/b.tar"
#----
builtins.parseFlakeRef "https://example.org"
#----
builtins.parseFlakeRef "https://example.org/x.tar.gz?dir=a/b"
#----
builtins.parseFlakeRef "https://example.org/x.tar.gz?lastModified=x"
#----
builtins.parseFlakeRef "https://example.org/x?narHash=zzz"
#----
builtins.parseFlakeRef "https://example.org/a/b/../c.tar.gz"
#----
builtins.parseFlakeRef "https://ex ample.org/x"
#----
builtins.parseFlakeRef "https://example.org/x y"
#----
builtins.parseFlakeRef "https://example.org/x.tar.gz#frag"
#----
builtins.parseFlakeRef "ftp://example.org/x.tar.gz"
#----
builtins.parseFlakeRef "s3://b/x.tar.gz"
#----
builtins.parseFlakeRef "tarball+ftp://x/y"
#----
builtins.parseFlakeRef "channel:nixos-23.05"
#----
builtins.parseFlakeRef "HTTPS://example.org/x"
#----
builtins.parseFlakeRef "path:/a/b"
#----
builtins.parseFlakeRef "path:///a/b"
#----
builtins.parseFlakeRef "path://host/a"
#----
builtins.parseFlakeRef "path:a/b"
#----
builtins.parseFlakeRef "path:./a"
#----
builtins.parseFlakeRef "path:.."
#----
builtins.parseFlakeRef "path:/a//b/"
#----
builtins.parseFlakeRef "path:/a/b?rev=0123456789abcdef0123456789abcdef01234567&narHash=x&revCount=3&lastModified=12"
#----
builtins.parseFlakeRef "path:/a?revCount=x"
#----
builtins.parseFlakeRef "path:/a?foo=b"
#----
builtins.parseFlakeRef "path:/a%20b"
#----
builtins.parseFlakeRef "path:/a b"
#----
builtins.parseFlakeRef "path:/a?dir=b/c"
#----
builtins.parseFlakeRef "path:"
#----
builtins.parseFlakeRef "/a/b"
#----
builtins.parseFlakeRef "/a//b/./c/../d/"
#----
builtins.parseFlakeRef "/a b/c"
#----
builtins.parseFlakeRef "/"
#----
builtins.parseFlakeRef "/a?dir=b"
#----
builtins.parseFlakeRef "/a#x"
#----
builtins.parseFlakeRef "/a?rev=1#"
#----
builtins.parseFlakeRef "/a?foo=1"
#----
builtins.parseFlakeRef "/a%20b"
#----
builtins.parseFlakeRef "/a%zz"
#----
builtins.parseFlakeRef "./a"
#----
builtins.parseFlakeRef "."
#----
builtins.parseFlakeRef "a b"
#----
builtins.parseFlakeRef ""
#----
builtins.parseFlakeRef "?"
#----
builtins.parseFlakeRef "#"
#----
builtins.parseFlakeRef "~/x"
#----
builtins.parseFlakeRef "/a?b"
#----
builtins.parseFlakeRef "path:/a?dir=&rev=x"
#----
builtins.parseFlakeRef "/é"
#----
builtins.parseFlakeRef "path:/a%2Fb"
#----
builtins.parseFlakeRef "path:/a%00b"
#----
builtins.parseFlakeRef "/a:b"
#----
builtins.parseFlakeRef "c:d"
#----
builtins.parseFlakeRef "c:/d"
#----
builtins.parseFlakeRef "path:/a+b,c;d=e!f$g&h'i(j)k*l@m~n"
#----
builtins.parseFlakeRef "x:y:z"
#----
builtins.parseFlakeRef "/a?dir=b&dir=c"
#----
builtins.parseFlakeRef "github:a/b?dir=c%20d"
#----
builtins.parseFlakeRef "path:/a?lastModified=99999999999999999999"
#----
builtins.parseFlakeRef "nixpkgs/-x"
#----
builtins.parseFlakeRef "nixpkgs/x.lock"
#----
builtins.parseFlakeRef "a.b"
#----
builtins.parseFlakeRef "_a"
#----
builtins.parseFlakeRef "a-b_c/x@y+z"
#----
builtins.flakeRefToString (builtins.parseFlakeRef "nixpkgs")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "nixpkgs/23.05")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "nixpkgs/0123456789abcdef0123456789abcdef01234567")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "nixpkgs/release/0123456789abcdef0123456789abcdef01234567")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "nixpkgs/a/b/c")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "nixpkgs/a//b")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "nixpkgs/@")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "nixpkgs#x")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "nixpkgs#")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "flake:nixpkgs/a/b")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "flake:")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "flake:1x")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "flake:nixpkgs?dir=x")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "flake:nixpkgs?foo=x")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "github:a")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "github:a/b")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "github:a/b/c")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "github:a/b/0123456789abcdef0123456789abcdef01234567")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "github:a/b/c/d")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "github:a/b/c?rev=0123456789abcdef0123456789abcdef01234567")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "github:a/b?rev=0123456789abcdef0123456789abcdef01234567&ref=x")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "github:a/b?rev=xyz")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "github:a/b?host=x.org&dir=sub/dir&narHash=sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "github:a/b?ref=x..y")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "github:a/b?host=a_b")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "github:a/b/c?ref=d")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "github:a/b/0123456789abcdef0123456789abcdef01234567?rev=0123456789abcdef0123456789abcdef01234567")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "github:a%2Fb/c")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "gitlab:g%2Fsub/p/main")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "gitlab:a/b/c")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "sourcehut:~a/b")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "github:a/b?foo=bar")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "github:a/b/")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "github:a/b#frag")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "github:a/b?ref=feat%2Fx")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "github:A/B/0123456789ABCDEF0123456789ABCDEF01234567")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "git+https://example.org/x.git")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "git+https://example.org/x.git?ref=main&rev=0123456789abcdef0123456789abcdef01234567")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "git+https://example.org/x?dir=sub&submodules=1&shallow=1")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "git+https://example.org/x?foo=bar&allRefs=1")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "git+ssh://git@example.org/x")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "git://example.org/x")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "git+file:///a/b")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "git+file:/a/b")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "git+file:a/b")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "git+file://host/a")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "git+https://u:p@example.org:8080/x?ref=a%20b")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "git+https://example.org:0/x")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "git+https://example.org:/x")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "git+https://example.org/x?lfs=1&exportIgnore=1&verifyCommit=1")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "git+https://example.org/x?ref=-x")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "git:git@example.org:x/y")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "git+https://[::1]:99/x")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "git@github.com:a/b")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "git+a:b")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "git+https://example.org/a%2Fb c")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "git+https://example.org/x?submodules=0&lfs=yes")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "hg+https://example.org/x?ref=a&rev=0123456789abcdef0123456789abcdef01234567")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "hg+file:///x")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "hg://x/y")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "https://example.org/x.tar.gz")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "https://example.org/x")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "http://example.org/x.zip?narHash=sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=&lastModified=12&revCount=3&rev=0123456789abcdef0123456789abcdef01234567")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "https://example.org/x.tar.gz?a=b&name=c&unpack=1&c=d e")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "tarball+https://example.org/x")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "tarball+file:///a/b.tar")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "file:///a/b.tar.gz")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "file:///a/b")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "file+https://example.org/x")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "file+git://x")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "file:a/b.tar")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "https://example.org")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "https://example.org/x.tar.gz?dir=a/b")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "https://example.org/x.tar.gz?lastModified=x")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "https://example.org/x?narHash=zzz")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "https://example.org/a/b/../c.tar.gz")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "https://ex ample.org/x")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "https://example.org/x y")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "https://example.org/x.tar.gz#frag")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "ftp://example.org/x.tar.gz")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "s3://b/x.tar.gz")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "tarball+ftp://x/y")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "channel:nixos-23.05")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "HTTPS://example.org/x")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "path:/a/b")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "path:///a/b")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "path://host/a")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "path:a/b")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "path:./a")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "path:..")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "path:/a//b/")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "path:/a/b?rev=0123456789abcdef0123456789abcdef01234567&narHash=x&revCount=3&lastModified=12")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "path:/a?revCount=x")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "path:/a?foo=b")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "path:/a%20b")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "path:/a b")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "path:/a?dir=b/c")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "path:")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "/a/b")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "/a//b/./c/../d/")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "/a b/c")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "/")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "/a?dir=b")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "/a#x")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "/a?rev=1#")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "/a?foo=1")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "/a%20b")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "/a%zz")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "./a")
#----
builtins.flakeRefToString (builtins.parseFlakeRef ".")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "a b")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "?")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "#")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "~/x")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "/a?b")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "path:/a?dir=&rev=x")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "/é")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "path:/a%2Fb")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "path:/a%00b")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "/a:b")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "c:d")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "c:/d")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "path:/a+b,c;d=e!f$g&h'i(j)k*l@m~n")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "x:y:z")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "/a?dir=b&dir=c")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "github:a/b?dir=c%20d")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "path:/a?lastModified=99999999999999999999")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "nixpkgs/-x")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "nixpkgs/x.lock")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "a.b")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "_a")
#----
builtins.flakeRefToString (builtins.parseFlakeRef "a-b_c/x@y+z")
#----
builtins.flakeRefToString { type = "path"; path = "/a b/c"; lastModified = 3; narHash = "x"; }
#----
builtins.flakeRefToString { type = "path"; path = "./a"; dir = "q r"; }
#----
builtins.flakeRefToString { type = "path"; path = "/a//b/../c"; rev = "x"; }
#----
builtins.flakeRefToString { type = "path"; }
#----
builtins.flakeRefToString { type = "path"; path = "/a"; foo = 1; }
#----
builtins.flakeRefToString { type = "path"; path = 1; }
#----
builtins.flakeRefToString { type = "path"; path = "/a"; lastModified = "x"; }
#----
builtins.flakeRefToString { type = "path"; path = "/a"; revCount = true; }
#----
builtins.flakeRefToString { type = "git"; url = "https://x.org/a?q=1"; rev = "0123456789abcdef0123456789abcdef01234567"; ref = "a/b"; shallow = true; submodules = true; lfs = true; exportIgnore = true; allRefs = true; dir = "s"; }
#----
builtins.flakeRefToString { type = "git"; url = "/a/b"; }
#----
builtins.flakeRefToString { type = "git"; url = "a/b"; }
#----
builtins.flakeRefToString { type = "git"; url = "git@x.org:a/b.git"; }
#----
builtins.flakeRefToString { type = "git"; url = "x.org:a/b.git"; }
#----
builtins.flakeRefToString { type = "git"; url = "git+ssh://x.org/a"; }
#----
builtins.flakeRefToString { type = "git"; url = "git://x.org/a"; }
#----
builtins.flakeRefToString { type = "git"; }
#----
builtins.flakeRefToString { type = "git"; url = "https://x.org/a"; ref = "-a"; }
#----
builtins.flakeRefToString { type = "git"; url = "https://x.org/a"; rev = "abc"; }
#----
builtins.flakeRefToString { type = "git"; url = "https://x.org/a"; shallow = 1; }
#----
builtins.flakeRefToString { type = "git"; url = "https://x.org/a b"; }
#----
builtins.flakeRefToString { type = "git"; url = "https://x.org/a?dir=s"; dir = "s"; }
#----
builtins.flakeRefToString { type = "git"; url = "https://x.org/a"; verifyCommit = true; publicKey = "k"; }
#----
builtins.flakeRefToString { type = "git"; url = "https://x.org/a"; rev = "0123456789ABCDEF0123456789ABCDEF01234567"; }
#----
builtins.flakeRefToString { type = "github"; owner = "a"; repo = "b"; ref = "x/y"; }
#----
builtins.flakeRefToString { type = "github"; owner = "a"; repo = "b"; ref = "x"; rev = "0123456789abcdef0123456789abcdef01234567"; }
#----
builtins.flakeRefToString { type = "github"; owner = "a"; }
#----
builtins.flakeRefToString { type = "github"; owner = "a/b"; repo = "c d"; host = "h.org"; narHash = "sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="; }
#----
builtins.flakeRefToString { type = "github"; owner = "a"; repo = "b"; narHash = "sha256:1"; }
#----
builtins.flakeRefToString { type = "github"; owner = "a"; repo = "b"; rev = "x"; }
#----
builtins.flakeRefToString { type = "github"; owner = "a"; repo = "b"; host = "a/b"; }
#----
builtins.flakeRefToString { type = "github"; owner = "a"; repo = "b"; url = "x"; }
#----
builtins.flakeRefToString { type = "gitlab"; owner = "a"; repo = "b"; narHash = ""; }
#----
builtins.flakeRefToString { type = "sourcehut"; owner = "~a"; repo = "b"; }
#----
builtins.flakeRefToString { type = "indirect"; id = "a"; ref = "x/y"; rev = "0123456789abcdef0123456789abcdef01234567"; }
#----
builtins.flakeRefToString { type = "indirect"; id = "1"; }
#----
builtins.flakeRefToString { type = "indirect"; id = "a"; dir = "d"; }
#----
builtins.flakeRefToString { type = "indirect"; id = "a"; narHash = "x"; }
#----
builtins.flakeRefToString { type = "indirect"; }
#----
builtins.flakeRefToString { type = "tarball"; url = "https://x.org/a.tar.gz"; narHash = "sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="; rev = "x"; lastModified = 1; }
#----
builtins.flakeRefToString { type = "tarball"; url = "https://x.org/a"; }
#----
builtins.flakeRefToString { type = "tarball"; url = "file:///a"; }
#----
builtins.flakeRefToString { type = "file"; url = "https://x.org/a.tar.gz"; }
#----
builtins.flakeRefToString { type = "file"; url = "https://x.org/a"; narHash = "md5-x"; }
#----
builtins.flakeRefToString { type = "file"; url = "x"; }
#----
builtins.flakeRefToString { type = "file"; }
#----
builtins.flakeRefToString { type = "hg"; url = "https://x.org/a"; ref = "b"; }
#----
builtins.flakeRefToString { type = "hg"; url = "x"; }
#----
builtins.flakeRefToString { type = "hg"; url = "https://x.org/a"; ref = "-"; }
#----
builtins.flakeRefToString { type = "nix"; x = 1; y = "z\"q"; z = true; }
#----
builtins.flakeRefToString { }
#----
builtins.flakeRefToString { type = 1; }
#----
builtins.flakeRefToString { type = "path"; path = "/a"; dir = 1; }
#----
builtins.flakeRefToString { type = "path"; path = "/a"; __final = true; }
