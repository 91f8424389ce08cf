/**
 * `derivationStrict`: an attribute set becomes a derivation, written to the store, and gives the paths of its file and
 * its outputs as strings with context. The `derivation` of the base environment is a thin wrapper around it.
 *
 * Attributes are taken in the order of their names, as Nix takes them, for that decides which error is met first.
 * Manual: "Derivations", "Advanced attributes". Content-addressing and impure derivations, text and git hashing are
 * experimental features that stay disabled: asking for them gives Nix's error.
 */
import type { ByteString } from "../format/bytes.ts";
import { FormatError } from "../format/format-error.ts";
import { Hash, type HashAlgorithm, hashSize, parseHash, parseHashAlgorithm } from "../format/hash.ts";
import { storeNameFault } from "../format/store-path.ts";
import { Attrs } from "../language/attrs.ts";
import {
  builtElement,
  Context,
  type ContextElement,
  drvDeepElement,
  showElement,
} from "../language/context.ts";
import { EvaluationError } from "../language/errors.ts";
import { JsonError, parseJson } from "../language/json.ts";
import type { BuiltinFamily } from "../language/registry.ts";
import {
  type CoerceOptions,
  contextOf,
  type Evaluator,
  force,
  makeString,
  noPos,
  type Pos,
  type Slot,
  type StringValue,
  textOf,
  type Value,
} from "../language/value.ts";
import { valueToJson } from "../language/value-to-json.ts";
import type { World } from "../language/world.ts";
import { parseDerivation } from "./aterm.ts";
import { completeDerivation, type DerivationDraft } from "./complete.ts";
import { type Derivation, derivationNameFromPath, hashPlaceholder } from "./derivation.ts";
import { DerivationError } from "./derivation-error.ts";
import { DerivationHasher } from "./hash-modulo.ts";
import { normaliseJsonObject, quoteJson } from "./json-text.ts";
import { outputOf } from "./output-of.ts";

/** One hasher a world: what an evaluation has instantiated need never be read again. */
const hashers = new WeakMap<World, DerivationHasher>();

export function hasherOf(world: World): DerivationHasher {
  let hasher = hashers.get(world);
  if (hasher === undefined) {
    hasher = new DerivationHasher((drvPath) => readDerivation(world, drvPath));
    hashers.set(world, hasher);
  }
  return hasher;
}

/** Reads and parses a `.drv` file of the world. @throws DerivationError, FileError */
export function readDerivation(world: World, drvPath: ByteString): Derivation {
  return parseDerivation(world.readFile(drvPath), derivationNameFromPath(drvPath), world.storeDir);
}

function featureDisabled(feature: string, reason = ""): DerivationError {
  const why = reason === "" ? "" : ` (${reason})`;
  return new DerivationError(
    `experimental Nix feature '${feature}' is disabled${why}; add '--extra-experimental-features ${feature}' to enable it`,
  );
}

/** An error of the floors above gets the line of trace that Nix gives it; anything else passes as it is. */
function traced(ev: Evaluator, error: unknown, pos: Pos, text: string, always: boolean): unknown {
  const known =
    error instanceof FormatError || error instanceof DerivationError ? ev.error(error.bytes) : error;
  return known instanceof EvaluationError ? known.addTrace(pos, text, always) : known;
}

const checksWithoutEffect = new Set([
  "allowedReferences",
  "allowedRequisites",
  "disallowedReferences",
  "disallowedRequisites",
  "maxSize",
  "maxClosureSize",
]);

const asEnvironment: CoerceOptions = { more: true };
const onlyOutNames: readonly ByteString[] = ["out"];

class Collector {
  readonly ev: Evaluator;
  readonly name: ByteString;
  /** Attributes come in the order of their names. */
  readonly names: ByteString[] = [];
  readonly values: ByteString[] = [];
  readonly context = new Set<ContextElement>();
  /** Set when attributes go into `__json`: name → JSON text. */
  json: Map<ByteString, ByteString> | undefined;
  builder: ByteString = "";
  system: ByteString = "";
  args: ByteString[] = [];
  outputs: readonly ByteString[] = onlyOutNames;
  outputHash: ByteString | undefined;
  outputHashAlgo: HashAlgorithm | undefined;
  method: "flat" | "nar" = "flat";

  constructor(ev: Evaluator, name: ByteString) {
    this.ev = ev;
    this.name = name;
  }

