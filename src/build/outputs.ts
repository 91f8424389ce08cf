/**
 * From what a dead builder left to registered store paths.
 *
 * Each output is looked at (is it there, whose is it), made canonical, read once for its hash and the store paths it
 * mentions, checked against what the derivation promises, then renamed into place and registered, all outputs in one
 * transaction. Fixed outputs are first copied to fresh inodes: their builders had the network, and might have passed an
 * open descriptor to someone still alive (CVE-2024-27297). The copy stands where no builder can have planted anything.
 */
import { randomBytes } from "node:crypto";
import { closeSync, existsSync, lstatSync, mkdirSync, openSync, statfsSync } from "node:fs";
import { type Derivation, type FixedOutputSpecification, fixedOutput } from "../derivation/derivation.ts";
import { type ByteString, fsPath } from "../format/bytes.ts";
import type { ContentAddress } from "../format/content-address.ts";
import { Hasher } from "../format/hash.ts";
import { hashFile } from "../format/hash-file.ts";
import { copyPath, dumpPath } from "../format/nar.ts";
import type { StorePath } from "../format/store-path.ts";
import { canonicaliseTree, moveTree } from "../store/canonical.ts";
import { lockFile } from "../store/flock.ts";
import type { StoreLayout } from "../store/layout.ts";
import { ReferenceScanner } from "../store/references.ts";
import type { NewPathInfo, Store } from "../store/store.ts";
import { hashMismatch } from "./builtin-builders.ts";
import type { DerivationOptions } from "./derivation-options.ts";
import { checkOutputs } from "./output-checks.ts";
import { removeTree } from "./remove-tree.ts";
import { BuildError } from "./result.ts";

export type BuildMode = "normal" | "check" | "repair";

export interface FinishedBuild {
  readonly store: Store;
  readonly layout: StoreLayout;
  readonly drvPath: StorePath;
  readonly derivation: Derivation;
  readonly options: DerivationOptions;
  readonly inputClosure: ReadonlySet<StorePath>;
  /** Output name → where the builder made it (physical). */
  readonly made: ReadonlyMap<ByteString, ByteString>;
  /** Whom the outputs must belong to; undefined: ourselves. */
  readonly ownerUid: number | undefined;
  /** Made by bruma itself: no code of others has held a descriptor of them. */
  readonly ownWork: boolean;
  readonly mode: BuildMode;
  /** Under `--check`, keep a differing output beside the registered one, as `.check`. */
  readonly keepDifferent: boolean;
}

interface Collected {
  readonly info: NewPathInfo;
  /** Where its files are now. */
  readonly files: ByteString;
}

/**
 * Checks and registers the outputs; under "check" compares them with those that are registered.
 * @throws BuildError: output-rejected, hash-mismatch, not-deterministic. Nothing is registered then
 */
export function registerOutputs(build: FinishedBuild): void {
  const collected = new Map<ByteString, Collected>();
  // Directories of our own that fixed outputs were copied into.
  const temporary: TemporaryDirectory[] = [];
  // Outputs may have hard links between them.
  const seen = new Set<string>();
  try {
    for (const [name, output] of build.derivation.outputs) {
      const path = output.path as StorePath;
      // Valid already: another output of the same derivation was missing.
      if (build.mode === "normal" && build.store.isValidPath(path)) continue;
      collected.set(name, collect(build, name, path, fixedOutput(output), temporary, seen));
    }
    rejectCycles(build, collected);
    checkOutputs(build.store, build.drvPath, checkable(build, collected), build.options);
    if (build.mode === "check") {
      for (const [, output] of collected) compare(build, output);
      return;
    }
    for (const { info, files } of collected.values()) {
      moveIntoPlace(files, build.layout.physical(info.path), build.mode === "repair");
    }
    build.store.registerValidPaths([...collected.values()].map(({ info }) => info));
  } finally {
    for (const { path, fd } of temporary) {
      removeTree(path);
      closeSync(fd);
    }
  }
}

function collect(
  build: FinishedBuild,
  name: ByteString,
  path: StorePath,
  fixed: FixedOutputSpecification | undefined,
  temporary: TemporaryDirectory[],
  seen: Set<string>,
): Collected {
  const reject = (message: string): never => {
    throw new BuildError(message, { kind: "output-rejected", drvPath: build.drvPath });
  };
  let files = build.made.get(name) as ByteString;
  const status = lstatSync(fsPath(files), { throwIfNoEntry: false });
  if (status === undefined) {
    return reject(
      `builder for '${build.drvPath}' failed to produce output path for output '${name}' at '${path}'`,
    );
  }
  const writable = !status.isSymbolicLink() && (status.mode & 0o022) !== 0;
  if (writable || status.uid !== (build.ownerUid ?? process.geteuid?.())) {
    reject(
      `suspicious ownership or permission on '${path}' for output '${name}'; rejecting this build output`,
    );
  }
  if (fixed !== undefined && fixed.method !== "nar" && (!status.isFile() || (status.mode & 0o100) !== 0)) {
    reject(
      `output path '${path}' should be a non-executable regular file since recursive hashing is not enabled ` +
        "(one of outputHashMode={flat,text} is true)",
    );
  }
  canonicaliseTree(files, build.ownerUid, seen);

  const own = [...build.derivation.outputs.values()].map((output) => output.path as StorePath);
  const scan = new ReferenceScanner([...build.inputClosure, ...own]);
  const narHasher = new Hasher("sha256");
  const fixedHasher =
    fixed?.method === "nar" && fixed.hash.algorithm !== "sha256"
      ? new Hasher(fixed.hash.algorithm)
      : undefined;
  const read = (chunk: Uint8Array) => {
    narHasher.update(chunk);
    fixedHasher?.update(chunk);
    scan.write(chunk);
  };
  if (fixed === undefined || build.ownWork) dumpPath(files, read);
  else {
    const copy = `${privateDirectory(build, temporary)}/x`;
    copyPath(files, copy, read, undefined, { canonical: true });
    files = copy;
  }
  const narSize = narHasher.size;
  const narHash = narHasher.finish();
  const discard = build.options.unsafeDiscardReferences.has(name);
  const references = discard ? [] : scan.found;

  let ca: ContentAddress | undefined;
  if (fixed !== undefined) {
    const got =
      fixed.method !== "nar"
        ? hashFile(fixed.hash.algorithm, fsPath(files))
        : (fixedHasher?.finish() ?? narHash);
    if (!got.equals(fixed.hash)) throw hashMismatch(build.drvPath, fixed.hash.toSri(), got.toSri());
    if (references.length > 0) {
      throw new BuildError(
        `fixed-output derivations must not reference store paths: '${build.drvPath}' references ${references.length} distinct paths, e.g. '${references[0]}'`,
        { kind: "hash-mismatch", drvPath: build.drvPath },
      );
    }
    ca = { method: fixed.method, hash: got };
  }
  return {
    files,
    info: {
      path,
      narHash,
      narSize,
      references,
      deriver: build.drvPath,
      ultimate: true,
      registrationTime: 0,
      ca,
    },
  };
}

