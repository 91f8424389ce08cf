/**
 * Reading a file tree that is to be added: its hash first, its NAR kept in memory while it is small, so that a small
 * tree is read once and a large one that is valid already is never written.
 */
import * as fs from "node:fs";
import { ByteSource } from "../format/byte-source.ts";
import { type ByteString, fsPath } from "../format/bytes.ts";
import { type Hash, type HashAlgorithm, Hasher } from "../format/hash.ts";
import { copyPath, dumpPath, type NarFilter, restoreNar } from "../format/nar.ts";
import { narOfFile } from "../format/nar-writer.ts";
import { StoreError } from "./store-error.ts";

/** NARs up to this size are kept in memory: Nix's `nar-buffer-size`. */
const bufferLimit = 32 * 1024 * 1024;

/** A tree that has been read once. */
export interface ReadTree {
  /** By which its content address is made: of the NAR, or of a flat file's bytes. */
  readonly contentHash: Hash;
  readonly narHash: Hash;
  readonly narSize: number;
  /** Writes it, canonical; nothing may be at the destination. @throws StoreError when the tree has changed since */
  write(destination: ByteString): void;
}

/** One regular, not executable file with these bytes. */
export function readBytes(
  contents: Uint8Array,
  algorithm: HashAlgorithm,
): ReadTree & { readonly nar: Buffer } {
  const nar = narOfFile(contents);
  const narHash = new Hasher("sha256").update(nar).finish();
  return {
    contentHash: new Hasher(algorithm).update(contents).finish(),
    narHash,
    narSize: nar.length,
    nar,
    write: (destination) => restoreNar(nar, destination, { canonical: true }),
  };
}

/** @throws StoreError when it is no regular file and cannot be hashed flat */
export function readFlatFile(realPath: ByteString, algorithm: HashAlgorithm): ReturnType<typeof readBytes> {
  // Links are followed, as Nix does: what counts is the file's contents.
  const real = fsPath(realPath);
  if (!fs.statSync(real).isFile()) throw new StoreError(`path '${realPath}' is not a regular file`);
  return readBytes(fs.readFileSync(real), algorithm);
}

export function readTree(realPath: ByteString, algorithm: HashAlgorithm, filter?: NarFilter): ReadTree {
  const narHasher = new Hasher("sha256");
  const contentHasher = algorithm === "sha256" ? undefined : new Hasher(algorithm);
  // The filter is asked once for each entry: it is a user's function, and may be slow.
  const answers = new Map<ByteString, boolean>();
  const asked: NarFilter | undefined =
    filter === undefined
      ? undefined
      : (path, type) => {
          const answer = filter(path, type);
          answers.set(path, answer);
          return answer;
        };
  let kept: Buffer[] | undefined = [];
  dumpPath(
    realPath,
    (chunk) => {
      narHasher.update(chunk);
      contentHasher?.update(chunk);
      if (kept === undefined) return;
      if (narHasher.size > bufferLimit) kept = undefined;
      else kept.push(Buffer.from(chunk));
    },
    asked,
  );
  const narSize = narHasher.size;
  const narHash = narHasher.finish();
  const again: NarFilter | undefined =
    filter === undefined ? undefined : (path, type) => answers.get(path) ?? filter(path, type);
  return {
    contentHash: contentHasher?.finish() ?? narHash,
    narHash,
    narSize,
    write: (destination) => {
      if (kept !== undefined) restoreNar(ByteSource.fromChunks(kept), destination, { canonical: true });
      else {
        const hasher = new Hasher("sha256");
        copyPath(realPath, destination, (chunk) => hasher.update(chunk), again, { canonical: true });
        if (!hasher.finish().equals(narHash))
          throw new StoreError(`'${realPath}' changed while it was copied to the store`);
      }
    },
  };
}
