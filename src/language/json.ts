/**
 * JSON text ↔ values, byte for byte as Nix does it: the parser's messages and number rules, the printer's escapes
 * and floats are those of the C++ library (nlohmann/json) that Nix uses, which is the specification here.
 *
 * Integers beyond 64 unsigned bits become floats, those beyond 63 are an error, a later duplicate key wins, text
 * must be UTF-8. The parser keeps its own stack: depth is bounded by memory alone. Longer texts without anything
 * delicate are left to the parser of JavaScript.
 */
import { type ByteString, toBytes } from "../format/bytes.ts";
import { Attrs, attrsFromMap } from "./attrs.ts";
import { shortestDigits } from "./grisu.ts";
import { DataCode, integer, NixFloat, type Slot, Thunk, type Value } from "./value.ts";

/** Text that is no JSON, or says what Nix cannot hold. The message is bytes. */
export class JsonError extends Error {
  readonly bytes: ByteString;
  /** False: the text is JSON, but has no value in the language. */
  readonly syntax: boolean;
  constructor(bytes: ByteString, syntax: boolean) {
    super(bytes);
    this.bytes = bytes;
    this.syntax = syntax;
  }
}

type Token =
  | "true"
  | "false"
  | "null"
  | "string"
  | "number"
  | "["
  | "{"
  | "]"
  | "}"
  | ":"
  | ","
  | "error"
  | "end";

const tokenNames: Record<Token, string> = {
  true: "true literal",
  false: "false literal",
  null: "null literal",
  string: "string literal",
  number: "number literal",
  "[": "'['",
  "{": "'{'",
  "]": "']'",
  "}": "'}'",
  ":": "':'",
  ",": "','",
  error: "<parse error>",
  end: "end of input",
};
const anyValue = "'[', '{', or a literal";

const simpleEscapes: Record<string, string> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};
const controlNames =
  "NUL SOH STX ETX EOT ENQ ACK BEL BS HT LF VT FF CR SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US".split(
    " ",
  );
const controlEscapes: Record<number, string> = { 8: "\\b", 9: "\\t", 10: "\\n", 12: "\\f", 13: "\\r" };

class Parser {
  readonly #text: ByteString;
  /** Bytes read, counting a read past the end. */
  #at = 0;
  /** Where the text begins that a message calls "last read". */
  #tokenStart = 0;
  #fault = "";
  #token: Token = "end";
  #value: Value | JsonError = null;
  #next = 0;

  constructor(text: ByteString) {
    this.#text = text;
  }

  parse(): Value {
    // Open arrays and objects; an object also holds the key that waits for its value.
    const open: ({ list: Slot[] } | { map: Map<ByteString, Slot>; key: ByteString })[] = [];
    this.#scan();
    for (;;) {
      let value: Value;
      switch (this.#token) {
        case "{": {
          this.#scan();
          if (this.#is("}")) {
            value = attrsFromMap(new Map());
            break;
          }
          open.push({ map: new Map(), key: this.#key() });
          this.#scan();
          continue;
        }
        case "[":
          this.#scan();
          if (this.#is("]")) {
            value = [];
            break;
          }
          open.push({ list: [] });
          continue;
        case "true":
        case "false":
          value = this.#token === "true";
          break;
        case "null":
          value = null;
          break;
        case "string":
        case "number":
          // Where no number may stand, that is the fault.
          if (this.#value instanceof JsonError) throw this.#value;
          value = this.#value as Value;
          break;
        case "error":
          throw this.#unexpected("value");
        case "end":
          if (this.#at === 1 && this.#text.length === 0)
            throw this.#error(
              "attempting to parse an empty input; check that your input string or stream contains the expected JSON",
            );
          throw this.#unexpected("value", anyValue);
        default:
          throw this.#unexpected("value", anyValue);
      }
      // A value is complete; so may be what it is in.
      for (;;) {
        const parent = open.at(-1);
        if (parent === undefined) {
          this.#scan();
          if (!this.#is("end")) throw this.#unexpected("value", tokenNames.end);
          return value;
        }
        this.#scan();
        if ("list" in parent) {
          parent.list.push(value);
          if (this.#is(",")) {
            this.#scan();
            break;
          }
          if (!this.#is("]")) throw this.#unexpected("array", tokenNames["]"]);
          value = parent.list;
        } else {
          parent.map.set(parent.key, value);
          if (this.#is(",")) {
            this.#scan();
            parent.key = this.#key();
            this.#scan();
            break;
          }
          if (!this.#is("}")) throw this.#unexpected("object", tokenNames["}"]);
          value = attrsFromMap(parent.map);
        }
        open.pop();
      }
    }
  }

  #key(): ByteString {
    if (this.#token !== "string") throw this.#unexpected("object key", tokenNames.string);
    const key = this.#value as ByteString;
    this.#scan();
    if (!this.#is(":")) throw this.#unexpected("object separator", tokenNames[":"]);
    return key;
  }

  #unexpected(context: string, expected?: string): JsonError {
    let message = `syntax error while parsing ${context} - `;
    if (this.#token === "error") {
      let read = "";
      for (let i = this.#tokenStart; i < Math.min(this.#at, this.#text.length); i++) {
        const c = this.#text.charCodeAt(i);
        read += c <= 0x1f ? `<U+${c.toString(16).toUpperCase().padStart(4, "0")}>` : this.#text.charAt(i);
      }
      message += `${this.#fault}; last read: '${read}'`;
    } else message += `unexpected ${tokenNames[this.#token]}`;
    if (expected !== undefined) message += `; expected ${expected}`;
    return this.#error(message);
  }

  #error(message: string): JsonError {
    let line = 1;
    let start = 0;
    const read = this.#at;
    for (let i = this.#text.indexOf("\n"); i >= 0 && i < read; i = this.#text.indexOf("\n", i + 1)) {
      line++;
      start = i + 1;
    }
    return new JsonError(
      `[json.exception.parse_error.101] parse error at line ${line}, column ${read - start}: ${message}`,
      true,
    );
  }

  /** The next byte's code, -1 at the end; counts it as read. */
  #get(): number {
    this.#next = this.#at < this.#text.length ? this.#text.charCodeAt(this.#at) : -1;
    this.#at++;
    return this.#next;
  }

  #fail(fault: string): "error" {
    this.#fault = fault;
    return "error";
  }

  /** A number that no value can hold. */
  #unheld(error: JsonError): "number" {
    this.#value = error;
    return "number";
  }

  #scan(): void {
    this.#token = this.#read();
  }

  /** Widened: what a method changes, the type checker does not see. */
  #is(token: Token): boolean {
    return this.#token === token;
  }

