/**
 * What Nix's own configuration says about evaluation: nix.conf of the system and of the user, and NIX_CONFIG. How to
 * build is bruma's own setting, for a file written for Nix must not, say, turn this program's sandbox off.
 *
 * Manual: "nix.conf", "File format" and the variables NIX_CONF_DIR, NIX_USER_CONF_FILES, NIX_CONFIG.
 */
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";

const evaluation: ReadonlySet<string> = new Set([
  "abort-on-warn",
  "allow-import-from-derivation",
  "allowed-uris",
  "lint-absolute-path-literals",
  "lint-short-path-literals",
  "lint-url-literals",
  "max-call-depth",
  "nix-path",
  "pure-eval",
  "restrict-eval",
  "show-trace",
  "trace-verbose",
]);

function apply(text: string, settings: Map<string, string>, directory: string | undefined): void {
  for (const line of text.split("\n")) {
    const [name = "", ...words] = line.replace(/#.*/, "").trim().split(/\s+/);
    if ((name === "include" || name === "!include") && directory !== undefined && words[0] !== undefined) {
      applyFile(resolve(directory, words[0]), settings);
      continue;
    }
    if (words[0] !== "=") continue;
    const value = words.slice(1).join(" ");
    const base = name.replace(/^extra-/, "");
    if (!evaluation.has(base)) continue;
    const before = base === name ? "" : `${settings.get(base) ?? ""} `;
    settings.set(base, `${before}${value}`.trim());
  }
}

function applyFile(path: string, settings: Map<string, string>): void {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return;
  }
  apply(text, settings, dirname(path));
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

let known: ReadonlyMap<string, string> | undefined;

/** A setting about evaluation, as Nix's files and NIX_CONFIG have it. Read once. */
export function configured(name: string, environment: NodeJS.ProcessEnv = process.env): string | undefined {
  if (!evaluation.has(name)) return undefined;
  known ??= readConfiguration(environment);
  return known.get(name);
}

export function readConfiguration(environment: NodeJS.ProcessEnv): ReadonlyMap<string, string> {
  const settings = new Map<string, string>();
  applyFile(`${environment.NIX_CONF_DIR || "/etc/nix"}/nix.conf`, settings);
  for (const file of userFiles(environment)) if (file !== "") applyFile(file, settings);
  apply(environment.NIX_CONFIG ?? "", settings, undefined);
  return settings;
}
