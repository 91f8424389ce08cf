/**
 * Makes store paths valid: by taking them as they are, from a substituter, or by building them and first what they need.
 *
 * One goal a derivation, however many others need it; goals wait for one another as promises, builds and downloads for
 * slots of their own kind. Outputs are locked while they are made, so that of two programs on one store the second
 * finds the work done. On the first failure everything stops, unless the user wants to keep going.
 *
 * Manual: `nix-build`, `nix-store --realise`; settings max-jobs, cores, keep-going, timeout, max-silent-time.
 */
import { setMaxListeners } from "node:events";
import { constants } from "node:os";
import { parseDerivation } from "../derivation/aterm.ts";
import { type Derivation, derivationNameFromPath, isBuiltin } from "../derivation/derivation.ts";
import { fromBuffer, toText } from "../format/bytes.ts";
import { isDerivationPath, type StorePath } from "../format/store-path.ts";
import type { StoreLock } from "../store/store.ts";
import { asBuildError, type BuilderSettings, buildDerivation } from "./build-derivation.ts";
import { sweepBuildDirectories } from "./build-directory.ts";
import { derivationOptions } from "./derivation-options.ts";
import type { BuildMode } from "./outputs.ts";
import { type BuildPlan, planBuild } from "./plan.ts";
import { BuildError, type BuildResult, type BuildStatus } from "./result.ts";
import { Slots } from "./slots.ts";
import type { SubstituteInfo, Substituter } from "./substituter.ts";

export interface BuildTarget {
  /** A derivation, or any other path that is to be made valid. */
  readonly path: StorePath;
  /** Of a derivation; all of them unless told otherwise. */
  readonly outputs?: readonly string[] | "*" | undefined;
}

export interface BuildOptions extends BuilderSettings {
  /** Builds at one time; 0 builds nothing that needs a builder of its own. */
  readonly maxJobs: number;
  /** Downloads and substitutions at one time. */
  readonly maxDownloads: number;
  readonly keepGoing: boolean;
  /** "check" and "repair" are for the targets themselves; what they need is made as usual. */
  readonly mode: BuildMode;
  readonly substituters: readonly Substituter[];
}

/** How often a lock that someone else holds is tried, in milliseconds. */
const lockInterval = 300;

/**
 * Makes the targets valid. Resolves to one result for each, in order; failures are in the results, not thrown.
 * @throws BuildError (kind "cancelled") once `options.signal` is aborted and everything has ended; its exit status is
 *   128 and the signal, if the reason is an Error with its name as message, else 130
 */
export async function buildPaths(
  targets: readonly BuildTarget[],
  options: BuildOptions,
): Promise<BuildResult[]> {
  return new Scheduler(options).run(targets);
}

interface Goal {
  promise: Promise<BuildStatus>;
  /** Who wanted it first; undefined for a target. */
  readonly wantedBy: StorePath | undefined;
}

class Scheduler {
  readonly #options: BuildOptions;
  readonly #builds: Slots;
  readonly #downloads: Slots;
  readonly #goals = new Map<StorePath, Goal>();
  readonly #paths = new Map<StorePath, Promise<boolean>>();
  readonly #derivations = new Map<StorePath, Derivation>();
  readonly #substitutes = new Map<
    StorePath,
    Promise<{ info: SubstituteInfo; from: Substituter } | undefined>
  >();
  readonly #deadSubstituters = new Set<Substituter>();
  readonly #failures: BuildError[] = [];
  readonly #abort = new AbortController();
  readonly #settings: BuilderSettings;

