/** What the flake floor plugs into an evaluator: the language itself knows no registries and locks nothing. */
import type { ByteString } from "../format/bytes.ts";
import type { FlakeAttributes } from "./flake-reference.ts";
import type { Evaluator, Pos, Value } from "./value.ts";

export interface FlakeHooks {
  /** Locks (without writing) and calls the flake, giving its outputs. */
  readonly getFlake: (ev: Evaluator, pos: Pos, reference: ByteString) => Value;
  /** What a name of the registry stands for. @throws EvaluationError if no registry knows it */
  readonly resolve: (input: FlakeAttributes) => FlakeAttributes;
  /** Fetches the tree of a reference, as search paths name it: `flake:nixpkgs` without the `flake:`. */
  readonly fetch: (reference: ByteString) => ByteString;
}

const hooks = new WeakMap<Evaluator, FlakeHooks>();

/** Makes `builtins.getFlake`, and names in `fetchTree`, work in this evaluator. */
export function provideFlakes(ev: Evaluator, provided: FlakeHooks): void {
  hooks.set(ev, provided);
}

export function flakeHooks(ev: Evaluator): FlakeHooks | undefined {
  return hooks.get(ev);
}
