/**
 * What `mirror://NAME/PATH` stands for on this machine. No registry's address is written in bruma: a setting, then
 * the configuration of apt, pip and uv, then what those programs themselves carry.
 *
 *     mirror://debian/pool/main/…            a file below Debian's archive
 *     mirror://pypi/<letter>/<project>/<file>   looked up in the simple index by project and file name
 *     mirror://NAME/…                        below the setting `mirrors.NAME`
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { debianArchives } from "./apt-sources.ts";
import { type Attempt, FetchError, MirrorError, withoutCredentials } from "./error.ts";
import type { ProgressSink } from "./events.ts";
import { indexConfiguration } from "./pip-config.ts";
import { defaultIndex } from "./pip-default.ts";
import type { FetchSettings } from "./settings.ts";
import { findInIndex } from "./simple-index.ts";

/** The environment variable that mirrors the setting `mirrors.NAME`. */
function variableFor(name: string): string {
  return `BRUMA_MIRRORS_${name.toUpperCase().replace(/[^A-Z0-9]/g, "_")}`;
}

function configured(name: string, settings: FetchSettings): string[] {
  const text = settings.environment[variableFor(name)] || settings.mirrors[name] || "";
  return text
    .split(/\s+/)
    .filter((word) => word !== "")
    .map((word) => (word.startsWith("/") ? pathToFileURL(word).href : word).replace(/\/+$/, ""));
}

/** Where Debian's `pool/` lies: as set, else as the machine knows. */
function debianBases(settings: FetchSettings): string[] {
  const set = configured("debian", settings);
  return set.length > 0 ? set : debianArchives(settings.systemRoot);
}

function settingHint(name: string, what: string): string {
  return `Set ${what}: '${name}' under [mirrors] in the settings file, or ${variableFor(name)}.`;
}

/** `pypi/<letter>/<project>/<file>` without the first part → project and file name, undefined if it is not so. */
export function parsePypiPath(path: string): { project: string; filename: string } | undefined {
  const parts = path.split("/").map(decodeURIComponent);
  const [letter, project, filename] = parts;
  if (parts.length !== 3 || !letter || !project || !filename) return undefined;
  if (/[/\\]|^\.+$/.test(project) || /[/\\]|^\.+$/.test(filename)) return undefined;
  return { project, filename };
}

/**
 * The addresses to try for a URL, in order; the URL itself if it is no `mirror://` one.
 * @throws MirrorError if none is known, saying which setting would help
 */
export async function resolveMirrors(
  url: string,
  settings: FetchSettings,
  sink?: ProgressSink,
): Promise<readonly string[]> {
  if (!/^mirror:/i.test(url)) return [url];
  const parts = /^mirror:\/\/([A-Za-z0-9_-]+)\/+(.+)$/i.exec(url);
  if (parts === null) {
    throw new MirrorError(`'${url}' is no mirror address: they are written mirror://NAME/PATH`);
  }
  const name = parts[1]!.toLowerCase();
  const path = parts[2]!;
  if (path.split("/").some((part) => part === ".." || part === ".")) {
    throw new MirrorError(`'${url}' is no mirror address: its path has a '.' or '..'`);
  }
  if (name === "pypi") return await resolvePypi(url, path, settings, sink);
  const bases = name === "debian" ? debianBases(settings) : configured(name, settings);
  if (bases.length === 0) {
    if (name === "debian") {
      throw new MirrorError(
        `no address is known for '${url}': apt is not configured for Debian's archive here`,
        {
          hint: settingHint(name, "the address of a Debian archive (the directory that holds pool/)"),
        },
      );
    }
    throw new MirrorError(`no address is known for '${url}'`, {
      hint: settingHint(name, `the address that 'mirror://${name}/' stands for`),
    });
  }
  return bases.map((base) => `${base}/${path}`);
}

async function resolvePypi(
  url: string,
  path: string,
  settings: FetchSettings,
  sink: ProgressSink | undefined,
): Promise<readonly string[]> {
  const parsed = parsePypiPath(path);
  if (parsed === undefined) {
    throw new MirrorError(
      `'${url}' is no address of a Python package: mirror://pypi/<letter>/<project>/<file>`,
    );
  }
  const { project, filename } = parsed;
  const set = configured("pypi", settings);
  const config =
    set.length > 0
      ? { indexes: set, extraIndexes: [], findLinks: [], noIndex: false }
      : indexConfiguration(settings);
  const candidates: string[] = [];
  for (const place of config.findLinks) {
    if (place.startsWith("/") && existsSync(join(place, filename))) {
      candidates.push(pathToFileURL(join(place, filename)).href);
    }
  }
  // A file that lies beside is bytes of the same hash; no index need be asked.
  if (candidates.length > 0 && (settings.offline || config.noIndex)) return candidates;
  const attempts: Attempt[] = [];
  let hint: string | undefined;
  const indexes = config.noIndex
    ? []
    : [
        ...(config.indexes.length > 0
          ? config.indexes
          : [await defaultIndex(settings, () => debianBases(settings), sink)]),
        ...config.extraIndexes,
      ];
  for (const index of indexes) {
    try {
      candidates.push(await findInIndex(index, project, filename, settings));
      return candidates;
    } catch (error) {
      if (!(error instanceof FetchError)) throw error;
      hint ??= error.hint;
      attempts.push(
        ...(error.attempts.length > 0
          ? error.attempts
          : [{ url: withoutCredentials(index), reason: error.message }]),
      );
    }
  }
  if (candidates.length > 0) return candidates;
  throw new MirrorError(`'${filename}' of '${project}' is in none of the package indexes`, {
    attempts,
    hint: hint ?? (config.noIndex ? "pip or uv is told to use no index (no-index)." : undefined),
  });
}
