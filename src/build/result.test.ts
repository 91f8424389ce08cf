/** Exit statuses of failed builds. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { BuildError, exitStatus, exitStatusOf, failuresOf } from "./result.ts";

test("statuses are Nix's, and their bits are or-ed", () => {
  assert.equal(exitStatusOf([]), 0);
  assert.equal(exitStatusOf(["builder-failed"]), 100);
  assert.equal(exitStatusOf(["timed-out"]), 101);
  assert.equal(exitStatusOf(["hash-mismatch"]), 102);
  assert.equal(exitStatusOf(["not-deterministic"]), 104);
  assert.equal(exitStatusOf(["hash-mismatch", "timed-out"]), 103);
  assert.equal(exitStatusOf(["builder-failed", "not-deterministic"]), 108);
  assert.equal(exitStatusOf(["output-rejected"]), 1);
});

test("a dependency's failure counts, once, and comes before what needs it", () => {
  const cause = new BuildError("a", { kind: "hash-mismatch" });
  const above = (name: string) => new BuildError(name, { kind: "dependency-failed", causes: [cause] });
  const results = [above("b"), above("c")].map((error) => ({
    path: "x",
    status: "failed" as const,
    outputs: new Map(),
    error,
  }));
  assert.deepEqual(
    failuresOf(results).map((failure) => failure.message),
    ["a", "b", "c"],
  );
  assert.equal(exitStatus(results), 102);
  assert.equal(cause.exitCode, 102);
});
