/**
 * Can builders be put in a sandbox here? Found out by doing it: some systems (Ubuntu 24.04's AppArmor, containers) let
 * a namespace be made and then refuse what belongs to it. A success is remembered until the next boot.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hashBytes } from "../format/hash.ts";
import type { BuildUser } from "./build-user.ts";
import { BuildError } from "./result.ts";

export interface SandboxCapability {
  /** The helper knows `--argv0`. */
  readonly hasArgv0: boolean;
}

/** Successes of this process. */
const probed = new Map<string, SandboxCapability>();

/**
 * Tries a whole sandbox with mounts and a network of its own.
 * @param helper bubblewrap's command: a program, perhaps run through its own loader
 * @param user whom builders run as, if not ourselves
 * @param cacheDir where the answer is kept; its absence or being read-only does no harm
 * @throws BuildError (kind "sandbox") that says what the system refused
 */
export function probeSandbox(
  helper: readonly string[],
  user: BuildUser | undefined,
  cacheDir: string,
): SandboxCapability {
  const key = cacheKey(helper, user);
  const before = probed.get(key);
  if (before !== undefined) return before;
  const cacheFile = join(cacheDir, "sandbox-probe");
  try {
    const known = JSON.parse(readFileSync(cacheFile, "utf8")) as { key: string; hasArgv0: boolean };
    if (known.key === key) {
      const capability = { hasArgv0: known.hasArgv0 };
      probed.set(key, capability);
      return capability;
    }
  } catch {
    // not probed yet, or nonsense: probe
  }
  const capability = probe(helper, user);
  probed.set(key, capability);
  try {
    mkdirSync(cacheDir, { recursive: true });
    writeFileSync(cacheFile, JSON.stringify({ key, ...capability }));
  } catch {
    // only slower next time
  }
  return capability;
}

function probe(helper: readonly string[], user: BuildUser | undefined): SandboxCapability {
  const [program, ...first] = helper as [string, ...string[]];
  const as = user === undefined ? {} : { uid: user.uid, gid: user.gid };
  const version = spawnSync(program, [...first, "--version"], { env: {}, cwd: "/", encoding: "utf8", ...as });
  const parsed = /(\d+)\.(\d+)/.exec(version.stdout ?? "");
  if (version.error !== undefined || version.status !== 0 || parsed === null) {
    const why = version.error?.message ?? version.stderr.trim();
    throw new BuildError(`the sandbox helper '${program}' does not run: ${why}`, { kind: "sandbox" });
  }
  const hasArgv0 = Number(parsed[1]) > 0 || Number(parsed[2]) >= 9;
  // The root of the host is shown only to have a program to start: this sandbox runs nothing of a builder's.
  const trial = spawnSync(
    program,
    [
      ...first,
      ...["--die-with-parent", "--as-pid-1", "--unshare-all", "--unshare-user", "--new-session"],
      ...["--uid", "1000", "--gid", "100", "--cap-drop", "ALL", "--hostname", "localhost"],
      ...[
        "--ro-bind",
        "/",
        "/",
        "--proc",
        "/proc",
        "--dev",
        "/dev",
        "--tmpfs",
        "/tmp",
        "--remount-ro",
        "/dev",
      ],
      ...["--", "/bin/sh", "-c", "exit 42"],
    ],
    { env: {}, cwd: "/", encoding: "utf8", ...as },
  );
  if (trial.status !== 42) {
    throw new BuildError(
      `this system does not let builders be put in a sandbox: ${trial.stderr?.trim() || trial.error?.message || `status ${trial.status}`}`,
      { kind: "sandbox", hint: sandboxHint() },
    );
  }
  return { hasArgv0 };
}

/** The switch that is most likely off. */
export function sandboxHint(): string {
  const without = "To build without a sandbox, at your own risk, say --no-sandbox.";
  const read = (file: string): string | undefined => {
    try {
      return readFileSync(file, "utf8").trim();
    } catch {
      return undefined;
    }
  };
  if (read("/proc/sys/user/max_user_namespaces") === "0") {
    return `User namespaces are off: 'sysctl user.max_user_namespaces=10000' turns them on. ${without}`;
  }
  if (read("/proc/sys/kernel/unprivileged_userns_clone") === "0") {
    return `User namespaces are off: 'sysctl kernel.unprivileged_userns_clone=1' turns them on. ${without}`;
  }
  if (read("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") === "1") {
    return (
      "AppArmor restricts user namespaces: install the distribution's bubblewrap with its profile, or " +
      `'sysctl kernel.apparmor_restrict_unprivileged_userns=0'. ${without}`
    );
  }
  return `Containers often forbid it: Docker's needs '--security-opt seccomp=unconfined --security-opt systempaths=unconfined'. ${without}`;
}

function cacheKey(helper: readonly string[], user: BuildUser | undefined): string {
  const boot = bootId();
  const program = statSync(helper[helper.length - 1] as string, { throwIfNoEntry: false });
  // What the system grants to one of the builders' IDs it grants to all.
  const who = user === undefined ? `${process.geteuid?.()}` : "builder";
  return hashBytes("sha256", [boot, who, ...helper, program?.mtimeMs, program?.size].join("\0")).toBase16();
}

/** Changes with every boot; where the system does not tell, with every process. */
function bootId(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return `process ${process.pid}`;
  }
}