  #nextIs(code: number): boolean {
    return this.#next === code;
  }

  #read(): Token {
    if (this.#at === 0 && this.#text.charCodeAt(0) === 0xef) {
      for (const byte of [0xef, 0xbb, 0xbf]) {
        if (this.#get() !== byte) return this.#fail("invalid BOM; must be 0xEF 0xBB 0xBF if given");
      }
    }
    let c = this.#get();
    while (c === 32 || c === 9 || c === 10 || c === 13) c = this.#get();
    switch (c) {
      case 0x5b:
        return "[";
      case 0x5d:
        return "]";
      case 0x7b:
        return "{";
      case 0x7d:
        return "}";
      case 0x3a:
        return ":";
      case 0x2c:
        return ",";
      case 0x74:
        return this.#literal("true");
      case 0x66:
        return this.#literal("false");
      case 0x6e:
        return this.#literal("null");
      case 0x22:
        return this.#string();
      case 0:
      case -1:
        return "end";
      default:
        if (c === 0x2d || (c >= 48 && c <= 57)) return this.#number();
        return this.#fail("invalid literal");
    }
  }

  #literal(word: "true" | "false" | "null"): Token {
    for (let i = 1; i < word.length; i++)
      if (this.#get() !== word.charCodeAt(i)) return this.#fail("invalid literal");
    return word;
  }

  #string(): Token {
    this.#tokenStart = this.#at - 1;
    let result = "";
    let runStart = this.#at;
    for (;;) {
      const c = this.#get();
      if (c === 0x22) {
        this.#value = result + this.#text.slice(runStart, this.#at - 1);
        return "string";
      }
      if (c === -1) return this.#fail("invalid string: missing closing quote");
      if (c === 0x5c) {
        result += this.#text.slice(runStart, this.#at - 1);
        const escaped = this.#get();
        if (escaped === 0x75) {
          const text = this.#unicodeEscape();
          if (text === undefined) return "error";
          result += text;
        } else {
          const simple = escaped < 0 ? undefined : simpleEscapes[String.fromCharCode(escaped)];
          if (simple === undefined) return this.#fail("invalid string: forbidden character after backslash");
          result += simple;
        }
        runStart = this.#at;
      } else if (c < 0x20) {
        const code = `\\u${c.toString(16).toUpperCase().padStart(4, "0")}`;
        const short = controlEscapes[c];
        return this.#fail(
          `invalid string: control character U+${code.slice(2)} (${controlNames[c]}) must be escaped to ` +
            `${code}${short === undefined ? "" : ` or ${short}`}`,
        );
      } else if (c >= 0x80 && !this.#utf8Rest(c)) return this.#fail("invalid string: ill-formed UTF-8 byte");
    }
  }

  /** Reads what must follow a first byte of a multi-byte character. */
  #utf8Rest(first: number): boolean {
    let more = utf8More(first);
    if (more === 0) return false;
    let low = utf8Low(first);
    let high = utf8High(first);
    for (; more > 0; more--) {
      const c = this.#get();
      if (c < low || c > high) return false;
      low = 0x80;
      high = 0xbf;
    }
    return true;
  }

  #hex4(): number | undefined {
    let value = 0;
    for (let i = 0; i < 4; i++) {
      const digit = this.#get();
      const character = digit < 0 ? "" : String.fromCharCode(digit);
      if (!/^[0-9a-fA-F]$/.test(character)) {
        this.#fail("invalid string: '\\u' must be followed by 4 hex digits");
        return undefined;
      }
      value = value * 16 + Number.parseInt(character, 16);
    }
    return value;
  }

  #unicodeEscape(): ByteString | undefined {
    let code = this.#hex4();
    if (code === undefined) return undefined;
    if (code >= 0xd800 && code <= 0xdbff) {
      const lonely = "invalid string: surrogate U+D800..U+DBFF must be followed by U+DC00..U+DFFF";
      if (this.#get() !== 0x5c || this.#get() !== 0x75) {
        this.#fail(lonely);
        return undefined;
      }
      const second = this.#hex4();
      if (second === undefined) return undefined;
      if (second < 0xdc00 || second > 0xdfff) {
        this.#fail(lonely);
        return undefined;
      }
      code = 0x10000 + ((code - 0xd800) << 10) + (second - 0xdc00);
    } else if (code >= 0xdc00 && code <= 0xdfff) {
      this.#fail("invalid string: surrogate U+DC00..U+DFFF must follow U+D800..U+DBFF");
      return undefined;
    }
    return toBytes(String.fromCodePoint(code));
  }

  #number(): Token {
    this.#tokenStart = this.#at - 1;
    let isFloat = false;
    const digit = (): boolean => this.#next >= 48 && this.#next <= 57;
    const digits = (): void => {
      do this.#get();
      while (digit());
    };
    if (this.#next === 0x2d) {
      this.#get();
      if (!digit()) return this.#fail("invalid number; expected digit after '-'");
    }
    if (this.#next === 48) this.#get();
    else digits();
    if (this.#next === 0x2e) {
      isFloat = true;
      this.#get();
      if (!digit()) return this.#fail("invalid number; expected digit after '.'");
      digits();
    }
    if (this.#next === 0x65 || this.#next === 0x45) {
      isFloat = true;
      this.#get();
      if (this.#nextIs(0x2b) || this.#nextIs(0x2d)) {
        this.#get();
        if (!digit()) return this.#fail("invalid number; expected digit after exponent sign");
      } else if (!digit()) return this.#fail("invalid number; expected '+', '-', or digit after exponent");
      digits();
    }
    this.#at--;
    const text = this.#text.slice(this.#tokenStart, this.#at);
    if (!isFloat) {
      const value = text.length < 16 ? Number(text) : BigInt(text);
      // `-0` is an integer to that library, and integers have no negative zero.
      if (typeof value === "number") {
        this.#value = value === 0 ? 0 : value;
        return "number";
      }
      if (value >= -(2n ** 63n) && value < 2n ** 63n) {
        this.#value = integer(value);
        return "number";
      }
      if (value > 0n && value < 2n ** 64n)
        return this.#unheld(
          new JsonError(`unsigned json number ${value} outside of Nix integer range`, false),
        );
    }
    const value = Number(text);
    if (!Number.isFinite(value)) {
      const message = `[json.exception.out_of_range.406] number overflow parsing '${text}'`;
      return this.#unheld(new JsonError(message, true));
    }
    this.#value = new NixFloat(value);
    return "number";
  }
}

