/**
 * What Nix's own configuration says about evaluation: nix.conf of the system and of the user, and NIX_CONFIG. How to
 * build is bruma's own setting, for a file written for Nix must not, say, turn this program's sandbox off. All of it
 * is checked, as Nix does, lest a slip of the pen go unseen.
 *
 * Manual: "nix.conf", "File format" and the variables NIX_CONF_DIR, NIX_USER_CONF_FILES, NIX_CONFIG.
 */
import { readFileSync } from "node:fs";
import { dirname, isAbsolute, resolve } from "node:path";
import { CommandError, UsageError } from "./cli-error.ts";
import { findSetting, settingFault } from "./nix-settings.ts";

const evaluation: ReadonlySet<string> = new Set([
  "abort-on-warn",
  "allow-dirty",
  "allow-import-from-derivation",
  "allowed-uris",
  "download-attempts",
  "eval-system",
  "experimental-features",
  "lint-absolute-path-literals",
  "lint-short-path-literals",
  "lint-url-literals",
  "max-call-depth",
  "nix-path",
  "pure-eval",
  "restrict-eval",
  "show-trace",
  "system",
  "tarball-ttl",
  "trace-import-from-derivation",
  "trace-verbose",
  "warn-dirty",
  "warn-short-path-literals",
]);

export interface Configuration {
  /** Settings about evaluation, by their present names. */
  readonly settings: ReadonlyMap<string, string>;
  /** Names that are no settings. */
  readonly unknown: ReadonlySet<string>;
}

class Reader implements Configuration {
  readonly settings = new Map<string, string>();
  readonly unknown = new Set<string>();

  /** @param place the file's path, or the variable's name */
  apply(text: string, place: string): void {
    for (const line of text.split("\n")) {
      // Most lines; the expressions below cost more than reading the file.
      if (line === "" || line.startsWith("#")) continue;
      const [name = "", second, ...words] = line.replace(/#.*/, "").trim().split(/\s+/);
      if (name === "") continue;
      if ((name === "include" || name === "!include") && second !== undefined && words.length === 0) {
        this.#include(second, place, name === "include");
        continue;
      }
      if (second !== "=") throw new UsageError(`syntax error in configuration line '${line}' in "${place}"`);
      this.#set(name, words.join(" "));
    }
  }

  #include(file: string, place: string, mustExist: boolean): void {
    if (!isAbsolute(file) && !isAbsolute(place)) throw new CommandError(`not an absolute path: "${file}"`);
    const path = resolve(dirname(place), file);
    if (!this.applyFile(path) && mustExist)
      throw new CommandError(`file "${path}" included from "${place}" not found`);
  }

  /** @returns whether it is there */
  applyFile(path: string): boolean {
    let text: string;
    try {
      text = readFileSync(path, "utf8");
    } catch {
      return false;
    }
    this.apply(text, path);
    return true;
  }

  #set(name: string, value: string): void {
    const setting = findSetting(name);
    if (setting === undefined) {
      this.unknown.add(name);
      return;
    }
    const fault = settingFault(setting, value);
    if (fault !== undefined) throw new UsageError(fault);
    if (!evaluation.has(setting.name)) return;
    const before = setting.adds ? `${this.settings.get(setting.name) ?? ""} ` : "";
    this.settings.set(setting.name, `${before}${value}`.trim());
  }
}

function userFiles(environment: NodeJS.ProcessEnv): string[] {
  const { HOME = "", NIX_USER_CONF_FILES } = environment;
  if (NIX_USER_CONF_FILES !== undefined) return NIX_USER_CONF_FILES.split(":").reverse();
  const directories = [
    environment.XDG_CONFIG_HOME || `${HOME}/.config`,
    ...(environment.XDG_CONFIG_DIRS || "/etc/xdg").split(":"),
  ];
  // The first one wins, so it is read last.
  return directories.reverse().map((directory) => `${directory}/nix/nix.conf`);
}

let known: Configuration | undefined;

/** This process's. Read once. @throws UsageError, CommandError as `readConfiguration` */
export function configuration(): Configuration {
  known ??= readConfiguration(process.env);
  return known;
}

/** A setting about evaluation, as Nix's files and NIX_CONFIG have it. */
export function configured(name: string): string | undefined {
  return evaluation.has(name) ? configuration().settings.get(name) : undefined;
}

/** @throws UsageError for lines and values that cannot be, CommandError for a file that must be included and is not */
export function readConfiguration(environment: NodeJS.ProcessEnv): Configuration {
  const reader = new Reader();
  reader.applyFile(`${environment.NIX_CONF_DIR || "/etc/nix"}/nix.conf`);
  for (const file of userFiles(environment)) if (file !== "") reader.applyFile(file);
  reader.apply(environment.NIX_CONFIG ?? "", "NIX_CONFIG");
  return reader;
}
