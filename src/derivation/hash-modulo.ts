/**
 * hashDerivationModulo: what a derivation is worth as an input, so that output paths do not change when only the way a
 * fixed output is fetched does.
 *
 * - For its own output paths: outputs and the variables named after them blank, each input derivation's path replaced
 *   by its hash, sorted anew; inputs whose hashes are equal unite their outputs.
 * - As an input: the same with the paths in place.
 * - A fixed output: a hash of its method, hash and path alone; its user sees one input with the output `out`.
 *
 * Each result is kept: a package set asks for the same toolchain thousands of times. Manual: "Store path calculation".
 */
import type { ByteString } from "../format/bytes.ts";
import { sha256Base16 } from "../format/sha256.ts";
import { makeOutputPath, type StorePath } from "../format/store-path.ts";
import { printerOf, printOutputNames } from "./aterm.ts";
import type { Derivation, DerivationOutput } from "./derivation.ts";
import { DerivationError } from "./derivation-error.ts";

/**
 * What stands for an input derivation: printed as an item of the list of inputs, with the output `out` alone, which is
 * what most are asked for. Where a derivation with a fixed output has another than `out`: each output's hash, base 16.
 */
type InputHash = ByteString | ReadonlyMap<ByteString, ByteString>;

/** Of a printed item: the hash, with what stands before it. */
const hashStart = 2;
const hashEnd = hashStart + 64;

function printItem(hash: ByteString): ByteString {
  return `("${hash}",["out"])`;
}

/** Of most, the output `out` alone. */
type Outputs = DerivationOutput | ReadonlyMap<ByteString, DerivationOutput>;

/** What is remembered of a derivation. */
interface Known {
  readonly hash: InputHash;
  readonly outputs: Outputs;
}

function fewestOutputs(outputs: ReadonlyMap<ByteString, DerivationOutput>): Outputs {
  return (outputs.size === 1 && outputs.get("out")) || outputs;
}

export class DerivationHasher {
  #read: (drvPath: ByteString) => Derivation;
  #known = new Map<ByteString, Known>();
  /** Of those read for that alone. */
  #outputs = new Map<ByteString, ReadonlyMap<ByteString, DerivationOutput>>();
  #reading = new Set<ByteString>();

  /** @param read finds an input derivation that has not been added; may throw */
  constructor(read: (drvPath: ByteString) => Derivation) {
    this.#read = read;
  }

  /** Has this derivation been hashed or added? */
  has(drvPath: ByteString): boolean {
    return this.#known.has(drvPath);
  }

  /**
   * Hash modulo of a derivation whose outputs are not known yet, and its paths: output name → path.
   * @throws StorePathError when a name with its output cannot be a store path's
   */
  outputPaths(derivation: Derivation, storeDir: ByteString): Map<ByteString, StorePath> {
    const inputs = this.printInputs(derivation.inputDrvs, derivation.name);
    const hash = `sha256:${printerOf(derivation).hash(inputs, undefined)}`;
    const paths = new Map<ByteString, StorePath>();
    for (const output of [...derivation.outputs.keys()].sort())
      paths.set(output, makeOutputPath(output, hash, derivation.name, storeDir));
    return paths;
  }

  /** Remembers a finished derivation, so that it need not be read when it is an input. */
  add(drvPath: ByteString, derivation: Derivation): void {
    this.addHash(drvPath, this.#hash(derivation), derivation.outputs);
  }

  /** The same, with what `inputHash` or `hashFixed` said of it. */
  addHash(drvPath: ByteString, hash: InputHash, outputs: ReadonlyMap<ByteString, DerivationOutput>): void {
    this.#known.set(drvPath, { hash, outputs: fewestOutputs(outputs) });
  }

  /** A derivation's outputs, by name. */
  outputs(drvPath: ByteString): ReadonlyMap<ByteString, DerivationOutput> {
    let outputs = this.#known.get(drvPath)?.outputs ?? this.#outputs.get(drvPath);
    if (outputs === undefined) {
      outputs = this.#read(drvPath).outputs;
      this.#outputs.set(drvPath, outputs);
    }
    return outputs instanceof Map ? outputs : new Map([["out", outputs as DerivationOutput]]);
  }

  /** Input derivations printed by their hashes. @param user the derivation that has them, for messages */
  printInputs(inputDrvs: Derivation["inputDrvs"], user: ByteString): ByteString {
    if (inputDrvs.size === 0) return "[]";
    const items: ByteString[] = [];
    for (const [drvPath, outputs] of inputDrvs) {
      const hash = this.#inputHash(drvPath);
      if (typeof hash !== "string") {
        for (const output of outputs) {
          const one = hash.get(output);
          if (one === undefined) throw noHash(output, user);
          items.push(printItem(one));
        }
      } else if (outputs.size === 1 && outputs.has("out")) items.push(hash);
      else {
        if (isFixed(this.outputs(drvPath)))
          throw noHash([...outputs].find((output) => output !== "out")!, user);
        items.push(`${hash.slice(0, hashEnd)}",${printOutputNames(outputs)})`);
      }
    }
    items.sort();
    return `[${(hasTwins(items) ? uniteTwins(items) : items).join(",")}]`;
  }

  #inputHash(drvPath: ByteString): InputHash {
    const known = this.#known.get(drvPath);
    if (known !== undefined) return known.hash;
    // A written .drv cannot contain itself, but a damaged store may claim anything.
    if (this.#reading.has(drvPath))
      throw new DerivationError(`derivation '${drvPath}' is an input of itself`);
    this.#reading.add(drvPath);
    try {
      const derivation = this.#read(drvPath);
      const hash = this.#hash(derivation);
      this.addHash(drvPath, hash, derivation.outputs);
      return hash;
    } finally {
      this.#reading.delete(drvPath);
    }
  }

  #hash(derivation: Derivation): InputHash {
    const { outputs } = derivation;
    if (isFixed(outputs)) return hashFixed(outputs);
    const inputs = this.printInputs(derivation.inputDrvs, derivation.name);
    return inputHash(printerOf(derivation).hash(inputs, outputs, derivation.env));
  }
}

