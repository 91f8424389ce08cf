/** Trees that are written and read again are the trees that were parsed, and damaged ones are parsed anew. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { sha256Base16 } from "../format/sha256.ts";
import type { Expr } from "./ast.ts";
import { createEvaluator } from "./evaluator.ts";
import { KeptTree } from "./kept-tree.ts";
import { writeTree } from "./kept-tree-writer.ts";
import { parse } from "./parser.ts";
import { PositionTable } from "./position.ts";
import { resolveVariables } from "./scope.ts";
import { Sym, symbol } from "./symbol.ts";
import { force, NixFloat, type Slot } from "./value.ts";
import type { World } from "./world.ts";

const nowhere = { storeDir: "/nix/store", readOnly: true, environment: () => undefined } as unknown as World;
const builtins = createEvaluator(nowhere).builtins.keys;
/** Every builtin under both its names, which is more than Nix's base environment has. */
const globals: ReadonlyMap<Sym, Slot> = new Map(
  [...builtins, ...builtins.map((name) => `__${name}`)].map((name, i) => [symbol(name), i]),
);

/** A tree without what is only a help to the parser and the compiler, and with all read that was left for later. */
function plain(part: unknown): unknown {
  if (part instanceof Sym) return `name ${part.name}`;
  if (part instanceof NixFloat) return part;
  if (Array.isArray(part)) return part.map(plain);
  if (typeof part !== "object" || part === null) return part;
  const expr = part as Expr;
  if (expr.kind === "deferred") return plain(expr.tree.read(expr.at));
  if (expr.kind === "attrs") {
    const { index: _index, order: _order, definitions, sources, ...rest } = expr;
    const shown = definitions.map((definition) => {
      // `inherit (source) name`: nobody looks at the variable.
      if (typeof definition.origin === "string") return definition;
      return { ...definition, value: undefined, origin: sources.indexOf(definition.origin) };
    });
    return { ...fields(rest), definitions: plain(shown), sources: plain(sources) };
  }
  return fields(part);
}

function fields(part: object): object {
  return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, plain(value)]));
}

function parsed(text: string, positions: PositionTable): { expr: Expr; base: number } | undefined {
  const source = positions.add({ kind: "string" }, text);
  try {
    const expr = parse(source, positions, { basePath: "/base", home: (literal) => `/home${literal}` });
    resolveVariables(expr, globals);
    return { expr, base: source.base };
  } catch {
    return undefined;
  }
}

function nixFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".nix"))
    .map((name) => readFileSync(join(folder, name), "latin1"));
}

