/** Structured attributes' JSON: what Nix would write. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { printShell } from "./environment.ts";
import { type JsonObject, parseJson, printJson } from "./structured-json.ts";

const again = (text: string) => printJson(parseJson(text));

test("keys are sorted, spaces go, integers keep every digit", () => {
  assert.equal(again('{ "b": 1, "a": [true, null, "x"] }'), '{"a":[true,null,"x"],"b":1}');
  assert.equal(again("9223372036854775807"), "9223372036854775807");
  assert.equal(again("18446744073709551615"), "18446744073709551615");
  assert.equal(again("18446744073709551616"), "1.8446744073709552e+19");
});

test("floats", () => {
  const cases: [string, string][] = [
    ["1.0", "1.0"],
    ["-0.0", "-0.0"],
    ["1.5e3", "1500.0"],
    ["0.0001", "0.0001"],
    ["0.00001", "1e-05"],
    ["123456789012345.0", "123456789012345.0"],
    ["1e15", "1e+15"],
    ["1.25e100", "1.25e+100"],
    ["0.1", "0.1"],
  ];
  for (const [text, expected] of cases) assert.equal(again(text), expected);
});

test("strings: escapes as needed and no more, bytes stay bytes", () => {
  assert.equal(again('"\\u00e9\\ud83d\\ude00\\/"'), '"\xc3\xa9\xf0\x9f\x98\x80/"');
  assert.equal(again('"\\u0001\\b\\n\x7f\xff"'), '"\\u0001\\b\\n\x7f\xff"');
});

test("what is no JSON is refused with its place", () => {
  for (const text of ["", "{", "[1,]", '{"a" 1}', '"\n"', "01", '"\\ud800"', "nul", "1 2"]) {
    assert.throws(() => parseJson(text), /cannot process __json attribute: .* at byte \d+/, text);
  }
});

test("Bash declarations", () => {
  const attributes = parseJson(
    `{"a b":"no name","big":4294967297,"f":2.0,"g":2.5,"l":["x y",1,null],"m":{"k":"it's","n":true},"no":[[1]],"s":"q'q","t":true,"u":false,"z":null}`,
  ) as JsonObject;
  assert.equal(
    printShell(attributes),
    `declare big=1
declare f=2
declare -a l=('x y' 1 '' )
declare -A m=(['k']='it'\\''s' ['n']=1 )
declare s='q'\\''q'
declare t=1
declare u=
declare z=''
`,
  );
});
