/** What the fetchers of this floor are given besides the request: the store, the settings, and who draws progress. */
import type { ByteString } from "../format/bytes.ts";
import type { Store } from "../store/store.ts";
import type { ProgressSink } from "./events.ts";
import type { FetchSettings } from "./settings.ts";

export type FetchStore = Pick<Store, "storeDir" | "addTreeToStore" | "isValidPath" | "queryPathInfo">;

export interface FetchContext {
  readonly store: FetchStore;
  readonly settings: FetchSettings;
  readonly sink?: ProgressSink | undefined;
  /** Where a path of the store lies on this machine; the path itself if that is not told. */
  readonly physical?: ((path: ByteString) => ByteString) | undefined;
  /** Tries to make a store path valid by substitution; tells whether it is. */
  readonly substitute?: ((path: ByteString) => Promise<boolean>) | undefined;
}

/** Attributes of an input, as in a lock file or an argument of `fetchTree`. */
export type InputAttributes = ReadonlyMap<string, ByteString | bigint | boolean>;
