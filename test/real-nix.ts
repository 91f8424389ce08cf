/**
 * The real Nix of this machine, to compare with: found on the PATH, or installed by apt if we are root. It never
 * touches the machine's own store: each call names a store of its own.
 */
import { spawn, spawnSync } from "node:child_process";
import { installWithApt } from "./apt.ts";

export interface RealNix {
  /** "2.34.8" */
  readonly version: string;
  /** Standard output of `nix-instantiate`. @param root where its store is @throws on any failure */
  instantiate(args: readonly string[], root: string): string;
  /** Standard output of `nix-store`. */
  store(args: readonly string[], root: string): string;
  /** Standard output of any of its programs. */
  run(program: string, args: readonly string[], root: string): string;
  /** Starts one of its programs; its exit status. */
  start(
    program: string,
    args: readonly string[],
    root: string,
    environment?: Readonly<Record<string, string>>,
  ): Promise<number>;
}

/** A directory in which the programs lie, or a prefix of commands: `BRUMA_TEST_NIX="chroot /some/where"`. */
const prefix = (process.env.BRUMA_TEST_NIX ?? "").split(" ").filter((word) => word !== "");

function environmentOf(more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const settings = "substituters =\nbuild-users-group =\nsandbox = false";
  return { ...process.env, NIX_PATH: "", NIX_REMOTE: "", NIX_CONFIG: settings, ...more };
}

function start(program: string, args: readonly string[]): ReturnType<typeof spawnSync> {
  const [command, ...rest] = [...prefix, program, ...args];
  return spawnSync(command!, rest, {
    encoding: "utf8",
    maxBuffer: 1 << 28,
    env: environmentOf(),
  });
}

function versionOf(): string | undefined {
  const result = start("nix-instantiate", ["--version"]);
  return /\(Nix\) ([0-9.]+)/.exec(String(result.stdout ?? ""))?.[1];
}

/** undefined when there is none and none can be installed. */
export function realNix(): RealNix | undefined {
  let version = versionOf();
  if (version === undefined && prefix.length === 0 && installWithApt("nix-bin")) version = versionOf();
  if (version === undefined) return undefined;
  const run = (program: string, args: readonly string[], root: string): string => {
    const result = start(program, ["--store", `local?root=${root}`, ...args]);
    if (result.status !== 0)
      throw new Error(`${program} ${args[0]} failed: ${String(result.stderr)}${result.error?.message ?? ""}`);
    return String(result.stdout);
  };
  return {
    version,
    run,
    start: (program, args, root, environment) => {
      const [command, ...rest] = [...prefix, program, "--store", `local?root=${root}`, ...args];
      const child = spawn(command!, rest, { stdio: "ignore", env: environmentOf(environment) });
      return new Promise((resolve, reject) => {
        child.once("error", reject);
        child.once("exit", (code) => resolve(code ?? -1));
      });
    },
    instantiate: (args, root) => run("nix-instantiate", args, root),
    store: (args, root) => run("nix-store", args, root),
  };
}
