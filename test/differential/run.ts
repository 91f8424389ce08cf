/**
 * The differential tester by hand:
 *
 *     node test/differential/run.ts [--count N] [--seed N] [--depth N] [--batch N] [--no-messages] [--syntax]
 *                                   [--nix "chroot DIRECTORY nix"] [--root DIRECTORY]
 *
 * Prints each difference as the smallest expression that shows it. Exit status 1 if there was one.
 */

import { compare } from "./compare.ts";
import { prelude } from "./grammar.ts";

const given = process.argv.slice(2);
function option(name: string, otherwise: string): string {
  const at = given.indexOf(name);
  return at < 0 ? otherwise : given[at + 1]!;
}

const started = performance.now();
const report = await compare({
  count: Number(option("--count", "10000")),
  seed: Number(option("--seed", "1")),
  batch: Number(option("--batch", "2000")),
  depth: Number(option("--depth", "5")),
  syntax: given.includes("--syntax"),
  messages: !given.includes("--no-messages"),
  maxDifferences: Number(option("--max", "1000")),
  command: option("--nix", "nix").split(" "),
  root: option("--root", ""),
  timeoutMilliseconds: Number(option("--timeout", "20000")),
  onDifference: ({ expression, nix, bruma }) => {
    const show = (outcome: typeof nix) =>
      outcome.kind === "timeout" ? "no answer" : outcome.text.slice(0, 400);
    process.stdout.write(`\n${expression}\n  nix:   ${show(nix)}\n  bruma: ${show(bruma)}\n`);
  },
  onProgress: (done, timeouts) => {
    if (done % 20000 === 0)
      process.stderr.write(
        `${done} compared, ${timeouts} without answer, ${Math.round((performance.now() - started) / 1000)} s\n`,
      );
  },
});
process.stdout.write(
  `\n${report.compared} expressions (${report.values} values, ${report.errors} errors, ${report.timeouts} without answer) ` +
    `in ${Math.round((performance.now() - started) / 1000)} s, ${report.differences.length} differences\n` +
    (report.differences.length > 0 ? `around each: let ${prelude} in …\n` : ""),
);
process.exit(report.differences.length > 0 ? 1 : 0);
