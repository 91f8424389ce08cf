/** Random graphs of flakes are locked as a real Nix locks them. Slow. Needs Nix 2.34 on the PATH, or as BRUMA_ORACLE says. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { compare } from "./random.ts";

const command = (process.env.BRUMA_ORACLE || "nix").split(" ").filter((word) => word !== "");
const version = spawnSync(command[0]!, [...command.slice(1), "--version"], { encoding: "utf8" }).stdout ?? "";
const [, major = "0", minor = "0"] = /\(Nix\) (\d+)\.(\d+)/.exec(version) ?? [];
// Another root's files are not where ours are.
const usable = process.env.BRUMA_ORACLE_ROOT === undefined && Number(major) === 2 && Number(minor) === 34;

test("random graphs", { skip: usable ? false : "needs Nix 2.34 to compare with" }, () => {
  assert.deepEqual(compare(command, 12, 20_000), []);
});
