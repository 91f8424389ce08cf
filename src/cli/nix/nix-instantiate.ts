/** `nix-instantiate`: evaluates to derivations, or with --eval to a value; output as Nix 2.34's. */
import { type ByteString, toBytes, toText } from "../../format/bytes.ts";
import type { StorePath } from "../../format/store-path.ts";
import { corePackages } from "../../language/search-path.ts";
import type { Arguments, Flag } from "../arguments.ts";
import { CommandError } from "../cli-error.ts";
import type { Command } from "../command.ts";
import { openSession, type Session } from "../compose.ts";
import { findDerivations } from "../derivations.ts";
import { type Evaluation, expressionSources, lookupFile, startEvaluation } from "../evaluation.ts";
import { buildFlags, evaluationFlags } from "../flags.ts";
import { printOutput, printWarning, writeOutput } from "../output.ts";
import { showValue } from "../show-value.ts";

export const instantiateFlags: readonly Flag[] = [
  { names: ["--eval", "--eval-only"], help: "print the value instead of making derivations" },
  { names: ["--strict"], help: "with --eval: everything inside the value too" },
  { names: ["--json"], help: "with --eval: as JSON" },
  { names: ["--xml"], help: "with --eval: as XML" },
  { names: ["--raw"], help: "with --eval: a string as it is" },
  { names: ["--no-location"], help: "with --xml: without source positions" },
  { names: ["--parse", "--parse-only"], help: "print the expression as it was understood" },
  { names: ["--find-file"], help: "print where names are found in the search path" },
  { names: ["--read-write-mode"], help: "with --eval: let the evaluation write to the store" },
  { names: ["--dry-run"], help: "compute paths, write nothing" },
  {
    names: ["--attr", "-A"],
    arguments: ["ATTRIBUTE"],
    help: "take this attribute of the value (several: each)",
  },
  { names: ["--expr", "-E"], help: "the arguments are expressions, not files" },
  { names: ["--add-root"], arguments: ["LINK"], help: "keep the derivations by links" },
  { names: ["--indirect"] },
  ...evaluationFlags,
  ...buildFlags,
];

export const nixInstantiateCommand: Command = {
  line: {
    name: "nix-instantiate",
    usage: "[FLAG…] [FILE… | -E EXPRESSION… | -]",
    summary: "Evaluates expressions to derivations and prints their store paths, or prints a value (--eval).",
    usageStatus: 1,
    flags: instantiateFlags,
  },
  run: (given) => {
    const makes = !["--eval", "--parse", "--find-file", "--add-root", "--no-gc-warning"].some((flag) =>
      given.has(flag),
    );
    return instantiate(given, makes ? warnOfCollection : undefined);
  },
};

function warnOfCollection(): void {
  printWarning("you did not specify '--add-root'; the result might be removed by the garbage collector");
}

/** @param beforeFirst called before the first derivation is printed */
export async function instantiate(given: Arguments, beforeFirst?: () => void): Promise<number> {
  const parseOnly = given.has("--parse");
  const evaluateOnly = given.has("--eval") || parseOnly || given.has("--find-file");
  const readOnly = (evaluateOnly && !given.has("--read-write-mode")) || given.has("--dry-run");
  const session = await openSession(given, { readOnly });
  try {
    const evaluation = startEvaluation(session, { lazyFunctions: evaluateOnly && !given.has("--strict") });
    if (given.has("--find-file")) {
      for (const name of given.positional) writeOutput(`${findPhysical(evaluation, name)}\n`);
      return 0;
    }
    for (const source of expressionSources(evaluation, { defaultFile: "./default.nix" })) {
      if (parseOnly) {
        writeOutput(`${source.show()}\n`);
        continue;
      }
      const root = source.evaluate();
      for (const attrPath of attrPaths(given)) {
        const selected = evaluation.select(root, attrPath);
        if (evaluateOnly) await showValue(evaluation, selected);
        else printDerivations(session, evaluation, selected, beforeFirst);
      }
    }
    return 0;
  } finally {
    session.close();
  }
}

/** @throws EvaluationError if nothing has that name, CommandError if it is in no file */
function findPhysical(evaluation: Evaluation, name: string): ByteString {
  const path = lookupFile(evaluation, `<${name}>`);
  if (path.startsWith(`${corePackages}/`)) throw new CommandError(`'<${name}>' has no physical path`);
  return path;
}

/** The `-A`s, or the value itself. */
export function attrPaths(given: Arguments): readonly string[] {
  const paths = given.values("--attr");
  return paths.length === 0 ? [""] : paths.map(toBytes);
}

let rootNumber = 0;
let warned = false;

function printDerivations(
  session: Session,
  evaluation: Evaluation,
  selected: Parameters<typeof findDerivations>[1],
  beforeFirst?: () => void,
): void {
  const link = session.given.value("--add-root");
  for (const found of findDerivations(evaluation.ev, selected, evaluation.autoCall)) {
    let shown = toText(found.drvPath);
    if (found.outputName === "")
      throw evaluation.ev.error(`derivation '${found.drvPath}' lacks an 'outputName' attribute`);
    if (!warned) beforeFirst?.();
    warned = true;
    if (link !== undefined) {
      rootNumber++;
      shown = evaluation.addRoot(
        `${link}${rootNumber > 1 ? `-${rootNumber}` : ""}`,
        found.drvPath as StorePath,
      );
    }
    printOutput(`${shown}${found.outputName === "out" ? "" : `!${toText(found.outputName)}`}\n`);
  }
}
