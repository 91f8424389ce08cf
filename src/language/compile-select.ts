/**
 * Selection: `a.b`, `a.b or c`, `a ? b`.
 *
 * Each place remembers the shape it met last and where in it the name was. Most places meet one shape only.
 */

import type { AttrName, HasAttr, Select } from "./ast.ts";
import { Attrs, noShape } from "./attrs.ts";
import type { Compiler, Env, Run } from "./compiled.ts";
import { EvaluationError } from "./errors.ts";
import type { NixEvaluator } from "./evaluator.ts";
import { showIdentifier } from "./literal.ts";
import { showAttributePathIn } from "./select.ts";
import { bestMatches } from "./suggestions.ts";
import { force, forceAt, type Pos, type Slot, Thunk, type Value } from "./value.ts";

/** The name at run time. */
export type NameRun = (env: Env) => string;

export function compileName(c: Compiler, name: AttrName): string | NameRun {
  if (!("kind" in name)) return name.name;
  const run = c.run(name);
  const { ev } = c;
  const { pos } = name;
  return (env) => ev.forceStringNoContext(run(env), pos, "while evaluating an attribute name");
}

function missing(name: string, attrs: Attrs, pos: number): EvaluationError {
  const error = new EvaluationError("missing-attribute", `attribute '${showIdentifier(name)}' missing`, pos);
  error.suggestions = bestMatches(attrs.keys, name);
  return error;
}

export function compileSelect(c: Compiler, expr: Select): Run {
  if (expr.path.length === 1 && expr.fallback === undefined && !("kind" in expr.path[0]!)) {
    return compileSimpleSelect(c, expr, expr.path[0]!.name);
  }
  if (expr.path.length === 1 && expr.fallback !== undefined && !("kind" in expr.path[0]!)) {
    return compileSelectOr(c, expr, expr.path[0]!.name);
  }
  return compileSelectPath(c, expr);
}

function compileSimpleSelect(c: Compiler, expr: Select, name: string): Run {
  const { ev } = c;
  const { pos } = expr;
  const subject = c.run(expr.subject);
  let shape: unknown = null;
  let index = -1;
  return (env) => {
    const value = subject(env);
    if (!(value instanceof Attrs)) throw notASet(ev, value, pos);
    if (value.shapeIfFlat !== shape) {
      if (value.shapeIfFlat === noShape) return selectLayered(ev, value, name, pos);
      shape = value.shapeIfFlat;
      index = value.shapeIfFlat.indexOf(name);
    }
    const at = index;
    if (at < 0) throw missing(name, value, pos);
    const slot = value.slotsIfFlat[at]!;
    if (!(slot instanceof Thunk)) return slot;
    if (slot.code === null) return slot.payload as Value;
    return forceSelected(ev, slot, value.posAt(at), name, pos);
  };
}

function notASet(ev: NixEvaluator, value: Value, pos: number): EvaluationError {
  return ev
    .typeError(`expected a set but found ${ev.showType(value)}: ${ev.showValue(value)}`)
    .addTrace(pos, "while selecting an attribute");
}

function selectLayered(ev: NixEvaluator, attrs: Attrs, name: string, pos: number): Value {
  const slot = attrs.get(name);
  if (slot === undefined) throw missing(name, attrs, pos);
  if (!(slot instanceof Thunk)) return slot;
  if (slot.code === null) return slot.payload as Value;
  return forceSelected(ev, slot, attrs.posOf(name), name, pos);
}

/** `definition`: where the attribute was written. */
function forceSelected(ev: NixEvaluator, slot: Thunk, definition: Pos, name: string, pos: Pos): Value {
  try {
    return forceAt(slot, definition === 0 ? pos : definition);
  } catch (error) {
    if (definition !== 0 && error instanceof EvaluationError) {
      ev.addAttributeTrace(error, definition, showIdentifier(name));
    }
    throw error;
  }
}

