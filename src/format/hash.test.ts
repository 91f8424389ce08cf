/** Hash notations: values and refusals as Nix 2.34 gives them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  decodeBase64,
  Hash,
  Hasher,
  hashBytes,
  parseHash,
  parseHashAndFormat,
  parsePrefixedHash,
} from "./hash.ts";

const empty = hashBytes("sha256", "");

test("the four notations", () => {
  assert.equal(empty.toBase16(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  assert.equal(empty.toNix32(), "0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73");
  assert.equal(empty.toBase64(), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
  assert.equal(empty.toSri(), "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
});

test("every algorithm comes back from every notation", () => {
  for (const algorithm of ["md5", "sha1", "sha256", "sha512"] as const) {
    const hash = hashBytes(algorithm, "bruma");
    for (const text of [hash.toBase16(), hash.toBase16().toUpperCase(), hash.toNix32(), hash.toBase64()]) {
      assert.ok(parseHash(text, algorithm).equals(hash), text);
      assert.ok(parseHash(`${algorithm}:${text}`).equals(hash), text);
      assert.ok(parsePrefixedHash(`${algorithm}:${text}`).equals(hash));
    }
    assert.ok(parseHash(hash.toSri()).equals(hash));
    assert.equal(parseHashAndFormat(hash.toSri()).format, "sri");
    assert.equal(parseHashAndFormat(hash.toNix32(), algorithm).format, "nix32");
  }
});

test("SRI forgives missing padding and what follows it", () => {
  assert.ok(parseHash("sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU").equals(empty));
  assert.ok(parseHash("sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=x").equals(empty));
  assert.equal(Buffer.from(decodeBase64("YWJj\nZA==")).toString(), "abcd");
});

test("refusals in Nix's words", () => {
  const says = (text: string, message: string, algorithm?: "md5" | "sha256") =>
    assert.throws(() => parseHash(text, algorithm), { message });
  says("abc", "hash 'abc' does not include a type, nor is the type otherwise known from context");
  says("sha1:abc", "hash 'sha1:abc' should have type 'md5'", "md5");
  says("zip-abc", "unknown hash algorithm 'zip', expect 'blake3', 'md5', 'sha1', 'sha256', or 'sha512'");
  says("e", "hash 'e' has wrong length for hash algorithm 'sha256'", "sha256");
  says("sha256-AAAA==", "invalid SRI hash 'AAAA==', length 3 != expected length 32");
  says("sha256-!!!!", "invalid SRI hash '!!!!', length 0 != expected length 32");
  const z = "z".repeat(52);
  says(z, `invalid nix32 hash '${z}', length 33 != expected length 32`, "sha256");
  const e = "e".repeat(52);
  says(e, `invalid nix32 hash '${e}', length 0 != expected length 32`, "sha256");
  const a = "A".repeat(44);
  says(a, `invalid Base64 hash '${a}', length 33 != expected length 32`, "sha256");
  assert.throws(() => parsePrefixedHash("abc"), { message: "hash 'abc' does not include a type" });
  assert.throws(() => parseHash("blake3:abc"), /'blake3-hashes' is disabled/);
  assert.throws(() => parseHash("toString:abc"), /unknown hash algorithm/);
});

test("pieces hash as the whole, and are counted", () => {
  const hasher = new Hasher("sha512").update("br").update(Buffer.from("uma"));
  assert.equal(hasher.size, 5);
  assert.ok(hasher.finish().equals(hashBytes("sha512", "bruma")));
  assert.ok(!hashBytes("sha1", "a").equals(hashBytes("sha1", "b")));
  assert.throws(() => new Hash("md5", new Uint8Array(3)));
});
