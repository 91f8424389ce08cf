/**
 * Flake references: the URL-like form and the attributes it stands for, both ways. Manual: "nix flake", "Flake references".
 *
 * `github:o/r/ref?dir=x`, `git+https://…?ref=…`, `path:/x`, `/x`, `https://…/x.tar.gz`, `nixpkgs/23.05`. Percent escapes
 * are decoded in paths and queries. Relative paths are refused: `builtins` have no directory to start from.
 */
import type { ByteString } from "../format/bytes.ts";
import type { EvaluationError } from "./errors.ts";
import { canonPath } from "./path.ts";

export type FlakeAttributes = ReadonlyMap<ByteString, ByteString | bigint | boolean>;

/** What of the evaluator is needed here: making errors. */
interface ErrorMaker {
  error(message: string): EvaluationError;
}

const revision = /^[0-9a-fA-F]{40}$/;
const flakeId = "[a-zA-Z][a-zA-Z0-9_-]*";
const reference = "[a-zA-Z0-9@][a-zA-Z0-9_.\\/@+-]*";
const flakeIdReference = new RegExp(
  `^((${flakeId})(?:/(?:(?:${reference}(?:/[0-9a-fA-F]{40})?)))?)(?:#(.*))?$`,
);
const hosts = new Set(["github", "gitlab", "sourcehut"]);
const gitFlags = new Set(["shallow", "submodules", "lfs", "exportIgnore", "allRefs", "verifyCommit"]);
const gitTexts = new Set(["rev", "ref", "keytype", "publicKey", "publicKeys"]);
const archive = /\.(zip|tar|tgz|tar\.gz|tar\.xz|tar\.bz2|tar\.zst)$/;

interface Url {
  scheme: string;
  /** Undefined: no `//`. */
  authority: ByteString | undefined;
  /** Not decoded. */
  path: ByteString;
  query: Map<ByteString, ByteString>;
  fragment: ByteString;
}

function decode(text: ByteString): ByteString {
  return text.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

function encode(text: ByteString, keep: string): ByteString {
  let result = "";
  for (let i = 0; i < text.length; i++) {
    const c = text.charAt(i);
    result +=
      /[a-zA-Z0-9_.~-]/.test(c) || keep.includes(c)
        ? c
        : `%${text.charCodeAt(i).toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return result;
}

function parseQuery(text: ByteString): Map<ByteString, ByteString> {
  const query = new Map<ByteString, ByteString>();
  for (const item of text.split("&")) {
    const equals = item.indexOf("=");
    if (equals > 0) query.set(decode(item.slice(0, equals)), decode(item.slice(equals + 1)));
  }
  return query;
}

function showQuery(query: ReadonlyMap<ByteString, ByteString>): string {
  if (query.size === 0) return "";
  const items = [...query].sort(([a], [b]) => (a < b ? -1 : 1));
  return `?${items.map(([name, value]) => `${encode(name, "!$'()*,;/:@ ")}=${encode(value, "!$'()*,;/:@ ").replaceAll(" ", "%20")}`).join("&")}`;
}

function parseUrl(text: ByteString): Url | undefined {
  const match = /^([a-zA-Z][a-zA-Z0-9+.-]*):(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s.exec(text);
  if (match === null) return undefined;
  const path = match[3]!;
  // A blank or another byte that URLs must escape: no URL.
  if (/[\x00-\x20"<>\\^`{|}\x7f]/.test(path)) return undefined;
  return {
    scheme: match[1]!.toLowerCase(),
    authority: match[2],
    path,
    query: parseQuery(match[4] ?? ""),
    fragment: decode(match[5] ?? ""),
  };
}

function showUrl(url: Omit<Url, "fragment">): string {
  return `${url.scheme}:${url.authority === undefined ? "" : `//${url.authority}`}${url.path}${showQuery(url.query)}`;
}

/** @throws EvaluationError */
export function parseFlakeReference(ev: ErrorMaker, text: ByteString): FlakeAttributes {
  const id = flakeIdReference.exec(text);
  let url: Url;
  if (id !== null)
    url = {
      scheme: "flake",
      authority: undefined,
      path: id[1]!,
      query: new Map(),
      fragment: decode(id[3] ?? ""),
    };
  else url = parseUrl(text) ?? pathUrl(ev, text);
  const dir = url.query.get("dir");
  url.query.delete("dir");
  const attrs = new Map(fromUrl(ev, url, text));
  if (dir !== undefined && dir !== "") attrs.set("dir", dir);
  if (url.fragment !== "")
    throw ev.error(`unexpected fragment '${url.fragment}' in flake reference '${text}'`);
  return attrs;
}

