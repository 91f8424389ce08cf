/** Times as texts, to the end of the calendar and beyond. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FormatError } from "./format-error.ts";
import { compactTime, dateAndTime, dateOnly } from "./time.ts";

test("times", () => {
  assert.equal(compactTime(0n), "19700101000000");
  assert.equal(compactTime(1_600_000_000n), "20200913122640");
  assert.equal(dateOnly(1_600_000_000n), "2020-09-13");
  assert.equal(dateAndTime(1_600_000_000n), "2020-09-13 12:26:40");
  assert.equal(dateOnly(253_402_300_800n), "10000-01-01");
  for (const beyond of [-1n, 8_640_000_000_001n, 2n ** 64n - 1n])
    assert.throws(() => compactTime(beyond), FormatError);
});
