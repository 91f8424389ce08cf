/** For tests: runs the program from its sources as a user would, with a store, a home and a cache of its own. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Ran {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

/** The bundle if nothing is newer (it starts several times faster), else the sources. */
function entryPoint(): string {
  const root = join(import.meta.dirname, "..", "..");
  const bundle = join(root, "dist", "bruma.cjs");
  const built = statSync(bundle, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const fresh = readdirSync(join(root, "src"), { recursive: true, withFileTypes: true }).every(
    (entry) =>
      entry.name.endsWith(".test.ts") || statSync(join(entry.parentPath, entry.name)).mtimeMs <= built,
  );
  return fresh ? join(root, "dist", "start.cjs") : join(import.meta.dirname, "main.ts");
}

const main = entryPoint();

export class TestPlace {
  /** A working directory; gone after `remove`. */
  readonly directory: string;
  readonly environment: NodeJS.ProcessEnv;
  /** What is run. */
  readonly main = main;
  readonly #root: string;

  constructor() {
    this.#root = realpathSync(mkdtempSync(join(tmpdir(), "bruma-cli-")));
    const below = (name: string) => join(this.#root, name);
    for (const name of ["work", "home", "store"]) mkdirSync(below(name));
    this.directory = below("work");
    this.environment = {
      PATH: process.env.PATH,
      HOME: below("home"),
      // A store whose paths are where they say: no namespace is needed to enter a shell.
      NIX_STORE_DIR: below("store/store"),
      NIX_STATE_DIR: below("store/var"),
      NIX_LOG_DIR: below("store/log"),
      NIX_BUILD_SHELL: "/bin/bash",
      NO_COLOR: "1",
    };
  }

  /** @param words name of the program (`bruma`, `nix-build`) and its arguments */
  run(words: readonly string[], options: { input?: string; environment?: NodeJS.ProcessEnv } = {}): Ran {
    const result = spawnSync(process.execPath, [main, ...words], {
      cwd: this.directory,
      env: { ...this.environment, ...options.environment },
      input: options.input ?? "",
      encoding: "utf8",
    });
    return { status: result.status, out: result.stdout, err: result.stderr };
  }

  remove(): void {
    // Store paths are read-only, directories among them.
    spawnSync("chmod", ["-R", "u+w", this.#root]);
    rmSync(this.#root, { recursive: true, force: true });
  }
}
