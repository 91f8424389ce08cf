/**
 * What commands do with a lock file that changed: write it beside `flake.nix` if the flake is a directory of this machine,
 * and say so; or say why not. Manual: "nix flake", "Lock files".
 */
import type { ByteString } from "../format/bytes.ts";
import { segmentsToPath, tryParseUrl } from "../format/url.ts";
import type { NixEvaluator } from "../language/evaluator.ts";
import type { FlakeAttributes } from "../language/flake-reference.ts";
import { isLockedInput } from "../language/input-schemes.ts";
import { canonPath } from "../language/path.ts";
import { below } from "./flake.ts";
import { during, type LockedFlake, warnNotWritten } from "./lock.ts";
import { describeChanges, LockedNode, type LockFile, type LockNode } from "./lock-file.ts";
import { type FlakeReference, relativePath, show } from "./reference.ts";

export interface WriteLockOptions {
  /** False: `--no-write-lock-file`. */
  readonly write: boolean;
  /** False: `--no-update-lock-file`, an error if the file would change. */
  readonly update: boolean;
  /** An input that is not locked is an error, not a warning (`nix flake lock`). */
  readonly failOnUnlocked?: boolean;
  /** Is this input another for everyone (the bundled package set)? Then there is nothing to write down, or to warn of. */
  readonly isAnswered: (input: FlakeAttributes) => boolean;
  /** Writes the file; in a Git repository, makes it known to Git. */
  readonly writeFile: (file: LockFileToWrite) => void;
}

export interface LockFileToWrite {
  readonly path: ByteString;
  readonly text: ByteString;
  /** The repository that has it. */
  readonly repository: ByteString | undefined;
}

/**
 * Writes what `lockFlake` found.
 * @returns the same, unchanged as far as calling is concerned once it is written
 * @throws EvaluationError where the options or the kind of flake forbid it
 */
export function writeLockFile(
  ev: NixEvaluator,
  reference: FlakeReference,
  locked: LockedFlake,
  options: WriteLockOptions,
): LockedFlake {
  try {
    return writeChanged(ev, reference, locked, options);
  } catch (error) {
    throw during(error, `while updating the lock file of flake '${show(ev, locked.flake.locked)}'`);
  }
}

function writeChanged(
  ev: NixEvaluator,
  reference: FlakeReference,
  locked: LockedFlake,
  options: WriteLockOptions,
): LockedFlake {
  if (!locked.isChanged) return locked;
  const shown = () => show(ev, reference);
  if (!options.write) {
    warnNotWritten(ev, locked, reference);
    return locked;
  }
  const place = sourceDirectory(ev, reference.input);
  if (place === undefined)
    throw ev.error(
      `cannot write modified lock file of flake '${shown()}' (use '--no-write-lock-file' to ignore)`,
    );
  const unlocked = unlockedInput(ev, locked.lockFile);
  if (unlocked !== undefined && options.isAnswered(unlocked.input)) return { ...locked, isChanged: false };
  if (unlocked !== undefined) {
    const why = `because it has an unlocked input ('${show(ev, unlocked)}')`;
    if (options.failOnUnlocked === true)
      throw ev.error(
        `Not writing lock file of flake '${shown()}' ${why}. Use '--allow-dirty-locks' to allow this anyway.`,
      );
    ev.world.message(`warning: not writing lock file of flake '${shown()}' ${why}`);
    return { ...locked, isChanged: false };
  }
  if (!options.update)
    throw ev.error(
      `flake '${shown()}' requires lock file changes but they're not allowed due to '--no-update-lock-file'`,
    );
  const path = `${below(place.directory, reference.dir)}/flake.lock`;
  const changes = describeChanges(ev, locked.oldLockFile, locked.lockFile);
  const exists = ev.world.fileType(path) !== undefined;
  ev.world.message(
    exists
      ? `warning: updating lock file "${path}"${changes === "" ? "" : `:\n${changes}`}`
      : `warning: creating lock file "${path}": \n${changes}`,
  );
  const repository = place.isRepository ? place.directory : undefined;
  options.writeFile({ path, text: `${locked.lockFile.print()}\n`, repository });
  return { ...locked, isChanged: false };
}

/** Where the flake lies on this machine, if it does. */
export function sourceDirectory(
  ev: NixEvaluator,
  input: FlakeAttributes,
): { directory: ByteString; isRepository: boolean } | undefined {
  if (input.get("type") === "path") {
    const path = input.get("path");
    return typeof path === "string" && path.startsWith("/")
      ? { directory: canonPath(path), isRepository: false }
      : undefined;
  }
  const address = input.get("url");
  if (input.get("type") !== "git" || typeof address !== "string") return undefined;
  const url = tryParseUrl(address, true);
  if (url?.scheme !== "file" || url.path[0] !== "") return undefined;
  const directory = canonPath(segmentsToPath(url.path));
  return ev.world.fileType(`${directory}/.git`) === undefined ? undefined : { directory, isRepository: true };
}

/** An input that does not say exactly what it is: such a lock file would be worth nothing to others. */
export function unlockedInput(ev: NixEvaluator, lockFile: LockFile): FlakeReference | undefined {
  const seen = new Set<LockNode>();
  const visit = (node: LockNode): FlakeReference | undefined => {
    if (seen.has(node)) return undefined;
    seen.add(node);
    if (node instanceof LockedNode && relativePath(node.locked) === undefined)
      if (!isLockedInput(ev, node.locked.input)) return node.locked;
    for (const [, edge] of node.sortedInputs) {
      const found = edge instanceof LockedNode ? visit(edge) : undefined;
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return visit(lockFile.root);
}
