/** Trees in the cache folder: found again by their text, forgotten when there are many, never a reason to fail. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { ParseCacheFolder } from "./parse-cache.ts";

// What the bundle has instead.
const version = "0123456789abcdef";
(globalThis as Record<string, unknown>).parserVersion = version;
/** As `KeptFiles` makes them. */
const key = (word: string): string => word.repeat(80);
const directory = mkdtempSync(join(tmpdir(), "bruma-test-"));
after(() => rmSync(directory, { recursive: true }));

const bytes = (text: string) => Uint8Array.from(Buffer.from(text));

test("a tree is found by its text, and by another process", () => {
  const cache = new ParseCacheFolder(join(directory, "a"));
  assert.equal(cache.read(key("1")), undefined);
  cache.write(key("1"), bytes("tree"));
  cache.write(key("2"), bytes("another"));
  assert.deepEqual(
    Buffer.from(new ParseCacheFolder(join(directory, "a")).read(key("1"))!),
    Buffer.from("tree"),
  );
  assert.equal(cache.read(key("3")), undefined);
  assert.equal(readdirSync(join(directory, "a/parsed")).length, 2, "nothing else is left there");
});

test("a tree is read whole, and stays when another is read", () => {
  const cache = new ParseCacheFolder(join(directory, "long"));
  const lengths = [65_535, 65_535, 65_536, 200_001];
  const trees = lengths.map((length, i) => Buffer.alloc(length, `tree ${i}`));
  for (const [i, tree] of trees.entries()) cache.write(key(String(i)), tree);
  const read = trees.map((_, i) => cache.read(key(String(i)))!);
  for (const [i, tree] of trees.entries()) assert.ok(tree.equals(read[i]!), String(i));
});

test("where nothing can be written, nothing is kept", () => {
  writeFileSync(join(directory, "file"), "");
  const cache = new ParseCacheFolder(join(directory, "file"));
  cache.write(key("1"), bytes("tree"));
  assert.equal(cache.read(key("1")), undefined);
});

test("of too many trees the older half goes, and nobody else's files", () => {
  const folder = join(directory, "b/parsed");
  mkdirSync(folder, { recursive: true });
  // Every other one as an earlier bruma named them.
  const old = Array.from({ length: 10 }, (_, i) =>
    i % 2 === 0 ? `${version}-${key(String(i))}` : String(i).repeat(40),
  );
  for (const [i, name] of old.entries()) {
    writeFileSync(join(folder, name), "tree");
    utimesSync(join(folder, name), 1000 + i, 1000 + i);
  }
  const others = ["notes.txt", "2024-10"];
  for (const name of others) {
    writeFileSync(join(folder, name), "mine");
    utimesSync(join(folder, name), 1, 1);
  }
  new ParseCacheFolder(join(directory, "b"), 10).write(key("1"), bytes("tree"));
  const left = readdirSync(folder);
  assert.deepEqual(
    old.map((name) => left.includes(name)),
    old.map((_, i) => i >= 5),
  );
  assert.ok(others.every((name) => left.includes(name)));
  assert.equal(left.length, 8);
});