  #set(name: ByteString, value: ByteString): void {
    this.names.push(name);
    this.values.push(value);
  }

  /** Text of a string value; its context becomes inputs. */
  keep(value: StringValue): ByteString {
    const context = contextOf(value);
    if (context !== undefined) context.addTo(this.context);
    return textOf(value);
  }

  attribute(key: ByteString, slot: Slot, pos: Pos): void {
    const { ev } = this;
    switch (key) {
      case "__contentAddressed":
        if (ev.forceBool(slot, pos, "")) throw featureDisabled("ca-derivations");
        return;
      case "__impure":
        if (ev.forceBool(slot, pos, "")) throw featureDisabled("impure-derivations");
        return;
      case "args":
        this.args = ev
          .forceList(slot, pos, "")
          .map((element) =>
            this.keep(
              ev.coerceToString(
                element,
                pos,
                "while evaluating an element of the argument list",
                asEnvironment,
              ),
            ),
          );
        return;
    }
    if (this.json !== undefined) this.structured(key, slot, pos, this.json);
    else this.variable(key, slot, pos);
  }

  structured(key: ByteString, slot: Slot, pos: Pos, json: Map<ByteString, ByteString>): void {
    const { ev } = this;
    if (key === "__structuredAttrs") return;
    const { text, context } = valueToJson(ev, slot, pos);
    this.keep(makeString(text, context));
    json.set(key, text);
    switch (key) {
      case "builder":
        this.builder = this.keep(ev.forceString(slot, pos, ""));
        break;
      case "system":
        this.system = ev.forceStringNoContext(slot, pos, "");
        break;
      case "outputHash":
        this.outputHash = ev.forceStringNoContext(slot, pos, "");
        break;
      case "outputHashAlgo":
        this.outputHashAlgo = algorithmOrNone(ev.forceStringNoContext(slot, pos, ""));
        break;
      case "outputHashMode":
        this.hashMode(ev.forceStringNoContext(slot, pos, ""));
        break;
      case "outputs":
        this.setOutputs(
          ev.forceList(slot, pos, "").map((element) => ev.forceStringNoContext(element, pos, "")),
        );
        break;
      default:
        if (checksWithoutEffect.has(key))
          ev.world.message(
            `warning: In a derivation named '${this.name}', 'structuredAttrs' disables the effect of the derivation attribute '${key}'; use 'outputChecks.<output>.${key}' instead`,
          );
    }
  }

  /** The language's own reader has the words for what is wrong. */
  #checkJson(text: ByteString): void {
    try {
      parseJson(text);
    } catch (error) {
      if (!(error instanceof JsonError)) throw error;
      if (error.syntax) throw this.ev.error(`cannot process __json attribute: ${error.bytes}`);
    }
  }

  variable(key: ByteString, slot: Slot, pos: Pos): void {
    const text = this.keep(this.ev.coerceToString(slot, pos, "", asEnvironment));
    if (key === "__json") {
      this.ev.world.message(
        `warning: In derivation '${this.name}': setting structured attributes via '__json' is deprecated, and may be disallowed in future versions of Nix. Set '__structuredAttrs = true' instead.`,
      );
      this.#checkJson(text);
      this.#set("__json", normaliseJsonObject(text));
      return;
    }
    this.#set(key, text);
    switch (key) {
      case "builder":
        this.builder = text;
        break;
      case "system":
        this.system = text;
        break;
      case "outputHash":
        this.outputHash = text;
        break;
      case "outputHashAlgo":
        this.outputHashAlgo = algorithmOrNone(text);
        break;
      case "outputHashMode":
        this.hashMode(text);
        break;
      case "outputs":
        if (text !== "out") this.setOutputs(text.split(/[ \t\n\r]+/).filter((word) => word !== ""));
        else this.outputs = onlyOutNames;
        break;
    }
  }

  hashMode(mode: ByteString): void {
    switch (mode) {
      case "recursive":
      case "nar":
        this.method = "nar";
        break;
      case "flat":
        this.method = "flat";
        break;
      case "text":
        throw featureDisabled(
          "dynamic-derivations",
          `text-hashed derivation '${this.name}', outputHashMode = "text"`,
        );
      case "git":
        throw featureDisabled("git-hashing");
      default:
        throw this.ev.error(`invalid value '${mode}' for 'outputHashMode' attribute`);
    }
  }

  setOutputs(names: readonly ByteString[]): void {
    const seen = new Set<ByteString>();
    for (const name of names) {
      if (seen.has(name)) throw this.ev.error(`duplicate derivation output '${name}'`);
      // The resulting set has an attribute of that name already.
      if (name === "drvPath") throw this.ev.error("invalid derivation output name 'drvPath'");
      seen.add(name);
    }
    if (seen.size === 0) throw this.ev.error("derivation cannot have an empty set of outputs");
    this.outputs = [...seen];
  }

  finish(): DerivationDraft {
    const { ev, name } = this;
    if (this.json !== undefined) {
      const items = [...this.json.keys()].sort().map((key) => `${quoteJson(key)}:${this.json!.get(key)}`);
      this.#set("__json", `{${items.join(",")}}`);
    }
    const { inputDrvs, inputSrcs } = inputsOf(ev.world, this.context);
    if (this.builder === "") throw ev.error("required attribute 'builder' missing");
    if (this.system === "") throw ev.error("required attribute 'system' missing");
    if (name.endsWith(".drv"))
      throw ev.error(
        "derivation names are allowed to end in '.drv' only if they produce a single derivation file",
      );
    let fixed: DerivationDraft["fixed"];
    if (this.outputHash !== undefined) {
      if (this.outputs.length !== 1 || this.outputs[0] !== "out")
        throw ev.error("multiple outputs are not supported in fixed-output derivations");
      fixed = { method: this.method, hash: hashOrZero(ev, this.outputHash, this.outputHashAlgo) };
    }
    return {
      name,
      outputs: this.outputs,
      inputDrvs,
      inputSrcs,
      system: this.system,
      builder: this.builder,
      args: this.args,
      env: { names: this.names, values: this.values },
      fixed,
    };
  }
}

