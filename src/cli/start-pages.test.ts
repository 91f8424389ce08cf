/** What is given back of the executable is what nobody wrote to, and the program goes on with less memory. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { constants } from "./start-pages.ts";

const maps = `00400000-0082e000 r--p 00000000 fe:00 1312 /opt/my node/bin/node
0082e000-03489000 r-xp 0042e000 fe:00 1312                               /opt/my node/bin/node
03489000-072a7000 r--p 03089000 fe:00 1312                               /opt/my node/bin/node
072a7000-072dc000 r--p 06ea7000 fe:00 1312                               /opt/my node/bin/node
072dc000-07308000 rw-p 06edb000 fe:00 1312                               /opt/my node/bin/node
07308000-0735a000 rw-p 00000000 00:00 0
2a1b2000-2a5c0000 rw-p 00000000 00:00 0                                  [heap]
7f0e00000000-7f0e00040000 r-xp 00000000 00:00 0
7f0e6b600000-7f0e6b628000 r--p 00000000 fe:00 2301                       /lib/libc.so.6
7f0e6b628000-7f0e6b7bd000 r-xp 00028000 fe:00 2301                       /lib/libc.so.6
7ffd1a5d0000-7ffd1a5f1000 rw-p 00000000 00:00 0                          [stack]
`;

test("constants of the executable, not what was linked before it became read-only, nor others' files", () => {
  const shown = constants(maps, "/opt/my node/bin/node").map(
    ({ start, length }) => `${start.toString(16)}+${length.toString(16)}`,
  );
  assert.deepEqual(shown, ["400000+42e000", "3489000+3e1e000"]);
  assert.deepEqual(constants(maps, "/opt/node"), []);
  assert.deepEqual(constants("", "/opt/my node/bin/node"), []);
  assert.deepEqual(constants(maps, "node"), []);
  const cut = maps.split("\n").slice(0, 4);
  assert.equal(
    constants(cut.join("\n"), "/opt/my node/bin/node").length,
    2,
    "what comes last may be followed by more",
  );
  assert.equal(constants(cut.slice(0, 3).join("\n"), "/opt/my node/bin/node").length, 1);
});

const program = `
import { readFileSync } from "node:fs";
import { giveBackStartPages } from ${JSON.stringify(pathToFileURL(join(import.meta.dirname, "start-pages.ts")).href)};
const ofFiles = () => Number(/^RssFile:\\s+(\\d+) kB/m.exec(readFileSync("/proc/self/status", "latin1"))[1]);
const before = ofFiles();
giveBackStartPages();
const after = ofFiles();
const { createHash } = await import("node:crypto");
console.log(JSON.stringify([before, after, createHash("sha256").update("abc").digest("hex")]));
`;

test("less of the executable is in memory afterwards, and the program goes on", {
  skip: process.platform !== "linux" && "only Linux has /proc",
}, () => {
  const words = ["--disable-warning=ExperimentalWarning", "--input-type=module", "--eval", program];
  const [before, after, hash] = JSON.parse(execFileSync(process.execPath, words, { encoding: "utf8" }));
  assert.ok(after < before - 8000, `${before} kB before, ${after} kB after`);
  assert.equal(hash, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
});
