/**
 * A text to be hashed, put together as bytes: its pieces go to one place, one behind the other, and no string is made of
 * them. A package set hashes every derivation three times, a few kilobytes each; the three texts begin differently and
 * have most of the rest in common. So the beginning is written backwards from where the rest starts, and of the rest
 * only what differs is written again.
 */
import { type ByteString, writeBytes } from "../format/bytes.ts";
import { HashedMemory } from "../format/sha256.ts";

/** One for all. */
let memory: HashedMemory | undefined;
/** Whose text is there now. */
let holder: HashedText | undefined;
/** Where the rest starts, and how much room is behind that, at first. */
const firstRoom = 16 * 1024;

export class HashedText {
  /** Where the rest starts. */
  #middle = 0;
  #end = 0;

  /** Is what was put here still there? Else it must be put again: another text has taken the place. */
  get isThere(): boolean {
    return holder === this;
  }

  /** Begins anew. */
  clear(): void {
    holder = this;
    memory ??= new HashedMemory(2 * firstRoom);
    this.#middle = memory.bytes.length >> 1;
    this.#end = this.#middle;
  }

  /** Forgets all but so much of the rest. */
  cut(length: number): void {
    this.#end = this.#middle + length;
  }

  /** Adds to the rest. */
  put(text: ByteString): void {
    const { bytes } = memory!;
    const end = this.#end + text.length;
    if (end > bytes.length) {
      this.#grow(text.length);
      this.put(text);
      return;
    }
    writeBytes(bytes, text, this.#end);
    this.#end = end;
  }

  /** SHA-256, in base 16, of two texts and the rest. */
  sha256Base16(first: ByteString, second: ByteString): string {
    const before = first.length + second.length;
    if (before > this.#middle) this.#grow(before);
    const { bytes } = memory!;
    const start = this.#middle - before;
    writeBytes(bytes, first, start);
    writeBytes(bytes, second, start + first.length);
    return memory!.sha256Base16(start, this.#end);
  }

  /** Makes room for so much more, on both sides. */
  #grow(more: number): void {
    const old = memory!.bytes;
    memory = new HashedMemory(2 * (old.length + more));
    const middle = memory.bytes.length >> 1;
    old.copy(memory.bytes, middle, this.#middle, this.#end);
    this.#end += middle - this.#middle;
    this.#middle = middle;
  }
}
