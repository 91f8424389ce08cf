/**
 * JSON of structured attributes, byte for byte as Nix hands it to builders.
 *
 * Nix reads `__json` and writes it again: keys in order, no spaces, floats in its library's notation. JavaScript's own
 * JSON would lose integers beyond 2^53, the difference between 1 and 1.0, and bytes that are not UTF-8, so numbers keep
 * their kind and strings stay byte strings.
 */
import type { ByteString } from "../format/bytes.ts";
import { BuildError } from "./result.ts";

export type Json = null | boolean | bigint | JsonFloat | ByteString | readonly Json[] | JsonObject;
export type JsonObject = ReadonlyMap<ByteString, Json>;

export class JsonFloat {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

export const isJsonObject = (json: Json | undefined): json is JsonObject => json instanceof Map;
export const isJsonArray = (json: Json | undefined): json is readonly Json[] => Array.isArray(json);

const maxUnsigned = 2n ** 64n - 1n;
const minSigned = -(2n ** 63n);
const maxDepth = 10_000;

/** @throws BuildError naming the offset of what is wrong */
export function parseJson(text: ByteString): Json {
  let position = 0;
  const fail = (what: string): never => {
    throw new BuildError(`cannot process __json attribute: ${what} at byte ${position}`, {
      kind: "input-rejected",
    });
  };
  const skip = () => {
    for (
      let c = text.charCodeAt(position);
      c === 32 || c === 10 || c === 13 || c === 9;
      c = text.charCodeAt(position)
    ) {
      position++;
    }
  };
  const string = (): ByteString => {
    position++;
    let result = "";
    for (;;) {
      const start = position;
      let c = text.charCodeAt(position);
      while (c !== 34 && c !== 92 && c >= 32) c = text.charCodeAt(++position);
      result += text.slice(start, position);
      if (Number.isNaN(c)) fail("unexpected end of a string");
      if (c < 32) fail("control character in a string");
      position++;
      if (c === 34) return result;
      const letter = text[position++] ?? "";
      const plain = '"\\/bfnrt'.indexOf(letter);
      if (letter !== "" && plain >= 0) result += '"\\/\b\f\n\r\t'[plain];
      else if (letter === "u") result += unicode();
      else fail("unknown escape");
    }
  };
  const hex = (): number => {
    const digits = text.slice(position, position + 4);
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) fail("bad \\u escape");
    position += 4;
    return Number.parseInt(digits, 16);
  };
  const unicode = (): ByteString => {
    let unit = hex();
    if (unit >= 0xd800 && unit < 0xdc00) {
      if (text.slice(position, position + 2) !== "\\u") fail("lone surrogate");
      position += 2;
      const low = hex();
      if (low < 0xdc00 || low > 0xdfff) fail("lone surrogate");
      unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
    } else if (unit >= 0xdc00 && unit < 0xe000) fail("lone surrogate");
    return Buffer.from(String.fromCodePoint(unit), "utf8").toString("latin1");
  };
  const number = (): Json => {
    const match = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
    match.lastIndex = position;
    const found = match.exec(text);
    if (found === null) return fail("unexpected character");
    position += found[0].length;
    if (found[1] === undefined && found[2] === undefined) {
      const integer = BigInt(found[0]);
      if (integer >= minSigned && integer <= maxUnsigned) return integer;
    }
    return new JsonFloat(Number(found[0]));
  };
  const value = (depth: number): Json => {
    if (depth > maxDepth) fail("too deeply nested");
    skip();
    const c = text[position];
    if (c === '"') return string();
    if (c === "{") {
      position++;
      const object = new Map<ByteString, Json>();
      skip();
      if (text[position] === "}") {
        position++;
        return object;
      }
      for (;;) {
        skip();
        if (text[position] !== '"') fail("expected a key");
        const key = string();
        skip();
        if (text[position++] !== ":") fail("expected ':'");
        object.set(key, value(depth + 1));
        skip();
        const next = text[position++];
        if (next === "}") return object;
        if (next !== ",") fail("expected ',' or '}'");
      }
    }
    if (c === "[") {
      position++;
      const array: Json[] = [];
      skip();
      if (text[position] === "]") {
        position++;
        return array;
      }
      for (;;) {
        array.push(value(depth + 1));
        skip();
        const next = text[position++];
        if (next === "]") return array;
        if (next !== ",") fail("expected ',' or ']'");
      }
    }
    for (const [word, meaning] of [
      ["true", true],
      ["false", false],
      ["null", null],
    ] as const) {
      if (text.startsWith(word, position)) {
        position += word.length;
        return meaning;
      }
    }
    return number();
  };
  const result = value(0);
  skip();
  if (position !== text.length) fail("unexpected text after the value");
  return result;
}

/** Keys in byte order, nothing but the values and their punctuation. */
export function printJson(json: Json): ByteString {
  if (json === null) return "null";
  if (typeof json === "boolean" || typeof json === "bigint") return json.toString();
  if (typeof json === "string") return quote(json);
  if (json instanceof JsonFloat) return printFloat(json.value);
  if (isJsonArray(json)) return `[${json.map(printJson).join(",")}]`;
  const object = json as JsonObject;
  return `{${sortedKeys(object)
    .map((key) => `${quote(key)}:${printJson(object.get(key) as Json)}`)
    .join(",")}}`;
}

export function sortedKeys(object: JsonObject): ByteString[] {
  return [...object.keys()].sort();
}

const short: Record<string, string> = {
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  '"': '\\"',
  "\\": "\\\\",
};

function quote(text: ByteString): ByteString {
  const escaped = text.replace(
    /[\x00-\x1f"\\]/g,
    (c) => short[c] ?? `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return `"${escaped}"`;
}

/** Shortest digits that read back the same; plain notation from 1e-4 up to 1e15, always with a point or an exponent. */
function printFloat(value: number): string {
  if (!Number.isFinite(value)) return "null";
  if (value === 0) return Object.is(value, -0) ? "-0.0" : "0.0";
  const [mantissa, exponentText] = value.toExponential().split("e") as [string, string];
  const exponent = Number(exponentText);
  const sign = mantissa.startsWith("-") ? "-" : "";
  const digits = mantissa.replace(/[-.]/g, "");
  if (exponent >= 0 && exponent < 15) {
    if (digits.length <= exponent + 1) return `${sign}${digits.padEnd(exponent + 1, "0")}.0`;
    return `${sign}${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`;
  }
  if (exponent < 0 && exponent >= -4) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
  const rest = digits.length > 1 ? `.${digits.slice(1)}` : "";
  const power = `${Math.abs(exponent)}`.padStart(2, "0");
  return `${sign}${digits[0]}${rest}e${exponent < 0 ? "-" : "+"}${power}`;
}
