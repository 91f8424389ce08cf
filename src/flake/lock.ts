/**
 * Computing a flake's lock file: what is in the old one is kept where it still fits, everything else is fetched.
 * Manual: "nix flake", "Lock files"; "Flake inputs".
 *
 * Nothing is written here. Two rules that are easily lost: an input that is kept is not fetched, so its own inputs come
 * from the old lock file, with the overrides of the flakes above it; and an input's own lock file counts only when the
 * input is new.
 */
import type { ByteString } from "../format/bytes.ts";
import { asEvaluationError, EvaluationError } from "../language/errors.ts";
import type { NixEvaluator } from "../language/evaluator.ts";
import { isLockedInput } from "../language/input-schemes.ts";
import { noPos } from "../language/value.ts";
import {
  type Flake,
  loadFlake,
  loadRelativeFlake,
  type Place,
  readLockFile,
  relativePlace,
} from "./flake.ts";
import type { FlakeInput, FlakeInputs } from "./flake-file.ts";
import { comparePaths, type InputPath, samePath, showInputPath } from "./input-path.ts";
import { describeChanges, type Edge, LockedNode, LockFile, type LockNode } from "./lock-file.ts";
import { canonical, type FlakeReference, relativePath, sameReference, show } from "./reference.ts";
import type { UseRegistries } from "./registry.ts";
import type { Sources } from "./source.ts";

export interface LockOptions {
  readonly useRegistries: boolean;
  /** False: what is new must say exactly what it is (pure evaluation). */
  readonly allowUnlocked: boolean;
  /** Take nothing from the old lock file. */
  readonly recreate?: boolean;
  /** `--override-input`, by input path. */
  readonly overrides?: readonly (readonly [InputPath, FlakeReference])[];
  /** Inputs to fetch anew. */
  readonly updates?: readonly InputPath[];
}

export interface LockedFlake {
  readonly flake: Flake;
  readonly oldLockFile: LockFile;
  readonly lockFile: LockFile;
  /** Where those inputs are that had to be fetched, the flake itself among them. */
  readonly places: ReadonlyMap<LockNode, Place>;
  /** The lock file that is there is not this one. */
  readonly isChanged: boolean;
}

/** @throws EvaluationError */
export function lockFlake(
  ev: NixEvaluator,
  sources: Sources,
  reference: FlakeReference,
  options: LockOptions,
): LockedFlake {
  const flake = loadFlake(ev, sources, reference, options.useRegistries ? "all" : "no", []);
  try {
    const oldLockFile = readLockFile(ev, flake);
    const locker = new Locker(ev, sources, flake, options);
    const lockFile = locker.lock(oldLockFile);
    const isChanged = lockFile.print() !== oldLockFile.print();
    return { flake, oldLockFile, lockFile, places: locker.places, isChanged };
  } catch (error) {
    throw during(error, `while updating the lock file of flake '${show(ev, flake.locked)}'`);
  }
}

/** What Nix says when it keeps a new lock file to itself. */
export function warnNotWritten(ev: NixEvaluator, locked: LockedFlake, reference: FlakeReference): void {
  const changes = describeChanges(ev, locked.oldLockFile, locked.lockFile);
  ev.world.message(`warning: not writing modified lock file of flake '${show(ev, reference)}':\n${changes}`);
}

/** Adds a line of trace that has no place. */
export function during(error: unknown, what: ByteString): unknown {
  const known = asEvaluationError(error);
  return known instanceof EvaluationError ? known.addTrace(noPos, what) : error;
}

/** What stands in for an input, and who says so. */
interface Override {
  readonly path: InputPath;
  readonly input: FlakeInput;
  /** What its relative paths are relative to. */
  readonly place: Place;
  readonly parent: InputPath | undefined;
}

/** One flake's inputs to be locked. */
interface Task {
  readonly inputs: FlakeInputs;
  readonly node: LockNode;
  /** Where the node is in the graph. */
  readonly prefix: InputPath;
  /** What may be kept. */
  readonly oldNode: LockNode | undefined;
  /** What `follows` of kept inputs are relative to. */
  readonly followsPrefix: InputPath;
  /** The flake's directory. */
  readonly place: Place;
  /** The inputs come from the lock file, whose `follows` are as they should be. */
  readonly trustLock: boolean;
}

const key = (path: InputPath): string => path.join("\0");

const maxInputs = 20_000;

class Locker {
  readonly places = new Map<LockNode, Place>();
  readonly #ev: NixEvaluator;
  readonly #sources: Sources;
  readonly #flake: Flake;
  readonly #options: LockOptions;
  readonly #overrides = new Map<string, Override>();
  /** Overrides of the command line. */
  readonly #explicit = new Set<string>();
  readonly #updates: readonly InputPath[];
  readonly #usedOverrides = new Set<string>();
  readonly #seen = new Set<string>();
  /** The flakes whose inputs are being locked now, the outermost first. */
  readonly #above: FlakeReference[] = [];
  #count = 0;

