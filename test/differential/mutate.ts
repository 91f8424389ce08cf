/**
 * Text that is hardly Nix: expressions of the grammar with tokens left out, doubled, swapped or put in, to compare
 * what parsers take and what they say.
 */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is Nix's interpolation
import * as fc from "fast-check";
import { expressions, print } from "./grammar.ts";

const tokens = (
  "let in rec with inherit if then else assert or { } ( ) [ ] ; : , . = == != < <= > >= + - * / ++ // && || -> ! ? @ ... " +
  "${ \" '' ''${ ''' 1 1.5 .5 1. 1e3 007 x y a a' a-b _ true null builtins.map /a ./b <c> a:b http://e/f # /* */ $ $$ \\ |> <| " +
  "{}: x: {a}: {a?1}: x@{}: {...}: \"${x}\" ''a'' \"a\" a.b or.c"
).split(" ");

const pieces = /\s+|[a-zA-Z_][\w'-]*|\d+|''|\$\{|\S/g;

/** Texts, many of them with a syntax error. */
export function mutants(maxDepth: number): fc.Arbitrary<string> {
  const change = fc.record({
    at: fc.nat(),
    kind: fc.constantFrom("delete", "double", "swap", "insert", "insert"),
    token: fc.constantFrom(...tokens),
  });
  const changes = fc.array(change, { minLength: 1, maxLength: 3 });
  return fc.tuple(expressions(maxDepth).map(print), changes).map(([text, found]) => {
    const parts: string[] = text.match(pieces) ?? [];
    for (const { at, kind, token } of found) {
      const i = at % (parts.length + 1);
      if (kind === "delete") parts.splice(i, 1);
      else if (kind === "double") parts.splice(i, 0, parts[i] ?? "");
      else if (kind === "swap" && i + 1 < parts.length) parts.splice(i, 2, parts[i + 1]!, parts[i]!);
      else parts.splice(i, 0, at % 3 === 0 ? token : ` ${token} `);
    }
    return parts.join("");
  });
}

/** Smaller texts: without a run of tokens. */
export function shorter(text: string): string[] {
  const parts = text.match(pieces) ?? [];
  const result: string[] = [];
  for (let size = Math.ceil(parts.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2))
    for (let at = 0; at < parts.length; at += size)
      result.push([...parts.slice(0, at), ...parts.slice(at + size)].join(""));
  return result.slice(0, 200);
}
