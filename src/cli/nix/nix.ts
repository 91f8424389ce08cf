/**
 * `nix`: eval, build, run, shell, develop, flake, repl, hash, log, path-info, store, with flakes (`.#x`), `--file`,
 * `--expr` or store paths.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { show } from "../../flake/reference.ts";
import { fromBuffer, toBytes, toText } from "../../format/bytes.ts";
import { StorePathError } from "../../format/format-error.ts";
import { isDerivationPath, type StorePath } from "../../format/store-path.ts";
import { ownPos } from "../../language/call.ts";
import { indentJson } from "../../language/json-layout.ts";
import { showValue as showNixValue } from "../../language/print.ts";
import { force, forceAt, noPos, type Slot, textOf } from "../../language/value.ts";
import { shellQuote } from "../../shell/quote.ts";
import { type Arguments, type CommandLine, type Flag, parseArguments } from "../arguments.ts";
import { type BuildTarget, realiseTargets } from "../building.ts";
import { CommandError, NotAvailableError, UsageError } from "../cli-error.ts";
import type { Command } from "../command.ts";
import { openSession, type Session } from "../compose.ts";
import { findDerivations } from "../derivations.ts";
import { type Evaluation, fileSource, startEvaluation, textSource } from "../evaluation.ts";
import { runProgram } from "../exec.ts";
import { buildFlags, evaluationFlags, lockFlags } from "../flags.ts";
import { namesFlake } from "../flake-argument.ts";
import { selectTyped } from "../flake-installable.ts";
import { flakeTarget } from "../flake-targets.ts";
import { nearestNames } from "../nearest.ts";
import { isTerminal, printMessage, printOutput, writeOutput } from "../output.ts";
import { addRoot } from "../roots.ts";
import { runnable } from "../runnable.ts";
import { enterShell } from "../shell-entry.ts";
import { outputPaths, parsePathWithOutputs } from "../store-paths.ts";
import { nixShellCommand } from "./nix-shell.ts";
import { writeStrings } from "./write-strings.ts";

const installableFlags: readonly Flag[] = [
  { names: ["--file", "-f"], arguments: ["FILE"], help: "take attributes of this file" },
  { names: ["--expr"], arguments: ["EXPRESSION"], help: "take attributes of this expression" },
  { names: ["--json"], help: "print as JSON" },
  ...lockFlags,
  ...evaluationFlags,
  ...buildFlags,
];

const line = (
  name: string,
  usage: string,
  summary: string,
  flags: readonly Flag[],
  passAfter?: number,
): CommandLine => ({
  name: `nix ${name}`,
  usage,
  summary,
  usageStatus: 1,
  flags: [...flags, ...installableFlags],
  ...(passAfter !== undefined && { passAfter }),
});

/** Are attributes of a file or an expression meant, or outputs of flakes? */
function namesFlakes(given: Arguments): boolean {
  return !given.has("--file") && !given.has("--expr");
}

/** A flake, not a file or `<name>` to load? */
function meansFlake(word: string): boolean {
  return namesFlake(word) || existsSync(join(word, "flake.nix"));
}

/** The value that --file or --expr names. @throws UsageError if both are given */
function rootOf(evaluation: Evaluation, given: Arguments): Slot {
  const file = given.value("--file");
  const expression = given.value("--expr");
  if (file !== undefined && expression !== undefined)
    throw new UsageError("'--file' and '--expr' are exclusive", undefined, 1);
  if (file === "-") return textSource(evaluation, fromBuffer(readFileSync(0)), "stdin").evaluate();
  if (file !== undefined) return fileSource(evaluation, file).evaluate();
  return textSource(evaluation, toBytes(expression ?? "")).evaluate();
}

/** The attribute that `ATTRIBUTE^OUTPUTS` begins with; `.` is the value itself. */
function attributeIn(word: string): string {
  const specifier = /\^(\*|[\w+.?=-]+(,[\w+.?=-]+)*)$/;
  if (word.includes("^") && !specifier.test(word))
    throw new CommandError(`invalid extended outputs specifier '${word}'`);
  const attribute = word.replace(specifier, "");
  return attribute === "." ? "" : attribute;
}

