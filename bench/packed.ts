/**
 * bruma as npm installs it, which is what users run: packed from the checkout, unpacked beside nothing. A checkout's own
 * launcher looks for sources newer than the bundle before each run, two milliseconds that only those who change bruma pay.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const checkout = resolve(import.meta.dirname, "..");

function run(program: string, ...args: string[]): string {
  const ran = spawnSync(program, args, { cwd: checkout, encoding: "utf8" });
  if (ran.error !== undefined) throw ran.error;
  if (ran.status !== 0) throw new Error(`${program} ${args.join(" ")} failed:\n${ran.stderr}`);
  return ran.stdout;
}

/** The package's directory, for as long as this process lives. */
export function packedBruma(): string {
  const directory = mkdtempSync(join(tmpdir(), "bruma-bench-packed-"));
  process.on("exit", () => rmSync(directory, { recursive: true, force: true }));
  const name = run("npm", "pack", "--silent", "--pack-destination", directory).trim();
  run("tar", "-xzf", join(directory, name), "-C", directory);
  const root = join(directory, "package");
  symlinkSync(join(checkout, "node_modules"), join(root, "node_modules"));
  return root;
}
