/** Records of evaluations: every kind of change is noticed, and what changed nothing is not. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { firstDifference, Recorder } from "./evaluation-record.ts";

const directory = mkdtempSync(join(tmpdir(), "record-"));
after(() => rmSync(directory, { recursive: true }));
const file = join(directory, "a.nix");

function recorded(look: (recorder: Recorder) => void) {
  writeFileSync(file, "1");
  const recorder = new Recorder();
  look(recorder);
  // As it is after being stored.
  return JSON.parse(JSON.stringify(recorder.record()));
}

test("a file's contents", () => {
  const record = recorded((r) => r.file(file));
  assert.equal(firstDifference(record, {}), undefined);
  utimesSync(file, 1, 1);
  assert.equal(firstDifference(record, {}), undefined, "touching changes nothing");
  writeFileSync(file, "2");
  assert.equal(firstDifference(record, {}), file, "same size, other contents, at once");
  rmSync(file);
  assert.equal(firstDifference(record, {}), file);
});

test("a directory's entries", () => {
  const record = recorded((r) => r.directory(directory));
  writeFileSync(file, "22");
  assert.equal(firstDifference(record, {}), undefined, "contents of entries do not count");
  const more = join(directory, "b");
  writeFileSync(more, "");
  assert.equal(firstDifference(record, {}), directory);
  rmSync(more);
  assert.equal(firstDifference(record, {}), undefined);
});

test("existence, type and links", () => {
  const link = join(directory, "link");
  const missing = join(directory, "missing");
  symlinkSync("a.nix", link);
  const record = recorded((r) => {
    r.type(missing);
    r.link(link);
  });
  assert.equal(firstDifference(record, {}), undefined);
  mkdirSync(missing);
  assert.equal(firstDifference(record, {}), missing);
  rmSync(missing, { recursive: true });
  rmSync(link);
  symlinkSync("b.nix", link);
  assert.equal(firstDifference(record, {}), link);
  rmSync(link);
});

test("environment variables, set and not set", () => {
  const record = recorded((r) => {
    r.variable("HOME", "/x");
    r.variable("NOT", undefined);
  });
  assert.equal(firstDifference(record, { HOME: "/x" }), undefined);
  assert.equal(firstDifference(record, { HOME: "/y" }), "$HOME");
  assert.equal(firstDifference(record, { HOME: "/x", NOT: "" }), "$NOT");
});

test("a tree that was copied to the store, with and without a filter", () => {
  const tree = join(directory, "tree");
  mkdirSync(join(tree, "sub"), { recursive: true });
  mkdirSync(join(tree, "out"));
  writeFileSync(join(tree, "sub", "x"), "1");
  const all = recorded((r) => r.tree(tree, undefined));
  const some = recorded((r) => r.tree(tree, (path) => !path.endsWith("/out")));
  writeFileSync(join(tree, "out", "junk"), "1");
  assert.equal(firstDifference(all, {}), join(tree, "out"));
  assert.equal(firstDifference(some, {}), undefined);
  writeFileSync(join(tree, "sub", "x"), "2");
  assert.equal(firstDifference(some, {}), join(tree, "sub", "x"));
});

test("a record that may not last", () => {
  const record = recorded((r) => r.expiresAfter(-1));
  assert.match(firstDifference(record, {}) ?? "", /time/);
});
