/**
 * A binary cache as a source of finished paths.
 *
 * A path that no trusted key signed, and whose contents do not give its name either, is as good as not there: it is
 * passed over, and built.
 */

import type { ProgressSink } from "../fetch/events.ts";
import type { ByteString } from "../format/bytes.ts";
import { toText } from "../format/bytes.ts";
import type { PublicKey } from "../format/signature.ts";
import { type StorePath, storePathName } from "../format/store-path.ts";
import type { BinaryCache } from "../store/binary-cache.ts";
import { checkTrust } from "../store/content-check.ts";
import type { Store } from "../store/store.ts";
import { ContentMismatchError } from "../store/store-error.ts";
import type { SubstituteInfo, Substituter } from "./substituter.ts";

/** Apart from the numbers that the fetch floor gives to its own downloads. */
let lastId = 1_000_000_000;

export interface CacheSubstituterOptions {
  readonly cache: BinaryCache;
  readonly store: Store;
  /** undefined: whatever the cache says is believed, as Nix's `trusted=true`. */
  readonly trustedKeys: readonly PublicKey[] | undefined;
}

export function cacheSubstituter({ cache, store, trustedKeys }: CacheSubstituterOptions): Substituter {
  return {
    name: cache.name,

    async query(path: StorePath, signal: AbortSignal | undefined): Promise<SubstituteInfo | undefined> {
      const info = await cache.queryNarInfo(path, signal);
      if (info === undefined || !isTrusted(info, trustedKeys, store.storeDir)) return undefined;
      const { references, narSize } = info;
      return { path, references, narSize, downloadSize: info.fileSize ?? 0 };
    },

    async substitute(path: StorePath, sink: ProgressSink | undefined, signal: AbortSignal | undefined) {
      const id = ++lastId;
      const total = (await cache.queryNarInfo(path, signal))?.fileSize;
      sink?.({
        kind: "fetch-start",
        id,
        name: toText(storePathName(path)),
        url: cache.name,
        bytesTotal: total,
      });
      let ok = false;
      try {
        await cache.copyTo(path, store, {
          trustedKeys,
          signal,
          progress: (bytesDone, bytesTotal) =>
            sink?.({ kind: "fetch-progress", id, bytesDone, bytesTotal: bytesTotal ?? total }),
        });
        ok = true;
      } finally {
        sink?.({ kind: "fetch-end", id, ok });
      }
    },
  };
}

function isTrusted(
  info: Parameters<typeof checkTrust>[0],
  keys: readonly PublicKey[] | undefined,
  storeDir: ByteString,
): boolean {
  try {
    checkTrust(info, keys, storeDir);
    return true;
  } catch (error) {
    if (error instanceof ContentMismatchError) return false;
    throw error;
  }
}
