/** `__json` rewritten as Nix 2.34 rewrites it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { normaliseJsonObject } from "./json-text.ts";

const utf8 = (text: string) => Buffer.from(text, "utf8").toString("latin1");

test("as Nix prints it", () => {
  const source = utf8(
    '{"b": 1, "a": 1.0, "c": [1,2], "d": 1e3, "e": "é\\u00e9\\n", "f": 12345678901234567890123 }',
  );
  assert.equal(
    normaliseJsonObject(source),
    utf8('{"a":1.0,"b":1,"c":[1,2],"d":1000.0,"e":"éé\\n","f":1.2345678901234568e+22}'),
  );
  assert.equal(
    normaliseJsonObject(' { "x" : [ ] , "x":[{},null,true,false,-1,0.0001,0.00001,1e15,1e14] } '),
    '{"x":[{},null,true,false,-1,0.0001,1e-05,1e+15,100000000000000.0]}',
  );
  assert.equal(normaliseJsonObject('{"u":"\\ud83d\\ude00\\u0001\\/"}'), utf8('{"u":"😀\\u0001/"}'));
});

test("refusals", () => {
  for (const bad of [
    "",
    "{",
    "[]",
    "1",
    '{"a"}',
    '{"a":}',
    '{"a":1,}',
    '{"a":01}',
    '{"a":+1}',
    '{"a":"\\x"}',
    '{"a":"\\ud800"}',
    "{} x",
    '{"a":1e999}',
    '{"a":"\xff"}',
    '{"a":"\n"}',
    `{"a":${"[".repeat(20_000)}`,
  ])
    assert.throws(() => normaliseJsonObject(bad), /cannot process __json attribute/, bad.slice(0, 20));
});
