/**
 * The hash of a file's contents, read in pieces: a file may be longer than any buffer or string.
 */
import * as fs from "node:fs";
import { type Hash, type HashAlgorithm, Hasher } from "./hash.ts";

const pieceSize = 256 * 1024;

/**
 * @param from offset in bytes to begin at, the descriptor's own place staying as it is; null: from that place on, which
 *   is what pipes can do
 * @throws what node:fs throws
 */
export function hashDescriptor(algorithm: HashAlgorithm, descriptor: number, from: number | null): Hash {
  const hasher = new Hasher(algorithm);
  const piece = Buffer.allocUnsafe(pieceSize);
  for (;;) {
    const position = from === null ? null : from + hasher.size;
    const size = fs.readSync(descriptor, piece, 0, pieceSize, position);
    if (size === 0) return hasher.finish();
    hasher.update(piece.subarray(0, size));
  }
}

/** @param file as `fsPath` gives it @throws what node:fs throws */
export function hashFile(algorithm: HashAlgorithm, file: string | Buffer): Hash {
  const descriptor = fs.openSync(file, "r");
  try {
    return hashDescriptor(algorithm, descriptor, null);
  } finally {
    fs.closeSync(descriptor);
  }
}
