/** What is to be built for an output of a flake. Manual: "nix build", "Installables". */
import { toText } from "../format/bytes.ts";
import type { StorePath } from "../format/store-path.ts";
import { contextOf, force, isString, NixPath, noPos, type Slot, textOf } from "../language/value.ts";
import type { Arguments } from "./arguments.ts";
import type { BuildTarget } from "./building.ts";
import { findDerivations } from "./derivations.ts";
import type { Evaluation } from "./evaluation.ts";
import { selectTyped } from "./flake-installable.ts";

/** A flake's output that is a path, or a string that stands for one. @throws EvaluationError if it is neither */
function pathTarget({ ev }: Evaluation, slot: Slot, path: string): BuildTarget {
  const value = force(slot);
  if (value instanceof NixPath)
    return { path: textOf(ev.copyPathToStore(value.path, noPos)) as StorePath, outputs: undefined };
  if (!isString(value))
    throw ev.error(
      `expected flake output attribute '${path}' to be a derivation or path but found ${ev.showType(value)}: ${ev.showValue(slot)}`,
    );
  const elements = [...(contextOf(value)?.elements ?? [])];
  const what = `while evaluating the flake output attribute '${path}'`;
  const [element] = elements;
  if (element === undefined || elements.length > 1)
    throw ev
      .error(
        `string '${textOf(value)}' has ${elements.length} entries in its context. It should only have exactly one entry`,
      )
      .addTrace(noPos, what);
  if (element.kind === "opaque" && element.path === textOf(value))
    return { path: element.path as StorePath, outputs: undefined };
  if (element.kind === "built")
    return { path: element.drvPath as StorePath, outputs: [toText(element.output)] };
  throw ev.error(`string '${textOf(value)}' is not just the path that it refers to`).addTrace(noPos, what);
}

/** The derivation that a flake's output is. @throws EvaluationError if it is none */
export function flakeTarget(evaluation: Evaluation, given: Arguments, word: string): BuildTarget {
  const { ev } = evaluation;
  const { slot, path, argument } = selectTyped(evaluation, given, word, "build");
  if (!ev.isDerivation(slot)) return pathTarget(evaluation, slot, path);
  const attrs = ev.forceAttrs(slot, noPos, "");
  const [found] = findDerivations(ev, slot, evaluation.autoCall);
  const drvPath = found!.drvPath as StorePath;
  if (argument.outputs === "all") return { path: drvPath, outputs: undefined };
  if (argument.outputs !== undefined) return { path: drvPath, outputs: [...argument.outputs] };
  const specified = attrs.get("outputSpecified");
  if (specified !== undefined && ev.forceBool(specified, noPos, ""))
    return { path: drvPath, outputs: [toText(found!.outputName)] };
  const meta = attrs.get("meta");
  const toInstall = meta === undefined ? undefined : ev.forceAttrs(meta, noPos, "").get("outputsToInstall");
  if (toInstall === undefined) return { path: drvPath, outputs: ["out"] };
  const names = ev.forceList(toInstall, noPos, "");
  return { path: drvPath, outputs: names.map((name) => toText(ev.forceStringNoContext(name, noPos, ""))) };
}
