/** The world of an evaluation that writes: what waits for the store is there for whoever looks. */
import assert from "node:assert/strict";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { removeTree } from "../store/canonical.ts";
import { layoutBelow } from "../store/layout.ts";
import { LocalStore } from "../store/local-store.ts";
import { SystemWorld } from "./system-world.ts";

test("files and texts that wait to be written are read, listed and found", () => {
  const root = fs.mkdtempSync(join(tmpdir(), "bruma-world-"));
  try {
    const layout = layoutBelow(root);
    const store = new LocalStore(layout);
    const world = new SystemWorld({
      layout,
      openStore: () => store,
      readOnly: false,
      system: "x86_64-linux",
      environment: {},
      channel: "/nowhere",
      bundledNixpkgs: false,
      buildOptions: {} as never,
    });
    const original = join(root, "original");
    fs.writeFileSync(original, "contents");
    const file = world.addPath(original, { name: "file", method: "nar" });
    assert.ok(!fs.existsSync(layout.physical(file)), "it waits");
    // What waits does not change with the original.
    fs.writeFileSync(original, "other");
    assert.equal(world.fileType(file), "regular");
    assert.equal(world.readFile(file), "contents");
    const text = world.addDerivation("d", { text: "Derive()", sha256: "not looked at" }, [file], new Map());
    assert.ok(!fs.existsSync(layout.physical(text)), "it waits");
    assert.equal(world.readFile(text), "Derive()");
    assert.deepEqual(new Set(world.computeClosure(text)), new Set([text, file]));
    fs.mkdirSync(join(root, "tree"));
    fs.writeFileSync(join(root, "tree/x"), "x");
    const tree = world.addPath(join(root, "tree"), { name: "tree", method: "nar" });
    assert.deepEqual([...world.readDirectory(tree).keys()], ["x"]);
    store.close();
  } finally {
    removeTree(root);
  }
});
