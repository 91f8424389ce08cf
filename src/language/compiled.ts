/** What compiled code is: closures over environments. */
import type { Expr } from "./ast.ts";
import type { NixEvaluator } from "./evaluator.ts";
import { Code, type Slot, Thunk, type Value } from "./value.ts";

/**
 * Run time environment: the one around it, and slots, counted from 1. A slot not yet filled is undefined. Most have one
 * slot, a function's argument: an object takes less than an array, and is read in fewer steps.
 */
export class Env {
  readonly outer: Env;
  first: Slot | undefined;
  constructor(outer: Env, first: Slot | undefined) {
    this.outer = outer;
    this.first = first;
  }
}

/** With more slots than one. */
export class WideEnv extends Env {
  /** From the second on. */
  readonly rest: (Slot | undefined)[];
  constructor(outer: Env, first: Slot | undefined, rest: (Slot | undefined)[]) {
    super(outer, first);
    this.rest = rest;
  }
}

/** Around a whole file. */
export const outermost: Env = new Env(undefined as unknown as Env, undefined);

/** Slot of a number, from 1. */
export function slotIn(env: Env, index: number): Slot | undefined {
  return index === 1 ? env.first : (env as WideEnv).rest[index - 2];
}

export function putSlot(env: Env, index: number, slot: Slot): void {
  if (index === 1) env.first = slot;
  else (env as WideEnv).rest[index - 2] = slot;
}

/** The environment so many levels up. */
export function around(env: Env, level: number): Env {
  let e = env;
  for (let i = level; i > 0; i--) e = e.outer;
  return e;
}

/** Evaluates an expression to a value. */
export type Run = (env: Env) => Value;
/**
 * How an expression becomes a slot: a constant is its own slot; a function gives one that is at hand (a variable's, a
 * function's); of anything else a thunk is made, with this code. See `slotOf`.
 */
export type Delay = Value | Code | ((env: Env) => Slot);

export function slotOf(delay: Delay, env: Env): Slot {
  if (typeof delay === "function") return delay(env);
  return delay instanceof Code ? new Thunk(delay, env) : delay;
}

/** What the compilers of the single kinds of expression need of one another. */
export interface Compiler {
  readonly ev: NixEvaluator;
  run(expr: Expr): Run;
  delay(expr: Expr): Delay;
}
