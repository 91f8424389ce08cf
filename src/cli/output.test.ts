/** What counts as a terminal: repl-terminal.slow.test.ts has a real one. */
import assert from "node:assert/strict";
import { closeSync, openSync } from "node:fs";
import { test } from "node:test";
import { isTerminal } from "./output.ts";

test("devices, files and closed descriptors are no terminals", () => {
  for (const path of ["/dev/null", "/dev/zero", import.meta.filename]) {
    const descriptor = openSync(path, "r");
    assert.equal(isTerminal(descriptor), false, path);
    closeSync(descriptor);
    assert.equal(isTerminal(descriptor), false, "closed");
  }
});
