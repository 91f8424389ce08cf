/**
 * A grammar of Nix expressions for fast-check: mostly well-typed, now and then not, every name bound by the prelude.
 *
 * An expression is a tree of text pieces and subexpressions, so that `shrink.ts` can take parts away without knowing
 * the language. Every builtin that gives the same answer on every machine has a production.
 */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is Nix's interpolation
import * as fc from "fast-check";

export interface Tree {
  /** Text around and between the children: one more than there are children. */
  readonly text: readonly string[];
  readonly children: readonly Tree[];
  /** Children may be left out one by one, with the text after each. */
  readonly isList: boolean;
}

export function print(tree: Tree): string {
  let result = tree.text[0]!;
  for (let i = 0; i < tree.children.length; i++) result += print(tree.children[i]!) + tree.text[i + 1]!;
  return result;
}

export function leaf(text: string): Tree {
  return { text: [text], children: [], isList: false };
}

/** Bound around every expression. */
export const prelude =
  'x = 3; y = "ab"; z = [ 1 2 3 ]; s = { a = 1; b = "two"; c = [ 3 ]; }; f = a: a; t = throw "t"; ' +
  'd = derivation { name = "d"; system = "s"; builder = "b"; outputs = [ "out" "dev" ]; }; ' +
  "g = { a ? 1, b ? a, ... }@e: { inherit a b; n = builtins.attrNames e; }; " +
  'm = builtins.listToAttrs (builtins.genList (i: { name = "k${toString (100 + i)}"; value = i; }) 100);';

const arbitraryTree = (text: readonly string[], children: readonly Tree[], isList = false): Tree => ({
  text,
  children,
  isList,
});

type Kind = "int" | "float" | "bool" | "str" | "path" | "list" | "set" | "fun" | "any" | "drv" | "large";
const kinds: Record<string, Kind> = {
  I: "int",
  F: "float",
  B: "bool",
  S: "str",
  P: "path",
  L: "list",
  A: "set",
  U: "fun",
  X: "any",
  D: "drv",
  M: "large",
};

