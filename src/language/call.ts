/**
 * Calling functions: the paths every evaluation spends most of its time on.
 *
 * `depth` counts calls within calls, as `max-call-depth` limits them. An error leaves it as it is; the call in which it
 * is caught (`tryEval`'s) sets it back to what it was.
 */
import { Attrs } from "./attrs.ts";
import { asEvaluationError, EvaluationError } from "./errors.ts";
import type { NixEvaluator } from "./evaluator.ts";
import {
  Code,
  force,
  forcedAt,
  Lambda,
  type LambdaCode,
  noPos,
  PartialApplication,
  type Pos,
  PrimOp,
  type Slot,
  Thunk,
  type Value,
} from "./value.ts";

export function tooDeep(pos: Pos): EvaluationError {
  return new EvaluationError("stack-overflow", "stack overflow; max-call-depth exceeded", pos);
}

function showLambda(code: LambdaCode): string {
  return code.name === undefined ? "anonymous lambda" : `'${code.name}'`;
}

function runBody(ev: NixEvaluator, code: LambdaCode, env: unknown, pos: Pos): Value {
  if (!ev.showTrace) return code.body(env);
  try {
    return code.body(env);
  } catch (error) {
    if (error instanceof EvaluationError) {
      error.addTrace(code.pos, `while calling ${showLambda(code)}`);
      if (pos !== noPos) error.addTrace(pos, "from call site");
    }
    throw error;
  }
}

function runPrimOp(op: PrimOp, pos: Pos, a: Slot, b: Slot, c: Slot): Value {
  try {
    // Nix's builtins report no position of their own: the trace line below says where the call stands.
    return op.fn(op.ev, noPos, a, b, c);
  } catch (thrown) {
    const error = asEvaluationError(thrown);
    if (op.traced && error instanceof EvaluationError)
      error.addTrace(pos, `while calling the '${op.name}' builtin`);
    throw error;
  }
}

function notAFunction(ev: NixEvaluator, value: Value, pos: Pos): EvaluationError {
  return ev.typeError(
    `attempt to call something which is not a function but ${ev.showType(value)}: ${ev.showValue(value)}`,
    pos,
  );
}

/** `f x`, with `f` forced. */
export function call1(ev: NixEvaluator, f: Value, x: Slot, pos: Pos): Value {
  const { depth } = ev;
  if (depth >= ev.maxDepth) throw tooDeep(pos);
  ev.depth = depth + 1;
  let result: Value;
  if (f instanceof Lambda) {
    const { code } = f;
    result = runBody(ev, code, code.bind(f.env, x, pos), pos);
  } else if (f instanceof PrimOp) {
    result = f.arity === 1 ? runPrimOp(f, pos, x, null, null) : new PartialApplication(f, [x]);
  } else result = applySlow(ev, f, [x], pos);
  ev.depth = depth;
  return result;
}

/** `f x y`, with `f` forced. */
export function call2(ev: NixEvaluator, f: Value, x: Slot, y: Slot, pos: Pos): Value {
  const { depth } = ev;
  if (depth >= ev.maxDepth) throw tooDeep(pos);
  ev.depth = depth + 1;
  let result: Value;
  if (f instanceof Lambda) {
    const { code } = f;
    const env = code.bind(f.env, x, pos);
    const { inner } = code;
    if (inner !== undefined) result = runBody(ev, inner, inner.bind(env, y, pos), pos);
    else result = applySlow(ev, runBody(ev, code, env, pos), [y], pos);
  } else if (f instanceof PrimOp && f.arity === 2) result = runPrimOp(f, pos, x, y, null);
  else result = applySlow(ev, f, [x, y], pos);
  ev.depth = depth;
  return result;
}

/** Any number of arguments, with `f` forced. */
export function callN(ev: NixEvaluator, f: Value, args: readonly Slot[], pos: Pos): Value {
  const { depth } = ev;
  if (depth >= ev.maxDepth) throw tooDeep(pos);
  ev.depth = depth + 1;
  const result = applySlow(ev, f, args, pos);
  ev.depth = depth;
  return result;
}

const none: readonly Slot[] = [];

