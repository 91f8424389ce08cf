/**
 * What a derivation allows its outputs to refer to, and how large they may be: allowedReferences, allowedRequisites,
 * disallowedReferences, disallowedRequisites, outputChecks. Manual: "Advanced attributes".
 */
import type { ByteString } from "../format/bytes.ts";
import { isInStore, type StorePath, splitStorePath } from "../format/store-path.ts";
import type { Store } from "../store/store.ts";
import type { DerivationOptions, OutputChecks } from "./derivation-options.ts";
import { BuildError } from "./result.ts";

/** As much of a new output as the checks look at. */
export interface CheckedOutput {
  readonly path: StorePath;
  readonly narSize: number;
  readonly references: readonly StorePath[];
}

/** @throws BuildError (kind "output-rejected") at the first violation */
export function checkOutputs(
  store: Store,
  drvPath: ByteString,
  outputs: ReadonlyMap<ByteString, CheckedOutput>,
  options: DerivationOptions,
): void {
  const byPath = new Map([...outputs.values()].map((output) => [output.path, output] as const));
  /** Over references of new outputs, which the store does not know yet, and of valid paths. */
  const closureOf = (path: StorePath): { paths: Set<StorePath>; size: bigint } => {
    const paths = new Set([path]);
    let size = 0n;
    for (const member of paths) {
      const info = byPath.get(member) ?? store.pathInfo(member);
      size += BigInt(info.narSize);
      for (const reference of info.references) paths.add(reference);
    }
    return { paths, size };
  };
  for (const [name, output] of outputs) {
    const checks = options.checksFor(name);
    if (checks !== undefined) checkOutput(store, drvPath, name, output, outputs, checks, closureOf);
  }
}

function checkOutput(
  store: Store,
  drvPath: ByteString,
  name: ByteString,
  output: CheckedOutput,
  outputs: ReadonlyMap<ByteString, CheckedOutput>,
  checks: OutputChecks,
  closureOf: (path: StorePath) => { paths: Set<StorePath>; size: bigint },
): void {
  const reject = (message: string): never => {
    throw new BuildError(message, { kind: "output-rejected", drvPath });
  };
  if (checks.maxSize !== undefined && BigInt(output.narSize) > checks.maxSize) {
    reject(`path '${output.path}' is too large at ${output.narSize} bytes; limit is ${checks.maxSize} bytes`);
  }
  if (checks.maxClosureSize !== undefined) {
    const { size } = closureOf(output.path);
    if (size > checks.maxClosureSize) {
      reject(
        `closure of path '${output.path}' is too large at ${size} bytes; limit is ${checks.maxClosureSize} bytes`,
      );
    }
  }
  const resolve = (names: readonly ByteString[]): Set<StorePath> =>
    new Set(
      names.map((given) => {
        if (isInStore(given, store.storeDir)) return splitStorePath(given, store.storeDir).storePath;
        const own = outputs.get(given);
        if (own !== undefined) return own.path;
        return reject(
          `derivation '${drvPath}' output check for '${name}' contains output name '${given}', but this is not a valid ` +
            `output of this derivation. (Valid outputs are [${[...outputs.keys()].sort().join(", ")}].)`,
        );
      }),
    );
  const compare = (names: readonly ByteString[], allowed: boolean, whole: boolean) => {
    const named = resolve(names);
    const used = whole ? closureOf(output.path).paths : new Set(output.references);
    if (whole && checks.ignoreSelf) used.delete(output.path);
    const bad = [...used].filter((path) => named.has(path) !== allowed).sort();
    if (bad.length > 0) {
      reject(
        `output '${output.path}' is not allowed to refer to the following paths:${bad.map((path) => `\n  ${path}`).join("")}`,
      );
    }
  };
  if (checks.allowedReferences !== undefined) compare(checks.allowedReferences, true, false);
  if (checks.allowedRequisites !== undefined) compare(checks.allowedRequisites, true, true);
  if (checks.disallowedReferences.length > 0) compare(checks.disallowedReferences, false, false);
  if (checks.disallowedRequisites.length > 0) compare(checks.disallowedRequisites, false, true);
}