/** Nix takes an unknown algorithm's name for none: the hash itself may say which it is. */
function algorithmOrNone(text: ByteString): HashAlgorithm | undefined {
  return ["md5", "sha1", "sha256", "sha512", "blake3"].includes(text) ? parseHashAlgorithm(text) : undefined;
}

/** An empty hash means "I do not know it yet": zeros, which no build will meet, so that the error tells the right one. */
function hashOrZero(ev: Evaluator, text: ByteString, algorithm: HashAlgorithm | undefined): Hash {
  if (text !== "") return parseHash(text, algorithm);
  if (algorithm === undefined) throw ev.error("empty hash requires explicit hash algorithm");
  const zero = new Hash(algorithm, new Uint8Array(hashSize(algorithm)));
  ev.world.message(`warning: found empty hash, assuming '${zero.toSri()}'`);
  return zero;
}

/** Most inputs are needed for one output, and its name is one of a few. */
const onlyOne = new Map<ByteString, ReadonlySet<ByteString>>();

function only(output: ByteString): ReadonlySet<ByteString> {
  let outputs = onlyOne.get(output);
  if (outputs === undefined) {
    outputs = new Set([output]);
    onlyOne.set(output, outputs);
  }
  return outputs;
}

/** What the contexts of all strings together make inputs. */
function inputsOf(
  world: World,
  context: ReadonlySet<ContextElement>,
): Pick<Derivation, "inputDrvs" | "inputSrcs"> {
  const inputDrvs = new Map<ByteString, ReadonlySet<ByteString>>();
  const inputSrcs = new Set<ByteString>();
  const built = (drvPath: ByteString, output: ByteString): void => {
    const outputs = inputDrvs.get(drvPath);
    if (outputs === undefined) inputDrvs.set(drvPath, only(output));
    else if (!outputs.has(output)) inputDrvs.set(drvPath, new Set([...outputs, output]));
  };
  for (const element of context) {
    switch (element.kind) {
      case "opaque":
        inputSrcs.add(element.path);
        break;
      case "built":
        built(element.drvPath, element.output);
        break;
      case "drvDeep":
        // The builder may look at the whole graph, so all of it, outputs included, must be there.
        for (const path of world.computeClosure(element.drvPath)) {
          inputSrcs.add(path);
          if (!path.endsWith(".drv")) continue;
          for (const output of hasherOf(world).outputs(path).keys()) built(path, output);
        }
        break;
      case "dynamic":
        throw new DerivationError(
          `a derivation that needs '${showElement(element)}', an output of what a derivation makes, is not supported`,
        );
    }
  }
  return { inputDrvs, inputSrcs };
}

