/**
 * JSON as Nix rewrites it where a derivation gives its structured attributes as text (`__json`): parsed, then printed
 * compactly with sorted names. Numbers beyond 64 bits become floats, a repeated name keeps its last value.
 *
 * Messages begin as Nix's do; the parser library's own diagnosis is told in our words.
 */
import type { ByteString } from "../format/bytes.ts";
import { jsonFloat } from "../language/json.ts";
import { DerivationError } from "./derivation-error.ts";

const numberForm = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
const space = /[ \t\n\r]*/y;
const plain = /[^"\\\x00-\x1f]*/y;
const maxDepth = 1000;

/** @throws DerivationError when the text is no JSON object, or no UTF-8 */
export function normaliseJsonObject(text: ByteString): ByteString {
  const fail = (reason: string): DerivationError =>
    new DerivationError(`cannot process __json attribute: ${reason}`);
  if (!validUtf8(text)) throw fail("it is not valid UTF-8");
  let at = 0;
  const skip = (form: RegExp): string => {
    form.lastIndex = at;
    const match = form.exec(text);
    if (match === null) return "";
    at += match[0].length;
    return match[0];
  };
  const syntax = (expected: string): DerivationError => {
    const line = text.slice(0, at).split("\n").length;
    const column = at - text.lastIndexOf("\n", at - 1);
    const got = at >= text.length ? "unexpected end of input" : `unexpected '${text[at]}'`;
    return fail(`parse error at line ${line}, column ${column}: ${got}; expected ${expected}`);
  };
  const take = (character: string): void => {
    if (text[at] !== character) throw syntax(`'${character}'`);
    at++;
  };
  const string = (): ByteString => {
    take('"');
    let result = "";
    for (;;) {
      result += skip(plain);
      const c = text[at];
      if (c === '"') {
        at++;
        return result;
      }
      if (c !== "\\") throw syntax("a character of a string");
      const letter = text[at + 1] ?? "";
      const simple = { '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" }[letter];
      if (simple !== undefined) {
        result += simple;
        at += 2;
        continue;
      }
      const unit = (position: number): number => {
        const hex = /^\\u([0-9a-fA-F]{4})/.exec(text.slice(position, position + 6));
        if (hex === null) throw syntax("an escape sequence");
        return Number.parseInt(hex[1]!, 16);
      };
      let code = unit(at);
      at += 6;
      if (code >= 0xd800 && code < 0xdc00) {
        const low = unit(at);
        if (low < 0xdc00 || low > 0xdfff) throw syntax("a low surrogate");
        at += 6;
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
      } else if (code >= 0xdc00 && code < 0xe000) throw syntax("a high surrogate before a low one");
      result += Buffer.from(String.fromCodePoint(code), "utf8").toString("latin1");
    }
  };
  const value = (depth: number): ByteString => {
    if (depth > maxDepth) throw fail("nested too deeply");
    skip(space);
    const c = text[at];
    if (c === "{") return object(depth);
    if (c === "[") {
      at++;
      const items: ByteString[] = [];
      skip(space);
      if (text[at] === "]") at++;
      else
        for (;;) {
          items.push(value(depth + 1));
          skip(space);
          if (text[at] === "]") {
            at++;
            break;
          }
          take(",");
        }
      return `[${items.join(",")}]`;
    }
    if (c === '"') return quoteJson(string());
    for (const word of ["true", "false", "null"])
      if (text.startsWith(word, at)) {
        at += word.length;
        return word;
      }
    const start = at;
    const number = skip(numberForm);
    if (number === "" || number === "-") {
      at = start;
      throw syntax("a value");
    }
    return printNumber(number, fail);
  };
  const object = (depth: number): ByteString => {
    take("{");
    const entries = new Map<ByteString, ByteString>();
    skip(space);
    if (text[at] === "}") at++;
    else
      for (;;) {
        skip(space);
        const name = string();
        skip(space);
        take(":");
        entries.set(name, value(depth + 1));
        skip(space);
        if (text[at] === "}") {
          at++;
          break;
        }
        take(",");
      }
    const names = [...entries.keys()].sort();
    return `{${names.map((name) => `${quoteJson(name)}:${entries.get(name)}`).join(",")}}`;
  };
  skip(space);
  if (text[at] !== "{") {
    const other = value(0);
    const kind =
      { "[": "array", '"': "string", t: "boolean", f: "boolean", n: "null" }[other[0]!] ?? "number";
    throw fail(`[json.exception.type_error.302] type must be object, but is ${kind}`);
  }
  const result = value(0);
  skip(space);
  if (at !== text.length) throw syntax("the end");
  return result;
}

function validUtf8(text: ByteString): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(text, "latin1"));
    return true;
  } catch {
    return false;
  }
}

/** A JSON string; bytes beyond ASCII stay as they are. */
export function quoteJson(text: ByteString): ByteString {
  return JSON.stringify(text);
}

function printNumber(text: string, fail: (reason: string) => DerivationError): string {
  if (/^-?[0-9]+$/.test(text)) {
    const integer = BigInt(text);
    if (integer >= -(2n ** 63n) && integer < 2n ** 64n) return text === "-0" ? "0" : text;
  }
  const value = Number(text);
  if (!Number.isFinite(value)) throw fail(`number overflow parsing '${text}'`);
  return jsonFloat(value);
}
