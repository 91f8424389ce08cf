/**
 * `builtins.fetchTarball` and the `tarball` and `file` inputs of `fetchTree`, as Nix 2.34 has them.
 *
 * The archive's top directory is left out only if it is the sole entry. `sha256` and `narHash` are the hash of the
 * tree's NAR; a valid path of that hash answers without network. Unpinned answers are kept for `ttl` seconds, then
 * the server is asked with its version tag; if it cannot be reached, what is in the store still serves, with a
 * notice. The form of the archive is told by its bytes, zip included. Manual: `fetchTarball`, "Tarball fetcher".
 */
import * as fs from "node:fs";
import { join } from "node:path";
import { type ByteString, toBytes, toText } from "../format/bytes.ts";
import { type Hash, parseHash } from "../format/hash.ts";
import { parseUrl } from "../format/url.ts";
import { EvaluationError } from "../language/errors.ts";
import { inputFromUrl } from "../language/input-schemes.ts";
import type { FetchResult, FetchTarballRequest } from "../language/world.ts";
import { type KeptAnswer, readAnswer, writeAnswer } from "./answer-cache.ts";
import { type DownloadResult, downloadFile } from "./download.ts";
import { FetchError, HashMismatchError, NarHashMismatchError, withoutCredentials } from "./error.ts";
import type { FetchContext, InputAttributes } from "./fetch-context.ts";
import {
  addLastModified,
  addRevision,
  addTree,
  allowAttributes,
  expectedNarHash,
  type FetchInfo,
  integerAttribute,
  lockedTree,
  result,
  type SchemeResult,
  textAttribute,
  validTree,
  withTemporaryDirectory,
} from "./fetched-tree.ts";
import { unpackTar } from "./unpack-tar.ts";
import { unpackZip } from "./unpack-zip.ts";

export interface TarballTree {
  readonly path: FetchResult["path"];
  readonly narHash: Hash;
  /** Seconds since the epoch: the latest time in the archive. */
  readonly lastModified: number;
  /** An address for this very version, if the server told one. */
  readonly immutableUrl: string | undefined;
}

/** Unpacks a tar (compressed or not) or zip archive as its bytes say. Links may point anywhere: nothing follows them. */
export async function unpackArchive(
  file: string,
  destination: string,
  origin: string = file,
): Promise<{ lastModified: number }> {
  const handle = fs.openSync(file, "r");
  const start = Buffer.alloc(4);
  fs.readSync(handle, start, 0, 4, 0);
  fs.closeSync(handle);
  if (start.toString("latin1") === "PK\x03\x04") {
    await unpackZip(file, destination, { origin, links: "any" });
    return { lastModified: 0 };
  }
  return await unpackTar(file, destination, { origin, links: "any" });
}

/** The directory itself, or the only directory in it. */
export function withoutSoleDirectory(directory: string): string {
  const entries = fs.readdirSync(directory, { withFileTypes: true });
  if (entries.length !== 1 || !entries[0]!.isDirectory()) return directory;
  return join(directory, entries[0]!.name);
}

