/**
 * Store objects' metadata: mode 0444 or 0555, modification time 1, our owner; and the moving and removing of trees that
 * are made so, which as a plain user needs the write permission back first.
 *
 * Deviation: extended attributes that a builder set are not removed (the sandbox forbids setting them); no NAR holds
 * them. Trees that are copied or unpacked here have none.
 */
import * as fs from "node:fs";
import { type ByteString, fsPath } from "../format/bytes.ts";
import { StoreError } from "./store-error.ts";

/**
 * Makes a finished tree canonical, in place; never follows links.
 * @param owner if given, only what belongs to this user may be in the tree: hard links to others' files are refused
 * @param seen files made canonical before: several trees with hard links between them share one set
 * @throws StoreError for a file of a kind that no store object can hold, or of another owner
 */
export function canonicaliseTree(realPath: ByteString, owner?: number, seen = new Set<string>()): void {
  const me = process.geteuid?.() ?? -1;
  const group = process.getegid?.() ?? -1;
  const visit = (path: ByteString): void => {
    const real = fsPath(path);
    const stat = fs.lstatSync(real);
    const isDirectory = stat.isDirectory();
    if (!isDirectory && !stat.isFile() && !stat.isSymbolicLink())
      throw new StoreError(`file '${path}' has an unsupported type`);
    const inode = `${stat.dev}:${stat.ino}`;
    if (owner !== undefined && stat.uid !== owner) {
      // A hard link within the tree was ours when we met it first.
      if (isDirectory || !seen.has(inode)) throw new StoreError(`invalid ownership on file '${path}'`);
      return;
    }
    seen.add(inode);
    if (!stat.isSymbolicLink()) {
      const mode = isDirectory || (stat.mode & 0o100) !== 0 ? 0o555 : 0o444;
      if (isDirectory) {
        // Reading it may need permission that the builder took away.
        if ((stat.mode & 0o700) !== 0o700) fs.chmodSync(real, 0o755);
        for (const name of fs.readdirSync(real, { encoding: "latin1" })) visit(`${path}/${name}`);
      }
      if (isDirectory || (stat.mode & 0o7777) !== mode) fs.chmodSync(real, mode);
    }
    if (me === 0 && (stat.uid !== me || stat.gid !== group)) fs.lchownSync(real, me, group);
    if (isDirectory || stat.mtimeMs !== 1000) fs.lutimesSync(real, 1, 1);
  };
  visit(realPath);
}

/** Renames a tree, also when its root directory is read-only and the user is not root. */
export function moveTree(from: ByteString, to: ByteString): void {
  const stat = fs.lstatSync(fsPath(from));
  const unlock = stat.isDirectory() && (stat.mode & 0o200) === 0 && process.geteuid?.() !== 0;
  if (unlock) fs.chmodSync(fsPath(from), (stat.mode & 0o7777) | 0o200);
  try {
    fs.renameSync(fsPath(from), fsPath(to));
  } catch (error) {
    if (unlock) fs.chmodSync(fsPath(from), stat.mode & 0o7777);
    throw error;
  }
  if (!unlock) return;
  fs.chmodSync(fsPath(to), stat.mode & 0o7777);
  fs.utimesSync(fsPath(to), stat.atime, stat.mtime);
}

/**
 * Removes a tree, read-only directories and all; never follows links. Nothing there is no error.
 * @returns the bytes that become free (files with other hard links count nothing)
 */
export function removeTree(realPath: ByteString): number {
  let freed = 0;
  const visit = (path: ByteString): void => {
    const real = fsPath(path);
    const stat = fs.lstatSync(real, { throwIfNoEntry: false });
    if (stat === undefined) return;
    if (stat.isDirectory()) {
      if ((stat.mode & 0o700) !== 0o700) fs.chmodSync(real, stat.mode | 0o700);
      for (const name of fs.readdirSync(real, { encoding: "latin1" })) visit(`${path}/${name}`);
      freed += stat.blocks * 512;
      fs.rmdirSync(real);
    } else {
      // The entry in .links does not keep the bytes: it goes with the last other name.
      if (stat.nlink <= 2 && stat.isFile()) freed += stat.blocks * 512;
      fs.unlinkSync(real);
    }
  };
  visit(realPath);
  return freed;
}