/** Productions: `<I>` is a subexpression of that kind, in parentheses; `<*X>` some of that kind, as list elements. */
const productions: Record<Kind, readonly string[]> = {
  int: [
    "<I> + <I>",
    "<I> - <I>",
    "<I> * <I>",
    "<I> / <I>",
    "- <I>",
    "builtins.add <I> <I>",
    "builtins.sub <I> <I>",
    "builtins.mul <I> <I>",
    "builtins.div <I> <I>",
    "builtins.bitAnd <I> <I>",
    "builtins.bitOr <I> <I>",
    "builtins.bitXor <I> <I>",
    "builtins.length <L>",
    "builtins.stringLength <S>",
    "builtins.foldl' (a: b: a + b) <I> <L>",
    "builtins.foldl' (a: b: b) <X> <L>",
    "builtins.ceil <F>",
    "builtins.floor <F>",
    "builtins.compareVersions <S> <S>",
    "builtins.head [ <*I> ]",
    "builtins.elemAt <L> <I>",
    "if <B> then <I> else <I>",
    "<A>.a or <I>",
    "<A>.x",
    "<M>.a or <I>",
    "<M>.k107",
    "<M>.k103.a or <I>",
    "<M>.${<S>} or <I>",
    "with <M>; with <A>; k109",
    "({ a ? <I>, k101, ... }: a) <M>",
    "builtins.length (builtins.attrNames <M>)",
    'let s = <M>; in builtins.foldl\' (sum: i: sum + s."k${toString (100 + i * 3)}" or 1) 0 (builtins.genList (i: i) 40)',
    "(x: <I>) <X>",
    "({ a ? <I>, ... }: a) <A>",
    "let x = <I>; in <I>",
    "with <A>; x",
    "assert <B>; <I>",
    "builtins.seq <X> <I>",
    "builtins.deepSeq <X> <I>",
    'builtins.fromJSON "17"',
    "builtins.length (builtins.attrNames <A>)",
    "<I> + <I> * <I> - <I>",
    "let x = <I>; y = x; in (let x = <I>; in x + y) - x",
    "let f = n: if n < 1 then <I> else f (n - 1); in f 3",
    "let a = { b.c = <I>; b.d = a.b.c; }; in a.b.d",
    "<A>.a.b.c or <I>",
    "<A>.${<S>} or <I>",
    "(x: { y ? x, ... }: y) <I> <A>",
    "with <A>; with { a = <I>; }; a",
    "builtins.elemAt [ <*I> ] <I>",
    "builtins.foldl' (a: b: a * b) 1 [ <*I> ]",
    "builtins.foldl' builtins.add 0 [ <*I> ]",
  ],
  float: [
    "<F> + <F>",
    "<F> - <I>",
    "<I> * <F>",
    "<F> / <F>",
    "- <F>",
    "builtins.add <F> <I>",
    "builtins.div <I> <F>",
    'builtins.fromJSON "2.5e-3"',
  ],
  bool: [
    "<X> == <X>",
    "<X> != <X>",
    "<I> < <I>",
    "<I> <= <F>",
    "<S> > <S>",
    "<L> >= <L>",
    "<X> < <X>",
    "<B> && <B>",
    "<B> || <B>",
    "<B> -> <B>",
    "! <B>",
    "<A> ? a",
    "<A> ? b.c",
    "<A> ? ${<S>}",
    "<M> ? a",
    "<M> ? k105.b",
    "<M> ? ${<S>}",
    // One attribute that may fail: with two, the order of comparison would tell.
    "let s = m // { a = <I>; }; in s == s // { k103 = 103; }",
    "builtins.attrNames <M> == builtins.attrNames <M>",
    "builtins.hasAttr <S> <M>",
    "<X> ? x",
    "builtins.hasAttr <S> <A>",
    "builtins.elem <X> <L>",
    "builtins.any <U> <L>",
    "builtins.all (x: <B>) <L>",
    "builtins.isInt <X>",
    "builtins.isFloat <X>",
    "builtins.isString <X>",
    "builtins.isAttrs <X>",
    "builtins.isList <X>",
    "builtins.isFunction <X>",
    "builtins.isPath <X>",
    "builtins.isBool <X>",
    "isNull <X>",
    "builtins.lessThan <X> <X>",
    "(builtins.tryEval <X>).success",
    "builtins.hasContext <S>",
    'builtins.pathExists (<P> + "/nonexistent")',
    "<I> == <F>",
    "<I> < <F>",
    "<F> <= <I>",
    "<L> == <L>",
    "<A> == <A>",
    "<S> < <S>",
    "<P> == <P>",
    "<P> < <P>",
    "<B> && <B> || <B> -> <B>",
    "let f = <U>; in f == f",
    "builtins.seq (builtins.tryEval <X>) true",
    "(builtins.tryEval (builtins.deepSeq <X> 1)).success",
    "<A> ? a.b.${<S>}",
  ],
  str: [
    "<S> + <S>",
    "<S> + <X>",
    '"a${<S>}b"',
    '"${<X>}"',
    "''\n    a ${<S>}\n      b\n  ''",
    "builtins.concatStringsSep <S> [ <*S> ]",
    'builtins.concatStringsSep "," <L>',
    "builtins.replaceStrings [ <*S> ] [ <*S> ] <S>",
    'builtins.replaceStrings [ "a" "" ] [ <S> <S> ] <S>',
    "builtins.substring <I> <I> <S>",
    "toString <X>",
    "toString <L>",
    "builtins.toJSON <X>",
    "builtins.toXML <X>",
    "builtins.typeOf <X>",
    'builtins.hashString "sha256" <S>',
    'builtins.hashString "md5" <S>',
    "baseNameOf <S>",
    "baseNameOf <P>",
    "toString (dirOf <P>)",
    "dirOf <S>",
    "builtins.head (builtins.splitVersion <S>)",
    "builtins.unsafeDiscardStringContext <S>",
    "builtins.unsafeDiscardOutputDependency <S>",
    "builtins.addDrvOutputDependencies <S>",
    'builtins.toFile "f" <S>',
    "<D>.outPath",
    "<D>.drvPath",
    "<D>.dev",
    '"${<D>}"',
    "builtins.placeholder <S>",
    'builtins.getEnv "NO_SUCH_VARIABLE"',
    "builtins.toPath <P>",
    "builtins.appendContext <S> (builtins.getContext <S>)",
    'builtins.convertHash { hash = builtins.hashString "sha1" <S>; hashAlgo = "sha1"; toHashFormat = "sri"; }',
    "if <B> then <S> else <S>",
    "let y = <S>; in y",
    "(y: <S>) <X>",
    "throw <S>",
    "builtins.substring <I> <I> <S>",
    "builtins.substring 1 2 <S>",
    "builtins.concatStringsSep <S> (builtins.filter builtins.isString <L>)",
    "builtins.replaceStrings [ <S> <S> ] [ <S> <S> ] <S>",
    "toString <F>",
    "toString <I>",
    "builtins.toJSON <F>",
    "builtins.toJSON <S>",
    "builtins.toJSON <A>",
    "builtins.toXML <A>",
    "builtins.toXML <U>",
    'builtins.hashString "sha256" (builtins.toJSON <M>)',
    "''\n      a\n    ${<S>}b\n\n  c''",
    "''${<S>}''",
    "''  ${<S>}\n ''",
    'builtins.concatStringsSep "" (map toString <L>)',
    "builtins.elemAt <L> 0",
    'builtins.head (builtins.match "(.*)b.*" <S>)',
    "(builtins.parseDrvName <S>).name",
    "(builtins.parseDrvName <S>).version",
    "abort <S>",
    "builtins.addErrorContext <S> <S>",
  ],
  path: ['<P> + "/x"', "<P> + <S>", "/a/${<S>}/b", "/q + <S>"],
  list: [
    "[ <*X> ]",
    "[ <*I> ]",
    "[ <*S> ]",
    "<L> ++ <L>",
    "map <U> <L>",
    "builtins.filter <U> <L>",
    "builtins.filter (x: <B>) <L>",
    "builtins.genList <U> 3",
    "builtins.genList (x: <X>) (builtins.length <L>)",
    "builtins.sort builtins.lessThan [ <*I> ]",
    "builtins.sort builtins.lessThan [ <*S> ]",
    "builtins.sort (a: b: <B>) [ <*X> ]",
    "builtins.sort builtins.lessThan <L>",
    "builtins.concatLists [ <*L> ]",
    "builtins.concatMap (x: [ x <X> ]) <L>",
    "builtins.concatMap <U> <L>",
    "builtins.tail <L>",
    "builtins.attrNames <A>",
    "builtins.attrValues <A>",
    "builtins.attrNames (removeAttrs <M> (builtins.attrNames m))",
    'map (n: (<M>).${n} or null) [ "a" "b" "k103" <*S> ]',
    'builtins.catAttrs "a" [ <*A> ]',
    "builtins.split <R> <S>",
    "builtins.match <R> <S>",
    "builtins.splitVersion <S>",
    "builtins.splitVersion <S> ++ builtins.splitVersion <S>",
    "builtins.match <R> <S>",
    "builtins.split <R> <S>",
    "builtins.split <R> <S>",
    "builtins.sort (a: b: a < b) [ <*I> ]",
    "builtins.sort (a: b: builtins.compareVersions a b < 0) [ <*S> ]",
    "builtins.sort <U> <L>",
    "builtins.sort (a: b: a / 10 < b / 10) (builtins.genList (i: (i * 37 + <I>) / 3) 30)",
    "builtins.sort (a: b: <B>) (builtins.genList (i: i) 25)",
    "builtins.genList (i: i * i) (builtins.bitAnd <I> 15)",
    "let r = [ 1 ] ++ map (x: x + 1) (builtins.genList (i: builtins.elemAt r i) 3); in r",
    "map (n: s.${n} or null) [ <*S> ]",
    "builtins.attrValues (builtins.mapAttrs (n: v: [ n v ]) <A>)",
    "builtins.concatMap (x: if builtins.isList x then x else [ x ]) <L>",
    "(builtins.partition <U> <L>).right",
    "builtins.genericClosure { startSet = [ <*A> ]; operator = x: [ ]; }",
    "builtins.genericClosure { startSet = map (key: { inherit key; }) <L>; operator = { key }: if key == 2 then [ { key = <X>; } ] else [ ]; }",
    'builtins.fromJSON "[1,\\"a\\",null,{\\"b\\":2.5}]"',
    "if <B> then <L> else <L>",
    "let z = <L>; in z",
    "map (x: <X>) <L>",
    "builtins.fromJSON (builtins.toJSON <L>)",
  ],
  set: [
    "{ a = <X>; b = <X>; }",
    "rec { a = <X>; b = a; x = <X>; }",
    "{ a.b = <X>; a.c = <X>; }",
    "{ ${<S>} = <X>; }",
    "{ inherit x y; inherit (<A>) a; }",
    "<A> // <A>",
    "<A> // { a = <X>; }",
    "builtins.intersectAttrs <A> <M>",
    "builtins.intersectAttrs <M> <A>",
    "removeAttrs <M> (builtins.attrNames m)",
    "g (<M>) // { n = 1; }",
    "builtins.intersectAttrs { a = 1; b = 2; k103 = 3; x = 4; } <M>",
    '{ ${builtins.concatStringsSep "-" (builtins.attrNames <A>)} = builtins.zipAttrsWith (n: vs: builtins.length vs) [ <M> <M> ] == <X>; }',
    "builtins.mapAttrs (n: v: <X>) <A>",
    "builtins.mapAttrs (n: <U>) <A>",
    "removeAttrs <A> [ <*S> ]",
    'removeAttrs <A> [ "a" ]',
    "builtins.intersectAttrs <A> <A>",
    "builtins.listToAttrs [ { name = <S>; value = <X>; } { name = <S>; value = <X>; } ]",
    "builtins.listToAttrs (map (name: { inherit name; value = <X>; }) <L>)",
    "builtins.groupBy toString <L>",
    "builtins.groupBy <U> <L>",
    "builtins.zipAttrsWith (n: vs: vs) [ <*A> ]",
    "builtins.zipAttrsWith (n: <U>) [ <*A> ]",
    "builtins.functionArgs <U>",
    "builtins.parseDrvName <S>",
    "builtins.partition <U> <L>",
    "builtins.tryEval <X>",
    "builtins.getContext <S>",
    'builtins.fromTOML "a = 1\\n[b]\\nc = \\"x\\""',
    "builtins.fromJSON (builtins.toJSON <A>)",
    "{ __toString = self: <S>; a = <X>; }",
    "{ outPath = <S>; x = <X>; }",
    "{ __functor = self: <U>; a = <X>; }",
    "rec { __overrides = <A>; a = <X>; b = a; }",
    "if <B> then <A> else <A>",
    "let s = <A>; in s",
    "with <A>; { inherit a; }",
    "g <A>",
    "<A>.a or { }",
    "builtins.fromJSON <S>",
    "builtins.fromJSON <S>",
    "builtins.tryEval (throw <S>)",
    "{ a.b.c = <X>; a.b.d = <X>; a.e = <X>; }",
    "{ a = { b = <X>; }; a.c = <X>; }",
    "rec { inherit (s) a b; c = a; d = <X>; }",
    "let inherit (<A>) a b; in { inherit a b; }",
    "{ ${<S>}.x = <X>; bb = <X>; }",
    "builtins.removeAttrs (builtins.listToAttrs (map (n: { name = toString n; value = n; }) <L>)) [ <*S> ]",
    "builtins.foldl' (a: b: a // { ${toString b} = b; }) { } <L>",
    "builtins.zipAttrsWith (n: vs: builtins.length vs) <L>",
    "(x: { inherit x; }) <X>",
    "({ a, b ? a, ... }@args: args // { inherit a b; }) <A>",
    "builtins.compareVersions <S> <S> == 0 && <B> || { }",
    "{ or = <X>; }",
    'builtins.unsafeGetAttrPos "q" <A>',
  ],
  fun: [
    "x: <X>",
    "x: y: <X>",
    "{ a, b ? <X>, ... }: <X>",
    "{ a ? <X> }@e: e",
    "e@{ a ? 1, ... }: { inherit e; inherit a; }",
    "builtins.add <I>",
    "builtins.elemAt <L>",
    "builtins.hasAttr <S>",
    "builtins.foldl' (a: b: <X>) <X>",
    "builtins.filter <U>",
    "<A>",
    "if <B> then <U> else <U>",
  ],
  drv: [
    'derivation { name = <S>; system = "s"; builder = <S>; }',
    'derivation { name = "n"; system = "s"; builder = "b"; a = <X>; args = [ <*X> ]; }',
    'derivation { name = "n"; system = "s"; builder = "b"; __structuredAttrs = true; a = <X>; }',
    'derivation { name = "n"; system = "s"; builder = "b"; outputs = [ "dev" "out" ]; p = <P>; }',
    'derivation { name = "n"; system = "s"; builder = "b"; outputHash = builtins.hashString "sha256" <S>; outputHashAlgo = "sha256"; }',
    'derivation { name = "n"; system = "s"; builder = "b"; __ignoreNulls = true; a = <X>; }',
  ],
  // Sets of a hundred attributes and more, updated again and again: implementations keep those in layers.
  large: [
    "<M> // <A>",
    "<M> // <A>",
    "<A> // <M>",
    "<M> // <M>",
    "<M> // { a = <X>; }",
    '<M> // { k103 = <X>; "k${toString <I>}" = <X>; }',
    "<M> // { ${<S>} = <X>; }",
    "{ k103 = <X>; a = <X>; } // <M>",
    "builtins.foldl' (a: b: a // b) <M> [ <*A> ]",
    "builtins.foldl' (a: b: b // a) <M> [ <*A> ]",
    "builtins.foldl' (s: n: s // { ${toString n} = s.k107 or n; k107 = n; }) <M> <L>",
    'builtins.foldl\' (s: i: s // { "k${toString (100 + i * 7)}" = i; "z${toString i}" = s.k103; k103 = i; }) <M> (builtins.genList (i: i) 30)',
    'builtins.foldl\' (s: i: { "y${toString i}" = s.a or i; } // s) <M> (builtins.genList (i: i) 30)',
    "let s = <M> // { a = s.k105; b = <X>; } // <A>; in s",
    "let step = self: super: { k101 = super.k101; a = self.k102; x = <X>; }; s = m // step s m // step s (m // <A>); in s",
    "removeAttrs <M> [ <*S> ]",
    'removeAttrs <M> [ "a" "k103" ]',
    "builtins.mapAttrs (n: v: v) <M>",
    "builtins.intersectAttrs <M> <M>",
    "let s = <M>; in builtins.seq (builtins.attrNames s) s",
    "if <B> then <M> else <M>",
  ],
  any: [],
};

