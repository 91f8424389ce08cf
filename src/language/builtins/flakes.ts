/** Flake references, and flakes themselves through a hook of the world. Manual: "Flakes", "Built-ins". */
import { type Attrs, AttrsBuilder } from "../attrs.ts";
import { flakeHooks } from "../flake-hooks.ts";
import { type FlakeAttributes, parseFlakeReference, showFlakeReference } from "../flake-reference.ts";
import type { BuiltinFamily } from "../registry.ts";
import {
  type Evaluator,
  force,
  integer,
  isInteger,
  isString,
  noPos,
  type Pos,
  type Slot,
  textOf,
  type Value,
} from "../value.ts";

function getFlake(ev: Evaluator, pos: Pos, slot: Slot): Value {
  const reference = ev.forceStringNoContext(
    slot,
    pos,
    "while evaluating the argument passed to builtins.getFlake",
  );
  const hook = flakeHooks(ev);
  if (hook === undefined)
    throw ev.error(
      `cannot call 'getFlake' on '${reference}': this evaluation was started without flakes`,
      pos,
    );
  return hook.getFlake(ev, pos, reference);
}

function toAttributes(ev: Evaluator, pos: Pos, slot: Slot): FlakeAttributes {
  const attrs = ev.forceAttrs(
    slot,
    noPos,
    "while evaluating the argument passed to builtins.flakeRefToString",
  );
  const result = new Map<string, string | bigint | boolean>();
  for (let i = 0; i < attrs.size; i++) {
    const name = attrs.keys[i]!;
    const value = force(attrs.values[i]!);
    if (isInteger(value)) {
      if (value < 0) throw ev.error(`negative value given for flake ref attr ${name}: ${value}`, pos);
      result.set(name, BigInt(value));
    } else if (typeof value === "boolean") result.set(name, value);
    else if (isString(value)) result.set(name, textOf(value));
    else
      throw ev.error(
        "flake reference attribute sets may only contain integers, Booleans, " +
          `and strings, but attribute '${name}' is ${ev.showType(value)}`,
      );
  }
  return result;
}

function parsed(ev: Evaluator, reference: string): Attrs {
  const attrs = new AttrsBuilder();
  for (const [name, value] of parseFlakeReference(ev, reference))
    attrs.set(name, typeof value === "bigint" ? integer(value) : value);
  return attrs.build();
}

export const flakeBuiltins: BuiltinFamily = {
  functions: [
    {
      name: "flakeRefToString",
      args: ["attrs"],
      doc: "A flake reference given as attributes, in its URL-like form.",
      fn: (ev, pos, attrs) => showFlakeReference(ev, toAttributes(ev, pos, attrs)),
    },
    {
      name: "getFlake",
      args: ["args"],
      doc: "The outputs of a flake, with some of its metadata.",
      fn: getFlake,
    },
    {
      name: "parseFlakeRef",
      args: ["flake-ref"],
      doc: "A flake reference in its URL-like form, as attributes.",
      fn: (ev, pos, reference) =>
        parsed(
          ev,
          ev.forceStringNoContext(
            reference,
            pos,
            "while evaluating the argument passed to builtins.parseFlakeRef",
          ),
        ),
    },
  ],
};
