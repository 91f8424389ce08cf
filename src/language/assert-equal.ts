/** What a failed `assert a == b` says: where the two differ. Follows `equality.ts` step by step. */
import { Attrs } from "./attrs.ts";
import { equalSlots } from "./equality.ts";
import { EvaluationError } from "./errors.ts";
import type { NixEvaluator } from "./evaluator.ts";
import { showIdentifier } from "./literal.ts";
import {
  force,
  isFunction,
  isInteger,
  isString,
  type List,
  NixFloat,
  NixPath,
  type Pos,
  type Slot,
  textOf,
} from "./value.ts";

function differ(message: string): never {
  throw new EvaluationError("assertion", message);
}

/** @throws EvaluationError of kind "assertion" unless both are equal */
export function explainInequality(ev: NixEvaluator, a: Slot, b: Slot, pos: Pos): void {
  const x = force(a);
  const y = force(b);
  if (a === b && typeof a === "object" && !isFunction(x)) return;
  const shown = (slot: Slot): string => ev.showValue(slot);
  const typed = (word: string): never =>
    differ(`${ev.showType(x)} ${word} '${shown(x)}' is not equal to ${ev.showType(y)} ${word} '${shown(y)}'`);
  const isNumber = (v: Slot): boolean => isInteger(v) || v instanceof NixFloat;
  if (isNumber(x) && isNumber(y)) {
    if (!equalSlots(ev, x, y, pos, "in an equality assertion")) typed("with value");
    return;
  }
  if (ev.typeOf(x) !== ev.typeOf(y)) typed("of value");
  if (typeof x === "boolean") {
    if (x !== y) differ(`boolean '${shown(x)}' is not equal to boolean '${shown(y)}'`);
  } else if (isString(x) && isString(y)) {
    if (textOf(x) !== textOf(y)) differ(`string '${shown(x)}' is not equal to string '${shown(y)}'`);
  } else if (x instanceof NixPath && y instanceof NixPath) {
    if (x.path !== y.path) differ(`path '${shown(x)}' is not equal to path '${shown(y)}'`);
  } else if (Array.isArray(x) && Array.isArray(y)) explainLists(ev, x as List, y as List, pos);
  else if (x instanceof Attrs && y instanceof Attrs) explainAttrs(ev, x, y, pos);
  else if (isFunction(x)) {
    differ("distinct functions and immediate comparisons of identical functions compare as unequal");
  }
}

function explainLists(ev: NixEvaluator, x: List, y: List, pos: Pos): void {
  if (x.length !== y.length) {
    differ(
      `list of size '${x.length}' is not equal to list of size '${y.length}', left hand side is '${ev.showValue(x)}', right hand side is '${ev.showValue(y)}'`,
    );
  }
  for (let i = 0; i < x.length; i++) {
    try {
      explainInequality(ev, x[i]!, y[i]!, pos);
    } catch (error) {
      throw error instanceof EvaluationError
        ? error.addTrace(pos, `while comparing list element ${i}`)
        : error;
    }
  }
}

function explainAttrs(ev: NixEvaluator, x: Attrs, y: Attrs, pos: Pos): void {
  if (ev.isDerivation(x) && ev.isDerivation(y)) {
    const a = x.get("outPath");
    const b = y.get("outPath");
    if (a !== undefined && b !== undefined) {
      try {
        explainInequality(ev, a, b, pos);
        return;
      } catch (error) {
        throw error instanceof EvaluationError
          ? error.addTrace(pos, "while comparing a derivation by its 'outPath' attribute")
          : error;
      }
    }
  }
  const left = ev.showValue(x);
  const right = ev.showValue(y);
  if (x.size !== y.size)
    differ(`attribute names of attribute set '${left}' differs from attribute set '${right}'`);
  for (let i = 0; i < x.size; i++) {
    const name = x.keys[i]!;
    const other = y.keys[i]!;
    if (name !== other) {
      if (!y.has(name))
        differ(`attribute name '${showIdentifier(name)}' is contained in '${left}', but not in '${right}'`);
      differ(
        `attribute name '${showIdentifier(other)}' is missing in '${left}', but is contained in '${right}'`,
      );
    }
    try {
      explainInequality(ev, x.values[i]!, y.values[i]!, pos);
    } catch (error) {
      if (error instanceof EvaluationError) {
        if (y.posAt(i) !== 0) error.addTrace(y.posAt(i), "where right hand side is");
        if (x.posAt(i) !== 0) error.addTrace(x.posAt(i), "where left hand side is");
        error.addTrace(pos, `while comparing attribute '${showIdentifier(name)}'`);
      }
      throw error;
    }
  }
}
