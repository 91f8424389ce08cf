/** Errors met while a shell is prepared or entered. */
import { BrumaError } from "../format/error.ts";

export class ShellError extends BrumaError {}
