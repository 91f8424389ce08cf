/** Walking a store's graph: closures and topological order, the same for every kind of store. */
import { isDerivationPath, type StorePath } from "../format/store-path.ts";
import type { ClosureOptions, Store } from "./store.ts";
import { StoreError } from "./store-error.ts";

type Graph = Pick<
  Store,
  "pathInfo" | "isValidPath" | "queryReferrers" | "queryDerivers" | "queryDerivationOutputs"
>;

/** All paths reachable from `paths`, themselves included. @throws InvalidPathError */
export function computeClosure(
  store: Graph,
  paths: Iterable<StorePath>,
  options: ClosureOptions = {},
): Set<StorePath> {
  const closure = new Set<StorePath>();
  const pending = [...paths];
  const validOutputs = (path: StorePath): StorePath[] =>
    isDerivationPath(path)
      ? [...store.queryDerivationOutputs(path).values()].filter((output) => store.isValidPath(output))
      : [];
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    if (closure.has(path)) continue;
    const info = store.pathInfo(path);
    closure.add(path);
    if (options.referrers === true) {
      pending.push(...store.queryReferrers(path));
      if (options.includeOutputs === true) pending.push(...store.queryDerivers(path));
      if (options.includeDerivers === true) pending.push(...validOutputs(path));
    } else {
      pending.push(...info.references);
      if (options.includeOutputs === true) pending.push(...validOutputs(path));
      if (options.includeDerivers === true && info.deriver !== undefined && store.isValidPath(info.deriver))
        pending.push(info.deriver);
    }
  }
  return closure;
}

/** Paths so that each comes after all that it refers to. @throws StoreError on a cycle */
export function sortTopologically<Path extends string>(
  paths: Iterable<Path>,
  referencesOf: (path: Path) => Iterable<Path>,
): Path[] {
  const members = new Set(paths);
  const done = new Set<Path>();
  const sorted: Path[] = [];
  const open = new Set<Path>();
  for (const start of [...members].sort()) {
    // No recursion: a chain of dependencies may be longer than the stack.
    const stack: { path: Path; rest: Iterator<Path> }[] = [];
    const enter = (path: Path): void => {
      if (done.has(path)) return;
      open.add(path);
      stack.push({ path, rest: referencesOf(path)[Symbol.iterator]() });
    };
    enter(start);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const next = top.rest.next();
      if (next.done === true) {
        stack.pop();
        open.delete(top.path);
        if (!done.has(top.path)) {
          done.add(top.path);
          sorted.push(top.path);
        }
      } else if (members.has(next.value) && next.value !== top.path) {
        if (open.has(next.value))
          throw new StoreError(`cycle detected in the references of '${next.value}' from '${top.path}'`);
        enter(next.value);
      }
    }
  }
  return sorted;
}
