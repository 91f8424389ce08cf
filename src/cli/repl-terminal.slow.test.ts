/** The repl at a terminal: Ctrl-C at the prompt and while something is evaluated, completion, the history file. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { TestPlace } from "./run-program.ts";

const place = new TestPlace();
after(() => place.remove());
// A pseudo-terminal, from util-linux.
const script = spawnSync("script", ["--version"], { encoding: "utf8" }).stdout ?? "";
const lack = script.includes("util-linux") ? false : "needs the program script of util-linux";

/** Types at a repl, each text once the one before has been answered. */
async function type(
  signal: AbortSignal,
  steps: readonly (readonly [keys: string, shows: string])[],
): Promise<void> {
  const command = `'${process.execPath}' --stack-size=60000 '${place.main}' bruma repl`;
  const child = spawn("script", ["--quiet", "--flush", "--command", command, "/dev/null"], {
    cwd: place.directory,
    env: { ...place.environment, TERM: "xterm" },
    stdio: ["pipe", "pipe", "inherit"],
    signal,
  });
  let shown = "";
  let seen = 0;
  let wake = () => {};
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    shown += text;
    wake();
  });
  const ended = new Promise<void>((resolve) => child.on("close", () => resolve()));
  const seeing = async (text: string) => {
    for (let at = -1; at < 0; ) {
      at = shown.indexOf(text, seen);
      if (at >= 0) seen = at + text.length;
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
  };
  for (const [keys, shows] of [["", "bruma> "], ...steps] as const) {
    child.stdin.write(keys);
    // The next keys are for the prompt: while an answer is made the terminal is not the repl's.
    for (const text of keys.endsWith("\r") && !/[ \n]$/.test(shows) ? [shows, "bruma> "] : [shows])
      await seeing(text);
  }
  child.stdin.write("\x04");
  await ended;
}

test("Ctrl-C drops what was typed, and breaks off an evaluation", {
  skip: lack,
  timeout: 30_000,
}, async ({ signal }) => {
  const endless =
    "builtins.foldl' (a: b: builtins.length (builtins.genList (x: x) 1000)) 0 (builtins.genList (x: x) 100000000)";
  await type(signal, [
    ["wrong", "wrong"],
    ["\x03", "bruma> "],
    ["40 + 2\r", "42"],
    ["(1 +\r", "     . "],
    ["\x03", "bruma> "],
    [`builtins.trace "begun" (${endless})\r`, "trace: begun\r\n"],
    ["\x03", "interrupted by the user"],
    ["", "bruma> "],
    ["6 * 7\r", "42"],
  ]);
});

test("completion and history", { skip: lack, timeout: 30_000 }, async ({ signal }) => {
  writeFileSync(join(place.directory, "longname.nix"), "{ answer = 42; }");
  await type(signal, [
    ["builtins.attrNam\t", "builtins.attrNames"],
    [" { b = 1; }\r", '[ "b" ]'],
    [":l ./longn\t", "longname.nix"],
    ["\r", "Added 1 variables."],
    ["answ\t", "answer"],
    ["\r", "42"],
  ]);
  const history = readFileSync(join(place.environment.HOME!, ".local/state/bruma/repl-history"), "utf8");
  assert.match(history, /builtins\.attrNames \{ b = 1; \}\n:l \.\/longname\.nix\nanswer\n$/);
});
