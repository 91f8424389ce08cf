/** The language suite: every expression of `cases/` has the answer that Nix 2.34 gave. See cases.ts and expect.ts. */
import assert from "node:assert/strict";
import test from "node:test";
import { Worker } from "node:worker_threads";
import type { Case } from "./cases.ts";

interface Answers {
  readonly results: readonly (Case & { actual: string })[];
  /** Names of all builtins. */
  readonly builtins: readonly string[];
}

function answers(): Promise<Answers> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./suite.worker.ts", import.meta.url), {
      resourceLimits: { stackSizeMb: 512, maxOldGenerationSizeMb: 4096 },
    });
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}

const { results, builtins } = await answers();

test("the suite is whole", () => {
  assert.ok(results.length >= 500, `only ${results.length} cases`);
  assert.deepEqual(
    results.filter((one) => one.expected === undefined).map((one) => one.name),
    [],
    "cases without expectation: run test/language/expect.ts",
  );
});

test("every builtin is exercised", () => {
  const text = results.map((one) => one.expression).join("\n");
  const unused = builtins.filter(
    (name) => !new RegExp(`\\b${name.replace("'", "\\x27")}(?![\\w'])`).test(text),
  );
  assert.deepEqual(unused, []);
});

for (const one of results) {
  test(`${one.name}: ${one.expression.replace(/\s+/g, " ").slice(0, 80)}`, () => {
    assert.equal(one.actual, one.expected);
  });
}
