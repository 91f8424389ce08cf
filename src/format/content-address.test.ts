/** Content addresses: print, parse, refusals. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseContentAddress, printContentAddress } from "./content-address.ts";
import { hashBytes } from "./hash.ts";

test("each method comes back", () => {
  const hash = hashBytes("sha256", "x");
  for (const [method, prefix] of [
    ["text", "text:"],
    ["flat", "fixed:"],
    ["nar", "fixed:r:"],
  ] as const) {
    const text = printContentAddress({ method, hash });
    assert.equal(text, `${prefix}sha256:${hash.toNix32()}`);
    const parsed = parseContentAddress(text);
    assert.equal(parsed.method, method);
    assert.ok(parsed.hash.equals(hash));
  }
});

test("refusals", () => {
  assert.throws(() => parseContentAddress("nonsense"), /not a content address/);
  assert.throws(() => parseContentAddress("fixed:git:sha1:abc"), /git-hashing/);
  assert.throws(() => parseContentAddress("other:sha256:abc"), /unrecognized/);
  assert.throws(() => parseContentAddress("fixed:r:abc"), /<algo>:<hash>/);
});
