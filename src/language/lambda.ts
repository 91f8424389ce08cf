/**
 * Functions written in Nix: matching the argument, running the body.
 *
 * The environment's slots are the argument, if it has a name, and the formals. The body is compiled on the first call.
 */

import type { Expr, LambdaExpr } from "./ast.ts";
import { Attrs, noShape } from "./attrs.ts";
import { type Compiler, type Delay, Env, putSlot, type Run, slotOf, WideEnv } from "./compiled.ts";
import { EvaluationError } from "./errors.ts";
import { showIdentifier } from "./literal.ts";
import { filled, type Shape } from "./shape.ts";
import { bestMatches } from "./suggestions.ts";
import { symbol } from "./symbol.ts";
import { type Formal, type LambdaCode, noPos, type Pos, type Slot, type Value } from "./value.ts";

interface CompiledFormal {
  readonly name: string;
  readonly fallback: Delay | undefined;
}

/** Stands for the body of a function that is compiled. */
const compiledBody: Expr = { kind: "constant", pos: noPos, value: null };

/** Calls until somebody wants to be told. */
let callsLeft = 2 ** 30;
let tell: (() => void) | undefined;

/** Calls `told` once so many functions written in Nix were called, in all evaluations of this process. */
export function afterCalls(count: number, told: () => void): void {
  callsLeft = count;
  tell = told;
}

export class CompiledLambda implements LambdaCode {
  readonly inner: CompiledLambda | undefined;
  readonly #compiler: Compiler;
  readonly #expr: LambdaExpr;
  readonly #takesAnything: boolean;
  #matching: FormalsMatcher | undefined;
  #run: Run | undefined;

  constructor(c: Compiler, expr: LambdaExpr) {
    this.#compiler = c;
    this.#expr = expr;
    this.#takesAnything = expr.formals === undefined;
    this.inner = expr.body.kind === "lambda" ? codeOf(c, expr.body) : undefined;
  }

  bind(env: unknown, argument: Slot, pos: Pos): Env {
    if (this.#takesAnything) return new Env(env as Env, argument);
    this.#matching ??= new FormalsMatcher(this.#compiler, this, this.#expr);
    return this.#matching.bind(env, argument, pos);
  }

  body(env: Env): Value {
    if (--callsLeft === 0) tell?.();
    if (this.#run === undefined) {
      this.#run = this.#compiler.run(this.#expr.body);
      // The tree has done its service; of a large package set it would take most of the memory.
      this.#expr.body = compiledBody;
    }
    return this.#run(env);
  }

  get pos(): Pos {
    return this.#expr.pos;
  }
  get name(): string | undefined {
    return this.#expr.name?.name;
  }
  get argument(): string | undefined {
    return this.#expr.argument?.name;
  }
  get ellipsis(): boolean {
    return this.#expr.ellipsis;
  }
  get docStart(): Pos {
    return this.#expr.docStart;
  }
  get docEnd(): Pos {
    return this.#expr.docEnd;
  }
  get formals(): readonly Formal[] | undefined {
    return this.#expr.formals?.map(({ sym, pos, fallback }) => ({
      name: sym.name,
      pos,
      hasDefault: fallback !== undefined,
    }));
  }

  /** A function that is the value of `${name} = …` is called by that name. */
  nameIfNone(name: string): void {
    this.#expr.name ??= symbol(name);
  }

  /** As messages name it. */
  get shownName(): string {
    return this.name ?? "anonymous lambda";
  }
}

/** One code for each lambda of the tree, however often it is compiled around. */
export function codeOf(c: Compiler, expr: LambdaExpr): CompiledLambda {
  const known = expr.code as CompiledLambda | undefined;
  if (known !== undefined) return known;
  const code = new CompiledLambda(c, expr);
  expr.code = code;
  return code;
}

