/**
 * Errors of the language: message, position, and the trace gathered while the evaluation unwinds.
 *
 * Messages and trace texts are byte strings as Nix 2.34 words them; `print-error.ts` renders them with source
 * excerpts. The first trace entry is the innermost.
 */
import { toBytes, toText } from "../format/bytes.ts";
import { BrumaError, type BrumaErrorOptions } from "../format/error.ts";
import type { Pos } from "./value.ts";

/**
 * - `thrown`, `assertion`: what `tryEval` catches;
 * - `type`, `undefined`, `missing-attribute`, `infinite-recursion`, `stack-overflow`, `abort`, `parse`, `restricted`,
 *   `missing-argument`: all others that have a name; `eval`: the rest.
 */
export type EvalErrorKind =
  | "eval"
  | "type"
  | "thrown"
  | "assertion"
  | "abort"
  | "undefined"
  | "missing-attribute"
  | "missing-argument"
  | "infinite-recursion"
  | "stack-overflow"
  | "restricted"
  | "parse";

export interface TraceEntry {
  readonly text: string;
  readonly pos: Pos;
  /** `addErrorContext`: shown even without `--show-trace`. */
  readonly always: boolean;
}

export class EvaluationError extends BrumaError {
  readonly kind: EvalErrorKind;
  /** The message as bytes; `message` is the same as text. */
  readonly bytes: string;
  pos: Pos;
  readonly trace: TraceEntry[] = [];
  /** Nearest names, best first, printed as `Did you mean …?`. */
  suggestions: readonly string[] = [];

  constructor(kind: EvalErrorKind, bytes: string, pos: Pos = 0, options: BrumaErrorOptions = {}) {
    // A stack of JavaScript frames says nothing to a Nix user, and costs much to gather.
    const limit = Error.stackTraceLimit;
    if (process.env.BRUMA_DEBUG === undefined) Error.stackTraceLimit = 0;
    super(toText(bytes), options);
    Error.stackTraceLimit = limit;
    this.kind = kind;
    this.bytes = bytes;
    this.pos = pos;
  }

  /**
   * Of a thunk that failed: what it threw, with what all those added who stood around its first force. A second force
   * adds to a copy.
   */
  remember(): () => EvaluationError {
    return () => this.#copy();
  }

  #copy(): EvaluationError {
    const { hint, exitCode, cause } = this;
    const copy = new EvaluationError(this.kind, this.bytes, this.pos, { hint, exitCode, cause });
    for (const entry of this.trace) copy.trace.push(entry);
    copy.suggestions = this.suggestions;
    return copy;
  }

  /** Adds an outer line to the trace; gives itself back, to be thrown on. */
  addTrace(pos: Pos, text: string, always = false): this {
    this.trace.push({ text, pos, always });
    return this;
  }
}

/** In bytes: V8's limit. */
export const longestString = 0x1fffffe8;

export function stringTooLong(): EvaluationError {
  return new EvaluationError("eval", "a string would become longer than the 512 MiB that can be held");
}

/** What JavaScript throws where its own limits are met, in terms of the language. Anything else as it is. */
export function withoutJavaScript(error: unknown): unknown {
  if (!(error instanceof RangeError)) return error;
  if (/call stack/.test(error.message)) {
    return new EvaluationError("stack-overflow", "stack overflow (possible infinite recursion)");
  }
  if (/string length/.test(error.message)) {
    return stringTooLong();
  }
  return error;
}

/** An error of another floor (a hash that does not parse, a download that failed) met while evaluating. */
export function asEvaluationError(error: unknown): unknown {
  if (!(error instanceof BrumaError) || error instanceof EvaluationError) return error;
  const { hint, exitCode } = error;
  return new EvaluationError("eval", toBytes(error.message), 0, { hint, exitCode, cause: error });
}
