/**
 * Messages as they may go to standard error: escape sequences that came in with a value or a file are taken out (a
 * terminal that takes colours keeps those), tabs become spaces, carriage returns and bells nothing. As Nix does, so
 * that text which somebody else wrote cannot move the cursor, and columns under source lines stay where they are.
 */
import type { ByteString } from "../format/bytes.ts";

const escapeByte = 0x1b;
const tab = 9;

/** Length of the escape sequence at `start`: CSI, OSC up to its end, or two characters. */
function sequenceEnd(text: ByteString, start: number): number {
  let i = start + 1;
  const isIn = (low: number, high: number): boolean => {
    const c = text.charCodeAt(i);
    return c >= low && c <= high;
  };
  if (text[i] === "[") {
    i++;
    while (isIn(0x30, 0x3f)) i++;
    while (isIn(0x20, 0x2f)) i++;
    return isIn(0x40, 0x7e) ? i + 1 : i;
  }
  if (text[i] === "]") {
    i++;
    while (i < text.length && text.charCodeAt(i) !== escapeByte && text.charCodeAt(i) !== 7) i++;
    if (text.charCodeAt(i) === escapeByte && text[i + 1] === "\\") return i + 2;
    return Math.min(i + 1, text.length);
  }
  return isIn(0x40, 0x5f) ? i + 1 : i;
}

/** Columns that the character at `at` takes, and its bytes. */
function widthAt(text: ByteString, at: number): readonly [width: number, bytes: number] {
  const c = text.charCodeAt(at);
  if (c < 0x80) return [c < 32 || c === 127 ? 0 : 1, 1];
  const size = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc2 ? 2 : 1;
  let code = c & (0xff >> (size + 1));
  for (let i = 1; i < size; i++) {
    const next = text.charCodeAt(at + i);
    if ((next & 0xc0) !== 0x80) return [1, 1];
    code = (code << 6) | (next & 0x3f);
  }
  if (size === 1) return [1, 1];
  return [codeWidth(code), size];
}

function codeWidth(code: number): number {
  if (code < 0x300) return code < 0xa0 ? 0 : 1;
  const character = String.fromCodePoint(code);
  if (/^[\p{Mn}\p{Me}\p{Cf}\p{Zl}\p{Zp}]$/u.test(character)) return 0;
  const isWide =
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf && code !== 0x303f) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6) ||
    (code >= 0x1f300 && code <= 0x1faff) ||
    (code >= 0x20000 && code <= 0x3fffd);
  return isWide ? 2 : 1;
}

/** @param colours keep colours, and escape sequences like them */
export function terminalText(text: ByteString, colours: boolean): ByteString {
  // Most messages have nothing to take out.
  if (!/[\t\r\x07\x1b]/.test(text)) return text;
  let result = "";
  // Counted through the whole message: a line's end does not begin anew, in Nix either.
  let column = 0;
  for (let i = 0; i < text.length; ) {
    const c = text.charCodeAt(i);
    if (c === escapeByte) {
      const end = sequenceEnd(text, i);
      if (colours && text[end - 1] === "m" && text[i + 1] === "[") result += text.slice(i, end);
      i = end;
    } else if (c === tab) {
      do {
        result += " ";
        column++;
      } while (column % 8 !== 0);
      i++;
    } else if (c === 13 || c === 7) i++;
    else {
      const [width, bytes] = widthAt(text, i);
      column += width;
      result += text.slice(i, i + bytes);
      i += bytes;
    }
  }
  return result;
}
