/** A binary cache as a source of finished paths for the scheduler. */
import type { ProgressSink } from "../fetch/events.ts";
import type { PublicKey } from "../format/signature.ts";
import { type StorePath, storePathName } from "../format/store-path.ts";
import type { BinaryCache } from "../store/binary-cache.ts";
import type { Store } from "../store/store.ts";
import type { SubstituteInfo, Substituter } from "./substituter.ts";

/** Apart from downloads' own numbers, which count from 1 upwards. */
let lastId = 1_000_000_000;

/** @param trustedKeys undefined: whatever the cache says is believed (`require-sigs = false`) */
export function cacheSubstituter(
  cache: BinaryCache,
  store: Store,
  trustedKeys: readonly PublicKey[] | undefined,
): Substituter {
  return {
    name: cache.name,
    async query(path: StorePath, signal: AbortSignal | undefined): Promise<SubstituteInfo | undefined> {
      const info = await cache.queryNarInfo(path, signal);
      if (info === undefined) return undefined;
      return { path, references: info.references, downloadSize: info.fileSize ?? 0, narSize: info.narSize };
    },
    async substitute(path, sink: ProgressSink | undefined, signal): Promise<void> {
      const id = ++lastId;
      const info = await cache.queryNarInfo(path, signal);
      sink?.({
        kind: "fetch-start",
        id,
        name: storePathName(path),
        url: cache.name,
        bytesTotal: info?.fileSize,
      });
      let ok = false;
      try {
        await cache.copyTo(path, store, {
          trustedKeys,
          signal,
          progress: (bytesDone, bytesTotal) => sink?.({ kind: "fetch-progress", id, bytesDone, bytesTotal }),
        });
        ok = true;
      } finally {
        sink?.({ kind: "fetch-end", id, ok });
      }
    },
  };
}