/** @throws FetchError for a `file:` address of something that is no archive, as Nix says it */
function checkLocal(url: string): void {
  if (!/^file:/.test(url)) return;
  const path = decodeURIComponent(url.replace(/^file:(\/\/)?/, "").replace(/[?#].*$/, ""));
  if (!path.startsWith("/")) {
    throw new FetchError(
      `tarball '${url}' must use an absolute path. The 'file' scheme does not support relative paths.`,
    );
  }
  const status = fs.statSync(path, { throwIfNoEntry: false });
  if (status === undefined) throw new FetchError(`tarball '${path}' does not exist.`);
  if (!status.isDirectory()) return;
  throw new FetchError(
    fs.existsSync(join(path, ".git"))
      ? `tarball '${path}' is a git repository, not a tarball. Please use \`git+file\` as the scheme.`
      : `tarball '${path}' is a directory, not a file.`,
  );
}

/**
 * @param url text
 * @throws FetchError; exit status 102 when the tree has another hash
 */
export async function fetchTarballTree(
  url: string,
  name: ByteString,
  expected: Hash | undefined,
  context: FetchContext,
  headers?: Readonly<Record<string, string>>,
): Promise<TarballTree> {
  checkLocal(url);
  const key = `tarball:${url}`;
  const kept = readAnswer(key, context.settings);
  const keptPath = kept === undefined ? undefined : await validTree(kept.hash, name, context);
  const fromKept = (answer: KeptAnswer): TarballTree => ({
    path: keptPath!,
    narHash: answer.hash,
    lastModified: answer.lastModified ?? 0,
    immutableUrl: answer.immutableUrl,
  });
  const usable =
    kept !== undefined && keptPath !== undefined && (expected === undefined || kept.hash.equals(expected));
  if (usable && (kept.fresh || context.settings.offline)) return fromKept(kept);
  return await withTemporaryDirectory(async (directory) => {
    const archive = join(directory, "archive");
    let answer: DownloadResult;
    try {
      answer = await downloadFile({
        urls: [url],
        destination: archive,
        settings: context.settings,
        sink: context.sink,
        headers,
        etag: usable ? kept.etag : undefined,
      });
    } catch (error) {
      const unreachable =
        error instanceof FetchError && error.attempts.every((each) => each.status === undefined);
      if (!usable || !unreachable) throw error;
      context.sink?.({
        kind: "notice",
        text: `'${withoutCredentials(url)}' cannot be reached; using what it gave before`,
      });
      return fromKept(kept);
    }
    if (answer.notModified && usable) {
      writeAnswer(key, kept, context.settings);
      return fromKept(kept);
    }
    const tree = join(directory, "tree");
    const { lastModified } = await unpackArchive(archive, tree, withoutCredentials(url));
    const { path, narHash } = addTree(withoutSoleDirectory(tree), name, expected, url, context);
    const { etag, immutableUrl } = answer;
    writeAnswer(key, { hash: narHash, etag, lastModified, immutableUrl }, context.settings);
    return { path, narHash, lastModified, immutableUrl };
  });
}

/** `builtins.fetchTarball`. */
export async function fetchTarball(
  request: FetchTarballRequest,
  context: FetchContext,
): Promise<FetchResult> {
  const name = request.name || "source";
  const expected = request.sha256 ? parseHash(request.sha256, "sha256") : undefined;
  if (expected !== undefined) {
    const valid = await validTree(expected, name, context);
    if (valid !== undefined) return { path: valid, inStore: true, info: new Map() };
  }
  const url = toText(request.url);
  try {
    const { path } = await fetchTarballTree(url, name, expected, context);
    return { path, inStore: true, info: new Map() };
  } catch (error) {
    if (!(error instanceof NarHashMismatchError)) throw error;
    // As of a file, in Nix's own notation.
    const [wanted, got] = [error.expected.toPrefixedNix32(), error.got.toPrefixedNix32()];
    throw new HashMismatchError(withoutCredentials(url), wanted, got, { cause: error });
  }
}

/** `fetchTree { type = "tarball"; url; }` */
export async function fetchTarballInput(
  attributes: InputAttributes,
  context: FetchContext,
): Promise<SchemeResult> {
  allowAttributes(attributes, "tarball", ["url", "unpack", "rev", "revCount", "lastModified"]);
  const locked = await lockedTree(attributes, context);
  if (locked !== undefined) return locked;
  const url = textAttribute(attributes, "url");
  if (url === undefined) throw new FetchError("attribute 'url' is missing");
  const name = textAttribute(attributes, "name") ?? "source";
  const tree = await fetchTarballTree(toText(url), name, expectedNarHash(attributes), context);
  const info: FetchInfo = new Map([["narHash", tree.narHash.toSri()]]);
  const immutable = tree.immutableUrl === undefined ? undefined : immutableInput(tree.immutableUrl);
  const known = immutable ?? attributes;
  const rev = textAttribute(known, "rev");
  if (rev !== undefined) addRevision(info, rev);
  const revCount = integerAttribute(known, "revCount");
  if (revCount !== undefined) info.set("revCount", revCount);
  addLastModified(info, Number(integerAttribute(known, "lastModified") ?? BigInt(tree.lastModified)));
  const changes = new Map<string, ByteString | bigint | boolean | undefined>(immutable);
  if (immutable !== undefined)
    for (const name of attributes.keys()) if (!immutable.has(name)) changes.set(name, undefined);
  return result(tree.path as Parameters<typeof result>[0], info, changes);
}

/** The input that a server says will always be this very tree. */
function immutableInput(url: string): InputAttributes {
  const errors = { error: (message: string) => new EvaluationError("eval", message) };
  const input = inputFromUrl(errors, parseUrl(toBytes(url)), true);
  if (input.get("type") !== "tarball")
    throw new FetchError("tarball 'Link' headers that redirect to non-tarball URLs are not supported");
  return input;
}

/** `fetchTree { type = "file"; url; }`: the file itself, by its NAR hash. */
export async function fetchFileInput(
  attributes: InputAttributes,
  context: FetchContext,
): Promise<SchemeResult> {
  allowAttributes(attributes, "file", ["url", "unpack", "rev", "revCount", "lastModified"]);
  const url = textAttribute(attributes, "url");
  if (url === undefined) throw new FetchError("attribute 'url' is missing");
  const name = textAttribute(attributes, "name") ?? "source";
  const expected = expectedNarHash(attributes);
  const valid = expected === undefined ? undefined : await validTree(expected, name, context);
  if (valid !== undefined) return result(valid, new Map([["narHash", expected!.toSri()]]));
  return await withTemporaryDirectory(async (directory) => {
    const destination = join(directory, "file");
    await downloadFile({ urls: [toText(url)], destination, settings: context.settings, sink: context.sink });
    fs.chmodSync(destination, 0o644);
    const { path, narHash } = addTree(destination, name, expected, url, context);
    return result(path, new Map([["narHash", narHash.toSri()]]));
  });
}
