/** What texts parse to, shown as Nix shows trees, and what is said of texts that do not. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are Nix's
import assert from "node:assert/strict";
import { test } from "node:test";
import { EvaluationError } from "./errors.ts";
import { parse } from "./parser.ts";
import { PositionTable } from "./position.ts";
import { printError } from "./print-error.ts";
import { showExpression } from "./show-expression.ts";

function show(text: string): string {
  const positions = new PositionTable();
  const source = positions.add({ kind: "string" }, text);
  return showExpression(parse(source, positions, { basePath: "/base", home: () => "/home/me" }));
}

function failure(text: string): string {
  const positions = new PositionTable();
  const source = positions.add({ kind: "string" }, text);
  try {
    parse(source, positions, { basePath: "/base", home: () => "/home/me" });
  } catch (error) {
    assert.ok(error instanceof EvaluationError);
    assert.equal(error.kind, "parse");
    const place = positions.place(error.pos);
    return `${error.bytes} at ${place?.line}:${place?.column}`;
  }
  return "no error";
}

const trees: readonly (readonly [string, string])[] = [
  ["a.b.c or d", "(a).b.c or (d)"],
  ["f x y", "(f x y)"],
  ["(f x) y", "(f x y)"],
  ["a -> b -> c", "(a -> (b -> c))"],
  ["a || b && c", "(a || (b && c))"],
  ["! a == b", "((! a) == b)"],
  ["! a ? b", "(! ((a) ? b))"],
  ["-a ? b", "(((__sub 0 a)) ? b)"],
  ["a - b - c", "(__sub (__sub a b) c)"],
  ["a * b + c", "((__mul a b) + c)"],
  ["a ++ b ++ c", "(a ++ (b ++ c))"],
  ["a // b // c", "(a // (b // c))"],
  ["a <= b", "(! (__lessThan b a))"],
  ["a >= b", "(! (__lessThan a b))"],
  ["a ? b.c ? d", "((((a) ? b.c)) ? d)"],
  ["a-b", "a-b"],
  ["a/b", "/base/a/b"],
  ["a /b", "(a /b)"],
  ["./.", "/base"],
  ["../x", "/x"],
  ["~/x", "/home/me/x"],
  ["/a/${b}/c", '(/a/ + b + "/c")'],
  ["<a/b>", '(__findFile __nixPath "a/b")'],
  ["x:x", '"x:x"'],
  ["x: x", "(x: x)"],
  ["{ a, b ? 1, ... }@x: a", "({ a, b ? 1, ... } @ x: a)"],
  ["{ }: 1", "({  }: 1)"],
  ["{ }", "{ }"],
  ["map or [ ]", "(map or [ ])"],
  ["{ a.b = 1; a.c = 2; }", "{ a = { b = 1; c = 2; }; }"],
  ["{ a = { b = 1; }; a.c = 2; }", "{ a = { b = 1; c = 2; }; }"],
  ['{ "a" = 1; ${"b"} = 2; ${c} = 3; }', '{ a = 1; b = 2; "${c}" = 3; }'],
  ["{ inherit b a; inherit (c) d; }", "{ inherit a b; inherit (c) d; }"],
  ["let { body = 1; }", "(rec { body = 1; }).body"],
  ["let a = 1; in a", "(let a = 1; in a)"],
  ['"a${b}c"', '("a" + b + "c")'],
  ['"$${a}"', '"$\\${a}"'],
  ['"\\${a}\\n"', '"\\${a}\\n"'],
  ["''\n  a\n    b\n  ''", '"a\\n  b\\n"'],
  ["''a''${b} ''' ''\\n''", `("a" + "$" + "{b} " + "''" + " " + "\\n")`],
  ["''\n  ${a}\n   b''", '(a + "\\n b")'],
  ["1.5e3", "1500"],
  [".5", "0.5"],
  ["1 # x\n/* y */ + 2", "(1 + 2)"],
  ["__curPos", "__curPos"],
  ["[ a.b (c d) e ]", "[ ((a).b) ((c d)) (e) ]"],
];
for (const [text, tree] of trees) test(`parses ${text}`, () => assert.equal(show(text), tree));

const failures: readonly (readonly [string, string])[] = [
  ["1 +", "syntax error, unexpected end of file at 1:4"],
  ["(1", "syntax error, unexpected end of file, expecting ')' at 1:3"],
  ["{ a = 1 }", "syntax error, unexpected '}', expecting ';' at 1:9"],
  ["{ a = 1;", "syntax error, unexpected end of file, expecting 'inherit' at 1:9"],
  ["if a then b", "syntax error, unexpected end of file, expecting 'else' at 1:12"],
  // Nix's places, which depend on whether the text goes on.
  ["1 + ./a//b", "syntax error, unexpected end of path, expecting '${' at 1:5"],
  ["./a//b 1", "syntax error, unexpected end of path, expecting '${' at 1:5"],
  ["1 + ./a//b ", "syntax error, unexpected end of path, expecting '${' at 1:9"],
  ["1 == 2 == 3", "syntax error, unexpected '==' at 1:8"],
  ["{ a }", "syntax error, unexpected end of file, expecting ':' or '@' at 1:6"],
  ['"a', "syntax error, unexpected end of file, expecting '\"' at 1:3"],
  ["a @ b", "syntax error, unexpected identifier, expecting '{' at 1:5"],
  ["$", "syntax error, unexpected invalid token at 1:1"],
  ["a: /* b", "syntax error, unexpected '/' at 1:4"],
  ["/a/", "path has a trailing slash at 1:1"],
  ["{ a, a }: a", "duplicate formal function argument 'a' at 1:6"],
  ["a@{ a }: a", "duplicate formal function argument 'a' at 1:1"],
  ["{ a = 1; a = 2; }", "attribute 'a' already defined at \xc2\xabstring\xc2\xbb:1:3 at 1:10"],
  ["{ a.b = 1; a.b.c = 2; }", "attribute 'a.b' already defined at \xc2\xabstring\xc2\xbb:1:3 at 1:12"],
  ["let ${a} = 1; in 2", "dynamic attributes not allowed in let at 1:1"],
  ["{ inherit ${a}; }", "dynamic attributes not allowed in inherit at 1:11"],
  ["9223372036854775808", "invalid integer '9223372036854775808' at 1:1"],
  [
    "1 |> a",
    "experimental Nix feature 'pipe-operators' is disabled; add '--extra-experimental-features pipe-operators' to enable it at 1:3",
  ],
];
for (const [text, message] of failures) test(`rejects ${text}`, () => assert.equal(failure(text), message));

test("an error shows the lines around its place", () => {
  const positions = new PositionTable();
  const source = positions.add({ kind: "file", path: "/x.nix" }, "{\n  a = 1\n}\n");
  try {
    parse(source, positions, { basePath: "/", home: () => "/" });
    assert.fail("it parsed");
  } catch (error) {
    assert.ok(error instanceof EvaluationError);
    assert.equal(
      printError({ positions }, error),
      "error: syntax error, unexpected '}', expecting ';'\n" +
        "       at /x.nix:3:1:\n" +
        "            2|   a = 1\n" +
        "            3| }\n" +
        "             | ^\n" +
        "            4|",
    );
  }
});

test("bytes that are not UTF-8 stay as they are", () => assert.equal(show('"\xff\xfe"'), '"\xff\xfe"'));

test("CR and CR LF in strings are LF", () => assert.equal(show('"a\r\nb\rc"'), '"a\\nb\\nc"'));

test("a NUL byte in a string is an error", () => {
  assert.match(failure('"a\0b"'), /cannot be represented as Nix string because it contains null bytes/);
});