interface TemporaryDirectory {
  readonly path: ByteString;
  /** Locked, which tells garbage collectors to leave it alone. */
  readonly fd: number;
}

/** A directory that only we can enter, in the store directory, so that what is in it can be renamed into place. */
function privateDirectory(build: FinishedBuild, temporary: TemporaryDirectory[]): ByteString {
  for (;;) {
    const path = `${build.layout.physicalStoreDir}/tmp-${process.pid}-${randomBytes(9).toString("hex")}`;
    mkdirSync(fsPath(path), { mode: 0o700 });
    let fd: number;
    try {
      fd = openSync(fsPath(path), "r");
    } catch (error) {
      // A collector was quicker than our lock.
      if ((error as NodeJS.ErrnoException).code === "ENOENT") continue;
      throw error;
    }
    lockFile(fd, "exclusive", true);
    temporary.push({ path, fd });
    if (existsSync(fsPath(path))) return path;
  }
}

/** Outputs of one derivation may refer to one another, but not in a circle. */
function rejectCycles(build: FinishedBuild, collected: ReadonlyMap<ByteString, Collected>): void {
  const byPath = new Map([...collected].map(([name, { info }]) => [info.path, { name, info }] as const));
  const done = new Set<StorePath>();
  const visit = (path: StorePath, above: readonly StorePath[]) => {
    const output = byPath.get(path);
    if (output === undefined || done.has(path)) return;
    for (const reference of output.info.references) {
      if (reference === path) continue;
      const back = byPath.get(reference);
      if (back !== undefined && above.includes(reference)) {
        throw new BuildError(
          `cycle detected in build of '${build.drvPath}' in the references of output '${back.name}' from output '${output.name}'`,
          {
            kind: "output-rejected",
            drvPath: build.drvPath,
            hint: "Move the files that refer to one another into the same output.",
          },
        );
      }
      visit(reference, [...above, path]);
    }
    done.add(path);
  };
  for (const path of byPath.keys()) visit(path, []);
}

/** Checks may name outputs that were valid already. */
function checkable(build: FinishedBuild, collected: ReadonlyMap<ByteString, Collected>) {
  return new Map(
    [...build.derivation.outputs].map(([name, { path }]) => {
      const info = collected.get(name)?.info ?? build.store.pathInfo(path as StorePath);
      return [name, { path: info.path, narSize: info.narSize, references: info.references }] as const;
    }),
  );
}

function compare(build: FinishedBuild, { info, files }: Collected): void {
  const registered = build.store.queryPathInfo(info.path);
  if (registered === undefined || registered.narHash.equals(info.narHash)) return;
  const physical = build.layout.physical(info.path);
  let where = "";
  if (build.keepDifferent) {
    removeTree(`${physical}.check`);
    moveIntoPlace(files, `${physical}.check`, false);
    where = ` from '${physical}.check'`;
  }
  throw new BuildError(
    `derivation '${build.drvPath}' may not be deterministic: output '${info.path}' differs${where}`,
    {
      kind: "not-deterministic",
      drvPath: build.drvPath,
      hint: build.keepDifferent ? undefined : "With --keep-failed the new output is kept for comparison.",
    },
  );
}

/**
 * Renames a canonical tree.
 * @param replace what is there may be in use: it is moved aside first
 */
function moveIntoPlace(from: ByteString, to: ByteString, replace: boolean): void {
  // Without a sandbox the builder made it where it belongs.
  if (from === to) return;
  let old: ByteString | undefined;
  if (lstatSync(fsPath(to), { throwIfNoEntry: false }) !== undefined) {
    if (replace) {
      old = `${to}.old-${process.pid}`;
      moveTree(to, old);
    } else removeTree(to);
  }
  try {
    moveTree(from, to);
  } catch (error) {
    if (old !== undefined) moveTree(old, to);
    throw error;
  }
  if (old !== undefined) removeTree(old);
}

/** Nearly full disks make builders fail in ways that say nothing of it. */
export function diskIsFull(directories: readonly ByteString[]): boolean {
  return directories.some((directory) => {
    try {
      const { bavail, bsize } = statfsSync(fsPath(directory));
      return bavail * bsize < 8 * 1024 * 1024;
    } catch {
      return false;
    }
  });
}
