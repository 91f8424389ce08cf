/**
 * Writes the expectations of the language suite anew, from a real Nix (2.34; others differ in places):
 *
 *     node test/language/expect.ts [--nix "nix-instantiate"] [--root DIRECTORY] [FILE…]
 *
 * With `--root`, that directory is the root of the Nix: the suite is copied to `/tmp` below it, and the command (say
 * `chroot DIRECTORY nix-instantiate`) is told paths from there.
 */
import { spawnSync } from "node:child_process";
import { cpSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Case, caseFiles, casesOf, normalise, suiteDirectory } from "./cases.ts";

const given = process.argv.slice(2);
function option(name: string, otherwise: string): string {
  const at = given.indexOf(name);
  return at < 0 ? otherwise : given.splice(at, 2)[1]!;
}
const nix = option("--nix", "nix-instantiate").split(" ");
const root = option("--root", "");
const inside = root === "" ? suiteDirectory : "/tmp/language-suite";
if (root !== "") {
  rmSync(root + inside, { recursive: true, force: true });
  cpSync(suiteDirectory, root + inside, { recursive: true, verbatimSymlinks: true });
}

function ask({ expression, options }: Case): string {
  // Relative paths are relative to the expression's file, so it stands in the suite's directory.
  const file = join(inside, "expression.nix");
  writeFileSync(root + file, expression);
  const result = spawnSync(
    nix[0]!,
    [
      ...nix.slice(1),
      "--eval",
      "--strict",
      ...[...options].flatMap(([name, value]) => ["--option", name, value]),
      ...(options.size > 0 ? ["-E", expression] : [file]),
    ],
    {
      encoding: "utf8",
      timeout: 60_000,
      killSignal: "SIGKILL",
      env: { ...process.env, NIX_PATH: "" },
    },
  );
  rmSync(root + file);
  if (result.status === 0) return normalise(result.stdout, inside);
  const found = result.stderr.match(/error: .*/g);
  if (found === null) throw new Error(`no answer to ${expression}\n${result.stderr}`);
  return normalise(found.at(-1)!, inside);
}

let count = 0;
for (const file of given.length > 0 ? given : caseFiles()) {
  const answers = casesOf(file).map(ask);
  count += answers.length;
  writeFileSync(
    join(suiteDirectory, "cases", `${file}.exp`),
    `# Answers of Nix, written by expect.ts.\n${answers.map((text) => `#----\n${text}\n`).join("")}`,
  );
}
process.stdout.write(`${count} expectations written\n`);
