/** Functions and their calls. */
import type { Call, LambdaExpr } from "./ast.ts";
import { call1, call2, callN } from "./call.ts";
import { type Compiler, type Delay, type Run, slotOf } from "./compiled.ts";
import { type CompiledLambda, codeOf } from "./lambda.ts";
import { Lambda, type Slot } from "./value.ts";

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

export function compileCall(c: Compiler, expr: Call): Run {
  const { ev } = c;
  const { pos } = expr;
  const fn = c.run(expr.fn);
  const args = expr.args.map((arg) => c.delay(arg));
  const [a, b] = args as [Delay, Delay];
  if (args.length === 1) return (env) => call1(ev, fn(env), slotOf(a, env), pos);
  if (args.length === 2) return (env) => call2(ev, fn(env), slotOf(a, env), slotOf(b, env), pos);
  return (env) => {
    const f = fn(env);
    const slots: Slot[] = [];
    for (let i = 0; i < args.length; i++) slots.push(slotOf(args[i]!, env));
    return callN(ev, f, slots, pos);
  };
}
