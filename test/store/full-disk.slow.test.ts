/**
 * A store on a disk that gets full: one clear error, nothing half registered, and a collection makes it usable again.
 * Needs root, to mount a small file system.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { after, test } from "node:test";
import { layoutBelow } from "../../src/store/layout.ts";
import { LocalStore } from "../../src/store/local-store.ts";
import { StoreError } from "../../src/store/store-error.ts";

const root = fs.mkdtempSync(path.join(os.tmpdir(), "bruma-full-"));
const mounted =
  spawnSync("mount", ["-t", "tmpfs", "-o", "size=16m", "tmpfs", root], { stdio: "ignore" }).status === 0;
after(() => {
  if (mounted) spawnSync("umount", ["-l", root], { stdio: "ignore" });
  fs.rmSync(root, { recursive: true, force: true });
});

test("a full disk", { skip: !mounted && "cannot mount a file system" }, () => {
  const source = fs.mkdtempSync(path.join(os.tmpdir(), "bruma-full-source-"));
  try {
    fs.writeFileSync(`${source}/large`, Buffer.alloc(3 * 1024 * 1024, "x"));
    const store = new LocalStore(layoutBelow(root));
    const garbage = store.addTreeToStore(source, { name: "first" }).path;
    let error: unknown;
    for (let index = 0; error === undefined; index++)
      try {
        store.addTreeToStore(source, { name: `tree-${index}` });
        assert.ok(index < 10, "the disk does not get full");
      } catch (caught) {
        error = caught;
      }
    assert.ok(error instanceof StoreError, String(error));
    assert.match(error.message, /cannot write to the store in .*ENOSPC/);
    assert.match(error.hint!, /disk is full/);
    assert.deepEqual(store.verify({ checkContents: true }).problems, []);
    const files = fs
      .readdirSync(store.layout.physicalStoreDir)
      .filter((name) => name !== ".links" && !name.endsWith(".lock"));
    assert.equal(files.length, store.queryAllValidPaths().length);
    store.close();
    const later = new LocalStore(layoutBelow(root));
    assert.ok(later.collectGarbage().paths.includes(garbage));
    later.addTreeToStore(source, { name: "again" });
    assert.deepEqual(later.verify({ checkContents: true }).problems, []);
    later.close();
  } finally {
    fs.rmSync(source, { recursive: true, force: true });
  }
});