const leaves: Record<Kind, readonly string[]> = {
  int: [
    "0",
    "1",
    "2",
    "3",
    "7",
    "10",
    "x",
    "(-1)",
    "100",
    "255",
    "9223372036854775807",
    "(-9223372036854775807 - 1)",
    "9007199254740993",
    "4611686018427387904",
    "builtins.langVersion",
  ],
  float: ["0.5", "1.0", "2.25", "1.0e20", "1.0e-7", "(-0.0)", "3.14159265", "123456.789", "1.0e300", ".1"],
  bool: ["true", "false"],
  str: [
    '""',
    '"a"',
    '"ab"',
    '"b"',
    '"abcabc"',
    "y",
    '"1.2.3-pre4"',
    '"foo-1.0"',
    '"a b\\nc"',
    '"\\"\\\\\\${x}"',
    '"é"',
    '"/a/b/"',
    '"$"',
    "''x''",
    '"a.b"',
    '"out"',
    '"name"',
    '"{\\"a\\":1}"',
  ],
  path: ["/a", "/a/b", "/a/../b", "/nonexistent/x.nix"],
  list: [
    "[ ]",
    "z",
    "[ 1 2 3 ]",
    '[ "b" "a" "c" "a" ]',
    "[ [ 1 ] [ ] ]",
    "[ null true ]",
    "[ 1 1.0 2 ]",
    "[ { a = 1; } { a = 2; b = 3; } ]",
    "[ { key = 1; } { key = 2; } { key = 1; } ]",
  ],
  set: [
    "{ }",
    "s",
    "{ a = 1; }",
    "{ b = 2; a = 1; }",
    '{ name = "n"; value = 5; }',
    "{ x = 1; a = { b = 2; }; }",
    "d",
    "{ key = 2; }",
    '{ type = "derivation"; outPath = "o"; }',
  ],
  fun: [
    "f",
    "g",
    "(x: x)",
    "(x: y: x)",
    "map",
    "toString",
    "builtins.isInt",
    "builtins.typeOf",
    "builtins.length",
    "({ a }: a)",
    "builtins.attrNames",
  ],
  large: ["m"],
  drv: ["d", '(derivation { name = "e"; system = "s"; builder = "b"; })'],
  any: ["null", "t", "null", "1", '"a"', "[ ]", "{ }", "true"],
};

