/**
 * Where an end-to-end test runs: a folder of its own with an empty store, an empty home and no settings, so that
 * nothing of the machine's own bruma or Nix takes part, and nothing is left behind.
 */
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const checkout: string = fileURLToPath(new URL("../../", import.meta.url)).replace(/\/$/, "");
/** The wiki page's own snippets, where that folder lies beside the checkout. */
export const pageSnippets: string = join(checkout, "../shared/page/snippets");
export const hasPageSnippets: boolean = existsSync(pageSnippets);

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Place {
  readonly directory: string;
  readonly storeRoot: string;
  /** Runs one of the program's names (`bruma`, `nix-shell`, …) in `cwd` (the place's folder unless told). */
  run(name: string, args: readonly string[], options?: RunOptions): Outcome;
  remove(): void;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Run in an empty network namespace: not even loopback is up. Needs root. */
  readonly withoutNetwork?: boolean;
  /** Words put before the program: a command that runs it in other surroundings. */
  readonly wrapper?: readonly string[];
}

/** Makes the folder. */
export function makePlace(label: string): Place {
  const directory = mkdtempSync(join(tmpdir(), `bruma-${label}-`));
  const storeRoot = join(directory, "root");
  for (const name of ["home", "root", "work"]) mkdirSync(join(directory, name));
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value === undefined) continue;
    if (/^(NIX_|IN_NIX|BRUMA_|XDG_|PYTHON|VIRTUAL_ENV|NODE_)/.test(name)) continue;
    environment[name] = value;
  }
  environment.HOME = join(directory, "home");
  environment.BRUMA_STORE_ROOT = storeRoot;
  environment.LC_ALL = "C.UTF-8";
  return {
    directory,
    storeRoot,
    run(name, args, options = {}) {
      const program = name === "bruma" ? join(checkout, "bruma") : join(checkout, "compat/bin", name);
      const command = [
        ...(options.withoutNetwork ? ["unshare", "--net"] : []),
        ...(options.wrapper ?? []),
        program,
        ...args,
      ];
      const done = spawnSync(command[0]!, command.slice(1), {
        cwd: options.cwd ?? join(directory, "work"),
        env: { ...environment, ...options.env },
        input: options.input ?? "",
        encoding: "utf8",
        maxBuffer: 1 << 28,
      });
      if (done.error !== undefined) throw done.error;
      return { status: done.status, stdout: done.stdout, stderr: done.stderr };
    },
    remove() {
      makeWritable(directory);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Store folders are read-only; whoever is not root must open them before they can be removed. */
function makeWritable(path: string): void {
  if (process.getuid?.() === 0 || !lstatSync(path).isDirectory()) return;
  chmodSync(path, 0o755);
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) makeWritable(join(path, entry.name));
  }
}
