/**
 * A pipe for a builder's output. Node's own "pipe" is a socket, and a builder that opens /dev/stderr cannot open a
 * socket; so it is pipe2(2), through Node's foreign function interface, or where that is missing a FIFO made by the
 * program `mkfifo`. (Nix gives a pseudo-terminal: here programs print no colours and no progress bars.)
 */
import { spawnSync } from "node:child_process";
import type * as ffi from "node:ffi";
import { closeSync, constants, fchmodSync, fchownSync, openSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import type { BuildUser } from "./build-user.ts";
import { BuildError } from "./result.ts";

export interface Pipe {
  /** Both are closed in children, unless handed to them. */
  readonly reader: number;
  readonly writer: number;
}

/** O_CLOEXEC of <fcntl.h>, the same on x86-64 and aarch64. */
const closeOnExec = 0o2000000;

type Pipe2 = (ends: Int32Array, flags: number) => number;
/** undefined: not looked for yet; null: not to be had. */
let pipe2: Pipe2 | null | undefined;

function loadPipe2(): Pipe2 | null {
  // The warning that this interface is experimental is none of the user's business.
  const emitWarning = process.emitWarning;
  process.emitWarning = () => {};
  try {
    const module = process.getBuiltinModule("node:ffi") as typeof ffi | undefined;
    if (module === undefined || process.platform !== "linux") return null;
    const { functions } = module.dlopen(null, { pipe2: { arguments: ["pointer", "i32"], return: "i32" } });
    return functions.pipe2 as unknown as Pipe2;
  } catch {
    return null;
  } finally {
    process.emitWarning = emitWarning;
  }
}

/**
 * @param directory private to us, for the name that a FIFO has for a moment
 * @param user who may open the pipe again by way of /proc, besides us
 * @throws BuildError if there is no way to make one
 */
export function makePipe(directory: string, user: BuildUser | undefined): Pipe {
  if (pipe2 === undefined) pipe2 = loadPipe2();
  const ends = new Int32Array(2);
  const pipe =
    pipe2 !== null && pipe2(ends, closeOnExec) === 0
      ? { reader: ends[0] as number, writer: ends[1] as number }
      : makeFifo(join(directory, "output"));
  if (user !== undefined) fchownSync(pipe.writer, user.uid, user.gid);
  return pipe;
}

/** The slow way; exported for its test. */
export function makeFifo(path: string): Pipe {
  const made = spawnSync("mkfifo", ["-m", "600", path], {
    stdio: ["ignore", "ignore", "pipe"],
    encoding: "utf8",
  });
  if (made.error !== undefined || made.status !== 0) {
    throw new BuildError(
      `cannot make a pipe for a builder's output: ${made.error?.message ?? made.stderr.trim()}`,
      {
        kind: "misc",
        hint: "bruma needs the program 'mkfifo' (coreutils or busybox) on the PATH.",
      },
    );
  }
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const writer = openSync(path, constants.O_WRONLY);
    fchmodSync(writer, 0o600);
    return { reader, writer };
  } catch (error) {
    closeSync(reader);
    throw error;
  } finally {
    unlinkSync(path);
  }
}
