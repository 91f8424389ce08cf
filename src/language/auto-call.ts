/** What the command line does with an expression: calling functions with `--arg`s, following `-A` paths. */
import type { ByteString } from "../format/bytes.ts";
import { Attrs, AttrsBuilder } from "./attrs.ts";
import { ownPos } from "./call.ts";
import { EvaluationError } from "./errors.ts";
import type { NixEvaluator } from "./evaluator.ts";
import { bestMatches } from "./suggestions.ts";
import { forceAt, Lambda, type List, noPos, type Pos, type Slot, type Value } from "./value.ts";

/**
 * Calls a function that takes a set with those of `args` that it has formals for (all of them, if it has `...`).
 * Any other value is given back as it is. @throws EvaluationError if an argument without default is missing
 */
export function autoCall(ev: NixEvaluator, slot: Slot, args: Attrs): Value {
  const place = ownPos(slot);
  const value = forceAt(slot, place);
  if (value instanceof Attrs) {
    const functor = value.get("__functor");
    return functor === undefined ? value : autoCall(ev, ev.call(functor, value, place), args);
  }
  if (!(value instanceof Lambda) || value.code.formals === undefined) return value;
  if (value.code.ellipsis) return ev.call(value, args, place);
  const given = new AttrsBuilder();
  for (const { name, hasDefault, pos } of value.code.formals) {
    const arg = args.get(name);
    if (arg !== undefined) given.set(name, arg, args.posOf(name));
    else if (!hasDefault) {
      throw new EvaluationError(
        "missing-argument",
        `cannot evaluate a function that has an argument without a value ('${name}')
Nix attempted to evaluate a function as a top level expression; in
this case it must have its arguments supplied either by default
values, or passed explicitly with '--arg' or '--argstr'. See
https://nix.dev/manual/nix/stable/language/syntax.html#functions.`,
        pos,
      );
    }
  }
  return ev.call(value, given.build(), place);
}

/** `a.b."c.d".0` → its parts. @throws EvaluationError for a quote that is not closed */
export function parseAttrPath(path: ByteString): ByteString[] {
  const parts: ByteString[] = [];
  let current = "";
  for (let i = 0; i < path.length; i++) {
    const c = path[i]!;
    if (c === ".") {
      parts.push(current);
      current = "";
    } else if (c === '"') {
      const close = path.indexOf('"', i + 1);
      if (close < 0) throw new EvaluationError("parse", `missing closing quote in selection path '${path}'`);
      current += path.slice(i + 1, close);
      i = close;
    } else current += c;
  }
  if (current !== "") parts.push(current);
  return parts;
}

export interface Selected {
  readonly slot: Slot;
  /** Where the last attribute is defined. */
  readonly pos: Pos;
}

/** Follows `-A path`, calling functions on the way. @throws EvaluationError where the path leads nowhere */
export function selectPath(ev: NixEvaluator, root: Slot, path: ByteString, args: Attrs): Selected {
  let slot = root;
  let pos: Pos = noPos;
  for (const part of parseAttrPath(path)) {
    const value = autoCall(ev, slot, args);
    if (/^[0-9]+$/.test(part) && Number(part) <= 0xffffffff) {
      if (!Array.isArray(value)) throw wrongType(ev, path, "list", value);
      const list = value as List;
      if (Number(part) >= list.length) {
        throw ev.error(`list index ${Number(part)} in selection path '${path}' is out of range`);
      }
      slot = list[Number(part)]!;
      pos = noPos;
      continue;
    }
    if (!(value instanceof Attrs)) throw wrongType(ev, path, "set", value);
    if (part === "") throw ev.error(`empty attribute name in selection path '${path}'`);
    const next = value.get(part);
    if (next === undefined) {
      const message = `attribute '${part}' in selection path '${path}' not found`;
      const error = new EvaluationError("missing-attribute", message);
      error.suggestions = bestMatches(value.keys, part);
      throw error;
    }
    pos = value.posOf(part);
    slot = next;
  }
  return { slot, pos };
}

function wrongType(ev: NixEvaluator, path: ByteString, wanted: string, value: Value): EvaluationError {
  return ev.typeError(
    `the expression selected by the selection path '${path}' should be a ${wanted} but is ${ev.showType(value)}`,
  );
}
