/**
 * Writes the NAR format: padded strings into one reused buffer, handed on in few large chunks.
 *
 * A sink must use (or copy) a chunk before it returns: the buffer is written over afterwards.
 * Manual: "Nix Archive (NAR) format".
 */
import type { ByteString } from "./bytes.ts";
import { NarError } from "./format-error.ts";

/** Takes bytes that are valid during the call only. */
export type Sink = (chunk: Uint8Array) => void;

export const narMagic = "nix-archive-1";
/** Directories may be nested this deep, the root counted: Nix's limit since 2.35. */
export const narMaxDepth = 64;
export const narMaxName = 255;
export const narMaxTarget = 4095;

const bufferSize = 256 * 1024;

/** Encodes the fixed words once: most of a NAR of small files is these. */
function encoded(...words: string[]): Buffer {
  return Buffer.concat(
    words.map((word) => {
      const bytes = Buffer.alloc(8 + Math.ceil(word.length / 8) * 8);
      bytes.writeUInt32LE(word.length, 0);
      bytes.write(word, 8, "latin1");
      return bytes;
    }),
  );
}

const words = {
  magic: encoded(narMagic),
  close: encoded(")"),
  directory: encoded("(", "type", "directory"),
  entry: encoded("entry", "(", "name"),
  node: encoded("node"),
  regular: encoded("(", "type", "regular", "contents"),
  executable: encoded("(", "type", "regular", "executable", "", "contents"),
  symlink: encoded("(", "type", "symlink", "target"),
};

/** The archive of one regular file, in one piece. */
export interface FileNar {
  readonly nar: Buffer;
  readonly executable: boolean;
  /** The part of `nar`, not a copy, that is the file's. */
  readonly contents: Buffer;
}

/** For `size` bytes, which the caller puts in. */
export function newFileNar(size: number, executable: boolean): FileNar {
  const kind = executable ? words.executable : words.regular;
  const start = words.magic.length + kind.length + 8;
  const end = start + Math.ceil(size / 8) * 8;
  const nar = Buffer.allocUnsafe(end + words.close.length);
  nar.set(words.magic);
  nar.set(kind, words.magic.length);
  nar.writeUInt32LE(size % 0x1_0000_0000, start - 8);
  nar.writeUInt32LE(Math.floor(size / 0x1_0000_0000), start - 4);
  nar.fill(0, start + size, end);
  nar.set(words.close, end);
  return { nar, executable, contents: nar.subarray(start, start + size) };
}

/** The NAR of one regular, not executable file with these contents. */
export function narOfFile(contents: Uint8Array): Buffer {
  const file = newFileNar(contents.length, false);
  file.contents.set(contents);
  return file.nar;
}

export class NarWriter {
  #sink: Sink;
  #buffer: Buffer;
  #used = 0;

  /** @param size of the buffer: smaller where the NAR is known to be */
  constructor(sink: Sink, size: number = bufferSize) {
    this.#sink = sink;
    this.#buffer = Buffer.allocUnsafeSlow(Math.max(512, Math.min(size, bufferSize)));
  }

  #bytes(bytes: Uint8Array): void {
    if (bytes.length > this.#buffer.length - this.#used) this.flush();
    this.#buffer.set(bytes, this.#used);
    this.#used += bytes.length;
  }

  #number(value: number): void {
    if (this.#buffer.length - this.#used < 8) this.flush();
    this.#buffer.writeUInt32LE(value % 0x1_0000_0000, this.#used);
    this.#buffer.writeUInt32LE(Math.floor(value / 0x1_0000_0000), this.#used + 4);
    this.#used += 8;
  }

  #padding(length: number): void {
    const rest = length % 8;
    if (rest === 0) return;
    if (this.#buffer.length - this.#used < 8) this.flush();
    this.#buffer.fill(0, this.#used, this.#used + 8 - rest);
    this.#used += 8 - rest;
  }

  #string(text: ByteString): void {
    this.#number(text.length);
    if (this.#buffer.length - this.#used < text.length) this.flush();
    this.#used += this.#buffer.write(text, this.#used, "latin1");
    this.#padding(text.length);
  }

  start(): void {
    this.#bytes(words.magic);
  }
  directory(): void {
    this.#bytes(words.directory);
  }
  /** Opens an entry; its node must follow, then `leaveEntry`. */
  entry(name: ByteString): void {
    this.#bytes(words.entry);
    this.#string(name);
    this.#bytes(words.node);
  }
  leaveEntry(): void {
    this.#bytes(words.close);
  }
  leaveDirectory(): void {
    this.#bytes(words.close);
  }
  symlink(target: ByteString): void {
    this.#bytes(words.symlink);
    this.#string(target);
    this.#bytes(words.close);
  }

  /**
   * @param read fills the given piece of the buffer with the file's next bytes, as `readSync` does
   * @throws NarError when the file turns out shorter than `size`
   */
  file(
    executable: boolean,
    size: number,
    read: (buffer: Buffer, offset: number, length: number) => number,
  ): void {
    this.#bytes(executable ? words.executable : words.regular);
    this.#number(size);
    let left = size;
    while (left > 0) {
      if (this.#used === this.#buffer.length) this.flush();
      const got = read(this.#buffer, this.#used, Math.min(left, this.#buffer.length - this.#used));
      if (got === 0) throw new NarError("unexpected end-of-file");
      this.#used += got;
      left -= got;
    }
    this.#padding(size);
    this.#bytes(words.close);
  }

  /** Hands on what is left. */
  flush(): void {
    if (this.#used === 0) return;
    this.#sink(this.#buffer.subarray(0, this.#used));
    this.#used = 0;
  }
}
