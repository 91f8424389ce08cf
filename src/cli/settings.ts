/**
 * What the user set once for all: `$XDG_CONFIG_HOME/bruma/config.toml`, and the environment variables that mirror it.
 *
 * A flag wins over a variable, a variable over the file. The file is small and flat:
 *
 *     nixpkgs = "bundled"      # every reference to nixpkgs means the bundled channel
 *     max-jobs = 4
 *     cores = 0                # per build; 0: all
 *     substituters = ["https://…"]          # binary caches, asked in this order
 *     trusted-public-keys = ["name:…"]      # who may have signed what they hold
 *     flake-registry = "/…"    # file or address of the global flake registry; "": none
 *     [mirrors]                # where mirror://debian and mirror://pypi lie, if not where apt and pip say
 *     debian = "https://…"
 */
import { readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { BrumaError } from "../format/error.ts";
import { nearestNames } from "./nearest.ts";

export interface Settings {
  /** "bundled": the channel answers every reference to nixpkgs. */
  readonly nixpkgs: "bundled" | "as-written";
  readonly maxJobs: number | undefined;
  readonly cores: number | undefined;
  readonly sandbox: boolean;
  readonly mirrors: Readonly<Record<string, string>>;
  /** Addresses of binary caches. */
  readonly substituters: readonly string[];
  readonly trustedPublicKeys: readonly string[];
  /** File or address; undefined: Nix's own. */
  readonly flakeRegistry: string | undefined;
  /** The settings file that was read, and its stamp for caches: path, mtime in nanoseconds, size. */
  readonly stamp: string;
}

export class SettingsError extends BrumaError {}

export function settingsFile(environment: NodeJS.ProcessEnv = process.env): string {
  const base = environment.XDG_CONFIG_HOME || join(environment.HOME || homedir(), ".config");
  return join(base, "bruma", "config.toml");
}

const known = [
  "nixpkgs",
  "max-jobs",
  "cores",
  "sandbox",
  "mirrors",
  "substituters",
  "trusted-public-keys",
  "flake-registry",
];

/** A change time and size; an empty text when there is no file. */
export function fileStamp(path: string): string {
  const status = statSync(path, { bigint: true, throwIfNoEntry: false });
  return status === undefined ? "" : `${path}:${status.mtimeNs}:${status.size}`;
}

/** @throws SettingsError naming file and key */
export async function loadSettings(environment: NodeJS.ProcessEnv = process.env): Promise<Settings> {
  const file = settingsFile(environment);
  let table: Record<string, unknown> = {};
  const stamp = fileStamp(file);
  if (stamp !== "") {
    const { parse } = await import("smol-toml");
    try {
      table = parse(readFileSync(file, "utf8"));
    } catch (error) {
      throw new SettingsError(`the settings file '${file}' cannot be read: ${(error as Error).message}`, {
        cause: error,
      });
    }
  }
  const fail = (key: string, wanted: string): never => {
    throw new SettingsError(`in '${file}': '${key}' must be ${wanted}`);
  };
  for (const key of Object.keys(table)) {
    if (known.includes(key)) continue;
    const near = nearestNames(key, known);
    throw new SettingsError(`in '${file}': there is no setting '${key}'`, {
      hint: near.length > 0 ? `did you mean '${near[0]}'?` : `the settings are: ${known.join(", ")}`,
    });
  }
  const count = (key: string): number | undefined => {
    const value = table[key];
    if (value === undefined) return undefined;
    if (typeof value !== "number" || !Number.isInteger(value) || value < 0)
      fail(key, "a whole number, not negative");
    return value as number;
  };
  const texts = (key: string): string[] => {
    const value = table[key] ?? [];
    if (!Array.isArray(value) || value.some((item) => typeof item !== "string"))
      fail(key, "a list of strings");
    return value as string[];
  };
  const nixpkgs = environment.BRUMA_NIXPKGS || table.nixpkgs || "as-written";
  if (nixpkgs !== "bundled" && nixpkgs !== "as-written") {
    if (environment.BRUMA_NIXPKGS) {
      throw new SettingsError(
        `the variable BRUMA_NIXPKGS must be "bundled" or "as-written", not "${nixpkgs}"`,
      );
    }
    fail("nixpkgs", '"bundled" or "as-written"');
  }
  const sandbox = table.sandbox ?? true;
  if (typeof sandbox !== "boolean") fail("sandbox", "true or false");
  const flakeRegistry = table["flake-registry"];
  if (flakeRegistry !== undefined && typeof flakeRegistry !== "string")
    fail("flake-registry", "a file or an address");
  const mirrors: Record<string, string> = {};
  if (table.mirrors !== undefined) {
    if (typeof table.mirrors !== "object" || table.mirrors === null) fail("mirrors", "a table");
    for (const [name, url] of Object.entries(table.mirrors as object)) {
      if (typeof url !== "string") fail(`mirrors.${name}`, "an address");
      mirrors[name] = url;
    }
  }
  return {
    nixpkgs: nixpkgs as Settings["nixpkgs"],
    maxJobs: count("max-jobs"),
    cores: count("cores"),
    sandbox: sandbox as boolean,
    mirrors,
    substituters: texts("substituters"),
    trustedPublicKeys: texts("trusted-public-keys"),
    flakeRegistry: flakeRegistry as string | undefined,
    stamp,
  };
}
