/**
 * Trees of files that an earlier run parsed, read as far as they are needed.
 *
 * A package set is thousands of definitions of which a run needs dozens, and parsing was its greatest single cost. The
 * first run that meets a file parses it whole, finds every error in it, resolves its variables and writes the tree down
 * as numbers and strings (`writeTree` in kept-tree-writer.ts; kept by the world under the file's contents). Later runs
 * make nodes of it again: a definition's value or a function's body is a `deferred` node until it is compiled. What is
 * small and what the compiler looks into is made at once, so that the same values are thunks either way.
 *
 * The layout is told by the writer. A damaged tree is not read: see `KeptTree.open`.
 */
import type { ByteString } from "../format/bytes.ts";
import type {
  AttrDefinition,
  AttrName,
  AttrsExpr,
  BinaryOperator,
  Deferred,
  Expr,
  FormalExpr,
  InheritSource,
  LambdaExpr,
  Variable,
  WithReference,
} from "./ast.ts";
import { filled, zeroed } from "./shape.ts";
import { type Sym, symbol } from "./symbol.ts";
import { NixFloat, noPos, type Pos, type Slot, type Value } from "./value.ts";

/** Kinds of nodes as they are written. */
export const K = {
  constant: 1,
  path: 2,
  variable: 3,
  select: 4,
  hasAttr: 5,
  attrs: 6,
  list: 7,
  lambda: 8,
  call: 9,
  let: 10,
  with: 11,
  if: 12,
  assert: 13,
  not: 14,
  binary: 15,
  builtin2: 16,
  concatenation: 17,
  currentPosition: 18,
} as const;

/** Kinds of constants. */
export const C = { smallInteger: 0, integer: 1, float: 2, string: 3 } as const;

export const binaryOperators: readonly BinaryOperator[] = ["==", "!=", "&&", "||", "->", "//", "++"];

/** First and last number of a tree. Goes up when the layout changes, or what the parser makes of a text. */
export const mark = 0x62720002;
/** Numbers before the first node: mark, root, count of numbers, count of strings. */
export const headerLength = 4;
/** The disk's pieces: one that never reached it reads as zeros, of which no tree has so many together. */
const page = 4096;
const lost = 32;

/** What a tree needs of the file it is read for. */
export interface TreeContext {
  /** The file's first position. */
  readonly base: Pos;
  /** What relative paths are relative to. */
  readonly basePath: ByteString;
  readonly globals: ReadonlyMap<Sym, Slot>;
}

export class KeptTree {
  readonly #numbers: Int32Array;
  readonly #text: ByteString;
  /** Where in the numbers the strings' ends are. */
  readonly #ends: number;
  readonly #syms: (Sym | undefined)[];
  readonly #context: TreeContext;
  /** What a written position, from 1, is counted from. */
  readonly #before: Pos;

  private constructor(numbers: Int32Array, text: ByteString, context: TreeContext) {
    this.#numbers = numbers;
    this.#text = text;
    this.#ends = numbers[2]!;
    this.#syms = filled<Sym | undefined>(numbers[3]!, undefined);
    this.#context = context;
    this.#before = context.base - 1;
  }

  /** Undefined where the bytes are not what the writer wrote. */
  static open(bytes: Uint8Array, context: TreeContext): KeptTree | undefined {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    if (bytes.length < (headerLength + 1) * 4 || buffer.readInt32LE(0) !== mark) return undefined;
    const end = buffer.readInt32LE(8);
    const strings = buffer.readInt32LE(12);
    const count = end + strings + 1;
    if (end < headerLength || strings < 0 || bytes.length < count * 4) return undefined;
    for (let at = page; at + lost <= buffer.length; at += page) {
      let i = 0;
      while (i < lost && buffer[at + i] === 0) i++;
      if (i === lost) return undefined;
    }
    // Copied where the numbers do not lie on an address for numbers.
    const numbers =
      bytes.byteOffset % 4 === 0
        ? new Int32Array(bytes.buffer, bytes.byteOffset, count)
        : new Int32Array(bytes.slice(0, count * 4).buffer);
    if (numbers[count - 1] !== mark) return undefined;
    const text = buffer.toString("latin1", count * 4);
    if (text.length !== (strings === 0 ? 0 : numbers[count - 2])) return undefined;
    return new KeptTree(numbers, text, context);
  }

