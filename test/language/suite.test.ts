/** The language suite: every expression of `cases/` has the answer that Nix 2.34 gave. See cases.ts and expect.ts. */
import assert from "node:assert/strict";
import test from "node:test";
import { Worker } from "node:worker_threads";
import type { Case } from "./cases.ts";

function answers(): Promise<(Case & { actual: string })[]> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./suite.worker.ts", import.meta.url), {
      resourceLimits: { stackSizeMb: 512, maxOldGenerationSizeMb: 4096 },
    });
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}

const results = await answers();

test("the suite is whole", () => {
  assert.ok(results.length >= 500, `only ${results.length} cases`);
  assert.deepEqual(
    results.filter((one) => one.expected === undefined).map((one) => one.name),
    [],
    "cases without expectation: run test/language/expect.ts",
  );
});

for (const one of results) {
  test(`${one.name}: ${one.expression.replace(/\s+/g, " ").slice(0, 80)}`, () => {
    assert.equal(one.actual, one.expected);
  });
}