function applySlow(ev: NixEvaluator, f: Value, args: readonly Slot[], pos: Pos): Value {
  let value = f;
  let i = 0;
  while (i < args.length) {
    if (value instanceof Lambda) {
      let code = value.code;
      let env = code.bind(value.env, args[i++]!, pos);
      while (code.inner !== undefined && i < args.length) {
        code = code.inner;
        env = code.bind(env, args[i++]!, pos);
      }
      value = runBody(ev, code, env, pos);
    } else if (value instanceof PrimOp || value instanceof PartialApplication) {
      const op: PrimOp = value instanceof PrimOp ? value : value.primOp;
      const done: readonly Slot[] = value instanceof PrimOp ? none : value.args;
      const wanted = op.arity - done.length;
      if (args.length - i < wanted) return new PartialApplication(op, done.concat(args.slice(i)));
      const all = done.length === 0 && i === 0 ? args : done.concat(args.slice(i, i + wanted));
      i += wanted;
      value = runPrimOp(op, pos, all[0]!, all[1]!, all[2]!);
    } else if (value instanceof Attrs) {
      const functor = value.get("__functor");
      if (functor === undefined) throw notAFunction(ev, value, pos);
      try {
        value = call2(ev, force(functor), value, args[i++]!, value.posOf("__functor"));
      } catch (error) {
        throw error instanceof EvaluationError
          ? error.addTrace(pos, "while calling a functor (an attribute set with a '__functor' attribute)")
          : error;
      }
    } else throw notAFunction(ev, value, pos);
  }
  return value;
}

/** The place a value stands for where its forcing has none of its own: of a function, or of an application's function. */
export function ownPos(slot: Slot): Pos {
  if (slot instanceof Lambda) return slot.code.pos;
  if (!(slot instanceof Thunk)) return noPos;
  const { code } = slot;
  if (code === null) return ownPos(slot.payload as Slot);
  if (code.run !== (runApplication as Code["run"]) && code.run !== (runApplication2 as Code["run"]))
    return noPos;
  return ownPos((code.source as Applied).f);
}

/** What all the applications have in common that `map f list` makes: the source of their code. */
interface Applied {
  readonly ev: NixEvaluator;
  readonly f: Slot;
  readonly pos: Pos;
}

function placeOf({ pos }: Applied): Pos {
  return pos === noPos ? forcedAt : pos;
}

function runApplication(this: Code, x: Slot): Value {
  const applied = this.source as Applied;
  const pos = placeOf(applied);
  return call1(applied.ev, force(applied.f), x, pos);
}

interface Operands {
  readonly x: Slot;
  readonly y: Slot;
}

function runApplication2(this: Code, { x, y }: Operands): Value {
  const applied = this.source as Applied;
  const pos = placeOf(applied);
  return call2(applied.ev, force(applied.f), x, y, pos);
}

let lastCode: Code | undefined;

/** What thunks of `f x` run, with `x` as their payload, or of `f x y`. Made for one `f`, it serves all that follow at once. */
function applicationCode(ev: NixEvaluator, f: Slot, run: Code["run"], pos: Pos): Code {
  let code = lastCode;
  const applied = code?.source as Applied | undefined;
  if (
    code === undefined ||
    applied === undefined ||
    code.run !== run ||
    applied.f !== f ||
    applied.pos !== pos ||
    applied.ev !== ev
  ) {
    code = new Code(run, { ev, f, pos } satisfies Applied);
    lastCode = code;
  }
  return code;
}

/** Thunk of `f x`, or of `f x y`. */
export function applyLater(ev: NixEvaluator, f: Slot, x: Slot, y: Slot | undefined, pos: Pos): Thunk {
  if (y === undefined) return new Thunk(applicationCode(ev, f, runApplication as Code["run"], pos), x);
  return new Thunk(applicationCode(ev, f, runApplication2 as Code["run"], pos), { x, y } satisfies Operands);
}

/** Puts thunks of `f x` in the place of each `x` of a list. */
export function applyEachLater(ev: NixEvaluator, f: Slot, list: Slot[], pos: Pos): Slot[] {
  const code = applicationCode(ev, f, runApplication as Code["run"], pos);
  for (let i = 0; i < list.length; i++) list[i] = new Thunk(code, list[i]);
  return list;
}