const regexes = [
  '"a"',
  '"(a)(b)?"',
  '"[a-c]+"',
  '"(.*)b(.*)"',
  '"(a|ab)(c|bcd)*"',
  '""',
  '"[[:alpha:]]*"',
  '"(b*)*"',
  '"^a"',
  '"b$"',
  '"("',
  '"x{2}"',
  '"[^a]"',
  '"\\\\."',
  '"((a)|(b))+"',
];

const characters = "aabbcABC01.-_/ \n$\"\\{}é漢:;,=[]()*+?^|#'";

/** A string literal of any short text. */
const strings: fc.Arbitrary<Tree> = fc
  .array(fc.constantFrom(...characters), { maxLength: 12 })
  .map((found) => leaf(quote(found.join(""))));

function quote(text: string): string {
  return `"${text.replace(/["\\$]/g, "\\$&").replaceAll("\n", "\\n")}"`;
}

/** Versions and package names. */
const versions: fc.Arbitrary<Tree> = fc
  .array(
    fc.constantFrom("1", "2", "10", "007", ".", "-", "pre", "rc", "a", "b", "foo", "99999999999", "_", "+"),
    {
      maxLength: 7,
    },
  )
  .map((found) => leaf(quote(found.join(""))));

/** Text that is JSON, or nearly. */
const jsonTexts: fc.Arbitrary<Tree> = fc
  .tuple(
    fc.jsonValue({ maxDepth: 2 }),
    fc.nat(),
    fc.constantFrom("", "", "", "", "1", '"', ",", "]", "e", "-", "\\u12"),
  )
  .map(([value, at, noise]) => {
    const text = JSON.stringify(value).replace(/\\u0000|[\u0000-\u001f\u007f\ud800-\udfff]/g, "");
    const place = at % (text.length + 1);
    return leaf(quote(text.slice(0, place) + noise + text.slice(place)));
  });

