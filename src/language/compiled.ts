/** What compiled code is: closures over environments. */
import type { Expr } from "./ast.ts";
import type { NixEvaluator } from "./evaluator.ts";
import type { Code, Slot, Value } from "./value.ts";

/** Run time environment: `[outer, slot, slot, …]`. A slot not yet filled is undefined. */
export type Env = unknown[];
/** Evaluates an expression to a value. */
export type Run = (env: Env) => Value;
/** The expression as a slot: itself if it is at hand (constant, variable, function), else a thunk. */
export type Delay = (env: Env) => Slot;

/** What the compilers of the single kinds of expression need of one another. */
export interface Compiler {
  readonly ev: NixEvaluator;
  run(expr: Expr): Run;
  delay(expr: Expr): Delay;
  /** Code for thunks of the expression, compiled when the first of them is forced. */
  code(expr: Expr): Code;
}
