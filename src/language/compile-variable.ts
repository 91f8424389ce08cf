/** Variables and `with`. */
import type { Variable, With, WithReference } from "./ast.ts";
import { Attrs } from "./attrs.ts";
import { type Compiler, type Delay, type Env, type Run, slotOf } from "./compiled.ts";
import { EvaluationError } from "./errors.ts";
import type { NixEvaluator } from "./evaluator.ts";
import { Code, forceThunk, type Pos, type Slot, Thunk, type Value } from "./value.ts";

function outer(env: Env, level: number): Env {
  let e = env;
  for (let i = level; i > 0; i--) e = e[0] as Env;
  return e;
}

export function compileVariable(c: Compiler, variable: Variable): Run {
  const { pos, level, index, global: slot } = variable;
  if (variable.withs !== undefined) return compileWithVariable(c, variable, variable.withs);
  if (slot !== undefined) {
    if (!(slot instanceof Thunk)) return () => slot;
    return () => (slot.code === null ? (slot.payload as Value) : forceThunk(slot, pos));
  }
  switch (level) {
    case 0:
      return (env) => {
        const slot = env[index] as Slot;
        if (!(slot instanceof Thunk)) return slot;
        return slot.code === null ? (slot.payload as Value) : forceThunk(slot, pos);
      };
    case 1:
      return (env) => {
        const slot = (env[0] as Env)[index] as Slot;
        if (!(slot instanceof Thunk)) return slot;
        return slot.code === null ? (slot.payload as Value) : forceThunk(slot, pos);
      };
    case 2:
      return (env) => {
        const slot = ((env[0] as Env)[0] as Env)[index] as Slot;
        if (!(slot instanceof Thunk)) return slot;
        return slot.code === null ? (slot.payload as Value) : forceThunk(slot, pos);
      };
    default:
      return (env) => {
        const slot = outer(env, level)[index] as Slot;
        if (!(slot instanceof Thunk)) return slot;
        return slot.code === null ? (slot.payload as Value) : forceThunk(slot, pos);
      };
  }
}

export function delayVariable(c: Compiler, variable: Variable): Delay {
  const { level, index, global: slot, withs } = variable;
  if (slot !== undefined) return slot instanceof Thunk ? () => slot : slot;
  if (withs !== undefined) return new Code(compileWithVariable(c, variable, withs) as Code["run"]);
  switch (level) {
    case 0: {
      // A sibling that is defined further down has no slot yet.
      let code: Code | undefined;
      return (env) => {
        const slot = env[index] as Slot | undefined;
        if (slot !== undefined) return slot;
        code ??= new Code(compileVariable(c, variable) as Code["run"]);
        return new Thunk(code, env);
      };
    }
    default:
      return outerSlot(level, index);
  }
}

const outerSlots: (((env: Env) => Slot) | undefined)[][] = [];

/** The function that takes slot `index` out of the environment `level` up; one for the whole program. */
function outerSlot(level: number, index: number): (env: Env) => Slot {
  outerSlots[level] ??= [];
  const known = outerSlots[level][index];
  if (known !== undefined) return known;
  let made: (env: Env) => Slot;
  if (level === 1) made = (env) => (env[0] as Env)[index] as Slot;
  else if (level === 2) made = (env) => ((env[0] as Env)[0] as Env)[index] as Slot;
  else made = (env) => outer(env, level)[index] as Slot;
  outerSlots[level][index] = made;
  return made;
}

function forceNamespace(ev: NixEvaluator, slot: Slot, pos: Pos): Attrs {
  return ev.forceAttrs(slot, pos, "while evaluating the first subexpression of a with expression");
}

function compileWithVariable(c: Compiler, variable: Variable, withs: readonly WithReference[]): Run {
  const { pos, sym } = variable;
  const { name } = sym;
  const { ev } = c;
  const first = withs[0]!;
  let shape: unknown = null;
  let index = -1;
  return (env) => {
    const slot = outer(env, first.level)[1] as Slot;
    let namespace = (slot instanceof Thunk && slot.code === null ? slot.payload : slot) as Slot;
    if (!(namespace instanceof Attrs)) namespace = forceNamespace(ev, slot, first.pos);
    if (namespace.shape !== shape) {
      shape = namespace.shape;
      index = namespace.shape.indexOf(name);
    }
    if (index >= 0) {
      const found = namespace.values[index]!;
      if (!(found instanceof Thunk)) return found;
      return found.code === null ? (found.payload as Value) : forceThunk(found, pos);
    }
    for (let i = 1; i < withs.length; i++) {
      const reference = withs[i]!;
      const found = forceNamespace(ev, outer(env, reference.level)[1] as Slot, reference.pos).get(name);
      if (found === undefined) continue;
      if (!(found instanceof Thunk)) return found;
      return found.code === null ? (found.payload as Value) : forceThunk(found, pos);
    }
    throw new EvaluationError("undefined", `undefined variable '${name}'`, pos);
  };
}

export function compileWith(c: Compiler, expr: With): Run {
  const namespace = c.delay(expr.namespace);
  const body = c.run(expr.body);
  return (env) => body([env, slotOf(namespace, env)]);
}
