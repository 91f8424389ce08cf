/**
 * A deep stack where the system allows only a small one.
 *
 * The launcher raises the limit of the stack; where it may not (`ulimit -H -s 8192`), an evaluation can run out of
 * stack before it has nested 10000 calls, which Nix's language allows. A thread may have a stack of any size: the
 * command is then done once more, in a thread. Only then, for a thread takes longer to start, and is not a process
 * (signals, its own directory).
 */
import { isMainThread, Worker } from "node:worker_threads";
import { EvaluationError } from "../language/errors.ts";
import { ownEnvironment } from "./own-process.ts";

/** For 10000 nested calls of the most wasteful kind, and twice that for values nested as deep. */
const threadStackMegabytes = 960;

/** Did the evaluation end because this process's stack is small, and not because the recursion is endless? */
export function wantsDeeperStack(error: unknown, words: readonly string[]): boolean {
  if (!isMainThread || !(error instanceof EvaluationError) || error.kind !== "stack-overflow") return false;
  if (error.message.includes("max-call-depth")) return false;
  // What came through standard input is gone.
  if (words.includes("-")) return false;
  const flag = process.execArgv.find((word) => word.startsWith("--stack-size="));
  const kilobytes = Number(flag?.slice("--stack-size=".length) ?? 984);
  return kilobytes < (threadStackMegabytes * 1024) / 2;
}

/** Runs this process's command again in a thread. @returns its exit status */
export function runWithDeeperStack(): Promise<number> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(process.argv[1]!, {
      argv: process.argv.slice(2),
      env: ownEnvironment(),
      resourceLimits: { stackSizeMb: threadStackMegabytes, maxOldGenerationSizeMb: 4096 },
    });
    worker.once("error", reject);
    worker.once("exit", resolve);
  });
}
