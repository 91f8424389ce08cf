/**
 * What each kind of input (`path`, `git`, `tarball`, `file`, `github`, …) has for attributes, and how a URL stands for
 * them. Fetching is the world's. Manual: `fetchTree`, "Flake references".
 *
 * UrlError: not a URL of a kind that can be an input's, so that it may still be a path. EvaluationError: a mistake.
 */
import type { ByteString } from "../format/bytes.ts";
import { FormatError } from "../format/format-error.ts";
import { isCommitHash, isLegalRefName } from "../format/git-names.ts";
import { parseHash, parsePrefixedHash, parseUnprefixedHash } from "../format/hash.ts";
import { parseUrl, segmentsToPath, showUrl, splitScheme, type Url, UrlError } from "../format/url.ts";
import type { ErrorMaker, FlakeAttributes } from "./flake-reference.ts";

type MutableAttributes = Map<ByteString, ByteString | bigint | boolean>;

const download = ["url", "narHash", "name", "unpack", "rev", "revCount", "lastModified"];
const hosted = ["owner", "repo", "ref", "rev", "narHash", "lastModified", "host", "treeHash"];
const gitTexts = ["rev", "ref", "keytype", "publicKey", "publicKeys"];
const gitFlags = ["shallow", "submodules", "lfs", "exportIgnore", "allRefs", "verifyCommit"];
const gitOthers = ["url", "lastModified", "revCount", "narHash", "name", "dirtyRev", "dirtyShortRev"];

const allowed: Readonly<Record<string, readonly string[]>> = {
  file: download,
  git: [...gitTexts, ...gitFlags, ...gitOthers],
  github: hosted,
  gitlab: hosted,
  hg: ["url", "ref", "rev", "revCount", "narHash", "name"],
  indirect: ["id", "ref", "rev", "narHash"],
  path: ["path", "rev", "revCount", "lastModified", "narHash"],
  sourcehut: hosted,
  tarball: download,
};
const hosts = ["github", "gitlab", "sourcehut"];
const archive = /\.(zip|tar|tgz|tar\.gz|tar\.xz|tar\.bz2|tar\.zst)$/;

/** Attributes as messages show them: JSON on one line. */
export function showAttributes(attrs: FlakeAttributes): ByteString {
  const items = [...attrs].sort(([a], [b]) => (a < b ? -1 : 1));
  const shown = items.map(
    ([name, value]) =>
      `${JSON.stringify(name)}:${typeof value === "string" ? JSON.stringify(value) : String(value)}`,
  );
  return `{${shown.join(",")}}`;
}

function text(ev: ErrorMaker, attrs: FlakeAttributes, name: string): ByteString | undefined {
  const value = attrs.get(name);
  if (value === undefined || typeof value === "string") return value;
  throw ev.error(`input attribute '${name}' is not a string ${showAttributes(attrs)}`);
}

function needed(ev: ErrorMaker, attrs: FlakeAttributes, name: string): ByteString {
  const value = text(ev, attrs, name);
  if (value === undefined) throw ev.error(`input attribute '${name}' is missing`);
  return value;
}

function integer(ev: ErrorMaker, attrs: FlakeAttributes, name: string): bigint | undefined {
  const value = attrs.get(name);
  if (value === undefined || typeof value === "bigint") return value;
  throw ev.error(`input attribute '${name}' is not an integer`);
}

function flag(ev: ErrorMaker, attrs: FlakeAttributes, name: string): boolean {
  const value = attrs.get(name) ?? false;
  if (typeof value === "boolean") return value;
  throw ev.error(`input attribute '${name}' is not a Boolean`);
}

/** Runs something that may throw an error of the format floor, with the evaluator's errors instead. */
export function formatErrors<T>(ev: ErrorMaker, body: () => T): T {
  try {
    return body();
  } catch (error) {
    throw error instanceof FormatError && !(error instanceof UrlError) ? ev.error(error.bytes) : error;
  }
}

