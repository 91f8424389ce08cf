/**
 * `{ … }`, `rec { … }` and `let`.
 *
 * The names of a set without dynamic attributes, their order and positions are worked out once, so that evaluating it
 * is one array of slots. In `rec` and `let`, a definition's slot is in the environment too, at its number in the text.
 */

import type { ByteString } from "../format/bytes.ts";
import type { AttrDefinition, AttrsExpr, InheritSource, Let } from "./ast.ts";
import { Attrs, AttrsBuilder } from "./attrs.ts";
import { type Compiler, type Delay, Env, putSlot, type Run, slotIn, slotOf, WideEnv } from "./compiled.ts";
import { EvaluationError } from "./errors.ts";
import { CompiledLambda } from "./lambda.ts";
import { showIdentifier } from "./literal.ts";
import { filled, Shape } from "./shape.ts";
import { sortedOrder } from "./sorted-order.ts";
import { bestMatches } from "./suggestions.ts";
import {
  Code,
  force,
  forceAt,
  Lambda,
  later,
  noPos,
  type Pos,
  type Slot,
  Thunk,
  type Value,
} from "./value.ts";

/**
 * How a definition gets its slot: from its own expression (a Delay, in the set's environment); from the environment
 * outside (`inherit x`); or from one of the `inherit (…)` sources, whose slots stand beside `AttrsExpr.sources`.
 */
type Define = Delay | OuterDefine | SourceDefine;

class OuterDefine {
  readonly delay: Delay;
  constructor(delay: Delay) {
    this.delay = delay;
  }
}

class SourceDefine {
  readonly code: Code;
  readonly index: number;
  constructor(code: Code, index: number) {
    this.code = code;
    this.index = index;
  }
}

function define(how: Define, env: Env, outer: Env, sources: readonly Slot[]): Slot {
  if (how instanceof Code) return new Thunk(how, env);
  if (typeof how === "function") return how(env);
  if (how instanceof OuterDefine) return slotOf(how.delay, outer);
  if (how instanceof SourceDefine) return new Thunk(how.code, sources[how.index]!);
  return how;
}

const noSources: readonly Slot[] = [];

function compileDefinition(c: Compiler, attrs: AttrsExpr, definition: AttrDefinition): Define {
  const { origin, value } = definition;
  if (origin === "plain") return c.delay(value);
  if (origin === "inherit") return new OuterDefine(c.delay(value));
  return new SourceDefine(inheritFrom(c, definition.sym.name, definition.pos), attrs.sources.indexOf(origin));
}

/** Code of `inherit (source) name`, run on the source's slot. */
function inheritFrom(c: Compiler, name: string, pos: Pos): Code {
  const { ev } = c;
  return new Code((source: Slot): Value => {
    const value = forceAt(source, pos);
    if (!(value instanceof Attrs)) {
      throw ev
        .typeError(`expected a set but found ${ev.showType(value)}: ${ev.showValue(value)}`)
        .addTrace(pos, "while selecting an attribute");
    }
    const slot = value.get(name);
    if (slot === undefined) {
      const error = new EvaluationError(
        "missing-attribute",
        `attribute '${showIdentifier(name)}' missing`,
        pos,
      );
      error.suggestions = bestMatches(value.keys, name);
      throw error;
    }
    if (!(slot instanceof Thunk)) return slot;
    const definition = value.posOf(name);
    try {
      return forceAt(slot, definition === 0 ? pos : definition);
    } catch (error) {
      if (definition !== 0 && error instanceof EvaluationError)
        ev.addAttributeTrace(error, definition, showIdentifier(name));
      throw error;
    }
  });
}

function compileSources(c: Compiler, sources: readonly InheritSource[]): (env: Env) => readonly Slot[] {
  if (sources.length === 0) return () => noSources;
  const delays = sources.map(({ expr }) => c.delay(expr));
  const [only] = delays as [Delay];
  if (delays.length === 1) return (env) => [slotOf(only, env)];
  return (env) => delays.map((delay) => slotOf(delay, env));
}

