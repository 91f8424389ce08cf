/**
 * `bruma repl`: evaluates what is typed and prints it; `:?` lists the commands. Manual: `nix repl`.
 *
 * Input that is not complete yet (an open bracket, string or `let`) goes on in the next line. Ctrl-C drops the line, or
 * ends an evaluation: Node's own watchdog then breaks off whatever runs, `finally` and `catch` skipped, so that values
 * that were being evaluated stay half done and count as endless recursion when asked for again. Files are forgotten.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { toBytes } from "../../format/bytes.ts";
import type { Arguments } from "../arguments.ts";
import { CommandError } from "../cli-error.ts";
import type { Command } from "../command.ts";
import { openSession } from "../compose.ts";
import { textSource } from "../evaluation.ts";
import { buildFlags, evaluationFlags } from "../flags.ts";
import { isTerminal, printMessage, writeOutput } from "../output.ts";
import { isIncomplete, Repl } from "../repl-session.ts";
import { reportError } from "../report.ts";

const historyLimit = 2000;

function historyFile(): string {
  const base = process.env.XDG_STATE_HOME || join(process.env.HOME || homedir(), ".local", "state");
  return join(base, "bruma", "repl-history");
}

function readHistory(): string[] {
  try {
    // node:readline wants the newest first.
    return readFileSync(historyFile(), "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .reverse();
  } catch {
    return [];
  }
}

function writeHistory(newestFirst: readonly string[]): void {
  try {
    mkdirSync(dirname(historyFile()), { recursive: true, mode: 0o700 });
    writeFileSync(historyFile(), `${[...newestFirst].reverse().slice(-historyLimit).join("\n")}\n`, {
      mode: 0o600,
    });
  } catch {
    // A history that cannot be kept is no reason to complain.
  }
}

export const replCommand: Command = {
  line: {
    name: "bruma repl",
    usage: "[FLAG…] [FILE…]",
    summary: "Evaluates expressions as they are typed. Files given are loaded first; :? lists the commands.",
    flags: [
      { names: ["--expr", "-E"], help: "the arguments are expressions, not files" },
      { names: ["--file", "-f"], arguments: ["FILE"], help: "load this file" },
      ...evaluationFlags,
      ...buildFlags,
    ],
    examples: [["bruma repl '<nixpkgs>'", "the package set's names in scope"]],
  },
  run: (given) =>
    startRepl(given, [
      ...given.values("--file").map((file) => (repl: Repl) => repl.load(file)),
      ...given.positional.map((word) => (repl: Repl) => {
        if (!given.has("--expr")) repl.load(word);
        else repl.loadValue(word, (used) => used.autoCall(textSource(used, toBytes(word)).evaluate()));
      }),
    ]),
};

/** @param loads what is loaded before the first prompt; a failure ends the program if nobody types */
export async function startRepl(given: Arguments, loads: readonly ((repl: Repl) => void)[]): Promise<number> {
  const session = await openSession(given);
  const repl = new Repl(session);
  try {
    const interactive = isTerminal(0) && isTerminal(2);
    if (interactive)
      printMessage("bruma repl: Nix expressions, one at a time; :? for help, :q or Ctrl-D to leave\n");
    for (const load of loads) {
      try {
        load(repl);
      } catch (error) {
        if (!interactive) throw error;
        reportError(error);
      }
    }
    return await interact(repl, interactive);
  } finally {
    session.close();
  }
}

const workKey = Symbol.for("bruma.replWork");

/** Runs a function until it ends or waits, or Ctrl-C is typed. @throws CommandError for the latter */
async function untilInterrupted<T>(repl: Repl, work: () => T): Promise<Awaited<T>> {
  const { runInThisContext } = await import("node:vm");
  const place = globalThis as unknown as Record<symbol, unknown>;
  place[workKey] = work;
  try {
    return await runInThisContext('globalThis[Symbol.for("bruma.replWork")]()', { breakOnSigint: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_SCRIPT_EXECUTION_INTERRUPTED") throw error;
    repl.recover();
    throw new CommandError("interrupted by the user", {
      hint: "values that were being evaluated are lost; :r loads all files anew",
    });
  } finally {
    delete place[workKey];
  }
}

function interact(repl: Repl, interactive: boolean): Promise<number> {
  return new Promise((resolve) => {
    const prompt = "bruma> ";
    const history = interactive ? readHistory() : [];
    const line = createInterface({
      input: process.stdin,
      output: interactive ? process.stderr : undefined,
      terminal: interactive,
      history,
      historySize: historyLimit,
      removeHistoryDuplicates: true,
      prompt,
      completer: (text: string) => repl.complete(text),
    });
    let pending = "";
    let over = false;
    let status = 0;
    let queue = Promise.resolve();
    line.on("history", (newest: string[]) => {
      history.splice(0, history.length, ...newest);
    });
    const next = () => {
      line.setPrompt(pending === "" ? prompt : "     . ");
      if (interactive) line.prompt();
    };
    const evaluate = async (input: string) => {
      if (!interactive) return await repl.answer(input);
      // Or Ctrl-C would be a character like others, which nobody reads meanwhile.
      process.stdin.setRawMode(false);
      try {
        return await untilInterrupted(repl, () => repl.answer(input));
      } finally {
        process.stdin.setRawMode(true);
      }
    };
    const handle = async (text: string): Promise<void> => {
      if (over) return;
      const input = pending === "" ? text : `${pending}\n${text}`;
      if (isIncomplete(input)) {
        pending = input;
        next();
        return;
      }
      pending = "";
      try {
        const answer = await evaluate(input);
        if (answer === "quit") {
          over = true;
          pending = "";
          line.close();
          return;
        }
        if (answer !== "") writeOutput(answer);
      } catch (error) {
        const code = reportError(error);
        if (!interactive) status = code;
      }
      next();
    };
    line.on("line", (text) => {
      queue = queue.then(() => handle(text));
    });
    line.on("SIGINT", () => {
      pending = "";
      // What was typed does not go on in the next line.
      line.write(null, { ctrl: true, name: "e" });
      line.write(null, { ctrl: true, name: "u" });
      printMessage("");
      next();
    });
    line.on("close", () => {
      queue = queue.then(async () => {
        if (pending !== "" && !interactive) {
          const rest = pending;
          pending = "";
          try {
            const answer = await repl.answer(rest);
            if (answer !== "quit") writeOutput(answer);
          } catch (error) {
            status = reportError(error);
          }
        }
        if (interactive) {
          writeHistory(history);
          printMessage("");
        }
        resolve(status);
      });
    });
    next();
  });
}
