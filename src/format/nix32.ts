/**
 * Nix's base 32: digits `0-9a-z` without `e o u t`, the last character holding the lowest bits.
 *
 * Unlike RFC 4648 the bytes are read as one little-endian number and printed with its highest digit first, and
 * there is no padding. Manual: "Nix32 encoding" in the store path specification.
 */
import type { ByteString } from "./bytes.ts";
import { FormatError } from "./format-error.ts";

const digits = "0123456789abcdfghijklmnpqrsvwxyz";

const digitValue = new Int8Array(256).fill(-1);
for (let value = 0; value < 32; value++) digitValue[digits.charCodeAt(value)] = value;

/** Number of characters that `byteLength` bytes take. */
export function nix32Length(byteLength: number): number {
  return byteLength === 0 ? 0 : Math.floor((byteLength * 8 - 1) / 5) + 1;
}

const digitCodes = Uint8Array.from(digits, (digit) => digit.charCodeAt(0));

/**
 * Writes the 32 digits of 20 bytes, given as five little-endian words: the hash part of store paths, of which an
 * evaluation makes hundreds before V8 has optimised any code. No loop, no string on the way.
 */
export function writeNix32(
  to: Uint8Array,
  at: number,
  a: number,
  b: number,
  c: number,
  d: number,
  e: number,
): void {
  to[at] = digitCodes[e >>> 27]!;
  to[at + 1] = digitCodes[(e >>> 22) & 31]!;
  to[at + 2] = digitCodes[(e >>> 17) & 31]!;
  to[at + 3] = digitCodes[(e >>> 12) & 31]!;
  to[at + 4] = digitCodes[(e >>> 7) & 31]!;
  to[at + 5] = digitCodes[(e >>> 2) & 31]!;
  to[at + 6] = digitCodes[((e << 3) | (d >>> 29)) & 31]!;
  to[at + 7] = digitCodes[(d >>> 24) & 31]!;
  to[at + 8] = digitCodes[(d >>> 19) & 31]!;
  to[at + 9] = digitCodes[(d >>> 14) & 31]!;
  to[at + 10] = digitCodes[(d >>> 9) & 31]!;
  to[at + 11] = digitCodes[(d >>> 4) & 31]!;
  to[at + 12] = digitCodes[((d << 1) | (c >>> 31)) & 31]!;
  to[at + 13] = digitCodes[(c >>> 26) & 31]!;
  to[at + 14] = digitCodes[(c >>> 21) & 31]!;
  to[at + 15] = digitCodes[(c >>> 16) & 31]!;
  to[at + 16] = digitCodes[(c >>> 11) & 31]!;
  to[at + 17] = digitCodes[(c >>> 6) & 31]!;
  to[at + 18] = digitCodes[(c >>> 1) & 31]!;
  to[at + 19] = digitCodes[((c << 4) | (b >>> 28)) & 31]!;
  to[at + 20] = digitCodes[(b >>> 23) & 31]!;
  to[at + 21] = digitCodes[(b >>> 18) & 31]!;
  to[at + 22] = digitCodes[(b >>> 13) & 31]!;
  to[at + 23] = digitCodes[(b >>> 8) & 31]!;
  to[at + 24] = digitCodes[(b >>> 3) & 31]!;
  to[at + 25] = digitCodes[((b << 2) | (a >>> 30)) & 31]!;
  to[at + 26] = digitCodes[(a >>> 25) & 31]!;
  to[at + 27] = digitCodes[(a >>> 20) & 31]!;
  to[at + 28] = digitCodes[(a >>> 15) & 31]!;
  to[at + 29] = digitCodes[(a >>> 10) & 31]!;
  to[at + 30] = digitCodes[(a >>> 5) & 31]!;
  to[at + 31] = digitCodes[a & 31]!;
}

export function encodeNix32(bytes: Uint8Array): string {
  let text = "";
  for (let n = nix32Length(bytes.length) - 1; n >= 0; n--) {
    const bit = n * 5;
    const index = bit >> 3;
    const shift = bit & 7;
    const value = (bytes[index]! >> shift) | ((bytes[index + 1] ?? 0) << (8 - shift));
    text += digits[value & 31];
  }
  return text;
}

/**
 * @param byteLength how many bytes the text must stand for; the bits beyond them must be zero.
 * @param excess what to do when they are not: "keep" gives them as one byte more
 * @throws FormatError on a foreign character, a wrong length, or bits that do not fit
 */
export function decodeNix32(
  text: ByteString,
  byteLength: number,
  excess: "refuse" | "keep" = "refuse",
): Uint8Array {
  if (text.length !== nix32Length(byteLength))
    throw new FormatError(
      `invalid nix32 string '${text}': ${text.length} characters, expected ${nix32Length(byteLength)}`,
    );
  const bytes = new Uint8Array(byteLength);
  let beyond = 0;
  for (let n = 0; n < text.length; n++) {
    const character = text.charCodeAt(text.length - n - 1);
    const digit = character < 256 ? digitValue[character]! : -1;
    if (digit < 0)
      throw new FormatError(
        `invalid character in Nix32 (Nix's Base32 variation) string: '${text[text.length - n - 1]}'`,
      );
    const bit = n * 5;
    const index = bit >> 3;
    const shift = bit & 7;
    bytes[index]! |= (digit << shift) & 255;
    const carry = digit >> (8 - shift);
    if (index + 1 < byteLength) bytes[index + 1]! |= carry;
    else if (carry !== 0) {
      if (excess === "refuse")
        throw new FormatError(`invalid nix32 string '${text}': its value does not fit`);
      beyond |= carry;
    }
  }
  return beyond === 0 ? bytes : Buffer.concat([bytes, new Uint8Array([beyond])]);
}

/** Is every character one of Nix's base 32 digits? (Says nothing of the length.) */
export function isNix32(text: ByteString): boolean {
  for (let index = 0; index < text.length; index++) {
    const character = text.charCodeAt(index);
    if (character > 255 || digitValue[character]! < 0) return false;
  }
  return true;
}
