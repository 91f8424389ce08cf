/** Values → strings and paths. Manual: "String interpolation", `builtins.toString`. */
import type { ByteString } from "../format/bytes.ts";
import { Attrs } from "./attrs.ts";
import { call1, tooDeep } from "./call.ts";
import { type Context, unionContexts } from "./context.ts";
import { EvaluationError } from "./errors.ts";
import type { NixEvaluator } from "./evaluator.ts";
import { showFloatFixed } from "./float.ts";
import { canonPath } from "./path.ts";
import {
  type CoerceOptions,
  contextOf,
  force,
  forceAt,
  type List,
  makeString,
  NixFloat,
  NixPath,
  NixString,
  type Pos,
  type Slot,
  type StringValue,
  textOf,
  type Value,
} from "./value.ts";

const interpolation: CoerceOptions = {};

/** @throws EvaluationError "cannot coerce … to a string" */
export function coerceToString(
  ev: NixEvaluator,
  slot: Slot,
  pos: Pos,
  context: string,
  options: CoerceOptions = interpolation,
): StringValue {
  const value = forceAt(slot, pos);
  if (typeof value === "string" || value instanceof NixString) return value;
  if (++ev.depth > ev.maxDepth) throw tooDeep(pos);
  const result = coerce(ev, value, pos, context, options);
  ev.depth--;
  return result;
}

function coerce(
  ev: NixEvaluator,
  value: Value,
  pos: Pos,
  context: string,
  options: CoerceOptions,
): StringValue {
  if (value instanceof NixPath) {
    return (options.copyToStore ?? true) ? ev.copyPathToStore(value.path, pos) : value.path;
  }
  if (value instanceof Attrs) {
    const convert = value.toStringSlot;
    if (convert !== undefined) {
      const string = call1(ev, force(convert), value, pos);
      return coerceToString(
        ev,
        string,
        pos,
        "while evaluating the result of the `__toString` attribute",
        options,
      );
    }
    const outPath = value.outPathSlot;
    if (outPath !== undefined) return coerceToString(ev, outPath, pos, context, options);
  } else if (options.more === true) {
    if (value === true) return "1";
    if (value === false || value === null) return "";
    if (typeof value === "number" || typeof value === "bigint") return String(value);
    if (value instanceof NixFloat) return showFloatFixed(value.value);
    if (Array.isArray(value)) return coerceList(ev, value as List, pos, context, options);
  }
  throw ev
    .typeError(`cannot coerce ${ev.showType(value)} to a string: ${ev.showValue(value)}`)
    .addTrace(pos, context);
}

function coerceList(
  ev: NixEvaluator,
  list: List,
  pos: Pos,
  context: string,
  options: CoerceOptions,
): StringValue {
  let text = "";
  let union: Context | undefined;
  for (let i = 0; i < list.length; i++) {
    try {
      const part = coerceToString(ev, list[i]!, pos, "while evaluating one element of the list", options);
      text += textOf(part);
      union = unionContexts(union, contextOf(part));
    } catch (error) {
      throw error instanceof EvaluationError ? error.addTrace(pos, context) : error;
    }
    if (i === list.length - 1) continue;
    const value = force(list[i]!);
    // Nothing stands for an empty list, not even the space.
    if (!Array.isArray(value) || value.length > 0) text += " ";
  }
  return makeString(text, union);
}

/** Absolute canonical path with the context of the string it came from. */
export function coerceToPath(
  ev: NixEvaluator,
  slot: Slot,
  pos: Pos,
  context: string,
): { path: ByteString; context: Context | undefined } {
  let value: Value;
  try {
    value = forceAt(slot, pos);
  } catch (error) {
    throw error instanceof EvaluationError ? error.addTrace(pos, context) : error;
  }
  if (value instanceof NixPath) return { path: value.path, context: undefined };
  if (value instanceof Attrs) {
    const convert = value.toStringSlot;
    if (convert !== undefined) return coerceToPath(ev, call1(ev, force(convert), value, pos), pos, context);
  }
  const string = coerceToString(ev, value, pos, context, { copyToStore: false });
  const text = textOf(string);
  if (!text.startsWith("/")) {
    throw ev.error(`string '${text}' doesn't represent an absolute path`).addTrace(pos, context);
  }
  return { path: canonPath(text), context: contextOf(string) };
}
