/**
 * The root of all errors that bruma reports to a user. Each floor has its own subclasses; `src/cli/main.ts`
 * alone prints them. A plain `Error` that reaches the command line is a defect of bruma's, and is reported so.
 */

export interface BrumaErrorOptions {
  /** What the user can do about it: one or two sentences, printed apart from the message. */
  readonly hint?: string | undefined;
  /** Process exit status; 1 unless told otherwise (100, 101, 102, 104 for builds, 2 for arguments). */
  readonly exitCode?: number | undefined;
  readonly cause?: unknown;
}

export class BrumaError extends Error {
  readonly hint: string | undefined;
  readonly exitCode: number;
  /** @param message text, not bytes; no trailing newline, no `error: ` prefix. */
  constructor(message: string, options: BrumaErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.hint = options.hint;
    this.exitCode = options.exitCode ?? 1;
  }
}
