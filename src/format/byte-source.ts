/**
 * Synchronous reading of a byte stream with Nix's wire primitives: 64-bit little-endian integers and strings
 * padded with zeros to eight bytes. NAR files, export streams and the worker protocol are made of these.
 *
 * Lengths come from outside: they are read as 64-bit unsigned numbers and compared with a limit before anything
 * is allocated. A source can show all that is read from it to a tap (a hash, a reference scan), so that a stream is
 * parsed and hashed in one pass.
 */
import * as fs from "node:fs";
import { type ByteString, fromBuffer } from "./bytes.ts";
import { FormatError } from "./format-error.ts";

const bufferSize = 256 * 1024;

/** Fills the front of `buffer`; returns how many bytes, 0 at the end only. */
export type Fill = (buffer: Uint8Array) => number;

export class ByteSource {
  #fill: Fill;
  #buffer: Buffer;
  #position = 0;
  #end = 0;
  #tap: ((chunk: Uint8Array) => void) | undefined;
  #tapped = 0;

  constructor(fill: Fill) {
    this.#fill = fill;
    this.#buffer = Buffer.allocUnsafeSlow(bufferSize);
  }

  static fromBytes(bytes: Uint8Array): ByteSource {
    const source = new ByteSource(() => 0);
    source.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    source.#end = bytes.byteLength;
    return source;
  }

  /** Reads from the descriptor's own position. Does not close it. */
  static fromDescriptor(fd: number): ByteSource {
    return new ByteSource((buffer) => readSome(fd, buffer));
  }

  static fromChunks(chunks: Iterable<Uint8Array>): ByteSource {
    const iterator = chunks[Symbol.iterator]();
    let rest = new Uint8Array(0);
    return new ByteSource((buffer) => {
      while (rest.length === 0) {
        const next = iterator.next();
        if (next.done === true) return 0;
        rest = next.value as Uint8Array<ArrayBuffer>;
      }
      const count = Math.min(rest.length, buffer.length);
      buffer.set(rest.subarray(0, count));
      rest = rest.subarray(count);
      return count;
    });
  }

  /** From now on `tap` sees every byte that is taken, in order; undefined ends that (and delivers what is due). */
  setTap(tap: ((chunk: Uint8Array) => void) | undefined): void {
    this.#flushTap();
    this.#tap = tap;
    this.#tapped = this.#position;
  }

  #flushTap(): void {
    if (this.#tap !== undefined && this.#tapped < this.#position)
      this.#tap(this.#buffer.subarray(this.#tapped, this.#position));
    this.#tapped = this.#position;
  }

  /** Makes at least `count` (at most the buffer's size) bytes available. False when the stream ends before. */
  #need(count: number): boolean {
    if (this.#end - this.#position >= count) return true;
    this.#flushTap();
    if (this.#position > 0) {
      this.#buffer.copyWithin(0, this.#position, this.#end);
      this.#end -= this.#position;
      this.#position = 0;
      this.#tapped = 0;
    }
    while (this.#end < count) {
      if (this.#end === this.#buffer.length) return false;
      const got = this.#fill(this.#buffer.subarray(this.#end));
      if (got === 0) return false;
      this.#end += got;
    }
    return true;
  }

  /** Is there nothing left? */
  atEnd(): boolean {
    return !this.#need(1);
  }

  /** A view that is good until the next call; `count` at most 64 kB. @throws FormatError at the end of the stream */
  take(count: number): Buffer {
    if (!this.#need(count)) throw new FormatError("unexpected end-of-file");
    const view = this.#buffer.subarray(this.#position, this.#position + count);
    this.#position += count;
    return view;
  }

  /** Gives the next `count` bytes to `sink` in as large pieces as there are. @throws FormatError at the end */
  copy(count: number, sink: (chunk: Uint8Array) => void): void {
    let left = count;
    while (left > 0) {
      if (!this.#need(1)) throw new FormatError("unexpected end-of-file");
      const size = Math.min(left, this.#end - this.#position);
      sink(this.#buffer.subarray(this.#position, this.#position + size));
      this.#position += size;
      left -= size;
    }
  }

  /** A 64-bit unsigned number. @throws FormatError when it is beyond 2^53, which no length of ours can be */
  readNumber(): number {
    const bytes = this.take(8);
    const low = bytes.readUInt32LE(0);
    const high = bytes.readUInt32LE(4);
    if (high >= 0x20_0000)
      throw new FormatError(`serialised integer ${(BigInt(high) << 32n) | BigInt(low)} is too large`);
    return high * 0x1_0000_0000 + low;
  }

  /** @throws FormatError unless the bytes up to the next multiple of eight are zero */
  readPadding(length: number): void {
    const rest = length % 8;
    if (rest === 0) return;
    for (const byte of this.take(8 - rest)) if (byte !== 0) throw new FormatError("non-zero padding");
  }

  /** A padded string of at most `maximum` bytes (itself at most 64 kB). @throws FormatError */
  readString(maximum: number): ByteString {
    const length = this.readNumber();
    if (length > maximum) throw new FormatError("string is too long");
    const text = length === 0 ? "" : fromBuffer(this.take(length));
    this.readPadding(length);
    return text;
  }
}

/** `readSync` that waits where a pipe has nothing yet. */
function readSome(fd: number, buffer: Uint8Array): number {
  for (;;) {
    try {
      return fs.readSync(fd, buffer, 0, buffer.length, null);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === "EOF") return 0;
      if (code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}
