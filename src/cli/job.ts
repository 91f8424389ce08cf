/** What bruma's own child processes have in common: one JSON answer on standard output, whatever happens. */
import { BrumaError } from "../format/error.ts";
import { printOutput } from "./output.ts";
import { reportError } from "./report.ts";
import type { WireError } from "./wire.ts";

/** Runs a job and prints `{ok}` or `{error}`. @returns the exit status; 0 whenever the answer says it all */
export async function answerJob<Answer>(job: () => Promise<Answer>): Promise<number> {
  let answer: Answer;
  try {
    answer = await job();
  } catch (error) {
    if (!(error instanceof BrumaError)) return reportError(error);
    const told: WireError = { message: error.message, hint: error.hint, exitCode: error.exitCode };
    printOutput(JSON.stringify({ error: told }));
    return 0;
  }
  printOutput(JSON.stringify({ ok: answer }));
  return 0;
}
