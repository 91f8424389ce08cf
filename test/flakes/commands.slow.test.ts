/**
 * `nix eval`, `nix build` and `nix flake` on written flakes: status, output, messages, and the lock file byte for byte, as
 * Nix 2.34 has them (`commands.json`). Slow: each step starts the program anew. Needs git.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { askCommands, type CommandAnswer, normaliseCommands, writeCase } from "./ask.ts";
import { commandCases } from "./command-cases.ts";

const command = join(import.meta.dirname, "../../compat/bin/nix");
const expected = JSON.parse(fs.readFileSync(join(import.meta.dirname, "commands.json"), "utf8")) as Record<
  string,
  readonly CommandAnswer[] | undefined
>;
const skip = spawnSync("git", ["--version"]).status === 0 ? false : "needs git";

for (const one of commandCases) {
  test(`commands: ${one.name}`, { skip }, () => {
    const wanted = expected[one.name];
    assert.ok(wanted !== undefined, "no expectation: run test/flakes/expect.ts");
    const { place, room, close } = writeCase(one);
    try {
      const given = normaliseCommands(
        askCommands({ kind: "bruma", command }, one, place, room),
        place.directory,
      );
      for (const [i, answer] of given.entries()) assert.deepEqual(withoutHint(answer), wanted[i]);
      assert.equal(given.length, wanted.length);
    } finally {
      close();
    }
  });
}

/** What bruma says more than Nix. */
function withoutHint(answer: CommandAnswer): CommandAnswer {
  return { ...answer, messages: answer.messages.replace(/^ {2}hint: .*\n/gm, "") };
}
