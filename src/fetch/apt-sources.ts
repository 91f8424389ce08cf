/**
 * Addresses of Debian's archive, from what apt is told on this machine and from what its packages carry.
 *
 * Both forms of apt's sources are read: one line each (`sources.list`) and deb822 (`*.sources`); sources.list(5).
 * A source counts if the Release file that apt keeps of it says it is Debian's, or, where apt keeps none, if its
 * address and component look like the main archive. A wrong guess does no harm: every file has a hash.
 */
import * as fs from "node:fs";
import { join } from "node:path";

interface Source {
  readonly uri: string;
  readonly suite: string;
  readonly components: readonly string[];
}

function readText(file: string): string | undefined {
  try {
    return fs.readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

function listDirectory(directory: string): string[] {
  try {
    return fs.readdirSync(directory).sort();
  } catch {
    return [];
  }
}

/** `deb [options] uri suite component…` */
export function parseSourcesList(text: string): Source[] {
  const sources: Source[] = [];
  for (const line of text.split("\n")) {
    const found = /^\s*deb(?:-src)?\s+(?:\[[^\]]*\]\s*)?(\S+)\s+(\S+)\s*([^#]*)/.exec(line);
    if (found === null) continue;
    sources.push({
      uri: found[1]!,
      suite: found[2]!,
      components: found[3]!.split(/\s+/).filter((word) => word !== ""),
    });
  }
  return sources;
}

/** Stanzas of `Types`, `URIs`, `Suites`, `Components`. */
export function parseDeb822Sources(text: string): Source[] {
  const sources: Source[] = [];
  for (const stanza of text.replace(/^#.*\n?/gm, "").split(/\n[ \t]*\n/)) {
    const fields = new Map<string, string[]>();
    for (const [, name, value] of stanza.matchAll(/^([A-Za-z0-9-]+):((?:.*)(?:\n[ \t].*)*)/gm)) {
      fields.set(
        name!.toLowerCase(),
        value!.split(/\s+/).filter((word) => word !== ""),
      );
    }
    if (/^(no|false|without|off|disable)$/i.test(fields.get("enabled")?.[0] ?? "")) continue;
    for (const uri of fields.get("uris") ?? []) {
      for (const suite of fields.get("suites") ?? []) {
        sources.push({ uri, suite, components: fields.get("components") ?? [] });
      }
    }
  }
  return sources;
}

/** `mirror+file:` names a file with an address a line; other methods of apt are of no use here. */
function plainAddresses(uri: string): string[] {
  const list = /^mirror\+file:(?:\/\/)?(\/.*)$/.exec(uri);
  const uris =
    list === null ? [uri] : (readText(list[1]!) ?? "").split("\n").map((line) => line.trim().split(/\s/)[0]!);
  return uris.filter((each) => /^(https?|file):\//.test(each)).map((each) => each.replace(/\/+$/, ""));
}

/** What apt's own copy of the Release file says, or undefined where it has none. */
function isDebiansOwn(root: string, uri: string, suite: string): boolean | undefined {
  const escaped = `${uri.replace(/^[a-z]+:\/\//, "").replace(/^[^@/]*@/, "")}/dists/${suite}/`.replaceAll(
    "/",
    "_",
  );
  for (const name of ["InRelease", "Release"]) {
    const text = readText(join(root, "var/lib/apt/lists", escaped + name));
    if (text === undefined) continue;
    return /^Origin: Debian$/m.test(text) && /^Label: Debian$/m.test(text);
  }
  return undefined;
}

function looksLikeMain(source: Source, uri: string): boolean {
  if (!source.components.includes("main")) return false;
  return /\/debian$/.test(uri) && !/-security|\/updates$/.test(source.suite);
}

/**
 * Addresses below which `pool/` lies, without the last slash: apt's first, then those that python-apt, debootstrap
 * and apt's examples carry. Empty where the machine knows none.
 */
export function debianArchives(systemRoot: string): string[] {
  const apt = join(systemRoot, "etc/apt");
  const sources = parseSourcesList(readText(join(apt, "sources.list")) ?? "");
  for (const name of listDirectory(join(apt, "sources.list.d"))) {
    const text = readText(join(apt, "sources.list.d", name)) ?? "";
    if (name.endsWith(".list")) sources.push(...parseSourcesList(text));
    else if (name.endsWith(".sources")) sources.push(...parseDeb822Sources(text));
  }
  const sure: string[] = [];
  const likely: string[] = [];
  for (const source of sources) {
    for (const uri of plainAddresses(source.uri)) {
      const known = isDebiansOwn(systemRoot, uri, source.suite);
      if (known === true) sure.push(uri);
      else if (known === undefined && looksLikeMain(source, uri)) likely.push(uri);
    }
  }
  return [...new Set([...sure, ...likely, ...carriedByPackages(systemRoot)])];
}

function carriedByPackages(root: string): string[] {
  const found: string[] = [];
  const info = readText(join(root, "usr/share/python-apt/templates/Debian.info")) ?? "";
  for (const stanza of info.split(/\n\s*\n/)) {
    const uri = /^BaseURI:\s*(\S+)/m.exec(stanza);
    if (uri !== null && /^Suite:\s*\{series\}\s*$/m.test(stanza)) found.push(...plainAddresses(uri[1]!));
  }
  const script = readText(join(root, "usr/share/debootstrap/scripts/sid")) ?? "";
  const mirror = /^\s*default_mirror\s+["']?([^"'\s]+)/m.exec(script);
  if (mirror !== null) found.push(...plainAddresses(mirror[1]!));
  const examples = join(root, "usr/share/doc/apt/examples");
  for (const [name, parse] of [
    ["sources.list", parseSourcesList],
    ["debian.sources", parseDeb822Sources],
  ] as const) {
    for (const source of parse(readText(join(examples, name)) ?? "")) {
      found.push(...plainAddresses(source.uri).filter((uri) => looksLikeMain(source, uri)));
    }
  }
  return found;
}
