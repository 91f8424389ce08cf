/** Functions and their calls. */
import type { Call, LambdaExpr } from "./ast.ts";
import { call1, call2, callN } from "./call.ts";
import type { Compiler, Delay, Run } from "./compiled.ts";
import { codeOf } from "./lambda.ts";
import { Lambda, type Slot } from "./value.ts";

export function delayLambda(c: Compiler, expr: LambdaExpr): Delay {
  const code = codeOf(c, expr);
  return (env) => new Lambda(code, env);
}

export function compileCall(c: Compiler, expr: Call): Run {
  const { ev } = c;
  const { pos } = expr;
  const fn = c.run(expr.fn);
  const args = expr.args.map((arg) => c.delay(arg));
  const [a, b] = args as [Delay, Delay];
  if (args.length === 1) return (env) => call1(ev, fn(env), a(env), pos);
  if (args.length === 2) return (env) => call2(ev, fn(env), a(env), b(env), pos);
  return (env) => {
    const f = fn(env);
    const slots: Slot[] = [];
    for (let i = 0; i < args.length; i++) slots.push(args[i]!(env));
    return callN(ev, f, slots, pos);
  };
}
