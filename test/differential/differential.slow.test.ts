/**
 * Some thousand random expressions, fresh ones each day, through Nix 2.34 and bruma. Needs that Nix, or root and apt to
 * fetch it for the while (newest-nix.ts); without it the test is skipped.
 */
import assert from "node:assert/strict";
import test from "node:test";
import { newestNix } from "../newest-nix.ts";
import { compare } from "./compare.ts";

// No limit of time for what fetches a Nix: networks differ.
test("random expressions have Nix's answers", async (t) => {
  const nix = await newestNix();
  if (typeof nix === "string") {
    t.skip(nix);
    return;
  }
  t.after(() => nix.close());
  const { command, root } = nix;
  const seed = Number(process.env.BRUMA_SEED ?? Math.floor(Date.now() / 86_400_000));
  const { differences, compared, values, timeouts } = await compare({
    command,
    root,
    count: Number(process.env.BRUMA_COUNT ?? 4000),
    seed,
    batch: 1000,
    depth: 5,
    messages: true,
    maxDifferences: 5,
    timeoutMilliseconds: 30_000,
  });
  assert.deepEqual(differences, [], `seed ${seed}`);
  assert.ok(compared >= 4000 && values > compared / 2 && timeouts < compared / 100);
});
