/** Variables and `with`. */
import type { Variable, With, WithReference } from "./ast.ts";
import { Attrs, noShape } from "./attrs.ts";
import {
  around,
  type Compiler,
  type Delay,
  Env,
  type Run,
  slotIn,
  slotOf,
  type WideEnv,
} from "./compiled.ts";
import { EvaluationError } from "./errors.ts";
import type { NixEvaluator } from "./evaluator.ts";
import { Code, forceThunk, type Pos, type Slot, Thunk, type Value } from "./value.ts";

export function compileVariable(c: Compiler, variable: Variable): Run {
  const { pos, level, index, global: slot } = variable;
  if (variable.withs !== undefined) return compileWithVariable(c, variable, variable.withs);
  if (slot !== undefined) {
    if (!(slot instanceof Thunk)) return () => slot;
    return () => (slot.code === null ? (slot.payload as Value) : forceThunk(slot, pos));
  }
  return index === 1 ? firstSlotRun(level, pos) : slotRun(level, index - 2, pos);
}

function firstSlotRun(level: number, pos: Pos): Run {
  switch (level) {
    case 0:
      return (env) => {
        const slot = env.first as Slot;
        if (!(slot instanceof Thunk)) return slot;
        return slot.code === null ? (slot.payload as Value) : forceThunk(slot, pos);
      };
    case 1:
      return (env) => {
        const slot = env.outer.first as Slot;
        if (!(slot instanceof Thunk)) return slot;
        return slot.code === null ? (slot.payload as Value) : forceThunk(slot, pos);
      };
    case 2:
      return (env) => {
        const slot = env.outer.outer.first as Slot;
        if (!(slot instanceof Thunk)) return slot;
        return slot.code === null ? (slot.payload as Value) : forceThunk(slot, pos);
      };
    default:
      return (env) => {
        const slot = around(env, level).first as Slot;
        if (!(slot instanceof Thunk)) return slot;
        return slot.code === null ? (slot.payload as Value) : forceThunk(slot, pos);
      };
  }
}

/** `at`: in `WideEnv.rest`. */
function slotRun(level: number, at: number, pos: Pos): Run {
  switch (level) {
    case 0:
      return (env) => {
        const slot = (env as WideEnv).rest[at] as Slot;
        if (!(slot instanceof Thunk)) return slot;
        return slot.code === null ? (slot.payload as Value) : forceThunk(slot, pos);
      };
    case 1:
      return (env) => {
        const slot = (env.outer as WideEnv).rest[at] as Slot;
        if (!(slot instanceof Thunk)) return slot;
        return slot.code === null ? (slot.payload as Value) : forceThunk(slot, pos);
      };
    case 2:
      return (env) => {
        const slot = (env.outer.outer as WideEnv).rest[at] as Slot;
        if (!(slot instanceof Thunk)) return slot;
        return slot.code === null ? (slot.payload as Value) : forceThunk(slot, pos);
      };
    default:
      return (env) => {
        const slot = (around(env, level) as WideEnv).rest[at] as Slot;
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
        const slot = slotIn(env, index);
        if (slot !== undefined) return slot;
        code ??= new Code(compileVariable(c, variable) as Code["run"]);
        return new Thunk(code, env);
      };
    }
    default:
      return outerSlot(level, index);
  }
}

function firstSlot(level: number): (env: Env) => Slot {
  if (level === 1) return (env) => env.outer.first as Slot;
  if (level === 2) return (env) => env.outer.outer.first as Slot;
  return (env) => around(env, level).first as Slot;
}

/** `at`: in `WideEnv.rest`. */
function laterSlot(level: number, at: number): (env: Env) => Slot {
  if (level === 1) return (env) => (env.outer as WideEnv).rest[at] as Slot;
  if (level === 2) return (env) => (env.outer.outer as WideEnv).rest[at] as Slot;
  return (env) => (around(env, level) as WideEnv).rest[at] as Slot;
}

const outerSlots: (((env: Env) => Slot) | undefined)[][] = [];

/** The function that takes slot `index` out of the environment `level` up; one for the whole program. */
function outerSlot(level: number, index: number): (env: Env) => Slot {
  outerSlots[level] ??= [];
  const known = outerSlots[level][index];
  if (known !== undefined) return known;
  const made = index === 1 ? firstSlot(level) : laterSlot(level, index - 2);
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
    const slot = around(env, first.level).first as Slot;
    let namespace = (slot instanceof Thunk && slot.code === null ? slot.payload : slot) as Slot;
    if (!(namespace instanceof Attrs)) namespace = forceNamespace(ev, slot, first.pos);
    let found: Slot | undefined;
    if (namespace.shapeIfFlat === noShape) found = namespace.get(name);
    else {
      if (namespace.shapeIfFlat !== shape) {
        shape = namespace.shapeIfFlat;
        index = namespace.shapeIfFlat.indexOf(name);
      }
      if (index >= 0) found = namespace.slotsIfFlat[index]!;
    }
    if (found !== undefined) {
      if (!(found instanceof Thunk)) return found;
      return found.code === null ? (found.payload as Value) : forceThunk(found, pos);
    }
    for (let i = 1; i < withs.length; i++) {
      const reference = withs[i]!;
      found = forceNamespace(ev, around(env, reference.level).first as Slot, reference.pos).get(name);
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
  return (env) => body(new Env(env, slotOf(namespace, env)));
}
