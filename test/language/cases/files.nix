# Paths and files.
#----
baseNameOf "a/b/c"
#----
baseNameOf "a/b/"
#----
baseNameOf "a/b//"
#----
baseNameOf "/"
#----
baseNameOf ""
#----
baseNameOf "a"
#----
baseNameOf /a/b
#----
baseNameOf 1
#----
baseNameOf { outPath = "/x/y"; }
#----
dirOf "a/b/c"
#----
dirOf "a/b/"
#----
dirOf "/a"
#----
dirOf "/"
#----
dirOf "a"
#----
dirOf ""
#----
dirOf /a/b
#----
dirOf /
#----
dirOf 1
#----
builtins.toPath "/a/./b/../c/"
#----
builtins.toPath /a
#----
builtins.toPath "a"
#----
builtins.toPath ""
#----
builtins.pathExists ./files/hello.txt
#----
builtins.pathExists ./files/nowhere
#----
builtins.pathExists ./files/dir
#----
builtins.pathExists "${toString ./files}/dir/"
#----
builtins.pathExists "${toString ./files}/hello.txt/"
#----
builtins.pathExists "${toString ./files}/dir/."
#----
builtins.pathExists ./files/link
#----
builtins.pathExists ./files/hello.txt/x
#----
builtins.pathExists /
#----
builtins.pathExists "a"
#----
builtins.pathExists 1
#----
builtins.readFile ./files/hello.txt
#----
builtins.readFile ./files/link
#----
builtins.readFile ./files/empty.txt
#----
builtins.readFile ./files/nowhere
#----
builtins.readFile ./files/nul.bin
#----
builtins.readFile "relative"
#----
builtins.readFile 1
#----
builtins.readDir ./files/dir
#----
builtins.readDir ./files
#----
builtins.readDir ./files/hello.txt
#----
builtins.readDir ./files/nowhere
#----
builtins.readFileType ./files/hello.txt
#----
builtins.readFileType ./files/dir
#----
builtins.readFileType ./files/link
#----
builtins.readFileType /dev/null
#----
builtins.readFileType ./files/nowhere
#----
builtins.hashFile "sha256" ./files/hello.txt
#----
builtins.hashFile "md5" ./files/empty.txt
#----
builtins.hashFile "x" ./files/hello.txt
#----
builtins.hashFile "md5" ./files/nowhere
#----
builtins.path { path = ./files/hello.txt; }
#----
builtins.path { path = ./files/hello.txt; name = "other"; }
#----
builtins.path { path = ./files/hello.txt; recursive = false; }
#----
builtins.path { path = ./files/dir; }
#----
builtins.path { path = ./files/dir; filter = p: t: t != "directory"; name = "filtered"; }
#----
builtins.path { path = ./files/dir; filter = p: t: baseNameOf p != "one.txt"; name = "filtered"; }
#----
builtins.path { path = ./files/dir; filter = 1; }
#----
builtins.path { path = ./files/dir; filter = p: t: 1; }
#----
builtins.path { path = ./files/nowhere; }
#----
builtins.path { path = ./files/link; name = "l"; }
#----
builtins.path { path = ./files/hello.txt; name = "a b"; }
#----
builtins.path { path = ./files/hello.txt; sha256 = "0000000000000000000000000000000000000000000000000000"; }
#----
builtins.path { path = ./files/hello.txt; foo = 1; }
#----
builtins.path { }
#----
builtins.path 1
#----
builtins.filterSource (p: t: true) ./files/dir
#----
builtins.filterSource (p: t: t == "regular") ./files/dir
#----
builtins.filterSource 1 ./files/dir
#----
builtins.filterSource (p: t: throw "inside") ./files/dir
#----
"${./files/hello.txt}"
#----
"${./files/dir}/one.txt"
#----
"${./files/nowhere}"
#----
builtins.toFile "x" "contents"
#----
builtins.toFile "a b" "contents"
#----
builtins.toFile "" "contents"
#----
builtins.toFile 1 "x"
#----
builtins.toFile "x" 1
#----
builtins.toFile "x" "${builtins.toFile "y" "inner"}"
#----
builtins.toFile "x" "${derivation { name = "n"; system = "s"; builder = "b"; }}"
#----
builtins.toFile "x.drv" "y"
#----
builtins.storePath "/etc"
#----
builtins.storePath 1
#----
toString ./files == "${toString ./.}/files"
#----
./files + "/hello.txt" == ./files/hello.txt
#----
builtins.fetchurl { }
#----
builtins.fetchurl { url = 1; }
#----
builtins.fetchurl { url = "http://localhost:1/x"; foo = 1; }
#----
builtins.fetchurl { url = "http://localhost:1/x"; sha256 = "x"; }
#----
builtins.fetchurl { url = "http://localhost:1/x"; name = "a b"; }
#----
builtins.fetchurl "http://localhost:1/a%20b"
#----
fetchTarball { }
#----
fetchTarball 1
#----
fetchTarball { url = "http://localhost:1/x"; bar = 1; }
#----
fetchGit { }
#----
fetchGit { url = 1; type = "x"; }
#----
fetchGit { url = [ ]; }
#----
fetchGit { url = "/x"; revCount = -1; }
#----
fetchTree { }
#----
fetchTree { type = 1; }
#----
fetchTree { type = "git"; name = "x"; url = "/y"; }
#----
fetchMercurial { }
#----
fetchMercurial { url = "/x"; foo = 1; }
#----
builtins.parseFlakeRef "github:NixOS/nixpkgs/23.05?dir=lib"
#----
builtins.parseFlakeRef "nixpkgs"
#----
builtins.parseFlakeRef "nixpkgs/nixos-23.05"
#----
builtins.parseFlakeRef "git+https://example.org/a.git?ref=main&rev=0123456789012345678901234567890123456789"
#----
builtins.parseFlakeRef "https://example.org/a.tar.gz"
#----
builtins.parseFlakeRef "path:/a/b?lastModified=5"
#----
builtins.parseFlakeRef "/a/b"
#----
builtins.parseFlakeRef "x y"
#----
builtins.parseFlakeRef "./x"
#----
builtins.parseFlakeRef "github:a"
#----
builtins.parseFlakeRef "gitlab:a/b/feature/x"
#----
builtins.parseFlakeRef "git+ssh://git@example.org/a?shallow=1&dir=sub"
#----
builtins.parseFlakeRef "nixpkgs#hello"
#----
builtins.parseFlakeRef 1
#----
builtins.flakeRefToString { type = "github"; owner = "NixOS"; repo = "nixpkgs"; ref = "23.05"; dir = "lib"; }
#----
builtins.flakeRefToString { type = "indirect"; id = "nixpkgs"; }
#----
builtins.flakeRefToString { type = "path"; path = "/a/b"; }
#----
builtins.flakeRefToString { type = "git"; url = "https://example.org/a.git"; ref = "main"; }
#----
builtins.flakeRefToString { type = "tarball"; url = "https://example.org/a.tar.gz"; }
#----
builtins.flakeRefToString { type = "nonsense"; }
#----
builtins.flakeRefToString { a = [ ]; }
#----
builtins.flakeRefToString { a = -1; }
#----
builtins.getFlake 1
#----
builtins.parseFlakeRef "git+file:///a?submodules=1"
#----
builtins.parseFlakeRef "tarball+https://example.org/x?narHash=sha256-47DEQpj8HBSa%2B/TImW%2B5JCeuQeRkm5NMpJWZG3hSuFU%3D"
#----
builtins.parseFlakeRef "file+https://example.org/x"
#----
builtins.parseFlakeRef "flake:nixpkgs/23.05"
#----
builtins.parseFlakeRef "sourcehut:~u/r"
#----
builtins.parseFlakeRef "hg+https://example.org/x?rev=abc"
#----
builtins.parseFlakeRef "path:./x"
#----
builtins.parseFlakeRef "github:a/b?host=h.org&ref=x"
#----
builtins.parseFlakeRef "github:a/b/0123456789012345678901234567890123456789"
#----
builtins.parseFlakeRef "https://example.org/a"
#----
builtins.flakeRefToString { type = "gitlab"; owner = "a"; repo = "b"; rev = "0123456789012345678901234567890123456789"; }
#----
builtins.path { "a b" = 1; path = /x; }
#----
fetchMercurial { "a b" = 1; }
