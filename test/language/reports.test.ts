/** Whole error reports, as Nix 2.34 prints them. See reports.ts. */
import assert from "node:assert/strict";
import test from "node:test";
import { Worker } from "node:worker_threads";
import { toText } from "../../src/format/bytes.ts";
import type { Report } from "./reports.ts";

const reports = await new Promise<(Report & { actual: string })[]>((resolve, reject) => {
  const worker = new Worker(new URL("./reports.worker.ts", import.meta.url), {
    resourceLimits: { stackSizeMb: 512 },
  });
  worker.once("message", resolve);
  worker.once("error", reject);
});

test("there are reports", () => {
  assert.ok(reports.length >= 50, `only ${reports.length}`);
});

for (const { name, expression, expected, actual } of reports) {
  test(`${name}: ${toText(expression).replace(/\s+/g, " ").slice(0, 80)}`, () => {
    assert.equal(toText(actual), toText(expected ?? "not written yet"));
  });
}
