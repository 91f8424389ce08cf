/** `bruma flake` and `nix flake`: lock, update, metadata, show. Manual: "nix flake". */

import type { LockedFlake } from "../../flake/lock.ts";
import { printJson } from "../../flake/lock-file.ts";
import { metadataJson, metadataLines } from "../../flake/metadata.ts";
import { show } from "../../flake/reference.ts";
import { OutputTree } from "../../flake/show-outputs.ts";
import { toText } from "../../format/bytes.ts";
import { noPos } from "../../language/value.ts";
import { type Arguments, type CommandLine, type Flag, parseArguments } from "../arguments.ts";
import { NotAvailableError, UsageError } from "../cli-error.ts";
import type { Command } from "../command.ts";
import { openSession, type SessionOptions } from "../compose.ts";
import { type Evaluation, startEvaluation } from "../evaluation.ts";
import { buildFlags, evaluationFlags, lockFlags } from "../flags.ts";
import { parseFlakeArgument } from "../flake-argument.ts";
import { callTyped, type LockTypedOptions, lockTyped } from "../flake-installable.ts";
import { nearestNames } from "../nearest.ts";
import { isTerminal, writeOutput } from "../output.ts";

interface Verb {
  readonly line: CommandLine;
  readonly run: (given: Arguments) => Promise<number>;
}

const jsonFlags: readonly Flag[] = [
  { names: ["--json"], help: "print as JSON" },
  { names: ["--pretty"], help: "with --json: over several lines" },
  { names: ["--no-pretty"] },
];

function line(name: string, usage: string, summary: string, flags: readonly Flag[] = []): CommandLine {
  return {
    name: `bruma flake ${name}`,
    usage,
    summary,
    usageStatus: 1,
    flags: [...flags, ...lockFlags, ...evaluationFlags, ...buildFlags],
  };
}

async function withFlake(
  given: Arguments,
  word: string | undefined,
  session: SessionOptions,
  lock: LockTypedOptions,
  use: (evaluation: Evaluation, locked: LockedFlake) => void,
): Promise<number> {
  const opened = await openSession(given, { pureEval: true, ...session });
  try {
    const evaluation = startEvaluation(opened);
    const argument = parseFlakeArgument(evaluation.ev, word ?? ".");
    if (argument.fragment !== "")
      throw new UsageError(
        `unexpected fragment '${toText(argument.fragment)}' in flake reference '${word}'`,
        "a flake alone is meant here, not one of its outputs",
        1,
      );
    use(evaluation, lockTyped(evaluation, given, argument, lock));
    return 0;
  } finally {
    opened.close();
  }
}

function onlyOne(given: Arguments): string | undefined {
  if (given.positional.length > 1)
    throw new UsageError(`unexpected argument '${given.positional[1]}'`, undefined, 1);
  return given.positional[0];
}

function writeJson(given: Arguments, json: Parameters<typeof printJson>[0]): void {
  const flag = given.order.findLast(([name]) => name === "--pretty" || name === "--no-pretty");
  const isPretty = flag === undefined ? isTerminal(1) : flag[0] === "--pretty";
  writeOutput(`${printJson(json, isPretty)}\n`);
}

const verbs: Record<string, Verb> = {
  lock: {
    line: line("lock", "[FLAKE]", "Completes the lock file: what is missing in it is fetched."),
    run: (given) =>
      withFlake(given, onlyOne(given), { refresh: true }, { failOnUnlocked: true, write: true }, () => {}),
  },
  update: {
    line: line(
      "update",
      "[--flake FLAKE] [INPUT…]",
      "Fetches inputs anew, all or the named, and writes the lock file.",
      [{ names: ["--flake"], arguments: ["FLAKE"], help: "the flake (default: this directory's)" }],
    ),
    run: (given) => {
      const updates = given.positional;
      const all = updates.length === 0 && given.values("--update-input").length === 0;
      return withFlake(
        given,
        given.value("--flake"),
        { refresh: true },
        { updates, recreate: all, write: true },
        () => {},
      );
    },
  },
  metadata: {
    line: line(
      "metadata",
      "[FLAKE]",
      "Tells what a flake is, where from, and what its inputs are.",
      jsonFlags,
    ),
    run: (given) =>
      withFlake(given, onlyOne(given), {}, {}, ({ ev }, locked) => {
        if (given.has("--json")) writeJson(given, metadataJson(ev, locked));
        else writeOutput(`${metadataLines(ev, locked).join("\n")}\n`);
      }),
  },
  show: {
    line: line("show", "[FLAKE]", "Shows the outputs of a flake as a tree.", [
      ...jsonFlags,
      { names: ["--all-systems"], help: "also those for other systems" },
      { names: ["--legacy"], help: "also what is in legacyPackages" },
    ]),
    run: (given) =>
      withFlake(given, onlyOne(given), { allowImportFromDerivation: false }, {}, (evaluation, locked) => {
        const { ev, session } = evaluation;
        const json = given.has("--json");
        const tree = new OutputTree(ev, {
          system: session.world.currentSystem,
          allSystems: given.has("--all-systems"),
          legacy: given.has("--legacy"),
          line: (text) => writeOutput(`${text}\n`),
          json,
        });
        const value = ev.forceAttrs(callTyped(evaluation, locked), noPos, "");
        const found = tree.show(value.get("outputs")!, show(ev, locked.flake.locked));
        if (json) writeJson(given, found);
      }),
  },
};

export const flakeCommand: Command = {
  line: {
    name: "bruma flake",
    usage: "COMMAND [FLAKE]",
    summary: `Commands: ${Object.keys(verbs).sort().join(", ")}. 'bruma flake COMMAND --help' says more.`,
    usageStatus: 1,
    flags: [...buildFlags],
    passAfter: 1,
    examples: [
      ["bruma flake show", "the outputs of this directory's flake"],
      ["bruma flake update nixpkgs", "fetches one input anew"],
    ],
  },
  async run(global) {
    const name = global.positional[0];
    if (name === undefined)
      throw new UsageError("no subcommand specified", "'bruma flake --help' lists the commands", 1);
    const verb = verbs[name];
    if (verb === undefined) {
      if (["check", "init", "new", "clone", "archive", "prefetch", "info"].includes(name))
        throw new NotAvailableError(`'flake ${name}'`);
      const near = nearestNames(name, Object.keys(verbs));
      throw new UsageError(
        `'${name}' is not a recognised command`,
        near.length > 0 ? `did you mean '${near[0]}'?` : "'bruma flake --help' lists the commands",
        1,
      );
    }
    const words = [...global.order.flatMap(([flag, values]) => [flag, ...values]), ...(global.rest ?? [])];
    return await verb.run(parseArguments(verb.line, words));
  },
};
