/** Attribute sets. Attributes are evaluated only where a builtin's result depends on them. Manual: "Built-ins". */

import { Attrs, compareNames } from "../attrs.ts";
import type { EvaluationError } from "../errors.ts";
import type { NixEvaluator } from "../evaluator.ts";
import { showIdentifier } from "../literal.ts";
import type { BuiltinFamily } from "../registry.ts";
import type { Shape } from "../shape.ts";
import { sortedOrder } from "../sorted-order.ts";
import {
  type Evaluator,
  force,
  Lambda,
  later,
  noPos,
  PartialApplication,
  type Pos,
  PrimOp,
  type Slot,
} from "../value.ts";

/** @throws EvaluationError "attribute '…' missing" */
export function requiredAttribute(ev: Evaluator, attrs: Attrs, name: string, context: string): Slot {
  const slot = attrs.get(name);
  if (slot === undefined) throw missing(ev, name, context);
  return slot;
}

function missing(ev: Evaluator, name: string, context: string): EvaluationError {
  const error = ev.typeError(`attribute '${showIdentifier(name)}' missing`);
  return context === "" ? error : error.addTrace(noPos, context);
}

function listToAttrs(ev: Evaluator, pos: Pos, list: Slot): Attrs {
  const elements = ev.forceList(list, pos, "while evaluating the argument passed to builtins.listToAttrs");
  // Of each pair its value, undefined if it has none: only the first pair of several with one name must have one.
  const names: string[] = [];
  const values: (Slot | undefined)[] = [];
  const positions: Pos[] = [];
  let isSorted = true;
  // Pairs are made at one place, most often.
  let shape: Shape | undefined;
  let nameAt = -1;
  let valueAt = -1;
  for (let i = 0; i < elements.length; i++) {
    const pair = ev.forceAttrs(
      elements[i]!,
      pos,
      "while evaluating an element of the list passed to builtins.listToAttrs",
    );
    if (pair.shape !== shape) {
      shape = pair.shape;
      nameAt = shape.indexOf("name");
      valueAt = shape.indexOf("value");
    }
    if (nameAt < 0) throw missing(ev, "name", inPair);
    const name = ev.forceStringNoContext(
      pair.values[nameAt]!,
      pair.posAt(nameAt),
      "while evaluating the `name` attribute of an element of the list passed to builtins.listToAttrs",
    );
    if (i > 0 && isSorted && name <= names[i - 1]!) isSorted = false;
    names.push(name);
    values.push(valueAt < 0 ? undefined : pair.values[valueAt]!);
    positions.push(valueAt < 0 ? noPos : pair.posAt(valueAt));
  }
  if (!isSorted) return firstOfEach(ev, names, values, positions);
  if (values.includes(undefined)) throw missing(ev, "value", inPair);
  return Attrs.fromSorted(names, values as Slot[], positions);
}

const inPair = "in a {name=...; value=...;} pair";

/** `listToAttrs` of names in any order, the first of several that are equal. */
function firstOfEach(
  ev: Evaluator,
  names: readonly string[],
  values: readonly (Slot | undefined)[],
  positions: readonly Pos[],
): Attrs {
  const keys: string[] = [];
  const slots: Slot[] = [];
  const places: Pos[] = [];
  for (const i of sortedOrder(names)) {
    const name = names[i]!;
    if (keys.length > 0 && keys[keys.length - 1] === name) continue;
    const slot = values[i];
    if (slot === undefined) throw missing(ev, "value", inPair);
    keys.push(name);
    slots.push(slot);
    places.push(positions[i]!);
  }
  return Attrs.fromSorted(keys, slots, places);
}

function intersect(left: Attrs, right: Attrs): Attrs {
  if (left.size * 4 < right.size) return right.pick(left.keys);
  if (left.shape === right.shape) return right.copy();
  const both = right.filter((name) => left.has(name));
  return both === right ? right.copy() : both;
}