/** The commit in base 16, whatever notation it is given in. */
export function revisionOf(ev: ErrorMaker, attrs: FlakeAttributes): ByteString | undefined {
  const rev = text(ev, attrs, "rev");
  if (rev === undefined || /^[0-9a-f]{64}$/.test(rev)) return rev;
  return formatErrors(ev, () =>
    (/[:-]/.test(rev) ? parsePrefixedHash(rev) : parseUnprefixedHash(rev, "sha1")).toBase16(),
  );
}

/** The NAR hash in SRI notation; an empty text stands for zeros. */
export function narHashOf(ev: ErrorMaker, attrs: FlakeAttributes): ByteString | undefined {
  const hash = text(ev, attrs, "narHash");
  if (hash === undefined) return undefined;
  if (hash === "") return `sha256-${"A".repeat(43)}=`;
  if (!hash.includes("-")) throw ev.error(`hash '${hash}' is not SRI`);
  const parsed = formatErrors(ev, () => parseHash(hash));
  if (parsed.algorithm !== "sha256") throw ev.error("narHash must use SHA-256");
  return parsed.toSri();
}

/**
 * The input with these attributes; one of a kind that is not known passes.
 * @throws EvaluationError, UrlError
 */
export function checkInput(ev: ErrorMaker, attrs: FlakeAttributes): FlakeAttributes {
  const type = text(ev, attrs, "type");
  if (type === undefined)
    throw ev.error("'type' attribute to specify input scheme is required but not provided");
  const names = Object.hasOwn(allowed, type) ? allowed[type] : undefined;
  if (names === undefined) return attrs;
  for (const name of [...attrs.keys()].sort())
    if (name !== "type" && name !== "__final" && !names.includes(name))
      throw ev.error(`input attribute '${name}' not supported by scheme '${type}'`);
  const result = checkScheme(ev, type, attrs);
  text(ev, attrs, "ref");
  integer(ev, attrs, "revCount");
  integer(ev, attrs, "lastModified");
  return result;
}

function checkScheme(ev: ErrorMaker, type: ByteString, attrs: FlakeAttributes): FlakeAttributes {
  switch (type) {
    case "git": {
      // The experimental feature that checks signatures of commits is never on.
      for (const name of ["verifyCommit", "keytype", "publicKey", "publicKeys"])
        if (attrs.has(name))
          throw ev.error(
            "experimental Nix feature 'verified-fetches' is disabled; add '--extra-experimental-features verified-fetches' to enable it",
          );
      const ref = text(ev, attrs, "ref");
      if (ref !== undefined && !isLegalRefName(ref))
        throw new UrlError(`invalid Git branch/tag name '${ref}'`);
      const url = showUrl(gitUrl(needed(ev, attrs, "url")));
      for (const name of ["shallow", "submodules", "allRefs"]) flag(ev, attrs, name);
      return url === attrs.get("url") ? attrs : new Map([...attrs, ["url", url]]);
    }
    case "github":
    case "gitlab":
    case "sourcehut":
      checkHosted(ev, attrs);
      return attrs;
    case "hg": {
      parseUrl(needed(ev, attrs, "url"));
      const ref = text(ev, attrs, "ref");
      if (ref !== undefined && !/^[a-zA-Z0-9@][a-zA-Z0-9_./@+-]*$/.test(ref))
        throw new UrlError(`invalid Mercurial branch/tag name '${ref}'`);
      return attrs;
    }
    case "indirect": {
      const id = needed(ev, attrs, "id");
      if (!/^[a-zA-Z][a-zA-Z0-9_-]*$/.test(id)) throw new UrlError(`'${id}' is not a valid flake ID`);
      return attrs;
    }
    case "path":
      needed(ev, attrs, "path");
      return attrs;
    default:
      return attrs;
  }
}