const integers: fc.Arbitrary<Tree> = fc
  .oneof(
    fc.bigInt({ min: -20n, max: 20n }),
    fc.bigInt({ min: -(2n ** 63n) + 1n, max: 2n ** 63n - 1n }),
    fc.bigInt({ min: 2n ** 53n - 3n, max: 2n ** 53n + 3n }),
    fc.bigInt({ min: -(2n ** 32n), max: 2n ** 32n }),
  )
  .map((value) => leaf(value < 0n ? `(${value})` : String(value)));

const floats: fc.Arbitrary<Tree> = fc
  .oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.float({ noNaN: true, noDefaultInfinity: true }),
    fc.integer().map((i) => i / 64),
  )
  // Nix refuses literals of numbers too small for full precision.
  .filter((value) => value === 0 || Math.abs(value) > 1e-300)
  .map((value) => {
    const [mantissa, exponent] = Math.abs(value).toExponential().split("e") as [string, string];
    const text = `${mantissa.includes(".") ? mantissa : `${mantissa}.0`}e${exponent}`;
    return leaf(value < 0 ? `(-${text})` : text);
  });

/** Regular expressions, some of them none. Small: Nix's matcher takes exponential time. */
const patterns: fc.Arbitrary<Tree> = fc
  .array(
    fc.constantFrom(
      "a",
      "b",
      "[ab]",
      "[^a]",
      ".",
      "(a|b)",
      "(ab?)",
      "(a*)",
      "[[:alnum:]]",
      "\\\\.",
      "^",
      "$",
      "*",
      "+",
      "?",
      "|",
      "{1,2}",
      "(",
      ")",
      "[]-]",
      "-",
    ),
    { maxLength: 6 },
  )
  .map((found) => leaf(`"${found.join("").replaceAll("$", "\\$")}"`));

