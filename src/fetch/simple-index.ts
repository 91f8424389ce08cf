/**
 * Finds a file in a simple package index (PEP 503 as HTML, PEP 691 as JSON).
 *
 * What an index answers is kept for the settings' `ttl`, and asked anew when the wanted file is not in it. Names
 * are compared exactly first, then as PEP 625 spells them, since older expressions guess `Flask-1.0.tar.gz` for what
 * is now `flask-1.0.tar.gz`; the hash decides whether it was meant.
 */
import * as fs from "node:fs";
import { join } from "node:path";
import { sha256Base16 } from "../format/sha256.ts";
import { FetchError, withoutCredentials } from "./error.ts";
import { httpGet, readBody } from "./http.ts";
import type { FetchSettings } from "./settings.ts";

const maxAnswer = 256 * 2 ** 20;
const accept =
  "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.01";

/** PEP 503's form of a project's name. */
export function normalizeProjectName(name: string): string {
  return name.replace(/[-_.]+/g, "-").toLowerCase();
}

/** File name → address. */
export type IndexPage = ReadonlyMap<string, string>;

const entities: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function unescapeHtml(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) => {
    if (name !== undefined) return entities[name.toLowerCase()] ?? whole;
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

function withoutComments(html: string): string {
  const kept: string[] = [];
  for (let at = 0; ; ) {
    const start = html.indexOf("<!--", at);
    const end = start < 0 ? -1 : html.indexOf("-->", start + 4);
    if (end < 0) return kept.join("") + html.slice(at, start < 0 ? undefined : start);
    kept.push(html.slice(at, start));
    at = end + 3;
  }
}

/** A link and its plain text. Values in quotes may hold `>`, as `data-requires-python` does on some indexes. */
const anchor = /<a((?:\s+[^\s"'<>=]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'<>]+))?)*)\s*>([^<]*)/gi;

/** @param base address of the page, for relative links. @throws FetchError if it is neither form */
export function parseIndexPage(body: string, contentType: string, base: string): IndexPage {
  const files = new Map<string, string>();
  const add = (name: string, link: string, from: string) => {
    let url: URL;
    try {
      url = new URL(link, from);
    } catch {
      return; // one bad link does not spoil the others
    }
    url.hash = "";
    if (/^(https?|file):$/.test(url.protocol) && !files.has(name)) files.set(name, url.href);
  };
  if (/json/.test(contentType)) {
    let page: unknown;
    try {
      page = JSON.parse(body);
    } catch (cause) {
      throw new FetchError(`the index page '${withoutCredentials(base)}' is not JSON`, { cause });
    }
    const list = (page as { files?: unknown }).files;
    if (!Array.isArray(list))
      throw new FetchError(`the index page '${withoutCredentials(base)}' has no files`);
    for (const file of list as { filename?: unknown; url?: unknown }[]) {
      if (typeof file?.filename === "string" && typeof file.url === "string")
        add(file.filename, file.url, base);
    }
    return files;
  }
  const html = withoutComments(body);
  const href = /<base\s[^>]*\bhref\s*=\s*(?:"([^"]*)"|'([^']*)')/i.exec(html);
  const root = href === null ? base : new URL(unescapeHtml(href[1] ?? href[2] ?? ""), base).href;
  for (const [, attributes, text] of html.matchAll(anchor)) {
    const found = /(?:^|\s)href\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'<>]+))/i.exec(attributes!);
    if (found === null) continue;
    const target = unescapeHtml(found[1] ?? found[2] ?? found[3]!);
    const last = /([^/?#]+)(?:[?#].*)?$/.exec(target);
    add(unescapeHtml(text!).trim(), target, root);
    if (last !== null) add(safeDecode(last[1]!), target, root);
  }
  return files;
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** `Flask-1.0.tar.gz` and `flask-1.0.tar.gz` are the same to this. */
function spelling(filename: string): string {
  const end = /(\.tar\.(?:gz|bz2|xz)|\.[a-z0-9]+)$/i.exec(filename)?.[0] ?? "";
  return normalizeProjectName(filename.slice(0, filename.length - end.length)) + end.toLowerCase();
}

/** The address of a file on a page, or undefined. */
export function findOnPage(page: IndexPage, filename: string): string | undefined {
  const exact = page.get(filename);
  if (exact !== undefined) return exact;
  const wanted = spelling(filename);
  for (const [name, url] of page) if (spelling(name) === wanted) return url;
  return undefined;
}

interface CachedPage {
  readonly url: string;
  readonly time: number;
  readonly files: readonly (readonly [string, string])[];
}

function cacheFile(pageUrl: string, settings: FetchSettings): string {
  const key = sha256Base16(Buffer.from(pageUrl)).slice(0, 40);
  return join(settings.cacheDirectory, "simple", `${key}.json`);
}

function readCache(pageUrl: string, settings: FetchSettings): CachedPage | undefined {
  try {
    const page = JSON.parse(fs.readFileSync(cacheFile(pageUrl, settings), "utf8")) as CachedPage;
    return page.url === withoutCredentials(pageUrl) ? page : undefined;
  } catch {
    return undefined; // absent, or cut short by a crash: asked anew
  }
}

function writeCache(pageUrl: string, page: IndexPage, settings: FetchSettings): void {
  const file = cacheFile(pageUrl, settings);
  const temporary = `${file}.${process.pid}.tmp`;
  const content: CachedPage = { url: withoutCredentials(pageUrl), time: Date.now(), files: [...page] };
  try {
    fs.mkdirSync(join(settings.cacheDirectory, "simple"), { recursive: true });
    fs.writeFileSync(temporary, JSON.stringify(content), { mode: 0o600 });
    fs.renameSync(temporary, file);
  } catch {
    // A cache that cannot be written costs time only.
  }
}

/**
 * The address of `filename` of `project` in an index.
 * @param index address of the index, with or without last slash, possibly with credentials
 * @throws FetchError if the index has no such file or does not answer
 */
export async function findInIndex(
  index: string,
  project: string,
  filename: string,
  settings: FetchSettings,
): Promise<string> {
  const pageUrl = `${index.replace(/\/+$/, "")}/${normalizeProjectName(project)}/`;
  const shown = withoutCredentials(pageUrl);
  const kept = readCache(pageUrl, settings);
  if (kept !== undefined && (settings.offline || Date.now() - kept.time < settings.ttl * 1000)) {
    const found = findOnPage(new Map(kept.files), filename);
    if (found !== undefined) return withCredentialsOf(pageUrl, found);
  }
  const page = await askIndex(pageUrl, shown, project, settings);
  writeCache(pageUrl, page, settings);
  const found = findOnPage(page, filename);
  if (found === undefined) {
    const reason = `the index has ${page.size} files of '${project}', but no '${filename}'`;
    throw new FetchError(`${shown}: ${reason}`, { attempts: [{ url: shown, reason }] });
  }
  return withCredentialsOf(pageUrl, found);
}

async function askIndex(
  pageUrl: string,
  shown: string,
  project: string,
  settings: FetchSettings,
): Promise<IndexPage> {
  for (let attempt = 1; ; attempt++) {
    let reason: string;
    let passing: boolean;
    let hint: string | undefined;
    let status: number | undefined;
    try {
      const response = await httpGet(
        { url: pageUrl, headers: { Accept: accept }, compressed: true },
        settings,
      );
      const body = await readBody(response, maxAnswer);
      if (response.status === 200) {
        return parseIndexPage(body.toString("utf8"), response.headers["content-type"] ?? "", response.url);
      }
      status = response.status;
      passing = status === 429 || status >= 500;
      reason =
        status === 404
          ? `the index does not know '${project}'`
          : `the index answers with HTTP status ${status}`;
      if (status === 401 || status === 403)
        hint = "Put the index's login and password in ~/.netrc or in its URL.";
    } catch (error) {
      if (!(error instanceof FetchError)) throw error;
      reason = error.message;
      hint = error.hint;
      passing = "passing" in error && error.passing === true;
    }
    if (!passing || attempt >= settings.attempts) {
      throw new FetchError(`${shown}: ${reason}`, { hint, attempts: [{ url: shown, status, reason }] });
    }
    await new Promise((resolve) => setTimeout(resolve, settings.retryDelay * 2 ** (attempt - 1)));
  }
}

/** A file on the index's own host is asked for with the index's password. */
function withCredentialsOf(index: string, file: string): string {
  const from = new URL(index);
  const to = new URL(file);
  if (from.username === "" || from.origin !== to.origin || to.username !== "") return file;
  to.username = from.username;
  to.password = from.password;
  return to.href;
}
