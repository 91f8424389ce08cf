/**
 * `==` and `<`.
 *
 * Functions are unequal, even to themselves; but elements and attributes that are the very same slot are equal
 * whatever they are, which nixpkgs relies on. Derivations are compared by `outPath`. Integers and floats compare as
 * floats. Manual: "Operators", "Comparison" and "Equality".
 */
import { Attrs } from "./attrs.ts";
import { tooDeep } from "./call.ts";
import { EvaluationError } from "./errors.ts";
import type { NixEvaluator } from "./evaluator.ts";
import {
  forceAt,
  isString,
  type List,
  NixFloat,
  NixPath,
  type Pos,
  type Slot,
  textOf,
  type Value,
} from "./value.ts";

/** Slots: equal without a look if they are one and the same, once forced. */
export function equalSlots(ev: NixEvaluator, a: Slot, b: Slot, pos: Pos, context: string): boolean {
  const x = forceAt(a, pos);
  const y = forceAt(b, pos);
  // Strings and numbers are compared by value just below, and cheaply.
  if (a === b && typeof a === "object") return true;
  return equalValues(ev, x, y, pos, context);
}

export function equalValues(ev: NixEvaluator, x: Value, y: Value, pos: Pos, context: string): boolean {
  if (typeof x === "string") return typeof y === "string" ? x === y : isString(y) && textOf(y) === x;
  if (typeof x === "number" && typeof y === "number") return x === y;
  if (x === null || y === null || typeof x === "boolean" || typeof y === "boolean") return x === y;
  if (typeof x === "bigint" && typeof y === "bigint") return x === y;
  if (typeof x === "number" || typeof x === "bigint") return y instanceof NixFloat && Number(x) === y.value;
  if (x instanceof NixFloat) {
    if (y instanceof NixFloat) return x.value === y.value;
    return (typeof y === "number" || typeof y === "bigint") && x.value === Number(y);
  }
  if (x instanceof Attrs) return y instanceof Attrs && equalAttrs(ev, x, y, pos, context);
  if (Array.isArray(x)) return Array.isArray(y) && equalLists(ev, x as List, y as List, pos, context);
  if (isString(x)) return isString(y) && textOf(x) === textOf(y);
  if (x instanceof NixPath) return y instanceof NixPath && x.path === y.path;
  return false;
}

function equalLists(ev: NixEvaluator, x: List, y: List, pos: Pos, context: string): boolean {
  if (x.length !== y.length) return false;
  if (++ev.depth > ev.maxDepth) throw tooDeep(pos);
  let same = true;
  for (let i = 0; same && i < x.length; i++) same = equalSlots(ev, x[i]!, y[i]!, pos, context);
  ev.depth--;
  return same;
}

function equalAttrs(ev: NixEvaluator, x: Attrs, y: Attrs, pos: Pos, context: string): boolean {
  if (++ev.depth > ev.maxDepth) throw tooDeep(pos);
  const same = compareAttrs(ev, x, y, pos, context);
  ev.depth--;
  return same;
}

function compareAttrs(ev: NixEvaluator, x: Attrs, y: Attrs, pos: Pos, context: string): boolean {
  if (ev.isDerivation(x) && ev.isDerivation(y)) {
    const a = x.get("outPath");
    const b = y.get("outPath");
    if (a !== undefined && b !== undefined) return equalSlots(ev, a, b, pos, context);
  }
  if (x.size !== y.size) return false;
  if (x.shape !== y.shape) {
    for (let i = 0; i < x.size; i++) if (x.keys[i] !== y.keys[i]) return false;
  }
  for (let i = 0; i < x.size; i++)
    if (!equalSlots(ev, x.values[i]!, y.values[i]!, pos, context)) return false;
  return true;
}

function isNumber(value: Value): value is number | bigint | NixFloat {
  return typeof value === "number" || typeof value === "bigint" || value instanceof NixFloat;
}

function lessNumber(x: number | bigint | NixFloat, y: number | bigint | NixFloat): boolean {
  if (x instanceof NixFloat) return x.value < (y instanceof NixFloat ? y.value : Number(y));
  return y instanceof NixFloat ? Number(x) < y.value : x < y;
}

/** `a < b`. @throws EvaluationError for what has no order */
export function lessThan(ev: NixEvaluator, a: Slot, b: Slot, pos: Pos, context: string): boolean {
  const x = forceAt(a, pos);
  const y = forceAt(b, pos);
  try {
    if (isNumber(x) && isNumber(y)) return lessNumber(x, y);
    if (isString(x) && isString(y)) return textOf(x) < textOf(y);
    if (x instanceof NixPath && y instanceof NixPath) return x.path < y.path;
    if (Array.isArray(x) && Array.isArray(y)) return lessList(ev, x as List, y as List, pos, context);
    const types = `cannot compare ${ev.showType(x)} with ${ev.showType(y)}`;
    const values = `values are ${ev.showValue(x)} and ${ev.showValue(y)}`;
    if (ev.typeOf(x) !== ev.typeOf(y)) throw ev.error(`${types}; ${values}`);
    throw ev.error(`${types}; values of that type are incomparable (${values})`);
  } catch (error) {
    throw context !== "" && error instanceof EvaluationError ? error.addTrace(0, context) : error;
  }
}

function lessList(ev: NixEvaluator, x: List, y: List, pos: Pos, context: string): boolean {
  for (let i = 0; ; i++) {
    if (i === y.length) return false;
    if (i === x.length) return true;
    if (!equalSlots(ev, x[i]!, y[i]!, pos, context)) {
      return lessThan(ev, x[i]!, y[i]!, pos, "while comparing two list elements");
    }
  }
}