  constructor(options: BuildOptions) {
    this.#options = options;
    this.#builds = new Slots(Math.max(1, options.maxJobs));
    this.#downloads = new Slots(Math.max(1, options.maxDownloads));
    // Every builder and download listens.
    setMaxListeners(0, this.#abort.signal);
    this.#settings = { ...options, signal: this.#abort.signal };
  }

  async run(targets: readonly BuildTarget[]): Promise<BuildResult[]> {
    const { signal } = this.#options;
    const stop = () => this.#abort.abort(signal?.reason);
    signal?.addEventListener("abort", stop, { once: true });
    if (signal?.aborted) stop();
    try {
      return await this.#run(targets);
    } finally {
      signal?.removeEventListener("abort", stop);
    }
  }

  async #run(targets: readonly BuildTarget[]): Promise<BuildResult[]> {
    const { layout, buildRoot } = this.#options;
    sweepBuildDirectories(buildRoot ?? `${layout.stateDir}/builds`);
    const plan = await this.plan(targets);
    if (plan.builds.length + plan.fetches.length + plan.substitutes.length > 0) this.#announce(plan);
    const results = await Promise.all(targets.map((target) => this.#target(target)));
    if (this.#options.signal?.aborted) {
      throw interrupted(this.#options.signal.reason);
    }
    return results;
  }

  plan(targets: readonly BuildTarget[]): Promise<BuildPlan> {
    return planBuild(targets, {
      store: this.#options.store,
      readDerivation: (path) => this.#derivation(path),
      query: async (path) => (await this.#substitute(path))?.info,
      force: this.#options.mode !== "normal",
    });
  }

  #announce(plan: BuildPlan): void {
    const names = (paths: readonly StorePath[]) => paths.map((path) => toText(nameOf(path)));
    this.#options.sink?.({
      kind: "plan",
      builds: names(plan.builds),
      downloads: names([...plan.fetches, ...plan.substitutes.map(({ path }) => path)]),
    });
  }

  async #target(target: BuildTarget): Promise<BuildResult> {
    const { path } = target;
    try {
      if (!isDerivationPath(path) || (target.outputs !== undefined && target.outputs.length === 0)) {
        const had = this.#options.store.isValidPath(path);
        await this.#makeValid(path, undefined);
        return { path, status: had ? "already-valid" : "substituted", outputs: new Map() };
      }
      const status = await this.#realise(path, target.outputs ?? "*", undefined, this.#options.mode);
      const derivation = this.#derivation(path);
      const outputs = wantedOutputs(path, derivation, target.outputs ?? "*");
      return { path, status, outputs: new Map(outputs.map(([name, output]) => [toText(name), output])) };
    } catch (error) {
      return { path, status: "failed", outputs: new Map(), error: this.#failed(asBuildError(error, path)) };
    }
  }

  /** Notes a failure and, unless the user wants to go on, stops the rest. */
  #failed(error: BuildError): BuildError {
    if (!this.#failures.includes(error)) this.#failures.push(error);
    if (!this.#options.keepGoing) this.#abort.abort(error);
    return error;
  }

  /** After another failure has stopped everything, what ends is not to blame. */
  #stopped(path: StorePath): BuildError | undefined {
    if (!this.#abort.signal.aborted) return undefined;
    return new BuildError(`the build of '${path}' was interrupted`, { kind: "cancelled", drvPath: path });
  }

  #derivation(path: StorePath): Derivation {
    let derivation = this.#derivations.get(path);
    if (derivation === undefined) {
      const { store } = this.#options;
      derivation = parseDerivation(
        fromBuffer(store.readStoreFile(path)),
        derivationNameFromPath(path),
        store.storeDir,
      );
      this.#derivations.set(path, derivation);
    }
    return derivation;
  }

  /** Makes outputs of a derivation valid; asked for again, waits for the first time and looks whether more is wanted. */
  async #realise(
    path: StorePath,
    outputs: Iterable<string> | "*",
    wantedBy: StorePath | undefined,
    mode: BuildMode,
  ): Promise<BuildStatus> {
    const running = this.#goals.get(path);
    const work = async (): Promise<BuildStatus> => {
      if (running !== undefined) {
        const status = await running.promise;
        if (mode === "normal" && this.#missing(path, outputs).length === 0) return status;
      }
      return this.#realiseOnce(path, outputs, wantedBy, mode);
    };
    const goal: Goal = { promise: work(), wantedBy: running?.wantedBy ?? wantedBy };
    this.#goals.set(path, goal);
    return goal.promise;
  }

  #missing(path: StorePath, outputs: Iterable<string> | "*"): StorePath[] {
    return wantedOutputs(path, this.#derivation(path), outputs)
      .map(([, output]) => output)
      .filter((output) => !this.#options.store.isValidPath(output));
  }

  async #realiseOnce(
    path: StorePath,
    outputs: Iterable<string> | "*",
    wantedBy: StorePath | undefined,
    mode: BuildMode,
  ): Promise<BuildStatus> {
    const { store } = this.#options;
    this.#abort.signal.throwIfAborted();
    store.addTempRoot(path);
    await this.#makeValid(path, wantedBy);
    const derivation = this.#derivation(path);
    for (const { path: output } of derivation.outputs.values()) store.addTempRoot(output as StorePath);
    let missing = this.#missing(path, outputs);
    if (mode === "normal") {
      if (missing.length === 0) return "already-valid";
      if (derivationOptions(derivation.env).allowSubstitutes) {
        await Promise.all(missing.map((output) => this.#trySubstitute(output)));
        missing = missing.filter((output) => !store.isValidPath(output));
        if (missing.length === 0) return "substituted";
      }
    } else if (mode === "check" && missing.length > 0) {
      throw new BuildError(`some outputs of '${path}' are not valid, so checking is not possible`, {
        kind: "misc",
        drvPath: path,
        hint: "Build it first, without --check.",
      });
    }
    const inputs = await this.#makeInputsValid(path, derivation, wantedBy);
    return this.#build(path, derivation, inputs, mode);
  }

  /** Everything that a derivation names as input; the result is the paths. */
  async #makeInputsValid(
    path: StorePath,
    derivation: Derivation,
    wantedBy: StorePath | undefined,
  ): Promise<StorePath[]> {
    const inputs: StorePath[] = [];
    const waits: Promise<unknown>[] = [];
    for (const source of derivation.inputSrcs) {
      inputs.push(source as StorePath);
      waits.push(this.#makeValid(source as StorePath, path));
    }
    for (const [input, wanted] of derivation.inputDrvs) {
      waits.push(
        this.#realise(input as StorePath, wanted, path, "normal").then(() => {
          for (const [, output] of wantedOutputs(
            input as StorePath,
            this.#derivation(input as StorePath),
            wanted,
          )) {
            inputs.push(output);
          }
        }),
      );
    }
    // Waiting for all, also after a failure: nothing of ours may run on behind the caller's back.
    const outcomes = await Promise.allSettled(waits);
    const causes: BuildError[] = [];
    for (const outcome of outcomes) {
      if (outcome.status === "fulfilled") continue;
      const cause = asBuildError(outcome.reason, path);
      if (!causes.includes(cause)) causes.push(cause);
    }
    if (causes.length > 0)
      throw this.#failed(dependencyFailure(path, derivation, causes, this.#chain(path, wantedBy)));
    for (const input of inputs) this.#options.store.addTempRoot(input);
    return inputs;
  }

  /** Who wanted it, and who wanted that, up to a target. */
  #chain(path: StorePath, wantedBy: StorePath | undefined): StorePath[] {
    const chain: StorePath[] = [];
    const above = (below: StorePath) => this.#goals.get(below)?.wantedBy;
    for (let next = wantedBy ?? above(path); next !== undefined && !chain.includes(next); next = above(next))
      chain.push(next);
    return chain;
  }

