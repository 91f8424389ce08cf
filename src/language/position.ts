/**
 * Source positions as single numbers.
 *
 * Every source gets a range of numbers; a position is the start of its range plus a byte offset. Line and column
 * are counted only when somebody asks, which is for errors, `unsafeGetAttrPos` and `__curPos`.
 */
import type { ByteString } from "../format/bytes.ts";
import type { Pos } from "./value.ts";

export type Origin =
  | { readonly kind: "file"; readonly path: ByteString }
  /** `-E`, `--expr`, the repl: shown as «string». */
  | { readonly kind: "string" }
  /** Shown as «stdin». */
  | { readonly kind: "stdin" }
  /** Text that is part of the program; the name is shown as it is, bytes. */
  | { readonly kind: "internal"; readonly name: string };

export interface Source {
  readonly origin: Origin;
  readonly text: ByteString;
  /** First position of the range. */
  readonly base: Pos;
}

export interface Place {
  readonly source: Source;
  readonly offset: number;
  /** Both from 1; columns count bytes. */
  readonly line: number;
  readonly column: number;
}

const word = /[\w'-]/;

export class PositionTable {
  readonly #sources: Source[] = [];
  readonly #lines = new Map<Source, number[]>();
  #next = 1;

  add(origin: Origin, text: ByteString): Source {
    const source = { origin, text, base: this.#next };
    this.#next += text.length + 1;
    this.#sources.push(source);
    return source;
  }

  #sourceOf(pos: Pos): Source | undefined {
    if (pos <= 0 || pos >= this.#next) return undefined;
    let low = 0;
    let high = this.#sources.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#sources[middle]!.base <= pos) low = middle;
      else high = middle - 1;
    }
    return this.#sources[low];
  }

  originOf(pos: Pos): Origin | undefined {
    return this.#sourceOf(pos)?.origin;
  }

  /** Undefined for `noPos`. */
  place(pos: Pos): Place | undefined {
    const source = this.#sourceOf(pos);
    if (source === undefined) return undefined;
    const offset = pos - source.base;
    const starts = this.#lineStarts(source);
    let first = 0;
    let last = starts.length - 1;
    while (first < last) {
      const middle = (first + last + 1) >> 1;
      if (starts[middle]! <= offset) first = middle;
      else last = middle - 1;
    }
    return { source, offset, line: first + 1, column: offset - starts[first]! + 1 };
  }

  /** As messages show it: `/path/file.nix:3:5`, `«string»:1:1`. */
  show(pos: Pos): string {
    const place = this.place(pos);
    if (place === undefined) return "undefined position";
    return `${showOrigin(place.source.origin)}:${place.line}:${place.column}`;
  }

  /** What stands between two positions of one text. */
  text(start: Pos, end: Pos): ByteString {
    const source = this.#sourceOf(start);
    return source === undefined ? "" : source.text.slice(start - source.base, end - source.base);
  }

  /**
   * Where a name first stands in the texts, as a word: a number that is less for what was read earlier. Infinity if it
   * stands nowhere.
   *
   * @param limit of bytes to look at
   */
  firstOccurrence(name: ByteString, limit: number): number {
    let left = limit;
    for (const { origin, text, base } of this.#sources) {
      if (origin.kind === "internal") continue;
      left -= text.length;
      if (left < 0) break;
      for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
        const isWord = !word.test(text.charAt(at - 1)) && !word.test(text.charAt(at + name.length));
        if (isWord) return base + at;
      }
    }
    return Number.POSITIVE_INFINITY;
  }

  #lineStarts(source: Source): number[] {
    let starts = this.#lines.get(source);
    if (starts === undefined) {
      starts = [0];
      const { text } = source;
      for (let i = 0; i < text.length; i++) {
        const c = text.charCodeAt(i);
        // A lone carriage return ends a line for Nix too; CR LF is one end.
        if (c === 10) starts.push(i + 1);
        else if (c === 13 && text.charCodeAt(i + 1) !== 10) starts.push(i + 1);
      }
      this.#lines.set(source, starts);
    }
    return starts;
  }
}

/** Bytes. */
export function showOrigin(origin: Origin): ByteString {
  switch (origin.kind) {
    case "file":
      return origin.path;
    case "string":
      return "\xc2\xabstring\xc2\xbb";
    case "stdin":
      return "\xc2\xabstdin\xc2\xbb";
    case "internal":
      return origin.name;
    default:
      return origin satisfies never;
  }
}
