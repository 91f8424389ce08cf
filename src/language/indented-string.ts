/**
 * `''…''`: takes the indentation that all lines share off each of them.
 *
 * Only spaces count. Lines of nothing but spaces do not count for the minimum, and a last line of nothing but spaces
 * disappears. An interpolation or an escape ends the indentation of its line. Manual: "String literals".
 */
import type { ByteString } from "../format/bytes.ts";
import type { ConcatenationPart, Expr } from "./ast.ts";
import { noPos, type Pos } from "./value.ts";

export interface IndentedPart {
  readonly pos: Pos;
  readonly content: ByteString | Expr;
  /** False for escapes and interpolations. */
  readonly hasIndentation: boolean;
}

function minimumIndentation(parts: readonly IndentedPart[]): number {
  let atLineStart = true;
  let minimum = 1_000_000;
  let current = 0;
  for (const { content, hasIndentation } of parts) {
    if (typeof content !== "string" || !hasIndentation) {
      if (atLineStart) {
        atLineStart = false;
        if (current < minimum) minimum = current;
      }
      continue;
    }
    for (let i = 0; i < content.length; i++) {
      const c = content.charCodeAt(i);
      if (!atLineStart) {
        // Nothing before the next line end matters.
        const end = content.indexOf("\n", i);
        if (end < 0) break;
        i = end;
        atLineStart = true;
        current = 0;
      } else if (c === 32) current++;
      else if (c === 10) current = 0;
      else {
        atLineStart = false;
        if (current < minimum) minimum = current;
      }
    }
  }
  return minimum;
}

export function stripIndentation(pos: Pos, parts: readonly IndentedPart[]): Expr {
  const minimum = minimumIndentation(parts);
  const result: ConcatenationPart[] = [];
  let atLineStart = true;
  let dropped = 0;
  for (let n = 0; n < parts.length; n++) {
    const { content, pos: partPos } = parts[n]!;
    if (typeof content !== "string") {
      atLineStart = false;
      dropped = 0;
      result.push({ pos: partPos, expr: content });
      continue;
    }
    let text = "";
    let from = 0;
    for (let i = 0; i < content.length; i++) {
      const c = content.charCodeAt(i);
      if (!atLineStart) {
        const end = content.indexOf("\n", i);
        if (end < 0) break;
        i = end;
        atLineStart = true;
      } else if (c === 32) {
        if (dropped++ < minimum) {
          text += content.slice(from, i);
          from = i + 1;
        }
      } else {
        dropped = 0;
        if (c !== 10) atLineStart = false;
      }
    }
    text += content.slice(from);
    if (n === parts.length - 1) {
      const lineEnd = text.lastIndexOf("\n");
      if (lineEnd >= 0 && /^ *$/.test(text.slice(lineEnd + 1))) text = text.slice(0, lineEnd + 1);
    }
    if (text !== "") result.push({ pos: partPos, expr: { kind: "constant", pos: noPos, value: text } });
  }
  if (result.length === 0) return { kind: "constant", pos: noPos, value: "" };
  if (
    result.length === 1 &&
    result[0]!.expr.kind === "constant" &&
    typeof result[0]!.expr.value === "string"
  ) {
    return result[0]!.expr;
  }
  return { kind: "concatenation", pos, isString: true, parts: result };
}
