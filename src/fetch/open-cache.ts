/** Binary caches by their address: `file:///dir`, a plain absolute directory, `http://…`, `https://…`. */
import { fileURLToPath } from "node:url";
import type { ByteString } from "../format/bytes.ts";
import { BinaryCache } from "../store/binary-cache.ts";
import { type CacheFiles, DirectoryCache } from "../store/cache-files.ts";
import { decompress } from "./decompress.ts";
import { FetchError } from "./error.ts";
import { HttpCache } from "./http-cache.ts";
import type { FetchSettings } from "./settings.ts";

/** @throws FetchError for an address of another kind */
export function openBinaryCache(
  address: string,
  options: {
    readonly storeDir: ByteString;
    readonly settings: FetchSettings;
    readonly temporaryDirectory?: string | undefined;
  },
): BinaryCache {
  return new BinaryCache(cacheFiles(address, options.settings), {
    storeDir: options.storeDir,
    decompress,
    temporaryDirectory: options.temporaryDirectory,
  });
}

function cacheFiles(address: string, settings: FetchSettings): CacheFiles {
  if (/^https?:\/\//i.test(address)) return new HttpCache(address, settings);
  if (/^file:\/\//i.test(address)) return new DirectoryCache(fileURLToPath(address.replace(/[?#].*$/, "")));
  if (address.startsWith("/")) return new DirectoryCache(address.replace(/\/+$/, "") || "/");
  throw new FetchError(`'${address}' is no address of a binary cache that is supported`, {
    hint: "Give file:///directory, http://… or https://….",
  });
}
