/**
 * The tree as text, as `nix-instantiate --parse` and the messages of failed assertions show it.
 *
 * Everything is parenthesised and desugared (`a - b` is `(__sub a b)`); attributes are sorted by name.
 */
import type { ByteString } from "../format/bytes.ts";
import type { AttrName, AttrsExpr, Expr, InheritSource } from "./ast.ts";
import { showFloat } from "./float.ts";
import { showIdentifier, showString } from "./literal.ts";
import { literalPath } from "./path.ts";
import type { Sym } from "./symbol.ts";
import { NixFloat } from "./value.ts";

function isSym(name: AttrName): name is Sym {
  return !("kind" in name);
}

/** `a.b."${c}"`. */
export function showAttrPath(path: readonly AttrName[]): ByteString {
  return path
    .map((name) => (isSym(name) ? showIdentifier(name.name) : `"\${${showExpression(name)}}"`))
    .join(".");
}

const byName = (a: { sym: Sym }, b: { sym: Sym }): number =>
  a.sym.name < b.sym.name ? -1 : a.sym.name > b.sym.name ? 1 : 0;

function showBindings(attrs: AttrsExpr): ByteString {
  const sorted = [...attrs.definitions].sort(byName);
  let result = "";
  const inherited = sorted.filter((d) => d.origin === "inherit");
  if (inherited.length > 0) {
    result += `inherit${inherited.map((d) => ` ${showIdentifier(d.sym.name)}`).join("")}; `;
  }
  const bySource = new Map<InheritSource, string>();
  for (const source of attrs.sources) bySource.set(source, "");
  for (const { origin, sym } of sorted) {
    if (typeof origin !== "object") continue;
    bySource.set(origin, `${bySource.get(origin) ?? ""} ${showIdentifier(sym.name)}`);
  }
  for (const [source, names] of bySource) {
    if (names !== "") result += `inherit (${showExpression(source.expr)})${names}; `;
  }
  for (const { origin, sym, value } of sorted) {
    if (origin === "plain") result += `${showIdentifier(sym.name)} = ${showExpression(value)}; `;
  }
  for (const { name, value } of attrs.dynamic) {
    result += `"\${${showExpression(name)}}" = ${showExpression(value)}; `;
  }
  return result;
}

export function showExpression(expr: Expr): ByteString {
  switch (expr.kind) {
    case "constant":
      if (typeof expr.value === "string") return showString(expr.value);
      if (expr.value instanceof NixFloat) return showFloat(expr.value.value);
      return String(expr.value);
    case "path":
      return literalPath(expr.base, expr.literal);
    case "variable":
      return showIdentifier(expr.sym.name);
    case "select": {
      const fallback = expr.fallback === undefined ? "" : ` or (${showExpression(expr.fallback)})`;
      return `(${showExpression(expr.subject)}).${showAttrPath(expr.path)}${fallback}`;
    }
    case "has-attr":
      return `((${showExpression(expr.subject)}) ? ${showAttrPath(expr.path)})`;
    case "attrs":
      return `${expr.recursive ? "rec " : ""}{ ${showBindings(expr)}}`;
    case "list":
      return `[ ${expr.elements.map((e) => `(${showExpression(e)}) `).join("")}]`;
    case "lambda": {
      let head = "";
      if (expr.formals !== undefined) {
        const parts = [...expr.formals]
          .sort(byName)
          .map(
            (f) =>
              showIdentifier(f.sym.name) +
              (f.fallback === undefined ? "" : ` ? ${showExpression(f.fallback)}`),
          );
        if (expr.ellipsis) parts.push("...");
        head = `{ ${parts.join(", ")} }`;
        if (expr.argument !== undefined) head += " @ ";
      }
      if (expr.argument !== undefined) head += showIdentifier(expr.argument.name);
      return `(${head}: ${showExpression(expr.body)})`;
    }
    case "call":
      return `(${[expr.fn, ...expr.args].map(showExpression).join(" ")})`;
    case "let":
      return `(let ${showBindings(expr.bindings)}in ${showExpression(expr.body)})`;
    case "with":
      return `(with ${showExpression(expr.namespace)}; ${showExpression(expr.body)})`;
    case "if":
      return `(if ${showExpression(expr.condition)} then ${showExpression(expr.whenTrue)} else ${showExpression(expr.whenFalse)})`;
    case "assert":
      return `assert ${showExpression(expr.condition)}; ${showExpression(expr.body)}`;
    case "not":
      return `(! ${showExpression(expr.operand)})`;
    case "binary":
      return `(${showExpression(expr.left)} ${expr.operator} ${showExpression(expr.right)})`;
    case "builtin2": {
      const call = `(${expr.fn.sym.name} ${showExpression(expr.left)} ${showExpression(expr.right)})`;
      return expr.negated ? `(! ${call})` : call;
    }
    case "concatenation":
      return `(${expr.parts.map((part) => showExpression(part.expr)).join(" + ")})`;
    case "current-position":
      return "__curPos";
    case "deferred":
      return showExpression(expr.tree.read(expr.at));
    default:
      return expr satisfies never;
  }
}
