/** One case: what to write, what to evaluate. */
import type { Place } from "./place.ts";

export interface Case {
  readonly name: string;
  readonly write: (place: Place) => void;
  /** What `@`, `F` and `G` are in it, cases.ts says. */
  readonly expression: string | ((place: Place) => string);
  readonly pure?: boolean;
  /** A server gives what is written; `$URL` in texts and the expression is its address. */
  readonly serve?: boolean;
  /** Nix's settings; `@` as above. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** A case with one flake, in `a`. */
export function oneFlake(name: string, text: string, expression: string): Case {
  return { name, write: (place) => void place.flake("a", text), expression };
}