function pathUrl(ev: ErrorMaker, text: ByteString): Url {
  const match = /^([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s.exec(text);
  if (match === null) throw ev.error(`invalid flakeref '${text}'`);
  const path = match[1]!;
  if (!path.startsWith("/")) throw ev.error(`flake reference '${text}' is not an absolute path`);
  return {
    scheme: "path",
    authority: "",
    path: encode(path, "/!$&'()*+,;=:@"),
    query: parseQuery(match[2] ?? ""),
    fragment: decode(match[3] ?? ""),
  };
}

type MutableAttributes = Map<ByteString, ByteString | bigint | boolean>;

function fromUrl(ev: ErrorMaker, url: Url, text: ByteString): MutableAttributes {
  if (url.scheme === "path") return fromPath(ev, url, text);
  if (hosts.has(url.scheme)) return fromHost(ev, url);
  if (url.scheme === "flake") return fromRegistry(ev, url, text);
  const plus = url.scheme.indexOf("+");
  const application = plus < 0 ? undefined : url.scheme.slice(0, plus);
  const transport = plus < 0 ? url.scheme : url.scheme.slice(plus + 1);
  if (url.scheme === "git" || application === "git") return fromGit(url, transport);
  if (application === "hg") return fromMercurial(url, transport);
  const isArchive = archive.test(url.path);
  const kind =
    application === "tarball" || application === "file"
      ? application
      : application === undefined && ["http", "https", "file"].includes(transport)
        ? isArchive || transport !== "file"
          ? "tarball"
          : "file"
        : undefined;
  if (kind !== undefined && ["http", "https", "file"].includes(transport))
    return fromDownload(url, kind, transport);
  throw ev.error(`input '${showUrl(url)}' is unsupported`);
}

function natural(text: ByteString): bigint | undefined {
  return /^[0-9]+$/.test(text) && BigInt(text) < 2n ** 64n ? BigInt(text) : undefined;
}

function fromPath(ev: ErrorMaker, url: Url, text: ByteString): MutableAttributes {
  if (url.authority !== undefined && url.authority !== "")
    throw ev.error(`path URL '${text}' should not have an authority ('${url.authority}')`);
  const attrs: MutableAttributes = new Map<ByteString, ByteString>([
    ["type", "path"],
    ["path", decode(url.path)],
  ]);
  for (const [name, value] of url.query) {
    if (name === "rev" || name === "narHash") attrs.set(name, value);
    else if (name === "revCount" || name === "lastModified") {
      const number = natural(value);
      if (number === undefined) throw ev.error(`path URL '${text}' has invalid parameter '${name}'`);
      attrs.set(name, number);
    } else throw ev.error(`path URL '${text}' has unsupported parameter '${name}'`);
  }
  return attrs;
}

function fromHost(ev: ErrorMaker, url: Url): MutableAttributes {
  const parts = url.path
    .split("/")
    .filter((part) => part !== "")
    .map(decode);
  // What is no URL of any scheme is taken for a path, and this is no absolute one.
  if (parts.length < 2) throw ev.error(`flake reference '${showUrl(url)}' is not an absolute path`);
  let rev: ByteString | undefined;
  let ref: ByteString | undefined;
  if (parts.length === 3 && revision.test(parts[2]!)) rev = parts[2];
  else if (parts.length > 2) ref = parts.slice(2).join("/");
  for (const [name, value] of url.query) {
    if (name === "rev") {
      if (rev !== undefined) throw ev.error(`URL '${showUrl(url)}' contains multiple commit hashes`);
      rev = value;
    } else if (name === "ref") {
      if (ref !== undefined) throw ev.error(`URL '${showUrl(url)}' contains multiple branch/tag names`);
      ref = value;
    }
  }
  if (rev !== undefined && ref !== undefined)
    throw ev.error(`URL '${showUrl(url)}' contains both a commit hash and a branch/tag name: ${rev} ${ref}`);
  const attrs: MutableAttributes = new Map<ByteString, ByteString>([
    ["type", url.scheme],
    ["owner", parts[0]!],
    ["repo", parts[1]!],
  ]);
  if (rev !== undefined) attrs.set("rev", rev);
  if (ref !== undefined) attrs.set("ref", ref);
  for (const name of ["host", "narHash"]) {
    const value = url.query.get(name);
    if (value !== undefined) attrs.set(name, value);
  }
  return attrs;
}

function fromRegistry(ev: ErrorMaker, url: Url, text: ByteString): MutableAttributes {
  const parts = url.path
    .split("/")
    .filter((part) => part !== "")
    .map(decode);
  const [id, second, third] = parts;
  if (id === undefined || parts.length > 3) throw ev.error(`flake URL '${text}' is invalid`);
  if (!new RegExp(`^${flakeId}$`).test(id)) throw ev.error(`'${id}' is not a valid flake ID`);
  const attrs: MutableAttributes = new Map<ByteString, ByteString>([
    ["type", "indirect"],
    ["id", id],
  ]);
  if (third !== undefined) {
    if (!revision.test(third)) throw ev.error(`in flake URL '${text}', '${third}' is not a commit hash`);
    attrs.set("rev", third).set("ref", second!);
  } else if (second !== undefined) attrs.set(revision.test(second) ? "rev" : "ref", second);
  return attrs;
}

function fromGit(url: Url, transport: string): MutableAttributes {
  const attrs: MutableAttributes = new Map<ByteString, ByteString>([["type", "git"]]);
  const rest = new Map<ByteString, ByteString>();
  for (const [name, value] of url.query) {
    if (gitTexts.has(name)) attrs.set(name, value);
    else if (gitFlags.has(name)) attrs.set(name, value === "1");
    else rest.set(name, value);
  }
  attrs.set("url", showUrl({ ...url, scheme: transport, query: rest }));
  return attrs;
}

function fromMercurial(url: Url, transport: string): MutableAttributes {
  const attrs: MutableAttributes = new Map<ByteString, ByteString>([["type", "hg"]]);
  for (const name of ["rev", "ref"]) {
    const value = url.query.get(name);
    if (value !== undefined) attrs.set(name, value);
  }
  attrs.set("url", showUrl({ ...url, scheme: transport, query: new Map() }));
  return attrs;
}

function fromDownload(url: Url, type: "tarball" | "file", transport: string): MutableAttributes {
  const attrs: MutableAttributes = new Map<ByteString, ByteString>([["type", type]]);
  const rest = new Map(url.query);
  for (const name of ["narHash", "rev"]) {
    const value = rest.get(name);
    if (value !== undefined) attrs.set(name, value);
  }
  for (const name of ["revCount", "lastModified"]) {
    const number = natural(rest.get(name) ?? "");
    if (number !== undefined) attrs.set(name, number);
  }
  for (const name of ["url", "narHash", "name", "unpack", "rev", "revCount", "lastModified"])
    rest.delete(name);
  attrs.set("url", showUrl({ ...url, scheme: transport, query: rest }));
  return attrs;
}

/** Attributes in the URL-like form. @throws EvaluationError */
export function showFlakeReference(ev: ErrorMaker, attrs: FlakeAttributes): ByteString {
  const text = (name: string): ByteString | undefined => {
    const value = attrs.get(name);
    return value === undefined || typeof value === "boolean" ? undefined : String(value);
  };
  const needed = (name: string): ByteString => {
    const value = text(name);
    if (value === undefined) throw ev.error(`input attribute '${name}' is missing`);
    return value;
  };
  const query = new Map<ByteString, ByteString>();
  const dir = text("dir");
  if (dir !== undefined && dir !== "") query.set("dir", dir);
  const pass = (...names: string[]): void => {
    for (const name of names) {
      const value = text(name);
      if (value !== undefined) query.set(name, value);
    }
  };
  const type = attrs.get("type");
  switch (type) {
    case "github":
    case "gitlab":
    case "sourcehut": {
      const rest = text("ref") ?? text("rev");
      pass("narHash", "host");
      const parts = [needed("owner"), needed("repo"), ...(rest === undefined ? [] : rest.split("/"))];
      return `${type}:${parts.map((part) => encode(part, "!$&'()*+,;=:@")).join("/")}${showQuery(query)}`;
    }
    case "indirect": {
      const parts = [needed("id"), text("ref"), text("rev")].filter((part) => part !== undefined);
      return `flake:${parts.join("/")}${showQuery(query)}`;
    }
    case "path": {
      pass("rev", "revCount", "lastModified", "narHash");
      return `path:${encode(canonPathOrSame(needed("path")), "/!$&'()*+,;=:@")}${showQuery(query)}`;
    }
    case "git":
    case "hg": {
      const url = parseUrl(needed("url"));
      if (url === undefined) throw ev.error(`'${needed("url")}' is not a valid URL`);
      const all = new Map([...url.query, ...query]);
      for (const name of ["rev", "ref"]) if (text(name) !== undefined) all.set(name, text(name)!);
      if (type === "git")
        for (const flag of ["shallow", "lfs", "submodules", "exportIgnore", "verifyCommit"])
          if (attrs.get(flag) === true) all.set(flag, "1");
      const scheme = url.scheme === "git" ? "git" : `${type}+${url.scheme}`;
      return showUrl({ ...url, scheme, query: all });
    }
    case "tarball":
    case "file": {
      const url = parseUrl(needed("url"));
      if (url === undefined) throw ev.error(`'${needed("url")}' is not a valid URL`);
      pass("narHash", "rev", "revCount", "lastModified");
      const plain =
        archive.test(url.path) === (type === "tarball") || (type === "tarball" && url.scheme !== "file");
      const scheme = plain ? url.scheme : `${type}+${url.scheme}`;
      return showUrl({ ...url, scheme, query: new Map([...url.query, ...query]) });
    }
    default: {
      const items = [...attrs].sort(([a], [b]) => (a < b ? -1 : 1));
      const shown = items.map(
        ([name, value]) => `"${name}":${typeof value === "string" ? `"${value}"` : String(value)}`,
      );
      throw ev.error(`cannot show unsupported input '{${shown.join(",")}}'`);
    }
  }
}

function canonPathOrSame(path: ByteString): ByteString {
  return path.startsWith("/") ? canonPath(path) : path;
}