test("what is written is read again, whatever the file and wherever it is", () => {
  const root = join(import.meta.dirname, "../..");
  const cases = nixFiles(join(root, "test/language")).flatMap((file) => file.split(/^#----.*\n/m));
  const texts = [...cases, ...nixFiles(join(root, "channel"))];
  texts.push("[ 9007199254740993 9007199254740991 2147483648 (-2147483648) 1.5e300 0.1 ]", "\xff: ''\xfe''");
  let compared = 0;
  for (const text of texts) {
    const positions = new PositionTable();
    const first = parsed(text, positions);
    if (first === undefined) continue;
    const bytes = writeTree(first.expr, first.base);
    // Elsewhere in the program's positions, as it will be in another run.
    positions.add({ kind: "string" }, "something else");
    const again = parsed(text, positions)!;
    const tree = KeptTree.open(bytes, { base: again.base, basePath: "/base", globals });
    assert.ok(tree, text);
    assert.deepEqual(plain(tree.root()), plain(again.expr), text);
    compared++;
  }
  assert.ok(compared > 800, `${compared} texts`);
});

test("a damaged tree is refused", () => {
  const { expr, base } = parsed(
    `{ ${"a = [ 1 2 3 ]; b.c = x: x; ".replaceAll(/a|b/g, "n$&")} }`,
    new PositionTable(),
  )!;
  const large = parsed(
    `{ ${Array.from({ length: 500 }, (_, i) => `name${i} = x: [ x "${i}" ];`).join(" ")} }`,
    new PositionTable(),
  )!;
  const context = { base: 1, basePath: "/", globals };
  const bytes = writeTree(expr, base);
  assert.ok(KeptTree.open(bytes, context));
  for (let length = 0; length < bytes.length; length++)
    assert.equal(KeptTree.open(bytes.slice(0, length), context), undefined, `${length} bytes of it`);
  const much = writeTree(large.expr, large.base);
  assert.ok(KeptTree.open(much, context));
  // Pages that never reached the disk.
  for (let page = 0; page + 4096 < much.length; page += 4096)
    assert.equal(
      KeptTree.open(Buffer.from(much).fill(0, page, page + 4096), context),
      undefined,
      `at ${page}`,
    );
});

test("evaluation with kept trees: same values, thunks and positions, and nothing is kept of what it may not", () => {
  const padding = `# ${"-".repeat(1100)}\n`;
  const files: Record<string, string> = {
    "/all.nix": `${padding}let
      outer = 1;
      set = { a.b = x: x + outer; a.c = [ outer "two" ]; inherit (nested) deep; "\${"dyn" + "amic"}" = 7; };
      nested = rec { deep = { value = with { w = 5; }; w + more; }; more = 10; };
      f = { x, y ? x * 2, ... }@all: /** doc */ { inherit x y; n = builtins.attrNames all; };
    in { inherit set f; pos = builtins.unsafeGetAttrPos "a" set; result = f { x = 3; z = 1; }; rel = ./sub/dir; }`,
    "/warned.nix": `${padding}let or = 1; in [ (x: x) or ]`,
    "/scoped.nix": `${padding}{ it = given; }`,
  };
  const kept = new Map<string, Uint8Array>();
  const outcome = (): string => {
    const world = {
      storeDir: "/nix/store",
      readOnly: true,
      environment: () => undefined,
      readFile: (path: string) => files[path]!,
      fileType: (path: string) => (files[path] === undefined ? "directory" : "regular"),
      message: () => {},
      parseCache: {
        read: (text: string) => kept.get(text),
        write: (text: string, tree: Uint8Array) => void kept.set(text, tree),
      },
    } as unknown as World;
    const ev = createEvaluator(world);
    const value = ev.evalText(
      `let all = import /all.nix; in [ (all.set.a.b 4) all.set.a.c all.set.deep.value all.set.dynamic all.pos all.result
         (toString all.rel) (builtins.functionArgs all.f) (import /warned.nix) (builtins.scopedImport { given = 9; } /scoped.nix) ]`,
      "/",
    );
    const lazily = ev.showValue(ev.evalText("import /all.nix", "/"));
    ev.forceDeep(value);
    return `${ev.showValue(force(value))}\n${lazily}`;
  };
  const whole = outcome();
  const [key = "", ...others] = kept.keys();
  assert.ok(key.endsWith(sha256Base16(files["/all.nix"]!)));
  assert.deepEqual(others, []);
  assert.equal(outcome(), whole);
  kept.set(key, kept.get(key)!.slice(0, 100));
  assert.equal(outcome(), whole);
  assert.ok(kept.get(key)!.length > 100, "a damaged tree is made anew");
});

test("a tree is not taken where other names are always in scope", () => {
  const kept = new Map<string, Uint8Array>();
  const text = `# ${"-".repeat(1100)}\nwith { __fetchClosure = 1; }; __fetchClosure`;
  const world = {
    ...nowhere,
    readFile: () => text,
    fileType: () => "regular",
    parseCache: {
      read: (key: string) => kept.get(key),
      write: (key: string, tree: Uint8Array) => void kept.set(key, tree),
    },
  } as unknown as World;
  const withFeatures = (...features: string[]) => {
    const ev = createEvaluator(world, { settings: { experimentalFeatures: new Set(features) } });
    return ev.showType(force(ev.evalText("import /a.nix", "/")));
  };
  for (let time = 0; time < 2; time++) {
    assert.equal(withFeatures(), "an integer");
    assert.match(withFeatures("fetch-closure"), /function/);
  }
  assert.equal(kept.size, 2);
});
