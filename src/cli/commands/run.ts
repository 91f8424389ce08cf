/** `bruma run`: builds a package and runs its program; the exit status is the program's. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { toBytes, toText } from "../../format/bytes.ts";
import { type StorePath, storePathName } from "../../format/store-path.ts";
import { Attrs } from "../../language/attrs.ts";
import { force, isString, type Slot, textOf } from "../../language/value.ts";
import type { Arguments } from "../arguments.ts";
import { realiseTargets } from "../building.ts";
import { CommandError, UsageError } from "../cli-error.ts";
import type { Command } from "../command.ts";
import { openSession } from "../compose.ts";
import { findDerivations } from "../derivations.ts";
import { type Evaluation, fileSource, startEvaluation, textSource } from "../evaluation.ts";
import { runProgram } from "../exec.ts";
import { buildFlags, evaluationFlags } from "../flags.ts";
import { attrPaths } from "../nix/nix-instantiate.ts";
import { runnable } from "../runnable.ts";
import { outputPaths } from "../store-paths.ts";

export const runCommand: Command = {
  line: {
    name: "bruma run",
    usage: "[FLAG…] [PACKAGE] [ARGUMENT…]",
    summary:
      "Builds a package and runs its program with the arguments. PACKAGE is a file or a name of the package set; default.nix if there is none.",
    passAfter: 1,
    flags: [
      { names: ["--attr", "-A"], arguments: ["ATTRIBUTE"], help: "run this attribute of the file" },
      { names: ["--program"], arguments: ["NAME"], help: "which of the package's programs" },
      ...evaluationFlags,
      ...buildFlags,
    ],
    examples: [["bruma run ./default.nix --port 8080", "builds what the file describes and starts it"]],
  },
  run(given) {
    const word = given.positional[0] ?? "./default.nix";
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
  const session = await openSession(given);
  let command: string[];
  try {
    const evaluation = startEvaluation(session);
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
    const drv = found[0]!;
    const drvPath = drv.drvPath as StorePath;
    const outcome = await realiseTargets(session, [{ path: drvPath, outputs: [toText(drv.outputName)] }]);
    if (outcome.status !== 0) return outcome.status;
    const path = outputPaths(session, drvPath).get(toText(drv.outputName))!;
    const programs = join(toText(session.layout.physical(path)), "bin");
    const available = existsSync(programs) ? readdirSync(programs).sort() : [];
    const meta = drv.value.has("meta") ? force(drv.value.get("meta")!) : undefined;
    const main =
      meta instanceof Attrs && meta.has("mainProgram") ? force(meta.get("mainProgram")!) : undefined;
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
    command = [`${toText(path)}/bin/${program}`, ...(given.rest ?? [])];
    command = await runnable(session, command);
  } finally {
    session.close();
  }
  return runProgram(command, process.env);
}
