/** Asking a value what it is. Manual: "Data Types". Only the value itself is evaluated, not what it holds. */
import { Attrs } from "../attrs.ts";
import type { BuiltinFamily, BuiltinFunction } from "../registry.ts";
import { force, isFunction, isInteger, isString, NixFloat, NixPath, type Value } from "../value.ts";

function test(name: string, what: string, is: (value: Value) => boolean, global = false): BuiltinFunction {
  return {
    name,
    args: ["e"],
    doc: `Whether the value is ${what}.`,
    fn: (_ev, _pos, slot) => is(force(slot)),
    global,
  };
}

export const typeBuiltins: BuiltinFamily = {
  functions: [
    test("isAttrs", "a set", (value) => value instanceof Attrs),
    test("isBool", "`true` or `false`", (value) => typeof value === "boolean"),
    test("isFloat", "a floating point number", (value) => value instanceof NixFloat),
    test("isFunction", "a function; a set with `__functor` is none", isFunction),
    test("isInt", "an integer", isInteger),
    test("isList", "a list", Array.isArray),
    test("isNull", "`null`", (value) => value === null, true),
    test("isPath", "a path", (value) => value instanceof NixPath),
    test("isString", "a string", isString),
    {
      name: "typeOf",
      args: ["e"],
      doc: "The name of the value's type: `int`, `bool`, `string`, `path`, `null`, `set`, `list`, `lambda` or `float`.",
      fn: (ev, _pos, slot) => ev.typeOf(force(slot)),
    },
  ],
};
