/** The command line parser: Nix's compound flags, arguments of flags, suggestions, help. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type CommandLine, HelpRequest, parseArguments } from "./arguments.ts";
import { UsageError } from "./cli-error.ts";

const command: CommandLine = {
  name: "nix-build",
  usage: "[PATH…]",
  summary: "Builds.",
  flags: [
    { names: ["--attr", "-A"], arguments: ["ATTRIBUTE"], help: "which attribute" },
    { names: ["--max-jobs", "-j"], arguments: ["N"], help: "jobs" },
    { names: ["--keep-failed", "-K"], help: "keep" },
    { names: ["--keep-going", "-k"], help: "go on" },
    { names: ["--arg"], arguments: ["NAME", "EXPR"], help: "argument" },
    { names: ["--packages", "-p"], help: "packages" },
  ],
};
const parse = (...words: string[]) => parseArguments(command, words);

test("flags and positional arguments mix, in any order", () => {
  const given = parse("a.nix", "-A", "x", "b.nix", "--attr=y");
  assert.deepEqual(given.positional, ["a.nix", "b.nix"]);
  assert.deepEqual(given.values("--attr"), ["x", "y"]);
  assert.equal(given.value("--attr"), "y");
});

test("compound flags: -Kk, -j3, -kA x", () => {
  const given = parse("-Kk", "-j3", "-kA", "x");
  assert.ok(given.has("--keep-failed") && given.count("--keep-going") === 2);
  assert.equal(given.number("--max-jobs"), 3);
  assert.equal(given.value("--attr"), "x");
});

test("arguments of flags are taken as they stand, even with a dash in front", () => {
  assert.deepEqual(parse("--arg", "x", "-1").tuples("--arg"), [["x", "-1"]]);
  assert.equal(parse("-A", "-foo").value("--attr"), "-foo");
});

test("-- ends the flags", () => {
  const given = parse("-p", "a", "--", "-k");
  assert.deepEqual(given.rest, ["-k"]);
  assert.equal(given.has("--keep-going"), false);
});

test("a command that passes words on takes everything after its own", () => {
  const given = parseArguments({ ...command, passAfter: 1 }, ["-k", "pkg", "-K", "--unknown"]);
  assert.deepEqual(given.positional, ["pkg"]);
  assert.deepEqual(given.rest, ["-K", "--unknown"]);
});

test("a mistyped flag gets the nearest names", () => {
  assert.throws(
    () => parse("--keep-failde"),
    (error: unknown) => error instanceof UsageError && error.hint === "did you mean '--keep-failed'?",
  );
  assert.throws(() => parse("--zzz"), UsageError);
});

test("a missing argument and a wrong number are usage errors", () => {
  assert.throws(() => parse("--arg", "x"), /requires 2 arguments: NAME EXPR/);
  assert.throws(() => parse("-j", "many").number("--max-jobs"), /wants a number/);
});

test("--help gives usage and flags", () => {
  assert.throws(
    () => parse("--help"),
    (error: unknown) =>
      error instanceof HelpRequest && /usage: nix-build[\s\S]*-A, --attr ATTRIBUTE/.test(error.text),
  );
});
