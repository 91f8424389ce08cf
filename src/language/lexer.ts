/**
 * Text → tokens, by hand and on demand.
 *
 * What a byte means depends on whether it stands in a string, an indented string or a path, and only the parser knows
 * which of them it has open; so the parser calls `next` in ordinary text and `nextStringPart`, `nextIndentedPart` and
 * `nextPathPart` inside of the three. A token is the longest that fits, as in Nix: `a/b` is a path, `a:b` a URI, `a-b`
 * a name. Offsets are bytes. Line ends inside strings become LF; elsewhere they are white space.
 *
 * Manual: "Syntax". Where bytes are no token (an unfinished comment, a lone `$`), the byte becomes an `invalid` token
 * and the parser complains; a NUL byte ends the text, as it does for Nix.
 */
import type { ByteString } from "../format/bytes.ts";
import { EvaluationError } from "./errors.ts";
import { hashStep, type Sym, symbol, symbolAt } from "./symbol.ts";
import { T, type TokenKind } from "./token.ts";
import type { Pos } from "./value.ts";

/** Bits for each byte: what it can be part of. */
const idStart = 1;
const idRest = 2;
const pathChar = 4;
const digit = 8;
const uriChar = 16;
const schemeChar = 32;
const classes = new Uint8Array(256);
/** Not by regular expressions: this runs at every start. */
function mark(characters: string, bits: number): void {
  for (let i = 0; i < characters.length; i++) classes[characters.charCodeAt(i)]! |= bits;
}
mark(
  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
  idStart | idRest | pathChar | uriChar | schemeChar,
);
mark("0123456789", idRest | pathChar | digit | uriChar | schemeChar);
mark("_", idStart | idRest | pathChar | uriChar);
mark("-", idRest | pathChar | uriChar | schemeChar);
mark("'", idRest | uriChar);
mark(".+", pathChar | uriChar | schemeChar);
mark("%/?:@&=$,!~*", uriChar);

const keywords = new Map<Sym, TokenKind>([
  [symbol("if"), T.if],
  [symbol("then"), T.then],
  [symbol("else"), T.else],
  [symbol("assert"), T.assert],
  [symbol("with"), T.with],
  [symbol("let"), T.let],
  [symbol("in"), T.in],
  [symbol("rec"), T.rec],
  [symbol("inherit"), T.inherit],
  [symbol("or"), T.orKeyword],
]);
/** Longest keyword; longer names need no look. */
const keywordLimit = 7;

const single = new Uint8Array(256).fill(T.invalid);
for (const [char, kind] of [
  [":", T.colon],
  ["@", T.at],
  [";", T.semicolon],
  ["<", T.less],
  [">", T.greater],
  ["!", T.not],
  ["+", T.plus],
  ["-", T.minus],
  ["*", T.star],
  ["/", T.slash],
  ["?", T.question],
  [".", T.dot],
  ['"', T.quote],
  ["(", T.parenOpen],
  [")", T.parenClose],
  ["{", T.braceOpen],
  ["}", T.braceClose],
  ["=", T.assign],
  ["[", T.bracketOpen],
  ["]", T.bracketClose],
  [",", T.comma],
] as const) {
  single[char.charCodeAt(0)] = kind;
}

const int64Max = 9223372036854775807n;

export class Lexer {
  /** `<|` and `|>` are operators (`pipe-operators`), not errors. */
  pipes = false;
  readonly text: ByteString;
  /** First position of the source, for errors. */
  readonly base: Pos;
  /** Of the token last read. */
  kind: TokenKind = T.end;
  start = 0;
  end = 0;
  /** The name, if the token is one. */
  sym: Sym;
  /** Contents of a string part or path; a number's value. */
  value: ByteString | number | bigint = "";
  /** For `indentedString`: whether its bytes count for the indentation (escapes do not). */
  hasIndentation = false;
  /** The doc comment (`/** … *​/`) just before the token: its offsets, or -1. */
  docStart = -1;
  docEnd = -1;
  /** Where the token before a path's last part begins. */
  #beforePart = 0;

  constructor(text: ByteString, base: Pos) {
    this.text = text;
    this.base = base;
    this.sym = symbol("");
  }

  fail(message: string, offset: number): never {
    throw new EvaluationError("parse", message, this.base + offset);
  }

