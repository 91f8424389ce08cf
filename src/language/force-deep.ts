/** `deepSeq` and `--strict`: evaluates everything inside a value, each part once. */
import { earlierForNix } from "./attribute-order.ts";
import { Attrs } from "./attrs.ts";
import { ownPos, tooDeep } from "./call.ts";
import { EvaluationError } from "./errors.ts";
import type { NixEvaluator } from "./evaluator.ts";
import { showIdentifier } from "./literal.ts";
import { forceAt, type List, noPos, type Pos, type Slot, Thunk, type Value } from "./value.ts";

export function forceDeep(ev: NixEvaluator, slot: Slot, pos: Pos): Value {
  return deep(ev, slot, pos, new Set());
}

function deep(ev: NixEvaluator, slot: Slot, pos: Pos, seen: Set<object>): Value {
  const { depth } = ev;
  if (depth >= ev.maxDepth) throw tooDeep(ownPos(slot));
  ev.depth = depth + 1;
  const value = slot instanceof Thunk ? forceAt(slot, pos === noPos ? ownPos(slot) : pos) : slot;
  if (typeof value === "object" && value !== null && !seen.has(value)) {
    if (value instanceof Attrs) {
      seen.add(value);
      deepAttrs(ev, value, seen);
    } else if (Array.isArray(value)) {
      seen.add(value);
      deepList(ev, value as List, seen);
    }
  }
  ev.depth = depth;
  return value;
}

function deepAttrs(ev: NixEvaluator, attrs: Attrs, seen: Set<object>): void {
  const { depth } = ev;
  for (let i = 0; i < attrs.size; i++) {
    try {
      deep(ev, attrs.values[i]!, noPos, seen);
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error;
      ev.depth = depth;
      if (error.kind !== "stack-overflow") deepEarlier(ev, attrs, i, seen);
      throw traced(error, attrs, i);
    }
  }
}

/** Something failed: is there what Nix would have met before, and does it fail too? */
function deepEarlier(ev: NixEvaluator, attrs: Attrs, failed: number, seen: Set<object>): void {
  const { depth } = ev;
  for (const i of earlierForNix(ev, attrs, failed)) {
    try {
      deep(ev, attrs.values[i]!, noPos, seen);
    } catch (error) {
      if (error instanceof EvaluationError && error.kind === "stack-overflow") {
        ev.depth = depth;
        continue;
      }
      throw error instanceof EvaluationError ? traced(error, attrs, i) : error;
    }
  }
}

function traced(error: EvaluationError, attrs: Attrs, index: number): EvaluationError {
  return error.addTrace(
    attrs.posAt(index),
    `while evaluating the attribute '${showIdentifier(attrs.keys[index]!)}'`,
  );
}

function deepList(ev: NixEvaluator, list: List, seen: Set<object>): void {
  for (let i = 0; i < list.length; i++) {
    try {
      deep(ev, list[i]!, noPos, seen);
    } catch (error) {
      throw error instanceof EvaluationError
        ? error.addTrace(noPos, `while evaluating list element at index ${i}`)
        : error;
    }
  }
}
