/**
 * The tree the parser makes, the scope analysis annotates, and the compiler turns into closures.
 *
 * Plain objects, discriminated by `kind`. `pos` is the position Nix reports for the node (for a binary operator that
 * of the operator, for `if` that of the condition). Desugared as in Nix: `-`, `*`, `/` and the comparisons are calls
 * of `__sub`, `__mul`, `__div`, `__lessThan`, which a program may redefine; `<x>` is a call of `__findFile`.
 */
import type { ByteString } from "../format/bytes.ts";
import type { Sym } from "./symbol.ts";
import type { Pos, Slot, Value } from "./value.ts";

export type Expr =
  | Constant
  | PathLiteral
  | Variable
  | Select
  | HasAttr
  | AttrsExpr
  | ListExpr
  | LambdaExpr
  | Call
  | Let
  | With
  | If
  | Assert
  | Not
  | Binary
  | Builtin2
  | Concatenation
  | CurrentPosition
  | Deferred;

/** Integers, floats and strings without interpolation. */
export interface Constant {
  readonly kind: "constant";
  readonly pos: Pos;
  readonly value: Value;
}
/** As written, with what it is relative to: most paths of a large set are never evaluated. See `literalPath`. */
export interface PathLiteral {
  readonly kind: "path";
  readonly pos: Pos;
  readonly base: ByteString;
  readonly literal: ByteString;
}

export interface WithReference {
  readonly level: number;
  readonly pos: Pos;
}

/**
 * What it stands for is found by the scope analysis, and kept in the node itself, for there are very many:
 * `index` > 0: slot `index` of the environment `level` up; else `global` is a value of the base environment; else
 * `withs`, nearest first, are to be asked (each `level` counts from the variable).
 */
export interface Variable {
  readonly kind: "variable";
  readonly pos: Pos;
  readonly sym: Sym;
  level: number;
  index: number;
  global: Slot | undefined;
  withs: readonly WithReference[] | undefined;
}

/** One name of an attribute path: fixed, or `${expr}`. */
export type AttrName = Sym | Expr;

export interface Select {
  readonly kind: "select";
  readonly pos: Pos;
  readonly subject: Expr;
  readonly path: readonly AttrName[];
  readonly fallback: Expr | undefined;
}
export interface HasAttr {
  readonly kind: "has-attr";
  readonly pos: Pos;
  readonly subject: Expr;
  readonly path: readonly AttrName[];
}

/** The `(expr)` of `inherit (expr) a b;`: evaluated once for all its names. */
export interface InheritSource {
  readonly expr: Expr;
  readonly pos: Pos;
}
export interface AttrDefinition {
  readonly sym: Sym;
  readonly pos: Pos;
  readonly value: Expr;
  readonly origin: "plain" | "inherit" | InheritSource;
}
export interface DynamicDefinition {
  readonly name: Expr;
  readonly value: Expr;
  readonly pos: Pos;
}
/** `{ … }`, `rec { … }`, and the bindings of `let`. */
export interface AttrsExpr {
  readonly kind: "attrs";
  pos: Pos;
  recursive: boolean;
  definitions: AttrDefinition[];
  /** Their numbers in the order of their names, where that is known already. */
  order: readonly number[] | undefined;
  /** By symbol, once there are many. */
  index: Map<Sym, AttrDefinition> | undefined;
  dynamic: readonly DynamicDefinition[];
  sources: readonly InheritSource[];
}
export interface ListExpr {
  readonly kind: "list";
  readonly pos: Pos;
  readonly elements: readonly Expr[];
}

export interface FormalExpr {
  readonly sym: Sym;
  readonly pos: Pos;
  readonly fallback: Expr | undefined;
}
export interface LambdaExpr {
  readonly kind: "lambda";
  readonly pos: Pos;
  readonly argument: Sym | undefined;
  readonly formals: readonly FormalExpr[] | undefined;
  readonly ellipsis: boolean;
  body: Expr;
  name: Sym | undefined;
  /** Offsets' positions of the doc comment, 0 if there is none. */
  docStart: Pos;
  docEnd: Pos;
  /** The compiler's: see lambda.ts. */
  code: object | undefined;
}
export interface Call {
  readonly kind: "call";
  readonly pos: Pos;
  readonly fn: Expr;
  readonly args: Expr[];
}
export interface Let {
  readonly kind: "let";
  readonly pos: Pos;
  readonly bindings: AttrsExpr;
  readonly body: Expr;
}
export interface With {
  readonly kind: "with";
  readonly pos: Pos;
  readonly namespace: Expr;
  readonly body: Expr;
}
export interface If {
  readonly kind: "if";
  readonly pos: Pos;
  readonly condition: Expr;
  readonly whenTrue: Expr;
  readonly whenFalse: Expr;
}
export interface Assert {
  readonly kind: "assert";
  readonly pos: Pos;
  readonly condition: Expr;
  readonly body: Expr;
}
export interface Not {
  readonly kind: "not";
  readonly pos: Pos;
  readonly operand: Expr;
}
export type BinaryOperator = "==" | "!=" | "&&" | "||" | "->" | "//" | "++";
export interface Binary {
  readonly kind: "binary";
  readonly pos: Pos;
  readonly operator: BinaryOperator;
  readonly left: Expr;
  readonly right: Expr;
}
/** A call of `__sub`, `__mul`, `__div` or `__lessThan` written as an operator. `negated`: `<=`, `>=`. */
export interface Builtin2 {
  readonly kind: "builtin2";
  readonly pos: Pos;
  readonly fn: Variable;
  readonly left: Expr;
  readonly right: Expr;
  readonly negated: boolean;
}
export interface ConcatenationPart {
  readonly pos: Pos;
  readonly expr: Expr;
}
/** `a + b` (numbers, strings, paths), interpolated strings (`isString`), interpolated paths. */
export interface Concatenation {
  readonly kind: "concatenation";
  readonly pos: Pos;
  readonly isString: boolean;
  readonly parts: readonly ConcatenationPart[];
}
/** A node of a tree that an earlier run made, not yet read. */
export interface Deferred {
  readonly kind: "deferred";
  readonly pos: Pos;
  readonly tree: { read(at: number): Expr };
  readonly at: number;
}
/** `__curPos`. */
export interface CurrentPosition {
  readonly kind: "current-position";
  readonly pos: Pos;
}
