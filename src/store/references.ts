/**
 * Finding references: which of the given store paths' hash parts occur in a stream, wherever the chunks are cut. And
 * hashing "modulo" a path's own hash part, for content-addressed objects that contain their own path.
 *
 * A hash part is 32 nix32 digits; the scan looks at every 32nd byte first, so that most of a binary is skipped.
 * Manual: "Store objects: references", "self-references".
 */
import { type ByteString, fromBuffer } from "../format/bytes.ts";
import { type Hash, type HashAlgorithm, Hasher } from "../format/hash.ts";
import { dumpPath } from "../format/nar.ts";
import { hashPartLength, type StorePath, storePathHashPart } from "../format/store-path.ts";

const isDigit = new Uint8Array(256);
for (const character of "0123456789abcdfghijklmnpqrsvwxyz") isDigit[character.charCodeAt(0)] = 1;

/** Calls `found` for each stretch of 32 digits. */
function scan(buffer: Uint8Array, found: (at: number) => void): void {
  const last = buffer.length - hashPartLength;
  for (let at = 0; at <= last; ) {
    let offset = hashPartLength - 1;
    while (offset >= 0 && isDigit[buffer[at + offset]!] === 1) offset--;
    if (offset >= 0) {
      at += offset + 1;
      continue;
    }
    found(at);
    at++;
  }
}

/** A sink that finds references. */
export class ReferenceScanner {
  #candidates: Map<ByteString, StorePath>;
  #found = new Set<StorePath>();
  #tail = new Uint8Array(0);

  constructor(candidates: Iterable<StorePath>) {
    this.#candidates = new Map();
    for (const path of candidates) this.#candidates.set(storePathHashPart(path), path);
  }

  #scan(buffer: Uint8Array): void {
    scan(buffer, (at) => {
      const path = this.#candidates.get(fromBuffer(buffer.subarray(at, at + hashPartLength)));
      if (path !== undefined) this.#found.add(path);
    });
  }

  write(chunk: Uint8Array): void {
    if (this.#candidates.size === 0) return;
    const keep = hashPartLength - 1;
    // What begins in the last 31 bytes of all before must be seen together with what follows.
    const border = Buffer.concat([this.#tail, chunk.subarray(0, keep)]);
    this.#scan(border);
    this.#scan(chunk);
    this.#tail =
      chunk.length >= keep ? Uint8Array.from(chunk.subarray(-keep)) : Uint8Array.from(border.subarray(-keep));
  }

  /** Sorted. */
  get found(): StorePath[] {
    return [...this.#found].sort();
  }
}

/** What one reading of a tree tells. */
export interface TreeScan {
  readonly narHash: Hash;
  readonly narSize: number;
  /** Those of the candidates that occur, sorted. */
  readonly references: readonly StorePath[];
}

/** Hashes a tree's NAR and looks for references in it. @param candidates what may occur; include the path itself */
export function scanTree(realPath: ByteString, candidates: Iterable<StorePath>): TreeScan {
  const scanner = new ReferenceScanner(candidates);
  const hasher = new Hasher("sha256");
  dumpPath(realPath, (chunk) => {
    hasher.update(chunk);
    scanner.write(chunk);
  });
  return { narSize: hasher.size, narHash: hasher.finish(), references: scanner.found };
}

/**
 * A hash over a stream in which a hash part is read as zeros; where it stood is hashed behind it, so that a stream with
 * zeros in its place has another hash.
 */
export class ModuloHasher {
  #modulus: Buffer;
  #hasher: Hasher;
  #held = Buffer.alloc(0);
  #position = 0;
  #matches: number[] = [];

  /** @param hashPart 32 digits */
  constructor(algorithm: HashAlgorithm, hashPart: ByteString) {
    this.#hasher = new Hasher(algorithm);
    this.#modulus = Buffer.from(hashPart, "latin1");
  }

  update(chunk: Uint8Array): void {
    const buffer = Buffer.concat([this.#held, chunk]);
    let done = 0;
    for (;;) {
      const at = buffer.indexOf(this.#modulus, done);
      if (at < 0) break;
      this.#matches.push(this.#position + at);
      this.#hasher.update(buffer.subarray(done, at));
      this.#hasher.update(new Uint8Array(this.#modulus.length));
      done = at + this.#modulus.length;
    }
    // The last bytes may begin a match that the next chunk ends.
    const keepFrom = Math.max(done, buffer.length - this.#modulus.length + 1);
    this.#hasher.update(buffer.subarray(done, keepFrom));
    this.#held = Buffer.from(buffer.subarray(keepFrom));
    this.#position += keepFrom;
  }

  finish(): Hash {
    this.#hasher.update(this.#held);
    for (const match of this.#matches) this.#hasher.update(`|${match}`);
    return this.#hasher.finish();
  }
}
