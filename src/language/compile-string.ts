/** `a + b`, interpolated strings and interpolated paths. */
import type { Concatenation, ConcatenationPart } from "./ast.ts";
import { coerceToString } from "./coerce.ts";
import type { Compiler, Env, Run } from "./compiled.ts";
import { type Context, unionContexts } from "./context.ts";
import { EvaluationError } from "./errors.ts";
import type { NixEvaluator } from "./evaluator.ts";
import { canonPath } from "./path.ts";
import {
  integer,
  makeString,
  NixFloat,
  NixPath,
  NixString,
  noPos,
  type Pos,
  textOf,
  type Value,
} from "./value.ts";

const pathSegment = "while evaluating a path segment";
const int64Max = 9223372036854775807n;
const int64Min = -9223372036854775808n;

export function compileConcatenation(c: Compiler, expr: Concatenation): Run {
  if (expr.isString) return compileInterpolation(c, expr.parts);
  const runs = expr.parts.map((part) => c.run(part.expr));
  const { ev } = c;
  if (runs.length !== 2) return (env) => add(ev, expr, runs, env, runs[0]!(env));
  const [left, right] = runs as [Run, Run];
  return (env) => {
    const x = left(env);
    if (typeof x === "number") {
      const y = right(env);
      if (typeof y === "number") {
        const sum = x + y;
        if (sum <= Number.MAX_SAFE_INTEGER && sum >= Number.MIN_SAFE_INTEGER) return sum;
      }
      return addNumber(ev, x, y, expr.parts[1]!.pos);
    }
    if (typeof x === "string") {
      const y = right(env);
      if (typeof y === "string") return x + y;
      return appendPart(ev, x, undefined, y, expr.parts[1]!.pos);
    }
    return add(ev, expr, runs, env, x);
  };
}

function appendPart(
  ev: NixEvaluator,
  text: string,
  context: Context | undefined,
  value: Value,
  pos: Pos,
): Value {
  const part = coerceToString(ev, value, pos, pathSegment);
  if (typeof part === "string") return makeString(text + part, context);
  return new NixString(text + part.text, context === undefined ? part.context : context.union(part.context));
}

/** Neighbouring pieces of plain text as one: escapes in `''` strings come in pieces. */
function joinTexts(parts: readonly ConcatenationPart[]): ConcatenationPart[] {
  const joined: ConcatenationPart[] = [];
  for (const part of parts) {
    const last = joined[joined.length - 1];
    if (last?.expr.kind === "constant" && part.expr.kind === "constant") {
      const value = `${last.expr.value}${part.expr.value}`;
      joined[joined.length - 1] = { pos: last.pos, expr: { kind: "constant", pos: noPos, value } };
    } else joined.push(part);
  }
  return joined;
}

function isText(part: ConcatenationPart): boolean {
  return part.expr.kind !== "constant" || typeof part.expr.value === "string";
}

function compileInterpolation(c: Compiler, written: readonly ConcatenationPart[]): Run {
  const { ev } = c;
  const parts = written.every(isText) ? joinTexts(written) : written;
  const runs = parts.map((part) => c.run(part.expr));
  if (parts.length === 1 && parts[0]!.expr.kind === "constant" && isText(parts[0]!)) return runs[0]!;
  return (env) => {
    let text = "";
    let context: Context | undefined;
    for (let i = 0; i < runs.length; i++) {
      let value = runs[i]!(env);
      if (typeof value !== "string" && !(value instanceof NixString)) {
        value = coerceToString(ev, value, parts[i]!.pos, pathSegment);
      }
      if (typeof value === "string") text += value;
      else {
        text += value.text;
        context = context === undefined ? value.context : context.union(value.context);
      }
    }
    return context === undefined ? text : new NixString(text, context);
  };
}

function addNumber(
  ev: NixEvaluator,
  x: number | bigint | NixFloat,
  y: Value,
  pos: Pos,
): number | bigint | NixFloat {
  if (x instanceof NixFloat) {
    if (y instanceof NixFloat) return new NixFloat(x.value + y.value);
    if (typeof y === "number" || typeof y === "bigint") return new NixFloat(x.value + Number(y));
    throw new EvaluationError("eval", `cannot add ${ev.showType(y)} to a float`, pos);
  }
  if (y instanceof NixFloat) return new NixFloat(Number(x) + y.value);
  if (typeof y !== "number" && typeof y !== "bigint") {
    throw new EvaluationError("eval", `cannot add ${ev.showType(y)} to an integer`, pos);
  }
  const sum = BigInt(x) + BigInt(y);
  if (sum > int64Max || sum < int64Min) {
    throw new EvaluationError("eval", `integer overflow in adding ${x} + ${y}`, pos);
  }
  return integer(sum);
}

/** The general case; the first operand decides what kind of sum it is. */
function add(ev: NixEvaluator, expr: Concatenation, runs: readonly Run[], env: Env, first: Value): Value {
  const { parts } = expr;
  if (typeof first === "number" || typeof first === "bigint" || first instanceof NixFloat) {
    let sum: number | bigint | NixFloat = first;
    for (let i = 1; i < runs.length; i++) sum = addNumber(ev, sum, runs[i]!(env), parts[i]!.pos);
    return sum;
  }
  if (first instanceof NixPath) return addToPath(ev, expr, runs, env, first);
  const start = coerceToString(ev, first, parts[0]!.pos, pathSegment, {
    copyToStore: typeof first === "string",
  });
  let text = textOf(start);
  let context = typeof start === "string" ? undefined : start.context;
  for (let i = 1; i < runs.length; i++) {
    const copyToStore = typeof first === "string" || first instanceof NixString;
    const part = coerceToString(ev, runs[i]!(env), parts[i]!.pos, pathSegment, { copyToStore });
    text += textOf(part);
    if (typeof part !== "string") context = unionContexts(context, part.context);
  }
  return makeString(text, context);
}

function addToPath(
  ev: NixEvaluator,
  expr: Concatenation,
  runs: readonly Run[],
  env: Env,
  first: NixPath,
): Value {
  let text = first.path;
  let context: Context | undefined;
  const { parts } = expr as { parts: readonly ConcatenationPart[] };
  for (let i = 1; i < runs.length; i++) {
    const part = coerceToString(ev, runs[i]!(env), parts[i]!.pos, pathSegment, { copyToStore: false });
    text += textOf(part);
    if (typeof part !== "string") context = unionContexts(context, part.context);
  }
  if (context !== undefined) {
    throw new EvaluationError(
      "eval",
      "a string that refers to a store path cannot be appended to a path",
      expr.pos,
    );
  }
  return new NixPath(canonPath(text));
}
