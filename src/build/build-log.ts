/**
 * Build logs: on the disk where Nix looks for them, line by line for the display, the last lines for the failure.
 *
 * While a build runs its log is plain, at `<logDir>/drvs/<xx>/<rest of the .drv's name>`; then it is compressed to the
 * same name with `.bz2`. `nix log` and `nix-store -l` read exactly these two, the plain one first; of the
 * compressions they could have known, it is bzip2 (see bzip2.ts).
 *
 * Lines `@nix {…}` are messages to the display, as stdenv's `setPhase`; see nixpkgs' and Nix's `NIX_LOG_FD`.
 */
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { decompressBzip2 } from "../fetch/bzip2.ts";
import type { ByteString } from "../format/bytes.ts";
import { fsPath, toText } from "../format/bytes.ts";
import { compressBzip2 } from "./bzip2.ts";

/** Lines shown with a failure, unless told otherwise (Nix's `log-lines`). */
export const defaultLogLines = 25;

/** Path of the plain log; the compressed one has `.bz2` after it. @param drvPath of the derivation, or its base name */
export function buildLogPath(logDir: ByteString, drvPath: ByteString): ByteString {
  const base = drvPath.slice(drvPath.lastIndexOf("/") + 1);
  return `${logDir}/drvs/${base.slice(0, 2)}/${base.slice(2)}`;
}

/** Which file holds the log of a derivation; undefined if there is none. */
export function findBuildLog(
  logDir: ByteString,
  drvPath: ByteString,
): { path: ByteString; compressed: boolean } | undefined {
  const plain = buildLogPath(logDir, drvPath);
  if (existsSync(fsPath(plain))) return { path: plain, compressed: false };
  if (existsSync(fsPath(`${plain}.bz2`))) return { path: `${plain}.bz2`, compressed: true };
  return undefined;
}

export interface LogEvents {
  /** A line for the user, without its end, decoded. */
  readonly onLine?: ((line: string) => void) | undefined;
  readonly onPhase?: ((phase: string) => void) | undefined;
}

/** Splits output into lines, as a terminal would show them, and takes the messages out. */
export class LogLines {
  readonly #events: LogEvents;
  readonly #keep: number;
  #pending: Buffer[] = [];
  #pendingSize = 0;
  #tail: string[] = [];

  constructor(events: LogEvents, keep: number = defaultLogLines) {
    this.#events = events;
    this.#keep = keep;
  }

  add(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      this.#push(chunk.subarray(start, end));
      this.#line();
      start = end + 1;
    }
    if (start < chunk.length) this.#push(Buffer.from(chunk.subarray(start)));
    // A line without end must not fill the memory.
    if (this.#pendingSize > 1 << 20) this.#line();
  }

  end(): void {
    if (this.#pendingSize > 0) this.#line();
  }

  /** The last lines so far, without newlines, as text. */
  get tail(): readonly string[] {
    return this.#tail;
  }

  #push(piece: Buffer): void {
    this.#pending.push(piece);
    this.#pendingSize += piece.length;
  }

  #line(): void {
    let line = toText(Buffer.concat(this.#pending).toString("latin1"));
    this.#pending = [];
    this.#pendingSize = 0;
    // What was overwritten is not shown: a progress bar leaves its last state.
    if (line.endsWith("\r")) line = line.slice(0, -1);
    line = line.slice(line.lastIndexOf("\r") + 1);
    if (line.startsWith("@nix ") && this.#message(line.slice(5))) return;
    this.#show(line);
  }

  #show(line: string): void {
    this.#tail.push(line);
    if (this.#tail.length > this.#keep) this.#tail.shift();
    this.#events.onLine?.(line);
  }

  /** @returns false if it is no message after all */
  #message(json: string): boolean {
    let message: { action?: unknown; phase?: unknown; msg?: unknown };
    try {
      message = JSON.parse(json);
    } catch {
      return false;
    }
    if (typeof message !== "object" || message === null) return false;
    if (message.action === "setPhase" && typeof message.phase === "string")
      this.#events.onPhase?.(message.phase);
    else if (message.action === "msg" && typeof message.msg === "string") this.#show(message.msg);
    return true;
  }
}

/** The file of one running build. Trouble in writing it never breaks the build. */
export class LogFile {
  readonly #path: ByteString;
  #fd: number | undefined;

  constructor(logDir: ByteString, drvPath: ByteString) {
    this.#path = buildLogPath(logDir, drvPath);
    try {
      mkdirSync(fsPath(this.#path.slice(0, this.#path.lastIndexOf("/"))), { recursive: true });
      this.#fd = openSync(fsPath(this.#path), "w", 0o644);
    } catch {
      this.#fd = undefined;
    }
  }

  write(chunk: Uint8Array): void {
    if (this.#fd === undefined) return;
    try {
      writeSync(this.#fd, chunk);
    } catch {
      this.#close();
    }
  }

  /** Replaces the plain file by the compressed one. */
  async finish(): Promise<void> {
    if (this.#fd === undefined) return;
    this.#close();
    try {
      const compressed = await compressBzip2(readFileSync(fsPath(this.#path)));
      const temporary = fsPath(`${this.#path}.bz2.${process.pid}`);
      writeFileSync(temporary, compressed, { mode: 0o644 });
      renameSync(temporary, fsPath(`${this.#path}.bz2`));
      unlinkSync(fsPath(this.#path));
    } catch {
      // The plain log stays, and is read as well.
    }
  }

  #close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }
}

/** The whole log of a derivation, as bytes; undefined if none is kept. */
export function readBuildLog(logDir: ByteString, drvPath: ByteString): Buffer | undefined {
  const found = findBuildLog(logDir, drvPath);
  if (found === undefined) return undefined;
  const data = readFileSync(fsPath(found.path));
  return found.compressed ? Buffer.concat([...decompressBzip2(data)]) : data;
}