export function compileAttrs(c: Compiler, expr: AttrsExpr): Run {
  const finish = expr.dynamic.length === 0 ? undefined : compileDynamic(c, expr);
  return expr.recursive ? compileRecursive(c, expr, finish) : compilePlain(c, expr, finish);
}

/** Adds the dynamic attributes, evaluated in `env`. */
type Finish = (attrs: Attrs, env: Env) => Attrs;

/** The definitions' numbers in the order of their names. */
export function orderByName(definitions: readonly AttrDefinition[]): number[] {
  return sortedOrder(definitions.map(({ sym }) => sym.name));
}

/** Order of the definitions by name, and what belongs to it. */
function layout(expr: AttrsExpr): { order: readonly number[]; shape: Shape; positions: Pos[] } {
  const { definitions } = expr;
  const order = expr.order ?? orderByName(definitions);
  // As long as they get from the start: an array that grows is copied again and again, and has room left.
  const names = filled(order.length, null) as unknown[] as ByteString[];
  const positions: Pos[] = order.slice();
  for (let i = 0; i < order.length; i++) {
    const { sym, pos } = definitions[order[i]!]!;
    names[i] = sym.name;
    positions[i] = pos;
  }
  return { order, shape: Shape.of(names), positions };
}

function compilePlain(c: Compiler, expr: AttrsExpr, finish: Finish | undefined): Run {
  const { order, shape, positions } = layout(expr);
  const defines = order.map((i) => compileDefinition(c, expr, expr.definitions[i]!));
  const template: Slot[] = filled(order.length, null);
  const sources = compileSources(c, expr.sources);
  if (finish !== undefined) {
    if (defines.length === 0) return (env) => finish(Attrs.empty, env);
    return (env) => {
      const from = sources(env);
      const values = defines.map((how) => define(how, env, env, from));
      return finish(new Attrs(shape, values, positions), env);
    };
  }
  if (defines.length === 0) return () => Attrs.empty;
  const [d0, d1] = defines as [Define, Define];
  if (expr.sources.length === 0) {
    if (defines.length === 1) return (env) => new Attrs(shape, [define(d0, env, env, noSources)], positions);
    if (defines.length === 2) {
      return (env) =>
        new Attrs(shape, [define(d0, env, env, noSources), define(d1, env, env, noSources)], positions);
    }
  }
  return (env) => {
    const from = sources(env);
    const values = template.slice();
    for (let i = 0; i < defines.length; i++) values[i] = define(defines[i]!, env, env, from);
    return new Attrs(shape, values, positions);
  };
}

/** Fills a new environment with the definitions' slots, in the order they were written. */
function compileEnvironment(c: Compiler, expr: AttrsExpr, delayAll: boolean): (outer: Env) => Env {
  const defines = expr.definitions.map((definition): Define => {
    if (!delayAll || definition.origin === "inherit") return compileDefinition(c, expr, definition);
    const how = compileDefinition(c, expr, definition);
    // What stands in the environment is replaced later: nothing may be taken out of it before that.
    return how instanceof SourceDefine
      ? how
      : (env: Env) => later(() => force(define(how, env, env, noSources)));
  });
  const sources = compileSources(c, expr.sources);
  const [d0, d1] = defines as [Define, Define];
  const plain = expr.sources.length === 0;
  if (defines.length === 0) return (outer) => new Env(outer, undefined);
  if (plain && defines.length === 1) {
    return (outer) => {
      const env = new Env(outer, undefined);
      env.first = define(d0, env, outer, noSources);
      return env;
    };
  }
  if (plain && defines.length === 2) {
    return (outer) => {
      const rest: (Slot | undefined)[] = [undefined];
      const env = new WideEnv(outer, undefined, rest);
      env.first = define(d0, env, outer, noSources);
      rest[0] = define(d1, env, outer, noSources);
      return env;
    };
  }
  const template: (Slot | undefined)[] = filled(defines.length - 1, undefined);
  return (outer) => {
    const rest = template.slice();
    const env = new WideEnv(outer, undefined, rest);
    const from = sources(env);
    env.first = define(d0, env, outer, from);
    for (let i = 1; i < defines.length; i++) rest[i - 1] = define(defines[i]!, env, outer, from);
    return env;
  };
}

