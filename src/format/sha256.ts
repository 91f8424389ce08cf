/**
 * SHA-256 without Node's crypto, where that can be.
 *
 * An evaluation hashes some hundred kilobytes, and loading Node's crypto (forty modules) takes longer than that whole
 * work. OpenSSL's own functions are in the executable and can be called there. Where they cannot (another Node), it is
 * Node's crypto after all.
 */
import * as crypto from "node:crypto";
import { type ByteString, readBase16, toBuffer, writeBytes } from "./bytes.ts";
import { addressOf, foreignFunction } from "./foreign.ts";

type Data = Uint8Array | ByteString;

/** `SHA256_CTX` has 112 bytes. */
const stateSize = 128;
/** Longer texts get a buffer of their own: allocating one for each costs as much as hashing it. */
const textRoom = 256 * 1024;

/** OpenSSL's `SHA256`, of memory at an address into that of `lastDigest`; undefined: not looked for yet. */
let whole: ((data: bigint, count: bigint, digest: bigint) => unknown) | null | undefined;
let texts: Buffer | undefined;
let textsAddress = 0n;
const digestSize = 32;
const lastDigest = Buffer.allocUnsafeSlow(digestSize);
let digestAddress = 0n;
/** Held here while its address is in use, or its memory might be given back meanwhile. */
let long: Uint8Array | undefined;

function findWhole(): typeof whole {
  // `unsigned char *SHA256(const unsigned char *data, size_t count, unsigned char *md)`
  const found = foreignFunction("SHA256", { arguments: ["u64", "u64", "u64"], return: "u64" });
  if (found === undefined) return null;
  texts ??= Buffer.allocUnsafeSlow(textRoom);
  textsAddress = addressOf(texts);
  digestAddress = addressOf(lastDigest);
  return found as NonNullable<typeof whole>;
}

function bytesOf(data: Data): Uint8Array {
  if (typeof data !== "string") return data;
  if (data.length > textRoom) return toBuffer(data);
  texts ??= Buffer.allocUnsafeSlow(textRoom);
  return texts.subarray(0, texts.write(data, "latin1"));
}

/** The digest, to be used before anything else is hashed. */
export function sha256Transient(data: Data): Buffer {
  if (whole === undefined) whole = findWhole();
  if (whole == null) return crypto.hash("sha256", bytesOf(data), "buffer");
  const { length } = data;
  if (length > textRoom) {
    long = typeof data === "string" ? toBuffer(data) : data;
    whole(addressOf(long), BigInt(length), digestAddress);
    long = undefined;
    return lastDigest;
  }
  if (typeof data === "string") writeBytes(texts!, data, 0);
  else texts!.set(data);
  whole(textsAddress, BigInt(length), digestAddress);
  return lastDigest;
}

/** The 32 bytes of the digest. */
export function sha256(data: Data): Uint8Array {
  return Uint8Array.from(sha256Transient(data));
}

/** The digest in base 16. */
export function sha256Base16(data: Data): string {
  return readBase16(sha256Transient(data), digestSize);
}

/** Memory whose contents are hashed where they are. */
export class HashedMemory {
  readonly bytes: Buffer;
  #address: bigint | undefined;

  constructor(size: number) {
    this.bytes = Buffer.allocUnsafeSlow(size);
  }

  /** In base 16, of what stands from `start` up to `end`. */
  sha256Base16(start: number, end: number): string {
    if (whole === undefined) whole = findWhole();
    if (whole == null) return crypto.hash("sha256", this.bytes.subarray(start, end), "hex");
    this.#address ??= addressOf(this.bytes);
    whole(this.#address + BigInt(start), BigInt(end - start), digestAddress);
    return readBase16(lastDigest, digestSize);
  }
}

/** Over data that comes in pieces. */
export interface HashStream {
  update(data: Data): void;
  /** Once only. */
  digest(): Uint8Array;
}

interface Pieces {
  readonly init: (state: Uint8Array) => unknown;
  readonly update: (state: Uint8Array, data: Uint8Array, count: bigint) => unknown;
  readonly final: (digest: Uint8Array, state: Uint8Array) => unknown;
}
let pieces: Pieces | null | undefined;

function findPieces(): Pieces | null {
  const init = foreignFunction("SHA256_Init", { arguments: ["buffer"], return: "i32" });
  const update = foreignFunction("SHA256_Update", { arguments: ["buffer", "buffer", "u64"], return: "i32" });
  const final = foreignFunction("SHA256_Final", { arguments: ["buffer", "buffer"], return: "i32" });
  return init && update && final ? ({ init, update, final } as Pieces) : null;
}

/** Undefined where it must be Node's crypto. */
export function openSslStream(): HashStream | undefined {
  if (pieces === undefined) pieces = findPieces();
  if (pieces === null) return undefined;
  const { init, update, final } = pieces;
  const state = Buffer.allocUnsafeSlow(stateSize);
  init(state);
  return {
    update: (data) => void update(state, bytesOf(data), BigInt(data.length)),
    digest: () => {
      const digest = Buffer.allocUnsafeSlow(32);
      final(digest, state);
      return digest;
    },
  };
}