/** Numbers that JavaScript's own parser would not tell from integers, or not hold. Inside of strings, it errs. */
const delicateNumber = /(?:^|[:[,])[\t\n\r ]*-?(?:\d{16}|\d+[.eE])/;

/**
 * What most texts are (ASCII, no `\u`, small integers only) goes through JavaScript's own parser, which is as fast the
 * first time as later; undefined where that could give another value than Nix's, or an error.
 */
function parsePlain(text: ByteString): Value | undefined {
  if (text.length < 1000) return undefined;
  // Any byte beyond ASCII would take two in UTF-8: V8 counts them many at a time.
  if (Buffer.byteLength(text, "utf8") !== text.length || text.includes("\\u")) return undefined;
  if (delicateNumber.test(text)) return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  return typeof parsed === "object" && parsed !== null ? fromPlain(parsed) : (plainSlot(parsed) as Value);
}

/** Of a package set's index a few entries are used: what is inside becomes values when it is looked at. */
const insideData = new DataCode(fromPlain);

function fromPlain(data: object): Value {
  if (Array.isArray(data)) return data.map(plainSlot);
  const keys = Object.keys(data).sort();
  return Attrs.fromSorted(
    keys,
    keys.map((key) => plainSlot((data as Record<string, unknown>)[key])),
  );
}

function plainSlot(data: unknown): Slot {
  if (typeof data === "object") return data === null ? null : new Thunk(insideData, data);
  // `-0` is an integer to Nix's library, and integers have no negative zero.
  return data === 0 ? 0 : (data as Value);
}

/** @throws JsonError */
export function parseJson(text: ByteString): Value {
  const plain = parsePlain(text);
  if (plain !== undefined) return plain;
  const value = new Parser(text).parse();
  // Only an escape can bring a NUL byte in.
  if (text.includes("\\u0000")) refuseNul(value);
  return value;
}

function refuseNul(root: Value): void {
  const pending: Slot[] = [root];
  const check = (text: ByteString): void => {
    if (text.includes("\0"))
      throw new JsonError(
        `input string '${text.replaceAll("\0", toBytes("␀"))}' cannot be represented as Nix string because it ` +
          "contains null bytes",
        false,
      );
  };
  while (pending.length > 0) {
    const value = pending.pop();
    if (typeof value === "string") check(value);
    else if (Array.isArray(value)) pending.push(...value.toReversed());
    else if (value !== null && typeof value === "object" && "shape" in value) {
      for (const key of value.keys) check(key);
      pending.push(...value.values.toReversed());
    }
  }
}

const plain = /^[\x20\x21\x23-\x5b\x5d-\x7f]*$/;
const printEscapes: Record<number, string> = {
  8: "\\b",
  9: "\\t",
  10: "\\n",
  12: "\\f",
  13: "\\r",
  34: '\\"',
  92: "\\\\",
};

/** A JSON string with its quotes. @throws JsonError when the bytes are not UTF-8 */
export function jsonString(text: ByteString): ByteString {
  if (plain.test(text)) return `"${text}"`;
  checkUtf8(text);
  let result = '"';
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c > 0x1f && c !== 0x22 && c !== 0x5c) continue;
    result += text.slice(start, i);
    result += printEscapes[c] ?? `\\u${c.toString(16).padStart(4, "0")}`;
    start = i + 1;
  }
  return `${result}${text.slice(start)}"`;
}

