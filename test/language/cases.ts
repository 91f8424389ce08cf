/**
 * The suite's data. `cases/NAME.nix` holds expressions between lines that say `#----`; `cases/NAME.exp` holds, in the
 * same order and between the same lines, what Nix 2.34 answers: the value that `nix-instantiate --eval --strict`
 * prints, or `error: ` and the first line of the message. `files/` has what the expressions read. In answers, the
 * suite's directory is written `«suite»`. A file whose first line is `# options: NAME VALUE …` is evaluated with
 * those of Nix's settings (`pure-eval`, `restrict-eval`), and as an argument of `-E` rather than a file.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const suiteDirectory = import.meta.dirname;
const separator = /^#----.*\n/m;

export interface Case {
  /** `strings 3`: file and number, from 1. */
  readonly name: string;
  readonly expression: string;
  /** Undefined: not generated yet. */
  readonly expected: string | undefined;
  /** Nix's settings, by name. */
  readonly options: ReadonlyMap<string, string>;
}

export function caseFiles(): string[] {
  return readdirSync(join(suiteDirectory, "cases"))
    .filter((name) => name.endsWith(".nix"))
    .map((name) => name.slice(0, -".nix".length))
    .sort();
}

function parts(file: string): string[] {
  return readFileSync(file, "utf8")
    .split(separator)
    .map((part) => part.replace(/\n$/, ""));
}

export function casesOf(file: string): Case[] {
  const path = join(suiteDirectory, "cases", file);
  const [comment = "", ...expressions] = parts(`${path}.nix`);
  const words = /^# options: (.*)$/m.exec(comment)?.[1]?.split(" ") ?? [];
  const options = new Map<string, string>();
  for (let i = 0; i < words.length; i += 2) options.set(words[i]!, words[i + 1]!);
  let answers: string[] = [];
  try {
    answers = parts(`${path}.exp`).slice(1);
  } catch {
    // Not generated yet.
  }
  return expressions.map((expression, i) => ({
    name: `${file} ${i + 1}`,
    expression,
    expected: answers[i],
    options,
  }));
}

/** An answer as the `.exp` files have it. @param directory the suite's directory as the evaluator saw it */
export function normalise(answer: string, directory: string): string {
  const text = answer.startsWith("error: ") ? answer.split("\n", 1)[0]! : answer;
  // How a fault in TOML is described is up to the library that reads it.
  return text
    .replace(/^(error: while parsing TOML: \[error\]).*/, "$1 …")
    .replaceAll(directory, "«suite»")
    .trimEnd();
}
