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
import { sha256Prefixed } from "../format/hash.ts";
import { makeOutputPath, type StorePath } from "../format/store-path.ts";
import { DerivationPrinter, printInputs } from "./aterm.ts";
import type { Derivation, DerivationOutput } from "./derivation.ts";
import { DerivationError } from "./derivation-error.ts";

/** Base 16. One hash for all outputs, or one for each output of a fixed-output derivation. */
type InputHash = ByteString | ReadonlyMap<ByteString, ByteString>;

export class DerivationHasher {
  #read: (drvPath: ByteString) => Derivation;
  #known = new Map<ByteString, InputHash>();
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
   * @param printer,inputs what has been made of the derivation already, and `printInputs` of it
   * @throws StorePathError when a name with its output cannot be a store path's
   */
  outputPaths(
    derivation: Derivation,
    storeDir: ByteString,
    printer?: DerivationPrinter,
    inputs?: ByteString,
  ): Map<ByteString, StorePath> {
    const text = (printer ?? new DerivationPrinter(derivation)).print(
      inputs ?? this.printInputs(derivation),
      undefined,
    );
    const hash = sha256Prefixed(text);
    const paths = new Map<ByteString, StorePath>();
    for (const output of [...derivation.outputs.keys()].sort())
      paths.set(output, makeOutputPath(output, hash, derivation.name, storeDir));
    return paths;
  }

  /** Remembers a finished derivation, so that it need not be read when it is an input. */
  add(drvPath: ByteString, derivation: Derivation, printer?: DerivationPrinter, inputs?: ByteString): void {
    this.#known.set(drvPath, this.#hash(derivation, printer, inputs));
    this.#outputs.set(drvPath, derivation.outputs);
  }

  /** A derivation's outputs, by name. */
  outputs(drvPath: ByteString): ReadonlyMap<ByteString, DerivationOutput> {
    let outputs = this.#outputs.get(drvPath);
    if (outputs === undefined) {
      outputs = this.#read(drvPath).outputs;
      this.#outputs.set(drvPath, outputs);
    }
    return outputs;
  }

  /** Input derivations printed by their hashes. */
  printInputs(derivation: Derivation): ByteString {
    if (derivation.inputDrvs.size === 0) return "[]";
    const inputs = new Map<ByteString, Set<ByteString>>();
    const put = (hash: ByteString, output: ByteString): void => {
      const outputs = inputs.get(hash);
      if (outputs === undefined) inputs.set(hash, new Set([output]));
      else outputs.add(output);
    };
    for (const [drvPath, outputs] of derivation.inputDrvs) {
      const hash = this.inputHash(drvPath);
      for (const output of outputs) {
        if (typeof hash === "string") put(hash, output);
        else {
          const one = hash.get(output);
          if (one === undefined)
            throw new DerivationError(`no hash for output '${output}' of derivation '${derivation.name}'`);
          put(one, "out");
        }
      }
    }
    return printInputs(inputs);
  }

  inputHash(drvPath: ByteString): InputHash {
    let hash = this.#known.get(drvPath);
    if (hash === undefined) {
      // A written .drv cannot contain itself, but a damaged store may claim anything.
      if (this.#reading.has(drvPath))
        throw new DerivationError(`derivation '${drvPath}' is an input of itself`);
      this.#reading.add(drvPath);
      try {
        hash = this.#hash(this.#read(drvPath));
      } finally {
        this.#reading.delete(drvPath);
      }
      this.#known.set(drvPath, hash);
    }
    return hash;
  }

  #hash(derivation: Derivation, printer?: DerivationPrinter, inputs?: ByteString): InputHash {
    let fixed: Map<ByteString, ByteString> | undefined;
    for (const [name, output] of derivation.outputs) {
      if (output.hashAlgo === "") continue;
      fixed ??= new Map();
      const text = `fixed:out:${output.hashAlgo}:${output.hash}:${output.path}`;
      fixed.set(name, sha256Prefixed(text).slice(7));
    }
    if (fixed !== undefined) return fixed;
    const text = (printer ?? new DerivationPrinter(derivation)).print(
      inputs ?? this.printInputs(derivation),
      derivation.outputs,
    );
    return sha256Prefixed(text).slice(7);
  }
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
