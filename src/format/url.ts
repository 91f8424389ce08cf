/**
 * URLs as Nix 2.34 reads and writes them: the grammar of RFC 3986, path segments and query decoded, and written anew
 * with as few bytes unescaped as Nix leaves. Everything is bytes.
 *
 * Lenient reading (flake references) also takes blanks and `"` in queries, and `^` in fragments. Of two parameters with
 * one name the first counts; a parameter without `=` is left out.
 */
import type { ByteString } from "./bytes.ts";
import { FormatError } from "./format-error.ts";

/** Text that is no URL, or not one of the kind that is wanted. */
export class UrlError extends FormatError {}

export interface Url {
  readonly scheme: ByteString;
  /** As it is written anew, `user@host:port`; undefined: no `//`. */
  readonly authority: ByteString | undefined;
  /** Decoded segments; the first is empty for an absolute path. */
  readonly path: readonly ByteString[];
  readonly query: ReadonlyMap<ByteString, ByteString>;
  /** Decoded. */
  readonly fragment: ByteString;
}

const unreserved = /[a-zA-Z0-9_.~-]/;
const escapes = "%[0-9a-fA-F]{2}";
const pathPattern = new RegExp(`^(?:[a-zA-Z0-9_.~!$&'()*+,;=:@/-]|${escapes})*$`);
const queryPattern = new RegExp(`^(?:[a-zA-Z0-9_.~!$&'()*+,;=:@/?[\\]-]|${escapes})*$`);
const fragmentPattern = new RegExp(`^(?:[a-zA-Z0-9_.~!$&'()*+,;=:@/?#[\\]-]|${escapes})*$`);
const authorityPattern = new RegExp(
  `^(?:((?:[a-zA-Z0-9_.~!$&'()*+,;=-]|${escapes})*)(:(?:[a-zA-Z0-9_.~!$&'()*+,;=:-]|${escapes})*)?@)?` +
    `(\\[[0-9a-fA-F:.%vV]+\\]|(?:[a-zA-Z0-9_.~!$&'()*+,;=-]|${escapes})*)(?::([0-9]*))?$`,
);