/** Does it say exactly what is fetched? @param attrs checked @throws EvaluationError for a malformed hash */
export function isLockedInput(ev: ErrorMaker, attrs: FlakeAttributes): boolean {
  switch (attrs.get("type")) {
    case "git": {
      const rev = revisionOf(ev, attrs);
      return rev !== undefined && !/^0+$/.test(rev);
    }
    case "hg":
    case "github":
    case "gitlab":
    case "sourcehut":
      return revisionOf(ev, attrs) !== undefined;
    case "path":
    case "tarball":
    case "file":
      return narHashOf(ev, attrs) !== undefined;
    default:
      return false;
  }
}

function checkHosted(ev: ErrorMaker, attrs: FlakeAttributes): void {
  needed(ev, attrs, "owner");
  needed(ev, attrs, "repo");
  const ref = text(ev, attrs, "ref");
  const rev = text(ev, attrs, "rev");
  const shown = () => showAttributes(attrs);
  if (ref !== undefined && rev !== undefined)
    throw new UrlError(
      `input ${shown()} contains both a commit hash ('${rev}') and a branch/tag name ('${ref}')`,
    );
  if (rev !== undefined) formatErrors(ev, () => parseHash(rev, "sha1"));
  if (ref !== undefined && !isLegalRefName(ref))
    throw new UrlError(`input ${shown()} contains an invalid branch/tag name`);
  const host = text(ev, attrs, "host");
  if (host !== undefined && !/^[a-zA-Z0-9.-]*$/.test(host))
    throw new UrlError(`input ${shown()} contains an invalid instance host`);
}

/** A Git address as a URL: `user@host:path`, paths, and `git+` before the scheme are understood. @throws UrlError */
export function gitUrl(address: ByteString): Url {
  const scp = address.startsWith("/") ? null : /^([^/]*)@(.*):(.*)$/s.exec(address);
  const fixed = scp === null ? address : `ssh://${scp[1]}@${scp[2]}/${scp[3]}`;
  if (!/^(git\+)?file:/.test(fixed) && !fixed.includes("://")) {
    const path = fixed.split("/");
    if (path[0]!.includes(":"))
      throw new UrlError(`SCP-like URL '${fixed}' is not supported; use SSH URL syntax instead (ssh://...)`);
    const authority = fixed.startsWith("/") ? "" : undefined;
    return { scheme: "file", authority, path, query: new Map(), fragment: "" };
  }
  const url = parseUrl(fixed);
  const { application, transport } = splitScheme(url.scheme);
  return application === "git" ? { ...url, scheme: transport } : url;
}

/** @param url without `dir` @throws EvaluationError, UrlError */
export function inputFromUrl(ev: ErrorMaker, url: Url, isFlake: boolean): FlakeAttributes {
  const { application, transport } = splitScheme(url.scheme);
  if (["file", "http", "https"].includes(transport)) {
    const isArchive = archive.test(url.path.at(-1) ?? "");
    if (application === "file" || (application === undefined && !isFlake && !isArchive))
      return fromDownload(url, "file", transport);
    if (application === "tarball" || application === undefined)
      return fromDownload(url, "tarball", transport);
  }
  if (url.scheme === "git" || application === "git") return fromGit(ev, url);
  if (hosts.includes(url.scheme)) return checkInput(ev, fromHost(url));
  if (application === "hg" && ["http", "https", "ssh", "file"].includes(transport))
    return fromMercurial(ev, url, transport);
  if (url.scheme === "flake") return fromRegistry(url);
  if (url.scheme === "path") return fromPath(ev, url);
  const swapped = application === "file" && transport === "git";
  throw ev.error(
    `input '${showUrl(url)}' is unsupported${swapped ? "; did you mean 'git+file' instead of 'file+git'?" : ""}`,
  );
}

function natural(text: ByteString): bigint | undefined {
  return /^[0-9]+$/.test(text) && BigInt(text) < 2n ** 64n ? BigInt(text) : undefined;
}

