/** What compiled code is: closures over environments. */
import type { Expr } from "./ast.ts";
import type { NixEvaluator } from "./evaluator.ts";
import { Code, type Slot, Thunk, type Value } from "./value.ts";

/** Run time environment: `[outer, slot, slot, …]`. A slot not yet filled is undefined. */
export type Env = unknown[];
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
