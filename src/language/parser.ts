/**
 * Tokens → tree, by recursive descent with operator precedence.
 *
 * The grammar is the manual's "Syntax" with Nix's own oddities: `or` is a name after a simple expression and a keyword
 * after a selection, `let { … }` is `(rec { … }).body`, attribute paths merge into nested sets, `a ? b` binds tighter
 * than any operator but negation. A token that fits nowhere is reported in the words of Nix's generated parser, which
 * `syntax-error.ts` works out from the grammar when it is needed. One class, longer than most, for the grammar is one
 * thing.
 */
import type { ByteString } from "../format/bytes.ts";
import type {
  AttrName,
  AttrsExpr,
  BinaryOperator,
  ConcatenationPart,
  Expr,
  FormalExpr,
  InheritSource,
  LambdaExpr,
} from "./ast.ts";
import { addAttr, addInherited, newAttrs, newVariable } from "./bindings.ts";
import { EvaluationError } from "./errors.ts";
import { type IndentedPart, stripIndentation } from "./indented-string.ts";
import { Lexer } from "./lexer.ts";
import type { LintKind } from "./lint.ts";
import type { PositionTable, Source } from "./position.ts";
import { type Sym, symbol } from "./symbol.ts";
import { syntaxError } from "./syntax-error.ts";
import { T, type TokenKind } from "./token.ts";
import { NixFloat, noPos, type Pos } from "./value.ts";

export interface ParseOptions {
  /** Directory that relative paths are relative to. */
  readonly basePath: ByteString;
  /** What `~` stands for; an error is thrown from here when there is none. */
  readonly home: (literal: ByteString) => ByteString;
  /** `|>` and `<|` are operators. */
  readonly pipes?: boolean;
  /** Told of literals that Nix's settings may warn of or forbid, in the order of the text; may throw. */
  readonly lint?: (kind: LintKind, literal: ByteString, pos: Pos) => void;
}

const symSub = symbol("__sub");
const symMul = symbol("__mul");
const symDiv = symbol("__div");
const symLessThan = symbol("__lessThan");
const symFindFile = symbol("__findFile");
const symNixPath = symbol("__nixPath");
const symCurPos = symbol("__curPos");
const symOr = symbol("or");
const symBody = symbol("body");

/** Binding power of each binary operator's token; 0: none. */
const precedence = new Uint8Array(64);
precedence[T.implies] = 1;
precedence[T.or] = 2;
precedence[T.and] = 3;
precedence[T.equal] = precedence[T.notEqual] = 4;
precedence[T.less] = precedence[T.greater] = precedence[T.lessEqual] = precedence[T.greaterEqual] = 5;
precedence[T.update] = 6;
const notPrecedence = 7;
precedence[T.plus] = precedence[T.minus] = 8;
precedence[T.star] = precedence[T.slash] = 9;
precedence[T.concat] = 10;
precedence[T.question] = 11;
const negatePrecedence = 12;

/** Tokens that begin a simple expression, and so an argument or a list element. */
const startsSimple = new Uint8Array(64);
for (const kind of [
  T.identifier,
  T.integer,
  T.float,
  T.quote,
  T.indentedOpen,
  T.path,
  T.homePath,
  T.searchPath,
  T.uri,
  T.parenOpen,
  T.let,
  T.rec,
  T.braceOpen,
  T.bracketOpen,
]) {
  startsSimple[kind] = 1;
}

class Parser {
  readonly #lexer: Lexer;
  #before = "";
  readonly #base: Pos;
  readonly #positions: PositionTable;
  readonly #options: ParseOptions;
  #kind: TokenKind;
  /** Looks ahead where one token does not tell. */
  #scan: Lexer | undefined;

  constructor(source: Source, positions: PositionTable, options: ParseOptions) {
    this.#lexer = new Lexer(source.text, source.base);
    this.#lexer.pipes = options.pipes ?? false;
    this.#base = source.base;
    this.#positions = positions;
    this.#options = options;
    this.#kind = this.#lexer.next();
  }

