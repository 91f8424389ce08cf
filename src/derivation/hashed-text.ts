/**
 * A text to be hashed, put together as bytes: its pieces go to one place, one behind the other, and no string is made of
 * them. A package set hashes every derivation three times, a few kilobytes each.
 */
import type { ByteString } from "../format/bytes.ts";
import { sha256Base16 } from "../format/sha256.ts";

/** One for all: none is begun before the one before it is done. */
let room = Buffer.alloc(0);
const firstRoom = 16 * 1024;

export class HashedText {
  #used = 0;

  put(text: ByteString): void {
    const end = this.#used + text.length;
    if (end > room.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(firstRoom, 2 * end));
      room.copy(larger, 0, 0, this.#used);
      room = larger;
    }
    room.write(text, this.#used, "latin1");
    this.#used = end;
  }

  /** Of all that was put in. */
  sha256Base16(): string {
    return sha256Base16(room.subarray(0, this.#used));
  }
}
