/**
 * How the definitions between `{` and `}` become one set: attribute paths open nested sets, sets written in pieces
 * merge, everything defined twice is an error that names both places.
 *
 * As in Nix, merging `a = rec { … }` into an `a` that exists forgets the `rec` of the later one.
 */
import type { AttrDefinition, AttrName, AttrsExpr, Expr, InheritSource, Variable } from "./ast.ts";
import { EvaluationError } from "./errors.ts";
import type { PositionTable } from "./position.ts";
import { showAttrPath } from "./show-expression.ts";
import type { Sym } from "./symbol.ts";
import { noPos, type Pos } from "./value.ts";

const indexFrom = 12;

const none: readonly never[] = [];

export function newAttrs(pos: Pos): AttrsExpr {
  return {
    kind: "attrs",
    pos,
    recursive: false,
    definitions: [],
    order: undefined,
    index: undefined,
    dynamic: none,
    sources: none,
  };
}

export function newVariable(pos: Pos, sym: Sym): Variable {
  return { kind: "variable", pos, sym, level: 0, index: 0, global: undefined, withs: undefined };
}

export function findDefinition(attrs: AttrsExpr, sym: Sym): AttrDefinition | undefined {
  const { definitions } = attrs;
  if (attrs.index !== undefined) return attrs.index.get(sym);
  for (const definition of definitions) if (definition.sym === sym) return definition;
  return undefined;
}

function define(attrs: AttrsExpr, definition: AttrDefinition): void {
  attrs.definitions.push(definition);
  if (attrs.index !== undefined) attrs.index.set(definition.sym, definition);
  else if (attrs.definitions.length >= indexFrom) {
    attrs.index = new Map();
    for (const d of attrs.definitions) attrs.index.set(d.sym, d);
  }
}

function duplicate(path: readonly AttrName[], pos: Pos, previous: Pos, positions: PositionTable): never {
  throw new EvaluationError(
    "parse",
    `attribute '${showAttrPath(path)}' already defined at ${positions.show(previous)}`,
    pos,
  );
}

function isSym(name: AttrName): name is Sym {
  return !("kind" in name);
}

/** `path = value;` */
export function addAttr(
  attrs: AttrsExpr,
  path: readonly AttrName[],
  value: Expr,
  pos: Pos,
  positions: PositionTable,
): void {
  let target = attrs;
  for (let i = 0; i < path.length - 1; i++) {
    const name = path[i]!;
    let nested: AttrsExpr;
    if (isSym(name)) {
      const existing = findDefinition(target, name);
      if (existing === undefined) {
        nested = newAttrs(noPos);
        define(target, { sym: name, pos, value: nested, origin: "plain" });
      } else if (existing.value.kind === "attrs" && existing.origin === "plain") nested = existing.value;
      else duplicate(path.slice(0, i + 1), pos, existing.pos, positions);
    } else {
      nested = newAttrs(noPos);
      target.dynamic = [...target.dynamic, { name, value: nested, pos }];
    }
    target = nested;
  }
  const last = path[path.length - 1]!;
  if (isSym(last)) addDefinition(target, [...path], { sym: last, pos, value, origin: "plain" }, positions);
  else target.dynamic = [...target.dynamic, { name: last, value, pos }];
}

/** `path` ends in the definition's own name; used for messages. */
function addDefinition(
  attrs: AttrsExpr,
  path: AttrName[],
  definition: AttrDefinition,
  positions: PositionTable,
): void {
  const existing = findDefinition(attrs, definition.sym);
  if (existing === undefined) {
    define(attrs, definition);
    nameLambda(definition.value, definition.sym);
    return;
  }
  const into = existing.value;
  const from = definition.value;
  if (into.kind !== "attrs" || from.kind !== "attrs")
    duplicate(path, definition.pos, existing.pos, positions);
  for (const inner of from.definitions) {
    path.push(inner.sym);
    addDefinition(into, path, inner, positions);
    path.pop();
  }
  if (from.dynamic.length > 0) into.dynamic = [...into.dynamic, ...from.dynamic];
  if (from.sources.length > 0) into.sources = [...into.sources, ...from.sources];
}

/** `inherit name;` (no source) or `inherit (source) name;`. */
export function addInherited(
  attrs: AttrsExpr,
  sym: Sym,
  pos: Pos,
  source: InheritSource | undefined,
  positions: PositionTable,
): void {
  const existing = findDefinition(attrs, sym);
  if (existing !== undefined) duplicate([sym], pos, existing.pos, positions);
  const value = newVariable(pos, sym);
  define(attrs, { sym, pos, value, origin: source ?? "inherit" });
}

/** A function bound to a name, and the functions it returns, carry that name in messages. */
function nameLambda(expr: Expr, sym: Sym): void {
  for (let e = expr; e.kind === "lambda"; e = e.body) e.name = sym;
}