interface Grammar extends Record<Kind, Tree> {}

const randomLeaves: Partial<Record<Kind, readonly fc.Arbitrary<Tree>[]>> = {
  int: [integers],
  float: [floats],
  str: [strings, versions, jsonTexts],
};

/** The text of a production with its holes, compiled. */
interface Compiled {
  readonly text: readonly string[];
  readonly holes: readonly { kind: Kind; many: boolean; regex: boolean }[];
}

function compile(production: string): Compiled {
  const text: string[] = [];
  const holes: { kind: Kind; many: boolean; regex: boolean }[] = [];
  let start = 0;
  for (const match of production.matchAll(/<(\*?)([A-Z])>/g)) {
    text.push(production.slice(start, match.index));
    holes.push({ kind: kinds[match[2]!] ?? "str", many: match[1] === "*", regex: match[2] === "R" });
    start = match.index + match[0].length;
  }
  text.push(production.slice(start));
  return { text, holes };
}

/** In parentheses where it may stand as an operand, an argument or a list element. */
function operand(tree: Tree): Tree {
  if (tree.children.length === 0 && !/\s/.test(tree.text[0]!)) return tree;
  if (tree.isList) return tree;
  return { ...tree, text: wrap(tree.text) };
}

/** In parentheses if something before or after could run into it. */
export function enclosed(tree: Tree): Tree {
  return /^[0-9./]/.test(tree.text[0]!) ? { ...tree, text: wrap(tree.text) } : tree;
}

