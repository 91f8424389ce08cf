/**
 * What `FLAKE#name` means among a flake's outputs: `packages.SYSTEM.name`, `legacyPackages.SYSTEM.name`, `name` itself, or
 * with no name the default. A name that begins with a dot is taken as it is. Manual: "nix", "Flake output attribute".
 */
import type { ByteString } from "../format/bytes.ts";
import { Attrs } from "../language/attrs.ts";
import { parseAttrPath } from "../language/auto-call.ts";
import { EvaluationError } from "../language/errors.ts";
import type { NixEvaluator } from "../language/evaluator.ts";
import { showIdentifier } from "../language/literal.ts";
import { bestMatches } from "../language/suggestions.ts";
import { force, type Slot } from "../language/value.ts";

/** Which outputs a command means: in order, the first that is there counts. */
export interface OutputPaths {
  /** With no name. */
  readonly defaults: readonly ByteString[];
  /** Before a name; "" (the name alone) comes after all of them. */
  readonly prefixes: readonly ByteString[];
}

export type OutputUse = "build" | "run" | "develop" | "eval" | "repl";

export function outputPathsFor(use: OutputUse, system: ByteString): OutputPaths {
  const packages = {
    defaults: [`packages.${system}.default`, `defaultPackage.${system}`],
    prefixes: [`packages.${system}.`, `legacyPackages.${system}.`],
  };
  switch (use) {
    case "run":
      return {
        defaults: [`apps.${system}.default`, `defaultApp.${system}`, ...packages.defaults],
        prefixes: [`apps.${system}.`, ...packages.prefixes],
      };
    case "develop":
      return {
        defaults: [`devShells.${system}.default`, `devShell.${system}`, ...packages.defaults],
        prefixes: [`devShells.${system}.`, ...packages.prefixes],
      };
    // All outputs, if none is named.
    case "repl":
      return { ...packages, defaults: [""] };
    default:
      return packages;
  }
}

export interface SelectedOutput {
  readonly slot: Slot;
  readonly path: ByteString;
}

/** @param shownFlake for the message @throws EvaluationError if none of the paths is there */
export function selectOutput(
  ev: NixEvaluator,
  outputs: Slot,
  fragment: ByteString,
  { defaults, prefixes }: OutputPaths,
  shownFlake: ByteString,
): SelectedOutput {
  const paths = fragment.startsWith(".")
    ? [fragment.slice(1)]
    : fragment === ""
      ? defaults
      : [...prefixes.map((prefix) => prefix + fragment), fragment];
  const near = new Set<ByteString>();
  for (const path of paths) {
    const slot = follow(ev, outputs, path, near);
    if (slot !== undefined) return { slot, path };
  }
  const quoted = paths.map((path) => `'${path}'`);
  const listed =
    quoted.length > 1 ? `${quoted.slice(0, -1).join(", ")} or ${quoted.at(-1)}` : (quoted[0] ?? "");
  const error = new EvaluationError(
    "missing-attribute",
    `flake '${shownFlake}' does not provide attribute ${listed}`,
  );
  error.suggestions = [...near];
  throw error;
}

function follow(ev: NixEvaluator, root: Slot, path: ByteString, near: Set<ByteString>): Slot | undefined {
  let slot = root;
  let done = "";
  for (const name of parseAttrPath(path)) {
    const value = force(slot);
    if (!(value instanceof Attrs)) throw ev.typeError(`'${done}' is not an attribute set`);
    const next = value.get(name);
    if (next === undefined) {
      for (const each of bestMatches(value.keys, name)) near.add(each);
      return undefined;
    }
    slot = next;
    done += `${done === "" ? "" : "."}${showIdentifier(name)}`;
  }
  return slot;
}
