/**
 * `github`, `gitlab` and `sourcehut` inputs: a commit's tree as an archive from the host, without its history.
 *
 * A branch or tag is resolved to a commit through the host's interface and kept for `ttl` seconds. Tokens for
 * private repositories come from `access-tokens` in Nix's configuration files. Manual: `fetchTree`, "GitHub".
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { toText } from "../format/bytes.ts";
import { hashBytes } from "../format/hash.ts";
import { readAnswer, writeAnswer } from "./answer-cache.ts";
import { FetchError } from "./error.ts";
import type { FetchContext, InputAttributes } from "./fetch-context.ts";
import {
  addLastModified,
  addRevision,
  allowAttributes,
  expectedNarHash,
  type FetchInfo,
  integerAttribute,
  lockedTree,
  result,
  type SchemeResult,
  textAttribute,
} from "./fetched-tree.ts";
import { httpGet, readBody } from "./http.ts";
import type { FetchSettings } from "./settings.ts";
import { fetchTarballTree } from "./tarball.ts";

interface Repository {
  readonly type: string;
  readonly host: string;
  readonly owner: string;
  readonly repo: string;
  readonly token: string | undefined;
}

/** `access-tokens = host=token …` in Nix's own configuration. */
export function accessToken(
  host: string,
  owner: string,
  repo: string,
  settings: FetchSettings,
): string | undefined {
  const { environment, home, systemRoot } = settings;
  const files = [
    join(environment.XDG_CONFIG_HOME || join(home, ".config"), "nix/nix.conf"),
    join(systemRoot, "etc/nix/nix.conf"),
  ];
  const texts = [environment.NIX_CONFIG ?? ""];
  for (const file of files) {
    try {
      texts.push(readFileSync(file, "utf8"));
    } catch {
      // not there
    }
  }
  const tokens = new Map<string, string>();
  for (const text of texts) {
    for (const [, value] of text.matchAll(/^\s*(?:extra-)?access-tokens\s*=\s*(.*)$/gm)) {
      for (const [, place, token] of value!.matchAll(/([^\s=]+)=(\S+)/g)) {
        if (!tokens.has(place!)) tokens.set(place!, token!);
      }
    }
  }
  return tokens.get(`${host}/${owner}/${repo}`) ?? tokens.get(`${host}/${owner}`) ?? tokens.get(host);
}

function authorization({ type, token }: Repository): Record<string, string> {
  if (token === undefined) return {};
  if (type === "github") return { Authorization: `token ${token}` };
  if (type === "gitlab") {
    const [kind, ...rest] = token.split(":");
    return kind === "PAT"
      ? { "Private-token": rest.join(":") }
      : { Authorization: `Bearer ${rest.join(":") || token}` };
  }
  return { Authorization: `Bearer ${token}` };
}

async function getText(url: string, repository: Repository, settings: FetchSettings): Promise<string> {
  const response = await httpGet({ url, headers: authorization(repository), compressed: true }, settings);
  const body = (await readBody(response, 64 * 2 ** 20)).toString("utf8");
  if (response.status === 200) return body;
  const limited = response.status === 403 || response.status === 429;
  throw new FetchError(`unable to download '${url}': HTTP status ${response.status}`, {
    attempts: [{ url, status: response.status, reason: `HTTP status ${response.status}` }],
    hint: limited
      ? "The host limits requests without a token: put `access-tokens = HOST=TOKEN` into ~/.config/nix/nix.conf."
      : response.status === 404
        ? "Is the repository private? Put `access-tokens = HOST=TOKEN` into ~/.config/nix/nix.conf."
        : undefined,
  });
}

async function resolveRevision(
  repository: Repository,
  ref: string,
  settings: FetchSettings,
): Promise<string> {
  const { type, host, owner, repo } = repository;
  const key = `rev:${type}:${host}/${owner}/${repo}#${ref}`;
  const kept = readAnswer(key, settings);
  if (kept?.rev !== undefined && (kept.fresh || settings.offline)) return kept.rev;
  let rev: unknown;
  if (type === "github") {
    const api = host === "github.com" ? "https://api.github.com" : `https://${host}/api/v3`;
    const text = await getText(
      `${api}/repos/${owner}/${repo}/commits/${encodeURIComponent(ref)}`,
      repository,
      settings,
    );
    rev = (JSON.parse(text) as { sha?: unknown }).sha;
  } else if (type === "gitlab") {
    const project = encodeURIComponent(`${owner}/${repo}`);
    const text = await getText(
      `https://${host}/api/v4/projects/${project}/repository/commits?ref_name=${encodeURIComponent(ref)}`,
      repository,
      settings,
    );
    rev = (JSON.parse(text) as { id?: unknown }[])[0]?.id;
  } else {
    rev = await sourcehutRevision(repository, ref, settings);
  }
  if (typeof rev !== "string" || !/^[0-9a-f]{40}$/.test(rev)) {
    throw new FetchError(`'${type}:${owner}/${repo}' has no branch or tag '${ref}'`);
  }
  writeAnswer(key, { hash: hashBytes("sha256", rev), rev }, settings);
  return rev;
}

