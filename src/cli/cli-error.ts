/** Errors of the command line itself: wrong usage, and commands or features that are not there yet. */
import { BrumaError } from "../format/error.ts";

/** The command was called wrongly. Exit status 2 under bruma's own name; Nix's programs use 1. */
export class UsageError extends BrumaError {
  constructor(message: string, hint?: string, exitCode = 2) {
    super(message, { hint, exitCode });
  }
}

/** A thing that bruma knows of and does not do yet. It always says which. */
export class NotAvailableError extends BrumaError {
  constructor(what: string, hint?: string) {
    super(`${what} is not available in this version of bruma`, { hint });
  }
}

/** Something went wrong while a command ran, and no floor below has a more exact error for it. */
export class CommandError extends BrumaError {}

/** Leaves the program with a status and without a message: everything was said already. */
export class QuietExit extends BrumaError {
  constructor(exitCode: number) {
    super(`exit ${exitCode}`, { exitCode });
  }
}
