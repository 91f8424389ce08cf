/** How a family of builtins says what it has; `base-environment.ts` makes values and scope of it. */
import type { Evaluator, PrimOpFunction, Slot } from "./value.ts";

export interface BuiltinFunction {
  /** As in `builtins.NAME`, without `__`. */
  readonly name: string;
  /** Names of the parameters, for documentation; their number (1–3) is the arity. */
  readonly args: readonly string[];
  /** Markdown, in our own words; `:doc` in the repl shows it. */
  readonly doc?: string;
  /** Must declare exactly `args.length` slots after `ev` and `pos`. */
  readonly fn: PrimOpFunction;
  /** Also a name of the base scope (`map`); otherwise the base scope has `__NAME`. */
  readonly global?: boolean;
  /** Exists only with this experimental feature on. */
  readonly feature?: string;
  /** In the base scope alone, not in `builtins` (none of Nix 2.34's). */
  readonly internal?: boolean;
}

export interface BuiltinConstant {
  readonly name: string;
  readonly doc?: string;
  /** Computed when the evaluator is made; a Thunk (`later`) when it must wait. */
  readonly value: (ev: Evaluator) => Slot;
  readonly global?: boolean;
  /** Left out under `--pure-eval` (`currentTime`, `currentSystem`). */
  readonly impureOnly?: boolean;
}

export interface BuiltinFamily {
  readonly functions: readonly BuiltinFunction[];
  readonly constants?: readonly BuiltinConstant[];
}
