/** What of a message reaches standard error: as Nix's own filter, whose cases these are like. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { toBytes, toText } from "../format/bytes.ts";
import { terminalText } from "./terminal-text.ts";

const plain = (text: string) => toText(terminalText(toBytes(text), false));
const coloured = (text: string) => toText(terminalText(toBytes(text), true));

test("escape sequences go, colours where there are none", () => {
  assert.equal(plain("a\x1b[1;31mb\x1b[0mc"), "abc");
  assert.equal(coloured("a\x1b[1;31mb\x1b[0mc"), "a\x1b[1;31mb\x1b[0mc");
  assert.equal(coloured("a\x1b[2Kb\x1b[3;4Hc\x1bMd"), "abcd");
  assert.equal(coloured("\x1b]8;;http://x\x1b\\link\x1b]8;;\x07"), "link");
  assert.equal(plain("a\x1b"), "a");
  assert.equal(plain("a\x1b["), "a");
  assert.equal(plain("a\x1b]x"), "a");
});

test("tabs become spaces, by the width of what is before them", () => {
  assert.equal(plain("foo\tbar\tbaz"), "foo     bar     baz");
  assert.equal(plain("é\tx"), "é       x");
  assert.equal(plain("漢\tx"), "漢      x");
});

test("carriage returns and bells go, other bytes stay", () => {
  assert.equal(plain("a\r\nb\x07"), "a\nb");
  assert.equal(terminalText("\xff\xe9\x1b[m\xf0", false), "\xff\xe9\xf0");
});