function compileRecursive(c: Compiler, expr: AttrsExpr, finish: Finish | undefined): Run {
  const { order, shape, positions } = layout(expr);
  const overrides = expr.definitions.findIndex(({ sym }) => sym.name === "__overrides");
  const environment = compileEnvironment(c, expr, overrides >= 0);
  const template: Slot[] = filled(order.length, null);
  return (outer) => {
    const env = environment(outer);
    let attrs: Attrs;
    if (overrides >= 0) attrs = overridden(c, expr, env, overrides);
    else {
      const values = template.slice();
      for (let i = 0; i < order.length; i++) values[i] = slotIn(env, order[i]! + 1) as Slot;
      attrs = new Attrs(shape, values, positions);
    }
    return finish === undefined ? attrs : finish(attrs, env);
  };
}

/** `__overrides` replaces attributes of a `rec` for the set and for the other attributes that refer to them. */
function overridden(c: Compiler, expr: AttrsExpr, env: Env, index: number): Attrs {
  const own = new AttrsBuilder();
  const replaced = c.ev.forceAttrs(
    slotIn(env, index + 1) as Slot,
    noPos,
    "while evaluating the `__overrides` attribute",
  );
  expr.definitions.forEach(({ sym, pos }, i) => {
    const override = replaced.get(sym.name);
    if (override !== undefined) putSlot(env, i + 1, override);
    own.set(sym.name, slotIn(env, i + 1) as Slot, pos);
  });
  return own.build().update(replaced);
}

function compileDynamic(c: Compiler, expr: AttrsExpr): Finish {
  const { ev } = c;
  const dynamic = expr.dynamic.map(({ name, value, pos }) => ({
    name: c.run(name),
    value: c.delay(value),
    pos,
  }));
  // One is all that most have: sets made at one place share their positions.
  const onlyPosition = dynamic.length === 1 ? [dynamic[0]!.pos] : undefined;
  return (attrs, env) => {
    const names: ByteString[] = [];
    const slots: Slot[] = [];
    const positions: Pos[] = [];
    for (const { name, value, pos } of dynamic) {
      const nameValue = name(env);
      if (nameValue === null) continue;
      const key = ev.forceStringNoContext(nameValue, pos, "while evaluating the name of a dynamic attribute");
      // They are few, and put in their order one by one.
      let at = names.length;
      while (at > 0 && names[at - 1]! > key) at--;
      let earlier: Pos | undefined;
      if (attrs.has(key)) earlier = attrs.posOf(key);
      else if (at > 0 && names[at - 1] === key) earlier = positions[at - 1]!;
      if (earlier !== undefined) {
        const where = ev.positions.show(earlier);
        throw new EvaluationError(
          "eval",
          `dynamic attribute '${showIdentifier(key)}' already defined at ${where}`,
          pos,
        );
      }
      const slot = slotOf(value, env);
      if (slot instanceof Lambda && slot.code instanceof CompiledLambda) slot.code.nameIfNone(key);
      if (onlyPosition !== undefined) return attrs.update(new Attrs(Shape.of([key]), [slot], onlyPosition));
      names.splice(at, 0, key);
      slots.splice(at, 0, slot);
      positions.splice(at, 0, pos);
    }
    return attrs.update(Attrs.fromSorted(names, slots, positions));
  };
}

export function compileLet(c: Compiler, expr: Let): Run {
  const environment = compileEnvironment(c, expr.bindings, false);
  const body = c.run(expr.body);
  return (env) => body(environment(env));
}
