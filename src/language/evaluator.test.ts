/** The core's own behaviour; the language as a whole has its suite under `test/language`. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are Nix's
import assert from "node:assert/strict";
import { test } from "node:test";
import { toText } from "../format/bytes.ts";
import { Attrs, AttrsBuilder } from "./attrs.ts";
import { EvaluationError } from "./errors.ts";
import { createEvaluator, type EvaluatorOptions, type NixEvaluator } from "./evaluator.ts";
import { printValue, showValue } from "./print.ts";
import { printError } from "./print-error.ts";
import { force, later, NixPath } from "./value.ts";
import type { FileType, World } from "./world.ts";

function worldOf(files: Readonly<Record<string, string>>): World & { readonly read: readonly string[] } {
  const read: string[] = [];
  const missing = (path: string): never => {
    throw { kind: "not-found", path, message: "not found" };
  };
  const nothing = (): never => {
    throw new Error("not in this world");
  };
  return {
    read,
    storeDir: "/nix/store",
    currentSystem: "x86_64-linux",
    readOnly: true,
    currentTime: () => 0,
    environment: () => undefined,
    readFile: (path: string) => {
      read.push(path);
      return files[path] ?? missing(path);
    },
    hashFile: nothing,
    readDirectory: nothing,
    fileType: (path: string): FileType | undefined => {
      if (files[path]?.startsWith("-> ")) return "symlink";
      if (files[path] !== undefined) return "regular";
      return Object.keys(files).some((name) => name.startsWith(path === "/" ? "/" : `${path}/`))
        ? "directory"
        : undefined;
    },
    readLink: (path: string) => files[path]!.slice(3),
    addPath: nothing,
    addText: nothing,
    addDerivation: nothing,
    isValidPath: () => true,
    ensurePath: () => {},
    realise: nothing,
    computeClosure: nothing,
    fetch: nothing,
    message: () => {},
  };
}

function make(files: Readonly<Record<string, string>> = {}, options: EvaluatorOptions = {}): NixEvaluator {
  return createEvaluator(worldOf(files), options);
}

function strict(text: string, ev = make()): string {
  const value = ev.evalText(text, "/");
  ev.forceDeep(value);
  return toText(printValue(ev, value));
}

function failure(text: string, ev = make(), showTrace = false): string {
  try {
    ev.forceDeep(ev.evalText(text, "/"));
  } catch (error) {
    assert.ok(error instanceof EvaluationError, String(error));
    return toText(printError(ev, error, { showTrace }));
  }
  return "no error";
}

const values: readonly (readonly [string, string])[] = [
  ["let f = x: x; in f == f", "false"],
  ["let f = x: x; in [ f ] == [ f ]", "true"],
  ["let f = x: x; in { a = f; } == { a = f; }", "true"],
  ["[ (x: x) ] == [ (x: x) ]", "false"],
  ["{ a = 1; } == { a = 1.0; }", "true"],
  ["let a = 1; in with { a = 2; }; a", "1"],
  ["with { a = 1; }; with { a = 2; }; a", "2"],
  ["with { a = 1; }; with { b = 2; }; [ a b ]", "[ 1 2 ]"],
  ["let a = b; b = 1; in a", "1"],
  ["rec { a = b; b = 1; }.a", "1"],
  [
    "rec { a = 1; b = a; __overrides = { a = 2; c = 3; }; }",
    "{ __overrides = { a = 2; c = 3; }; a = 2; b = 2; c = 3; }",
  ],
  ["({ a, b ? a, ... }@args: [ a b args ]) { a = 1; c = 2; }", "[ 1 1 { a = 1; c = 2; } ]"],
  ["({ a ? b, b ? 2 }: a) { }", "2"],
  ["let s = { __functor = self: x: self.n + x; n = 1; }; in s 2", "3"],
  [
    "let a = { b.c = 1; }; in [ a.b.c (a.x or 2) (a.b.x.y or 3) (a ? b.c) (a ? b.c.d) ]",
    "[ 1 2 3 true false ]",
  ],
  ["9007199254740991 + 2 - 1", "9007199254740992"],
  ["9007199254740993 - 9007199254740992", "1"],
  ["0 * -1", "0"],
  ["-7 / 2", "-3"],
  ["1 + 0.5", "1.5"],
  ["let x = { a = x; }; in x", "{ a = «repeated»; }"],
  ['/a + "/../b"', "/b"],
  ['{ ${null} = 1; ${"a"} = 2; }', "{ a = 2; }"],
  ['let __sub = a: b: "mine"; in 1 - 2', '"mine"'],
  ["(x: y: z: [ x y z ]) 1 2 3", "[ 1 2 3 ]"],
  ["builtins.map (x: x + 1) [ 1 2 ]", "[ 2 3 ]"],
];
for (const [text, expected] of values) test(`${text}`, () => assert.equal(strict(text), expected));

const errors: readonly (readonly [string, RegExp])[] = [
  ["let x = x; in x", /infinite recursion encountered\n {7}at «string»:1:9/],
  ["x", /undefined variable 'x'\n {7}at «string»:1:1/],
  ["if false then x else 1", /undefined variable 'x'/],
  ["{ abc = 1; }.abd", /attribute 'abd' missing[\s\S]*Did you mean abc\?/],
  ["({ a }: a) { }", /function 'anonymous lambda' called without required argument 'a'/],
  [
    "let f = { aa }: aa; in f { aa = 1; ab = 2; }",
    /function 'f' called with unexpected argument 'ab'[\s\S]*Did you mean aa\?/,
  ],
  ["1 2", /attempt to call something which is not a function but an integer: 1/],
  ["let f = n: 1 + f n; in f 1", /stack overflow; max-call-depth exceeded/],
  ["9223372036854775807 + 1", /integer overflow in adding 9223372036854775807 \+ 1/],
  [
    "assert { a = 1; } == { a = 2; }; 1",
    /an integer with value '1' is not equal to an integer with value '2'/,
  ],
  ["{ a = 1; } + 1", /cannot coerce a set to a string: \{ a = 1; \}/],
];
for (const [text, pattern] of errors) test(`${text} fails`, () => assert.match(failure(text), pattern));

test("a file is read once, by whatever way it is reached", () => {
  const world = worldOf({ "/d/default.nix": "{ a = 1; }", "/link.nix": "-> d/default.nix" });
  const ev = createEvaluator(world);
  const [a, b, c] = ["/d", "/d/default.nix", "/link.nix"].map((path) => ev.importFile(path, 0));
  assert.equal(a, b);
  assert.equal(b, c);
  assert.deepEqual(world.read, ["/d/default.nix"]);
});

test("a thunk that failed fails again with the same words and its own trace", () => {
  const ev = make();
  const value = ev.evalText("let x = { }.a; in { p = x; q = x; }", "/");
  assert.ok(value instanceof Attrs);
  const messages = ["p", "q"].map((name) => {
    try {
      force(value.get(name)!);
    } catch (error) {
      assert.ok(error instanceof EvaluationError);
      return [error.bytes, error.trace.length];
    }
    return [];
  });
  assert.deepEqual(messages[0], messages[1]);
  assert.equal(messages[0]![0], "attribute 'a' missing");
});

test("depth is set back after a caught error", () => {
  const ev = make();
  assert.equal(
    strict(
      'let f = n: if n == 0 then throw "x" else 1 + f (n - 1); g = n: (builtins.tryEval (f 100)).success; in builtins.foldl\' (a: b: g b) 1 (builtins.genList (x: x) 500)',
      ev,
    ),
    "false",
  );
});

test("search path: prefixes, first match wins", () => {
  const ev = make(
    { "/one/a.nix": "1", "/two/a.nix": "2", "/two/b/default.nix": "3" },
    {
      nixPath: [
        { prefix: "x", path: "/one" },
        { prefix: "", path: "/two" },
      ],
    },
  );
  const find = (name: string): unknown => ev.findFile(ev.nixPath, name, 0);
  assert.deepEqual(find("x/a.nix"), new NixPath("/one/a.nix"));
  assert.deepEqual(find("a.nix"), new NixPath("/two/a.nix"));
  assert.deepEqual(find("b"), new NixPath("/two/b"));
  assert.throws(() => find("c"), /file 'c' was not found in the Nix search path/);
});

test("autoCall gives a function what it asks for, selectPath follows lists, quotes and functions", () => {
  const ev = make();
  const args = new AttrsBuilder().set("a", 1).set("z", 2).build();
  const root = ev.evalText('{ a, b ? 2 }: { x = [ 0 { "y.z" = { a }: a + b; } ]; }', "/");
  const selected = ev.selectPath(root, 'x.1."y.z"', args);
  assert.equal(ev.autoCall(selected, args), 3);
  assert.throws(() => ev.selectPath(root, "y", args), /attribute 'y' in selection path 'y' not found/);
  assert.throws(() => ev.autoCall(root, Attrs.empty), /argument without a value \('a'\)/);
});

test("printing evaluates nothing, and says so", () => {
  const ev = make({}, { lazyFunctions: true });
  const value = ev.evalText('{ a = 1; b = 1 + 1; f = x: x; l = [ ]; s = "x"; }', "/");
  assert.equal(printValue(ev, value), '{ a = 1; b = <CODE>; f = <CODE>; l = [ ]; s = "x"; }');
  assert.equal(toText(showValue(ev, value)), '{ a = 1; b = «thunk»; f = «thunk»; l = [ ]; s = "x"; }');
});

test("nested values are laid out over lines where that is asked for", () => {
  const ev = make();
  const value = ev.evalText("{ a = { b = 1; c = [ 1 ]; }; d = { }; }", "/");
  assert.equal(
    showValue(ev, value, { force: true, indent: 2 }),
    "{\n  a = {\n    b = 1;\n    c = [ 1 ];\n  };\n  d = { };\n}",
  );
});

test("limits are counted over the whole value", () => {
  const ev = make();
  const value = ev.evalText("[ [ 1 2 ] [ 3 4 ] ]", "/");
  assert.equal(toText(showValue(ev, value, { force: true, maxListItems: 3 })), "[ [ 1 2 ] «1 item elided» ]");
});

test("bindings typed in the repl see one another and what was there", () => {
  const ev = make();
  const names = ev.evalBindings("a = b; b = c + 1;", "/", new Map([["c", later(() => 41)]]));
  assert.equal(force(names.get("a")!), 42);
});

test("restricted evaluation keeps to the search path", () => {
  const ev = make(
    { "/in/a.nix": "1", "/out/a.nix": "2" },
    { settings: { restrictEval: true }, nixPath: [{ prefix: "in", path: "/in" }] },
  );
  assert.equal(strict("import <in/a.nix>", ev), "1");
  assert.match(
    failure("import /out/a.nix", ev),
    /access to absolute path '\/out\/a.nix' is forbidden in restricted mode/,
  );
});

test("the trace leads from the outside in, shortened unless asked for", () => {
  const text = 'let f = x: g x; g = x: x.a.b; in f { a = throw "no"; }';
  assert.match(failure(text), /^error:\n {7}… while evaluating the attribute 'a.b'[\s\S]*error: no$/);
  const long = failure(text, make({}, { showTrace: true }), true);
  assert.match(
    long,
    /from call site[\s\S]*while calling 'f'[\s\S]*while calling 'g'[\s\S]*while evaluating the attribute 'a.b'/,
  );
});
