/** String contexts: unions against plain sets, of few elements and of many. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Context, type ContextElement, opaqueElement, unionContexts } from "./context.ts";

const element = fc.nat({ max: 39 }).map((n) => opaqueElement(`/nix/store/${n}`));
// Of its own accord fast-check makes no long ones.
const elements = fc.array(element, { maxLength: 30, size: "max" });
const sizeOf = (context: Context | undefined): number => context?.size ?? 0;

test("a union is what uniting sets is, and one of the two where that holds the other", () => {
  fc.assert(
    fc.property(elements, elements, (a, b) => {
      const left = Context.from(a);
      const right = Context.from(b);
      const expected = new Set<ContextElement>([...a, ...b]);
      const union = unionContexts(left, right);
      assert.equal(sizeOf(union), expected.size);
      assert.deepEqual(new Set(union?.elements ?? []), expected);
      for (const one of expected) assert.ok(union!.has(one));
      assert.ok(!union?.has(opaqueElement("/nix/store/another")));
      const collected = new Set<ContextElement>();
      union?.addTo(collected);
      assert.deepEqual(collected, expected);
      if (expected.size === sizeOf(left) || expected.size === sizeOf(right))
        assert.ok(union === left || union === right);
    }),
  );
});