export const attributeSetBuiltins: BuiltinFamily = {
  functions: [
    {
      name: "attrNames",
      args: ["set"],
      doc: "The names of the attributes, sorted.",
      fn: (ev, pos, set) =>
        ev.forceAttrs(set, pos, "while evaluating the argument passed to builtins.attrNames").keys,
    },
    {
      name: "attrValues",
      args: ["set"],
      doc: "The values of the attributes, in the order of their names.",
      fn: (ev, pos, set) =>
        ev.forceAttrs(set, pos, "while evaluating the argument passed to builtins.attrValues").values,
    },
    {
      name: "catAttrs",
      args: ["attr", "list"],
      doc: "The values of one attribute in those sets of a list that have it.",
      fn: (ev, pos, attr, list) => {
        const name = ev.forceStringNoContext(
          attr,
          pos,
          "while evaluating the first argument passed to builtins.catAttrs",
        );
        const elements = ev.forceList(
          list,
          pos,
          "while evaluating the second argument passed to builtins.catAttrs",
        );
        const result: Slot[] = [];
        for (const element of elements) {
          const value = ev
            .forceAttrs(
              element,
              pos,
              "while evaluating an element in the list passed as second argument to builtins.catAttrs",
            )
            .get(name);
          if (value !== undefined) result.push(value);
        }
        return result;
      },
    },
    {
      name: "functionArgs",
      args: ["f"],
      doc: "The names in the function's set pattern, each with whether it has a default; an empty set without pattern.",
      fn: (ev, pos, f) => {
        const value = force(f);
        if (value instanceof PrimOp || value instanceof PartialApplication) return Attrs.empty;
        if (!(value instanceof Lambda)) throw ev.typeError("'functionArgs' requires a function", pos);
        const { formals } = value.code;
        if (formals === undefined) return Attrs.empty;
        const sorted = formals.toSorted((a, b) => compareNames(a.name, b.name));
        return Attrs.fromSorted(
          sorted.map((formal) => formal.name),
          sorted.map((formal) => formal.hasDefault),
          sorted.map((formal) => formal.pos),
        );
      },
    },
    {
      name: "getAttr",
      args: ["s", "set"],
      doc: "The attribute of that name; it must exist.",
      fn: (ev, pos, s, set) => {
        const name = ev.forceStringNoContext(
          s,
          pos,
          "while evaluating the first argument passed to builtins.getAttr",
        );
        const attrs = ev.forceAttrs(
          set,
          pos,
          "while evaluating the second argument passed to builtins.getAttr",
        );
        return force(requiredAttribute(ev, attrs, name, "in the attribute set under consideration"));
      },
    },
    {
      name: "hasAttr",
      args: ["s", "set"],
      doc: "Whether the set has an attribute of that name.",
      fn: (ev, pos, s, set) => {
        const name = ev.forceStringNoContext(
          s,
          pos,
          "while evaluating the first argument passed to builtins.hasAttr",
        );
        return ev
          .forceAttrs(set, pos, "while evaluating the second argument passed to builtins.hasAttr")
          .has(name);
      },
    },
    {
      name: "intersectAttrs",
      args: ["e1", "e2"],
      doc: "The attributes of the second set whose names the first set has too.",
      fn: (ev, pos, a, b) => {
        const left = ev.forceAttrs(
          a,
          pos,
          "while evaluating the first argument passed to builtins.intersectAttrs",
        );
        const right = ev.forceAttrs(
          b,
          pos,
          "while evaluating the second argument passed to builtins.intersectAttrs",
        );
        return intersect(left, right);
      },
    },
    {
      name: "listToAttrs",
      args: ["e"],
      doc: "A set made of a list of `{ name = …; value = …; }`; of several with one name, the first counts.",
      fn: listToAttrs,
    },
    {
      name: "mapAttrs",
      args: ["f", "attrset"],
      doc: "The set with each value replaced by what the function makes of its name and value.",
      fn: (ev, pos, f, set) => {
        const { shape, values } = ev.forceAttrs(
          set,
          pos,
          "while evaluating the second argument passed to builtins.mapAttrs",
        );
        // Nix does not look at the function here: until one value is asked for, it has no place for traces to name.
        const called = f instanceof Lambda ? later(() => f) : f;
        // The new attributes were written nowhere: no positions.
        return new Attrs(
          shape,
          values.map((slot, i) => ev.callLater2(called, shape.keys[i]!, slot, noPos)),
        );
      },
    },
    {
      name: "removeAttrs",
      args: ["set", "list"],
      global: true,
      doc: "The set without the attributes of those names.",
      fn: (ev, pos, set, list) => {
        const attrs = ev.forceAttrs(
          set,
          pos,
          "while evaluating the first argument passed to builtins.removeAttrs",
        );
        const elements = ev.forceList(
          list,
          pos,
          "while evaluating the second argument passed to builtins.removeAttrs",
        );
        const names = elements.map((element) =>
          ev.forceStringNoContext(
            element,
            pos,
            "while evaluating the values of the second argument passed to builtins.removeAttrs",
          ),
        );
        return attrs.without(names);
      },
    },
    {
      name: "unsafeGetAttrPos",
      args: ["s", "set"],
      doc: "Where the attribute was written, as `{ column, file, line }`, or `null` if that is not known.",
      fn: (ev, pos, s, set) => {
        const name = ev.forceStringNoContext(
          s,
          pos,
          "while evaluating the first argument passed to builtins.unsafeGetAttrPos",
        );
        const attrs = ev.forceAttrs(
          set,
          pos,
          "while evaluating the second argument passed to builtins.unsafeGetAttrPos",
        );
        return (ev as NixEvaluator).positionValue(attrs.posOf(name));
      },
    },
    {
      name: "zipAttrsWith",
      args: ["f", "list"],
      doc: "A set with every name of the sets in the list; each value is `f name values` with all values of that name.",
      fn: (ev, pos, f, list) => {
        ev.forceFunction(f, pos, "while evaluating the first argument passed to builtins.zipAttrsWith");
        const elements = ev.forceList(
          list,
          pos,
          "while evaluating the second argument passed to builtins.zipAttrsWith",
        );
        const found = new Map<string, Slot[]>();
        for (const element of elements) {
          const attrs = ev.forceAttrs(
            element,
            noPos,
            "while evaluating a value of the list passed as second argument to builtins.zipAttrsWith",
          );
          const { keys, values } = attrs;
          for (let i = 0; i < keys.length; i++) {
            const slots = found.get(keys[i]!);
            if (slots === undefined) found.set(keys[i]!, [values[i]!]);
            else slots.push(values[i]!);
          }
        }
        const names = [...found.keys()].sort();
        return Attrs.fromSorted(
          names,
          names.map((name) => ev.callLater2(f, name, found.get(name)!, noPos)),
        );
      },
    },
  ],
};
