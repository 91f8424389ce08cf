/**
 * Real Nix as the judge of many expressions: one `nix repl` a batch, fed through its standard input.
 *
 * A batch is one file with a list of all expressions inside the prelude, so that a line of the repl is short (it echoes
 * and redraws long ones) and errors stop one line only. A marker on both output streams tells which line an answer
 * belongs to. A line that takes too long, or brings Nix down, is skipped and the rest asked anew.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** `timeout`: Nix gave no answer in time, or died. */
export type Outcome =
  | { readonly kind: "value"; readonly text: string }
  | { readonly kind: "error"; readonly text: string }
  | { readonly kind: "timeout" };

export interface OracleOptions {
  /** The command and its first arguments, say `nix`, or `chroot DIRECTORY nix`. */
  readonly command: readonly string[];
  /** The command's root directory, "" if it is this machine's. */
  readonly root: string;
  readonly timeoutMilliseconds?: number;
}

const escapes = /\x1b\[[0-9;]*[A-Za-z]/g;

export function batchText(prelude: string, expressions: readonly string[]): string {
  // A prelude for each: what one evaluates of it, the next must not see, or a crash between them would tell.
  return `[\n${expressions.map((text) => `(let ${prelude} in ${text})\n`).join("")}]\n`;
}

export class Oracle {
  readonly #options: OracleOptions;
  readonly #directory: string;

  constructor(options: OracleOptions) {
    this.#options = options;
    this.#directory = mkdtempSync(join(options.root, "/tmp/differential-"));
  }

  close(): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** @param separate a file for each, so that one that cannot be parsed spoils only itself; without the prelude */
  async ask(prelude: string, expressions: readonly string[], separate = false): Promise<Outcome[]> {
    const file = join(this.#directory, "batch.nix");
    writeFileSync(file, separate ? "[ ]" : batchText(prelude, expressions));
    if (separate) {
      expressions.forEach((text, i) => {
        writeFileSync(join(this.#directory, `${i}.nix`), text);
      });
    }
    const inside = file.slice(this.#options.root.length);
    const answers: Outcome[] = [];
    while (answers.length < expressions.length) {
      const before = answers.length;
      await this.#run(inside, expressions.length, answers, separate);
      // The line that Nix did not come back from.
      if (answers.length < expressions.length) answers.push({ kind: "timeout" });
      if (answers.length === before) throw new Error("Nix answers nothing");
    }
    return answers;
  }

  async #run(file: string, count: number, answers: Outcome[], separate: boolean): Promise<void> {
    const first = answers.length;
    const lines = [`es = import ${file}`, "builtins.length es"];
    const mark = (i: number) => `builtins.trace "@@${i}@" "@@${i}@"`;
    for (let i = first; i < count; i++)
      lines.push(mark(i), separate ? `:p import ${dirname(file)}/${i}.nix` : `:p builtins.elemAt es ${i}`);
    lines.push(mark(count));
    const { stdout, stderr } = await this.#spawn(`${lines.join("\n")}\n`);
    const preamble = stderr.split("trace: @@", 1)[0]!;
    if (/^error:/m.test(preamble)) throw new Error(`Nix does not take the batch ${file}: ${preamble}`);
    const values = segments(stdout, /"@@(\d+)@"\n/);
    const errors = segments(stderr, /trace: @@(\d+)@\n/);
    for (let i = first; i < count; i++) {
      if (errors.get(first)?.includes("undefined variable 'es'"))
        throw new Error("Nix does not take the batch");
      const shown = separate ? `${dirname(file)}/${i}.nix` : file;
      // As bruma has it: an expression without a file, in the root directory.
      const place = (text: string) => text.replaceAll(shown, "«string»").replaceAll(dirname(file), "");
      const value = values.get(i);
      const error = errors.get(i);
      // Without the next marker the answer may be cut off.
      if (value === undefined || error === undefined || !values.has(i + 1)) return;
      const found = error.match(/^\s*error:.*$/gm);
      if (found !== null) answers.push({ kind: "error", text: place(found.at(-1)!.trim()) });
      else {
        // The prompt echoes each line that it reads.
        const text = value.split("\n").filter((line) => !line.startsWith("nix-repl> "));
        answers.push({ kind: "value", text: place(text.join("\n").trim()) });
      }
    }
  }

  #spawn(input: string): Promise<{ stdout: string; stderr: string }> {
    const { command, timeoutMilliseconds = 60_000 } = this.#options;
    return new Promise((resolve, reject) => {
      const child = spawn(command[0]!, [...command.slice(1), "repl"], {
        stdio: ["pipe", "pipe", "pipe"],
        env: { PATH: process.env.PATH, HOME: "/tmp", NIX_PATH: "", TERM: "dumb" },
      });
      const out: Buffer[] = [];
      const err: Buffer[] = [];
      child.stdout.on("data", (data: Buffer) => out.push(data));
      child.stderr.on("data", (data: Buffer) => err.push(data));
      // Nix does not look at gentler signals inside a regular expression.
      const timer = setTimeout(() => child.kill("SIGKILL"), timeoutMilliseconds);
      child.on("error", reject);
      child.stdin.on("error", () => {});
      child.on("close", () => {
        clearTimeout(timer);
        resolve({
          stdout: Buffer.concat(out).toString("utf8").replace(escapes, ""),
          stderr: Buffer.concat(err).toString("utf8").replace(escapes, ""),
        });
      });
      child.stdin.end(input);
    });
  }
}

/** Text after each marker up to the next, by the marker's number. */
function segments(text: string, marker: RegExp): Map<number, string> {
  const parts = text.split(marker);
  const result = new Map<number, string>();
  for (let i = 1; i < parts.length; i += 2) result.set(Number(parts[i]), parts[i + 1] ?? "");
  return result;
}
