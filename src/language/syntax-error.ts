/** Temporary form; see below in history. */
import { EvaluationError } from "./errors.ts";
import type { Pos } from "./value.ts";

export function syntaxError(_text: string, base: Pos, offset: number): EvaluationError {
  return new EvaluationError("parse", "syntax error", base + offset);
}
