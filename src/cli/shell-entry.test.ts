/**
 * Shells: nix-shell's environment, exit status, scripts, and above all that a record is used again exactly when
 * nothing it saw has changed.
 */
import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { TestPlace } from "./run-program.ts";

const place = new TestPlace();
after(() => place.remove());
const write = (name: string, text: string) => writeFileSync(join(place.directory, name), text);
const shell = (words: readonly string[], environment: NodeJS.ProcessEnv = {}) =>
  place.run(["bruma", "shell", "-v", ...words], { environment });

before(() => {
  write(
    "shell.nix",
    `let more = import ./more.nix; in derivation {
       name = "env"; system = builtins.currentSystem; builder = "/bin/sh";
       MORE = more; FROM = builtins.getEnv "FROM"; EXISTS = builtins.pathExists ./flag;
       LIST = builtins.attrNames (builtins.readDir ./listed); SRC = ./tree;
       FILED = "in a file"; passAsFile = [ "FILED" ]; shellHook = "echo hook";
     }`,
  );
  write("more.nix", '"one"');
  for (const name of ["listed", "tree"]) mkdirSync(join(place.directory, name));
  write("tree/file", "1");
});

const print = [
  "--run",
  "echo $MORE $FROM $EXISTS $LIST $(cat $SRC/file) $(cat $FILEDPath) $IN_NIX_SHELL $name",
];

function entered(expected: string, how: "record" | RegExp, environment: NodeJS.ProcessEnv = {}) {
  const ran = shell(print, environment);
  assert.equal(ran.status, 0, ran.err);
  assert.equal(ran.out, `hook\n${expected}\n`);
  if (how === "record") assert.match(ran.err, /entering by record/);
  else assert.match(ran.err, how);
}

test("the environment, the hook, and entering by record", () => {
  entered("one 1 in a file impure env", /evaluating: this shell was not entered before/);
  entered("one 1 in a file impure env", "record");
});

test("an edited imported file", () => {
  write("more.nix", '"two"');
  entered("two 1 in a file impure env", /more\.nix' has changed/);
  entered("two 1 in a file impure env", "record");
});

test("a variable that the expression reads", () => {
  entered("two here 1 in a file impure env", /\$FROM' has changed/, { FROM: "here" });
  entered("two here 1 in a file impure env", "record", { FROM: "here" });
});

test("a file that comes into being, a new entry of a directory, an edited source tree", () => {
  entered("two 1 in a file impure env", /FROM/);
  write("flag", "");
  entered("two 1 1 in a file impure env", /flag' has changed/);
  write("listed/x", "");
  entered("two 1 x 1 in a file impure env", /listed' has changed/);
  write("tree/file", "2");
  entered("two 1 x 2 in a file impure env", /tree\/file' has changed/);
  entered("two 1 x 2 in a file impure env", "record");
});

test("garbage collection keeps what a shell needs; without its paths it is made again", () => {
  assert.equal(place.run(["nix-store", "--gc"]).status, 0);
  entered("two 1 x 2 in a file impure env", "record");
  rmSync(join(place.environment.NIX_STATE_DIR!, "gcroots", "bruma"), { recursive: true });
  assert.equal(place.run(["nix-store", "--gc"]).status, 0);
  entered("two 1 x 2 in a file impure env", /is no longer there/);
});

test("the exit status is the command's; nothing is left behind", () => {
  assert.equal(shell(["--run", "exit 7"]).status, 7);
  assert.equal(shell(["--run", "false"]).status, 1);
  assert.equal(shell(["--run", "kill -TERM $$"]).status, null);
  const left = readdirSync(join(tmpdir(), `bruma-shells-${process.getuid?.()}`));
  shell(["--run", "true"]);
  const now = readdirSync(join(tmpdir(), `bruma-shells-${process.getuid?.()}`));
  // The one that was killed is swept by the next entry.
  assert.ok(now.length <= left.length, now.join(" "));
});

test("--pure hides the host, --keep keeps", () => {
  const host = { SECRET: "1", KEPT: "2" };
  assert.equal(shell(["--run", "echo $SECRET $KEPT"], host).out, "hook\n1 2\n");
  const ran = shell(["--pure", "--keep", "KEPT", "--run", "echo $SECRET $KEPT $IN_NIX_SHELL"], host);
  assert.equal(ran.out, "hook\n2 pure\n");
});

test("the host's Python settings stay outside, and that is said", () => {
  const ran = shell(["--run", "echo [$PYTHONPATH$VIRTUAL_ENV] $PATH"], {
    PYTHONPATH: "/evil",
    VIRTUAL_ENV: "/venv",
    PATH: `/venv/bin:${place.environment.PATH}`,
  });
  assert.match(ran.out, /^hook\n\[\] /);
  assert.doesNotMatch(ran.out, /\/venv/);
  assert.match(ran.err, /not taken into the shell.*PYTHONPATH, VIRTUAL_ENV/);
});

test("a signal that Node ignores has its default in the shell", () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: bash expands it
  assert.equal(shell(["--run", "yes | head -n1; echo ${PIPESTATUS[0]}"]).out, "hook\ny\n141\n");
});

test("a script with #! nix-shell lines", () => {
  write("script", '#!/usr/bin/env nix-shell\n#! nix-shell -i bash ./shell.nix\necho "$MORE:$1:$2"\n');
  chmodSync(join(place.directory, "script"), 0o755);
  const ran = place.run(["nix-shell", "script", "a b", "c"]);
  // nix-shell leaves shellHook to stdenv, and this derivation has none.
  assert.equal(ran.out, "two:a b:c\n", ran.err);
});

test("mistakes: no file, several derivations, both -p and -E", () => {
  assert.match(shell(["nothing.nix"]).err, /there is no file or directory 'nothing.nix'/);
  const two = shell([
    "-E",
    'let d = n: derivation { name = n; system = "s"; builder = "b"; }; in [ (d "a") (d "b") ]',
  ]);
  assert.equal(two.status, 2);
  assert.match(two.err, /requires a single derivation, and there are 2/);
  assert.match(shell(["-p", "-E", "x"]).err, /mutually exclusive/);
});

test("a derivation's own file names the shell, too", () => {
  const drv = place.run(["nix-instantiate", "shell.nix"]).out.trim();
  assert.match(drv, /-env\.drv$/);
  assert.equal(shell([drv, "--run", "echo $MORE"]).out, "hook\ntwo\n");
});
