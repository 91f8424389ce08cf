/** V8's flag changes with what a run does, and is what it was when code is kept. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

const address = (path: string) => JSON.stringify(pathToFileURL(join(import.meta.dirname, path)).href);
/** V8's tag says under which flags code was compiled. */
const program = (steps: readonly string[]) => `
import { cachedDataVersionTag } from "node:v8";
import { fileRead, otherWorkBegins } from ${address("long-run.ts")};
import { createEvaluator } from ${address("../language/evaluator.ts")};
const tags = [cachedDataVersionTag()];
const read = (count) => { for (let file = 0; file < count; file++) fileRead(); };
const world = { storeDir: "/nix/store", currentSystem: "x86_64-linux", environment: () => undefined };
const call = (count) =>
  createEvaluator(world).evalText("builtins.foldl' (sum: n: sum + n) 0 (builtins.genList (n: n) " + count + ")");
${steps.map((step) => `${step}; tags.push(cachedDataVersionTag());`).join("\n")}
globalThis[Symbol.for("bruma.flagsAsGiven")]?.();
console.log(JSON.stringify([...tags, cachedDataVersionTag()]));
`;

function tags(flags: readonly string[], ...steps: string[]): number[] {
  const words = [
    "--disable-warning=ExperimentalWarning",
    ...flags,
    "--input-type=module",
    "--eval",
    program(steps),
  ];
  const [printed] = execFileSync(process.execPath, words, { encoding: "utf8" }).split("\n");
  return JSON.parse(printed!) as number[];
}

const launchers = ["--minimum-invocations-before-optimization=4000"];

test("a short run is not optimised, one that reads many files is, and code is kept under the flag it began with", () => {
  const steps = ["read(3)", "read(40)", "read(40)", "read(40)", "read(900)"];
  const [start, tiny, short, long, longer, still, kept] = tags(launchers, ...steps);
  assert.equal(tiny, start);
  assert.notEqual(short, start);
  assert.equal(long, start);
  assert.ok(![start, short].includes(longer));
  assert.equal(still, longer);
  assert.equal(kept, start);
});

test("one that calls many functions is optimised, too", () => {
  const [start, short, few, many, kept] = tags(launchers, "read(40)", "call(1000)", "call(20000)");
  assert.notEqual(short, start);
  assert.equal(few, short);
  assert.equal(many, start);
  assert.equal(kept, start);
});

test("other work is optimised as V8 likes", () => {
  const [start, short, other, reading, kept] = tags(launchers, "read(40)", "otherWorkBegins()", "read(40)");
  assert.equal(new Set([start, short, other]).size, 3);
  assert.equal(reading, other);
  assert.equal(kept, start);
  const [, first, then] = tags(launchers, "otherWorkBegins()", "read(40)");
  assert.equal(then, first, "also where it comes before an evaluation");
});

test("without the launcher's flag nothing changes", () => {
  const [start, ...others] = tags([], "read(50)", "read(100)", "call(20000)", "otherWorkBegins()");
  assert.deepEqual(others, [start, start, start, start, start]);
});