/** What the arguments name, as things to build: attributes, derivations, store paths. */
function targetsOf(
  session: Session,
  evaluation: () => Evaluation,
  given: Arguments,
  words: readonly string[],
): BuildTarget[] {
  const targets: BuildTarget[] = [];
  const bySource = given.has("--file") || given.has("--expr");
  for (const word of words.length === 0 ? [bySource ? "" : "."] : words) {
    if (
      !bySource &&
      word.includes("/") &&
      (word.startsWith("/") || existsSync(word.replace(/[!^].*$/, "")))
    ) {
      const path = storePathWithOutputs(session, word);
      if (path !== undefined) {
        targets.push(path);
        continue;
      }
    }
    if (!bySource) {
      targets.push(flakeTarget(evaluation(), given, word));
      continue;
    }
    const outputs = word.split("^")[1];
    const used = evaluation();
    const selected = used.select(rootOf(used, given), toBytes(attributeIn(word)));
    for (const found of findDerivations(used.ev, selected, used.autoCall)) {
      targets.push({
        path: found.drvPath as StorePath,
        outputs:
          outputs === undefined
            ? [toText(found.outputName)]
            : outputs === "*"
              ? undefined
              : outputs.split(","),
      });
    }
  }
  return targets;
}

/** Undefined for a path outside of the store: it may be a flake's. */
function storePathWithOutputs(session: Session, word: string): BuildTarget | undefined {
  try {
    return parsePathWithOutputs(session, word);
  } catch (error) {
    if (error instanceof CommandError || error instanceof StorePathError) return undefined;
    throw error;
  }
}

/** Builds and gives each target's output paths. */
async function realised(session: Session, targets: readonly BuildTarget[], dryRun = false) {
  const outcome = await realiseTargets(session, targets, { dryRun });
  if (outcome.status !== 0 || dryRun) return { status: outcome.status, paths: [] };
  const paths = targets.map((target) => {
    if (!isDerivationPath(target.path))
      return { drvPath: undefined, outputs: new Map([["out", target.path]]) };
    const all = outputPaths(session, target.path);
    const names = target.outputs ?? [...all.keys()];
    return { drvPath: target.path, outputs: new Map(names.map((name) => [name, all.get(name)!])) };
  });
  return { status: 0, paths };
}

type Verb = { readonly line: CommandLine; readonly run: (given: Arguments) => Promise<number> };

async function withSession(
  given: Arguments,
  use: (session: Session, evaluation: () => Evaluation) => Promise<number>,
): Promise<number> {
  if (given.has("--file") && given.has("--pure-eval"))
    throw new UsageError("'--file' is not compatible with '--pure-eval'", undefined, 1);
  // As in Nix: an expression or flake may not look around unless a flag lets it.
  const session = await openSession(given, { pureEval: !given.has("--file") });
  let evaluation: Evaluation | undefined;
  try {
    return await use(session, () => {
      evaluation ??= startEvaluation(session);
      return evaluation;
    });
  } finally {
    session.close();
  }
}

/** JSON is laid out where somebody reads it, unless told otherwise. */
function isPretty(given: Arguments): boolean {
  const flag = given.order.findLast(([name]) => name === "--pretty" || name === "--no-pretty");
  return flag === undefined ? isTerminal(1) : flag[0] === "--pretty";
}

