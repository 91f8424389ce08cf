/**
 * Whole reports: what `nix-instantiate --eval --strict --show-trace` of Nix 2.34 prints on standard error and then on
 * standard output, warnings, trace, source lines and all. `reports/NAME.nix` holds expressions between lines that say
 * `#----`, `reports/NAME.err` the reports in the same order; a first line `# options: NAME VALUE …` in an expression
 * gives Nix's settings. Written anew by `node test/language/reports.ts [--nix COMMAND] [FILE…]`.
 *
 * Not here: traces through `derivation`, whose own text Nix shows.
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { toBytes, toText } from "../../src/format/bytes.ts";
import { EvaluationError } from "../../src/language/errors.ts";
import type { LintLevel } from "../../src/language/lint.ts";
import { printValue } from "../../src/language/print.ts";
import { printError } from "../../src/language/print-error.ts";
import { terminalText } from "../../src/language/terminal-text.ts";
import { suiteDirectory } from "./cases.ts";
import { makeEvaluator } from "./evaluate.ts";

const directory = join(suiteDirectory, "reports");
/**
 * Where Nix finds the suite when reports are written. Tabs in a report are as wide as its text before them makes them,
 * all of it, so this stands for the suite's directory in our own reports, too.
 */
const place = "/tmp/bruma-language-suite-0";
const separator = /^#----.*\n/m;

export interface Report {
  readonly name: string;
  readonly expression: string;
  /** Nix's settings, by name. */
  readonly options: readonly (readonly [string, string])[];
  readonly expected: string | undefined;
}

export function reportFiles(): string[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith(".nix"))
    .map((name) => name.slice(0, -".nix".length))
    .sort();
}

function parts(file: string): string[] {
  return readFileSync(file, "latin1").split(separator).slice(1);
}

/** Expressions and reports as bytes, one character each. */
export function reportsOf(file: string): Report[] {
  let answers: string[] = [];
  try {
    answers = parts(join(directory, `${file}.err`));
  } catch {
    // Not written yet.
  }
  return parts(join(directory, `${file}.nix`)).map((expression, i) => {
    const words = /^# options: (.*)\n/.exec(expression)?.[1]?.split(" ") ?? [];
    const options: [string, string][] = [];
    for (let k = 0; k < words.length; k += 2) options.push([words[k]!, words[k + 1]!]);
    return { name: `${file} ${i + 1}`, expression, options, expected: answers[i] };
  });
}

/** The evaluator's own report. */
export function ownReport({ expression, options }: Report): string {
  const lines: string[] = [];
  const setting = (name: string) => options.findLast(([key]) => key === name)?.[1];
  const level = (name: string) => (setting(name) ?? "ignore") as LintLevel;
  const ev = makeEvaluator({
    message: (text) => lines.push(toBytes(text)),
    environment: { HOME: "/no-home" },
    settings: {
      maxCallDepth: Number(setting("max-call-depth") ?? 10000),
      experimentalFeatures: new Set(["flakes", "fetch-tree", setting("extra-experimental-features") ?? ""]),
      abortOnWarn: setting("abort-on-warn") === "true",
      lintUrlLiterals: level("lint-url-literals"),
      lintShortPathLiterals: level("lint-short-path-literals"),
      lintAbsolutePathLiterals: level("lint-absolute-path-literals"),
    },
  });
  ev.showTrace = true;
  try {
    const path = toBytes(`${suiteDirectory}/expression.nix`);
    const value = ev.evalText(expression, toBytes(suiteDirectory), { kind: "file", path });
    ev.forceDeep(value);
    lines.push(printValue(ev, value));
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error;
    const text = printError(ev, error, { showTrace: true }).replaceAll(toBytes(suiteDirectory), place);
    lines.push(terminalText(text, false));
  }
  return normalise(`${lines.join("\n")}\n`);
}

function normalise(report: string): string {
  const named = report.replaceAll(toBytes(suiteDirectory), place).replaceAll(place, toBytes("«suite»"));
  return named.replace(/[ \t]+$/gm, "");
}

function nixReport(nix: readonly string[], { expression, options }: Report): string {
  const file = join(place, "expression.nix");
  writeFileSync(file, expression, "latin1");
  const settings = options.flatMap(([name, value]) => ["--option", name, value]);
  const { stdout, stderr } = spawnSync(
    nix[0]!,
    [...nix.slice(1), "--eval", "--strict", "--show-trace", ...settings, file],
    { encoding: "latin1", env: { ...process.env, NIX_PATH: "", HOME: "/no-home" } },
  );
  rmSync(file);
  return normalise(stderr + stdout);
}

if (import.meta.main) {
  const given = process.argv.slice(2);
  mkdirSync(place);
  process.on("exit", () => rmSync(place, { recursive: true }));
  cpSync(join(suiteDirectory, "files"), join(place, "files"), { recursive: true });
  const at = given.indexOf("--nix");
  const nix = at < 0 ? ["nix-instantiate"] : given.splice(at, 2)[1]!.split(" ");
  for (const file of given.length > 0 ? given : reportFiles()) {
    const answers = reportsOf(file).map((report) => `#----\n${nixReport(nix, report)}`);
    const head = "# Reports of Nix, written by reports.ts.\n";
    writeFileSync(join(directory, `${file}.err`), head + answers.join(""), "latin1");
    process.stdout.write(`${file}: ${toText(String(answers.length))} reports\n`);
  }
}