  async #build(
    path: StorePath,
    derivation: Derivation,
    inputs: StorePath[],
    mode: BuildMode,
  ): Promise<BuildStatus> {
    const { store, maxJobs } = this.#options;
    const builtin = isBuiltin(derivation);
    if (!builtin && maxJobs === 0) {
      throw this.#failed(
        new BuildError(`Cannot build '${path}'.\nReason: local builds are disabled (max-jobs = 0)`, {
          kind: "input-rejected",
          drvPath: path,
          hint: "Set -j or max-jobs to another number.",
        }),
      );
    }
    const outputs = [...derivation.outputs.values()].map((output) => output.path as StorePath);
    let waiting = false;
    for (;;) {
      const release = await (builtin ? this.#downloads : this.#builds).take();
      let lock: StoreLock | undefined;
      try {
        this.#abort.signal.throwIfAborted();
        lock = store.tryLockPaths(outputs);
        if (lock !== undefined) {
          if (mode === "normal" && outputs.every((output) => store.isValidPath(output))) {
            lock.release(true);
            return "already-valid";
          }
          await buildDerivation({ drvPath: path, derivation, inputs, mode }, this.#settings);
          lock.release(true);
          return mode === "check" ? "checked" : "built";
        }
      } catch (error) {
        lock?.release(true);
        throw this.#failed(this.#stopped(path) ?? asBuildError(error, path));
      } finally {
        release();
      }
      // Someone else is at it. Our slot is free meanwhile: what they wait for may be ours to build.
      if (!waiting)
        this.#options.sink?.({ kind: "notice", text: `waiting for the lock on '${outputs.join("', '")}'` });
      waiting = true;
      await new Promise((resolve) => setTimeout(resolve, lockInterval));
    }
  }

  /** @throws BuildError if the path is not valid and nobody has it */
  async #makeValid(path: StorePath, wantedBy: StorePath | undefined): Promise<void> {
    const { store } = this.#options;
    if (store.isValidPath(path) || (await this.#trySubstitute(path))) return;
    const why =
      this.#options.substituters.length === 0
        ? "does not exist, and substitution is disabled"
        : "is required, but there is no substituter that can build it";
    throw this.#failed(
      new BuildError(
        wantedBy === undefined ? `path '${path}' ${why}` : `dependency '${path}' of '${wantedBy}' ${why}`,
        {
          kind: "misc",
          drvPath: wantedBy,
        },
      ),
    );
  }

  /** Fetches a finished path with all its references. @returns false if it cannot be had that way */
  #trySubstitute(path: StorePath): Promise<boolean> {
    let attempt = this.#paths.get(path);
    if (attempt === undefined) {
      attempt = this.#substitutePath(path);
      this.#paths.set(path, attempt);
    }
    return attempt;
  }

  async #substitutePath(path: StorePath): Promise<boolean> {
    const { store, sink } = this.#options;
    if (store.isValidPath(path)) return true;
    const found = await this.#substitute(path);
    if (found === undefined) return false;
    store.addTempRoot(path);
    const others = found.info.references.filter((reference) => reference !== path);
    const had = await Promise.all(others.map((reference) => this.#trySubstitute(reference)));
    if (had.includes(false)) return false;
    for (;;) {
      const release = await this.#downloads.take();
      try {
        if (this.#abort.signal.aborted) return false;
        const lock = store.tryLockPaths([path]);
        if (lock !== undefined) {
          try {
            if (!store.isValidPath(path)) await found.from.substitute(path, sink, this.#abort.signal);
          } finally {
            lock.release(true);
          }
          return true;
        }
      } catch (error) {
        if (!this.#abort.signal.aborted) this.#dead(found.from, error, `cannot fetch '${path}'`);
        return false;
      } finally {
        release();
      }
      await new Promise((resolve) => setTimeout(resolve, lockInterval));
    }
  }

  /** Which substituter has a path; asked once. */
  #substitute(path: StorePath): Promise<{ info: SubstituteInfo; from: Substituter } | undefined> {
    let answer = this.#substitutes.get(path);
    if (answer === undefined) {
      answer = this.#askSubstituters(path);
      this.#substitutes.set(path, answer);
    }
    return answer;
  }

  async #askSubstituters(path: StorePath): Promise<{ info: SubstituteInfo; from: Substituter } | undefined> {
    for (const from of this.#options.substituters) {
      if (this.#deadSubstituters.has(from)) continue;
      try {
        const info = await from.query(path, this.#abort.signal);
        if (info !== undefined) return { info, from };
      } catch (error) {
        if (this.#abort.signal.aborted) return undefined;
        this.#dead(from, error, "cannot be asked");
      }
    }
    return undefined;
  }

  #dead(substituter: Substituter, error: unknown, what: string): void {
    if (this.#deadSubstituters.has(substituter)) return;
    this.#deadSubstituters.add(substituter);
    this.#options.sink?.({
      kind: "notice",
      text: `warning: '${substituter.name}' ${what}, going on without it: ${(error as Error).message}`,
    });
  }
}

/** Exit status as a shell reports the signal, where the reason's message names it. */
function interrupted(reason: unknown): BuildError {
  const name = reason instanceof Error ? reason.message : "";
  const signal = constants.signals[name as NodeJS.Signals] ?? constants.signals.SIGINT;
  return new BuildError("interrupted", { kind: "cancelled", exitCode: 128 + signal, cause: reason });
}

/** What building the targets would do, without doing it. */
export function planOf(targets: readonly BuildTarget[], options: BuildOptions): Promise<BuildPlan> {
  return new Scheduler(options).plan(targets);
}

/** Names and paths of the wanted outputs. @throws BuildError for one that the derivation does not have */
export function wantedOutputs(
  path: StorePath,
  derivation: Derivation,
  outputs: Iterable<string> | "*",
): [string, StorePath][] {
  if (outputs === "*")
    return [...derivation.outputs].map(([name, output]) => [name, output.path as StorePath]);
  return [...outputs].map((name) => {
    const output = derivation.outputs.get(name);
    if (output === undefined) {
      throw new BuildError(`derivation '${path}' does not have wanted outputs '${name}'`, {
        kind: "misc",
        drvPath: path,
        hint: `It has ${[...derivation.outputs.keys()].sort().join(", ")}.`,
      });
    }
    return [name, output.path as StorePath];
  });
}

/** A path's name without its hash, and without `.drv`. */
function nameOf(path: StorePath): string {
  const base = path.slice(path.lastIndexOf("/") + 1);
  return base.slice(33).replace(/\.drv$/, "");
}

function dependencyFailure(
  path: StorePath,
  derivation: Derivation,
  causes: readonly BuildError[],
  chain: readonly StorePath[],
): BuildError {
  const count = `${causes.length} ${causes.length === 1 ? "dependency" : "dependencies"} failed`;
  const outputs = [...derivation.outputs.values()]
    .map((output) => `\n  ${output.path}`)
    .sort()
    .join("");
  const wanted = chain.map((above) => `\nwanted by '${above}'`).join("");
  return new BuildError(`Cannot build '${path}'.\nReason: ${count}.\nOutput paths:${outputs}${wanted}`, {
    kind: causes.every((cause) => cause.kind === "cancelled") ? "cancelled" : "dependency-failed",
    drvPath: path,
    causes,
  });
}