/** Of a derivation without fixed outputs. @param hash SHA-256, in base 16, of it printed with its inputs' hashes */
export function inputHash(hash: ByteString): InputHash {
  return printItem(hash);
}

/** Of a derivation with fixed outputs. */
export function hashFixed(outputs: ReadonlyMap<ByteString, DerivationOutput>): InputHash {
  const hashes = new Map<ByteString, ByteString>();
  for (const [name, { path, hashAlgo, hash }] of outputs) {
    if (hashAlgo === "") continue;
    const one = sha256Base16(`fixed:out:${hashAlgo}:${hash}:${path}`);
    if (name === "out" && outputs.size === 1) return printItem(one);
    hashes.set(name, one);
  }
  return hashes;
}

function isFixed(outputs: ReadonlyMap<ByteString, DerivationOutput>): boolean {
  for (const output of outputs.values()) if (output.hashAlgo !== "") return true;
  return false;
}

function noHash(output: ByteString, user: ByteString): DerivationError {
  return new DerivationError(`no hash for output '${output}' of derivation '${user}'`);
}

/** Are there inputs of one hash? @param items sorted */
function hasTwins(items: readonly ByteString[]): boolean {
  for (let index = 1; index < items.length; index++)
    if (isTwin(items[index - 1]!, items[index]!)) return true;
  return false;
}

function isTwin(a: ByteString, b: ByteString): boolean {
  // Most differ in the first or second digit.
  for (let at = hashStart; at < hashEnd; at++) if (a.charCodeAt(at) !== b.charCodeAt(at)) return false;
  return true;
}

function uniteTwins(items: readonly ByteString[]): ByteString[] {
  const united = new Map<ByteString, Set<ByteString>>();
  for (const item of items) {
    const hash = item.slice(hashStart, hashEnd);
    const outputs = united.get(hash) ?? new Set();
    united.set(hash, outputs);
    // `("<hash>",["a","b"])`: names are printed as they are.
    for (const name of item.slice(hashEnd + 4, -3).split('","')) outputs.add(name);
  }
  return [...united].map(([hash, outputs]) => `("${hash}",${printOutputNames(outputs)})`);
}

/**
 * Checks that a derivation's outputs are where they must be, and that its variables say so: nobody may register a
 * derivation that claims another's path.
 * @throws DerivationError with Nix's message
 */
export function checkOutputPaths(
  derivation: Derivation,
  hasher: DerivationHasher,
  storeDir: ByteString,
): void {
  const kinds = new Set([...derivation.outputs.values()].map((output) => output.hashAlgo !== ""));
  if (kinds.size > 1) throw new DerivationError("can't mix derivation output types");
  if (kinds.has(true)) {
    if (derivation.outputs.size > 1) throw new DerivationError("only one fixed output is allowed for now");
    if (!derivation.outputs.has("out")) throw new DerivationError('single fixed output must be named "out"');
  }
  // The parser has already compared a fixed output's path with its hash.
  const expected = kinds.has(true) ? pathsOf(derivation.outputs) : hasher.outputPaths(derivation, storeDir);
  for (const [name, output] of derivation.outputs) {
    const path = expected.get(name)!;
    if (output.path !== path)
      throw new DerivationError(`derivation has incorrect output '${output.path}', should be '${path}'`);
    const variable = derivation.env.get(name);
    if (variable === undefined)
      throw new DerivationError(
        `derivation has missing environment variable '${name}', should be '${path}' but is not present`,
      );
    if (variable !== path)
      throw new DerivationError(
        `derivation has incorrect environment variable '${name}', should be '${path}' but is actually '${variable}'`,
      );
  }
}

function pathsOf(outputs: ReadonlyMap<ByteString, DerivationOutput>): Map<ByteString, ByteString> {
  return new Map([...outputs].map(([name, output]) => [name, output.path]));
}