const verbs: Record<string, Verb> = {
  eval: {
    line: line(
      "eval",
      "[FLAKE#OUTPUT | --file FILE [ATTRIBUTE] | --expr EXPRESSION [ATTRIBUTE]]",
      "Evaluates and prints a value.",
      [
        { names: ["--raw"], help: "print a string as it is" },
        { names: ["--pretty"], help: "with --json: over several lines" },
        { names: ["--no-pretty"] },
        { names: ["--apply"], arguments: ["FUNCTION"], help: "apply a function first" },
        { names: ["--read-only"], help: "write nothing" },
        {
          names: ["--write-to"],
          arguments: ["PATH"],
          help: "write a string to a file, a set of strings to a directory",
        },
      ],
    ),
    run: (given) =>
      withSession(given, async (_session, start) => {
        if (given.has("--raw") && given.has("--json"))
          throw new UsageError("--raw and --json are mutually exclusive", undefined, 1);
        if (given.positional.length > 1)
          throw new UsageError(`unexpected argument '${given.positional[1]}'`, undefined, 1);
        const evaluation = start();
        const { ev } = evaluation;
        const [word] = given.positional;
        let value = namesFlakes(given)
          ? force(selectTyped(evaluation, given, word ?? ".", "eval").slot)
          : evaluation.select(rootOf(evaluation, given), toBytes(attributeIn(word ?? "")));
        // A function at the end of the path is printed, not called.
        const apply = given.value("--apply");
        if (apply !== undefined)
          value = ev.call(textSource(evaluation, toBytes(apply)).evaluate(), value, noPos);
        const target = given.value("--write-to");
        if (target !== undefined) writeStrings(ev, value, noPos, target);
        else if (given.has("--raw"))
          writeOutput(textOf(ev.coerceToString(value, noPos, "while generating the eval command output")));
        else if (given.has("--json")) {
          const { valueToJson } = await import("../../language/value-to-json.ts");
          const { text } = valueToJson(ev, value, noPos, { copyToStore: false });
          writeOutput(`${isPretty(given) ? indentJson(text) : text}\n`);
        } else {
          const shown = forceAt(value, ownPos(value));
          writeOutput(`${showNixValue(ev, shown, { force: true, derivationPaths: true })}\n`);
        }
        return 0;
      }),
  },
  repl: {
    line: line(
      "repl",
      "[FLAKE#OUTPUT… | --file FILE [ATTRIBUTE] | --expr EXPRESSION [ATTRIBUTE] | FILE…]",
      "Evaluates expressions as they are typed; :? lists the commands.",
      [],
    ),
    run: async (given) => {
      const { startRepl } = await import("../commands/repl.ts");
      const words = namesFlakes(given) || given.positional.length > 0 ? given.positional : [""];
      return await startRepl(
        given,
        words.map((word) => (repl) => {
          if (namesFlakes(given) && !meansFlake(word)) {
            // Nix wants --file here.
            repl.load(word);
            return;
          }
          repl.loadValue(word, (used) => {
            let slot: Slot;
            let shown = word;
            if (namesFlakes(given)) {
              const { argument, ...selected } = selectTyped(used, given, word, "repl");
              slot = selected.slot;
              shown = toText(`${show(used.ev, argument.reference)}#${argument.fragment}`);
            } else slot = used.autoCall(used.select(rootOf(used, given), toBytes(attributeIn(word))));
            printMessage(`Loading installable '${shown}'...`);
            return slot;
          });
        }),
      );
    },
  },
  build: {
    line: line(
      "build",
      "[FLAKE#OUTPUT | PATH | --file FILE ATTRIBUTE | --expr EXPRESSION ATTRIBUTE]…",
      "Builds, and leaves result links.",
      [
        { names: ["--out-link", "-o"], arguments: ["LINK"], help: "name of the link (default: result)" },
        { names: ["--no-link"], help: "make no link" },
        { names: ["--print-out-paths"], help: "print the output paths" },
        { names: ["--dry-run"], help: "say what would be built" },
      ],
    ),
    run: (given) =>
      withSession(given, async (session, start) => {
        const targets = targetsOf(session, start, given, given.positional);
        const { status, paths } = await realised(session, targets, given.has("--dry-run"));
        paths.forEach(({ outputs }, index) => {
          for (const [name, path] of outputs) {
            if (!given.has("--no-link")) {
              const prefix = `${given.value("--out-link") ?? "result"}${index > 0 ? `-${index}` : ""}`;
              addRoot(session, `${prefix}${name === "out" ? "" : `-${name}`}`, path);
            }
            if (given.has("--print-out-paths")) printOutput(`${toText(path)}\n`);
          }
        });
        if (given.has("--json")) {
          const told = paths.map(({ drvPath, outputs }) => ({
            drvPath: drvPath === undefined ? null : toText(drvPath),
            outputs: Object.fromEntries([...outputs].map(([name, path]) => [name, toText(path)])),
          }));
          printOutput(`${JSON.stringify(told)}\n`);
        }
        return status;
      }),
  },
  shell: {
    line: line(
      "shell",
      "[--file FILE | --expr EXPRESSION] [ATTRIBUTE | PATH]… [--command COMMAND…]",
      "Puts packages on the PATH of a shell.",
      [
        {
          names: ["--command", "-c"],
          arguments: ["COMMAND"],
          help: "run this, with the words that follow, instead of a shell",
        },
        { names: ["--ignore-environment", "-i"], help: "clear the environment" },
      ],
    ),
    run: async (given) => {
      const [words, command] = splitCommand(given);
      let started: string[] = [];
      let path = process.env.PATH ?? "";
      const status = await withSession(given, async (session, start) => {
        const result = await realised(session, targetsOf(session, start, given, words));
        const outputs = result.paths.flatMap((entry) => [...entry.outputs.values()]);
        path = [...outputs.map((output) => `${toText(output)}/bin`), ...(path === "" ? [] : [path])].join(
          ":",
        );
        started = await runnable(session, command ?? [process.env.SHELL ?? "/bin/sh"]);
        return result.status;
      });
      if (status !== 0) return status;
      const environment = given.has("--ignore-environment") ? {} : process.env;
      return await runProgram(started, { ...environment, PATH: path });
    },
  },
  develop: {
    line: line(
      "develop",
      "[FLAKE#NAME | --file FILE [ATTRIBUTE]] [--command COMMAND…]",
      "Enters the build environment of a derivation.",
      [
        {
          names: ["--command", "-c"],
          arguments: ["COMMAND"],
          help: "run this, with the words that follow, instead of a shell",
        },
        { names: ["--ignore-environment", "-i"], help: "hide the host's variables" },
        { names: ["--keep", "-k"], arguments: ["NAME"], help: "with -i: keep this variable" },
      ],
    ),
    run: async (given) => {
      const [words, command] = splitCommand(given);
      const file = given.value("--file");
      const expression = given.value("--expr");
      const shellWords: string[] = [];
      if (file === undefined && expression === undefined) {
        const [word = "."] = words;
        shellWords.push(word.includes("#") ? word : `${word}#`);
        for (const { names } of lockFlags)
          for (const values of given.tuples(names[0]!)) shellWords.push(names[0]!, ...values);
      } else {
        shellWords.push(...(file !== undefined ? [file] : ["-E", expression!]));
        for (const word of words) shellWords.push("-A", word);
      }
      if (command !== undefined) shellWords.push("--run", command.map(shellQuote).join(" "));
      if (given.has("--ignore-environment")) shellWords.push("--pure");
      for (const name of given.values("--keep")) shellWords.push("--keep", name);
      for (const [flag, values] of given.order) {
        if (
          ["--nixpkgs", "--arg", "--argstr", "--include", "--max-jobs", "--cores", "--option"].includes(flag)
        ) {
          shellWords.push(flag, ...values);
        }
      }
      return await enterShell({
        given: parseArguments(nixShellCommand.line, shellWords),
        nix: false,
        shebang: undefined,
      });
    },
  },
  run: {
    line: line(
      "run",
      "[FLAKE#NAME | --file FILE [ATTRIBUTE]] [-- ARGUMENT…]",
      "Builds a package and runs its program.",
      [],
    ),
    run: async (given) => {
      const { runFlake, runPackage } = await import("../commands/run.ts");
      if (namesFlakes(given)) return await runFlake(given, given.positional[0] ?? ".");
      return await runPackage(given, (evaluation) =>
        evaluation.select(rootOf(evaluation, given), toBytes(given.positional[0] ?? "")),
      );
    },
  },
  "path-info": {
    line: line("path-info", "[--file FILE] [PATH | ATTRIBUTE]…", "What is known of store paths.", [
      { names: ["--size", "-s"], help: "bytes of the NAR" },
      { names: ["--closure-size", "-S"], help: "bytes with all that it needs" },
      { names: ["--recursive", "-r"], help: "with all references" },
      { names: ["--human-readable", "-h"], help: "sizes for people" },
      { names: ["--sigs"], help: "signatures" },
      { names: ["--derivation"], help: "of the derivation itself" },
    ]),
    run: (given) =>
      withSession(given, async (session, start) => {
        const targets = targetsOf(session, start, given, given.positional);
        const texts = targets.flatMap((target) =>
          given.has("--derivation") || !isDerivationPath(target.path)
            ? [toText(target.path)]
            : [...outputPaths(session, target.path)]
                .filter(([name]) => target.outputs?.includes(name) ?? true)
                .map(([, path]) => toText(path)),
        );
        const { pathInfo } = await import("../commands/store.ts");
        return pathInfo(session, given, texts);
      }),
  },
};

