/**
 * A Nix as new as the one whose answers are ours (2.34), to compare with; the machine's own is often years older.
 *
 * In this order: what BRUMA_ORACLE says (`chroot DIRECTORY nix`, with BRUMA_ORACLE_ROOT=DIRECTORY); `nix` on the PATH;
 * Debian's development release, fetched below a temporary directory if we are root and apt is there. debootstrap only
 * fetches it (and checks signatures): the packages are laid out, not installed, as Nix needs none of their scripts,
 * and a development release often has some package that cannot be installed. The Nix among them starts through its own
 * dynamic loader, with a store and settings in that directory: nothing is mounted, so nothing is left to unmount.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { debianArchives } from "../src/fetch/apt-sources.ts";
import { aptIsOurs, installWithApt } from "./apt.ts";

export interface NewestNix {
  /** The command and its first arguments. */
  readonly command: readonly string[];
  /** Its root directory as it sees files, "" if that is this machine's. */
  readonly root: string;
  /** "2.34.8" */
  readonly version: string;
  /** Removes what was fetched. It also goes when the process ends, by itself or by a signal. */
  close(): void;
}

/** An older one has other messages, and answers some expressions otherwise. */
const wanted = [2, 34] as const;

/** Either a Nix, or in plain words why there is none. */
export async function newestNix(): Promise<NewestNix | string> {
  const given = process.env.BRUMA_ORACLE ?? "";
  const command = given === "" ? ["nix"] : given.split(" ").filter((word) => word !== "");
  const root = given === "" ? "" : (process.env.BRUMA_ORACLE_ROOT ?? "");
  const version = versionOf(command);
  if (isNewEnough(version)) return { command, root, version, close: () => {} };
  const lack = `needs Nix ${wanted.join(".")} to compare with, found ${version ?? "none"}`;
  if (given !== "") return lack;
  if (!aptIsOurs()) return `${lack}; only root can fetch one, with apt`;
  const fetched = await fetchNix();
  return typeof fetched === "string" ? `${lack}; ${fetched}` : fetched;
}

function versionOf(command: readonly string[]): string | undefined {
  const { stdout } = spawnSync(command[0]!, [...command.slice(1), "--version"], { encoding: "utf8" });
  return /\(Nix\) ([0-9.]+)/.exec(stdout ?? "")?.[1];
}

function isNewEnough(version: string | undefined): version is string {
  const [major = 0, minor = 0] = (version ?? "").split(".").map(Number);
  return major > wanted[0] || (major === wanted[0] && minor >= wanted[1]);
}

/** Programs of the administrator's are not on everyone's PATH. */
function environment(): NodeJS.ProcessEnv {
  const path = [process.env.PATH ?? "", "/usr/sbin", "/usr/bin", "/sbin", "/bin"].join(delimiter);
  // Unlike apt, debootstrap hears of a proxy only by the environment.
  const dump = spawnSync("apt-config", ["dump", "--format", "%v%n", "Acquire::http::Proxy"], {
    encoding: "utf8",
  });
  const proxy = /^\w+:\/\/\S+$/m.exec(dump.stdout ?? "")?.[0];
  return { ...(proxy === undefined ? {} : { http_proxy: proxy }), ...process.env, PATH: path, LC_ALL: "C" };
}

async function fetchNix(): Promise<NewestNix | string> {
  const env = environment();
  const has = (program: string) => spawnSync("which", [program], { env, stdio: "ignore" }).status === 0;
  if (!has("debootstrap") && !installWithApt("debootstrap", "debian-archive-keyring", "gpgv"))
    return "apt cannot install debootstrap";
  const directory = new TemporaryDirectory();
  const failures: string[] = [];
  try {
    for (const [i, archive] of debianArchives("/").entries()) {
      const root = join(directory.path, String(i));
      const failure =
        (await fetchPackages(directory, root, archive, env)) ?? (await layOut(directory, root, env));
      if (failure !== undefined) {
        failures.push(failure);
        continue;
      }
      const command = commandIn(root);
      const version = versionOf(command);
      if (isNewEnough(version)) return { command, root: "", version, close: () => directory.close() };
      failures.push(version === undefined ? whyNot(command) : `Debian's newest is ${version}`);
    }
  } catch (error) {
    directory.close();
    throw error;
  }
  directory.close();
  return failures.at(-1) ?? "no archive of Debian's among apt's sources";
}

