/**
 * Writing to standard output and standard error, at once and whole.
 *
 * Node's stream objects cost a start-up millisecond each and buffer what a dying process then loses. A reader that
 * went away (`bruma … | head`) ends the program quietly, with the status that a shell gives for SIGPIPE.
 */
import { fstatSync, readlinkSync, writeSync } from "node:fs";
import { isatty } from "node:tty";
import { type ByteString, toBuffer } from "../format/bytes.ts";

function writeAll(descriptor: number, bytes: Uint8Array): void {
  let at = 0;
  while (at < bytes.length) {
    try {
      at += writeSync(descriptor, bytes, at);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === "EPIPE") process.exit(141);
      if (code !== "EAGAIN") throw error;
      // A terminal or pipe that somebody made non-blocking: wait for the reader.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

/** Data for standard output: bytes. */
export function writeOutput(bytes: ByteString | Uint8Array): void {
  writeAll(1, typeof bytes === "string" ? toBuffer(bytes) : bytes);
}

/** Text for standard output (a JavaScript string, written as UTF-8). */
export function printOutput(text: string): void {
  writeAll(1, Buffer.from(text, "utf8"));
}

/** A message for standard error: text, a line break is added if it lacks one. */
export function printMessage(text: string): void {
  writeAll(2, Buffer.from(text.endsWith("\n") ? text : `${text}\n`, "utf8"));
}

/** A message for standard error: bytes, as they are. */
export function writeMessage(bytes: ByteString): void {
  writeAll(2, toBuffer(bytes));
}

/**
 * Whether a descriptor is a terminal. node:tty takes five milliseconds to load (it brings sockets and streams): asked only
 * where nothing else tells. On Linux, pseudo-terminals have names of their own, and `/dev/null` is no terminal.
 */
export function isTerminal(descriptor: number): boolean {
  try {
    if (!fstatSync(descriptor).isCharacterDevice()) return false;
    const name = readlinkSync(`/proc/self/fd/${descriptor}`);
    if (name === "/dev/null") return false;
    if (/^\/dev\/pts\/\d+$/.test(name)) return true;
  } catch {
    // No such descriptor, which node:tty answers as well; or no /proc.
  }
  return isatty(descriptor);
}

let colourOfErrors: boolean | undefined;

/** Whether standard error is a terminal that takes colours, and the user wants them (NO_COLOR, TERM=dumb). */
export function errorColour(): boolean {
  if (colourOfErrors === undefined) {
    const { env } = process;
    colourOfErrors =
      env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== "0"
        ? true
        : !env.NO_COLOR && env.TERM !== "dumb" && isTerminal(2);
  }
  return colourOfErrors;
}

/** Text in a colour (SGR code) on standard error, if it takes colours. */
export function paint(code: string, text: string): string {
  return errorColour() ? `\x1b[${code}m${text}\x1b[0m` : text;
}

/** Prints a warning line. */
export function printWarning(text: string): void {
  printMessage(`${paint("1;35", "warning:")} ${text}`);
}
