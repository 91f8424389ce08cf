/**
 * Handing the process over to another program: in place of bruma, with default signals and the user's own stack limit.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { keepCompiledCode } from "./own-process.ts";

/** Bruma raised its own stack limit; what it starts gets the user's back. */
export function withOwnLimits(command: readonly string[]): string[] {
  const limit = process.env.BRUMA_STACK;
  if (limit === undefined || !/^(\d+|unlimited)$/.test(limit) || !existsSync("/bin/sh")) return [...command];
  return ["/bin/sh", "-c", `ulimit -S -s ${limit} 2>/dev/null; exec "$@"`, "sh", ...command];
}

/**
 * Runs a program in place of bruma, or, where signals cannot be given back their defaults otherwise, as a child.
 * @returns the exit status, if this process is still there afterwards
 */
export function runProgram(command: readonly string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const words = withOwnLimits(command);
  const variables: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) if (value !== undefined) variables[name] = value;
  delete variables.BRUMA_STACK;
  // Node ignores SIGPIPE, and an ignored signal stays ignored over exec; coreutils' env sets it back.
  const env = "/usr/bin/env";
  if (process.platform === "linux" && hasDefaultSignal(env)) {
    keepCompiledCode();
    process.execve!(env, ["env", "--default-signal=PIPE,XFSZ", ...words], variables);
  }
  return new Promise((resolve, reject) => {
    const child = spawn(words[0]!, words.slice(1), { stdio: "inherit", env: variables });
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const) {
      // The terminal tells the child by itself; what only bruma is told, it passes on.
      process.on(signal, () => signal !== "SIGINT" && signal !== "SIGQUIT" && child.kill(signal));
    }
    child.on("error", reject);
    child.on("exit", (code, signal) => resolve(code ?? 128 + signalNumber(signal)));
  });
}

function signalNumber(signal: NodeJS.Signals | null): number {
  const numbers: Partial<Record<NodeJS.Signals, number>> = {
    SIGHUP: 1,
    SIGINT: 2,
    SIGQUIT: 3,
    SIGKILL: 9,
    SIGSEGV: 11,
    SIGPIPE: 13,
    SIGTERM: 15,
  };
  return numbers[signal ?? "SIGKILL"] ?? 1;
}

/** GNU's env has --default-signal since 8.31; others (busybox) are small scripts or links to something else. */
function hasDefaultSignal(env: string): boolean {
  return (
    existsSync(env) &&
    (existsSync("/usr/bin/stdbuf") ||
      existsSync("/usr/bin/shred") ||
      existsSync("/run/current-system/sw/bin/stdbuf"))
  );
}
