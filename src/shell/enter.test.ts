/** Entering: the temporary directory is private even where somebody else made one of its name. */
import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { prepareEntry } from "./enter.ts";
import type { ShellState } from "./shell-state.ts";

const place = mkdtempSync(join(tmpdir(), "enter-"));
const before = process.env.TMPDIR;
process.env.TMPDIR = place;
after(() => {
  if (before === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = before;
  rmSync(place, { recursive: true });
});

const state: ShellState = {
  format: 1,
  identity: "",
  record: { observations: [], began: 0, expires: undefined },
  messages: [],
  needed: [],
  storeDir: "/nix/store",
  physicalStoreDir: "/nix/store",
  storeRoot: undefined,
  variables: [
    ["name", "x"],
    ["big", "text"],
  ],
  passAsFile: ["big"],
  structured: { sh: "declare a=1", json: "{}" },
  bash: "/bin/bash",
  helper: undefined,
  directory: "/",
};
const enter = (host: NodeJS.ProcessEnv = {}) =>
  prepareEntry(state, {
    pure: true,
    keep: [],
    command: "true",
    interactive: false,
    nixPrompt: false,
    cores: 3,
    host,
  });

test("files of the derivation lie in a private directory; variables name them", () => {
  const entry = enter({ SECRET: "1", PATH: "/bin" });
  assert.deepEqual(entry.command.slice(0, 1), ["/bin/bash"]);
  const rc = entry.command[1]!;
  assert.equal(statSync(dirname(rc)).mode & 0o777, 0o700);
  assert.equal(entry.environment.SECRET, undefined);
  assert.equal(entry.environment.big, undefined);
  assert.equal(readFileSync(entry.environment.bigPath!, "utf8"), "text");
  assert.equal(readFileSync(entry.environment.NIX_ATTRS_SH_FILE!, "utf8"), "declare a=1");
  assert.equal(entry.environment.NIX_BUILD_CORES, "3");
});

test("a directory of that name that others can write to is not used", () => {
  const base = join(place, `bruma-shells-${process.getuid?.() ?? 0}`);
  rmSync(base, { recursive: true, force: true });
  mkdirSync(base);
  chmodSync(base, 0o777);
  const rc = enter().command[1]!;
  assert.ok(!rc.startsWith(`${base}/`), rc);
});
