/**
 * Texts and small files on their way into the store: an evaluation makes hundreds, and one look into the database, one
 * entry of temporary roots and one transaction serve them all.
 *
 * Their paths are known at once, for they follow from the contents. Those are kept until they are written, so that what
 * happens to the original meanwhile does not matter.
 */
import * as fs from "node:fs";
import { type ByteString, fsPath, toBuffer } from "../format/bytes.ts";
import type { ContentAddress } from "../format/content-address.ts";
import { hashBytes, parseHash, sha256Prefixed } from "../format/hash.ts";
import { writeCanonicalFile } from "../format/nar.ts";
import { type FileNar, narOfFile, newFileNar } from "../format/nar-writer.ts";
import { makeFixedOutputPath, makeTextPath, type StorePath } from "../format/store-path.ts";
import type { DerivationOutputs, NewPathInfo } from "./store.ts";

export interface WaitingPath {
  readonly path: StorePath;
  /** Sorted. */
  readonly references: readonly StorePath[];
  readonly method: ContentAddress["method"];
  /** Of the text, or the archive: `sha256:<base 16>`. */
  readonly hash: string;
  readonly contents: ByteString | FileNar;
  /** A derivation's, where they are known to be right. */
  readonly outputs: DerivationOutputs | undefined;
}

/** So many wait at most, and so many bytes. */
const waitingLimit = 1000;
const waitingSizeLimit = 16 * 1024 * 1024;
/** Files up to this size wait; larger ones are better written than kept. */
const smallSize = 256 * 1024;

export function waitingText(
  name: ByteString,
  contents: ByteString,
  references: Iterable<StorePath>,
  storeDir: ByteString,
  outputs?: DerivationOutputs,
): WaitingPath {
  const sorted = sortedOnce(references);
  const hash = sha256Prefixed(contents);
  const path = makeTextPath(name, hash, sorted, storeDir);
  return { path, references: sorted, method: "text", hash, contents, outputs };
}

function sortedOnce(references: Iterable<StorePath>): readonly StorePath[] {
  const all = [...references];
  for (let index = 1; index < all.length; index++)
    if (all[index - 1]! >= all[index]!) return [...new Set(all)].sort();
  return all;
}

/**
 * Reads a regular file, hashed as its archive; undefined if it is something else, or large.
 * @throws node:fs's errors; StorePathError for an impossible name
 */
export function waitingFile(
  realPath: ByteString,
  name: ByteString,
  storeDir: ByteString,
): WaitingPath | undefined {
  const file = readSmallFile(realPath);
  if (file === undefined) return undefined;
  const hash = hashBytes("sha256", file.nar);
  const path = makeFixedOutputPath(name, { method: "nar", hash }, storeDir);
  return {
    path,
    references: [],
    method: "nar",
    hash: hash.toPrefixedBase16(),
    contents: file,
    outputs: undefined,
  };
}

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = fs.constants;

function readSmallFile(realPath: ByteString): FileNar | undefined {
  let fd: number;
  try {
    // As for any tree: links are not followed, and a FIFO must not be waited for.
    fd = fs.openSync(fsPath(realPath), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ELOOP") return undefined;
    throw error;
  }
  try {
    const stat = fs.fstatSync(fd);
    if (!stat.isFile() || stat.size > smallSize) return undefined;
    const file = newFileNar(stat.size, (stat.mode & 0o100) !== 0);
    const { contents } = file;
    for (let read = 0; read < contents.length; ) {
      const got = fs.readSync(fd, contents, read, contents.length - read, null);
      // It is being written: whoever reads it as a tree will say so.
      if (got === 0) return undefined;
      read += got;
    }
    return file;
  } finally {
    fs.closeSync(fd);
  }
}

/** Bytes that it holds. */
export function waitingSize({ contents }: WaitingPath): number {
  return typeof contents === "string" ? contents.length : contents.nar.length;
}

/** Is it time to write them? */
export function enoughWaits(count: number, bytes: number): boolean {
  return count >= waitingLimit || bytes >= waitingSizeLimit;
}

/** Writes it where nothing may be yet. */
export function writeWaiting(item: WaitingPath, realPath: ByteString): NewPathInfo {
  const { path, references, method, contents } = item;
  const ca = { method, hash: parseHash(item.hash) };
  if (typeof contents !== "string") {
    writeCanonicalFile(realPath, contents.contents, contents.executable);
    return { path, narHash: ca.hash, narSize: contents.nar.length, references, ca };
  }
  const bytes = toBuffer(contents);
  writeCanonicalFile(realPath, bytes, false);
  const nar = narOfFile(bytes);
  return { path, narHash: hashBytes("sha256", nar), narSize: nar.length, references, ca };
}

/**
 * Texts are not flushed to the disk one evaluation after another: that could wait for all that others write. Power
 * loss may then leave an empty file where a text should be, which is seen here when the text is next added.
 */
export function looksWhole({ contents }: WaitingPath, realPath: ByteString): boolean {
  return (
    typeof contents !== "string" ||
    fs.lstatSync(fsPath(realPath), { throwIfNoEntry: false })?.size === contents.length
  );
}
