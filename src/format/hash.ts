/**
 * Cryptographic hashes with Nix's notations: base 16, nix32, base 64, SRI, with or without an `algo:` prefix.
 *
 * The notation of a text without a mark is told by its length alone, as Nix does. `blake3` is an experimental
 * feature of Nix and Node has no implementation of it: asking for it gives Nix's error for a disabled feature.
 * Manual: "Hash" in the store chapter, `nix hash`.
 */
import * as crypto from "node:crypto";
import { type ByteString, toBuffer } from "./bytes.ts";
import { FormatError, HashError } from "./format-error.ts";
import { decodeNix32, encodeNix32, nix32Length } from "./nix32.ts";
import { type HashStream, openSslStream, sha256, sha256Base16 } from "./sha256.ts";

export type HashAlgorithm = "md5" | "sha1" | "sha256" | "sha512";
export type HashFormat = "base16" | "nix32" | "base64" | "sri";

const sizes: Record<HashAlgorithm, number> = { md5: 16, sha1: 20, sha256: 32, sha512: 64 };

/** Length of a hash in bytes. */
export function hashSize(algorithm: HashAlgorithm): number {
  return sizes[algorithm];
}

/** @throws FormatError as Nix says it */
export function parseHashAlgorithm(text: ByteString): HashAlgorithm {
  if (Object.hasOwn(sizes, text)) return text as HashAlgorithm;
  if (text === "blake3")
    throw new FormatError(
      "experimental Nix feature 'blake3-hashes' is disabled; add '--extra-experimental-features blake3-hashes' to enable it",
    );
  throw new FormatError(
    `unknown hash algorithm '${text}', expect 'blake3', 'md5', 'sha1', 'sha256', or 'sha512'`,
  );
}

export class Hash {
  readonly algorithm: HashAlgorithm;
  /** Never written to after construction. */
  readonly bytes: Uint8Array;

  /** @throws HashError when the number of bytes is not the algorithm's */
  constructor(algorithm: HashAlgorithm, bytes: Uint8Array) {
    if (bytes.length !== sizes[algorithm])
      throw new HashError(
        `a ${algorithm} hash has ${sizes[algorithm]} bytes, but ${bytes.length} were given`,
      );
    this.algorithm = algorithm;
    this.bytes = bytes;
  }

  equals(other: Hash): boolean {
    return this.algorithm === other.algorithm && Buffer.compare(this.bytes, other.bytes) === 0;
  }

