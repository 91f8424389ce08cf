/**
 * Prints errors: what went wrong, where, and in a separate line what to do. The only place that does.
 *
 * `BrumaError`s are meant for users. Anything else is a defect of bruma's and is called so; `BRUMA_DEBUG=1` adds
 * JavaScript stacks to both.
 */
import type { ByteString } from "../format/bytes.ts";
import { BrumaError } from "../format/error.ts";
import { terminalText } from "../language/terminal-text.ts";
import { QuietExit } from "./cli-error.ts";
import { errorColour, paint, printMessage, writeMessage } from "./output.ts";

/** Renders errors that carry more than a message (positions, traces) as bytes; set by commands that evaluate. */
export const errorRenderers: ((error: BrumaError) => ByteString | undefined)[] = [];

/** Prints an error. @returns the exit status that it asks for */
export function reportError(error: unknown): number {
  if (error instanceof QuietExit) return error.exitCode;
  if (error instanceof RangeError && /call stack/.test(error.message)) {
    printMessage(`${paint("1;31", "error:")} stack overflow (possible infinite recursion)`);
    hint("the recursion is deeper than this process's stack allows; 'ulimit -s' shows the limit");
    debug(error);
    return 1;
  }
  if (error instanceof BrumaError) {
    const rendered = errorRenderers.map((render) => render(error)).find((text) => text !== undefined);
    if (rendered === undefined) printMessage(`${paint("1;31", "error:")} ${error.message}`);
    else writeMessage(`${terminalText(rendered, errorColour())}\n`);
    if (error.hint !== undefined) hint(error.hint);
    debug(error);
    return error.exitCode;
  }
  const system = error as NodeJS.ErrnoException;
  if (error instanceof Error && typeof system.code === "string" && system.syscall !== undefined) {
    printMessage(`${paint("1;31", "error:")} ${systemMessage(system)}`);
    debug(error);
    return 1;
  }
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  printMessage(`${paint("1;31", "error:")} bruma has a defect: ${message}`);
  if (process.env.BRUMA_DEBUG === undefined)
    hint("set BRUMA_DEBUG=1 and run the command again to see where; please report it");
  debug(error);
  return 1;
}

function hint(text: string): void {
  printMessage(`  ${paint("1;36", "hint:")} ${text}`);
}

function debug(error: unknown): void {
  if (process.env.BRUMA_DEBUG === undefined || !(error instanceof Error)) return;
  printMessage(error.stack ?? String(error));
  for (
    let cause = error.cause;
    cause !== undefined;
    cause = cause instanceof Error ? cause.cause : undefined
  ) {
    printMessage(`caused by: ${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}`);
  }
}

const systemWords: Record<string, string> = {
  ENOENT: "no such file or directory",
  EACCES: "permission denied",
  EPERM: "operation not permitted",
  ENOSPC: "no space left on the device",
  EROFS: "the file system is read-only",
  EISDIR: "is a directory",
  ENOTDIR: "is not a directory",
  EMFILE: "too many open files",
  ELOOP: "too many symbolic links",
  EDQUOT: "disk quota exceeded",
};

/** `opening file '/x': no such file or directory` from what Node throws. */
export function systemMessage(error: NodeJS.ErrnoException): string {
  if (error.syscall === "uv_cwd") return "cannot tell the working directory: it is no longer there";
  const what = systemWords[error.code ?? ""] ?? error.message;
  const place = error.path === undefined ? "" : ` '${error.path}'`;
  return `cannot ${error.syscall ?? "use"}${place}: ${what}`;
}
