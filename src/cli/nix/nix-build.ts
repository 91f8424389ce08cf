/** `nix-build`: evaluates to derivations, builds them, leaves `result` links; output and exit codes as Nix's. */
import { toText } from "../../format/bytes.ts";
import { isDerivationPath, type StorePath } from "../../format/store-path.ts";
import type { Arguments, Flag } from "../arguments.ts";
import { type BuildTarget, realiseTargets } from "../building.ts";
import { CommandError } from "../cli-error.ts";
import type { Command } from "../command.ts";
import { openSession } from "../compose.ts";
import { findDerivations } from "../derivations.ts";
import { type Evaluation, expressionSources, fileSource, startEvaluation } from "../evaluation.ts";
import { buildFlags, evaluationFlags } from "../flags.ts";
import { namesFlake } from "../flake-argument.ts";
import { flakeTarget } from "../flake-targets.ts";
import { printOutput } from "../output.ts";
import { addRoot } from "../roots.ts";
import { outputPaths, parsePathWithOutputs } from "../store-paths.ts";
import { attrPaths } from "./nix-instantiate.ts";

export const buildCommandFlags: readonly Flag[] = [
  {
    names: ["--attr", "-A"],
    arguments: ["ATTRIBUTE"],
    help: "build this attribute of the value (several: each)",
  },
  { names: ["--expr", "-E"], help: "the arguments are expressions, not files" },
  {
    names: ["--out-link", "-o"],
    arguments: ["LINK"],
    help: "name of the link to the result (default: result)",
  },
  { names: ["--no-out-link", "--no-link"], help: "make no link" },
  { names: ["--dry-run"], help: "say what would be built and fetched" },
  { names: ["--check"], help: "build again and compare" },
  { names: ["--add-drv-link"] },
  { names: ["--indirect"] },
  { names: ["--drv-link"], arguments: ["LINK"] },
  ...evaluationFlags,
  ...buildFlags,
];

export const nixBuildCommand: Command = {
  line: {
    name: "nix-build",
    usage: "[FLAG…] [FILE… | -E EXPRESSION… | DERIVATION…]",
    summary: "Builds the derivations of an expression and prints their output paths.",
    usageStatus: 1,
    flags: buildCommandFlags,
  },
  run: (given) => build(given, { showLogs: true, flakes: false }),
};

interface Wanted {
  readonly drvPath: StorePath;
  readonly output: string;
}

/** The derivations that arguments name, in order. */
export function wantedDerivations(evaluation: Evaluation, given: Arguments): Wanted[] {
  const wanted: Wanted[] = [];
  const { session } = evaluation;
  const evaluate = (source: { evaluate(): Parameters<Evaluation["select"]>[0] }) => {
    const root = source.evaluate();
    for (const path of attrPaths(given)) {
      for (const found of findDerivations(
        evaluation.ev,
        evaluation.select(root, path),
        evaluation.autoCall,
      )) {
        const drvPath = found.drvPath as StorePath;
        if (found.outputName === "")
          throw evaluation.ev.error(`derivation '${drvPath}' lacks an 'outputName' attribute`);
        wanted.push({ drvPath, output: toText(found.outputName) });
      }
    }
  };
  if (given.has("--expr") || given.positional.length === 0 || given.positional.includes("-")) {
    for (const source of expressionSources(evaluation, { defaultFile: "./default.nix" })) evaluate(source);
    return wanted;
  }
  for (const word of given.positional) {
    if (/\.drv([!^].*)?$/.test(word)) {
      const target = parsePathWithOutputs(session, word);
      for (const output of target.outputs ?? outputPaths(session, target.path).keys()) {
        wanted.push({ drvPath: target.path, output });
      }
    } else evaluate(fileSource(evaluation, word));
  }
  return wanted;
}

/** What `FLAKE#name` arguments are, in order. @throws CommandError for an output that is no package */
function flakeOutputs(evaluation: Evaluation, given: Arguments): Wanted[] {
  return given.positional.flatMap((word) => {
    const { path, outputs } = flakeTarget(evaluation, given, word);
    if (!isDerivationPath(path))
      throw new CommandError(`'${word}' is a file and needs no building: ${toText(path)}`);
    const names = outputs ?? [...outputPaths(evaluation.session, path).keys()];
    return names.map((output) => ({ drvPath: path, output }));
  });
}

/** @param options.flakes words may name flakes: `bruma build` alone */
export async function build(
  given: Arguments,
  options: { readonly showLogs: boolean; readonly flakes: boolean },
): Promise<number> {
  const isFlake = options.flakes && !given.has("--expr") && given.positional.some(namesFlake);
  const session = await openSession(given, { showLogs: options.showLogs, pureEval: isFlake });
  try {
    const evaluation = startEvaluation(session);
    const wanted = isFlake ? flakeOutputs(evaluation, given) : wantedDerivations(evaluation, given);
    const targets = new Map<StorePath, Set<string>>();
    for (const { drvPath, output } of wanted) {
      const outputs = targets.get(drvPath);
      if (outputs === undefined) targets.set(drvPath, new Set([output]));
      else outputs.add(output);
    }
    const list: BuildTarget[] = [...targets].map(([path, outputs]) => ({ path, outputs: [...outputs] }));
    const dryRun = given.has("--dry-run");
    const outcome = await realiseTargets(session, list, { dryRun, check: given.has("--check") });
    if (dryRun || outcome.status !== 0) return outcome.status;
    const order = [...targets.keys()];
    for (const { drvPath, output } of wanted) {
      const path = outputPaths(session, drvPath).get(output);
      if (path === undefined)
        throw new CommandError(`derivation '${toText(drvPath)}' has no output '${output}'`);
      if (!given.has("--no-out-link")) {
        const number = order.indexOf(drvPath);
        const prefix = `${given.value("--out-link") ?? "./result"}${number > 0 ? `-${number + 1}` : ""}`;
        addRoot(session, `${prefix}${output === "out" ? "" : `-${output}`}`, path);
      }
      printOutput(`${toText(path)}\n`);
    }
    return 0;
  } finally {
    session.close();
  }
}