function collect(ev: Evaluator, name: ByteString, attrs: Attrs): DerivationDraft {
  const fault = storeNameFault(name);
  if (fault !== undefined)
    throw ev.error(`invalid derivation name: ${fault}. Please pass a different 'name'.`);
  const collector = new Collector(ev, name);
  const structured = attrs.get("__structuredAttrs");
  if (
    structured !== undefined &&
    ev.forceBool(
      structured,
      noPos,
      "while evaluating the `__structuredAttrs` attribute passed to builtins.derivationStrict",
    )
  )
    collector.json = new Map();
  const ignoring = attrs.get("__ignoreNulls");
  const ignoreNulls =
    ignoring !== undefined &&
    ev.forceBool(
      ignoring,
      noPos,
      "while evaluating the `__ignoreNulls` attribute passed to builtins.derivationStrict",
    );
  const { keys, values } = attrs;
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index]!;
    if (key === "__ignoreNulls") continue;
    const slot = values[index]!;
    try {
      if (ignoreNulls && force(slot) === null) continue;
      collector.attribute(key, slot, noPos);
    } catch (error) {
      throw traced(
        ev,
        error,
        attrs.posAt(index),
        `while evaluating attribute '${key}' of derivation '${name}'`,
        false,
      );
    }
  }
  return collector.finish();
}

function derivationStrict(ev: Evaluator, pos: Pos, argument: Slot): Value {
  const attrs = ev.forceAttrs(
    argument,
    pos,
    "while evaluating the argument passed to builtins.derivationStrict",
  );
  const nameSlot = attrs.get("name");
  if (nameSlot === undefined)
    throw ev
      .error("attribute 'name' missing")
      .addTrace(noPos, "in the attrset passed as argument to builtins.derivationStrict");
  const namePos = attrs.posOf("name");
  let name: ByteString;
  try {
    name = ev.forceStringNoContext(
      nameSlot,
      noPos,
      "while evaluating the `name` attribute passed to builtins.derivationStrict",
    );
  } catch (error) {
    throw traced(ev, error, namePos, "while evaluating the derivation attribute 'name'", false);
  }
  try {
    return instantiate(ev, collect(ev, name, attrs));
  } catch (error) {
    const where = `while evaluating derivation '${name}'\n  whose name attribute is located at ${ev.positions.show(namePos)}`;
    throw traced(ev, error, noPos, where, true);
  }
}

/** Writes the derivation; gives `drvPath` and the outputs with their contexts. */
function instantiate(ev: Evaluator, draft: DerivationDraft): Value {
  const { world } = ev;
  const completed = completeDerivation(draft, hasherOf(world), world.storeDir);
  const { outputs } = completed;
  const drvPath = world.addDerivation(draft.name, completed.file, completed.references, outputs);
  completed.remember(drvPath);
  const file = makeString(drvPath, Context.of(drvDeepElement(drvPath)));
  const output = (name: ByteString): Value =>
    makeString(outputs.get(name)!.path, Context.of(builtElement(drvPath, name)));
  if (outputs.size === 1 && outputs.has("out")) return Attrs.fromSorted(usualNames, [file, output("out")]);
  const names = ["drvPath", ...outputs.keys()].sort();
  return Attrs.fromSorted(
    names,
    names.map((name) => (name === "drvPath" ? file : output(name))),
  );
}

/** Of what `derivationStrict` gives, where there is one output. */
const usualNames = ["drvPath", "out"];

/** The builtins that need derivations; compose gives them to the evaluator. */
export const derivationBuiltins: BuiltinFamily = {
  functions: [
    {
      name: "derivationStrict",
      args: ["attributes"],
      global: true,
      doc: "Instantiates a derivation: `derivation` without its lazy wrapper. Gives `drvPath` and one attribute for each output.",
      fn: derivationStrict,
    },
    outputOf((ev) => hasherOf(ev.world)),
    {
      name: "placeholder",
      args: ["output"],
      global: true,
      doc: "A string that stands for the path of one's own output of that name, and is replaced by it when the build starts.",
      fn: (ev: Evaluator, pos: Pos, output: Slot): Value =>
        hashPlaceholder(
          ev.forceStringNoContext(
            output,
            pos,
            "while evaluating the first argument passed to builtins.placeholder",
          ),
        ),
    },
  ],
};
