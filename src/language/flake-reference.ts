/**
 * Flake references: the URL-like form and the attributes it stands for, both ways. Manual: "nix flake", "Flake references".
 *
 * `github:o/r/ref?dir=x`, `git+https://…?ref=…`, `path:/x`, `/x`, `https://…/x.tar.gz`, `nixpkgs/23.05`. What is no URL of
 * any kind is taken for a path. `dir` belongs to the reference; all other attributes to its input (`input-schemes.ts`).
 */
import type { ByteString } from "../format/bytes.ts";
import {
  decodeQuery,
  parseUrl,
  pathToSegments,
  percentDecode,
  segmentsToPath,
  showUrl,
  type Url,
  UrlError,
} from "../format/url.ts";
import type { EvaluationError } from "./errors.ts";
import { checkInput, inputFromUrl, inputToUrl, showAttributes } from "./input-schemes.ts";

export type FlakeAttributes = ReadonlyMap<ByteString, ByteString | bigint | boolean>;

/** What of the evaluator is needed here: making errors. */
export interface ErrorMaker {
  error(message: string): EvaluationError;
}

export interface ReferenceOptions {
  /** Of an input with `flake = false`: an address without archive's ending is a file then, not a tarball. */
  readonly isFlake?: boolean;
  /** Keep relative paths, which are relative to the flake that has the reference. Otherwise they are refused. */
  readonly keepRelative?: boolean;
  /** Of a command line: what paths mean where it was typed. */
  readonly typed?: TypedPaths;
}

export interface TypedPaths {
  /** A relative path of a `path:` or `git+file:` URL, made absolute. */
  readonly absolute: (path: ByteString) => ByteString;
  /** Something that is a path and no URL. @throws BrumaError if it means no flake */
  readonly find: (path: ByteString, query: ReadonlyMap<ByteString, ByteString>) => Omit<Url, "fragment">;
}

const flakeId = "[a-zA-Z][a-zA-Z0-9_-]*";
const reference = "[a-zA-Z0-9@][a-zA-Z0-9_.\\/@+-]*";
const fragment = "(?:[a-zA-Z0-9._~!$&'\"()*+,;=:@/? ^-]|%[0-9a-fA-F]{2})*";
const flakeIdReference = new RegExp(`^(${flakeId}(?:/(?:${reference}))?)(?:#(${fragment}))?$`);

/** @throws EvaluationError */
export function parseFlakeReference(
  ev: ErrorMaker,
  text: ByteString,
  options: ReferenceOptions = {},
): FlakeAttributes {
  const { attributes, fragment } = parseReferenceWithFragment(ev, text, options);
  if (fragment !== "") throw ev.error(`unexpected fragment '${fragment}' in flake reference '${text}'`);
  return attributes;
}

/** With what follows the `#`, decoded. @throws EvaluationError */
export function parseReferenceWithFragment(
  ev: ErrorMaker,
  text: ByteString,
  options: ReferenceOptions = {},
): { attributes: FlakeAttributes; fragment: ByteString } {
  const isFlake = options.isFlake ?? true;
  const id = flakeIdReference.exec(text);
  if (id !== null) {
    const url: Url = {
      scheme: "flake",
      authority: undefined,
      path: id[1]!.split("/"),
      query: new Map(),
      fragment: percentDecode(id[2] ?? ""),
    };
    return withErrors(ev, () => fromUrl(ev, url, isFlake));
  }
  try {
    return fromUrl(ev, absoluteUrl(parseUrl(text, true), options.typed), isFlake);
  } catch (error) {
    if (!(error instanceof UrlError)) throw error;
  }
  return withErrors(ev, () => fromUrl(ev, pathUrl(ev, text, options), isFlake));
}

function absoluteUrl(url: Url, typed: TypedPaths | undefined): Url {
  if (typed === undefined || (url.scheme !== "path" && url.scheme !== "git+file")) return url;
  const path = segmentsToPath(url.path);
  return path.startsWith("/") ? url : { ...url, path: pathToSegments(typed.absolute(path)) };
}

/** Runs something that may throw UrlError, with the evaluator's errors instead. */
export function withErrors<T>(ev: ErrorMaker, body: () => T): T {
  try {
    return body();
  } catch (error) {
    throw error instanceof UrlError ? ev.error(error.bytes) : error;
  }
}

function fromUrl(
  ev: ErrorMaker,
  url: Url,
  isFlake: boolean,
): { attributes: FlakeAttributes; fragment: ByteString } {
  const query = new Map(url.query);
  const dir = query.get("dir") ?? "";
  query.delete("dir");
  const attributes = new Map(inputFromUrl(ev, { ...url, query, fragment: "" }, isFlake));
  if (dir !== "") attributes.set("dir", dir);
  return { attributes, fragment: url.fragment };
}

function pathUrl(ev: ErrorMaker, text: ByteString, { keepRelative, typed }: ReferenceOptions): Url {
  const match = /^([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/.exec(text);
  if (match === null) throw ev.error(`invalid flakeref '${text}'`);
  const path = match[1]!;
  const query = decodeQuery(match[2] ?? "", true);
  const fragment = percentDecode(match[3] ?? "");
  if (typed !== undefined) return { ...typed.find(path, query), fragment };
  const isAbsolute = path.startsWith("/");
  if (!isAbsolute && keepRelative !== true)
    throw ev.error(`flake reference '${text}' is not an absolute path`);
  return {
    scheme: "path",
    authority: isAbsolute ? "" : undefined,
    path: pathToSegments(path),
    query,
    fragment,
  };
}

/** The input's attributes and, apart, the directory in it. */
export function splitReference(attributes: FlakeAttributes): { input: FlakeAttributes; dir: ByteString } {
  const input = new Map(attributes);
  const dir = input.get("dir");
  input.delete("dir");
  return { input, dir: typeof dir === "string" ? dir : "" };
}

/** Attributes in the URL-like form. @throws EvaluationError for attributes that the input's kind does not have */
export function showFlakeReference(ev: ErrorMaker, attrs: FlakeAttributes): ByteString {
  const { input, dir } = splitReference(attrs);
  const checked = withErrors(ev, () => checkInput(ev, input));
  if (attrs.has("dir") && typeof attrs.get("dir") !== "string")
    throw ev.error(`input attribute 'dir' is not a string ${showAttributes(attrs)}`);
  return withErrors(ev, () => showReference(ev, checked, dir));
}

/** @param input checked already @throws EvaluationError, UrlError */
export function showReference(ev: ErrorMaker, input: FlakeAttributes, dir: ByteString): ByteString {
  const url = inputToUrl(ev, input);
  if (dir === "" || url.query.has("dir")) return showUrl(url);
  return showUrl({ ...url, query: new Map([...url.query, ["dir", dir]]) });
}