/** @throws UrlError for a `%` that no two digits follow */
export function percentDecode(text: ByteString): ByteString {
  if (!text.includes("%")) return text;
  if (/%(?![0-9a-fA-F]{2})/.test(text)) throw new UrlError(`invalid URI parameter '${text}': bad escape`);
  return text.replace(/%([0-9a-fA-F]{2})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
}

/** Escapes all but letters, digits, `-._~` and what is in `keep`. */
export function percentEncode(text: ByteString, keep = ""): ByteString {
  let result = "";
  for (const c of text) {
    result +=
      unreserved.test(c) || keep.includes(c)
        ? c
        : `%${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return result;
}

function escapeOnly(text: ByteString, which: RegExp): ByteString {
  return text.replace(which, (c) => percentEncode(c));
}

/** @throws UrlError */
export function decodeQuery(text: ByteString, lenient: boolean): Map<ByteString, ByteString> {
  const fixed = lenient ? escapeOnly(text, /[ "]/g) : text;
  if (!queryPattern.test(fixed)) throw new UrlError(`invalid URI query '${text}'`);
  const query = new Map<ByteString, ByteString>();
  for (const item of fixed.split("&")) {
    const equals = item.indexOf("=");
    if (equals < 0) continue;
    const name = percentDecode(item.slice(0, equals));
    if (!query.has(name)) query.set(name, percentDecode(item.slice(equals + 1)));
  }
  return query;
}

/** `tarball+https` → `tarball`, `https`. */
export function splitScheme(scheme: ByteString): {
  application: ByteString | undefined;
  transport: ByteString;
} {
  const plus = scheme.indexOf("+");
  if (plus < 0) return { application: undefined, transport: scheme };
  return { application: scheme.slice(0, plus), transport: scheme.slice(plus + 1) };
}

function readAuthority(text: ByteString): { shown: ByteString; host: ByteString } {
  const match = authorityPattern.exec(text);
  if (match === null) throw new UrlError(`invalid URL authority: '${text}'`);
  const [, user, password, rawHost = "", port] = match;
  const bracketed = rawHost.startsWith("[");
  const host = bracketed ? rawHost : percentDecode(rawHost);
  let shown = "";
  if (user !== undefined) {
    shown = percentEncode(percentDecode(user));
    if (password !== undefined) shown += `:${percentEncode(percentDecode(password.slice(1)))}`;
    shown += "@";
  }
  shown += bracketed ? host : percentEncode(host);
  if (port !== undefined && port !== "") {
    const number = Number(port);
    if (number === 0 || number > 65535) throw new UrlError(`port '${port}' is invalid`);
    shown += `:${number}`;
  }
  return { shown, host };
}

/** @throws UrlError */
export function parseUrl(text: ByteString, lenient = false): Url {
  const match = /^([^:/?#]+:)?(\/\/[^/?#]*)?([^?#]*)(\?[^#]*)?(#.*)?$/s.exec(text);
  const invalid = (why: string) => new UrlError(`'${text}' is not a valid URL: ${why}`);
  if (match === null) throw invalid("syntax error");
  const [, scheme, authority, path = "", query, fragment] = match;
  if (scheme !== undefined && !/^[a-zA-Z][a-zA-Z0-9+.-]*:$/.test(scheme)) throw invalid("bad scheme");
  if (!pathPattern.test(path)) throw invalid("leftover");
  if (scheme === undefined) throw new UrlError(`'${text}' doesn't have a scheme`);
  const name = scheme.slice(0, -1);
  const place = authority === undefined ? undefined : readAuthority(authority.slice(2));
  const isFile = splitScheme(name).transport === "file";
  if (place !== undefined && place.host !== "" && isFile)
    throw new UrlError(`file:// URL '${text}' has unexpected authority '${place.shown}'`);
  const rawFragment = fragment?.slice(1) ?? "";
  const fixedFragment = lenient ? escapeOnly(rawFragment, /[ "^]/g) : rawFragment;
  if (!fragmentPattern.test(fixedFragment)) throw invalid("leftover");
  return {
    scheme: name,
    authority: place?.shown,
    path: (isFile && path === "" ? "/" : path).split("/").map(percentDecode),
    query: decodeQuery(query?.slice(1) ?? "", lenient),
    fragment: percentDecode(fixedFragment),
  };
}

/** As `parseUrl`; undefined for what is no URL. */
export function tryParseUrl(text: ByteString, lenient = false): Url | undefined {
  try {
    return parseUrl(text, lenient);
  } catch (error) {
    if (error instanceof UrlError) return undefined;
    throw error;
  }
}

export function showUrl(url: Url): ByteString {
  const authority = url.authority === undefined ? "" : `//${url.authority}`;
  const path = url.path.map((segment) => percentEncode(segment, ":@")).join("/");
  const query = [...url.query]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${percentEncode(name, ":@/?")}=${percentEncode(value, ":@/?")}`)
    .join("&");
  const fragment = url.fragment === "" ? "" : `#${percentEncode(url.fragment)}`;
  return `${url.scheme}:${authority}${path}${query === "" ? "" : `?${query}`}${fragment}`;
}

/** A file's path as segments of a URL's. */
export function pathToSegments(path: ByteString): ByteString[] {
  const segments = path.split("/").filter((part) => part !== "");
  if (path.startsWith("/")) segments.unshift("");
  if (path.endsWith("/")) segments.push("");
  return segments;
}

/** @throws UrlError for a segment that cannot be a file's name */
export function segmentsToPath(segments: readonly ByteString[]): ByteString {
  for (const segment of segments) {
    if (segment.includes("/"))
      throw new UrlError(`URL path component '${segment}' contains '/', which is not allowed in file names`);
    if (segment.includes("\0"))
      throw new UrlError(
        `URL path component '${segment.replaceAll("\0", "\xe2\x90\x80")}' contains NUL byte which is not allowed`,
      );
  }
  let result = segments[0] === "" ? "/" : "";
  for (const segment of segments) {
    if (result !== "" && !result.endsWith("/")) result += "/";
    result += segment;
  }
  return result;
}