function wrap(text: readonly string[]): string[] {
  const wrapped = [...text];
  wrapped[0] = `(${wrapped[0]}`;
  wrapped[wrapped.length - 1] = `${wrapped.at(-1)})`;
  return wrapped;
}

/** Expressions of any kind, up to that depth. */
export function expressions(maxDepth: number): fc.Arbitrary<Tree> {
  const { any } = fc.letrec<Grammar>((tie) => {
    const of = (kind: Kind): fc.Arbitrary<Tree> => {
      const wild = fc.oneof(
        { weight: 14, arbitrary: tie(kind) as fc.Arbitrary<Tree> },
        { weight: 1, arbitrary: tie("any") as fc.Arbitrary<Tree> },
      );
      return (kind === "any" ? (tie("any") as fc.Arbitrary<Tree>) : wild).map(operand);
    };
    const filled = (production: string): fc.Arbitrary<Tree> => {
      const { text, holes } = compile(production);
      const arbitraries = holes.map((hole, i) => {
        if (hole.regex) return fc.oneof(fc.constantFrom(...regexes).map(leaf), patterns);
        // `1.a` would be a float applied to a name, `/a.b` a path.
        if (text[i + 1]!.startsWith(".")) return of(hole.kind).map(enclosed);
        if (!hole.many) return of(hole.kind);
        return fc
          .array(of(hole.kind), { maxLength: 4 })
          .map((items) => arbitraryTree(["", ...items.map(() => " ")], items, true));
      });
      return fc.tuple(...arbitraries).map((children) => arbitraryTree(text, children as Tree[]));
    };
    const kindOf = (kind: Kind): fc.Arbitrary<Tree> =>
      fc.oneof(
        { maxDepth, depthIdentifier: "expression", withCrossShrink: false },
        { weight: 3, arbitrary: fc.constantFrom(...leaves[kind]).map(leaf) },
        ...(randomLeaves[kind] ?? []).map((arbitrary) => ({ weight: 1, arbitrary })),
        ...productions[kind].map((production) => ({ weight: 1, arbitrary: filled(production) })),
      );
    const result: Partial<Record<Kind, fc.Arbitrary<Tree>>> = {};
    for (const kind of ["int", "float", "bool", "str", "path", "list", "set", "fun", "drv", "large"] as const)
      result[kind] = kindOf(kind);
    result.any = fc.oneof(
      { maxDepth, depthIdentifier: "expression" },
      { weight: 1, arbitrary: fc.constantFrom(...leaves.any).map(leaf) },
      ...(["int", "float", "bool", "str", "path", "list", "set", "fun"] as const).map((kind) => ({
        weight: kind === "str" || kind === "list" || kind === "set" ? 3 : 2,
        arbitrary: tie(kind) as fc.Arbitrary<Tree>,
      })),
    );
    return result as { [K in Kind]: fc.Arbitrary<Tree> };
  });
  return any;
}