  root(): Expr {
    return this.read(this.#numbers[1]!);
  }

  /** The node that a deferred one stands for. */
  read(at: number): Expr {
    const n = this.#numbers;
    const place = n[at + 1]!;
    const pos = place === 0 ? noPos : this.#before + place;
    switch (n[at]) {
      case K.constant:
        return { kind: "constant", pos, value: this.#constant(n[at + 2]!, n[at + 3]!) };
      case K.path:
        return {
          kind: "path",
          pos,
          base: this.#context.basePath,
          literal: this.#string(n[at + 2]!),
        };
      case K.variable:
        return this.#variable(at, pos);
      case K.select:
        return {
          kind: "select",
          pos,
          subject: this.read(n[at + 2]!),
          fallback: n[at + 3] === 0 ? undefined : this.read(n[at + 3]!),
          path: this.#attrPath(at + 4),
        };
      case K.hasAttr:
        return { kind: "has-attr", pos, subject: this.read(n[at + 2]!), path: this.#attrPath(at + 3) };
      case K.attrs:
        return this.#attrs(at, pos);
      case K.list:
        return { kind: "list", pos, elements: this.#nodes(at + 2) };
      case K.lambda:
        return this.#lambda(at, pos);
      case K.call:
        return { kind: "call", pos, fn: this.read(n[at + 2]!), args: this.#nodes(at + 3) };
      case K.let:
        return {
          kind: "let",
          pos,
          bindings: this.#attrs(n[at + 2]!, this.#pos(n[n[at + 2]! + 1]!)),
          body: this.read(n[at + 3]!),
        };
      case K.with:
        return { kind: "with", pos, namespace: this.read(n[at + 2]!), body: this.read(n[at + 3]!) };
      case K.if:
        return {
          kind: "if",
          pos,
          condition: this.read(n[at + 2]!),
          whenTrue: this.read(n[at + 3]!),
          whenFalse: this.read(n[at + 4]!),
        };
      case K.assert:
        return { kind: "assert", pos, condition: this.read(n[at + 2]!), body: this.read(n[at + 3]!) };
      case K.not:
        return { kind: "not", pos, operand: this.read(n[at + 2]!) };
      case K.binary:
        return {
          kind: "binary",
          pos,
          operator: binaryOperators[n[at + 2]!]!,
          left: this.read(n[at + 3]!),
          right: this.read(n[at + 4]!),
        };
      case K.builtin2:
        return {
          kind: "builtin2",
          pos,
          fn: this.#variable(n[at + 2]!, this.#pos(n[n[at + 2]! + 1]!)),
          left: this.read(n[at + 3]!),
          right: this.read(n[at + 4]!),
          negated: n[at + 5] === 1,
        };
      case K.concatenation: {
        const parts = [];
        for (let i = at + 4, end = i + n[at + 3]! * 2; i < end; i += 2)
          parts.push({ pos: this.#pos(n[i]!), expr: this.read(n[i + 1]!) });
        return { kind: "concatenation", pos, isString: n[at + 2] === 1, parts };
      }
      case K.currentPosition:
        return { kind: "current-position", pos };
      default:
        throw new Error(`a kept tree has no node at ${at}`);
    }
  }

  #pos(offset: number): Pos {
    return offset === 0 ? noPos : this.#before + offset;
  }

  #string(index: number): ByteString {
    const at = this.#ends + index;
    return this.#text.slice(index === 0 ? 0 : this.#numbers[at - 1]!, this.#numbers[at]!);
  }

  #sym(index: number): Sym {
    let sym = this.#syms[index];
    if (sym === undefined) {
      sym = symbol(this.#string(index));
      this.#syms[index] = sym;
    }
    return sym;
  }

  #constant(kind: number, content: number): Value {
    switch (kind) {
      case C.smallInteger:
        return content;
      case C.integer: {
        const value = BigInt(this.#string(content));
        return value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
      }
      case C.float:
        return new NixFloat(Number(this.#string(content)));
      default:
        return this.#string(content);
    }
  }

  /** pos, name, level, index; for a name of `with`s (index -1) their count, levels and positions. */
  #variable(at: number, pos: Pos): Variable {
    const n = this.#numbers;
    const sym = this.#sym(n[at + 2]!);
    const index = n[at + 4]!;
    let global: Slot | undefined;
    let withs: WithReference[] | undefined;
    if (index === 0) global = this.#context.globals.get(sym);
    else if (index < 0) {
      withs = [];
      for (let i = at + 6, end = i + n[at + 5]! * 2; i < end; i += 2)
        withs.push({ level: n[i]!, pos: this.#pos(n[i + 1]!) });
    }
    return {
      kind: "variable",
      pos,
      sym,
      level: n[at + 3]!,
      index: Math.max(index, 0),
      global,
      withs,
    };
  }

  /** Names as twice their number, expressions as twice their place and one. */
  #attrPath(at: number): AttrName[] {
    const n = this.#numbers;
    const path = filled<AttrName | null>(n[at]!, null) as AttrName[];
    for (let i = 0; i < path.length; i++) {
      const name = n[at + 1 + i]!;
      path[i] = (name & 1) === 0 ? this.#sym(name >> 1) : this.read(name >> 1);
    }
    return path;
  }

  #nodes(at: number): Expr[] {
    const n = this.#numbers;
    const nodes = filled<Expr | null>(n[at]!, null) as Expr[];
    for (let i = 0; i < nodes.length; i++) nodes[i] = this.read(n[at + 1 + i]!);
    return nodes;
  }

  /** A definition's value or a function's body: made now if it is small, or if the compiler looks into it. */
  #later(at: number): Expr {
    const n = this.#numbers;
    switch (n[at]) {
      case K.constant:
      case K.path:
      case K.variable:
      case K.lambda:
        return this.read(at);
      case K.list:
        if (n[at + 2] === 0) return this.read(at);
    }
    const deferred: Deferred = { kind: "deferred", pos: this.#pos(n[at + 1]!), tree: this, at };
    return deferred;
  }

  /** pos, recursive, counts of definitions, dynamic ones and sources, these, and the order of the definitions. */
  #attrs(at: number, pos: Pos): AttrsExpr {
    const n = this.#numbers;
    const definitionCount = n[at + 3]!;
    const dynamicCount = n[at + 4]!;
    const sourceCount = n[at + 5]!;
    const dynamicAt = at + 6 + definitionCount * 4;
    const sourceAt = dynamicAt + dynamicCount * 3;
    const sources: InheritSource[] = [];
    for (let i = sourceAt; i < sourceAt + sourceCount * 2; i += 2)
      sources.push({ expr: this.read(n[i]!), pos: this.#pos(n[i + 1]!) });
    // Arrays as long as they get: most of what is read here is read once, and growing them would cost more.
    const definitions = filled<AttrDefinition | null>(definitionCount, null) as AttrDefinition[];
    for (let j = 0, i = at + 6; j < definitionCount; j++, i += 4) {
      const origin = n[i + 3]!;
      definitions[j] = {
        sym: this.#sym(n[i]!),
        pos: this.#pos(n[i + 1]!),
        value: this.#later(n[i + 2]!),
        origin: origin === 0 ? "plain" : origin === 1 ? "inherit" : sources[origin - 2]!,
      };
    }
    const dynamic = [];
    for (let i = dynamicAt; i < sourceAt; i += 3)
      dynamic.push({ name: this.read(n[i]!), value: this.#later(n[i + 1]!), pos: this.#pos(n[i + 2]!) });
    const order = zeroed(definitionCount);
    const orderAt = sourceAt + sourceCount * 2;
    for (let i = 0; i < definitionCount; i++) order[i] = n[orderAt + i]!;
    return {
      kind: "attrs",
      pos,
      recursive: n[at + 2] === 1,
      definitions,
      order,
      index: undefined,
      dynamic,
      sources,
    };
  }

  /** pos, argument, count of formals (-1: none are written), ellipsis, body, name, doc comment's ends, formals. */
  #lambda(at: number, pos: Pos): LambdaExpr {
    const n = this.#numbers;
    const argument = n[at + 2]!;
    const formalCount = n[at + 3]!;
    const name = n[at + 6]!;
    let formals: FormalExpr[] | undefined;
    if (formalCount >= 0) {
      formals = filled<FormalExpr | null>(formalCount, null) as FormalExpr[];
      for (let j = 0, i = at + 9; j < formalCount; j++, i += 3) {
        formals[j] = {
          sym: this.#sym(n[i]!),
          pos: this.#pos(n[i + 1]!),
          fallback: n[i + 2] === 0 ? undefined : this.#later(n[i + 2]!),
        };
      }
    }
    return {
      kind: "lambda",
      pos,
      argument: argument === 0 ? undefined : this.#sym(argument - 1),
      formals,
      ellipsis: n[at + 4] === 1,
      body: this.#later(n[at + 5]!),
      name: name === 0 ? undefined : this.#sym(name - 1),
      docStart: this.#pos(n[at + 7]!),
      docEnd: this.#pos(n[at + 8]!),
      code: undefined,
    };
  }
}