function fromPath(ev: ErrorMaker, url: Url): MutableAttributes {
  if (url.authority !== undefined && url.authority !== "")
    throw ev.error(`path URL '${showUrl(url)}' should not have an authority ('${url.authority}')`);
  const attrs: MutableAttributes = new Map<ByteString, ByteString>([
    ["type", "path"],
    ["path", segmentsToPath(url.path)],
  ]);
  for (const [name, value] of [...url.query].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (name === "rev" || name === "narHash") attrs.set(name, value);
    else if (name === "revCount" || name === "lastModified") {
      const number = natural(value);
      if (number === undefined) throw ev.error(`path URL '${showUrl(url)}' has invalid parameter '${name}'`);
      attrs.set(name, number);
    } else throw ev.error(`path URL '${showUrl(url)}' has unsupported parameter '${name}'`);
  }
  return attrs;
}

function fromHost(url: Url): MutableAttributes {
  const [owner, repo, ...rest] = url.path.filter((segment) => segment !== "");
  if (owner === undefined || repo === undefined) throw new UrlError(`URL '${showUrl(url)}' is invalid`);
  let rev: ByteString | undefined;
  let ref: ByteString | undefined;
  if (rest.length === 1 && isCommitHash(rest[0]!)) rev = rest[0];
  else if (rest.length > 0) ref = rest.join("/");
  const { query } = url;
  if (query.has("ref")) {
    if (ref !== undefined) throw new UrlError(`URL '${showUrl(url)}' contains multiple branch/tag names`);
    ref = query.get("ref");
  }
  if (query.has("rev")) {
    if (rev !== undefined) throw new UrlError(`URL '${showUrl(url)}' contains multiple commit hashes`);
    rev = query.get("rev");
  }
  const attrs: MutableAttributes = new Map([
    ["type", url.scheme],
    ["owner", owner],
    ["repo", repo],
  ]);
  if (rev !== undefined) attrs.set("rev", rev);
  if (ref !== undefined) attrs.set("ref", ref);
  for (const name of ["host", "narHash"]) if (query.has(name)) attrs.set(name, query.get(name)!);
  return attrs;
}

function fromRegistry(url: Url): MutableAttributes {
  const [id, second, third, ...more] = url.path.filter((segment) => segment !== "");
  const shown = showUrl(url);
  if (id === undefined || more.length > 0) throw new UrlError(`GitHub URL '${shown}' is invalid`);
  const attrs: MutableAttributes = new Map([
    ["type", "indirect"],
    ["id", id],
  ]);
  if (third !== undefined) {
    if (!isLegalRefName(second!))
      throw new UrlError(`in flake URL '${shown}', '${second}' is not a branch/tag name`);
    if (!isCommitHash(third)) throw new UrlError(`in flake URL '${shown}', '${third}' is not a commit hash`);
    attrs.set("ref", second!).set("rev", third.toLowerCase());
  } else if (second !== undefined) {
    if (isCommitHash(second)) attrs.set("rev", second.toLowerCase());
    else if (isLegalRefName(second)) attrs.set("ref", second);
    else throw new UrlError(`in flake URL '${shown}', '${second}' is not a commit hash or branch/tag name`);
  }
  if (!/^[a-zA-Z][a-zA-Z0-9_-]*$/.test(id)) throw new UrlError(`'${id}' is not a valid flake ID`);
  return attrs;
}

function fromGit(ev: ErrorMaker, url: Url): FlakeAttributes {
  const attrs: MutableAttributes = new Map<ByteString, ByteString>([["type", "git"]]);
  const rest = new Map<ByteString, ByteString>();
  for (const [name, value] of url.query) {
    if (gitTexts.includes(name)) attrs.set(name, value);
    else if (gitFlags.includes(name)) attrs.set(name, value === "1");
    else rest.set(name, value);
  }
  attrs.set("url", showUrl({ ...url, query: rest }));
  return checkScheme(ev, "git", attrs);
}

