/** Functions and their calls. */
import type { Call, Expr, LambdaExpr } from "./ast.ts";
import { call1, call2, callN } from "./call.ts";
import { around, type Compiler, type Delay, type Run, slotIn, slotOf } from "./compiled.ts";
import { type CompiledLambda, codeOf } from "./lambda.ts";
import { Code, Lambda, PrimOp, type Slot, Thunk } from "./value.ts";

export function makeLambda(c: Compiler, expr: LambdaExpr): Run {
  const code = codeOf(c, expr);
  return (env) => new Lambda(code, env);
}

/** As `makeLambda`, but that there is code for the function's body only once the function is made. */
export function delayLambda(c: Compiler, expr: LambdaExpr): Delay {
  let code: CompiledLambda | undefined;
  return (env) => {
    code ??= codeOf(c, expr);
    return new Lambda(code, env);
  };
}

/**
 * As `Compiler.delay`, but that sums and differences of a variable whose value is at hand and a number are not put off:
 * they can not fail, and cost less than a thunk. Where unevaluated values are to be seen (`lazyFunctions`) they are.
 */
function delayArgument(c: Compiler, expr: Expr): Delay {
  const delay = c.delay(expr);
  if (!(delay instanceof Code) || c.ev.lazyFunctions) return delay;
  let variable: Expr | undefined;
  let number: Expr | undefined;
  let sign = 1;
  if (expr.kind === "builtin2" && expr.fn.global instanceof PrimOp && expr.fn.global.name === "sub") {
    variable = expr.left;
    number = expr.right;
    sign = -1;
  } else if (expr.kind === "concatenation" && !expr.isString && expr.parts.length === 2) {
    variable = expr.parts[0]!.expr;
    number = expr.parts[1]!.expr;
  }
  if (variable?.kind !== "variable" || variable.withs !== undefined || variable.global !== undefined)
    return delay;
  if (number?.kind !== "constant" || typeof number.value !== "number") return delay;
  const added = sign * number.value;
  const { level, index } = variable;
  return (env) => {
    let value: unknown = slotIn(around(env, level), index);
    if (value instanceof Thunk && value.code === null) value = value.payload;
    if (typeof value === "number") {
      const sum = value + added;
      if (sum <= Number.MAX_SAFE_INTEGER && sum >= Number.MIN_SAFE_INTEGER) return sum;
    }
    return new Thunk(delay, env);
  };
}

export function compileCall(c: Compiler, expr: Call): Run {
  const { ev } = c;
  const { pos } = expr;
  const fn = c.run(expr.fn);
  const args = expr.args.map((arg) => delayArgument(c, arg));
  const [a, b] = args as [Delay, Delay];
  if (args.length === 1) {
    if (typeof a === "function") return (env) => call1(ev, fn(env), a(env), pos);
    if (a instanceof Code) return (env) => call1(ev, fn(env), new Thunk(a, env), pos);
    return (env) => call1(ev, fn(env), a, pos);
  }
  if (args.length === 2) return (env) => call2(ev, fn(env), slotOf(a, env), slotOf(b, env), pos);
  return (env) => {
    const f = fn(env);
    const slots: Slot[] = [];
    for (let i = 0; i < args.length; i++) slots.push(slotOf(args[i]!, env));
    return callN(ev, f, slots, pos);
  };
}
