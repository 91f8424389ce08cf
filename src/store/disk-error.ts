/** What the disk refuses, told to users: which store, and what to do about it. */
import { type ByteString, toBytes } from "../format/bytes.ts";
import { StoreError } from "./store-error.ts";

const diskHints: Record<string, string> = {
  ENOSPC: "The disk is full. `bruma store gc` removes what is no longer needed.",
  EDQUOT: "Your disk quota is used up. `bruma store gc` removes what is no longer needed.",
  EROFS: "The store is on a file system that is mounted read-only.",
  EACCES: "You may not write there. BRUMA_STORE_ROOT names another place for the store.",
  EPERM: "You may not write there. BRUMA_STORE_ROOT names another place for the store.",
};

/** What writing to the store met on the disk, as an error for users; others pass. */
export function writeError(error: unknown, directory: ByteString): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (!(error instanceof Error) || code === undefined || diskHints[code] === undefined) return error;
  return new StoreError(`cannot write to the store in '${directory}': ${toBytes(message)}`, {
    hint: diskHints[code],
    cause: error,
  });
}