function fromMercurial(ev: ErrorMaker, url: Url, transport: ByteString): FlakeAttributes {
  const attrs: MutableAttributes = new Map<ByteString, ByteString>([["type", "hg"]]);
  const rest = new Map<ByteString, ByteString>();
  for (const [name, value] of url.query) (name === "rev" || name === "ref" ? attrs : rest).set(name, value);
  attrs.set("url", showUrl({ ...url, scheme: transport, query: rest }));
  return checkScheme(ev, "hg", attrs);
}

function fromDownload(url: Url, type: "tarball" | "file", transport: ByteString): MutableAttributes {
  const attrs: MutableAttributes = new Map<ByteString, ByteString>([["type", type]]);
  const rest = new Map(url.query);
  for (const name of ["narHash", "rev"]) if (rest.has(name)) attrs.set(name, rest.get(name)!);
  for (const name of ["revCount", "lastModified"]) {
    const number = natural(rest.get(name) ?? "");
    if (number !== undefined) attrs.set(name, number);
  }
  for (const name of download) rest.delete(name);
  return attrs.set("url", showUrl({ ...url, scheme: transport, query: rest }));
}

/** @param attrs checked @throws EvaluationError, UrlError */
export function inputToUrl(ev: ErrorMaker, attrs: FlakeAttributes): Url {
  const type = attrs.get("type");
  const query = new Map<ByteString, ByteString>();
  const opaque = (scheme: ByteString, path: readonly ByteString[]): Url => ({
    scheme,
    authority: undefined,
    path,
    query,
    fragment: "",
  });
  const narHash = (): void => {
    const hash = narHashOf(ev, attrs);
    if (hash !== undefined) query.set("narHash", hash);
  };
  switch (type) {
    case "github":
    case "gitlab":
    case "sourcehut": {
      narHash();
      const host = text(ev, attrs, "host");
      if (host !== undefined) query.set("host", host);
      const parts = [
        needed(ev, attrs, "owner"),
        needed(ev, attrs, "repo"),
        text(ev, attrs, "ref"),
        revisionOf(ev, attrs),
      ];
      return opaque(
        type,
        parts.filter((part) => part !== undefined),
      );
    }
    case "indirect":
      return opaque(
        "flake",
        [needed(ev, attrs, "id"), text(ev, attrs, "ref"), revisionOf(ev, attrs)].filter(
          (part) => part !== undefined,
        ),
      );
    case "path": {
      for (const [name, value] of attrs)
        if (name !== "path" && name !== "type" && name !== "__final")
          query.set(name, typeof value === "boolean" ? (value ? "1" : "0") : String(value));
      return opaque("path", needed(ev, attrs, "path").split("/"));
    }
    case "git":
    case "hg":
      return repositoryUrl(ev, attrs, type);
    case "tarball":
    case "file": {
      const url = parseUrl(needed(ev, attrs, "url"));
      narHash();
      return { ...url, query: new Map([...url.query, ...query]) };
    }
    default:
      throw ev.error(`cannot show unsupported input '${showAttributes(attrs)}'`);
  }
}

function repositoryUrl(ev: ErrorMaker, attrs: FlakeAttributes, type: "git" | "hg"): Url {
  const url = parseUrl(needed(ev, attrs, "url"));
  const query = new Map(url.query);
  const rev = revisionOf(ev, attrs);
  const ref = text(ev, attrs, "ref");
  if (rev !== undefined) query.set("rev", rev);
  if (ref !== undefined) query.set("ref", ref);
  if (type === "git")
    for (const name of ["shallow", "lfs", "submodules", "exportIgnore"])
      if (flag(ev, attrs, name)) query.set(name, "1");
  const plain = type === "git" && url.scheme === "git";
  return { ...url, scheme: plain ? "git" : `${type}+${url.scheme}`, query };
}
