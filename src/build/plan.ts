/**
 * What would be built and fetched, without doing it: `--dry-run`, and the announcement before the work starts.
 */
import { type Derivation, isBuiltin } from "../derivation/derivation.ts";
import { isDerivationPath, type StorePath } from "../format/store-path.ts";
import type { Store } from "../store/store.ts";
import { derivationOptions } from "./derivation-options.ts";
import type { BuildTarget } from "./scheduler.ts";
import type { SubstituteInfo } from "./substituter.ts";

export interface BuildPlan {
  /** Derivations with builders of their own, each after what it needs. */
  readonly builds: readonly StorePath[];
  /** Derivations that only download. */
  readonly fetches: readonly StorePath[];
  readonly substitutes: readonly SubstituteInfo[];
  /** Paths that are not valid, and nobody knows how to make. */
  readonly unknown: readonly StorePath[];
  /** Bytes of the substitutes; 0 where not known. */
  readonly downloadSize: number;
  readonly narSize: number;
}

export interface PlanSources {
  readonly store: Store;
  /** Of a valid derivation. */
  readonly readDerivation: (path: StorePath) => Derivation;
  readonly query: (path: StorePath) => Promise<SubstituteInfo | undefined>;
  /** The targets are built though they are valid. */
  readonly force: boolean;
}

export async function planBuild(targets: readonly BuildTarget[], sources: PlanSources): Promise<BuildPlan> {
  const { store } = sources;
  const builds: StorePath[] = [];
  const fetches: StorePath[] = [];
  const substitutes = new Map<StorePath, SubstituteInfo>();
  const unknown = new Set<StorePath>();
  const seen = new Map<StorePath, Promise<unknown>>();
  const planned = new Set<StorePath>();

  const once = <T>(path: StorePath, work: () => Promise<T>): Promise<T> => {
    let running = seen.get(path) as Promise<T> | undefined;
    if (running === undefined) {
      running = work();
      seen.set(path, running);
    }
    return running;
  };
  const substitute = (path: StorePath): Promise<boolean> =>
    once(path, async () => {
      if (store.isValidPath(path)) return true;
      const info = await sources.query(path);
      if (info === undefined) return false;
      const others = info.references.filter((reference) => reference !== path);
      if ((await Promise.all(others.map(substitute))).includes(false)) return false;
      substitutes.set(path, info);
      return true;
    });
  const source = async (path: StorePath): Promise<boolean> => {
    if (store.isValidPath(path) || (await substitute(path))) return true;
    unknown.add(path);
    return false;
  };
  const derivation = async (
    path: StorePath,
    outputs: Iterable<string> | "*",
    force: boolean,
  ): Promise<void> => {
    if (!store.isValidPath(path)) {
      await source(path);
      return;
    }
    const drv = sources.readDerivation(path);
    const wanted = outputs === "*" ? [...drv.outputs.keys()] : [...outputs];
    const paths = wanted.flatMap((name) => {
      const output = drv.outputs.get(name);
      return output === undefined ? [] : [output.path as StorePath];
    });
    const missing = paths.filter((output) => !store.isValidPath(output));
    if (!force) {
      if (missing.length === 0) return;
      const options = derivationOptions(drv.env);
      if (options.allowSubstitutes && !(await Promise.all(missing.map(substitute))).includes(false)) return;
    }
    if (planned.has(path)) return;
    planned.add(path);
    await Promise.all([
      ...[...drv.inputSrcs].map((input) => source(input as StorePath)),
      ...[...drv.inputDrvs].map(([input, names]) => derivation(input as StorePath, names, false)),
    ]);
    (isBuiltin(drv) ? fetches : builds).push(path);
  };

  for (const target of targets) {
    if (!isDerivationPath(target.path) || target.outputs?.length === 0) await source(target.path);
    else await derivation(target.path, target.outputs ?? "*", sources.force);
  }
  let downloadSize = 0;
  let narSize = 0;
  for (const info of substitutes.values()) {
    downloadSize += info.downloadSize;
    narSize += info.narSize;
  }
  return {
    builds,
    fetches,
    substitutes: [...substitutes.values()],
    unknown: [...unknown],
    downloadSize,
    narSize,
  };
}
