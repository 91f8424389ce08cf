/** Hashing texts in pieces against hashing them whole: another's text in between, more than there is room for. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { HashedText } from "./hashed-text.ts";

const sha256 = (text: string): string => createHash("sha256").update(text, "latin1").digest("hex");

test("what is before the rest changes, and what is behind it", () => {
  const text = new HashedText();
  text.clear();
  text.put("one\xff");
  text.put("two");
  assert.equal(text.sha256Base16("a", "bc"), sha256("abcone\xfftwo"));
  assert.equal(text.sha256Base16("longer", ""), sha256("longerone\xfftwo"));
  text.cut(4);
  text.put("three");
  assert.equal(text.sha256Base16("", "x"), sha256("xone\xffthree"));
});

test("room is made on both sides", () => {
  const text = new HashedText();
  text.clear();
  const long = "0123456789".repeat(20_000);
  text.put("start");
  text.put(long);
  assert.equal(text.sha256Base16(long, long), sha256(`${long}${long}start${long}`));
  text.put("end");
  assert.equal(text.sha256Base16("a", "b"), sha256(`abstart${long}end`));
});

test("another text takes the place, and that can be told", () => {
  const first = new HashedText();
  first.clear();
  first.put("first");
  assert.ok(first.isThere);
  const second = new HashedText();
  second.clear();
  assert.ok(!first.isThere);
  second.put("second");
  assert.equal(second.sha256Base16("", ""), sha256("second"));
});
