/**
 * Writes a file's tree, its variables resolved, as `KeptTree` reads it.
 *
 * Numbers of 32 bits in the machine's order (little-endian everywhere that bruma runs): header, nodes, ends of the
 * strings, the mark; then the strings' bytes. A node begins with its kind and position (offset in the file and one; 0
 * for none) and names its children by their place, so that one can be read without its neighbours. Children stand
 * before their parents. No number depends on where the file is or what was read before it.
 */
import type { ByteString } from "../format/bytes.ts";
import type { AttrName, AttrsExpr, Expr, LambdaExpr, Variable } from "./ast.ts";
import { orderByName } from "./compile-attrs.ts";
import { binaryOperators, C, K, mark } from "./kept-tree.ts";
import { NixFloat, type Pos } from "./value.ts";

class TreeWriter {
  readonly #base: Pos;
  readonly #numbers: number[] = [mark, 0, 0, 0];
  readonly #strings = new Map<ByteString, number>();

  constructor(base: Pos) {
    this.#base = base;
  }

  write(root: Expr): Uint8Array {
    this.#numbers[1] = this.#node(root);
    this.#numbers[2] = this.#numbers.length;
    this.#numbers[3] = this.#strings.size;
    let end = 0;
    for (const text of this.#strings.keys()) {
      end += text.length;
      this.#numbers.push(end);
    }
    this.#numbers.push(mark);
    const bytes = Buffer.alloc(this.#numbers.length * 4 + end);
    bytes.set(new Uint8Array(Int32Array.from(this.#numbers).buffer));
    bytes.write([...this.#strings.keys()].join(""), this.#numbers.length * 4, "latin1");
    return bytes;
  }

  #string(text: ByteString): number {
    let index = this.#strings.get(text);
    if (index === undefined) {
      index = this.#strings.size;
      this.#strings.set(text, index);
    }
    return index;
  }

  #pos(pos: Pos): number {
    return pos === 0 ? 0 : pos - this.#base + 1;
  }

  /** Puts a node down and says where. */
  #put(...numbers: readonly number[]): number {
    const at = this.#numbers.length;
    // A loop and no spread: a set may have a million attributes.
    for (const number of numbers) this.#numbers.push(number);
    return at;
  }

  #append(numbers: readonly number[]): void {
    for (const number of numbers) this.#numbers.push(number);
  }

  #nodes(exprs: readonly Expr[]): number[] {
    return exprs.map((expr) => this.#node(expr));
  }

  #optional(expr: Expr | undefined): number {
    return expr === undefined ? 0 : this.#node(expr);
  }

  #attrPath(path: readonly AttrName[]): number[] {
    const names = path.map((name) =>
      "kind" in name ? this.#node(name) * 2 + 1 : this.#string(name.name) * 2,
    );
    return [names.length, ...names];
  }