  toBase16(): string {
    return asBuffer(this.bytes).toString("hex");
  }
  toNix32(): string {
    return encodeNix32(this.bytes);
  }
  toBase64(): string {
    return asBuffer(this.bytes).toString("base64");
  }
  toSri(): string {
    return `${this.algorithm}-${this.toBase64()}`;
  }
  /** `sha256:<nix32>`, as narinfo files and content addresses have it. */
  toPrefixedNix32(): string {
    return `${this.algorithm}:${this.toNix32()}`;
  }
  /** `sha256:<base 16>`, as Nix's database and the store path computation have it. */
  toPrefixedBase16(): string {
    return `${this.algorithm}:${this.toBase16()}`;
  }
  /** Without any prefix, save in SRI notation. */
  format(format: HashFormat): string {
    switch (format) {
      case "base16":
        return this.toBase16();
      case "nix32":
        return this.toNix32();
      case "base64":
        return this.toBase64();
      case "sri":
        return this.toSri();
    }
  }
  toString(): string {
    return this.toSri();
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Hash of bytes, or of a byte string's bytes. */
export function hashBytes(algorithm: HashAlgorithm, data: Uint8Array | ByteString): Hash {
  if (algorithm === "sha256") return new Hash(algorithm, sha256(data));
  const bytes = typeof data === "string" ? toBuffer(data) : data;
  return new Hash(algorithm, crypto.hash(algorithm, bytes, "buffer"));
}

/** SHA-256 of a byte string, printed `sha256:<base 16>`. */
export function sha256Prefixed(text: ByteString): string {
  return `sha256:${sha256Base16(text)}`;
}

/** A hash over data that comes in pieces; also counts the bytes. */
export class Hasher {
  readonly algorithm: HashAlgorithm;
  readonly #stream: HashStream;
  #size = 0;

  constructor(algorithm: HashAlgorithm) {
    this.algorithm = algorithm;
    this.#stream = (algorithm === "sha256" ? openSslStream() : undefined) ?? cryptoStream(algorithm);
  }
  update(chunk: Uint8Array | ByteString): this {
    this.#stream.update(chunk);
    this.#size += chunk.length;
    return this;
  }
  /** Bytes so far. */
  get size(): number {
    return this.#size;
  }
  /** Once only. */
  finish(): Hash {
    return new Hash(this.algorithm, this.#stream.digest());
  }
}

function cryptoStream(algorithm: HashAlgorithm): HashStream {
  const inner = crypto.createHash(algorithm);
  return {
    update: (data) => void (typeof data === "string" ? inner.update(data, "latin1") : inner.update(data)),
    digest: () => inner.digest(),
  };
}

/** The length of base 64 text with padding. */
function base64Length(byteLength: number): number {
  return Math.ceil(byteLength / 3) * 4;
}

/**
 * Nix's base 64: `=` ends the text wherever it stands, newlines are skipped, missing padding is forgiven.
 * @throws FormatError on any other character
 */
export function decodeBase64(text: ByteString): Uint8Array {
  const end = text.indexOf("=");
  const body = (end < 0 ? text : text.slice(0, end)).replaceAll("\n", "");
  const foreign = /[^A-Za-z0-9+/]/.exec(body);
  if (foreign !== null) throw new FormatError(`invalid character in Base64 string: '${foreign[0]}'`);
  return Buffer.from(body, "base64");
}

function decodeBase16(text: ByteString): Uint8Array {
  const foreign = /[^0-9A-Fa-f]/.exec(text);
  if (foreign !== null) throw new FormatError(`invalid character in Base16 string: '${foreign[0]}'`);
  return Buffer.from(text, "hex");
}

/**
 * Reads a hash in any of Nix's notations and tells which it was.
 *
 * @param algorithm what the hash must be, where the context says so
 * @throws HashError with Nix's message when the algorithm is missing or another one, or the text is malformed
 */
export function parseHashAndFormat(
  text: ByteString,
  algorithm?: HashAlgorithm | undefined,
): { hash: Hash; format: HashFormat } {
  let rest = text;
  let named: HashAlgorithm | undefined;
  let sri = false;
  const colon = text.indexOf(":");
  if (colon >= 0) {
    named = parseHashAlgorithm(text.slice(0, colon));
    rest = text.slice(colon + 1);
  } else {
    const dash = text.indexOf("-");
    if (dash >= 0) {
      named = parseHashAlgorithm(text.slice(0, dash));
      rest = text.slice(dash + 1);
      sri = true;
    }
  }
  if (named === undefined && algorithm === undefined)
    throw new HashError(
      `hash '${text}' does not include a type, nor is the type otherwise known from context`,
    );
  if (named !== undefined && algorithm !== undefined && named !== algorithm)
    throw new HashError(`hash '${text}' should have type '${algorithm}'`);
  const type = (named ?? algorithm)!;
  const format = sri ? "sri" : formatByLength(rest, type);
  return { hash: decodeHash(rest, type, format), format };
}

/** As `parseHashAndFormat`, without the notation. */
export function parseHash(text: ByteString, algorithm?: HashAlgorithm | undefined): Hash {
  return parseHashAndFormat(text, algorithm).hash;
}

/** A hash that must carry its algorithm: `sha256:…` or SRI. @throws HashError */
export function parsePrefixedHash(text: ByteString): Hash {
  if (!text.includes(":") && !text.includes("-"))
    throw new HashError(`hash '${text}' does not include a type`);
  return parseHash(text);
}

/** A hash without prefix, in base 16, nix32 or base 64. @throws HashError */
export function parseUnprefixedHash(text: ByteString, algorithm: HashAlgorithm): Hash {
  return decodeHash(text, algorithm, formatByLength(text, algorithm));
}

function formatByLength(text: ByteString, algorithm: HashAlgorithm): HashFormat {
  const size = sizes[algorithm];
  if (text.length === size * 2) return "base16";
  if (text.length === nix32Length(size)) return "nix32";
  if (text.length === base64Length(size)) return "base64";
  throw new HashError(`hash '${text}' has wrong length for hash algorithm '${algorithm}'`);
}

function decodeHash(text: ByteString, algorithm: HashAlgorithm, format: HashFormat): Hash {
  const size = sizes[algorithm];
  let bytes: Uint8Array;
  let fault: FormatError | undefined;
  try {
    bytes =
      format === "base16"
        ? decodeBase16(text)
        : format === "nix32"
          ? decodeNix32(text, size, "keep")
          : decodeBase64(text);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    // Nix forgets why the decoding failed and reports a length of zero. Its message stays, the reason is the hint.
    fault = error;
    bytes = new Uint8Array(0);
  }
  if (bytes.length !== size) {
    const name = format === "sri" ? "SRI" : format === "base64" ? "Base64" : format;
    throw new HashError(`invalid ${name} hash '${text}', length ${bytes.length} != expected length ${size}`, {
      hint: fault?.message,
      cause: fault,
    });
  }
  return new Hash(algorithm, bytes);
}

/** Folds a digest to `size` bytes by exclusive or, as store paths do with SHA-256. */
export function compressHash(bytes: Uint8Array, size: number): Uint8Array {
  const folded = new Uint8Array(size);
  for (let index = 0; index < bytes.length; index++) folded[index % size]! ^= bytes[index]!;
  return folded;
}
