/** `replaceStrings` against its definition, for few patterns (found by V8's search), many, and empty ones. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createEvaluator } from "../evaluator.ts";
import type { World } from "../world.ts";

const evaluator = createEvaluator({ storeDir: "/nix/store", readOnly: true } as unknown as World);

/** At each place the first pattern of the list that fits. */
function replaced(from: readonly string[], to: readonly string[], text: string): string {
  let result = "";
  for (let at = 0; at <= text.length; ) {
    const found = from.findIndex((pattern) => text.startsWith(pattern, at));
    if (found >= 0) result += to[found];
    const size = found < 0 ? 0 : from[found]!.length;
    if (size === 0) result += text.charAt(at++);
    else at += size;
  }
  return result;
}

test("replaceStrings does what looking at each place does", () => {
  const word = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 3 });
  // Of its own accord fast-check makes no long ones.
  const text = fc.string({ unit: fc.constantFrom("a", "b", "c", "d"), maxLength: 300, size: "max" });
  const replace = evaluator.builtins.get("replaceStrings")!;
  fc.assert(
    fc.property(fc.array(fc.tuple(word, word), { maxLength: 12, size: "max" }), text, (pairs, given) => {
      const from = pairs.map(([pattern]) => pattern);
      const to = pairs.map(([, replacement]) => replacement);
      assert.equal(evaluator.callMany(replace, [from, to, given], 0), replaced(from, to, given));
      const filled = from.map((pattern) => `${pattern}c`);
      assert.equal(evaluator.callMany(replace, [filled, to, given], 0), replaced(filled, to, given));
    }),
  );
});
