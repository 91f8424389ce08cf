/**
 * `builtins.outputOf`: the path of a derivation's output, or a placeholder for it where the derivation is itself made by
 * a derivation. Manual: "Built-ins", "Experimental features: dynamic-derivations", "Input placeholder".
 *
 * Such placeholders can be computed, compared, and carried in contexts. To depend on one or to build it is refused: it
 * needs derivations that are read only once others are built.
 */
import type { ByteString } from "../format/bytes.ts";
import { compressHash, hashBytes } from "../format/hash.ts";
import { encodeNix32 } from "../format/nix32.ts";
import {
  type BuiltElement,
  builtElement,
  Context,
  type ContextElement,
  type DynamicElement,
  dynamicElement,
  showElement,
} from "../language/context.ts";
import type { BuiltinFunction } from "../language/registry.ts";
import { contextOf, type Evaluator, makeString, type Pos, type Slot, textOf } from "../language/value.ts";
import { derivationNameFromPath } from "./derivation.ts";
import type { DerivationHasher } from "./hash-modulo.ts";

/** An output's name as its store path has it. */
function outputPathName(name: ByteString, output: ByteString): ByteString {
  return output === "out" ? name : `${name}-${output}`;
}

function requireFeature(ev: Evaluator, feature: string, reason = ""): void {
  if (ev.settings.experimentalFeatures.has(feature)) return;
  const why = reason === "" ? "" : ` (${reason})`;
  throw ev.error(
    `experimental Nix feature '${feature}' is disabled${why}; add '--extra-experimental-features ${feature}' to enable it`,
  );
}

/** The digest that stands for an output whose path is not known yet. */
function placeholderHash(ev: Evaluator, element: BuiltElement | DynamicElement): Uint8Array {
  if (element.kind === "built") {
    requireFeature(ev, "ca-derivations");
    const file = element.drvPath.slice(element.drvPath.lastIndexOf("/") + 1);
    const name = outputPathName(derivationNameFromPath(element.drvPath), element.output);
    return hashBytes("sha256", `nix-upstream-output:${file.slice(0, 32)}:${name}`).bytes;
  }
  const producer = placeholderHash(ev, element.producer);
  requireFeature(ev, "dynamic-derivations", `placeholder for unknown derivation output '${element.output}'`);
  const compressed = encodeNix32(compressHash(producer, 20));
  return hashBytes("sha256", `nix-computed-output:${compressed}:${element.output}`).bytes;
}

/** The text that a string referring to just this has. */
function textFor(
  ev: Evaluator,
  hasher: DerivationHasher,
  element: Exclude<ContextElement, { kind: "drvDeep" }>,
): ByteString {
  switch (element.kind) {
    case "opaque":
      return element.path;
    case "built": {
      const output = hasher.outputs(element.drvPath).get(element.output);
      if (output === undefined)
        throw ev.error(`derivation '${element.drvPath}' does not have output '${element.output}'`);
      return output.path;
    }
    case "dynamic":
      return `/${encodeNix32(placeholderHash(ev, element))}`;
  }
}

/** What a string with one element of context refers to; its text must be the one for that. */
function reference(
  ev: Evaluator,
  hasher: DerivationHasher,
  slot: Slot,
  pos: Pos,
  what: string,
): Exclude<ContextElement, { kind: "drvDeep" }> {
  const string = ev.forceString(slot, pos, what);
  const text = textOf(string);
  const elements = [...(contextOf(string)?.elements ?? [])];
  const element = elements[0];
  if (element === undefined || elements.length > 1)
    throw ev
      .error(
        `string '${text}' has ${elements.length} entries in its context. It should only have exactly one entry`,
      )
      .addTrace(pos, what);
  if (element.kind === "drvDeep")
    throw ev
      .error(
        `string '${text}' has a context which refers to a complete source and binary closure. This is not supported at this time`,
      )
      .addTrace(pos, what);
  const expected = textFor(ev, hasher, element);
  if (text === expected) return element;
  if (element.kind === "opaque")
    throw ev
      .error(`path string '${text}' has context with the different path '${expected}'`)
      .addTrace(pos, what);
  const producer = element.kind === "built" ? element.drvPath : showElement(element.producer);
  throw ev
    .error(
      `string '${text}' has context with the output '${element.output}' from derivation '${producer}', ` +
        `but the string is not the right placeholder for this derivation output. It should be '${expected}'`,
    )
    .addTrace(pos, what);
}

/** @param hasherOf knows the derivations that the evaluation made, and reads others */
export function outputOf(hasherOf: (ev: Evaluator) => DerivationHasher): BuiltinFunction {
  return {
    name: "outputOf",
    args: ["derivation-reference", "output-name"],
    feature: "dynamic-derivations",
    doc: "The output path of a derivation that is given as a string, or a placeholder for it if the derivation is not known before something else is built.",
    fn: (ev: Evaluator, pos: Pos, derivation: Slot, output: Slot) => {
      const hasher = hasherOf(ev);
      const producer = reference(
        ev,
        hasher,
        derivation,
        pos,
        "while evaluating the first argument to builtins.outputOf",
      );
      const name = ev.forceStringNoContext(
        output,
        pos,
        "while evaluating the second argument to builtins.outputOf",
      );
      const element =
        producer.kind === "opaque" ? builtElement(producer.path, name) : dynamicElement(producer, name);
      return makeString(textFor(ev, hasher, element), Context.of(element));
    },
  };
}
