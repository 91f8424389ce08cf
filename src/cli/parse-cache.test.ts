/** Trees in the cache folder: found again by their text, forgotten when there are many, never a reason to fail. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { ParseCacheFolder } from "./parse-cache.ts";

// What the bundle has instead.
(globalThis as Record<string, unknown>).parserVersion = "1";
const directory = mkdtempSync(join(tmpdir(), "bruma-test-"));
after(() => rmSync(directory, { recursive: true }));

const bytes = (text: string) => Uint8Array.from(Buffer.from(text));

test("a tree is found by its text, and by another process", () => {
  const cache = new ParseCacheFolder(join(directory, "a"));
  assert.equal(cache.read("0a1"), undefined);
  cache.write("0a1", bytes("tree"));
  cache.write("0a2", bytes("another"));
  assert.deepEqual(Buffer.from(new ParseCacheFolder(join(directory, "a")).read("0a1")!), Buffer.from("tree"));
  assert.equal(cache.read("0a3"), undefined);
  assert.equal(readdirSync(join(directory, "a/parsed")).length, 2, "nothing else is left there");
});

test("a long tree is read whole", () => {
  const cache = new ParseCacheFolder(join(directory, "long"));
  for (const [key, length] of [
    ["0a", 65_535],
    ["0b", 65_536],
    ["0c", 200_001],
  ] as const) {
    const tree = Buffer.alloc(length, "tree");
    cache.write(key, tree);
    assert.ok(tree.equals(cache.read(key)!));
  }
  assert.ok(
    cache.read("0a")!.length === 65_535,
    "what was read before is not overwritten by what is read later",
  );
});

test("where nothing can be written, nothing is kept", () => {
  writeFileSync(join(directory, "file"), "");
  const cache = new ParseCacheFolder(join(directory, "file"));
  cache.write("0a1", bytes("tree"));
  assert.equal(cache.read("0a1"), undefined);
});

test("of too many trees the older half goes, and nobody else's files", () => {
  const folder = join(directory, "b/parsed");
  mkdirSync(folder, { recursive: true });
  const old = Array.from({ length: 10 }, (_, i) => i.toString(16).padStart(40, "0"));
  for (const [i, name] of old.entries()) {
    writeFileSync(join(folder, name), "tree");
    utimesSync(join(folder, name), 1000 + i, 1000 + i);
  }
  writeFileSync(join(folder, "notes.txt"), "mine");
  new ParseCacheFolder(join(directory, "b"), 10).write("0a1", bytes("tree"));
  const left = readdirSync(folder);
  assert.deepEqual(
    old.map((name) => left.includes(name)),
    old.map((_, i) => i >= 5),
  );
  assert.ok(left.includes("notes.txt"));
  assert.equal(left.length, 7);
});
