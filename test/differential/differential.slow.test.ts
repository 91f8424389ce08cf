/**
 * Some thousand random expressions, fresh ones each day, through Nix 2.34 and bruma. Needs that Nix: `nix` in PATH, or
 * what BRUMA_ORACLE says (`chroot DIRECTORY nix`, with BRUMA_ORACLE_ROOT=DIRECTORY); without it the test is skipped.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import test from "node:test";
import { compare } from "./compare.ts";

const command = (process.env.BRUMA_ORACLE ?? "nix").split(" ");
const root = process.env.BRUMA_ORACLE_ROOT ?? "";
const found = spawnSync(command[0]!, [...command.slice(1), "--version"], { encoding: "utf8" });
const version = /2\.\d+/.exec(found.stdout ?? "")?.[0];
const skip = version === "2.34" ? false : `needs Nix 2.34 to compare with, found ${version ?? "none"}`;

test("random expressions have Nix's answers", { skip, timeout: 300_000 }, async () => {
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