  /** Offset of the first byte at or after `from` that is neither white space nor comment. */
  skipTrivia(from: number): number {
    const { text } = this;
    let i = from;
    for (;;) {
      const c = text.charCodeAt(i);
      if (c === 32 || c === 10 || c === 9 || c === 13) i++;
      else if (c === 35) {
        i++;
        for (let d = text.charCodeAt(i); d !== 10 && d !== 13 && i < text.length; d = text.charCodeAt(i)) i++;
      } else if (c === 47 && text.charCodeAt(i + 1) === 42) {
        const close = text.indexOf("*/", i + 2);
        if (close < 0) return i;
        // `/**/` and `/***` begin ordinary comments.
        if (text.charCodeAt(i + 2) === 42 && close > i + 2) {
          const d = text.charCodeAt(i + 3);
          if (d !== 42 && d !== 47) {
            this.docStart = i;
            this.docEnd = close + 2;
          }
        }
        i = close + 2;
      } else return i;
    }
  }

  /** The first byte of what follows the current token; NaN at the end. */
  peek(): number {
    const { docStart, docEnd } = this;
    const c = this.text.charCodeAt(this.skipTrivia(this.end));
    this.docStart = docStart;
    this.docEnd = docEnd;
    return c;
  }

  #take(kind: TokenKind, end: number): TokenKind {
    this.end = end;
    this.kind = kind;
    return kind;
  }

  /** The next token of ordinary text, from where the last one ended. */
  next(): TokenKind {
    const { text } = this;
    this.docStart = -1;
    const start = this.skipTrivia(this.end);
    this.start = start;
    if (start >= text.length) return this.#take(T.end, start);
    const c = text.charCodeAt(start);
    const bits = classes[c]!;
    if ((bits & idStart) !== 0) return this.#word(start);
    if ((bits & pathChar) !== 0 || c === 47) {
      const path = this.#pathEnd(start);
      if ((bits & digit) !== 0 || (c === 46 && (classes[text.charCodeAt(start + 1)]! & digit) !== 0)) {
        return this.#number(start, path);
      }
      if (path > start) return this.#path(T.path, path);
    }
    const d = text.charCodeAt(start + 1);
    switch (c) {
      case 46: // .
        if (d === 46 && text.charCodeAt(start + 2) === 46) return this.#take(T.ellipsis, start + 3);
        break;
      case 61: // =
        if (d === 61) return this.#take(T.equal, start + 2);
        break;
      case 33: // !
        if (d === 61) return this.#take(T.notEqual, start + 2);
        break;
      case 60: {
        // <
        const close = this.#searchPathEnd(start);
        if (close > 0) {
          this.value = text.slice(start + 1, close - 1);
          return this.#take(T.searchPath, close);
        }
        if (d === 61) return this.#take(T.lessEqual, start + 2);
        if (d === 124) return this.#pipe(T.pipeFrom, start);
        break;
      }
      case 62: // >
        if (d === 61) return this.#take(T.greaterEqual, start + 2);
        break;
      case 38: // &
        if (d === 38) return this.#take(T.and, start + 2);
        break;
      case 124: // |
        if (d === 124) return this.#take(T.or, start + 2);
        if (d === 62) return this.#pipe(T.pipeInto, start);
        break;
      case 45: // -
        if (d === 62) return this.#take(T.implies, start + 2);
        break;
      case 47: // /
        if (d === 47) return this.#take(T.update, start + 2);
        break;
      case 43: // +
        if (d === 43) return this.#take(T.concat, start + 2);
        break;
      case 36: // $
        if (d === 123) return this.#take(T.dollarCurly, start + 2);
        break;
      case 39: // '
        if (d === 39) {
          let i = start + 2;
          while (text.charCodeAt(i) === 32) i++;
          return this.#take(T.indentedOpen, text.charCodeAt(i) === 10 ? i + 1 : start + 2);
        }
        break;
      case 126: // ~
        if (d === 47) {
          const path = this.#pathEnd(start + 1);
          if (path > start + 1) return this.#path(T.homePath, path);
        }
        break;
      case 0:
        // A NUL ends the text, and Nix's scanner is past it; charCodeAt gives none behind the text.
        this.start = start + 1;
        return this.#take(T.end, start);
    }
    return this.#take(single[c]! as TokenKind, start + 1);
  }

  #pipe(kind: TokenKind, start: number): TokenKind {
    if (this.pipes) return this.#take(kind, start + 2);
    return this.fail(
      "experimental Nix feature 'pipe-operators' is disabled; add '--extra-experimental-features pipe-operators' to enable it",
      start,
    );
  }

  /** A name, keyword, path or URI: all of them may begin with a letter. */
  #word(start: number): TokenKind {
    const { text } = this;
    let i = start;
    let hash = 0;
    let c = text.charCodeAt(i);
    do {
      hash = hashStep(hash, c);
      c = text.charCodeAt(++i);
    } while (i < text.length && (classes[c]! & idRest) !== 0);
    // `.` or `+` may go on in a path or URI, `/` in a path, `:` in a URI; anything else ends all of them.
    if (c === 46 || c === 47 || c === 58 || c === 43) {
      const path = c === 58 ? start : this.#pathEnd(start);
      const uri = c === 47 ? start : this.#uriEnd(start);
      if (uri > path && uri > i) {
        this.value = text.slice(start, uri);
        return this.#take(T.uri, uri);
      }
      if (path > i) return this.#path(T.path, path);
    }
    this.sym = symbolAt(text, start, i, hash);
    if (i - start <= keywordLimit) {
      const keyword = keywords.get(this.sym);
      if (keyword !== undefined) return this.#take(keyword, i);
    }
    return this.#take(T.identifier, i);
  }

  /**
   * Where the path that begins here ends: `start` if none does. A first segment followed by `${` ends after its slash.
   */
  #pathEnd(start: number): number {
    const { text } = this;
    let i = start;
    while ((classes[text.charCodeAt(i)]! & pathChar) !== 0) i++;
    if (text.charCodeAt(i) !== 47) return start;
    i++;
    if ((classes[text.charCodeAt(i)]! & pathChar) === 0) {
      return text.charCodeAt(i) === 36 && text.charCodeAt(i + 1) === 123 ? i : start;
    }
    for (;;) {
      while ((classes[text.charCodeAt(i)]! & pathChar) !== 0) i++;
      if (text.charCodeAt(i) !== 47) return i;
      i++;
      if ((classes[text.charCodeAt(i)]! & pathChar) === 0) return i;
    }
  }

  #path(kind: TokenKind, end: number): TokenKind {
    this.value = this.text.slice(this.start, end);
    return this.#take(kind, end);
  }

  #uriEnd(start: number): number {
    const { text } = this;
    if (text.charCodeAt(start) === 95) return start;
    let i = start;
    while ((classes[text.charCodeAt(i)]! & schemeChar) !== 0) i++;
    if (text.charCodeAt(i) !== 58) return start;
    const rest = ++i;
    while ((classes[text.charCodeAt(i)]! & uriChar) !== 0) i++;
    return i > rest ? i : start;
  }

  #searchPathEnd(start: number): number {
    const { text } = this;
    let i = start + 1;
    for (;;) {
      const segment = i;
      while ((classes[text.charCodeAt(i)]! & pathChar) !== 0) i++;
      if (i === segment) return -1;
      const c = text.charCodeAt(i++);
      if (c === 62) return i;
      if (c !== 47) return -1;
    }
  }

  /** `path` is where a path that begins here would end. */
  #number(start: number, path: number): TokenKind {
    const { text } = this;
    let i = start;
    while ((classes[text.charCodeAt(i)]! & digit) !== 0) i++;
    const integerEnd = i;
    let floatEnd = -1;
    if (text.charCodeAt(i) === 46) {
      const first = text.charCodeAt(start);
      let j = i + 1;
      while ((classes[text.charCodeAt(j)]! & digit) !== 0) j++;
      const fraction = j > i + 1;
      if (i > start && first !== 48) floatEnd = j;
      else if (fraction && (i === start || i === start + 1)) floatEnd = j;
      if (floatEnd > 0) {
        const e = text.charCodeAt(j);
        if (e === 69 || e === 101) {
          let k = j + 1;
          const sign = text.charCodeAt(k);
          if (sign === 43 || sign === 45) k++;
          const exponent = k;
          while ((classes[text.charCodeAt(k)]! & digit) !== 0) k++;
          if (k > exponent) floatEnd = k;
        }
      }
    }
    if (path > integerEnd && path > floatEnd) return this.#path(T.path, path);
    if (floatEnd > 0) {
      const literal = text.slice(start, floatEnd);
      const value = Number(literal);
      // strtod reports both overflow and numbers too small for full precision.
      if (
        !Number.isFinite(value) ||
        (Math.abs(value) < 2.2250738585072014e-308 && /[1-9]/.test(literal.split(/e/i)[0]!))
      ) {
        this.fail(`invalid float '${literal}'`, start);
      }
      this.value = value;
      return this.#take(T.float, floatEnd);
    }
    const literal = text.slice(start, integerEnd);
    if (literal.length <= 15) this.value = Number(literal);
    else {
      const value = BigInt(literal);
      if (value > int64Max) this.fail(`invalid integer '${literal}'`, start);
      this.value = value <= 9007199254740991n ? Number(value) : value;
    }
    return this.#take(T.integer, integerEnd);
  }

  /** Inside `"…"`: `string` (value), `dollarCurly`, `quote`, or `end`. */
  nextStringPart(): TokenKind {
    const { text } = this;
    const start = this.end;
    this.start = start;
    let i = start;
    let plain = true;
    for (;;) {
      const c = text.charCodeAt(i);
      if (c === 34) break;
      if (c === 36) {
        const d = text.charCodeAt(i + 1);
        if (d === 123) break;
        // `$$` swallows both, so that `$${` is no interpolation.
        if (d === 34 || d === 92) i += 1;
        else i += 2;
      } else if (c === 92) {
        plain = false;
        i += 2;
      } else if (c === 13 || c === 0) {
        plain = false;
        i++;
      } else i++;
      if (i >= text.length) {
        // Nix's scanner gives up at an unfinished string.
        this.start = text.length;
        return this.#take(T.end, text.length);
      }
    }
    if (i > start) {
      this.value = plain ? text.slice(start, i) : this.#unescape(start, i);
      return this.#take(T.string, i);
    }
    if (text.charCodeAt(i) === 34) return this.#take(T.quote, i + 1);
    return this.#take(T.dollarCurly, i + 2);
  }

  #unescape(start: number, end: number): ByteString {
    const { text } = this;
    let result = "";
    let from = start;
    for (let i = start; i < end; ) {
      const c = text.charCodeAt(i);
      if (c === 92) {
        result += text.slice(from, i);
        const d = text.charCodeAt(i + 1);
        result += d === 110 ? "\n" : d === 114 ? "\r" : d === 116 ? "\t" : text.charAt(i + 1);
        i += 2;
        from = i;
      } else if (c === 13) {
        result += `${text.slice(from, i)}\n`;
        i += text.charCodeAt(i + 1) === 10 ? 2 : 1;
        from = i;
      } else i++;
    }
    result += text.slice(from, end);
    this.#rejectNul(result, start);
    return result;
  }

  #rejectNul(value: ByteString, offset: number): void {
    if (!value.includes("\0")) return;
    this.fail(
      `input string '${value.replaceAll("\0", "\xe2\x90\x80")}' cannot be represented as Nix string because it contains null bytes`,
      offset,
    );
  }

  /** Inside `''…''`: `indentedString` (value, hasIndentation), `dollarCurly`, `indentedClose`, or `end`. */
  nextIndentedPart(): TokenKind {
    const { text } = this;
    const start = this.end;
    this.start = start;
    let i = start;
    for (;;) {
      if (i >= text.length) break;
      const c = text.charCodeAt(i);
      if (c === 36) {
        const d = text.charCodeAt(i + 1);
        if (d === 123 || d === 39 || i + 1 >= text.length) break;
        i += 2;
      } else if (c === 39) {
        const d = text.charCodeAt(i + 1);
        if (d === 39 || d === 36 || i + 1 >= text.length) break;
        i += 2;
      } else i++;
    }
    if (i > start) {
      const value = text.slice(start, i);
      this.#rejectNul(value, start);
      return this.#indented(value, true, i);
    }
    if (i >= text.length) return this.#take(T.end, i);
    if (text.charCodeAt(i) === 36) {
      if (text.charCodeAt(i + 1) === 123) return this.#take(T.dollarCurly, i + 2);
      return this.#indented("$", false, i + 1);
    }
    if (text.charCodeAt(i + 1) !== 39) return this.#indented("'", false, i + 1);
    const c = text.charCodeAt(i + 2);
    if (c === 36) return this.#indented("$", false, i + 3);
    if (c === 39) return this.#indented("''", false, i + 3);
    if (c === 92 && i + 3 < text.length) {
      return this.#indented(this.#unescape(i + 2, i + 4), false, i + 4);
    }
    return this.#take(T.indentedClose, i + 2);
  }

  #indented(value: ByteString, hasIndentation: boolean, end: number): TokenKind {
    this.value = value;
    this.hasIndentation = hasIndentation;
    return this.#take(T.indentedString, end);
  }

  /** After a path or a part of one: `string` (value), `dollarCurly`, or `pathEnd` (of no length). */
  nextPathPart(): TokenKind {
    const { text } = this;
    const start = this.end;
    const previous = this.start;
    this.start = start;
    if (text.charCodeAt(start) === 36 && text.charCodeAt(start + 1) === 123) {
      return this.#take(T.dollarCurly, start + 2);
    }
    let i = this.#pathEnd(start);
    if (i === start) {
      while ((classes[text.charCodeAt(i)]! & pathChar) !== 0) i++;
      if (text.charCodeAt(i) === 47) i++;
    }
    if (i > start) {
      this.value = text.slice(start, i);
      this.#beforePart = previous;
      return this.#take(T.string, i);
    }
    if (text.charCodeAt(start - 1) === 47) {
      // Nix's scanner is at what follows, if anything does.
      this.fail("path has a trailing slash", start < text.length ? start : previous);
    }
    // Nix goes back to where the last part began; at the end of the text, to where what is before that began.
    const atEnd = start === text.length && this.kind === T.string;
    this.start = atEnd ? this.#beforePart : previous;
    return this.#take(T.pathEnd, start);
  }
}
