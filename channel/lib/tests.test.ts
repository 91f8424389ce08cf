/** Runs `tests.nix` with bruma's evaluator, and with real Nix where it is installed. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const file = fileURLToPath(new URL("tests.nix", import.meta.url));
const program = fileURLToPath(new URL("../../bruma", import.meta.url));

test("the library's own tests pass with bruma", () => {
  const out = execFileSync(program, ["eval", "--json", "--file", file], { encoding: "utf8" });
  assert.deepEqual(JSON.parse(out), []);
});

test("the library's own tests pass with Nix", (context) => {
  const nix = spawnSync("nix-instantiate", ["--eval", "--strict", "--json", "--readonly-mode", file], {
    encoding: "utf8",
  });
  if (nix.error !== undefined) {
    context.skip("Nix is not installed");
    return;
  }
  assert.equal(nix.status, 0, nix.stderr);
  assert.deepEqual(JSON.parse(nix.stdout), []);
});