async function sourcehutRevision(
  repository: Repository,
  ref: string,
  settings: FetchSettings,
): Promise<string | undefined> {
  const { host, owner, repo } = repository;
  const base = `https://${host}/${owner}/${repo}`;
  let wanted = ref;
  if (ref === "HEAD") {
    const head = /^ref: (\S+)/.exec(await getText(`${base}/HEAD`, repository, settings));
    if (head === null) return undefined;
    wanted = head[1]!;
  }
  const names = wanted.startsWith("refs/") ? [wanted] : [`refs/heads/${wanted}`, `refs/tags/${wanted}`];
  for (const line of (await getText(`${base}/info/refs`, repository, settings)).split("\n")) {
    const [rev, name] = line.split(/\s+/);
    if (name !== undefined && names.includes(name)) return rev;
  }
  return undefined;
}

function archiveUrl({ type, host, owner, repo, token }: Repository, rev: string): string {
  switch (type) {
    case "github":
      if (host !== "github.com") return `https://${host}/api/v3/repos/${owner}/${repo}/tarball/${rev}`;
      return token === undefined
        ? `https://github.com/${owner}/${repo}/archive/${rev}.tar.gz`
        : `https://api.github.com/repos/${owner}/${repo}/tarball/${rev}`;
    case "gitlab":
      return `https://${host}/api/v4/projects/${encodeURIComponent(`${owner}/${repo}`)}/repository/archive.tar.gz?sha=${rev}`;
    default:
      return `https://${host}/${owner}/${repo}/archive/${rev}.tar.gz`;
  }
}

const defaultHosts: Record<string, string> = {
  github: "github.com",
  gitlab: "gitlab.com",
  sourcehut: "git.sr.ht",
};

export async function fetchHostedInput(
  attributes: InputAttributes,
  context: FetchContext,
): Promise<SchemeResult> {
  const type = textAttribute(attributes, "type")!;
  allowAttributes(attributes, type, ["owner", "repo", "ref", "rev", "host", "lastModified", "treeHash"]);
  const locked = await lockedTree(attributes, context);
  if (locked !== undefined) return locked;
  const part = (name: string): string => {
    const value = textAttribute(attributes, name);
    if (value === undefined) throw new FetchError(`attribute '${name}' is missing`);
    // Groups of gitlab are written with %2F; nothing else may change the address's meaning.
    const text = toText(value).replaceAll("%2F", "/");
    if (!/^[A-Za-z0-9~._/-]+$/.test(text) || text.split("/").includes("..")) {
      throw new FetchError(`input attribute '${name}' of a ${type} input cannot be '${text}'`);
    }
    return text;
  };
  const host = textAttribute(attributes, "host") ?? defaultHosts[type]!;
  if (!/^[A-Za-z0-9.-]+(:\d+)?$/.test(host)) throw new FetchError(`'${toText(host)}' is no host name`);
  const owner = part("owner");
  const repo = part("repo");
  const repository: Repository = {
    type,
    host,
    owner,
    repo,
    token: accessToken(host, owner, repo, context.settings),
  };
  const givenRev = textAttribute(attributes, "rev");
  const ref = textAttribute(attributes, "ref");
  if (givenRev !== undefined && !/^[0-9a-f]{40}$/.test(givenRev)) {
    throw new FetchError(`'${toText(givenRev)}' is no Git commit hash`);
  }
  const rev = givenRev ?? (await resolveRevision(repository, toText(ref ?? "HEAD"), context.settings));
  const name = textAttribute(attributes, "name") ?? "source";
  const expected = expectedNarHash(attributes);
  const url = archiveUrl(repository, rev);
  const tree = await fetchTarballTree(url, name, expected, context, authorization(repository));
  const info: FetchInfo = new Map([["narHash", tree.narHash.toSri()]]);
  addRevision(info, rev);
  addLastModified(info, Number(integerAttribute(attributes, "lastModified") ?? BigInt(tree.lastModified)));
  return result(tree.path as Parameters<typeof result>[0], info, new Map([["ref", undefined]]));
}