  constructor(ev: NixEvaluator, sources: Sources, flake: Flake, options: LockOptions) {
    this.#ev = ev;
    this.#sources = sources;
    this.#flake = flake;
    this.#options = options;
    this.#updates = [...(options.updates ?? [])].sort(comparePaths);
    for (const [path, reference] of options.overrides ?? []) {
      const input = { reference, isFlake: true, follows: undefined, overrides: new Map() };
      this.#overrides.set(key(path), { path, input, place: flake, parent: undefined });
      this.#explicit.add(key(path));
    }
  }

  lock(oldLockFile: LockFile): LockFile {
    const lockFile = new LockFile();
    this.places.set(lockFile.root, this.#flake);
    this.#lockInputs({
      inputs: this.#flake.file.inputs,
      node: lockFile.root,
      prefix: [],
      oldNode: this.#options.recreate === true ? undefined : oldLockFile.root,
      followsPrefix: [],
      place: this.#flake,
      trustLock: false,
    });
    this.#warnUnused();
    lockFile.check(this.#ev);
    return lockFile;
  }

  #warnUnused(): void {
    const { message } = this.#ev.world;
    const warn = (text: ByteString) => message.call(this.#ev.world, `warning: ${text}`);
    const typed = [...(this.#options.overrides ?? [])].sort(([a], [b]) => comparePaths(a, b));
    for (const [path, reference] of typed)
      if (!this.#usedOverrides.has(key(path)))
        warn(
          `the flag '--override-input ${showInputPath(path)} ${show(this.#ev, reference)}' does not match any input`,
        );
    for (const path of this.#updates)
      if (!this.#seen.has(key(path))) warn(`'${showInputPath(path)}' does not match any input of this flake`);
  }

  #lockInputs(task: Task): void {
    const { inputs, prefix } = task;
    for (const [name, input] of inputs) this.#addOverrides(input, [...prefix, name], task);
    const strange = [...this.#overrides.values()]
      .filter(({ path }) => samePath(path.slice(0, -1), prefix) && !inputs.has(path.at(-1)!))
      .map(({ path }) => path.at(-1)!);
    for (const name of strange.sort())
      this.#ev.world.message(
        `warning: input '${showInputPath(prefix)}' has an override for a non-existent input '${name}'`,
      );
    for (const [name, input] of inputs) {
      const path = [...prefix, name];
      try {
        this.#lockInput(task, name, path, input);
      } catch (error) {
        throw during(error, `while updating the flake input '${showInputPath(path)}'`);
      }
    }
  }

  /** `inputs.x.inputs.y.url = …`: the outermost flake that says something of an input is heard. */
  #addOverrides(input: FlakeInput, prefix: InputPath, task: Task): void {
    for (const [name, override] of input.overrides) {
      const path = [...prefix, name];
      const isSaid = override.reference !== undefined || override.follows !== undefined;
      if (isSaid && !this.#overrides.has(key(path)))
        this.#overrides.set(key(path), { path, input: override, place: task.place, parent: task.prefix });
      this.#addOverrides(override, path, task);
    }
  }

  #lockInput(task: Task, name: ByteString, path: InputPath, written: FlakeInput): void {
    // A small file can say much: each of thirty nodes twice an input of the one before.
    if (++this.#count > maxInputs) throw this.#ev.error(`the flake has more than ${maxInputs} inputs`);
    const override = this.#overrides.get(key(path));
    const isExplicit = this.#explicit.has(key(path));
    if (override !== undefined) this.#usedOverrides.add(key(path));
    // An override says where the input is, not what it is.
    const input: FlakeInput =
      override === undefined ? written : { ...override.input, isFlake: written.isFlake };
    if (input.follows !== undefined) {
      task.node.inputs.set(name, input.follows);
      return;
    }
    const reference: FlakeReference = input.reference ?? {
      input: new Map([
        ["type", "indirect"],
        ["id", name],
      ]),
      dir: "",
    };
    const relative = relativePath(reference);
    const parent =
      relative === undefined ? undefined : override === undefined ? task.prefix : override.parent;
    const from = override?.place ?? task.place;
    this.#seen.add(key(path));
    const old = this.#oldLock(task, name, path);
    const wanted: Wanted = { reference, relative, parent, from, isFlake: input.isFlake };
    if (
      old !== undefined &&
      !isExplicit &&
      samePath(old.parent, parent) &&
      sameReference(canonical(old.original), canonical(reference))
    )
      this.#keep(task, name, path, old, wanted);
    else {
      // The lock file goes on to say what the flake says: an override does not vanish with the next update.
      const original = isExplicit ? (written.reference ?? reference) : reference;
      this.#renew(task, name, path, wanted, original, isExplicit ? "all" : this.#registries());
    }
  }

  #registries(): UseRegistries {
    return this.#options.useRegistries ? "limited" : "no";
  }

  #oldLock({ oldNode }: Task, name: ByteString, path: InputPath): LockedNode | undefined {
    if (this.#updates.some((update) => samePath(update, path))) return undefined;
    const edge: Edge | undefined = oldNode?.inputs.get(name);
    return edge instanceof LockedNode ? edge : undefined;
  }

  /** An input as the old lock file has it; fetched only if its own inputs have to be looked at. */
  #keep(task: Task, name: ByteString, path: InputPath, old: LockedNode, wanted: Wanted): void {
    const node = new LockedNode(old.locked, old.original, old.isFlake, old.parent);
    task.node.inputs.set(name, node);
    const inputs = this.#mustRefetch(path) ? undefined : this.#keptInputs(task, path, old);
    if (inputs === undefined) {
      const locked = { ...old.locked, input: new Map([...old.locked.input, ["__final", true as const]]) };
      const flake = this.#load({ ...wanted, reference: locked }, this.#registries(), path);
      this.places.set(node, flake);
      this.#lockInputs({
        inputs: flake.file.inputs,
        node,
        prefix: path,
        oldNode: old,
        followsPrefix: task.followsPrefix,
        place: flake,
        trustLock: false,
      });
    } else {
      const { followsPrefix, place } = task;
      this.#lockInputs({ inputs, node, prefix: path, oldNode: old, followsPrefix, place, trustLock: true });
    }
  }

