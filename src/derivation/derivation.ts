/**
 * Store derivations: one build step as data. All strings are byte strings; maps may be in any order, printing sorts.
 *
 * Manual: "Store derivation", "Derivation outputs and types". Content-addressing (floating) and impure derivations
 * are experimental in Nix and not supported; their outputs are recognised and refused by the parser.
 */
import type { ByteString } from "../format/bytes.ts";
import type { ContentAddressMethod } from "../format/content-address.ts";
import { type Hash, hashBytes, parseHashAlgorithm, parseUnprefixedHash } from "../format/hash.ts";
import {
  makeContentAddressedPath,
  outputPathName,
  type StorePath,
  storePathName,
} from "../format/store-path.ts";
import { DerivationError } from "./derivation-error.ts";

export interface DerivationOutput {
  /** Full store path; "" while it is being computed. */
  readonly path: ByteString;
  /** "" for an input-addressed output, else `sha256`, `r:sha256`, `text:sha256` … */
  readonly hashAlgo: ByteString;
  /** Base 16; "" for an input-addressed output. */
  readonly hash: ByteString;
}

export interface Derivation {
  /** Without `.drv`. Not in the file itself: part of its path. */
  readonly name: ByteString;
  readonly outputs: ReadonlyMap<ByteString, DerivationOutput>;
  /** Path of an input derivation → the outputs of it that are needed. */
  readonly inputDrvs: ReadonlyMap<ByteString, ReadonlySet<ByteString>>;
  readonly inputSrcs: ReadonlySet<ByteString>;
  readonly system: ByteString;
  readonly builder: ByteString;
  readonly args: readonly ByteString[];
  /** Including `__json` where attributes are structured. */
  readonly env: ReadonlyMap<ByteString, ByteString>;
}

/** The variables of a derivation, sorted by name: beside each name its value. */
export interface Variables {
  readonly names: readonly ByteString[];
  readonly values: readonly ByteString[];
}

export function variablesOf(env: ReadonlyMap<ByteString, ByteString>): Variables {
  const names = [...env.keys()].sort();
  return { names, values: names.map((name) => env.get(name)!) };
}

/** The JSON text of structured attributes, if they are. */
export function structuredAttrs(derivation: Derivation): ByteString | undefined {
  return derivation.env.get("__json");
}

/** Done by bruma itself, without a process. */
export function isBuiltin(derivation: Derivation): boolean {
  return derivation.builder.startsWith("builtin:");
}

export interface FixedOutputSpecification {
  readonly method: ContentAddressMethod;
  readonly hash: Hash;
}

/** What a fixed output must be; undefined for an input-addressed one. @throws FormatError on a malformed one */
export function fixedOutput(output: DerivationOutput): FixedOutputSpecification | undefined {
  if (output.hashAlgo === "") return undefined;
  let algorithm = output.hashAlgo;
  let method: ContentAddressMethod = "flat";
  if (algorithm.startsWith("r:")) {
    method = "nar";
    algorithm = algorithm.slice(2);
  } else if (algorithm.startsWith("text:")) {
    method = "text";
    algorithm = algorithm.slice(5);
  }
  return { method, hash: parseUnprefixedHash(output.hash, parseHashAlgorithm(algorithm)) };
}

/** Is this a fixed-output derivation: is its result known before it is built? */
export function isFixedOutput(derivation: Derivation): boolean {
  for (const output of derivation.outputs.values()) return output.hashAlgo !== "";
  return false;
}

/** `hashAlgo` of an output: `r:sha256` and the like. */
export function printMethodAlgorithm(method: ContentAddressMethod, algorithm: string): string {
  return method === "nar" ? `r:${algorithm}` : method === "text" ? `text:${algorithm}` : algorithm;
}

/** The path of a fixed output. @throws StorePathError when the name is impossible */
export function fixedOutputPath(
  specification: FixedOutputSpecification,
  drvName: ByteString,
  output: ByteString,
  storeDir: ByteString,
): StorePath {
  return makeContentAddressedPath(outputPathName(drvName, output), specification, [], false, storeDir);
}

/** What the `.drv` file refers to: input sources and input derivations, sorted. Outputs are not references. */
export function derivationReferences(derivation: Derivation): readonly ByteString[] {
  return sortedReferences(derivation.inputSrcs, derivation.inputDrvs);
}

/** @param sorted the input derivations' paths */
export function sortedReferences(
  inputSrcs: Derivation["inputSrcs"],
  inputDrvs: Derivation["inputDrvs"],
  sorted?: readonly ByteString[],
): readonly ByteString[] {
  if (inputSrcs.size === 0) return sorted ?? [...inputDrvs.keys()].sort();
  const references = [...inputSrcs];
  for (const path of inputDrvs.keys()) if (!inputSrcs.has(path)) references.push(path);
  return references.sort();
}

/** The derivation's name, from the path of its file. @throws DerivationError when that is no derivation's */
export function derivationNameFromPath(drvPath: ByteString): ByteString {
  const name = storePathName(drvPath as StorePath);
  if (!name.endsWith(".drv"))
    throw new DerivationError(`store path '${drvPath}' is not a valid derivation path`);
  return name.slice(0, -4);
}

/** What stands for an output's path in attributes of its own derivation: `builtins.placeholder`. */
export function hashPlaceholder(output: ByteString): ByteString {
  return `/${hashBytes("sha256", `nix-output:${output}`).toNix32()}`;
}
