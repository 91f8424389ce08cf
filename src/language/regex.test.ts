/** Expectations come from Nix 2.34 (libstdc++ 16); thousands of random patterns agreed with it as well. */
import assert from "node:assert/strict";
import test from "node:test";
import { RegexError, regex } from "./regex.ts";

const matches: [pattern: string, text: string, groups: (string | null)[] | undefined][] = [
  ["(a*)*", "", [""]],
  ["(a*)*", "b", undefined],
  ["((a)|b)*", "ab", ["b", "a"]],
  ["(a|ab)(c|bcd)(d*)", "abcd", ["a", "bcd", ""]],
  ["[[=a=]]", "A", []],
  ["[[:ALPHA:]]", "b", []],
  ["[[:w:]]", "_", []],
  ["[a-]", "-", []],
  ["[]a]+", "]a", []],
  ["[\\]", "\\", []],
  ["]}", "]}", []],
  ["a**", "aa", []],
  ["[[.space.]]", " ", []],
  ["(a)?(b)", "b", [null, "b"]],
  ["a{2}(b{0,2})c{1,}", "aabcc", ["b"]],
  [".", "\n", []],
  [".", "\xff", []],
  ["", "", []],
  ["a||b", "", []],
  ["^a$", "a", []],
  ["x(^a)", "xa", undefined],
];

for (const [pattern, text, groups] of matches) {
  test(`match ${pattern} on ${JSON.stringify(text)}`, () => {
    assert.deepEqual(regex(pattern).match(text), groups);
  });
}

const splits: [pattern: string, text: string, parts: unknown[]][] = [
  ["a*", "baac", ["", [], "b", [], "", [], "c", [], ""]],
  ["^", "ab", ["", [], "ab"]],
  ["$", "ab", ["ab", [], ""]],
  ["(a|ab)(c|bcd)(d*)", "abcd", ["", ["a", "bcd", ""], ""]],
  ["a|ab|abc", "xabcx", ["x", [], "x"]],
  ["(,)|(;)", "a,b;c", ["a", [",", null], "b", [null, ";"], "c"]],
  ["x", "abc", ["abc"]],
];

for (const [pattern, text, parts] of splits) {
  test(`split ${pattern} on ${JSON.stringify(text)}`, () => {
    assert.deepEqual(regex(pattern).split(text), parts);
  });
}

for (const pattern of [
  "\\d",
  "(a)\\1",
  "a{4294967296}",
  "a{,3}",
  "a{2,1}",
  "^*",
  "*",
  "(",
  ")",
  "(*a)",
  "[",
  "[[.-.]]",
  "[[:x:]]",
  "[b-a]",
  "[a-b-c]",
  "\\",
]) {
  test(`${pattern} is no regular expression`, () => {
    assert.throws(
      () => regex(pattern),
      (error) => error instanceof RegexError && error.reason === "invalid",
    );
  });
}

test("more than 100000 states are refused", () => {
  assert.throws(
    () => regex(".{100001}"),
    (error) => error instanceof RegexError && error.reason === "too-large",
  );
});

test("patterns that explode under backtracking end", () => {
  assert.equal(regex("(a|a)*b").match("a".repeat(3000)), undefined);
  assert.equal(regex("((a*)*)*b").match("a".repeat(1000)), undefined);
  assert.equal(regex("(.*)-(.*)-(.*)-(.*)-(.*)z").match("a-".repeat(500)), undefined);
});

test("a long text needs no deep stack", () => {
  assert.equal(regex("((a|b)*)").match("ab".repeat(200_000))?.[0]?.length, 400_000);
});
