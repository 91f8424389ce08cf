/**
 * Some thousand random expressions and a few random graphs of flakes, fresh ones each day, through Nix 2.34 and bruma.
 * Needs that Nix, or root and apt to fetch it for the while (newest-nix.ts); without it the tests are skipped.
 */
import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { compare as compareFlakes } from "../flakes/random.ts";
import { type NewestNix, newestNix } from "../newest-nix.ts";
import { compare } from "./compare.ts";

const seed = Number(process.env.BRUMA_SEED ?? Math.floor(Date.now() / 86_400_000));
let nix: NewestNix | string = "";

// No limit of time for what fetches a Nix: networks differ.
before(async () => {
  nix = await newestNix();
});
after(() => {
  if (typeof nix !== "string") nix.close();
});

test("random expressions have Nix's answers", async (t) => {
  if (typeof nix === "string") {
    t.skip(nix);
    return;
  }
  const { command, root } = nix;
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

test("random graphs of flakes are locked as Nix locks them", (t) => {
  if (typeof nix === "string") t.skip(nix);
  // Another root's files are not where ours are.
  else if (nix.root !== "") t.skip("needs a Nix that sees this machine's files");
  else assert.deepEqual(compareFlakes(nix.command, 12, seed), [], `seed ${seed}`);
});
