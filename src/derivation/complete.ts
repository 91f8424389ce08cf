/**
 * From what an expression says of a derivation to the derivation itself: outputs get their paths, variables named
 * after outputs get them too. No evaluator and no store here.
 *
 * Manual: "Store path calculation", "Derivation outputs".
 */
import type { ByteString } from "../format/bytes.ts";
import { sha256Prefixed } from "../format/hash.ts";
import { makeOutputPath } from "../format/store-path.ts";
import { DerivationPrinter, printInputs } from "./aterm.ts";
import {
  type Derivation,
  type DerivationOutput,
  type FixedOutputSpecification,
  fixedOutputPath,
  printMethodAlgorithm,
  sortedReferences,
} from "./derivation.ts";
import { DerivationError } from "./derivation-error.ts";
import { type DerivationHasher, hashFixed, hashPrinted } from "./hash-modulo.ts";

/** A derivation whose outputs have names but no paths yet. */
export interface DerivationDraft extends Omit<Derivation, "outputs" | "env"> {
  /** Not empty, no duplicates. */
  readonly outputs: readonly ByteString[];
  /** Without the variables of outputs, or with any value for them. */
  readonly env: ReadonlyMap<ByteString, ByteString>;
  /** What the only output, `out`, must be. */
  readonly fixed?: FixedOutputSpecification | undefined;
}

export interface CompletedDerivation {
  readonly outputs: ReadonlyMap<ByteString, DerivationOutput>;
  /** The contents of its `.drv` file, and what that refers to, sorted. */
  readonly text: ByteString;
  readonly references: readonly ByteString[];
  /** Made when asked for. */
  readonly derivation: Derivation;
  /** Tells the hasher of it, once its own path is known. */
  remember(drvPath: ByteString): void;
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
  const variables = withNames(env, outputNames);
  const printer = new DerivationPrinter({ inputSrcs, system, builder, args, env, outputNames, variables });
  const outputs = new Map<ByteString, DerivationOutput>();
  let hash: ReturnType<typeof hashPrinted>;
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
    const masked = sha256Prefixed(printer.print(inputs, undefined));
    for (const output of outputNames)
      outputs.set(output, {
        path: makeOutputPath(output, masked, name, storeDir),
        hashAlgo: "",
        hash: "",
      });
    hash = hashPrinted(printer.print(inputs, outputs));
  }
  return {
    outputs,
    text: printer.print(printInputs(inputDrvs), outputs),
    references: sortedReferences(inputSrcs, inputDrvs),
    get derivation(): Derivation {
      const paths = [...outputs].map(([output, { path }]): [ByteString, ByteString] => [output, path]);
      return { name, outputs, inputDrvs, inputSrcs, system, builder, args, env: new Map([...env, ...paths]) };
    },
    remember: (drvPath) => hasher.addHash(drvPath, hash, outputs),
  };
}

/** The variables' names with those of outputs among them: in order, if the variables are. */
function withNames(env: DerivationDraft["env"], outputNames: readonly ByteString[]): ByteString[] {
  const names = new Array<ByteString>(env.size + outputNames.length);
  let used = 0;
  let index = 0;
  for (const name of env.keys()) {
    for (; index < outputNames.length && outputNames[index]! <= name; index++)
      if (!env.has(outputNames[index]!)) names[used++] = outputNames[index]!;
    names[used++] = name;
  }
  for (; index < outputNames.length; index++)
    if (!env.has(outputNames[index]!)) names[used++] = outputNames[index]!;
  names.length = used;
  return names;
}
