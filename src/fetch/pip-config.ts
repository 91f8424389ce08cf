/**
 * Where pip and uv are told to find packages: their environment variables and configuration files, in their own
 * order of precedence, and the directories of files that stand beside any index.
 *
 * Not read: a project's `[tool.uv]`, which speaks of that project alone. pip's manual, "Configuration"; uv's,
 * "Configuration files" and "Package indexes".
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse as parseToml } from "smol-toml";
import type { FetchSettings } from "./settings.ts";

export interface IndexConfiguration {
  /** Simple indexes, the first one asked first. Empty: whatever pip does by default. */
  readonly indexes: readonly string[];
  /** Indexes to ask besides those (or besides the default). */
  readonly extraIndexes: readonly string[];
  /** Directories (absolute) or addresses with files. */
  readonly findLinks: readonly string[];
  /** No index at all, `findLinks` only. */
  readonly noIndex: boolean;
}

type Options = Map<string, string[]>;

/** Python's configparser, as far as pip's files use it: sections, `key = value`, continuation lines, comments. */
export function parsePipConfig(text: string): Options {
  const options: Options = new Map();
  let section = "";
  let values: string[] | undefined;
  for (const line of text.split(/\r?\n/)) {
    if (/^\s*[#;]/.test(line)) continue;
    const heading = /^\[([^\]]+)\]/.exec(line);
    if (heading !== null) {
      section = heading[1]!;
      values = undefined;
    } else if (/^\s+\S/.test(line) && values !== undefined) {
      values.push(line.trim());
    } else {
      const pair = /^([^=:\s][^=:]*?)\s*[=:]\s*(.*)$/.exec(line);
      if (pair === null) continue;
      values = pair[2]!.trim() === "" ? [] : [pair[2]!.trim()];
      options.set(`${section}.${pair[1]!.toLowerCase().replaceAll("_", "-")}`, values);
    }
  }
  return options;
}

function pipFiles(settings: FetchSettings): string[] {
  const { environment, home, systemRoot } = settings;
  if (environment.PIP_CONFIG_FILE === "/dev/null") return [];
  const shared = (environment.XDG_CONFIG_DIRS || "/etc/xdg").split(":").filter((d) => d.startsWith("/"));
  const files = [
    ...shared.reverse().map((d) => join(systemRoot, d, "pip/pip.conf")),
    join(systemRoot, "etc/pip.conf"),
    join(home, ".pip/pip.conf"),
    join(home, "Library/Application Support/pip/pip.conf"),
    join(environment.XDG_CONFIG_HOME || join(home, ".config"), "pip/pip.conf"),
  ];
  if (environment.VIRTUAL_ENV) files.push(join(environment.VIRTUAL_ENV, "pip.conf"));
  if (environment.PIP_CONFIG_FILE) files.push(environment.PIP_CONFIG_FILE);
  return files;
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

/** Sections, the ones that win last: what is said for `pip download` and `pip install` is meant for files as well. */
const sections = ["global", "download", "install"];

/** What pip's files and `PIP_…` variables say of one option; undefined if nothing. */
export function pipOption(name: string, settings: FetchSettings): string[] | undefined {
  const variable = settings.environment[`PIP_${name.toUpperCase().replaceAll("-", "_")}`];
  if (variable !== undefined && variable !== "") return variable.split(/\s+/).filter((word) => word !== "");
  let found: string[] | undefined;
  for (const section of sections) {
    for (const file of pipFiles(settings)) {
      const values = parsePipConfig(readText(file) ?? "").get(`${section}.${name}`);
      if (values !== undefined) found = values.flatMap((value) => value.split(/\s+/));
    }
  }
  return found;
}

interface UvFile {
  readonly indexes: string[];
  readonly extra: string[];
  readonly findLinks: string[];
}

function uvFile(settings: FetchSettings): UvFile {
  const { environment, home, systemRoot } = settings;
  const result: UvFile = { indexes: [], extra: [], findLinks: [] };
  const files = environment.UV_CONFIG_FILE
    ? [environment.UV_CONFIG_FILE]
    : environment.UV_NO_CONFIG
      ? []
      : [
          join(environment.XDG_CONFIG_HOME || join(home, ".config"), "uv/uv.toml"),
          join(systemRoot, "etc/xdg/uv/uv.toml"),
          join(systemRoot, "etc/uv/uv.toml"),
        ];
  for (const file of files) {
    const text = readText(file);
    if (text === undefined) continue;
    let table: Record<string, unknown>;
    try {
      table = parseToml(text);
    } catch {
      continue; // uv itself will say so to whoever runs it
    }
    const pip = (typeof table.pip === "object" && table.pip !== null ? table.pip : {}) as Record<
      string,
      unknown
    >;
    const texts = (value: unknown): string[] =>
      (Array.isArray(value) ? value : [value]).filter((v): v is string => typeof v === "string");
    for (const each of Array.isArray(table.index) ? (table.index as Record<string, unknown>[]) : []) {
      if (typeof each?.url !== "string" || each.explicit === true) continue;
      (each.default === true ? result.indexes : result.extra).push(each.url);
    }
    for (const from of [pip, table]) {
      result.indexes.push(...texts(from["index-url"]));
      result.extra.push(...texts(from["extra-index-url"]));
      result.findLinks.push(...texts(from["find-links"]));
    }
  }
  return result;
}

/** `name=url` → url */
const withoutName = (index: string) => index.replace(/^[A-Za-z0-9_.-]+=(?=[a-z]+:\/\/)/, "");
const words = (text: string | undefined) => (text ?? "").split(/[\s,]+/).filter((word) => word !== "");

export function indexConfiguration(settings: FetchSettings): IndexConfiguration {
  const { environment } = settings;
  const uv = uvFile(settings);
  const indexes = [
    ...words(environment.UV_DEFAULT_INDEX).map(withoutName),
    ...words(environment.UV_INDEX_URL),
    ...uv.indexes,
    ...(pipOption("index-url", settings) ?? []),
  ];
  const extraIndexes = [
    ...words(environment.UV_INDEX).map(withoutName),
    ...words(environment.UV_EXTRA_INDEX_URL),
    ...uv.extra,
    ...(pipOption("extra-index-url", settings) ?? []),
  ];
  const findLinks = [
    ...words(environment.UV_FIND_LINKS),
    ...uv.findLinks,
    ...(pipOption("find-links", settings) ?? []),
  ];
  const web = (each: string) => /^(https?|file):/.test(each);
  return {
    indexes: [...new Set(indexes.filter(web))],
    extraIndexes: [...new Set(extraIndexes.filter(web))],
    findLinks: [...new Set(findLinks.filter((each) => each.startsWith("/") || web(each)))],
    noIndex: /^(1|true|yes|on)$/i.test(pipOption("no-index", settings)?.[0] ?? environment.UV_NO_INDEX ?? ""),
  };
}
