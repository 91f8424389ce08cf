/** SHA-256 beside Node's crypto, at every length where padding or a buffer turns over. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { test } from "node:test";
import { Hasher } from "./hash.ts";
import { sha256, sha256Base16 } from "./sha256.ts";

const openssl = (data: Uint8Array) => createHash("sha256").update(data).digest("hex");
const room = 256 * 1024;

test("digests are Node's, of bytes and of texts", () => {
  const lengths = [1_000_003];
  for (let length = 0; length < 300; length++) lengths.push(length);
  for (const edge of [65536, room]) for (let by = -70; by < 70; by++) lengths.push(edge + by);
  for (const length of lengths) {
    const data = randomBytes(length);
    const expected = openssl(data);
    assert.equal(sha256Base16(data), expected, `${length} bytes`);
    assert.equal(Buffer.from(sha256(data.toString("latin1"))).toString("hex"), expected, `text of ${length}`);
  }
});

test("a part of an array, short or long", () => {
  const data = randomBytes(3 * room);
  for (const [from, to] of [
    [0, 10],
    [5, 70_000],
    [77, 77 + room],
    [101, 2 * room + 1],
  ] as const)
    assert.equal(sha256Base16(data.subarray(from, to)), openssl(data.subarray(from, to)));
  // Small arrays lie in JavaScript's own memory.
  assert.equal(sha256Base16(Uint8Array.of(1, 2, 3)), openssl(Buffer.of(1, 2, 3)));
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

test("the same digests where OpenSSL's functions cannot be called", () => {
  const program = `
    process.getBuiltinModule = () => undefined;
    const { sha256Base16, openSslStream } = await import(${JSON.stringify(import.meta.resolve("./sha256.ts"))});
    const { Hasher } = await import(${JSON.stringify(import.meta.resolve("./hash.ts"))});
    const hasher = new Hasher("sha256").update("abc").update(Buffer.from("def"));
    console.log(openSslStream() === undefined, sha256Base16("abcdef"), hasher.finish().toBase16());`;
  const ran = spawnSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8" });
  const expected = openssl(Buffer.from("abcdef"));
  assert.equal(ran.stdout, `true ${expected} ${expected}\n`, ran.stderr);
});
