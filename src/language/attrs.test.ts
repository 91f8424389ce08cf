/** Attribute sets: updates against plain maps, layered and not; shapes shared, positions kept. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Attrs, AttrsBuilder, noShape } from "./attrs.ts";
import { Shape } from "./shape.ts";
import { later } from "./value.ts";

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
  size: "max",
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

/** `n0`, `n1`, … with their numbers, defined at 1, 2, …. */
function numbered(count: number): Attrs {
  return build(Array.from({ length: count }, (_, i) => [`n${i}`, i] as const));
}

const isLayered = (attrs: Attrs): boolean => attrs.shapeIfFlat === noShape;

test("a few over many are a layer: nothing is copied until the set is looked at as a whole", () => {
  const many = numbered(5000);
  const few = build([["n17", -1]], 90_000);
  const set = many.update(few);
  assert.ok(isLayered(set));
  assert.deepEqual([set.get("n17"), set.get("n18"), set.get("none")], [-1, 18, undefined]);
  assert.deepEqual([set.has("n17"), set.has("n18"), set.has("none")], [true, true, false]);
  assert.deepEqual([set.posOf("n17"), set.posOf("n18"), set.posOf("none")], [90_000, many.posOf("n18"), 0]);
  assert.equal(set.size, 5000);
  assert.ok(isLayered(set));
  assert.equal(many.get("n17"), 17);
  // No name is new: the shape is the one of the many.
  assert.equal(set.shape, many.shape);
  assert.ok(!isLayered(set));
  assert.equal(set.posAt(set.keys.indexOf("n17")), 90_000);
});

test("a layered set becomes flat when it has been asked often", () => {
  const set = numbered(640).update(build([["a", -1]]));
  let asked = 0;
  for (; isLayered(set); asked++) {
    assert.equal(set.get("n3"), 3);
    assert.ok(asked < 1000);
  }
  assert.ok(asked > 10);
  assert.deepEqual([set.get("a"), set.get("n3"), set.keys[0], set.size], [-1, 3, "a", 641]);
});

test("a chain of updates keeps one base for long, and copies little", () => {
  const count = 20_000;
  const base = numbered(count);
  const bases = new Set<unknown>();
  let set = base;
  for (let i = 0; i < 1000; i++) {
    set = set.update(build([[`x${i}`, i]]));
    assert.ok(isLayered(set));
    bases.add((set.placesOrLayers as unknown as { base: Attrs }).base);
    assert.equal(set.get(`x${i >> 1}`), i >> 1);
  }
  assert.equal(set.size, count + 1000);
  // About the square root of twice the size between one base and the next.
  assert.ok(bases.size >= 3 && bases.size <= 8, `${bases.size} bases`);
});

test("a few below many are put beside them", () => {
  const many = numbered(1000);
  const few = build(
    [
      ["n5", -1],
      ["a", -2],
    ],
    70_000,
  );
  const set = few.update(many);
  assert.ok(isLayered(set));
  assert.deepEqual([set.get("n5"), set.get("a"), set.size], [5, -2, 1001]);
  assert.deepEqual([set.posOf("n5"), set.posOf("a")], [many.posOf("n5"), 70_001]);
  assert.equal(build([["n5", -1]]).update(many).shape, many.shape);
});

test("an update is a set of its own, even where it says nothing new", () => {
  const [small, large] = [numbered(3), numbered(500)];
  for (const set of [small, large, large.update(small)]) {
    assert.notEqual(set.update(set), set);
    assert.deepEqual(set.update(set).keys, set.keys);
    assert.equal(set.update(build([])), set);
    assert.equal(build([]).update(set), set);
  }
  const below = build([["n3", 0]]).update(large);
  assert.notEqual(below, large);
  assert.deepEqual(below.values, large.values);
});

test("the same slots stand in layers, in their base and in what is made of them", () => {
  const slot = later(() => 1);
  const many = numbered(200).update(new AttrsBuilder().set("t", slot).build());
  const over = many.update(build([["n0", 9]]));
  assert.equal(over.get("t"), slot);
  assert.equal(over.values[over.keys.indexOf("t")], slot);
  assert.equal(many.values[many.keys.indexOf("t")], slot);
});

