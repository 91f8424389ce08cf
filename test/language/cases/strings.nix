# Builtins on strings, contexts of no store path.
#----
builtins.stringLength "abc"
#----
builtins.stringLength "é"
#----
builtins.stringLength ""
#----
builtins.stringLength 1
#----
builtins.stringLength { outPath = "abcd"; }
#----
builtins.substring 1 2 "abcd"
#----
builtins.substring 0 (-1) "abcd"
#----
builtins.substring 2 100 "abcd"
#----
builtins.substring 10 1 "abcd"
#----
builtins.substring (-1) 1 "a"
#----
builtins.substring 0 0 (throw "forced")
#----
builtins.substring 0 0 1
#----
builtins.substring 0 1 1
#----
builtins.substring "a" 1 "b"
#----
builtins.substring 1 9223372036854775807 "abc"
#----
builtins.substring 9223372036854775807 1 "abc"
#----
builtins.substring 0 1 "é" + builtins.substring 1 1 "é"
#----
builtins.concatStringsSep ", " [ "a" "b" "c" ]
#----
builtins.concatStringsSep "" [ ]
#----
builtins.concatStringsSep "x" [ "a" ]
#----
builtins.concatStringsSep 1 [ ]
#----
builtins.concatStringsSep "," [ 1 ]
#----
builtins.concatStringsSep "," [ { outPath = "a"; } { __toString = s: "b"; } ]
#----
builtins.concatStringsSep "," 1
#----
builtins.replaceStrings [ "a" "b" ] [ "b" "a" ] "abc"
#----
builtins.replaceStrings [ "" ] [ "-" ] "abc"
#----
builtins.replaceStrings [ "a" "" ] [ "x" "-" ] "aba"
#----
builtins.replaceStrings [ "" "a" ] [ "-" "x" ] "aba"
#----
builtins.replaceStrings [ "ab" "a" ] [ "1" "2" ] "abaab"
#----
builtins.replaceStrings [ "a" "ab" ] [ "1" "2" ] "abaab"
#----
builtins.replaceStrings [ ] [ ] "abc"
#----
builtins.replaceStrings [ "x" ] [ (throw "lazy") ] "abc"
#----
builtins.replaceStrings [ "a" ] [ (throw "needed") ] "abc"
#----
builtins.replaceStrings [ "a" ] [ 1 ] "abc"
#----
builtins.replaceStrings [ "a" ] [ ] "abc"
#----
builtins.replaceStrings [ 1 ] [ "a" ] "abc"
#----
builtins.replaceStrings [ "a" ] [ "b" ] 1
#----
builtins.replaceStrings 1 [ ] ""
#----
builtins.replaceStrings [ "\n" ] [ "\\n" ] "a
b"
#----
builtins.split "(a)b" "abc"
#----
builtins.split "x" "abc"
#----
builtins.split "" "abc"
#----
builtins.split "([[:upper:]]+)" " FOO "
#----
builtins.split "a(b)?" "aab"
#----
builtins.split "b*" "abc"
#----
builtins.split "(a)|(b)" "ab"
#----
builtins.split "[" "a"
#----
builtins.split 1 "a"
#----
builtins.split "a" 1
#----
builtins.split "." "é"
#----
builtins.match "a(b*)c" "abbc"
#----
builtins.match "ab" "abc"
#----
builtins.match "[a-z]+([0-9]+)?" "abc"
#----
builtins.match "[a-z]+([0-9]+)?" "abc12"
#----
builtins.match "(.*)\\.nix" "default.nix"
#----
builtins.match "((a)|b)*" "ab"
#----
builtins.match "(a*)*" ""
#----
builtins.match "[[:space:]]*" " 
"
#----
builtins.match ".*" "a
b"
#----
builtins.match "[^/]+" "a/b"
#----
builtins.match "a{2,3}" "aaaa"
#----
builtins.match "\\(\\)" "()"
#----
builtins.match "\\d" "1"
#----
builtins.match "(" ""
#----
builtins.match "a)" "a)"
#----
builtins.match "*" ""
#----
builtins.match "[[:foo:]]" ""
#----
builtins.match "[z-a]" "b"
#----
builtins.match "a{1" "a"
#----
builtins.match 1 ""
#----
builtins.match "" 1
#----
builtins.match (throw "first") (throw "second")
#----
builtins.match "(" (throw "second")
#----
toString 1
#----
toString (-1)
#----
toString 1.5
#----
toString 1.0e20
#----
toString true
#----
toString false
#----
toString null
#----
toString "a"
#----
toString /a/b
#----
toString [ 1 "a" [ 2 ] ]
#----
toString [ ]
#----
toString [ "a" [ ] "b" ]
#----
toString [ [ ] "b" ]
#----
toString [ null false true ]
#----
toString { outPath = "/x"; }
#----
toString { __toString = self: self.a; a = "y"; }
#----
toString { __toString = self: { outPath = "z"; }; }
#----
toString { __toString = self: 1; }
#----
toString { }
#----
toString (x: x)
#----
toString map
#----
"${1}"
#----
"${true}"
#----
"${null}"
#----
"${[ ]}"
#----
"${{ }}"
#----
"${x: x}"
#----
"${1.5}"
#----
"a${toString 1}b"
#----
builtins.compareVersions "1.0" "2.3"
#----
builtins.compareVersions "2.3" "2.3.1"
#----
builtins.compareVersions "2.3.1" "2.3a"
#----
builtins.compareVersions "2.3pre1" "2.3"
#----
builtins.compareVersions "2.3pre3" "2.3pre12"
#----
builtins.compareVersions "2.3" "2.3"
#----
builtins.compareVersions "1.0-1" "1.0.1"
#----
builtins.compareVersions "" ""
#----
builtins.compareVersions "a" "1"
#----
builtins.compareVersions "01" "1"
#----
builtins.compareVersions "99999999999" "1"
#----
builtins.compareVersions 1 "1"
#----
builtins.splitVersion "1.2-pre3a"
#----
builtins.splitVersion "..1..2.."
#----
builtins.splitVersion ""
#----
builtins.splitVersion 1
#----
builtins.parseDrvName "nix-js-2.34.8"
#----
builtins.parseDrvName "nix"
#----
builtins.parseDrvName "a-b-1-2"
#----
builtins.parseDrvName "a-1-b"
#----
builtins.parseDrvName "-1"
#----
builtins.parseDrvName "a-"
#----
builtins.parseDrvName "a-é"
#----
builtins.parseDrvName 1
#----
builtins.hashString "md5" "abc"
#----
builtins.hashString "sha1" "abc"
#----
builtins.hashString "sha256" "abc"
#----
builtins.hashString "sha512" "é"
#----
builtins.hashString "crc" "abc"
#----
builtins.hashString 1 "abc"
#----
builtins.hashString "md5" 1
#----
builtins.convertHash { hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"; hashAlgo = "sha256"; toHashFormat = "sri"; }
#----
builtins.convertHash { hash = "sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="; toHashFormat = "base16"; }
#----
builtins.convertHash { hash = "sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="; toHashFormat = "nix32"; }
#----
builtins.convertHash { hash = "sha256:1b8m03r63zqhnjf7l5wnldhh7c134ap5vpj0850ymkq1iyzicy5s"; toHashFormat = "base64"; }
#----
builtins.convertHash { hash = "ba78"; hashAlgo = "sha256"; toHashFormat = "sri"; }
#----
builtins.convertHash { hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"; toHashFormat = "sri"; }
#----
builtins.convertHash { hash = "sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="; hashAlgo = "md5"; toHashFormat = "sri"; }
#----
builtins.convertHash { hash = "x"; hashAlgo = "sha256"; toHashFormat = "foo"; }
#----
builtins.convertHash { hash = "x"; }
#----
builtins.convertHash { toHashFormat = "sri"; }
#----
builtins.convertHash 1
#----
builtins.unsafeDiscardStringContext "a"
#----
builtins.hasContext "a"
#----
builtins.getContext "a"
#----
builtins.addDrvOutputDependencies "a"
