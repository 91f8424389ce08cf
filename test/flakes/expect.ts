/**
 * Writes `expected.json` anew, from a real Nix 2.34:
 *
 *     node test/flakes/expect.ts [--nix "nix"] [--root DIRECTORY] [PATTERN]
 *
 * With `--root`, that directory is the root of the Nix (`chroot DIRECTORY nix`): cases are written below its `/tmp`.
 * PATTERN is part of a case's name, or `commands` for `commands.json` alone.
 */
import * as fs from "node:fs";
import { join } from "node:path";
import { ask, askCommands, normalise, normaliseCommands, writeCase } from "./ask.ts";
import { cases } from "./cases.ts";
import { commandCases } from "./command-cases.ts";

const given = process.argv.slice(2);
function option(name: string, otherwise: string): string {
  const at = given.indexOf(name);
  return at < 0 ? otherwise : given.splice(at, 2)[1]!;
}
const command = option("--nix", "nix").split(" ");
const root = option("--root", "");
const file = join(import.meta.dirname, "expected.json");
const expected: Record<string, unknown> = fs.existsSync(file)
  ? JSON.parse(fs.readFileSync(file, "utf8"))
  : {};
const names = new Set(cases.map(({ name }) => name));
if (names.size !== cases.length) throw new Error("two cases have one name");
for (const name of Object.keys(expected)) if (!names.has(name)) delete expected[name];
for (const one of cases) {
  if (given[0] !== undefined && !one.name.includes(given[0])) continue;
  const { place, room, close } = writeCase(one, root === "" ? undefined : join(root, "tmp"));
  try {
    const answer = ask({ kind: "nix", command }, one, place, room, root);
    expected[one.name] = normalise(answer, place.directory.slice(root.length));
  } finally {
    close();
  }
}
const sorted = Object.fromEntries(cases.map(({ name }) => [name, expected[name]]));
fs.writeFileSync(file, `${JSON.stringify(sorted, undefined, 2)}\n`);
if (given[0] === undefined || given[0] === "commands") {
  const answers: Record<string, unknown> = {};
  for (const one of commandCases) {
    const { place, room, close } = writeCase(one);
    try {
      answers[one.name] = normaliseCommands(
        askCommands({ kind: "nix", command }, one, place, room),
        place.directory,
      );
    } finally {
      close();
    }
  }
  fs.writeFileSync(join(import.meta.dirname, "commands.json"), `${JSON.stringify(answers, undefined, 2)}\n`);
}
console.log(`${Object.keys(sorted).length} expectations written`);
