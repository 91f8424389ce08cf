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
