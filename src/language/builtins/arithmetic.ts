/**
 * Arithmetic, comparison and bits. Integers are 64-bit and overflow is an error; one float makes the result a float.
 * Manual: "Operators" and the built-ins of the same names.
 */
import { showFloat } from "../float.ts";
import type { BuiltinFamily } from "../registry.ts";
import { type Evaluator, force, integer, NixFloat, type Pos, type Slot, type Value } from "../value.ts";

const minimum = -(2n ** 63n);
const maximum = 2n ** 63n - 1n;

type Integer = number | bigint;

function checked(result: bigint): Integer | undefined {
  return result < minimum || result > maximum ? undefined : integer(result);
}

interface Operation {
  readonly integers: (x: bigint, y: bigint) => bigint;
  /** On safe integers; the result counts only if it is safe too. */
  readonly numbers: (x: number, y: number) => number;
  /** "in adding", for the overflow message. */
  readonly verb: string;
  readonly sign: string;
  readonly first: string;
  /** Nix's own words where one is a float, if others. */
  readonly firstOfFloats?: string;
  readonly second: string;
}

function arithmetic(operation: Operation): (ev: Evaluator, pos: Pos, a: Slot, b: Slot) => Value {
  return (ev, pos, a, b) => {
    const x = force(a);
    const y = force(b);
    if (x instanceof NixFloat || y instanceof NixFloat) {
      const left = ev.forceFloat(x, pos, operation.firstOfFloats ?? operation.first);
      return new NixFloat(operation.numbers(left, ev.forceFloat(y, pos, operation.second)));
    }
    const i = ev.forceInt(x, pos, operation.first);
    const j = ev.forceInt(y, pos, operation.second);
    if (typeof i === "number" && typeof j === "number") {
      const result = operation.numbers(i, j);
      // Adding 0 turns a negative zero, which integers do not have, into zero.
      if (Number.isSafeInteger(result)) return result + 0;
    }
    const result = checked(operation.integers(BigInt(i), BigInt(j)));
    if (result === undefined)
      throw ev.error(`integer overflow in ${operation.verb} ${i} ${operation.sign} ${j}`, pos);
    return result;
  };
}

function divide(ev: Evaluator, pos: Pos, a: Slot, b: Slot): Value {
  const x = force(a);
  const y = force(b);
  const divisor = ev.forceFloat(y, pos, "while evaluating the second operand of the division");
  if (divisor === 0) throw ev.error("division by zero", pos);
  const first = "while evaluating the first operand of the division";
  if (x instanceof NixFloat || y instanceof NixFloat)
    return new NixFloat(ev.forceFloat(x, pos, first) / divisor);
  const i = ev.forceInt(x, pos, first);
  const j = ev.forceInt(y, pos, "while evaluating the second operand of the division");
  if (typeof i === "number" && typeof j === "number") return Math.trunc(i / j) + 0;
  const result = checked(BigInt(i) / BigInt(j));
  if (result === undefined) throw ev.error(`integer overflow in dividing ${i} / ${j}`, pos);
  return result;
}

function bits(
  name: string,
  small: (x: number, y: number) => number,
  large: (x: bigint, y: bigint) => bigint,
): (ev: Evaluator, pos: Pos, a: Slot, b: Slot) => Value {
  return (ev, pos, a, b) => {
    const x = ev.forceInt(a, pos, `while evaluating the first argument passed to builtins.${name}`);
    const y = ev.forceInt(b, pos, `while evaluating the second argument passed to builtins.${name}`);
    if (typeof x === "number" && typeof y === "number" && (x | 0) === x && (y | 0) === y) return small(x, y);
    return integer(BigInt.asIntN(64, large(BigInt(x), BigInt(y))));
  };
}

function rounding(name: string, round: (x: number) => number): (ev: Evaluator, pos: Pos, a: Slot) => Value {
  const bug = "Due to a bug (see https://github.com/NixOS/nix/issues/12899)";
  const later = "\n\tFuture Nix versions might implement the correct behavior.";
  return (ev, pos, a) => {
    const value = ev.forceFloat(a, pos, `while evaluating the first argument passed to builtins.${name}`);
    const argument = force(a);
    const rounded = round(value);
    if (rounded >= -(2 ** 63) && rounded < 2 ** 63) {
      if (argument instanceof NixFloat) return integer(BigInt(rounded));
      if (BigInt(argument as Integer) !== BigInt(rounded))
        throw ev.error(
          `${bug} a loss of precision occurred in previous Nix versions because the NixInt argument ${argument} ` +
            `was rounded to ${BigInt(rounded)}.${later}`,
          pos,
        );
      return argument;
    }
    if (argument instanceof NixFloat)
      throw ev.error(`NixFloat argument ${showFloat(value)} is not in the range of NixInt`, pos);
    throw ev.error(
      `${bug} the NixInt argument ${argument} caused undefined behavior in previous Nix versions.${later}`,
      pos,
    );
  };
}

export const add = arithmetic({
  integers: (x, y) => x + y,
  numbers: (x, y) => x + y,
  verb: "adding",
  sign: "+",
  first: "while evaluating the first argument of the addition",
  second: "while evaluating the second argument of the addition",
});
export const subtract = arithmetic({
  integers: (x, y) => x - y,
  numbers: (x, y) => x - y,
  verb: "subtracting",
  sign: "-",
  first: "while evaluating the first argument of the subtraction",
  second: "while evaluating the second argument of the subtraction",
});
export const multiply = arithmetic({
  integers: (x, y) => x * y,
  numbers: (x, y) => x * y,
  verb: "multiplying",
  sign: "*",
  first: "while evaluating the first argument of the multiplication",
  firstOfFloats: "while evaluating the first of the multiplication",
  second: "while evaluating the second argument of the multiplication",
});

export const arithmeticBuiltins: BuiltinFamily = {
  functions: [
    { name: "add", args: ["e1", "e2"], doc: "The sum of two numbers.", fn: add },
    { name: "sub", args: ["e1", "e2"], doc: "The first number less the second.", fn: subtract },
    { name: "mul", args: ["e1", "e2"], doc: "The product of two numbers.", fn: multiply },
    {
      name: "div",
      args: ["e1", "e2"],
      doc: "The quotient of two numbers; of two integers, without its fraction.",
      fn: divide,
    },
    {
      name: "bitAnd",
      args: ["e1", "e2"],
      doc: "The bits that both integers have.",
      fn: bits(
        "bitAnd",
        (x, y) => x & y,
        (x, y) => x & y,
      ),
    },
    {
      name: "bitOr",
      args: ["e1", "e2"],
      doc: "The bits that at least one of two integers has.",
      fn: bits(
        "bitOr",
        (x, y) => x | y,
        (x, y) => x | y,
      ),
    },
    {
      name: "bitXor",
      args: ["e1", "e2"],
      doc: "The bits that exactly one of two integers has.",
      fn: bits(
        "bitXor",
        (x, y) => x ^ y,
        (x, y) => x ^ y,
      ),
    },
    {
      name: "lessThan",
      args: ["e1", "e2"],
      doc: "Whether the first value is less than the second: numbers, strings, paths, or lists of such.",
      fn: (ev, pos, a, b) => {
        force(a);
        force(b);
        return ev.lessThan(a, b, pos, "");
      },
    },
    {
      name: "ceil",
      args: ["number"],
      doc: "The least integer that is not below the number.",
      fn: rounding("ceil", Math.ceil),
    },
    {
      name: "floor",
      args: ["number"],
      doc: "The greatest integer that is not above the number.",
      fn: rounding("floor", Math.floor),
    },
  ],
};
