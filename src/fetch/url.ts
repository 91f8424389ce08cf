/**
 * `builtins.fetchurl`: one file into the store, by the flat hash of its bytes.
 *
 * Without hash the answer is kept for the settings' `ttl` seconds, then the server is asked whether it changed.
 */
import * as fs from "node:fs";
import { join } from "node:path";
import { type ByteString, toBytes, toText } from "../format/bytes.ts";
import { type Hash, parseHash } from "../format/hash.ts";
import type { StorePath } from "../format/store-path.ts";
import type { FetchResult, FetchUrlRequest } from "../language/world.ts";
import { readAnswer, writeAnswer } from "./answer-cache.ts";
import { downloadFile } from "./download.ts";
import { HashMismatchError } from "./error.ts";
import type { FetchContext } from "./fetch-context.ts";
import { validTree, withTemporaryDirectory } from "./fetched-tree.ts";

/** The last part of an address. */
export function nameFromUrl(url: ByteString): ByteString {
  return /([^/]*)\/*$/.exec(url)![1]!;
}

/**
 * @throws HashMismatchError (exit status 102) if `sha256` is given and differs
 * @throws FetchError if it cannot be had
 */
export async function fetchUrl(request: FetchUrlRequest, context: FetchContext): Promise<FetchResult> {
  const name = request.name || nameFromUrl(request.url);
  const expected = request.sha256 ? parseHash(request.sha256, "sha256") : undefined;
  const found = (path: StorePath): FetchResult => ({ path, inStore: true, info: new Map() });
  if (expected !== undefined) {
    const valid = await validTree(expected, name, context, "flat");
    if (valid !== undefined) return found(valid);
  }
  const url = toText(request.url);
  const key = `file:${url}`;
  const kept = expected === undefined ? readAnswer(key, context.settings) : undefined;
  const keptPath = kept === undefined ? undefined : await validTree(kept.hash, name, context, "flat");
  if (keptPath !== undefined && (kept!.fresh || context.settings.offline)) return found(keptPath);
  return await withTemporaryDirectory(async (directory) => {
    const destination = join(directory, "file");
    let hash: Hash;
    try {
      const answer = await downloadFile({
        urls: [url],
        destination,
        expected,
        settings: context.settings,
        sink: context.sink,
        name: toText(name),
        etag: keptPath === undefined ? undefined : kept!.etag,
      });
      if (answer.notModified && kept !== undefined) {
        writeAnswer(key, kept, context.settings);
        return found(keptPath!);
      }
      hash = answer.sha256;
      if (expected === undefined) writeAnswer(key, { hash, etag: answer.etag }, context.settings);
    } catch (error) {
      if (error instanceof HashMismatchError) throw asNixSays(error, url);
      throw error;
    }
    fs.chmodSync(destination, 0o644);
    return found(context.store.addTreeToStore(toBytes(destination), { name, method: "flat" }).path);
  });
}

/** Nix shows these two hashes in its own notation. */
function asNixSays(error: HashMismatchError, url: string): HashMismatchError {
  const own = (sri: string) => parseHash(sri).toPrefixedNix32();
  return new HashMismatchError(url, own(error.expected), own(error.got), { cause: error });
}
