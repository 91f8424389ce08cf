/** Attribute sets: updates against plain maps, shapes shared, positions kept. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Attrs, AttrsBuilder, Shape } from "./attrs.ts";

function build(entries: readonly (readonly [string, number])[], firstPos = 1): Attrs {
  const builder = new AttrsBuilder();
  entries.forEach(([name, value], i) => {
    builder.set(name, value, firstPos + i);
  });
  return builder.build();
}

const entries = fc.uniqueArray(fc.tuple(fc.string({ minLength: 1, maxLength: 3 }), fc.integer()), {
  selector: ([name]) => name,
  maxLength: 40,
});

test("update is what merging maps is, with positions", () => {
  fc.assert(
    fc.property(entries, entries, (a, b) => {
      const left = build(a, 1000);
      const right = build(b, 2000);
      const merged = left.update(right);
      const expected = new Map([...a, ...b]);
      assert.deepEqual(
        merged.keys,
        [...expected.keys()].sort((x, y) => (x < y ? -1 : 1)),
      );
      for (const [name, value] of expected) {
        assert.equal(merged.get(name), value);
        assert.equal(merged.posOf(name), right.has(name) ? right.posOf(name) : left.posOf(name));
      }
    }),
  );
});

test("a few names over many", () => {
  const many = build(Array.from({ length: 5000 }, (_, i) => [`n${i}`, i] as const));
  const few = build([
    ["a", -1],
    ["n17", -2],
    ["z", -3],
  ]);
  const merged = many.update(few);
  assert.equal(merged.size, 5002);
  assert.equal(merged.get("n17"), -2);
  assert.equal(merged.get("n18"), 18);
  assert.deepEqual([merged.keys[0], merged.keys.at(-1)], ["a", "z"]);
  for (const name of merged.keys) assert.ok(merged.has(name));
});

test("the same names give the same small shape", () => {
  assert.equal(Shape.of(["a", "b"]), Shape.of(["a", "b"]));
  assert.equal(build([["b", 1]]).update(build([["a", 2]])).shape, Shape.of(["a", "b"]));
});

test("an update with the names that are there keeps the shape", () => {
  const left = build([
    ["a", 1],
    ["b", 2],
  ]);
  assert.equal(left.update(build([["b", 3]])).shape, left.shape);
});

test("filter and mapValues", () => {
  const attrs = build([
    ["a", 1],
    ["b", 2],
    ["c", 3],
  ]);
  const odd = attrs.filter((_, slot) => (slot as number) % 2 === 1);
  assert.deepEqual(odd.keys, ["a", "c"]);
  assert.equal(odd.posOf("c"), 3);
  assert.equal(attrs.mapValues((_, slot) => (slot as number) * 2).get("c"), 6);
});

test("many small updates of a large set: values and positions", () => {
  let set = build(Array.from({ length: 1000 }, (_, i) => [`n${i}`, i] as const));
  const expected = new Map(set.keys.map((key) => [key, set.posOf(key)]));
  for (let i = 0; i < 100; i++) {
    const few = build(
      [
        [`n${i * 7}`, -i],
        [`x${i}`, i],
        ["a", i],
      ],
      10_000 + 10 * i,
    );
    set = set.update(few);
    for (const key of few.keys) expected.set(key, few.posOf(key));
  }
  assert.equal(set.size, 1101);
  assert.equal(set.get("n7"), -1);
  assert.equal(set.get("x99"), 99);
  assert.deepEqual(set.keys, [...set.keys].sort());
  for (const [key, pos] of expected) assert.equal(set.posOf(key), pos, key);
});
