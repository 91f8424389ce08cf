/**
 * Every written flake gives what Nix 2.34 gave (`expected.json`): the value, the first line of the error, the warnings.
 * Slow: each case starts the program anew, which starts others to fetch. Needs git and tar.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type Answer, ask, normalise, writeCase } from "./ask.ts";
import { cases, differences } from "./cases.ts";

const command = join(import.meta.dirname, "../../bruma");
const expected = JSON.parse(fs.readFileSync(join(import.meta.dirname, "expected.json"), "utf8")) as Record<
  string,
  Answer | undefined
>;
const lacks = ["git", "tar"].filter((program) => spawnSync(program, ["--version"]).status !== 0);
const skip = lacks.length > 0 ? `needs ${lacks.join(" and ")}` : false;
const pattern = process.env.BRUMA_FLAKE_CASES ?? "";

test("differences belong to cases", () => {
  const names = cases.map(({ name }) => name);
  assert.deepEqual(
    Object.keys(differences).filter((name) => !names.includes(name)),
    [],
  );
});

for (const one of cases) {
  if (!one.name.includes(pattern)) continue;
  test(one.name, { skip }, () => {
    const wanted = expected[one.name];
    assert.ok(wanted !== undefined, "no expectation: run test/flakes/expect.ts");
    const { place, room, close } = writeCase(one);
    try {
      const given = normalise(ask({ kind: "bruma", command }, one, place, room), place.directory);
      const difference = differences[one.name];
      if (difference === undefined) assert.deepEqual(given, wanted);
      else {
        assert.match(given.answer, difference);
        assert.notEqual(given.answer, wanted.answer, "there is no difference any more");
      }
    } finally {
      close();
    }
  });
}