function compileSelectOr(c: Compiler, expr: Select, name: string): Run {
  const { ev } = c;
  const { pos } = expr;
  const subject = c.run(expr.subject);
  const fallback = c.run(expr.fallback!);
  let shape: unknown = null;
  let index = -1;
  return (env) => {
    const value = subject(env);
    if (!(value instanceof Attrs)) return fallback(env);
    if (value.shapeIfFlat !== shape) {
      if (value.shapeIfFlat === noShape) {
        return value.has(name) ? selectLayered(ev, value, name, pos) : fallback(env);
      }
      shape = value.shapeIfFlat;
      index = value.shapeIfFlat.indexOf(name);
    }
    const at = index;
    if (at < 0) return fallback(env);
    const slot = value.slotsIfFlat[at]!;
    if (!(slot instanceof Thunk)) return slot;
    if (slot.code === null) return slot.payload as Value;
    return forceSelected(ev, slot, value.posAt(at), name, pos);
  };
}

function compileSelectPath(c: Compiler, expr: Select): Run {
  const { ev } = c;
  const { pos, path } = expr;
  const subject = c.run(expr.subject);
  const fallback = expr.fallback === undefined ? undefined : c.run(expr.fallback);
  const names = path.map((name) => compileName(c, name));
  const shapes: unknown[] = names.map(() => null);
  const indices: number[] = names.map(() => -1);
  return (env) => {
    let value: Value = subject(env);
    let definition = 0;
    try {
      for (let i = 0; i < names.length; i++) {
        const fixed = names[i]!;
        const name = typeof fixed === "string" ? fixed : fixed(env);
        if (!(value instanceof Attrs)) {
          if (fallback !== undefined) return fallback(env);
          throw notASet(ev, value, pos);
        }
        let index = -1;
        let slot: Slot | undefined;
        if (value.shapeIfFlat === noShape) slot = value.get(name);
        else {
          if (typeof fixed !== "string") index = value.shapeIfFlat.indexOf(name);
          else if (value.shapeIfFlat === shapes[i]) index = indices[i]!;
          else {
            index = value.shapeIfFlat.indexOf(name);
            shapes[i] = value.shapeIfFlat;
            indices[i] = index;
          }
          if (index >= 0) slot = value.slotsIfFlat[index]!;
        }
        if (slot === undefined) {
          if (fallback !== undefined) return fallback(env);
          throw missing(name, value, pos);
        }
        if (slot instanceof Thunk && slot.code !== null) {
          definition = index < 0 ? value.posOf(name) : value.posAt(index);
          value = forceAt(slot, i === names.length - 1 && definition !== 0 ? definition : pos);
        } else {
          const attrs: Attrs = value;
          value = force(slot);
          // Only needed for the trace, should the next step fail.
          if (i < names.length - 1) definition = index < 0 ? attrs.posOf(name) : attrs.posAt(index);
        }
      }
      return value;
    } catch (error) {
      if (definition !== 0 && error instanceof EvaluationError) {
        ev.addAttributeTrace(error, definition, showAttributePathIn(path, names, env));
      }
      throw error;
    }
  };
}

export function compileHasAttr(c: Compiler, expr: HasAttr): Run {
  const { pos, path } = expr;
  const subject = c.run(expr.subject);
  if (path.length === 1 && !("kind" in path[0]!)) {
    const { name } = path[0]!;
    let shape: unknown = null;
    let found = false;
    return (env) => {
      const value = subject(env);
      if (!(value instanceof Attrs)) return false;
      if (value.shapeIfFlat !== shape) {
        if (value.shapeIfFlat === noShape) return value.has(name);
        shape = value.shapeIfFlat;
        found = value.shapeIfFlat.indexOf(name) >= 0;
      }
      return found;
    };
  }
  const names = path.map((name) => compileName(c, name));
  return (env) => {
    let value: Value = subject(env);
    for (let i = 0; i < names.length; i++) {
      const fixed = names[i]!;
      const name = typeof fixed === "string" ? fixed : fixed(env);
      if (!(value instanceof Attrs)) return false;
      const slot = value.get(name);
      if (slot === undefined) return false;
      if (i < names.length - 1) value = forceAt(slot, pos);
    }
    return true;
  };
}