  parse(): Expr {
    const expr = this.#expr();
    if (this.#kind !== T.end) this.#unexpected();
    return expr;
  }

  /** `a = 1; inherit b;` as the repl takes it. */
  parseBindings(): AttrsExpr {
    // What may come next is worked out from a text that is an expression from the start.
    this.#before = "{";
    const attrs = newAttrs(noPos);
    if (this.#kind === T.end) this.#unexpected();
    this.#bindings(attrs, T.end);
    return attrs;
  }

  #next(): void {
    this.#kind = this.#lexer.next();
  }

  /** For places that have asked for another kind before, which the type checker remembers too long. */
  #is(kind: TokenKind): boolean {
    return this.#kind === kind;
  }

  #expect(kind: TokenKind): void {
    if (this.#kind !== kind) this.#unexpected();
    this.#kind = this.#lexer.next();
  }

  #unexpected(): never {
    const before = this.#before;
    throw syntaxError(
      before + this.#lexer.text,
      this.#base - before.length,
      this.#lexer.start + before.length,
    );
  }

  #fail(message: string, pos: Pos): never {
    throw new EvaluationError("parse", message, pos);
  }

  /** Position of the current token. */
  #pos(): Pos {
    return this.#base + this.#lexer.start;
  }

  #expr(): Expr {
    const lexer = this.#lexer;
    const pos = this.#pos();
    switch (this.#kind) {
      case T.identifier: {
        const after = lexer.peek();
        if (after === 58 /* : */ || after === 64 /* @ */) return this.#lambda(pos);
        break;
      }
      case T.braceOpen:
        if (this.#isFormalSet()) return this.#lambda(pos);
        break;
      case T.assert: {
        this.#next();
        const condition = this.#expr();
        this.#expect(T.semicolon);
        return { kind: "assert", pos, condition, body: this.#expr() };
      }
      case T.with: {
        this.#next();
        const namespace = this.#expr();
        this.#expect(T.semicolon);
        return { kind: "with", pos, namespace, body: this.#expr() };
      }
      case T.let: {
        if (lexer.peek() === 123 /* { */) break;
        this.#next();
        const bindings = newAttrs(noPos);
        this.#bindings(bindings, T.in);
        this.#next();
        const body = this.#expr();
        if (bindings.dynamic.length > 0) this.#fail("dynamic attributes not allowed in let", pos);
        return { kind: "let", pos: noPos, bindings, body };
      }
      case T.if: {
        this.#next();
        const condition = this.#expr();
        this.#expect(T.then);
        const whenTrue = this.#expr();
        this.#expect(T.else);
        return { kind: "if", pos, condition, whenTrue, whenFalse: this.#expr() };
      }
    }
    return this.#pipes();
  }

  /** `a |> f |> g` is `g (f a)`, `g <| f <| a` the same; the two do not go together. */
  #pipes(): Expr {
    let left = this.#operators(1);
    if (this.#kind === T.pipeFrom) return this.#pipeFrom(left);
    while (this.#kind === T.pipeInto) {
      const pos = this.#pos();
      this.#next();
      left = appliedTo(pos, this.#operators(1), left);
    }
    return left;
  }

  #pipeFrom(fn: Expr): Expr {
    const pos = this.#pos();
    this.#next();
    const argument = this.#operators(1);
    return appliedTo(pos, fn, this.#is(T.pipeFrom) ? this.#pipeFrom(argument) : argument);
  }

  /** At `{`: whether a set of formal arguments begins, rather than an attribute set. */
  #isFormalSet(): boolean {
    this.#scan ??= new Lexer(this.#lexer.text, this.#base);
    const scan = this.#scan;
    scan.pipes = this.#lexer.pipes;
    scan.end = this.#lexer.end;
    const first = scan.next();
    const after = scan.peek();
    if (first === T.ellipsis) return true;
    if (first === T.braceClose) return after === 58 || after === 64;
    return first === T.identifier && (after === 44 || after === 63 || after === 125);
  }

  #lambda(pos: Pos): Expr {
    const lexer = this.#lexer;
    const docStart = lexer.docStart < 0 ? 0 : this.#base + lexer.docStart;
    const docEnd = lexer.docStart < 0 ? 0 : this.#base + lexer.docEnd;
    let argument: Sym | undefined;
    let formals: FormalExpr[] | undefined;
    let ellipsis = false;
    if (this.#kind === T.identifier) {
      argument = lexer.sym;
      this.#next();
      if (this.#is(T.at)) {
        this.#next();
        if (!this.#is(T.braceOpen)) this.#unexpected();
        formals = [];
        ellipsis = this.#formals(formals);
      }
    } else {
      formals = [];
      ellipsis = this.#formals(formals);
      if (this.#kind === T.at) {
        this.#next();
        if (!this.#is(T.identifier)) this.#unexpected();
        argument = lexer.sym;
        this.#next();
      }
    }
    this.#expect(T.colon);
    const body = this.#expr();
    if (formals !== undefined) this.#checkFormals(formals, argument, pos);
    const lambda: LambdaExpr = {
      kind: "lambda",
      pos,
      argument,
      formals,
      ellipsis,
      body,
      name: undefined,
      docStart: 0,
      docEnd: 0,
      code: undefined,
    };
    if (docStart > 0) setDocComment(lambda, docStart, docEnd);
    return lambda;
  }

  /** From `{` to after `}`; whether there is a `...`. */
  #formals(formals: FormalExpr[]): boolean {
    this.#next();
    for (;;) {
      if (this.#kind === T.braceClose) {
        this.#next();
        return false;
      }
      if (this.#kind === T.ellipsis) {
        this.#next();
        this.#expect(T.braceClose);
        return true;
      }
      if (this.#kind !== T.identifier) this.#unexpected();
      const { sym } = this.#lexer;
      const pos = this.#pos();
      this.#next();
      let fallback: Expr | undefined;
      if (this.#is(T.question)) {
        this.#next();
        fallback = this.#expr();
      }
      formals.push({ sym, pos, fallback });
      if (this.#is(T.comma)) this.#next();
      else if (!this.#is(T.braceClose)) this.#unexpected();
    }
  }

  #checkFormals(formals: readonly FormalExpr[], argument: Sym | undefined, pos: Pos): void {
    const seen = new Set<Sym>();
    for (const { sym, pos: formalPos } of formals) {
      if (seen.has(sym)) this.#fail(`duplicate formal function argument '${sym.name}'`, formalPos);
      seen.add(sym);
    }
    if (argument !== undefined && seen.has(argument)) {
      this.#fail(`duplicate formal function argument '${argument.name}'`, pos);
    }
  }

  #operators(minimum: number): Expr {
    const start = this.#pos();
    let left: Expr;
    if (this.#kind === T.not) {
      this.#next();
      const operand = this.#operators(notPrecedence + 1);
      left = { kind: "not", pos: operand.pos, operand };
    } else if (this.#kind === T.minus) {
      this.#next();
      const operand = this.#operators(negatePrecedence + 1);
      left = this.#builtin2(start, symSub, { kind: "constant", pos: noPos, value: 0 }, operand, false);
    } else left = this.#application();
    for (;;) {
      const operator = this.#kind;
      const power = precedence[operator]!;
      if (power === 0 || power < minimum) return left;
      const pos = this.#pos();
      this.#next();
      if (operator === T.question) {
        left = { kind: "has-attr", pos: left.pos, subject: left, path: this.#attrPath() };
        continue;
      }
      // `->`, `//` and `++` group to the right.
      const right = power === 1 || power === 6 || power === 10;
      const rightStart = this.#pos();
      const operand = this.#operators(right ? power : power + 1);
      // `==` and `<` with their brothers do not group at all.
      if ((power === 4 || power === 5) && precedence[this.#kind] === power) this.#unexpected();
      left = this.#binary(operator, pos, start, left, rightStart, operand);
    }
  }

  #binary(operator: TokenKind, pos: Pos, leftPos: Pos, left: Expr, rightPos: Pos, right: Expr): Expr {
    switch (operator) {
      case T.plus:
        return {
          kind: "concatenation",
          pos,
          isString: false,
          parts: [
            { pos: leftPos, expr: left },
            { pos: rightPos, expr: right },
          ],
        };
      case T.minus:
        return this.#builtin2(pos, symSub, left, right, false);
      case T.star:
        return this.#builtin2(pos, symMul, left, right, false);
      case T.slash:
        return this.#builtin2(pos, symDiv, left, right, false);
      case T.less:
        return this.#builtin2(pos, symLessThan, left, right, false);
      case T.greater:
        return this.#builtin2(pos, symLessThan, right, left, false);
      case T.lessEqual:
        return this.#builtin2(pos, symLessThan, right, left, true);
      case T.greaterEqual:
        return this.#builtin2(pos, symLessThan, left, right, true);
      default:
        return {
          kind: "binary",
          // Nix gives these two no place.
          pos: operator === T.equal || operator === T.notEqual ? noPos : pos,
          operator: binaryOperators.get(operator)!,
          left,
          right,
        };
    }
  }

  #builtin2(pos: Pos, fn: Sym, left: Expr, right: Expr, negated: boolean): Expr {
    return { kind: "builtin2", pos, fn: newVariable(noPos, fn), left, right, negated };
  }

  #application(): Expr {
    const pos = this.#pos();
    const fn = this.#selection();
    if (startsSimple[this.#kind] === 0) return fn;
    let args: Expr[] = [this.#selection(true)];
    if (startsSimple[this.#kind] === 1) {
      do args.push(this.#selection(true));
      while (startsSimple[this.#kind] === 1);
      // Arrays that grow take room for much more; trees live long.
      args = args.slice();
    }
    // `(f x) y` and `f or y` are one call, as they are for Nix.
    if (fn.kind === "call") return { kind: "call", pos: fn.pos, fn: fn.fn, args: [...fn.args, ...args] };
    if (fn.kind === "builtin2" && !fn.negated)
      return { kind: "call", pos: fn.pos, fn: fn.fn, args: [fn.left, fn.right, ...args] };
    return { kind: "call", pos, fn, args };
  }

  /** `more`: as an argument, element or default, where `f or` is no expression by itself in the languages to come. */
  #selection(more = false): Expr {
    const pos = this.#pos();
    const subject = this.#simple();
    if (this.#kind === T.dot) {
      this.#next();
      const path = this.#attrPath();
      if (!this.#is(T.orKeyword)) {
        return { kind: "select", pos, subject, path, fallback: undefined };
      }
      this.#next();
      return { kind: "select", pos, subject, path, fallback: this.#selection(true) };
    }
    if (this.#kind === T.orKeyword) {
      const or: Expr = newVariable(pos, symOr);
      if (more) {
        const { text, end } = this.#lexer;
        this.#options.lint?.("or-identifier", text.slice(pos - this.#base, end), pos);
      }
      this.#next();
      return { kind: "call", pos, fn: subject, args: [or] };
    }
    return subject;
  }

  #attrPath(): AttrName[] {
    const first = this.#attrName();
    if (this.#kind !== T.dot) return [first];
    const path = [first];
    while (this.#kind === T.dot) {
      this.#next();
      path.push(this.#attrName());
    }
    return path.slice();
  }

  #attrName(): AttrName {
    const lexer = this.#lexer;
    switch (this.#kind) {
      case T.identifier:
      case T.orKeyword: {
        const { sym } = lexer;
        this.#next();
        return sym;
      }
      case T.quote: {
        const expr = this.#string();
        return expr.kind === "constant" ? symbol(expr.value as string) : expr;
      }
      case T.dollarCurly: {
        this.#next();
        const expr = this.#expr();
        this.#expect(T.braceClose);
        return expr.kind === "constant" && typeof expr.value === "string" ? symbol(expr.value) : expr;
      }
    }
    return this.#unexpected();
  }

  #simple(): Expr {
    const lexer = this.#lexer;
    const pos = this.#pos();
    switch (this.#kind) {
      case T.identifier: {
        const { sym } = lexer;
        this.#next();
        if (sym === symCurPos) return { kind: "current-position", pos };
        return newVariable(pos, sym);
      }
      case T.integer: {
        const value = lexer.value as number | bigint;
        this.#next();
        return { kind: "constant", pos: noPos, value };
      }
      case T.float: {
        const value = new NixFloat(lexer.value as number);
        this.#next();
        return { kind: "constant", pos: noPos, value };
      }
      case T.quote:
        return this.#string();
      case T.indentedOpen:
        return this.#indentedString(pos);
      case T.path:
      case T.homePath:
        return this.#path(pos);
      case T.searchPath: {
        const name = lexer.value as ByteString;
        this.#next();
        return {
          kind: "call",
          pos,
          fn: newVariable(noPos, symFindFile),
          args: [newVariable(noPos, symNixPath), { kind: "constant", pos: noPos, value: name }],
        };
      }
      case T.uri: {
        const value = lexer.value as ByteString;
        this.#options.lint?.("url-literal", value, pos);
        this.#next();
        return { kind: "constant", pos: noPos, value };
      }
      case T.parenOpen: {
        this.#next();
        const expr = this.#expr();
        this.#expect(T.parenClose);
        return expr;
      }
      case T.let: {
        this.#next();
        if (!this.#is(T.braceOpen)) this.#unexpected();
        const subject = this.#attrs(pos, true);
        return { kind: "select", pos: noPos, subject, path: [symBody], fallback: undefined };
      }
      case T.rec:
        this.#next();
        if (!this.#is(T.braceOpen)) this.#unexpected();
        return this.#attrs(pos, true);
      case T.braceOpen:
        return this.#attrs(pos, false);
      case T.bracketOpen: {
        this.#next();
        const elements: Expr[] = [];
        while (!this.#is(T.bracketClose)) {
          if (startsSimple[this.#kind] === 0) this.#unexpected();
          elements.push(this.#selection(true));
        }
        this.#next();
        return {
          kind: "list",
          pos: elements.length > 0 ? elements[0]!.pos : noPos,
          elements: elements.slice(),
        };
      }
    }
    return this.#unexpected();
  }

  /** From `{` to after `}`. */
  #attrs(pos: Pos, recursive: boolean): AttrsExpr {
    const attrs = newAttrs(pos);
    attrs.recursive = recursive;
    this.#next();
    this.#bindings(attrs, T.braceClose);
    this.#next();
    return attrs;
  }

  #bindings(attrs: AttrsExpr, close: TokenKind): void {
    while (this.#kind !== close) {
      if (this.#kind === T.inherit) {
        this.#inherit(attrs);
        continue;
      }
      const pos = this.#pos();
      const docStart = this.#lexer.docStart;
      const docEnd = this.#lexer.docEnd;
      const path = this.#attrPath();
      this.#expect(T.assign);
      const value = this.#expr();
      if (this.#kind !== T.semicolon) this.#unexpected();
      if (docStart >= 0) setDocComment(value, this.#base + docStart, this.#base + docEnd);
      addAttr(attrs, path, value, pos, this.#positions);
      this.#next();
    }
    attrs.definitions = attrs.definitions.slice();
  }

  #inherit(attrs: AttrsExpr): void {
    this.#next();
    let source: InheritSource | undefined;
    if (this.#kind === T.parenOpen) {
      this.#next();
      const pos = this.#pos();
      source = { expr: this.#expr(), pos };
      this.#expect(T.parenClose);
      attrs.sources = [...attrs.sources, source];
    }
    while (this.#kind !== T.semicolon) {
      const pos = this.#pos();
      if (
        this.#kind !== T.identifier &&
        this.#kind !== T.orKeyword &&
        this.#kind !== T.quote &&
        this.#kind !== T.dollarCurly
      ) {
        this.#unexpected();
      }
      const name = this.#attrName();
      if (!isSym(name)) this.#fail("dynamic attributes not allowed in inherit", pos);
      addInherited(attrs, name, pos, source, this.#positions);
    }
    this.#next();
  }

  /** From `"` to after the closing one. */
  #string(): Expr {
    const lexer = this.#lexer;
    const pos = this.#base + lexer.end;
    let kind = lexer.nextStringPart();
    let only: ByteString = "";
    if (kind === T.string) {
      only = lexer.value as ByteString;
      const partPos = this.#base + lexer.start;
      kind = lexer.nextStringPart();
      if (kind === T.dollarCurly) return this.#interpolated(pos, [{ pos: partPos, expr: text(only) }]);
    } else if (kind === T.dollarCurly) return this.#interpolated(pos, []);
    if (kind !== T.quote) this.#unexpected();
    this.#next();
    return text(only);
  }

  /** At `${` inside of a string. */
  #interpolated(pos: Pos, parts: ConcatenationPart[]): Expr {
    const lexer = this.#lexer;
    let kind: TokenKind = T.dollarCurly;
    while (kind !== T.quote) {
      const partPos = this.#base + lexer.start;
      if (kind === T.dollarCurly) parts.push({ pos: partPos, expr: this.#interpolation() });
      else if (kind === T.string) parts.push({ pos: partPos, expr: text(lexer.value as ByteString) });
      else this.#unexpected();
      kind = lexer.nextStringPart();
    }
    this.#next();
    return { kind: "concatenation", pos, isString: true, parts };
  }

  /** From `${` to `}`, whose token stays the current one: what follows is not ordinary text. */
  #interpolation(): Expr {
    this.#next();
    const expr = this.#expr();
    if (this.#kind !== T.braceClose) this.#unexpected();
    return expr;
  }

  #indentedString(pos: Pos): Expr {
    const lexer = this.#lexer;
    const parts: IndentedPart[] = [];
    for (;;) {
      const kind = lexer.nextIndentedPart();
      if (kind === T.indentedClose) break;
      const partPos = this.#base + lexer.start;
      if (kind === T.dollarCurly)
        parts.push({ pos: partPos, content: this.#interpolation(), hasIndentation: false });
      else if (kind === T.indentedString) {
        parts.push({
          pos: partPos,
          content: lexer.value as ByteString,
          hasIndentation: lexer.hasIndentation,
        });
      } else this.#unexpected();
    }
    this.#next();
    return stripIndentation(pos, parts);
  }

  #path(pos: Pos): Expr {
    const lexer = this.#lexer;
    const literal = lexer.value as ByteString;
    // A home path is absolute text, taken as it is.
    const isHome = this.#kind === T.homePath;
    const written = isHome ? this.#options.home(literal) + literal.slice(1) : literal;
    // 46 is `.`, 47 `/`.
    if (isHome) this.#options.lint?.("home-path", literal, pos);
    else if (literal.charCodeAt(0) === 47) this.#options.lint?.("absolute-path", literal, pos);
    else if (literal.charCodeAt(0) !== 46) this.#options.lint?.("short-path", literal, pos);
    const first: Expr = { kind: "path", pos: noPos, base: this.#options.basePath, literal: written };
    let kind = lexer.nextPathPart();
    if (kind === T.pathEnd) {
      this.#next();
      return first;
    }
    const parts: ConcatenationPart[] = [{ pos, expr: first }];
    while (kind !== T.pathEnd) {
      const partPos = this.#base + lexer.start;
      if (kind === T.dollarCurly) parts.push({ pos: partPos, expr: this.#interpolation() });
      else parts.push({ pos: partPos, expr: text(lexer.value as ByteString) });
      const atText = kind === T.string && parts.length === 2;
      kind = lexer.nextPathPart();
      // `/a//b`: after the slash more text begins, which only an interpolation may follow.
      if (atText && kind !== T.dollarCurly) this.#unexpected();
    }
    this.#next();
    return { kind: "concatenation", pos, isString: false, parts };
  }
}

const binaryOperators = new Map<TokenKind, BinaryOperator>([
  [T.equal, "=="],
  [T.notEqual, "!="],
  [T.and, "&&"],
  [T.or, "||"],
  [T.implies, "->"],
  [T.update, "//"],
  [T.concat, "++"],
]);

/** `(f x) y` is one call with two arguments, as it is for Nix. */
function appliedTo(pos: Pos, fn: Expr, argument: Expr): Expr {
  if (fn.kind === "call") return { kind: "call", pos: fn.pos, fn: fn.fn, args: [...fn.args, argument] };
  if (fn.kind === "builtin2" && !fn.negated)
    return { kind: "call", pos: fn.pos, fn: fn.fn, args: [fn.left, fn.right, argument] };
  return { kind: "call", pos, fn, args: [argument] };
}

function text(value: ByteString): Expr {
  return { kind: "constant", pos: noPos, value };
}

export function isSym(name: AttrName): name is Sym {
  return !("kind" in name);
}

/** The innermost comment wins; a curried function hands it on to the functions in its body. */
function setDocComment(expr: Expr, start: Pos, end: Pos): void {
  for (let e = expr; e.kind === "lambda" && e.docStart === 0; e = e.body) {
    e.docStart = start;
    e.docEnd = end;
  }
}

/** Parses a whole source. @throws EvaluationError of kind "parse" */
export function parse(source: Source, positions: PositionTable, options: ParseOptions): Expr {
  return new Parser(source, positions, options).parse();
}

/** Parses `name = expr; …` as typed in the repl. @throws EvaluationError of kind "parse" */
export function parseBindings(source: Source, positions: PositionTable, options: ParseOptions): AttrsExpr {
  return new Parser(source, positions, options).parseBindings();
}
