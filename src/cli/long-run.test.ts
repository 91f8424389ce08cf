/** V8's settings change when a run reads many files, and are what they were when compiled code is kept. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

const module = pathToFileURL(join(import.meta.dirname, "long-run.ts")).href;
/** V8's tag says under which flags code was compiled. */
const program = `
import { cachedDataVersionTag } from "node:v8";
import { fileRead } from "${module}";
const tags = [cachedDataVersionTag()];
const keep = Symbol.for("bruma.keepCode");
globalThis[keep] = () => console.log(JSON.stringify([...tags, cachedDataVersionTag()]));
process.once("exit", () => globalThis[keep]());
for (let file = 0; file < 60; file++) fileRead();
tags.push(cachedDataVersionTag());
for (let file = 0; file < 60; file++) fileRead();
tags.push(cachedDataVersionTag());
process.exit();
`;

function tags(flags: readonly string[]): number[] {
  const words = [...flags, "--input-type=module", "--eval", program];
  const [printed] = execFileSync(process.execPath, words, { encoding: "utf8" }).split("\n");
  return JSON.parse(printed!) as number[];
}

test("a long run changes the flags, and code is kept under those it began with", () => {
  const [start, short, long, kept] = tags([
    "--invocation-count-for-maglev=3200",
    "--invocation-count-for-maglev-osr=800",
  ]);
  assert.equal(short, start);
  assert.notEqual(long, start);
  assert.equal(kept, start);
});

test("without the launcher's flags nothing changes", () => {
  const [start, short, long, kept] = tags([]);
  assert.deepEqual([short, long, kept], [start, start, start]);
});
