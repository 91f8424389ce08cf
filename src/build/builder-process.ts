/**
 * One running builder: started from the main thread (its death signal follows the thread), its output read through
 * a pipe, its time watched, and all of it killed at the end.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, readFileSync } from "node:fs";
import { Socket } from "node:net";
import type { BuildUser } from "./build-user.ts";
import { makePipe } from "./pipe.ts";
import { BuildError } from "./result.ts";

export interface BuilderLimits {
  /** Seconds; 0 for none. */
  readonly timeout: number;
  readonly maxSilentTime: number;
  /** Bytes of output; 0 for no limit. */
  readonly maxLogSize: number;
}

export type BuilderStatus =
  | { readonly kind: "exited"; readonly code: number }
  | { readonly kind: "signalled"; readonly signal: string }
  /** The helper could not set the sandbox up; it says why in the output. */
  | { readonly kind: "setup-failed" }
  | { readonly kind: "timed-out"; readonly seconds: number }
  | { readonly kind: "silent"; readonly seconds: number }
  | { readonly kind: "log-too-long"; readonly bytes: number }
  | { readonly kind: "killed" };

export interface BuilderSpec {
  readonly file: string;
  readonly args: readonly string[];
  /** Private directory, not visible to the builder, for the FIFO. */
  readonly privateDir: string;
  /** Run as this user and group, without supplementary groups; only root can. */
  readonly user: BuildUser | undefined;
  /** File to which bubblewrap reports; without one the status is the process's own. */
  readonly statusFile: string | undefined;
  readonly limits: BuilderLimits;
  readonly onOutput: (chunk: Buffer) => void;
}

export interface RunningBuilder {
  readonly finished: Promise<BuilderStatus>;
  /** Kills it and all that it started; `finished` tells when that is done. */
  kill(): void;
}

/** @throws BuildError if it cannot be started */
export function startBuilder(spec: BuilderSpec): RunningBuilder {
  const pipe = makePipe(spec.privateDir, spec.user);
  let child: ChildProcess;
  try {
    child = spawn(spec.file, spec.args, {
      env: {},
      cwd: "/",
      stdio: ["ignore", pipe.writer, pipe.writer],
      // A session of its own: a terminal's Ctrl-C reaches us alone, and the group can be killed whole.
      detached: true,
      ...(spec.user === undefined ? {} : { uid: spec.user.uid, gid: spec.user.gid }),
    });
  } catch (error) {
    closeSync(pipe.reader);
    throw new BuildError(`cannot start a builder: ${(error as Error).message}`, {
      kind: "misc",
      cause: error,
    });
  } finally {
    closeSync(pipe.writer);
  }

  const output = new Socket({ fd: pipe.reader, readable: true, writable: false });
  let verdict: BuilderStatus | undefined;
  let logSize = 0;
  const stop = (status: BuilderStatus) => {
    verdict ??= status;
    killGroup(child);
  };
  const { timeout, maxSilentTime, maxLogSize } = spec.limits;
  const clock =
    timeout > 0 ? setTimeout(() => stop({ kind: "timed-out", seconds: timeout }), timeout * 1000) : undefined;
  const silence =
    maxSilentTime > 0
      ? setTimeout(() => stop({ kind: "silent", seconds: maxSilentTime }), maxSilentTime * 1000)
      : undefined;
  output.on("data", (chunk: Buffer) => {
    silence?.refresh();
    logSize += chunk.length;
    if (maxLogSize > 0 && logSize > maxLogSize) stop({ kind: "log-too-long", bytes: maxLogSize });
    else spec.onOutput(chunk);
  });

  const drained = new Promise<void>((resolve) => {
    output.on("error", () => resolve());
    output.on("close", () => resolve());
  });
  const exited = new Promise<BuilderStatus>((resolve, reject) => {
    child.on("error", (error) =>
      reject(new BuildError(`cannot start a builder: ${error.message}`, { kind: "misc", cause: error })),
    );
    child.on("exit", (code, signal) => {
      if (signal !== null) resolve({ kind: "signalled", signal });
      else resolve({ kind: "exited", code: code ?? 0 });
    });
  });

  const finished = (async (): Promise<BuilderStatus> => {
    try {
      const own = await exited;
      clearTimeout(clock);
      clearTimeout(silence);
      // Without a sandbox, something in the background may live on and hold the pipe.
      killGroup(child);
      await Promise.race([drained, new Promise<void>((resolve) => setTimeout(resolve, 2000).unref())]);
      if (verdict !== undefined) return verdict;
      // The helper itself killed: that is no failure to set up, and nothing was reported.
      if (spec.statusFile === undefined || own.kind === "signalled") return own;
      return reportedStatus(spec.statusFile);
    } finally {
      clearTimeout(clock);
      clearTimeout(silence);
      output.destroy();
    }
  })();
  return { finished, kill: () => stop({ kind: "killed" }) };
}

/** bubblewrap dies with -9, its child with it (--die-with-parent), and with process 1 the whole namespace. */
function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // gone already
  }
}

/** What bubblewrap wrote to its status file: one JSON document a line, `exit-code` only if the builder was started. */
function reportedStatus(file: string): BuilderStatus {
  for (const line of readFileSync(file, "utf8").split("\n")) {
    if (!line.includes("exit-code")) continue;
    const code = (JSON.parse(line) as { "exit-code"?: number })["exit-code"];
    if (code !== undefined) return { kind: "exited", code };
  }
  return { kind: "setup-failed" };
}
