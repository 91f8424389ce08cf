/**
 * Names in source text, each held once.
 *
 * The lexer finds a name by the hash of its bytes without cutting a string first, so that the thousandth `pkgs` costs
 * no allocation; and the scope analysis keeps in each symbol what the name means where it stands right now, so that
 * resolving a variable is one field access.
 */
import type { ByteString } from "../format/bytes.ts";

export class Sym {
  readonly name: ByteString;
  /** Of its bytes: set when the lexer meets the name. */
  hash = 0;
  /** The innermost meaning while scopes are analysed; null outside. */
  binding: object | null = null;
  constructor(name: ByteString) {
    this.name = name;
  }
}

const byName = new Map<ByteString, Sym>();

export function symbol(name: ByteString): Sym {
  let sym = byName.get(name);
  if (sym === undefined) {
    sym = new Sym(name);
    byName.set(name, sym);
  }
  return sym;
}

/** The names that the lexer met, open addressing by their hashes. */
let table: (Sym | undefined)[] = new Array(1 << 12);
let count = 0;

function grow(): void {
  const old = table;
  table = new Array(old.length * 2);
  const mask = table.length - 1;
  for (const sym of old) {
    if (sym === undefined) continue;
    let i = sym.hash & mask;
    while (table[i] !== undefined) i = (i + 1) & mask;
    table[i] = sym;
  }
}

/** The symbol for `text[start, end)`, whose hash is `hash` (see `hashStep`). */
export function symbolAt(text: ByteString, start: number, end: number, hash: number): Sym {
  const mask = table.length - 1;
  const length = end - start;
  let i = hash & mask;
  for (;;) {
    const sym = table[i];
    if (sym === undefined) break;
    if (sym.hash === hash && sym.name.length === length) {
      const { name } = sym;
      let j = 0;
      while (j < length && name.charCodeAt(j) === text.charCodeAt(start + j)) j++;
      if (j === length) return sym;
    }
    i = (i + 1) & mask;
  }
  const sym = symbol(text.slice(start, end));
  sym.hash = hash;
  table[i] = sym;
  if (++count * 2 > table.length) grow();
  return sym;
}

/** Folds one byte into a hash that starts at 0. */
export function hashStep(hash: number, byte: number): number {
  return (Math.imul(hash, 31) + byte) | 0;
}
