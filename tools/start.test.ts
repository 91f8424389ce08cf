/** start.cjs: compiled code is kept, used again, not taken for another bundle's, and its loss harms nothing. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

const directory = mkdtempSync(join(tmpdir(), "start-"));
after(() => rmSync(directory, { recursive: true }));
copyFileSync(join(import.meta.dirname, "start.cjs"), join(directory, "start.cjs"));

function bundle(text: string, mark: string): void {
  writeFileSync(
    join(directory, "bruma.cjs"),
    `(function(){function f(){return ${JSON.stringify(text)}}console.log(f(),...process.argv.slice(2))})\n//# ${mark.repeat(32)}\n`,
  );
}

function run(cache: string | undefined, ...words: string[]): string {
  const { BRUMA_COMPILE_CACHE: _, ...rest } = process.env;
  const env = cache === undefined ? rest : { ...rest, BRUMA_COMPILE_CACHE: cache };
  const ran = spawnSync(process.execPath, [join(directory, "start.cjs"), ...words], {
    env,
    encoding: "utf8",
  });
  assert.equal(ran.stderr, "");
  assert.equal(ran.status, 0);
  return ran.stdout.trim();
}

test("code is kept once a command, and follows the bundle", () => {
  const cache = join(directory, "cache");
  bundle("one", "a");
  assert.equal(run(cache, "bruma", "eval", "x y"), "one bruma eval x y");
  const [name] = readdirSync(cache);
  assert.match(name!, /^a{32}-.*-bruma-eval$/);
  const first = readFileSync(join(cache, name!));
  // As often made anew as it may be: a slow second run would do it otherwise.
  first.writeUInt32LE(5, first.length - 8);
  writeFileSync(join(cache, name!), first);
  assert.equal(run(cache, "bruma", "eval"), "one bruma eval");
  assert.deepEqual(readdirSync(cache), [name]);
  assert.ok(first.equals(readFileSync(join(cache, name!))), "accepted, and not made anew");
  // Of the same length: V8 itself would not see the difference.
  bundle("two", "b");
  assert.equal(run(cache, "bruma", "eval"), "two bruma eval");
  assert.equal(readdirSync(cache).length, 2);
});

test("code of a first run that took long is made anew by the third, once", () => {
  const cache = join(directory, "first");
  bundle("four", "d");
  run(cache, "nix-build");
  const file = join(cache, readdirSync(cache)[0]!);
  const seen: [generation: number, code: boolean][] = [];
  const look = () => {
    const bytes = readFileSync(file);
    seen.push([bytes.readUInt32LE(bytes.length - 8), bytes.length > 8]);
    // As if it had taken a hundred seconds.
    bytes.writeUInt32LE(100_000, bytes.length - 4);
    writeFileSync(file, bytes);
  };
  look();
  for (let again = 0; again < 4; again++) {
    assert.equal(run(cache, "nix-build"), "four nix-build");
    look();
  }
  assert.deepEqual(seen, [
    [1, true],
    [2, false],
    [3, true],
    [3, true],
    [3, true],
  ]);
});

test("flags that the program changed are taken back before its code is kept, and only then", () => {
  const cache = join(directory, "flags");
  writeFileSync(
    join(directory, "bruma.cjs"),
    `(function(){globalThis[Symbol.for("bruma.flagsAsGiven")]=()=>console.log("taken back")})\n//# ${"e".repeat(32)}\n`,
  );
  assert.equal(run(cache, "nix-build"), "taken back");
  const [name] = readdirSync(cache);
  const file = readFileSync(join(cache, name!));
  // As often made anew as it may be.
  file.writeUInt32LE(5, file.length - 8);
  writeFileSync(join(cache, name!), file);
  assert.equal(run(cache, "nix-build"), "");
});

test("damage, no folder, foreign words", () => {
  const cache = join(directory, "damaged");
  bundle("three", "c");
  run(cache, "nix-build");
  const [name] = readdirSync(cache);
  for (const rest of ["", "x", "x".repeat(8), "x".repeat(1000)]) {
    writeFileSync(join(cache, name!), rest);
    assert.equal(run(cache, "nix-build"), "three nix-build");
    assert.ok(readFileSync(join(cache, name!)).length > rest.length || rest.length > 900);
  }
  assert.equal(run(undefined, "nix-build"), "three nix-build");
  assert.equal(run("/dev/null/none", "nix-build"), "three nix-build");
  assert.equal(run(cache, "bruma", "../../x"), "three bruma ../../x");
  assert.equal(readdirSync(cache).length, 1);
});
