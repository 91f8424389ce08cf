# Tests of the library: a list of those that fail, empty when all is well.
#
#     nix-instantiate --eval --strict channel/lib/tests.nix
let
  lib = import ./.;
  inherit (lib)
    attrsets concatStringsSep evalModules generators mkAfter mkBefore mkDefault mkForce mkIf mkMerge mkOption
    mkOverride runTests strings systems types versions;

  fails = value: !(builtins.tryEval (builtins.deepSeq value value)).success;
  yes = expr: { inherit expr; expected = true; };
  is = expr: expected: { inherit expr expected; };

  package = attrs: { type = "derivation"; name = "hello-1.2"; outPath = "/out"; outputs = [ "out" ]; out = package attrs; } // attrs;

  config = modules: (evalModules { inherit modules; }).config;
  option = type: mkOption { inherit type; };
  merged = type: definitions: (config ([ { options.x = option type; } ] ++ map (x: { inherit x; }) definitions)).x;
in
runTests {
  ## Values

  testPipe = is (lib.pipe 2 [ (x: x + 1) (x: x * 10) ]) 30;
  testMod = is [ (lib.mod 11 10) (lib.mod 1 10) (lib.mod (-4) 3) ] [ 1 1 (-1) ];
  testHex = is [ (lib.toHexString 0) (lib.toHexString 255) (lib.fromHexString "0xfF") (lib.fromHexString "00") ] [ "0" "FF" 255 0 ];
  testHexBad = yes (fails (lib.fromHexString "0xg"));
  testBaseDigits = is (lib.toBaseDigits 10 3009) [ 3 0 0 9 ];
  testFunctionArgs = is (lib.functionArgs (lib.setFunctionArgs (x: x) { a = false; })) { a = false; };
  testIsFunction = is (map lib.isFunction [ (x: x) { __functor = self: x: x; } { } 1 ]) [ true true false false ];
  testToFunction = is [ (lib.toFunction 1 2) (lib.toFunction (x: x) 2) ] [ 1 2 ];
  testThrowIf = yes (fails (lib.throwIf true "no" 1) && lib.throwIf false "no" true);
  testEnumList = yes (fails (lib.checkListOfEnum "colours" [ "red" ] [ "blue" ] 1));

  ## Fixed points and overlays

  testFix = is (lib.fix (self: { a = 1; b = self.a + 1; })).b 2;
  testExtends = is (lib.fix (lib.extends (final: prev: { a = prev.a + 10; }) (self: { a = 1; b = self.a; }))) { a = 11; b = 11; };
  testExtend = is
    ((lib.makeExtensible (self: { a = 1; b = self.a; })).extend (final: prev: { a = 5; })).b
    5;
  testComposeMany = is
    (lib.fix (lib.extends (lib.composeManyExtensions [ (f: p: { a = p.a + 1; }) (f: p: { a = p.a * 2; c = f.a; }) ]) (_: { a = 1; })))
    { a = 4; c = 4; };
  testLibExtend = is (lib.extend (final: prev: { mine = prev.id 1; })).mine 1;

  ## Lists

  testFoldr = is (lib.foldr (a: b: "${a}(${b})") "z" [ "x" "y" ]) "x(y(z))";
  testFoldl = is (lib.foldl (a: b: "(${a})${b}") "z" [ "x" "y" ]) "((z)x)y";
  testFlatten = is (lib.flatten [ 1 [ 2 [ 3 ] ] 4 ]) [ 1 2 3 4 ];
  testImap = is (lib.imap1 (i: x: "${toString i}${x}") [ "a" "b" ]) [ "1a" "2b" ];
  testFindFirst = is [ (lib.findFirst (x: x > 2) 0 [ 1 3 4 ]) (lib.findFirst (x: x > 9) 0 [ 1 ]) ] [ 3 0 ];
  testFindSingle = is (map (l: lib.findSingle (x: x == 3) "none" "many" l) [ [ 1 3 ] [ 9 ] [ 3 3 ] ]) [ 3 "none" "many" ];
  testTake = is [ (lib.take 2 [ 1 2 3 ]) (lib.take 9 [ 1 ]) (lib.drop 2 [ 1 2 3 ]) (lib.drop 9 [ 1 ]) (lib.takeEnd 2 [ 1 2 3 ]) (lib.dropEnd 1 [ 1 2 ]) ]
    [ [ 1 2 ] [ 1 ] [ 3 ] [ ] [ 2 3 ] [ 1 ] ];
  testSublist = is (lib.sublist 1 3 [ "a" "b" "c" ]) [ "b" "c" ];
  testLast = yes (lib.last [ 1 2 ] == 2 && fails (lib.last [ ]) && lib.init [ 1 2 ] == [ 1 ]);
  testUnique = is (lib.unique [ 3 2 3 4 2 ]) [ 3 2 4 ];
  testSubtract = is [ (lib.subtractLists [ 3 2 ] [ 1 2 3 4 ]) (lib.intersectLists [ 1 2 ] [ 2 3 ]) (lib.remove 3 [ 1 3 4 3 ]) ] [ [ 1 4 ] [ 2 ] [ 1 4 ] ];
  testZip = is (lib.zipLists [ 1 2 3 ] [ "a" "b" ]) [ { fst = 1; snd = "a"; } { fst = 2; snd = "b"; } ];
  testSortOn = is (lib.sortOn builtins.stringLength [ "aa" "b" "cccc" "d" ]) [ "b" "d" "aa" "cccc" ];
  testNaturalSort = is (lib.naturalSort [ "v9" "v10" "v1.2" "v1.10" ]) [ "v1.2" "v1.10" "v9" "v10" ];
  testCompareLists = is (map (b: lib.compareLists lib.compare [ 1 2 ] b) [ [ ] [ 1 2 ] [ 1 3 ] [ 1 2 0 ] ]) [ 1 0 (-1) (-1) ];
  testToposort = is (lib.toposort (a: b: a < b) [ 3 2 1 ]) { result = [ 1 2 3 ]; };
  testToposortCycle = yes ((lib.toposort (a: b: (a == 1 && b == 2) || (a == 2 && b == 1)) [ 1 2 ]) ? cycle);
  testGroupBy = is (lib.groupBy' builtins.add 0 (x: if x > 2 then "big" else "small") [ 5 1 2 3 ]) { big = 8; small = 3; };
  testRange = is [ (lib.range 2 4) (lib.range 3 2) (lib.replicate 2 "x") ] [ [ 2 3 4 ] [ ] [ "x" "x" ] ];
  testCommonPrefix = is (lib.lists.commonPrefix [ 1 2 3 ] [ 1 2 4 ]) [ 1 2 ];
  testDeepFold = is (lib.foldr (x: acc: x + acc) 0 (lib.range 1 1000)) 500500;

  ## Sets

  testAttrByPath = is [ (lib.attrByPath [ "a" "b" ] 0 { a.b = 1; }) (lib.attrByPath [ "a" "c" ] 0 { a.b = 1; }) (lib.hasAttrByPath [ "a" ] { }) ] [ 1 0 false ];
  testSetAttrByPath = is (lib.setAttrByPath [ "a" "b" ] 1) { a.b = 1; };
  testRecursiveUpdate = is (lib.recursiveUpdate { a.b = 1; a.c = 2; d = [ 1 ]; } { a.b = 3; d = [ 2 ]; e = 1; }) { a = { b = 3; c = 2; }; d = [ 2 ]; e = 1; };
  testUpdateMany = is
    (lib.updateManyAttrsByPath [ { path = [ "a" "b" ]; update = x: x + 1; } { path = [ "n" ]; update = _: 0; } ] { a.b = 1; })
    { a.b = 2; n = 0; };
  testMapAttrs' = is (lib.mapAttrs' (n: v: lib.nameValuePair "x${n}" (v + 1)) { a = 1; }) { xa = 2; };
  testMapRecursive = is (lib.mapAttrsRecursive (path: v: "${concatStringsSep "." path}=${toString v}") { a.b = 1; c = 2; }) { a.b = "a.b=1"; c = "c=2"; };
  testFilterAttrs = is (lib.filterAttrs (n: v: v > 1) { a = 1; b = 2; }) { b = 2; };
  testCollect = is (lib.collect builtins.isInt { a = 1; b.c = 2; }) [ 1 2 ];
  testFoldAttrs = is (lib.foldAttrs (x: xs: [ x ] ++ xs) [ ] [ { a = 1; } { a = 2; b = 3; } ]) { a = [ 1 2 ]; b = [ 3 ]; };
  testFoldlAttrs = is (lib.foldlAttrs (acc: n: v: acc + n + toString v) "" { b = 2; a = 1; }) "a1b2";
  testZipAttrs = is (lib.zipAttrs [ { a = 1; } { a = 2; b = 3; } ]) { a = [ 1 2 ]; b = [ 3 ]; };
  testCartesian = is (lib.length (lib.cartesianProduct { a = [ 1 2 ]; b = [ 3 4 5 ]; })) 6;
  testMergeList = is (lib.mergeAttrsList [ { a = 1; } { b = 2; } { a = 3; } ]) { a = 3; b = 2; };
  testMatchAttrs = yes (lib.matchAttrs { a.b = 1; } { a = { b = 1; c = 2; }; d = 3; } && !(lib.matchAttrs { a = 1; } { }));
  testUnionOfDisjoint = yes (lib.unionOfDisjoint { a = 1; } { b = 2; } == { a = 1; b = 2; } && fails (lib.unionOfDisjoint { a = 1; } { a = 2; }).a);
  testGetOutput = is (map (f: f { out = 1; bin = 2; outPath = "x"; }) [ lib.getBin lib.getDev ]) [ 2 1 ];
  testShowAttrPath = is (lib.showAttrPath [ "a" "b c" "in" ]) "a.\"b c\".\"in\"";
  testConcatMapAttrs = is (lib.concatMapAttrs (n: v: { ${n} = v; "${n}2" = v; }) { a = 1; }) { a = 1; a2 = 1; };
  testIsDerivation = is (map lib.isDerivation [ (package { }) { } "x" ]) [ true false false ];
  testLazyZip = is (lib.zipAttrsWith (_: builtins.head) [ { a = 1; } { a = throw "not this"; } ]).a 1;

  ## Strings

  testAffixes = is [ (lib.hasPrefix "a" "abc") (lib.hasSuffix "bc" "abc") (lib.hasInfix "b." "ab.c") (lib.hasInfix "b." "abc") ] [ true true true false ];
  testRemove = is [ (lib.removePrefix "foo." "foo.bar") (lib.removeSuffix ".c" "a.c") (lib.removePrefix "x" "abc") ] [ "bar" "a" "abc" ];
  testSplit = is [ (lib.splitString "." "a.b..c") (lib.splitString "/" "") ] [ [ "a" "b" "" "c" ] [ "" ] ];
  testTrim = is [ (lib.trim " \t a b\n") (lib.trim "  ") ] [ "a b" "" ];
  testCase = is [ (lib.toUpper "aZ1") (lib.toLower "aZ1") (lib.toSentenceCase "hELLO") (lib.toCamelCase "foo-bar_baz") ] [ "AZ1" "az1" "Hello" "fooBarBaz" ];
  testShell = is (lib.escapeShellArgs [ "one" "two three" "four'five" "" ]) "one 'two three' 'four'\\''five' ''";
  testShellVar = is [ (lib.toShellVar "a" "b c") (lib.toShellVar "l" [ "x" "y z" ]) (lib.toShellVar "s" { k = "v"; }) ] [ "a='b c'" "declare -a l=(x 'y z')" "declare -A s=([k]=v)" ];
  testShellVarBad = yes (fails (lib.toShellVar "a b" "c"));
  testEscape = is [ (lib.escape [ "(" ] "(x)") (lib.escapeRegex "a.b*") (lib.escapeXML "\"a\" <b>&'c'") (lib.escapeURL "a b/ü"  != "") ] [ "\\(x)" "a\\.b\\*" "&quot;a&quot; &lt;b&gt;&amp;&apos;c&apos;" true ];
  testNixString = is [ (strings.escapeNixString "a\${b}\"") (strings.escapeNixIdentifier "a-b") (strings.escapeNixIdentifier "1a") (strings.escapeNixIdentifier "or") ] [ "\"a\\\${b}\\\"\"" "a-b" "\"1a\"" "\"or\"" ];
  testSearchPath = is [ (lib.makeBinPath [ "/a" "/b" ]) (lib.makeLibraryPath [ (package { lib = { outPath = "/l"; }; }) ]) ] [ "/a/bin:/b/bin" "/l/lib" ];
  testVersions = is [ (lib.versionOlder "1.9" "1.10") (lib.versionAtLeast "1.10" "1.10") (versions.major "3.13.5") (versions.majorMinor "3.13.5") (versions.pad 4 "1.2-rc1") ] [ true true "3" "3.13" "1.2.0.0-rc1" ];
  testNames = is [ (lib.getName "foo-1.2") (lib.getVersion "foo-1.2") (lib.getName { pname = "x"; }) (lib.nameFromURL "https://h/foo-1.tar.gz" "-") ] [ "foo" "1.2" "x" "foo" ];
  testSanitize = is (map strings.sanitizeDerivationName [ "a b/c" "..x" "ok-1.0" "" ]) [ "a-b-c" "x" "ok-1.0" "unknown" ];
  testToInt = is (map lib.toInt [ "1" " -7 " "0" ]) [ 1 (-7) 0 ];
  testToIntBad = yes (fails (lib.toInt "01") && fails (lib.toInt "a") && lib.toIntBase10 "010" == 10);
  testFixed = is [ (lib.fixedWidthString 5 "0" "42") (lib.fixedWidthNumber 3 7) ] [ "00042" "007" ];
  testLevenshtein = is [ (strings.levenshtein "kitten" "sitting") (strings.levenshtein "" "abc") (strings.levenshteinAtMost 1 "foo" "fo") (strings.levenshteinAtMost 1 "foo" "bar") ] [ 3 3 true false ];
  testFlags = is [ (lib.enableFeature true "x") (lib.withFeatureAs true "x" "1") (lib.cmakeBool "A" true) (lib.mesonEnable "b" false) ] [ "--enable-x" "--with-x=1" "-DA:BOOL=TRUE" "-Db=disabled" ];
  testContext = is (builtins.attrNames (builtins.getContext (lib.head (lib.splitString "x" "${builtins.toFile "f" ""}xy")))) [ (builtins.unsafeDiscardStringContext (builtins.toFile "f" "")) ];
  testLines = is [ (lib.concatLines [ "a" "b" ]) (lib.concatMapAttrsStringSep "," (n: v: n + v) { a = "1"; b = "2"; }) ] [ "a\nb\n" "a1,b2" ];

  ## Packages

  testCallPackage = is (let p = lib.callPackageWith { a = 1; b = 2; } ({ a, b, c ? 3 }: { sum = a + b + c; }) { b = 10; }; in [ p.sum (p.override { c = 0; }).sum ]) [ 14 11 ];
  testOverrideFunction = is ((lib.makeOverridable ({ a, b ? 1 }: { x = a + b; }) { a = 1; }).override (old: { a = old.a + 5; })).x 7;
  testOverrideKeepsAttrs = is
    (let
      mk = lib.makeOverridable ({ n }: package { overrideAttrs = f: package (f { }); inherit n; });
      p = mk { n = 1; };
    in
    [ (p.override { n = 2; }).n ((p.overrideAttrs (_: { n = 7; })) ? override) ])
    [ 2 true ];
  testScope = is
    (let
      s = lib.makeScope lib.callPackageWith (self: { a = 1; b = self.callPackage ({ a }: { v = a; }) { }; });
    in
    [ s.b.v (s.overrideScope (final: prev: { a = 2; })).b.v ])
    [ 1 2 ];
  testExtendDerivation = is (lib.extendDerivation true { extra = 1; } (package { drvPath = "/d"; })).extra 1;
  testLazyDerivation = is (lib.lazyDerivation { derivation = package { drvPath = "/d"; outputName = "out"; system = "s"; }; }).outPath "/out";
  testGetExe = is [ (lib.getExe (package { meta.mainProgram = "hi"; })) (lib.getExe' (package { }) "x") ] [ "/out/bin/hi" "/out/bin/x" ];
  testClosePropagation = is
    (map (p: p.outPath) (lib.closePropagation [ { outPath = "a"; propagatedBuildInputs = [ { outPath = "b"; propagatedBuildInputs = [ null ]; } { outPath = "a"; } ]; } ]))
    [ "a" "b" ];
  testLicenses = is [ lib.licenses.mit.spdxId lib.licenses.unfree.free (lib.getLicenseFromSpdxId "apache-2.0").shortName lib.licenses.gpl3Only.fullName ] [ "MIT" false "asl20" "GNU General Public License v3.0 only" ];
  testSPDX = is (with lib.licenses; toSPDX (AND [ mit (OR [ asl20 (PLUS gpl2Only) ]) ])) "MIT AND (Apache-2.0 OR GPL-2.0-only+)";

  ## Platforms

  testElaborate = is
    (let p = systems.elaborate "x86_64-linux"; in [ p.config p.system p.isLinux p.isDarwin p.is64bit p.libc p.extensions.sharedLibrary p.linuxArch ])
    [ "x86_64-unknown-linux-gnu" "x86_64-linux" true false true "glibc" ".so" "x86_64" ];
  testElaborateOthers = is (map (s: (systems.elaborate s).config) [ "aarch64-linux" "aarch64-darwin" "armv7l-linux" "i686-linux" "x86_64-windows" ])
    [ "aarch64-unknown-linux-gnu" "arm64-apple-darwin" "armv7l-unknown-linux-gnueabihf" "i686-unknown-linux-gnu" "x86_64-pc-windows-gnu" ];
  testElaborateConfig = is (systems.elaborate { config = "aarch64-unknown-linux-musl"; }).isMusl true;
  testElaborateTwice = yes (let p = systems.elaborate "x86_64-linux"; in systems.equals p (systems.elaborate p));
  testElaborateBad = yes (fails (systems.elaborate "pdp11-linux").config);
  testPlatforms = yes (builtins.elem "x86_64-linux" lib.platforms.linux && builtins.elem "aarch64-darwin" lib.platforms.unix && !(builtins.elem "x86_64-linux" lib.platforms.darwin));
  testAvailable = is
    (map (meta: lib.meta.availableOn (systems.elaborate "x86_64-linux") { inherit meta; })
      [ { } { platforms = lib.platforms.linux; } { platforms = lib.platforms.darwin; } { platforms = lib.platforms.all; badPlatforms = [ "x86_64-linux" ]; } { platforms = [ systems.inspect.patterns.isx86_64 ]; } ])
    [ true true false false true ];
  testCanExecute = is (map (s: (systems.elaborate "x86_64-linux").canExecute (systems.elaborate s)) [ "x86_64-linux" "i686-linux" "aarch64-linux" ]) [ true true false ];

  ## Generators

  testINI = is (generators.toINI { } { a = { x = 1; y = true; }; "b]" = { }; }) "[a]\nx=1\ny=true\n\n[b\\]]\n";
  testKeyValue = is (generators.toKeyValue { listsAsDuplicateKeys = true; } { a = [ 1 2 ]; "b=c" = null; }) "a=1\na=2\nb\\=c=null\n";
  testGitINI = is (generators.toGitINI { user.name = "A \"B\""; url."ssh://x".insteadOf = [ "y" "z" ]; }) "[url \"ssh://x\"]\n\tinsteadOf = \"y\"\n\tinsteadOf = \"z\"\n\n[user]\n\tname = \"A \\\"B\\\"\"\n";
  testPretty = is (generators.toPretty { multiline = false; } { a = [ 1 "x\${y}" null ]; f = { b, c ? 1 }: b; "d e" = { }; }) "{ a = [ 1 \"x\\\${y}\" null ]; \"d e\" = { }; f = <function, args: {b, c?}>; }";
  testPrettyLines = is (generators.toPretty { } { a = "x\ny"; }) "{\n  a = ''\n    x\n    y'';\n}";
  testLua = is (generators.toLua { multiline = false; } { a = [ 1 "b" ]; f = lib.mkLuaInline "g()"; }) "{ [\"a\"] = { 1, \"b\" }, [\"f\"] = (g()) }";
  testDhall = is (generators.toDhall { } { a = [ 1 true ]; }) "{ a = [ +1, True ] }";
  testYAML = is (generators.toYAML { } { a = [ 1 ]; }) "{\"a\":[1]}";
  testCli = is (lib.cli.toGNUCommandLineShell { } { v = true; quiet = false; name = "a b"; X = [ "1" "2" ]; }) "-X 1 -X 2 --name 'a b' -v";
  testTextClosure = is (lib.textClosureMap lib.id { a = lib.noDepEntry "A"; b = lib.stringAfter [ "a" ] "B"; c = lib.stringAfter [ "b" "a" ] "C"; } [ "c" "a" ]) "A\nB\nC";

  ## Paths and sources

  testSubpath = is [ (lib.path.subpath.join [ "a/b" "./c//d" ]) (lib.path.subpath.isValid "../a") (lib.path.removePrefix /a /a/b/c) ] [ "./a/b/c/d" false "./b/c" ];
  testHasPrefix = is [ (lib.path.hasPrefix /foo /foo/bar) (lib.path.hasPrefix /foo /foobar) ] [ true false ];
  testClean = is (map (n: lib.cleanSourceFilter "/x/${n}" "regular") [ "a.py" "b~" ".git" "c.o" ".x.swp" ]) [ true false false false false ];
  testFileset = is
    (let inherit (lib.fileset) difference fileFilter intersection toList union unions; in [
      (toList (difference ./systems ./systems/parse.nix))
      (toList (intersection ./. (union ./lists.nix ./systems/parse.nix)))
      (builtins.length (toList (fileFilter (f: f.hasExt "nix") ./systems)))
      (toList (unions [ ]))
      (toList (intersection ./lists.nix (lib.fileset.maybeMissing ./nowhere)))
    ])
    [
      [ ./systems/architectures.nix ./systems/default.nix ./systems/doubles.nix ./systems/examples.nix ./systems/inspect.nix ]
      [ ./lists.nix ./systems/parse.nix ]
      6
      [ ]
      [ ]
    ];
  testFilesetOutside = yes (fails (lib.fileset.toSource { root = ./systems; fileset = ./lists.nix; }));
  testFilesetMissing = yes (fails (lib.fileset.union ./nowhere ./lists.nix)._base);

  ## Modules: later definitions come first in lists


  testDefault = is (config [ { options.a = mkOption { default = 1; }; } ]).a 1;
  testPriorities = is (merged types.int [ 3 (mkDefault 1) ]) 3;
  testForce = is (merged types.int [ 3 (mkForce 5) (mkOverride 90 4) ]) 5;
  testPrioritiesWithoutValues = is
    (builtins.mapAttrs (_: def: def.highestPrio) (builtins.intersectAttrs { weak = 1; strong = 1; plain = 1; } (lib.modules.mergeAttrDefinitionsWithPrio (evalModules { modules = [
      { _module.args = { weak = mkDefault (throw "weak"); strong = mkForce (throw "strong"); plain = 1; }; }
    ]; }).options._module.args)))
    { weak = 1000; strong = 50; plain = 100; };
  testConflict = yes (fails (merged types.int [ 1 2 ]));
  testIf = is (merged (types.listOf types.int) [ (mkIf true [ 1 ]) (mkIf false [ 2 ]) (mkMerge [ [ 3 ] (mkIf true [ 4 ]) ]) ]) [ 3 4 1 ];
  testOrder = is (merged types.lines [ (mkAfter "last") "middle" (mkBefore "first") ]) "first\nmiddle\nlast";
  testIfPushed = is (config [ { options.a.b = option types.int; options.on = mkOption { default = true; }; } ({ config, ... }: { a = mkIf config.on { b = 1; }; }) ]).a.b 1;
  testWrongType = yes (fails (merged types.int [ "1" ]));
  testUndeclared = yes (fails (config [ { options.a = option types.int; } { b = 1; } ]));
  testNoValue = yes (fails (config [ { options.a = option types.int; } ]).a);
  testArgs = is (config [ ({ extra, lib, ... }: { options.a = mkOption { default = extra; }; }) { _module.args.extra = 7; } ]).a 7;
  testSpecialArgs = is (evalModules { specialArgs.file = { a = 2; }; modules = [ ({ file, ... }: { imports = [ file ]; options.a = option types.int; }) ]; }).config.a 2;
  testSubmodule = is
    (merged (types.attrsOf (types.submodule ({ name, config, ... }: { options.n = mkOption { default = name; }; options.double = mkOption { default = config.n + config.n; }; })))
      [ { a = { }; } { b.n = "x"; } { a.n = mkDefault "y"; } ])
    { a = { n = "y"; double = "yy"; }; b = { n = "x"; double = "xx"; }; };
  testSubmoduleExtended = is
    (config [
      { options.s = mkOption { default = { }; type = types.submodule { options.a = mkOption { default = 1; }; }; }; }
      { options.s = mkOption { type = types.submodule { options.b = mkOption { default = 2; }; }; }; }
      { s.a = 3; }
    ]).s
    { a = 3; b = 2; };
  testFreeform = is (config [ { freeformType = types.attrsOf types.int; options.a = mkOption { default = 1; }; } { b = 2; } ]) { a = 1; b = 2; };
  testEither = is (map (v: merged (types.oneOf [ types.int types.str (types.listOf types.int) ]) [ v ]) [ 1 "a" [ 2 ] ]) [ 1 "a" [ 2 ] ];
  testNullOr = yes (merged (types.nullOr types.int) [ null ] == null && fails (merged (types.nullOr types.int) [ null 1 ]));
  testEnum = yes (merged (types.enum [ "a" "b" ]) [ "a" ] == "a" && fails (merged (types.enum [ "a" ]) [ "c" ]));
  testCoerced = is (merged (types.coercedTo types.int toString types.str) [ 5 ]) "5";
  testAttrTag = is (merged (types.attrTag { a = option types.int; b = option types.str; }) [ { b = "x"; } ]) { b = "x"; };
  testFunctionTo = is ((merged (types.functionTo (types.listOf types.int)) [ (x: [ x ]) (x: [ (x + 1) ]) ]) 1) [ 2 1 ];
  testAnything = is (merged types.anything [ { a.b = 1; } { a.c = "x"; } ]) { a = { b = 1; c = "x"; }; };
  testLazyAttrs = is (merged (types.lazyAttrsOf types.int) [ { a = 1; b = throw "unused"; } ]).a 1;
  testApply = is (config [ { options.a = mkOption { default = 1; apply = x: x + 1; }; } ]).a 2;
  testReadOnly = yes (fails (config [ { options.a = mkOption { readOnly = true; type = types.int; }; } { a = 1; } { a = 1; } ]).a);
  testRename = is
    (config [ (lib.mkRenamedOptionModule [ "old" ] [ "new" "name" ]) { options.new.name = option types.int; options.warnings = mkOption { default = [ ]; }; } { old = 3; } ]).new.name
    3;
  testRemoved = yes (fails (config [ (lib.mkRemovedOptionModule [ "gone" ] "Use another.") { options.assertions = mkOption { default = [ ]; }; } ]).gone);
  testDisabled = is (config [ { options.a = mkOption { default = 1; }; disabledModules = [ { key = "k"; } ]; } { key = "k"; a = 2; } ]).a 1;
  testImportsOnce = is (config [ { options.l = option (types.listOf types.int); imports = [ { key = "k"; l = [ 1 ]; } { key = "k"; l = [ 1 ]; } ]; } ]).l [ 1 ];
  testExtendModules = is ((evalModules { modules = [ { options.a = mkOption { default = 1; }; } ]; }).extendModules { modules = [ { a = 2; } ]; }).config.a 2;
  testClass = yes (fails (evalModules { class = "nixos"; modules = [ { _class = "darwin"; } ]; }).config);
  testDescription = is (map (t: t.description) [ (types.attrsOf (types.listOf types.str)) (types.nullOr types.int) (types.either types.str (types.listOf types.bool)) ])
    [ "attribute set of list of string" "null or signed integer" "string or list of boolean" ];
  testDocs = is
    (map (o: o.name) (lib.filter (o: !o.internal && o.visible) (lib.optionAttrSetToDocList
      (evalModules { modules = [ { options.s = option (types.attrsOf (types.submodule { options.x = option types.int; })); } ]; }).options)))
    [ "_module.args" "s" "s.<name>.x" ];
  testEnable = is (config [ { options.e = lib.mkEnableOption "it"; } { e = true; } ]).e true;
  testPackageOption = is (config [ { options.p = lib.mkPackageOption { a.b = package { }; } [ "a" "b" ] { }; } ]).p.name "hello-1.2";
  testPackageOptionMissing = yes (fails (config [ { options.p = lib.mkPackageOption { } "nothing" { }; } ]).p);
  testDefinitionOfFunctionModule = is (config [ ({ lib, ... }: { options.a = lib.mkOption { type = lib.types.raw; }; }) ({ config, ... }: mkIf true { a = 1; }) ]).a 1;
}
