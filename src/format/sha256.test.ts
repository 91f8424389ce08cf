/** SHA-256 beside OpenSSL's, at every length where padding or the machine's memory turns over. */
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { test } from "node:test";
import { sha256Module } from "../../tools/sha256-module.ts";
import { Hasher, hashBytes, sha256Prefixed } from "./hash.ts";
import { sha256, sha256Base16, sha256ModuleText } from "./sha256.ts";

const openssl = (data: Uint8Array) => createHash("sha256").update(data).digest("hex");
const room = 65536 - 1024;

test("the module is the one that the tool makes", () => {
  assert.equal(sha256ModuleText, sha256Module().toString("base64"));
});

test("digests are OpenSSL's, of bytes and of texts", () => {
  const lengths = [1_000_003];
  for (let length = 0; length < 300; length++) lengths.push(length);
  for (const edge of [room, 2 * room]) for (let by = -70; by < 70; by++) lengths.push(edge + by);
  for (const length of lengths) {
    const data = randomBytes(length);
    const expected = openssl(data);
    assert.equal(sha256Base16(data), expected, `${length} bytes`);
    assert.equal(Buffer.from(sha256(data.toString("latin1"))).toString("hex"), expected, `text of ${length}`);
  }
});

test("a digest is not overwritten by the next", () => {
  const first = sha256("a");
  sha256("b");
  assert.equal(Buffer.from(first).toString("hex"), openssl(Buffer.from("a")));
});

test("hashes in pieces, small and large, side by side", () => {
  for (const total of [0, 1, 1000, 70_000, 300_000, 2_000_000]) {
    const data = randomBytes(total);
    const hashers = (["sha256", "sha512", "sha256"] as const).map((algorithm) => new Hasher(algorithm));
    for (let from = 0; from < total; from += 7001) {
      const piece = Buffer.from(data.subarray(from, from + 7001));
      for (const hasher of hashers) hasher.update(from % 2 === 0 ? piece : piece.toString("latin1"));
      // Whoever gives a piece may use its memory again.
      piece.fill(0);
    }
    for (const hasher of hashers) {
      assert.equal(hasher.size, total);
      assert.equal(hasher.finish().toBase16(), createHash(hasher.algorithm).update(data).digest("hex"));
    }
  }
});

test("the same answers before and after OpenSSL takes over", () => {
  const text = "x".repeat(100_000);
  const expected = openssl(Buffer.from(text));
  for (let times = 0; times < 100; times++) {
    assert.equal(sha256Prefixed(text), `sha256:${expected}`);
    assert.equal(hashBytes("sha256", text).toBase16(), expected);
  }
});
