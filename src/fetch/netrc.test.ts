/** The netrc format. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseNetrc } from "./netrc.ts";

test("machines, default, macros, comments and quotes", () => {
  const machines = parseNetrc(
    'machine a.example login u password p\n# machine x login no\nmachine\n  b.example\n login "a \\"b" account q password z\nmacdef init\ncd /\nmachine evil login e password e\n\ndefault login anonymous password me@\nmachine a.example login second password p2',
  );
  assert.deepEqual(machines.get("a.example"), { login: "u", password: "p" });
  assert.deepEqual(machines.get("b.example"), { login: 'a "b', password: "z" });
  assert.deepEqual(machines.get(""), { login: "anonymous", password: "me@" });
  assert.equal(machines.has("evil"), false);
  assert.equal(machines.has("x"), false);
});
