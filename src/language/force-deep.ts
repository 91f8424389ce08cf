/** `deepSeq` and `--strict`: evaluates everything inside a value, each part once. */
import { Attrs } from "./attrs.ts";
import { tooDeep } from "./call.ts";
import { EvaluationError } from "./errors.ts";
import type { NixEvaluator } from "./evaluator.ts";
import { showIdentifier } from "./literal.ts";
import { forceAt, type List, noPos, type Pos, type Slot, type Value } from "./value.ts";

export function forceDeep(ev: NixEvaluator, slot: Slot, pos: Pos): Value {
  return deep(ev, slot, pos, new Set());
}

function deep(ev: NixEvaluator, slot: Slot, pos: Pos, seen: Set<object>): Value {
  const value = forceAt(slot, pos);
  if (typeof value !== "object" || value === null || seen.has(value)) return value;
  if (value instanceof Attrs) {
    seen.add(value);
    if (++ev.depth > ev.maxDepth) throw tooDeep(noPos);
    for (let i = 0; i < value.size; i++) {
      try {
        deep(ev, value.values[i]!, noPos, seen);
      } catch (error) {
        throw error instanceof EvaluationError
          ? error.addTrace(
              value.posAt(i),
              `while evaluating the attribute '${showIdentifier(value.keys[i]!)}'`,
            )
          : error;
      }
    }
    ev.depth--;
  } else if (Array.isArray(value)) {
    seen.add(value);
    if (++ev.depth > ev.maxDepth) throw tooDeep(noPos);
    const list = value as List;
    for (let i = 0; i < list.length; i++) {
      try {
        deep(ev, list[i]!, noPos, seen);
      } catch (error) {
        throw error instanceof EvaluationError
          ? error.addTrace(noPos, `while evaluating list element at index ${i}`)
          : error;
      }
    }
    ev.depth--;
  }
  return value;
}