/** How many bytes follow a first byte beyond ASCII in well-formed UTF-8 (Unicode, table 3-7); 0 if none may. */
function utf8More(first: number): number {
  if (first >= 0xc2 && first <= 0xdf) return 1;
  if (first >= 0xe0 && first <= 0xef) return 2;
  return first >= 0xf0 && first <= 0xf4 ? 3 : 0;
}

/** The least second byte after this first one; later bytes start at 0x80. */
function utf8Low(first: number): number {
  return first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
}

/** The greatest second byte after this first one; later bytes end at 0xbf. */
function utf8High(first: number): number {
  return first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
}

function checkUtf8(text: ByteString): void {
  for (let i = 0; i < text.length; i++) {
    const first = text.charCodeAt(i);
    if (first < 0x80) continue;
    let more = utf8More(first);
    if (more === 0) throw invalidByte(i, first);
    let low = utf8Low(first);
    let high = utf8High(first);
    for (; more > 0; more--) {
      i++;
      if (i >= text.length)
        throw new JsonError(
          `[json.exception.type_error.316] incomplete UTF-8 string; last byte: 0x${hex2(text.charCodeAt(i - 1))}`,
          false,
        );
      const c = text.charCodeAt(i);
      if (c < low || c > high) throw invalidByte(i, c);
      low = 0x80;
      high = 0xbf;
    }
  }
}

function invalidByte(index: number, byte: number): JsonError {
  return new JsonError(
    `[json.exception.type_error.316] invalid UTF-8 byte at index ${index}: 0x${hex2(byte)}`,
    false,
  );
}

function hex2(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, "0");
}

/** Few digits that read back as the same float; `1.0`, `1e+15`, `1e-05`; `null` if it is not finite. */
export function jsonFloat(value: number): string {
  if (!Number.isFinite(value)) return "null";
  if (value === 0) return Object.is(value, -0) ? "-0.0" : "0.0";
  const sign = value < 0 ? "-" : "";
  const { digits, exponent: last } = shortestDigits(Math.abs(value));
  // The decimal point stands after this many digits.
  const point = digits.length + last;
  if (digits.length <= point && point <= 15) return `${sign}${digits.padEnd(point, "0")}.0`;
  if (point > 0 && point <= 15) return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
  if (point > -4 && point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  const exponent = point - 1;
  const fraction = digits.length === 1 ? "" : `.${digits.slice(1)}`;
  const magnitude = String(Math.abs(exponent)).padStart(2, "0");
  return `${sign}${digits.charAt(0)}${fraction}e${exponent < 0 ? "-" : "+"}${magnitude}`;
}
