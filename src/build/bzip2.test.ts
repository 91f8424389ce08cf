/** The encoder against the decoder of the fetch floor, and against bzip2 itself where it is installed. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { decompressBzip2 } from "../fetch/bzip2.ts";
import { compressBzip2 } from "./bzip2.ts";

/** The same every time, and without pattern. */
function noise(length: number): Buffer {
  const pieces: Buffer[] = [];
  for (let index = 0; index * 32 < length; index++)
    pieces.push(createHash("sha256").update(`${index}`).digest());
  return Buffer.concat(pieces).subarray(0, length);
}

const cases: [string, Buffer][] = [
  ["nothing", Buffer.alloc(0)],
  ["one byte", Buffer.from("a")],
  [
    "runs around every limit",
    Buffer.concat([3, 4, 5, 254, 255, 256, 258, 259, 260, 510].map((n, i) => Buffer.alloc(n, i))),
  ],
  ["zeros over several blocks", Buffer.alloc(80_000_000)],
  ["a period", Buffer.from("banana".repeat(100_000))],
  ["noise over several blocks", noise(700_000)],
  ["every byte", Buffer.from(Array.from({ length: 5000 }, (_, index) => index & 255))],
];

for (const [name, data] of cases) {
  test(name, async () => {
    const compressed = await compressBzip2(data);
    assert.ok(Buffer.concat([...decompressBzip2(compressed)]).equals(data));
    const program = spawnSync("bzip2", ["-dc"], { input: compressed, maxBuffer: 1 << 28 });
    if (program.error === undefined) assert.ok(program.stdout.equals(data));
  });
}
