/** Whether a path may be believed: does it follow from its contents, or has someone trusted signed it? */
import type { ByteString } from "../format/bytes.ts";
import type { ContentAddress } from "../format/content-address.ts";
import { FormatError } from "../format/format-error.ts";
import { verifyNarInfo } from "../format/narinfo.ts";
import type { PublicKey } from "../format/signature.ts";
import { makeContentAddressedPath, storePathName } from "../format/store-path.ts";
import type { NewPathInfo } from "./store.ts";
import { ContentMismatchError } from "./store-error.ts";

/** Does the path's hash follow from this content address and these references? Says nothing of the files. */
export function followsFromContents(info: NewPathInfo, ca: ContentAddress, storeDir: ByteString): boolean {
  const self = info.references.includes(info.path);
  const others = info.references.filter((reference) => reference !== info.path);
  try {
    return makeContentAddressedPath(storePathName(info.path), ca, others, self, storeDir) === info.path;
  } catch (error) {
    if (error instanceof FormatError) return false;
    throw error;
  }
}

/**
 * @param trustedKeys undefined: everything is believed
 * @throws ContentMismatchError when neither a content address nor a trusted signature vouches for the path
 */
export function checkTrust(
  info: NewPathInfo,
  trustedKeys: readonly PublicKey[] | undefined,
  storeDir: ByteString,
): void {
  if (trustedKeys === undefined) return;
  // The content address is compared with the files when they are there.
  if (info.ca !== undefined && followsFromContents(info, info.ca, storeDir)) return;
  if (!verifyNarInfo({ ...info, signatures: info.signatures ?? [] }, trustedKeys))
    throw new ContentMismatchError(
      `cannot add path '${info.path}' because it lacks a signature by a trusted key`,
      { exitCode: 1 },
    );
}