  #node(expr: Expr): number {
    const pos = this.#pos(expr.pos);
    switch (expr.kind) {
      case "constant": {
        const { value } = expr;
        if (typeof value === "string") return this.#put(K.constant, pos, C.string, this.#string(value));
        if (value instanceof NixFloat)
          return this.#put(K.constant, pos, C.float, this.#string(String(value.value)));
        if (typeof value === "number" && value === (value | 0))
          return this.#put(K.constant, pos, C.smallInteger, value);
        return this.#put(K.constant, pos, C.integer, this.#string(String(value)));
      }
      case "path":
        return this.#put(K.path, pos, this.#string(expr.literal));
      case "variable":
        return this.#variable(expr);
      case "select": {
        const subject = this.#node(expr.subject);
        const fallback = this.#optional(expr.fallback);
        const path = this.#attrPath(expr.path);
        return this.#put(K.select, pos, subject, fallback, ...path);
      }
      case "has-attr": {
        const subject = this.#node(expr.subject);
        return this.#put(K.hasAttr, pos, subject, ...this.#attrPath(expr.path));
      }
      case "attrs":
        return this.#attrs(expr);
      case "list": {
        const elements = this.#nodes(expr.elements);
        const at = this.#put(K.list, pos, elements.length);
        this.#append(elements);
        return at;
      }
      case "lambda":
        return this.#lambda(expr);
      case "call": {
        const fn = this.#node(expr.fn);
        const args = this.#nodes(expr.args);
        const at = this.#put(K.call, pos, fn, args.length);
        this.#append(args);
        return at;
      }
      case "let": {
        const bindings = this.#attrs(expr.bindings);
        return this.#put(K.let, pos, bindings, this.#node(expr.body));
      }
      case "with": {
        const namespace = this.#node(expr.namespace);
        return this.#put(K.with, pos, namespace, this.#node(expr.body));
      }
      case "if": {
        const condition = this.#node(expr.condition);
        const whenTrue = this.#node(expr.whenTrue);
        return this.#put(K.if, pos, condition, whenTrue, this.#node(expr.whenFalse));
      }
      case "assert": {
        const condition = this.#node(expr.condition);
        return this.#put(K.assert, pos, condition, this.#node(expr.body));
      }
      case "not":
        return this.#put(K.not, pos, this.#node(expr.operand));
      case "binary": {
        const left = this.#node(expr.left);
        const operator = binaryOperators.indexOf(expr.operator);
        return this.#put(K.binary, pos, operator, left, this.#node(expr.right));
      }
      case "builtin2": {
        const fn = this.#variable(expr.fn);
        const left = this.#node(expr.left);
        return this.#put(K.builtin2, pos, fn, left, this.#node(expr.right), expr.negated ? 1 : 0);
      }
      case "concatenation": {
        const parts = expr.parts.map((part) => [this.#pos(part.pos), this.#node(part.expr)]);
        const at = this.#put(K.concatenation, pos, expr.isString ? 1 : 0, parts.length);
        for (const part of parts) this.#append(part);
        return at;
      }
      case "current-position":
        return this.#put(K.currentPosition, pos);
      case "deferred":
        throw new Error("a tree that was kept is not written again");
      default:
        return expr satisfies never;
    }
  }

  #variable({ pos, sym, level, index, global, withs }: Variable): number {
    const head = [K.variable, this.#pos(pos), this.#string(sym.name), level] as const;
    if (index > 0 || global !== undefined || withs === undefined) return this.#put(...head, index);
    const at = this.#put(...head, -1, withs.length);
    for (const reference of withs) this.#append([reference.level, this.#pos(reference.pos)]);
    return at;
  }

  #attrs(expr: AttrsExpr): number {
    const sources = expr.sources.map(({ expr: source, pos }) => [this.#node(source), this.#pos(pos)]);
    const definitions = expr.definitions.map(({ sym, pos, value, origin }) => [
      this.#string(sym.name),
      this.#pos(pos),
      this.#node(value),
      origin === "plain" ? 0 : origin === "inherit" ? 1 : expr.sources.indexOf(origin) + 2,
    ]);
    const dynamic = expr.dynamic.map(({ name, value, pos }) => [
      this.#node(name),
      this.#node(value),
      this.#pos(pos),
    ]);
    const at = this.#put(
      K.attrs,
      this.#pos(expr.pos),
      expr.recursive ? 1 : 0,
      definitions.length,
      dynamic.length,
      sources.length,
    );
    for (const rows of [definitions, dynamic, sources]) for (const row of rows) this.#append(row);
    this.#append(orderByName(expr.definitions));
    return at;
  }

  #lambda(expr: LambdaExpr): number {
    const formals = expr.formals?.map(({ sym, pos, fallback }) => [
      this.#string(sym.name),
      this.#pos(pos),
      this.#optional(fallback),
    ]);
    const body = this.#node(expr.body);
    const at = this.#put(
      K.lambda,
      this.#pos(expr.pos),
      expr.argument === undefined ? 0 : this.#string(expr.argument.name) + 1,
      formals === undefined ? -1 : formals.length,
      expr.ellipsis ? 1 : 0,
      body,
      expr.name === undefined ? 0 : this.#string(expr.name.name) + 1,
      this.#pos(expr.docStart),
      this.#pos(expr.docEnd),
    );
    for (const formal of formals ?? []) this.#append(formal);
    return at;
  }
}

/** A tree as bytes. @param base the file's first position */
export function writeTree(root: Expr, base: Pos): Uint8Array {
  return new TreeWriter(base).write(root);
}