/** `{ a, b ? c, ... }`: takes an attribute set apart. */
class FormalsMatcher {
  readonly #lambda: CompiledLambda;
  readonly #compiler: Compiler;
  readonly #expr: LambdaExpr;
  #formals: readonly CompiledFormal[] | undefined;
  /** For all slots but the first; undefined if there are no more. */
  #template: undefined[] | undefined;
  /** Where each formal stands in the shape met last; -1: not there. */
  #shape: Shape | undefined;
  #indices: readonly number[] = [];
  #allUsed = false;
  #sorted: readonly string[] | undefined;

  constructor(c: Compiler, lambda: CompiledLambda, expr: LambdaExpr) {
    this.#compiler = c;
    this.#lambda = lambda;
    this.#expr = expr;
  }

  #compile(): readonly CompiledFormal[] {
    const formals = this.#expr.formals!.map(({ sym, fallback }) => ({
      name: sym.name,
      fallback: fallback === undefined ? undefined : this.#compiler.delay(fallback),
    }));
    this.#formals = formals;
    const size = (this.#lambda.argument === undefined ? 0 : 1) + formals.length;
    if (size > 1) this.#template = filled(size - 1, undefined);
    return formals;
  }

  bind(outer: unknown, argument: Slot, pos: Pos): Env {
    const formals = this.#formals ?? this.#compile();
    const attrs = this.#argument(argument, pos);
    // Taken out of a layered set by name, where it may have others too; elsewhere it has far too many, as is said below.
    const found = attrs.shapeIfFlat === noShape && this.#expr.ellipsis ? this.#pick(attrs, formals) : attrs;
    const { shape, values } = found;
    if (shape !== this.#shape) this.#match(shape, formals);
    const indices = this.#indices;
    const template = this.#template;
    const env =
      template === undefined
        ? new Env(outer as Env, undefined)
        : new WideEnv(outer as Env, undefined, template.slice());
    let next = 1;
    if (this.#expr.argument !== undefined) {
      env.first = argument;
      next = 2;
    }
    for (let i = 0; i < indices.length; i++) {
      const index = indices[i]!;
      if (index >= 0) putSlot(env, next, values[index]!);
      else {
        const { fallback, name } = formals[i]!;
        if (fallback === undefined) throw this.#required(name, pos);
        putSlot(env, next, slotOf(fallback, env));
      }
      next++;
    }
    if (!this.#allUsed && !this.#expr.ellipsis) throw this.#unexpected(attrs, pos);
    return env;
  }

  #pick(attrs: Attrs, formals: readonly CompiledFormal[]): Attrs {
    this.#sorted ??= formals.map(({ name }) => name).sort();
    return attrs.pick(this.#sorted);
  }

  #match(shape: Shape, formals: readonly CompiledFormal[]): void {
    const indices: number[] = [];
    let used = 0;
    for (const { name } of formals) {
      const index = shape.indexOf(name);
      indices.push(index);
      if (index >= 0) used++;
    }
    this.#shape = shape;
    this.#indices = indices;
    this.#allUsed = used === shape.keys.length;
  }

  #argument(slot: Slot, pos: Pos): Attrs {
    if (slot instanceof Attrs) return slot;
    const { ev } = this.#compiler;
    try {
      return ev.forceAttrs(
        slot,
        this.#lambda.pos,
        "while evaluating the value passed for the lambda argument",
      );
    } catch (error) {
      if (pos !== noPos && error instanceof EvaluationError) error.addTrace(pos, "from call site");
      throw error;
    }
  }

  #required(name: string, pos: Pos): EvaluationError {
    const message = `function '${this.#lambda.shownName}' called without required argument '${name}'`;
    return new EvaluationError("missing-argument", message, this.#lambda.pos).addTrace(pos, "from call site");
  }

  #unexpected(attrs: Attrs, pos: Pos): EvaluationError {
    const names = this.#formals!.map(({ name }) => name);
    const unexpected = attrs.keys.find((key) => !names.includes(key))!;
    const error = new EvaluationError(
      "type",
      `function '${this.#lambda.shownName}' called with unexpected argument '${showIdentifier(unexpected)}'`,
      this.#lambda.pos,
    ).addTrace(pos, "from call site");
    error.suggestions = bestMatches(names, unexpected);
    return error;
  }
}
