/** `bruma run`: builds a package and runs its program; the exit status is the program's. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { toBytes, toText } from "../../format/bytes.ts";
import { type StorePath, storePathName } from "../../format/store-path.ts";
import { Attrs } from "../../language/attrs.ts";
import { contextOf, force, isString, noPos, type Slot, textOf } from "../../language/value.ts";
import type { Arguments } from "../arguments.ts";
import { type BuildTarget, realiseTargets } from "../building.ts";
import { CommandError, UsageError } from "../cli-error.ts";
import type { Command } from "../command.ts";
import { openSession, type Session } from "../compose.ts";
import { type FoundDerivation, findDerivations } from "../derivations.ts";
import { type Evaluation, fileSource, startEvaluation, textSource } from "../evaluation.ts";
import { runProgram } from "../exec.ts";
import { buildFlags, evaluationFlags, lockFlags } from "../flags.ts";
import { namesFlake } from "../flake-argument.ts";
import { selectTyped } from "../flake-installable.ts";
import { attrPaths } from "../nix/nix-instantiate.ts";
import { runnable } from "../runnable.ts";
import { outputPaths } from "../store-paths.ts";

export const runCommand: Command = {
  line: {
    name: "bruma run",
    usage: "[FLAG…] [PACKAGE] [ARGUMENT…]",
    summary:
      "Builds a package and runs its program with the arguments. PACKAGE is a file, a flake's output or a name of the package set; default.nix if there is none.",
    passAfter: 1,
    flags: [
      { names: ["--attr", "-A"], arguments: ["ATTRIBUTE"], help: "run this attribute of the file" },
      { names: ["--program"], arguments: ["NAME"], help: "which of the package's programs" },
      ...lockFlags,
      ...evaluationFlags,
      ...buildFlags,
    ],
    examples: [
      ["bruma run ./default.nix --port 8080", "builds what the file describes and starts it"],
      ["bruma run .#app", "the same with an app or package of this directory's flake"],
    ],
  },
  run(given) {
    const word = given.positional[0] ?? "./default.nix";
    if (namesFlake(word)) return runFlake(given, word);
    return runPackage(given, (evaluation) =>
      /[/<:]/.test(word) || existsSync(word)
        ? fileSource(evaluation, word).evaluate()
        : textSource(evaluation, toBytes(`(import <nixpkgs> {}).${word}`)).evaluate(),
    );
  },
};

/** Builds the one package of a value and hands over to its program; what stands after `--` are its arguments. */
export async function runPackage(
  given: Arguments,
  rootOf: (evaluation: Evaluation) => Slot,
): Promise<number> {
  return await prepareAndRun(given, false, async (evaluation) => {
    const root = rootOf(evaluation);
    const found = attrPaths(given).flatMap((path) =>
      findDerivations(evaluation.ev, evaluation.select(root, path), evaluation.autoCall),
    );
    if (found.length !== 1) {
      throw new UsageError(
        `there are ${found.length} packages here, and only one can be run`,
        "choose one with -A",
      );
    }
    return await programOf(evaluation.session, given, found[0]!);
  });
}

/** `FLAKE#name`: an app, or a package whose program is meant. */
export async function runFlake(given: Arguments, word: string): Promise<number> {
  return await prepareAndRun(given, true, async (evaluation) => {
    const { ev, session } = evaluation;
    const { slot, path } = selectTyped(evaluation, given, word, "run");
    const attrs = ev.forceAttrs(slot, noPos, "");
    if (ev.isDerivation(slot)) {
      const [found] = findDerivations(ev, slot, evaluation.autoCall);
      return await programOf(session, given, found!);
    }
    const text = (name: string) => {
      const value = attrs.get(name);
      return value === undefined ? undefined : ev.forceString(value, attrs.posOf(name), "");
    };
    const type = text("type");
    const program = text("program");
    if (type === undefined || textOf(type) !== "app" || program === undefined)
      throw ev.error(
        `attribute '${path}' should be a derivation or an app: { type = "app"; program = "..."; }`,
      );
    const targets = (contextOf(program)?.sorted() ?? []).flatMap((element): BuildTarget[] => {
      if (element.kind === "opaque") return [{ path: element.path as StorePath, outputs: undefined }];
      if (element.kind === "built")
        return [{ path: element.drvPath as StorePath, outputs: [toText(element.output)] }];
      throw ev.error(`the program of the app '${path}' refers to a derivation itself, not to what it makes`);
    });
    const { status } = await realiseTargets(session, targets);
    return status === 0 ? toText(textOf(program)) : status;
  });
}

/** @param find the program's path, or the exit status of what failed */
async function prepareAndRun(
  given: Arguments,
  pureEval: boolean,
  find: (evaluation: Evaluation) => Promise<string | number>,
): Promise<number> {
  const session = await openSession(given, { pureEval });
  let command: string[];
  try {
    const program = await find(startEvaluation(session));
    if (typeof program === "number") return program;
    command = await runnable(session, [program, ...(given.rest ?? [])]);
  } finally {
    session.close();
  }
  return runProgram(command, process.env);
}

/** Builds a package and finds the program that it is for. */
async function programOf(session: Session, given: Arguments, drv: FoundDerivation): Promise<string | number> {
  const drvPath = drv.drvPath as StorePath;
  const outcome = await realiseTargets(session, [{ path: drvPath, outputs: [toText(drv.outputName)] }]);
  if (outcome.status !== 0) return outcome.status;
  const path = outputPaths(session, drvPath).get(toText(drv.outputName))!;
  const programs = join(toText(session.layout.physical(path)), "bin");
  const available = existsSync(programs) ? readdirSync(programs).sort() : [];
  const meta = drv.value.has("meta") ? force(drv.value.get("meta")!) : undefined;
  const main = meta instanceof Attrs && meta.has("mainProgram") ? force(meta.get("mainProgram")!) : undefined;
  const attribute = (name: string) => {
    const slot = drv.value.get(name);
    const value = slot === undefined ? undefined : force(slot);
    return value !== undefined && isString(value) ? toText(textOf(value)) : undefined;
  };
  const candidates = [
    given.value("--program"),
    main !== undefined && isString(main) ? toText(textOf(main)) : undefined,
    attribute("pname"),
    toText(storePathName(path)).replace(/-[0-9].*$/, ""),
    available.length === 1 ? available[0] : undefined,
  ];
  const program = candidates.find((name) => name !== undefined && available.includes(name));
  if (program === undefined) {
    throw new CommandError(`which program of '${toText(path)}' is to be run?`, {
      hint:
        available.length === 0
          ? "the package has no bin directory: it is a library"
          : `choose one with --program: ${available.slice(0, 12).join(", ")}`,
    });
  }
  return `${toText(path)}/bin/${program}`;
}
