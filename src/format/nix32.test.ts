/** nix32 against values that Nix itself printed, and its refusals. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { FormatError } from "./format-error.ts";
import { decodeNix32, encodeNix32, isNix32, nix32Length, writeNix32 } from "./nix32.ts";

test("prints what Nix prints", () => {
  const empty = Buffer.from("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "hex");
  assert.equal(encodeNix32(empty), "0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73");
  assert.equal(encodeNix32(new Uint8Array(0)), "");
  assert.equal(encodeNix32(Uint8Array.of(0xff)), "7z");
});

test("every byte sequence comes back", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 70, size: "max" }), (bytes) => {
      const text = encodeNix32(bytes);
      assert.equal(text.length, nix32Length(bytes.length));
      assert.ok(isNix32(text));
      assert.deepEqual(Buffer.from(decodeNix32(text, bytes.length)), Buffer.from(bytes));
    }),
  );
});

test("refuses foreign digits, wrong lengths and excess bits", () => {
  assert.throws(() => decodeNix32("7e", 1), FormatError);
  assert.throws(() => decodeNix32("7", 1), FormatError);
  assert.throws(() => decodeNix32("zz", 1), /does not fit/);
  assert.equal(decodeNix32("zz", 1, "keep").length, 2);
  assert.throws(() => decodeNix32("7\u{1f40d}", 3), FormatError);
});

test("words give the digits of their bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 20, maxLength: 20 }), (bytes) => {
      const words = new DataView(bytes.buffer, bytes.byteOffset);
      const word = (index: number) => words.getInt32(index * 4, true);
      const text = Buffer.alloc(33, "x");
      writeNix32(text, 1, word(0), word(1), word(2), word(3), word(4));
      assert.equal(text.toString("latin1"), `x${encodeNix32(bytes)}`);
    }),
  );
});