/** `… -c PROGRAM WORD…`: the words before, and the program with what follows. */
function splitCommand(given: Arguments): [words: readonly string[], command: readonly string[] | undefined] {
  const program = given.value("--command");
  if (program === undefined) return [given.positional, undefined];
  return [given.positional, [program, ...(given.rest ?? [])]];
}

/** Everything after `-c PROGRAM` belongs to it. */
function endAtCommand(words: readonly string[]): string[] {
  const at = words.findIndex((word) => word === "--command" || word === "-c");
  return at < 0 ? [...words] : [...words.slice(0, at + 2), "--", ...words.slice(at + 2)];
}

/** Commands that are the same under bruma's name. */
const delegated: Record<string, () => Promise<Command>> = {
  hash: async () => (await import("../commands/hash.ts")).hashCommand,
  log: async () => (await import("../commands/log.ts")).logCommand,
  store: async () => (await import("../commands/store.ts")).storeCommand,
};

export const nixCommand: Command = {
  line: {
    name: "nix",
    usage: "COMMAND [ARGUMENT…]",
    summary: `Commands: ${["flake", ...Object.keys(verbs), ...Object.keys(delegated)].sort().join(", ")}. 'nix COMMAND --help' says more.`,
    usageStatus: 1,
    flags: [{ names: ["--version"], help: "print the version" }, ...buildFlags],
    passAfter: 1,
  },
  async run(global) {
    const name = global.positional[0];
    if (name === undefined)
      throw new UsageError("no subcommand specified", "'nix --help' lists the commands", 1);
    // Flags before the command mean the same as behind it.
    const words = [...global.order.flatMap(([flag, values]) => [flag, ...values]), ...(global.rest ?? [])];
    const verb = verbs[name];
    if (verb !== undefined) {
      const hasCommand = name === "shell" || name === "develop";
      return await verb.run(parseArguments(verb.line, hasCommand ? endAtCommand(words) : words));
    }
    if (name === "flake") {
      const { flakeCommand } = await import("../commands/flake.ts");
      return await flakeCommand.run(
        parseArguments({ ...flakeCommand.line, name: "nix flake" }, words),
        words,
      );
    }
    const load = delegated[name];
    if (load !== undefined) {
      const command = await load();
      const known = global.rest ?? [];
      return await command.run(parseArguments({ ...command.line, name: `nix ${name}` }, known), known);
    }
    if (
      [
        "profile",
        "search",
        "copy",
        "registry",
        "bundle",
        "develop",
        "print-dev-env",
        "why-depends",
        "key",
        "derivation",
        "config",
        "daemon",
        "upgrade-nix",
        "fmt",
        "edit",
      ].includes(name)
    ) {
      throw new NotAvailableError(`'nix ${name}'`);
    }
    const near = nearestNames(name, ["flake", ...Object.keys(verbs), ...Object.keys(delegated)]);
    throw new UsageError(
      `'${name}' is not a recognised command`,
      near.length > 0 ? `did you mean '${near[0]}'?` : "'nix --help' lists the commands",
      1,
    );
  },
};
