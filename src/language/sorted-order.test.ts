/** The order of names against sorting the names themselves. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { sortedOrder } from "./sorted-order.ts";

function check(names: readonly string[]): void {
  const order = sortedOrder(names);
  assert.deepEqual(
    order.map((i) => names[i]),
    [...names].sort(),
  );
  assert.equal(new Set(order).size, names.length);
  // Equal names keep the order they came in.
  for (let k = 1; k < order.length; k++)
    if (names[order[k]!] === names[order[k - 1]!]) assert.ok(order[k]! > order[k - 1]!);
}

const bytes = fc.string({
  unit: fc.constantFrom("a", "b", "\0", "\xff", "z"),
  maxLength: 9,
});

test("names of all lengths, many alike, with zero bytes", () => {
  fc.assert(fc.property(fc.array(bytes, { maxLength: 200, size: "max" }), check));
});

test("names that begin alike", () => {
  fc.assert(
    fc.property(bytes, fc.array(bytes, { minLength: 20, maxLength: 60 }), (start, names) => {
      check(names.map((name) => start + name));
    }),
  );
});

test("many names", () => {
  const names = Array.from({ length: 5000 }, (_, i) => `name${(i * 7919) % 4001}`);
  check(names);
});
