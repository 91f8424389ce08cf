/** A flake that was found: its `flake.nix`, where it lies, and what it is in a lock file's terms. */
import type { ByteString } from "../format/bytes.ts";
import type { NixEvaluator } from "../language/evaluator.ts";
import { canonPath } from "../language/path.ts";
import { noPos } from "../language/value.ts";
import { type FlakeFile, readFlakeFile } from "./flake-file.ts";
import type { InputPath } from "./input-path.ts";
import { LockFile, parseLockFile } from "./lock-file.ts";
import { type FlakeReference, sameInput, show } from "./reference.ts";
import type { UseRegistries } from "./registry.ts";
import type { Source, Sources } from "./source.ts";

/** Where a flake's or another input's files are. */
export interface Place {
  /** Top of the tree that was fetched. */
  readonly root: ByteString;
  /** The input's directory in it; absolute. */
  readonly directory: ByteString;
  /** The same as `outPath` has it, where that is written otherwise (`/./sub`). */
  readonly written?: ByteString | undefined;
  readonly inStore: boolean;
}

export interface Flake extends Place {
  readonly file: FlakeFile;
  readonly original: FlakeReference;
  readonly resolved: FlakeReference;
  readonly locked: FlakeReference;
}

/** A directory in a tree; `..` does not leave it. */
export function below(root: ByteString, dir: ByteString): ByteString {
  const inside = canonPath(`/${dir}`);
  return inside === "/" ? root : root + inside;
}

/** What a relative path means in a flake's tree. @throws EvaluationError if it leads out of it */
export function relativePlace(ev: NixEvaluator, from: Place, relative: ByteString): Place {
  const directory = canonPath(`${from.directory}/${relative}`);
  if (directory !== from.root && !directory.startsWith(`${from.root}/`))
    throw ev.error(
      `the relative path '${relative}' of a flake input leads out of the tree '${from.root}' that it is in`,
    );
  return { root: from.root, directory, inStore: from.inStore };
}

/**
 * Fetches a flake and reads its `flake.nix`.
 * @param prefix where it stands in the lock file
 * @throws EvaluationError
 */
export function loadFlake(
  ev: NixEvaluator,
  sources: Sources,
  original: FlakeReference,
  use: UseRegistries,
  prefix: InputPath,
): Flake {
  let source = sources.fetch(original.input, use);
  const dir = source.dir ?? original.dir;
  const resolved: FlakeReference = { input: source.resolved, dir };
  const read = () =>
    readFlake(ev, source, below(source.path, dir), {
      shownPath: `${below(source.shownPath, dir)}/flake.nix`,
      shownFlake: show(ev, resolved),
      prefix,
    });
  let file = read();
  const wanted = withSelfAttributes(ev, source.locked, file);
  if (!sameInput(wanted, source.locked)) {
    source = { ...sources.fetch(wanted, "no"), resolved: source.resolved };
    file = read();
  }
  return {
    file,
    root: source.path,
    directory: below(source.path, dir),
    inStore: source.inStore,
    original,
    resolved,
    locked: { input: source.locked, dir },
  };
}

/** A flake in a directory of another's tree (`path:./x`). */
export function loadRelativeFlake(
  ev: NixEvaluator,
  place: Place,
  reference: FlakeReference,
  prefix: InputPath,
): Flake {
  const directory = below(place.directory, reference.dir);
  const file = readFlake(ev, { path: place.root, workingTree: undefined }, directory, {
    shownPath: `${directory}/flake.nix`,
    shownFlake: show(ev, reference),
    prefix,
  });
  return { ...place, directory, file, original: reference, resolved: reference, locked: reference };
}

/** `inputs.self.submodules = true`: the tree is to be fetched so. The hash is another's then. */
function withSelfAttributes(ev: NixEvaluator, locked: Source["locked"], file: FlakeFile): Source["locked"] {
  const changed = new Map(locked);
  for (const [name, value] of file.selfAttributes) {
    if (name !== "submodules" && name !== "lfs")
      throw ev.error(`flake 'self' attribute '${name}' is not supported`);
    changed.set(name, value);
  }
  if (!sameInput(changed, locked)) changed.delete("narHash");
  return changed;
}

function readFlake(
  ev: NixEvaluator,
  source: Pick<Source, "path" | "workingTree">,
  directory: ByteString,
  shown: { shownPath: ByteString; shownFlake: ByteString; prefix: InputPath },
): FlakeFile {
  const path = `${directory}/flake.nix`;
  const real = realPathInside(ev, source.path, path);
  if (real !== undefined) return readFlakeFile(ev, ev.files.readFile(real, noPos), { path, ...shown });
  const { workingTree } = source;
  if (workingTree === undefined) throw ev.error(`path '${shown.shownPath}' does not exist`);
  const name = path.slice(source.path.length + 1);
  if (ev.world.fileType(`${workingTree}/${name}`) === undefined)
    throw ev.error(`Path '${name}' does not exist in Git repository "${workingTree}".`);
  throw ev.error(
    `Path '${name}' in the repository "${workingTree}" is not tracked by Git.\n\n` +
      `To make it visible to Nix, run:\n\ngit -C "${workingTree}" add "${name}"`,
  );
}

/**
 * The file with links followed, if it is there. A link of a fetched tree must not make us read this machine's files.
 * @throws EvaluationError for a link that leads out of the tree
 */
function realPathInside(ev: NixEvaluator, root: ByteString, path: ByteString): ByteString | undefined {
  const real = ev.existingPath(path, noPos);
  if (real === undefined) return undefined;
  const top = ev.resolveSymlinks(root, noPos);
  if (real.startsWith(`${top}/`)) return real;
  throw ev.error(`the link '${path}' leads out of its tree, to '${real}'`);
}

/** The flake's own lock file; an empty one if it has none. @throws EvaluationError */
export function readLockFile(ev: NixEvaluator, flake: Flake): LockFile {
  const path = `${flake.directory}/flake.lock`;
  const real = realPathInside(ev, flake.root, path);
  return real === undefined ? new LockFile() : parseLockFile(ev, ev.files.readFile(real, noPos), path);
}
