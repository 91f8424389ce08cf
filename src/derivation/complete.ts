/**
 * From what an expression says of a derivation to the derivation itself: outputs get their paths, variables named
 * after outputs get them too. No evaluator and no store here.
 *
 * Manual: "Store path calculation", "Derivation outputs".
 */
import type { ByteString } from "../format/bytes.ts";
import { makeOutputPath } from "../format/store-path.ts";
import { DerivationPrinter, printInputs } from "./aterm.ts";
import {
  type Derivation,
  type DerivationOutput,
  type FixedOutputSpecification,
  fixedOutputPath,
  printMethodAlgorithm,
  sortedReferences,
  type Variables,
} from "./derivation.ts";
import { DerivationError } from "./derivation-error.ts";
import { type DerivationHasher, hashFixed, inputHash } from "./hash-modulo.ts";

/** A derivation whose outputs have names but no paths yet. */
export interface DerivationDraft extends Omit<Derivation, "outputs" | "env"> {
  /** Not empty, no duplicates. */
  readonly outputs: readonly ByteString[];
  /** Without the variables of outputs, or with any value for them. */
  readonly env: Variables;
  /** What the only output, `out`, must be. */
  readonly fixed?: FixedOutputSpecification | undefined;
}

/** What is written to the store, or, in a read-only evaluation, hashed alone: each made when asked for. */
class DerivationFile {
  readonly #printer: DerivationPrinter;
  readonly #inputs: ByteString;
  readonly #outputs: ReadonlyMap<ByteString, DerivationOutput>;

  constructor(
    printer: DerivationPrinter,
    inputs: ByteString,
    outputs: ReadonlyMap<ByteString, DerivationOutput>,
  ) {
    this.#printer = printer;
    this.#inputs = inputs;
    this.#outputs = outputs;
  }

  get text(): ByteString {
    return this.#printer.print(this.#inputs, this.#outputs);
  }
  /** SHA-256 of the text, in base 16. */
  get sha256(): string {
    return this.#printer.hash(this.#inputs, this.#outputs);
  }
}

export class CompletedDerivation {
  readonly outputs: ReadonlyMap<ByteString, DerivationOutput>;
  /** The contents of its `.drv` file, and what that refers to, sorted. */
  readonly file: DerivationFile;
  readonly references: readonly ByteString[];
  readonly #draft: DerivationDraft;
  readonly #hasher: DerivationHasher;
  readonly #hash: ReturnType<typeof inputHash>;

  constructor(
    draft: DerivationDraft,
    outputs: ReadonlyMap<ByteString, DerivationOutput>,
    printer: DerivationPrinter,
    hasher: DerivationHasher,
    hash: ReturnType<typeof inputHash>,
  ) {
    const { inputSrcs, inputDrvs } = draft;
    const sorted = [...inputDrvs.keys()].sort();
    this.outputs = outputs;
    this.file = new DerivationFile(printer, printInputs(inputDrvs, sorted), outputs);
    this.references = sortedReferences(inputSrcs, inputDrvs, sorted);
    this.#draft = draft;
    this.#hasher = hasher;
    this.#hash = hash;
  }

  get derivation(): Derivation {
    const { outputs } = this;
    const { name, inputDrvs, inputSrcs, system, builder, args, env } = this.#draft;
    const paths = [...outputs].map(([output, { path }]): [ByteString, ByteString] => [output, path]);
    const given = env.names.map((key, index): [ByteString, ByteString] => [key, env.values[index]!]);
    const all = new Map([...given, ...paths]);
    return { name, outputs, inputDrvs, inputSrcs, system, builder, args, env: all };
  }

  /** Tells the hasher of it, once its own path is known. */
  remember(drvPath: ByteString): void {
    this.#hasher.addHash(drvPath, this.#hash, this.outputs);
  }
}

/**
 * @throws DerivationError when a fixed-output derivation has other outputs than `out`; StorePathError when the name,
 *   with an output's, cannot be a store path's; what reading an input derivation throws
 */
export function completeDerivation(
  draft: DerivationDraft,
  hasher: DerivationHasher,
  storeDir: ByteString,
): CompletedDerivation {
  const { name, inputDrvs, inputSrcs, fixed } = draft;
  const outputNames = draft.outputs.length === 1 ? draft.outputs : [...draft.outputs].sort();
  const { system, builder, args, env } = draft;
  const parts = { inputSrcs, system, builder, args, env, outputNames, outputVariables: outputNames };
  const printer = new DerivationPrinter(parts);
  const outputs = new Map<ByteString, DerivationOutput>();
  let hash: ReturnType<typeof inputHash>;
  if (fixed !== undefined) {
    if (outputNames.length !== 1 || outputNames[0] !== "out")
      throw new DerivationError("multiple outputs are not supported in fixed-output derivations");
    outputs.set("out", {
      path: fixedOutputPath(fixed, name, "out", storeDir),
      hashAlgo: printMethodAlgorithm(fixed.method, fixed.hash.algorithm),
      hash: fixed.hash.toBase16(),
    });
    hash = hashFixed(outputs);
  } else {
    const inputs = hasher.printInputs(inputDrvs, name);
    const masked = `sha256:${printer.hash(inputs, undefined)}`;
    for (const output of outputNames)
      outputs.set(output, {
        path: makeOutputPath(output, masked, name, storeDir),
        hashAlgo: "",
        hash: "",
      });
    hash = inputHash(printer.hash(inputs, outputs));
  }
  return new CompletedDerivation(draft, outputs, printer, hasher, hash);
}