/** @returns why it failed */
async function fetchPackages(
  directory: TemporaryDirectory,
  root: string,
  archive: string,
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  const args = ["--download-only", "--variant=minbase", "--include=nix-bin", "sid", root, archive];
  const { status, output } = await directory.run("debootstrap", args, env);
  return status === 0 ? undefined : `debootstrap: ${output.trim().split("\n").at(-1)}`;
}

/** @returns why it failed */
async function layOut(
  directory: TemporaryDirectory,
  root: string,
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  const cache = join(root, "var/cache/apt/archives");
  for (const name of fs.readdirSync(cache).filter((each) => each.endsWith(".deb"))) {
    const { status, output } = await directory.run("dpkg-deb", ["--extract", join(cache, name), root], env);
    if (status !== 0) return `${name}: ${output.trim()}`;
    fs.rmSync(join(cache, name));
  }
  fs.mkdirSync(join(root, "etc/nix"), { recursive: true });
  fs.writeFileSync(
    join(root, "etc/nix/nix.conf"),
    "build-users-group =\nsandbox = false\nsubstituters =\nexperimental-features = nix-command flakes\n",
  );
  return undefined;
}

/** @throws {Error} when the packages have no dynamic loader where Debian has it */
function commandIn(root: string): string[] {
  const [loader] = fs.globSync("usr/lib*/ld-linux*.so.*", { cwd: root });
  const libraries = fs.globSync("usr/lib/*-linux-gnu*", { cwd: root }).map((each) => join(root, each));
  if (loader === undefined) throw new Error(`no dynamic loader in ${root}/usr/lib*`);
  const settings = {
    NIX_CONF_DIR: join(root, "etc/nix"),
    NIX_REMOTE: `local?root=${root}`,
    XDG_CACHE_HOME: join(root, "home"),
    XDG_DATA_HOME: join(root, "home"),
    XDG_STATE_HOME: join(root, "home"),
  };
  return [
    "/usr/bin/env",
    ...Object.entries(settings).map(([name, value]) => `${name}=${value}`),
    ...[join(root, loader), "--argv0", "nix", "--library-path", libraries.join(":")],
    join(root, "usr/bin/nix"),
  ];
}

function whyNot(command: readonly string[]): string {
  const result = spawnSync(command[0]!, [...command.slice(1), "--version"], { encoding: "utf8" });
  return `Debian's newest does not start: ${result.error?.message ?? result.stderr.trim().split("\n").at(-1)}`;
}

/** A directory and the programs that write into it: both are gone when the process is. */
class TemporaryDirectory {
  readonly path = fs.mkdtempSync(join(tmpdir(), "newest-nix-"));
  #child: ChildProcess | undefined;
  readonly #close = () => this.close();
  readonly #stop = (signal: NodeJS.Signals) => {
    this.close();
    // Nobody listens any more, unless others do: as if we never had.
    process.kill(process.pid, signal);
  };

  constructor() {
    process.once("exit", this.#close);
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, this.#stop);
  }

  run(program: string, args: readonly string[], env: NodeJS.ProcessEnv) {
    return new Promise<{ status: number; output: string }>((resolve, reject) => {
      // A group of its own: debootstrap's children go with it.
      const child = spawn(program, args, { env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
      this.#child = child;
      let output = "";
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding("utf8").on("data", (text: string) => {
          output += text;
        });
      child.once("error", reject);
      child.once("close", (status) => {
        this.#child = undefined;
        resolve({ status: status ?? -1, output });
      });
    });
  }

  close(): void {
    process.off("exit", this.#close);
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.off(signal, this.#stop);
    if (this.#child?.pid !== undefined) process.kill(-this.#child.pid, "SIGKILL");
    fs.rmSync(this.path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}
