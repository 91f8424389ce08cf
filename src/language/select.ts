/** The attribute path of a selection as traces show it: names worked out where that is possible. */
import type { AttrName } from "./ast.ts";
import type { Env } from "./compiled.ts";
import { showIdentifier } from "./literal.ts";
import { showExpression } from "./show-expression.ts";

export function showAttributePathIn(
  path: readonly AttrName[],
  names: readonly (string | ((env: Env) => string))[],
  env: Env,
): string {
  return names
    .map((name, i) => {
      if (typeof name === "string") return showIdentifier(name);
      try {
        return showIdentifier(name(env));
      } catch {
        const written = path[i]!;
        return "kind" in written ? `"\${${showExpression(written)}}"` : showIdentifier(written.name);
      }
    })
    .join(".");
}