test("positions do not pile up in a long fold over a small set", () => {
  let set = numbered(20);
  for (let i = 0; i < 1000; i++) {
    set = set.update(build([["n3", i]], 1000 + i));
    const { depth = 0 } = set.placesOrLayers as unknown as { depth?: number };
    assert.ok(depth < 20, `${depth} at ${i}`);
  }
  assert.deepEqual([set.posOf("n3"), set.posOf("n4")], [1999, 5]);
});

test("the last of several updates of one name counts", () => {
  const set = numbered(200);
  const layered = set.update(build([["a", 1]], 1000)).update(build([["a", 2]], 2000));
  assert.deepEqual([layered.get("a"), layered.posOf("a"), layered.size], [2, 2000, 201]);
  assert.deepEqual([layered.values[0], layered.posAt(0)], [2, 2000]);
});

test("what shapes remember of merges and removals is not taken for other names or positions", () => {
  const [left, right] = [numbered(4), build([["n2", 9]], 50)];
  assert.equal(left.update(right).posOf("n2"), 50);
  assert.equal(left.update(build([["n2", 9]], 60)).posOf("n2"), 60);
  assert.equal(left.update(right).posOf("n2"), 50);
  const other = build(
    left.keys.map((key) => [key, 0] as const),
    300,
  );
  assert.equal(other.update(right).posOf("n1"), 301);
  assert.deepEqual(left.without(["n0"]).keys, ["n1", "n2", "n3"]);
  assert.deepEqual(left.without(["n1"]).keys, ["n0", "n2", "n3"]);
  assert.deepEqual([left.without(["n1"]).posOf("n3"), other.without(["n1"]).posOf("n3")], [4, 303]);
  assert.deepEqual([left.without(["n1"]).get("n3"), other.without(["n1"]).get("n3")], [3, 0]);
  assert.deepEqual(left.without(["none"]).keys, left.keys);
});

const step = fc.record({
  kind: fc.constantFrom("over", "under", "merge", "look", "remove", "copy", "walk"),
  names: fc.uniqueArray(fc.nat(260), { maxLength: 9 }),
});

test("chains of updates large and small are what plain maps are", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 60, max: 220 }),
      fc.array(step, { maxLength: 40, size: "max" }),
      (count, steps) => {
        let set = numbered(count);
        let expected = new Map(set.keys.map((key) => [key, [set.get(key), set.posOf(key)]]));
        const earlier: [Attrs, typeof expected][] = [];
        let next = 10_000;
        for (const { kind, names } of steps) {
          const few = build(
            names.map((n) => [`n${n}`, -next - n] as const),
            next,
          );
          next += 1000;
          const others = new Map(few.keys.map((key) => [key, [few.get(key), few.posOf(key)]]));
          if (kind === "over") [set, expected] = [set.update(few), new Map([...expected, ...others])];
          else if (kind === "under") [set, expected] = [few.update(set), new Map([...others, ...expected])];
          else if (kind === "merge" && earlier.length > 0) {
            const [other, known] = earlier[names.length % earlier.length]!;
            [set, expected] = [set.update(other), new Map([...expected, ...known])];
          } else if (kind === "look")
            for (const n of names) assert.equal(set.get(`n${n}`), expected.get(`n${n}`)?.[0]);
          else if (kind === "remove") {
            set =
              names.length % 2 === 0
                ? set.filter((name) => !few.has(name))
                : set.without([...few.keys, "n1", "n1"].reverse());
            const alsoOne = names.length % 2 === 1 ? "n1" : "";
            expected = new Map([...expected].filter(([name]) => !few.has(name) && name !== alsoOne));
          } else if (kind === "copy") set = set.copy();
          else assert.deepEqual(set.keys, [...expected.keys()].sort());
          const picked = set.pick(few.keys);
          assert.deepEqual(
            picked.keys.map((name, i) => [name, picked.values[i], picked.posAt(i)]),
            few.keys.filter((name) => expected.has(name)).map((name) => [name, ...expected.get(name)!]),
          );
          earlier.push([set, expected]);
        }
        for (const [one, known] of earlier) {
          assert.equal(one.size, known.size);
          for (const [name, [slot, pos]] of known) {
            assert.equal(one.get(name), slot);
            assert.equal(one.posOf(name), pos);
          }
          assert.deepEqual(one.keys, [...known.keys()].sort());
          assert.deepEqual(
            one.values,
            one.keys.map((name) => known.get(name)![0]),
          );
          one.keys.forEach((name, i) => {
            assert.equal(one.posAt(i), known.get(name)![1]);
          });
        }
      },
    ),
    { numRuns: 300 },
  );
});
