/**
 * Flakes in use: apps, environments, and the bundled package set as an input. Slow: it builds the shell's own bash from
 * what Debian's mirror has. Needs git, user namespaces and the mirror.
 */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are Nix's.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { writeCase } from "./ask.ts";

const program = join(import.meta.dirname, "../..");
const { place, room, close } = writeCase({
  write(to) {
    to.flake(
      "app",
      '{ outputs = _: { apps.x86_64-linux.say = { type = "app"; program = "/bin/echo"; }; }; }',
    );
    to.flake(
      "channel",
      `{
        inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-24.05";
        outputs = { self, nixpkgs }: {
          same = nixpkgs.legacyPackages.x86_64-linux.hello.drvPath;
          other = (import nixpkgs { system = "x86_64-linux"; }).hello.drvPath;
          info = builtins.attrNames nixpkgs.sourceInfo;
          devShells.x86_64-linux.default = derivation {
            name = "environment";
            system = "x86_64-linux";
            builder = "/bin/sh";
            WORD = "first";
          };
        };
      }`,
    );
  },
});
after(() => close());

function run(
  words: readonly string[],
  directory: string,
): { status: number | null; out: string; err: string } {
  const [name, ...rest] = words;
  const file = name === "bruma" ? "bruma" : `compat/bin/${name}`;
  const result = spawnSync(join(program, file), rest, {
    cwd: place.path(directory),
    encoding: "utf8",
    env: {
      ...process.env,
      HOME: join(room, "home"),
      XDG_CACHE_HOME: join(room, "cache"),
      BRUMA_STORE_ROOT: join(room, "store"),
    },
  });
  return { status: result.status, out: result.stdout, err: result.stderr };
}

test("apps are run, with arguments", () => {
  assert.equal(run(["nix", "run", ".#say", "--", "hello", "-n"], "app").out, "hello -n\n");
  assert.equal(run(["bruma", "run", ".#say", "hello"], "app").out, "hello\n");
});

test("outputs are evaluated and built", () => {
  assert.equal(run(["bruma", "eval", ".#apps.x86_64-linux.say.program"], "app").out, '"/bin/echo"\n');
  const planned = run(
    ["bruma", "build", "--nixpkgs", "bundled", ".#devShells.x86_64-linux.default", "--dry-run"],
    "channel",
  );
  assert.equal(planned.status, 0, planned.err);
  assert.match(planned.err, /this derivation will be built:\n {2}\/nix\/store\/.*-environment\.drv/);
});

test("the bundled package set is what nixpkgs means", () => {
  const get = (name: string) => {
    const { out, err } = run(["nix", "eval", "--nixpkgs", "bundled", "--json", `.#${name}`], "channel");
    assert.notEqual(out, "", err);
    return JSON.parse(out) as unknown;
  };
  const { out } = run(["bruma", "eval", "--json", "(import <nixpkgs> { }).hello.drvPath"], "channel");
  assert.equal(get("same"), JSON.parse(out));
  assert.equal(get("other"), JSON.parse(out));
  assert.deepEqual(get("info"), ["outPath"]);
  assert.ok(!fs.existsSync(place.path("channel/flake.lock")), "there is nothing that a lock file could say");
});

test("an environment, entered by evaluation, by record, and anew when the flake changes", () => {
  const enter = () => {
    const { out, err } = run(
      ["bruma", "shell", "--nixpkgs", "bundled", ".#", "--run", 'echo "$WORD"'],
      "channel",
    );
    assert.notEqual(out, "", err);
    return out;
  };
  assert.equal(enter(), "first\n");
  assert.equal(enter(), "first\n");
  const file = place.path("channel/flake.nix");
  fs.writeFileSync(file, fs.readFileSync(file, "utf8").replace('"first"', '"second"'));
  assert.equal(enter(), "second\n");
  const develop = run(
    ["nix", "develop", "--nixpkgs", "bundled", "-c", "sh", "-c", 'echo "$WORD"'],
    "channel",
  );
  assert.equal(develop.out, "second\n", develop.err);
});