  /** Is one of its own inputs to be updated? */
  #mustRefetch(path: InputPath): boolean {
    return this.#updates.some(
      (update) => update.length > path.length && samePath(update.slice(0, path.length), path),
    );
  }

  /** The inputs of a kept input; undefined if the flake may have changed what one of them follows. */
  #keptInputs(task: Task, path: InputPath, old: LockedNode): FlakeInputs | undefined {
    const inputs = new Map<ByteString, FlakeInput>();
    const none = { overrides: new Map() };
    for (const [name, edge] of old.sortedInputs) {
      if (edge instanceof LockedNode) {
        const { original: reference, isFlake } = edge;
        inputs.set(name, { ...none, reference, isFlake, follows: undefined });
        continue;
      }
      if (!task.trustLock && !this.#overrides.has(key([...path, name]))) return undefined;
      const follows = [...task.followsPrefix, ...edge];
      inputs.set(name, { ...none, reference: undefined, isFlake: true, follows });
    }
    return inputs;
  }

  #renew(
    task: Task,
    name: ByteString,
    path: InputPath,
    wanted: Wanted,
    original: FlakeReference,
    registries: UseRegistries,
  ): void {
    const { reference, relative, parent, isFlake } = wanted;
    const isPinned = relative !== undefined || isLockedInput(this.#ev, reference.input);
    if (!this.#options.allowUnlocked && !isPinned)
      throw this.#ev.error(`cannot update unlocked flake input '${showInputPath(path)}' in pure mode`);
    if (!isFlake) {
      const { locked, place } = this.#fetchPlain(wanted);
      const node = new LockedNode(locked, original, false, parent);
      task.node.inputs.set(name, node);
      this.places.set(node, place);
      return;
    }
    const flake = this.#load(wanted, registries, path);
    const node = new LockedNode(flake.locked, original, true, parent);
    task.node.inputs.set(name, node);
    if (this.#above.some((each) => sameReference(each, reference)))
      throw this.#ev.error(`found circular import of flake '${show(this.#ev, reference)}'`);
    this.#above.push(reference);
    try {
      this.places.set(node, flake);
      this.#lockInputs({
        inputs: flake.file.inputs,
        node,
        prefix: path,
        oldNode: readLockFile(this.#ev, flake).root,
        followsPrefix: path,
        place: flake,
        trustLock: false,
      });
    } finally {
      this.#above.pop();
    }
  }

  #load(wanted: Wanted, registries: UseRegistries, path: InputPath): Flake {
    if (wanted.relative === undefined)
      return loadFlake(this.#ev, this.#sources, wanted.reference, registries, path);
    const { input, dir } = wanted.reference;
    const plain = new Map(input);
    plain.delete("__final");
    return loadRelativeFlake(
      this.#ev,
      relativePlace(this.#ev, wanted.from, wanted.relative),
      { input: plain, dir },
      path,
    );
  }

  /** An input that is no flake. */
  #fetchPlain(wanted: Wanted): { locked: FlakeReference; place: Place } {
    const { reference, relative, from } = wanted;
    if (relative !== undefined) return { locked: reference, place: relativePlace(this.#ev, from, relative) };
    const source = this.#sources.fetch(reference.input, this.#registries());
    return {
      locked: { input: source.locked, dir: reference.dir },
      place: { root: source.path, directory: source.path, inStore: source.inStore },
    };
  }
}

/** An input with all that is needed to fetch it. */
interface Wanted {
  readonly reference: FlakeReference;
  readonly relative: ByteString | undefined;
  readonly parent: InputPath | undefined;
  /** What a relative path is relative to. */
  readonly from: Place;
  readonly isFlake: boolean;
}
