/**
 * From what an expression says of a derivation to the derivation itself: outputs get their paths, variables named
 * after outputs get them too. No evaluator and no store here.
 *
 * Manual: "Store path calculation", "Derivation outputs".
 */
import type { ByteString } from "../format/bytes.ts";
import { DerivationPrinter } from "./aterm.ts";
import {
  type Derivation,
  type DerivationOutput,
  type FixedOutputSpecification,
  fixedOutputPath,
  printMethodAlgorithm,
} from "./derivation.ts";
import { DerivationError } from "./derivation-error.ts";
import type { DerivationHasher } from "./hash-modulo.ts";

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
  readonly derivation: Derivation;
  /** The contents of its `.drv` file. */
  readonly text: ByteString;
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
  const { name, inputDrvs, inputSrcs, system, builder, args, fixed } = draft;
  const env = new Map(draft.env);
  for (const output of draft.outputs) env.set(output, "");
  const blank: DerivationOutput = { path: "", hashAlgo: "", hash: "" };
  const masked: Derivation = {
    name,
    outputs: new Map(draft.outputs.map((output) => [output, blank])),
    inputDrvs,
    inputSrcs,
    system,
    builder,
    args,
    env,
  };
  const printer = new DerivationPrinter(masked);
  const outputs = new Map<ByteString, DerivationOutput>();
  let inputs: ByteString | undefined;
  if (fixed !== undefined) {
    if (draft.outputs.length !== 1 || draft.outputs[0] !== "out")
      throw new DerivationError("multiple outputs are not supported in fixed-output derivations");
    outputs.set("out", {
      path: fixedOutputPath(fixed, name, "out", storeDir),
      hashAlgo: printMethodAlgorithm(fixed.method, fixed.hash.algorithm),
      hash: fixed.hash.toBase16(),
    });
  } else {
    inputs = hasher.printInputs(masked);
    for (const [output, path] of hasher.outputPaths(masked, storeDir, printer, inputs))
      outputs.set(output, { path, hashAlgo: "", hash: "" });
  }
  for (const [output, { path }] of outputs) env.set(output, path);
  const derivation: Derivation = { ...masked, outputs };
  return {
    derivation,
    text: printer.printWhole(outputs),
    remember: (drvPath) => hasher.add(drvPath, derivation, printer, inputs),
  };
}
