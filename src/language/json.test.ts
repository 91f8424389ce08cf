/** JSON: the short way for plain texts gives what the parser gives, and leaves to it what is delicate. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Attrs } from "./attrs.ts";
import { JsonError, jsonString, parseJson } from "./json.ts";
import { force, NixFloat, type Slot, type Value } from "./value.ts";

/** Long enough for the short way. */
const padding = " ".repeat(2000);

function element(text: string): Value {
  const list = parseJson(`${padding}[${text}]`) as Value[];
  assert.equal(list.length, 1);
  return list[0]!;
}

/** All of a value. */
function whole(slot: Slot): unknown {
  const value = force(slot);
  if (value instanceof Attrs) return new Map(value.keys.map((key) => [key, whole(value.get(key)!)]));
  return Array.isArray(value) ? value.map(whole) : value;
}

test("a long plain text means what a short one means", () => {
  const text = '{"b":[1,-0,true,null,"x\\n\\"y"],"a":{"10":1,"9":2},"b2":{},"__proto__":3,"c":1,"c":2}';
  assert.deepEqual(whole(parseJson(text + padding)), whole(parseJson(text)));
  const value = parseJson(text + padding) as Attrs;
  assert.ok(value instanceof Attrs);
  assert.deepEqual([...value.keys], ["__proto__", "a", "b", "b2", "c"]);
  assert.equal(value.get("c"), 2);
  assert.ok(Object.is((force(value.get("b")!) as Value[])[1], 0));
});

test("floats and large integers keep their kind", () => {
  assert.ok(element("1.0") instanceof NixFloat);
  assert.ok(element(" 1e3") instanceof NixFloat);
  assert.ok(element("-1E3") instanceof NixFloat);
  assert.ok((element('{"a": 2.0}') as Attrs).get("a") instanceof NixFloat);
  assert.equal(element("9007199254740993"), 9007199254740993n);
  assert.equal(element("123456789012345"), 123456789012345);
  assert.ok(parseJson(`${padding}1.5`) instanceof NixFloat);
});

test("bytes and escapes beyond ASCII", () => {
  assert.equal(element('"\\u00e9"'), "\xc3\xa9");
  assert.equal(element('"\xc3\xa9"'), "\xc3\xa9");
  assert.throws(() => element('"\xe9"'), JsonError);
  assert.throws(() => element('"\\u0000"'), JsonError);
});

test("faults are named as in a short text, and depth has no limit", () => {
  assert.throws(() => element("1,]"), /unexpected '\]'/);
  assert.throws(() => element("[1"), JsonError);
  const depth = 100_000;
  let value = parseJson("[".repeat(depth) + "]".repeat(depth));
  let levels = 0;
  for (; Array.isArray(value); value = force((value as Slot[])[0] ?? null)) levels++;
  assert.equal(levels, depth);
});

test("UTF-8 is well-formed exactly where a strict decoder says so, read and written", () => {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const edges = [0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0];
  const accepts = (run: () => void) => {
    try {
      run();
      return true;
    } catch (error) {
      if (!(error instanceof JsonError || error instanceof TypeError)) throw error;
      return false;
    }
  };
  for (let first = 0x80; first <= 0xff; first++) {
    for (const second of edges) {
      for (const rest of [[], [0x80], [0xbf], [0x7f], [0xc0], [0x80, 0x80], [0xbf, 0xbf], [0x80, 0x7f]]) {
        const bytes = [first, second, ...rest];
        const text = String.fromCharCode(...bytes);
        const expected = accepts(() => decoder.decode(Uint8Array.from(bytes)));
        assert.equal(
          accepts(() => parseJson(`"${text}"`)),
          expected,
          `reading ${bytes}`,
        );
        assert.equal(
          accepts(() => jsonString(text)),
          expected,
          `writing ${bytes}`,
        );
      }
    }
  }
});
