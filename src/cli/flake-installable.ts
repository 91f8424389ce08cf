/**
 * Flakes on the command line: locking what was typed, writing its lock file, and the outputs that are meant.
 * Manual: "nix", "Installables"; "nix flake".
 */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { relative } from "node:path";
import { callFlake } from "../flake/call-flake.ts";
import { parseInputPath } from "../flake/input-path.ts";
import { type LockedFlake, lockFlake } from "../flake/lock.ts";
import { show } from "../flake/reference.ts";
import { type OutputUse, outputPathsFor, type SelectedOutput, selectOutput } from "../flake/select-output.ts";
import { type LockFileToWrite, writeLockFile } from "../flake/write-lock-file.ts";
import { fsPath, toBuffer, toBytes, toText } from "../format/bytes.ts";
import { noPos, type Slot } from "../language/value.ts";
import type { Arguments } from "./arguments.ts";
import { CommandError } from "./cli-error.ts";
import type { Evaluation } from "./evaluation.ts";
import { type FlakeArgument, parseFlakeArgument } from "./flake-argument.ts";

export interface LockTypedOptions {
  readonly failOnUnlocked?: boolean;
  readonly recreate?: boolean;
  /** Write the lock file whatever the flags say. */
  readonly write?: boolean;
  /** Besides those of `--update-input`. */
  readonly updates?: readonly string[];
}

/** Locks a flake as the flags say, and writes its lock file. @throws EvaluationError, BrumaError */
export function lockTyped(
  evaluation: Evaluation,
  given: Arguments,
  { reference }: FlakeArgument,
  options: LockTypedOptions = {},
): LockedFlake {
  const { ev } = evaluation;
  const sources = evaluation.flakes();
  const overrides = given.tuples("--override-input").map(([path, text]) => {
    const override = parseFlakeArgument(ev, text!, { mayBeMissing: true });
    return [parseInputPath(ev, toBytes(path!)), override.reference] as const;
  });
  for (const [flag, instead] of [
    [
      "--recreate-lock-file",
      "'--recreate-lock-file' is deprecated and will be removed in a future version; use 'nix flake update' instead.",
    ],
    [
      "--update-input",
      "'--update-input' is a deprecated alias for 'flake update' and will be removed in a future version.",
    ],
  ] as const)
    if (given.has(flag)) ev.world.message(`warning: ${instead}`);
  const updates = [...given.values("--update-input"), ...(options.updates ?? [])];
  const locked = lockFlake(ev, sources, reference, {
    useRegistries: sources.surroundings.useRegistries && !given.has("--no-registries"),
    allowUnlocked: true,
    overrides,
    updates: updates.map((path) => parseInputPath(ev, toBytes(path))),
    recreate: options.recreate === true || given.has("--recreate-lock-file"),
  });
  return writeLockFile(ev, reference, locked, {
    write: options.write === true || (!given.has("--no-write-lock-file") && overrides.length === 0),
    update: !given.has("--no-update-lock-file"),
    failOnUnlocked: options.failOnUnlocked ?? false,
    isAnswered: sources.surroundings.answers,
    writeFile,
  });
}

function writeFile({ path, text, repository }: LockFileToWrite): void {
  try {
    writeFileSync(fsPath(path), toBuffer(text));
  } catch (cause) {
    throw new CommandError(`cannot write the lock file '${toText(path)}': ${(cause as Error).message}`, {
      hint: "Use --no-write-lock-file to go on without",
      cause,
    });
  }
  if (repository === undefined) return;
  const directory = toText(repository);
  const name = relative(directory, toText(path));
  const git = (...args: string[]) => spawnSync("git", ["-C", directory, ...args], { stdio: "ignore" });
  // A file that Git does not know is not part of the flake.
  if (git("check-ignore", "--quiet", "--", name).status !== 0)
    git("add", "--intent-to-add", "--force", "--", name);
}

/** The flake's value. */
export function callTyped(evaluation: Evaluation, locked: LockedFlake): Slot {
  return callFlake(evaluation.ev, evaluation.flakes(), locked);
}

export interface SelectedFlakeOutput extends SelectedOutput {
  readonly argument: FlakeArgument;
  readonly locked: LockedFlake;
}

/** `FLAKE#name` → the value it means. @throws EvaluationError, BrumaError */
export function selectTyped(
  evaluation: Evaluation,
  given: Arguments,
  word: string,
  use: OutputUse,
): SelectedFlakeOutput {
  const { ev, session } = evaluation;
  const argument = parseFlakeArgument(ev, word);
  const locked = lockTyped(evaluation, given, argument);
  const value = ev.forceAttrs(callTyped(evaluation, locked), noPos, "");
  const paths = outputPathsFor(use, session.world.currentSystem);
  const shown = show(ev, argument.reference);
  return { argument, locked, ...selectOutput(ev, value.get("outputs")!, argument.fragment, paths, shown) };
}
