/**
 * Passwords for hosts from a netrc file, in curl's and ftp(1)'s format: `machine H login L password P`, `default`.
 *
 * Macro definitions (`macdef`) are skipped to the next empty line. Quoted values are understood as curl does.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { FetchSettings } from "./settings.ts";

export interface Credentials {
  readonly login: string;
  readonly password: string;
}

/** Machine → credentials; `default` stands under the empty name. Text that is no netrc gives an empty map. */
export function parseNetrc(text: string): Map<string, Credentials> {
  const machines = new Map<string, Credentials>();
  const body = text.replace(/^macdef[^\n]*\n(?:[^\n]+\n)*/gm, "").replace(/^[ \t]*#.*$/gm, "");
  const words = [...body.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map((m) =>
    m[1] === undefined ? m[2]! : m[1].replace(/\\(.)/g, "$1"),
  );
  let machine: string | undefined;
  let login = "";
  let password = "";
  const keep = () => {
    // The first entry of a name wins, as in curl.
    if (machine !== undefined && !machines.has(machine)) machines.set(machine, { login, password });
  };
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    if (word === "machine" || word === "default") {
      keep();
      machine = word === "default" ? "" : (words[++i] ?? "").toLowerCase();
      login = "";
      password = "";
    } else if (word === "login") login = words[++i] ?? "";
    else if (word === "password") password = words[++i] ?? "";
    else if (word === "account") i++;
  }
  keep();
  return machines;
}

/** The credentials for a host: from `$NETRC`, `~/.netrc`, then Nix's /etc/nix/netrc. */
export function netrcCredentials(host: string, settings: FetchSettings): Credentials | undefined {
  const files = [
    settings.environment.NETRC || join(settings.home, ".netrc"),
    join(settings.systemRoot, "etc/nix/netrc"),
  ];
  for (const file of files) {
    let text: string;
    try {
      text = readFileSync(file, "utf8");
    } catch {
      continue; // absent or not ours to read: the request goes without
    }
    const machines = parseNetrc(text);
    const found = machines.get(host.toLowerCase()) ?? machines.get("");
    if (found !== undefined) return found;
  }
  return undefined;
}
