/**
 * A store that lies elsewhere (no root, no /nix): shells and programs run in a mount namespace that shows it at
 * /nix/store. Needs user namespaces, and Debian's mirror for the seed of bubblewrap.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { TestPlace } from "./run-program.ts";

const place = new TestPlace();
after(() => place.remove());
const root = join(place.environment.HOME!, "files");
const environment = {
  NIX_STORE_DIR: undefined,
  NIX_STATE_DIR: undefined,
  NIX_LOG_DIR: undefined,
  BRUMA_STORE_ROOT: root,
};
const shell = (words: readonly string[]) => place.run(["bruma", "shell", ...words], { environment });
let impossible: string | false = false;

before(() => {
  if (spawnSync("unshare", ["--user", "--map-root-user", "--mount", "true"]).status !== 0) {
    impossible = "this system gives no user namespaces";
    return;
  }
  mkdirSync(root);
  writeFileSync(join(place.directory, "text"), "in the store\n");
  writeFileSync(
    join(place.directory, "shell.nix"),
    'derivation { name = "env"; system = builtins.currentSystem; builder = "/bin/sh"; TEXT = ./text; }',
  );
  const first = shell(["--run", "true"]);
  if (/unable to download|could not be downloaded/.test(first.err))
    impossible = "no mirror of Debian can be reached";
});

test("the store is at /nix/store, read-only; the rest of the machine is as it was", (t) => {
  if (impossible !== false) return t.skip(impossible);
  const ran = shell([
    "--run",
    "echo $TEXT; cat $TEXT; pwd; id -u; ls / | grep -c . ; touch /nix/store/x 2>/dev/null || echo read-only",
  ]);
  assert.equal(ran.status, 0, ran.err);
  const lines = ran.out.split("\n");
  assert.match(lines[0]!, /^\/nix\/store\/[a-z0-9]{32}-text$/);
  assert.deepEqual(lines.slice(1, 4), ["in the store", place.directory, String(process.getuid?.())]);
  const entries = spawnSync("sh", ["-c", "ls / | grep -vc '^nix$'"], { encoding: "utf8" }).stdout.trim();
  assert.equal(Number(lines[4]), Number(entries) + 1);
  assert.equal(lines[5], "read-only");
});

test("the exit status, a second entry by record, and a shell in the shell", (t) => {
  if (impossible !== false) return t.skip(impossible);
  assert.equal(shell(["--run", "exit 9"]).status, 9);
  assert.match(shell(["-v", "--run", "true"]).err, /entering by record/);
  const words = [process.execPath, place.main, "bruma", "shell", "--run", "'cat $TEXT'"].join(" ");
  assert.equal(shell(["--run", words]).out, "in the store\n");
});
