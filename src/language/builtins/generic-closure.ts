/**
 * `builtins.genericClosure`: everything that can be reached from a start, each key once, in order of discovery.
 *
 * Keys must be comparable with one another (`<`), and equal means neither is less. Sets of strings and of integers are
 * looked up by hash; any others in an ordered tree.
 */
import type { Attrs } from "../attrs.ts";
import { EvaluationError } from "../errors.ts";
import { OrderedTree } from "../ordered-tree.ts";
import type { BuiltinFamily } from "../registry.ts";
import {
  type Evaluator,
  force,
  isInteger,
  isString,
  noPos,
  type Pos,
  type Slot,
  textOf,
  type Value,
} from "../value.ts";
import { requiredAttribute } from "./attribute-sets.ts";

/** Keys met so far, with the elements they came from for error messages. */
class KeySet {
  readonly #ev: Evaluator;
  /** What all keys are, as long as they are alike. */
  #kind: "none" | "string" | "integer" | "other" = "none";
  readonly #hashed = new Map<string | number | bigint, { key: Value; element: Slot }>();
  readonly #tree: OrderedTree<Value, Slot>;

  constructor(ev: Evaluator) {
    this.#ev = ev;
    this.#tree = new OrderedTree((a, b) => this.#less(a, b));
  }

  /** False if the key is there already. @throws EvaluationError if it cannot be compared with those */
  add(key: Value, element: Slot): boolean {
    const kind = isString(key) ? "string" : isInteger(key) ? "integer" : "other";
    if (this.#kind === "none") this.#kind = kind;
    if (this.#kind === kind && kind !== "other") {
      const plain = isString(key) ? textOf(key) : (key as number | bigint);
      if (this.#hashed.has(plain)) return false;
      this.#hashed.set(plain, { key, element });
      return true;
    }
    if (this.#kind !== "other") {
      this.#kind = "other";
      for (const known of this.#hashed.values()) this.#tree.add(known.key, known.element);
      this.#hashed.clear();
    }
    try {
      return this.#tree.add(key, element);
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error;
      const other = this.#incomparable(key);
      const shown = this.#ev.showValue(element);
      if (other === undefined) throw error.addTrace(noPos, `while checking key of element ${shown}`);
      throw error
        .addTrace(noPos, `with element ${this.#ev.showValue(other)}`)
        .addTrace(noPos, `while comparing element ${shown}`);
    }
  }

  /** The first element, in the order of the keys, whose key this one cannot be compared with: so Nix looks for it. */
  #incomparable(key: Value): Slot | undefined {
    for (const [other, element] of this.#tree.entries()) {
      try {
        this.#less(key, other);
      } catch {
        return element;
      }
    }
    return undefined;
  }

  #less(a: Value, b: Value): boolean {
    return this.#ev.lessThan(a, b, noPos, "");
  }
}

function keyOf(ev: Evaluator, element: Slot): { attrs: Attrs; key: Value } {
  let attrs: Attrs;
  let slot: Slot;
  try {
    attrs = ev.forceAttrs(element, noPos, "");
    slot = requiredAttribute(ev, attrs, "key", "");
  } catch (error) {
    throw error instanceof EvaluationError
      ? error.addTrace(noPos, `in genericClosure element ${ev.showValue(element)}`)
      : error;
  }
  return { attrs, key: force(slot) };
}

function genericClosure(ev: Evaluator, _pos: Pos, arguments_: Slot): Value {
  const attrs = ev.forceAttrs(
    arguments_,
    noPos,
    "while evaluating the first argument passed to builtins.genericClosure",
  );
  const where = "in the attrset passed as argument to builtins.genericClosure";
  const start = ev.forceList(
    requiredAttribute(ev, attrs, "startSet", where),
    noPos,
    "while evaluating the 'startSet' attribute passed as argument to builtins.genericClosure",
  );
  if (start.length === 0) return start;
  const operator = requiredAttribute(ev, attrs, "operator", where);
  ev.forceFunction(
    operator,
    noPos,
    "while evaluating the 'operator' attribute passed as argument to builtins.genericClosure",
  );
  const work: Slot[] = [...start];
  const keys = new KeySet(ev);
  const result: Slot[] = [];
  for (let next = 0; next < work.length; next++) {
    const element = work[next]!;
    const { key } = keyOf(ev, element);
    if (!keys.add(key, element)) continue;
    result.push(element);
    try {
      const more = ev.forceList(
        ev.call(operator, element, noPos),
        noPos,
        "while evaluating the return value of the `operator` passed to builtins.genericClosure",
      );
      for (const slot of more) {
        force(slot);
        work.push(slot);
      }
    } catch (error) {
      throw error instanceof EvaluationError
        ? error.addTrace(noPos, `while calling operator on genericClosure element ${ev.showValue(element)}`)
        : error;
    }
  }
  return result;
}

export const closureBuiltins: BuiltinFamily = {
  functions: [
    {
      name: "genericClosure",
      args: ["attrset"],
      doc: "All that `operator` leads to from the elements of `startSet`, each `key` once: `{ startSet; operator; }`.",
      fn: genericClosure,
    },
  ],
};
