/**
 * Byte strings: a JavaScript string whose code units are all 0–255, one per byte.
 *
 * Nix strings are bytes, so length, substring, ordering and hashing must count bytes. V8 keeps such strings
 * in its one-byte form, which also makes them half as large. Text is decoded only at the edges of the program.
 */

/** A string each of whose code units is one byte. Documentation only: the type checker sees `string`. */
export type ByteString = string;

const ascii = /^[\x00-\x7f]*$/;

/** UTF-16 text (command line, environment, JSON read by Node) → its UTF-8 bytes as a byte string. */
export function toBytes(text: string): ByteString {
  return ascii.test(text) ? text : Buffer.from(text, "utf8").toString("latin1");
}

/** A byte string → text, for a terminal. Bytes that are not UTF-8 become U+FFFD. */
export function toText(bytes: ByteString): string {
  return ascii.test(bytes) ? bytes : Buffer.from(bytes, "latin1").toString("utf8");
}

/** A byte string → the Buffer with those bytes. */
export function toBuffer(bytes: ByteString): Buffer {
  return Buffer.from(bytes, "latin1");
}

/** Node's own, on every Buffer, under the general `write` and `toString`, which cost more than a short text does. */
interface DirectBuffer {
  latin1Write(text: ByteString, at: number, length: number): number;
  latin1Slice(from: number, to: number): ByteString;
  hexSlice(from: number, to: number): string;
}

/** Puts a byte string into a Buffer that has room for it there. */
export function writeBytes(to: Buffer, text: ByteString, at: number): void {
  (to as unknown as DirectBuffer).latin1Write(text, at, text.length);
}

/** The byte string of a Buffer's first bytes. */
export function readBytes(buffer: Buffer, length: number): ByteString {
  return (buffer as unknown as DirectBuffer).latin1Slice(0, length);
}

/** A Buffer's first bytes in base 16. */
export function readBase16(buffer: Buffer, length: number): string {
  return (buffer as unknown as DirectBuffer).hexSlice(0, length);
}

/** A Buffer or Uint8Array → the byte string with those bytes. */
export function fromBuffer(buffer: Uint8Array): ByteString {
  return Buffer.from(buffer.buffer, buffer.byteOffset, buffer.byteLength).toString("latin1");
}

/**
 * A byte string → what node:fs takes for that path: the string itself when it is ASCII (the quick way), its bytes
 * otherwise. File names on Linux are bytes, so they never pass through UTF-16.
 */
export function fsPath(path: ByteString): string | Buffer {
  return ascii.test(path) ? path : Buffer.from(path, "latin1");
}
