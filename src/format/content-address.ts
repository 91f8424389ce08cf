/**
 * Content addresses: how a store object's path follows from its contents.
 *
 * Printed `text:sha256:<nix32>`, `fixed:sha256:<nix32>` (one flat file) or `fixed:r:sha256:<nix32>` (a NAR), in the
 * database's `ca` column and in narinfo files. Git hashing is experimental in Nix and refused here as there.
 * Manual: "Content-addressing store objects".
 */
import type { ByteString } from "./bytes.ts";
import { FormatError } from "./format-error.ts";
import { type Hash, parseHashAlgorithm, parseUnprefixedHash } from "./hash.ts";

/** "text": a file with references; "flat": one regular file's bytes; "nar": any file tree. */
export type ContentAddressMethod = "text" | "flat" | "nar";

export interface ContentAddress {
  readonly method: ContentAddressMethod;
  readonly hash: Hash;
}

export function printContentAddress(address: ContentAddress): string {
  const prefix = address.method === "text" ? "text:" : address.method === "nar" ? "fixed:r:" : "fixed:";
  return prefix + address.hash.toPrefixedNix32();
}

/** @throws FormatError with Nix's message */
export function parseContentAddress(text: ByteString): ContentAddress {
  const colon = text.indexOf(":");
  if (colon < 0)
    throw new FormatError(`not a content address because it is not in the form '<prefix>:<rest>': ${text}`);
  const prefix = text.slice(0, colon);
  let rest = text.slice(colon + 1);
  let method: ContentAddressMethod;
  if (prefix === "text") method = "text";
  else if (prefix === "fixed") {
    method = "flat";
    if (rest.startsWith("r:")) {
      method = "nar";
      rest = rest.slice(2);
    } else if (rest.startsWith("git:"))
      throw new FormatError(
        "experimental Nix feature 'git-hashing' is disabled; add '--extra-experimental-features git-hashing' to enable it",
      );
  } else
    throw new FormatError(
      `content address prefix '${prefix}' is unrecognized. Recogonized prefixes are 'text' or 'fixed'`,
    );
  const second = rest.indexOf(":");
  if (second < 0)
    throw new FormatError(`content address hash must be in form '<algo>:<hash>', but found: ${text}`);
  const algorithm = parseHashAlgorithm(rest.slice(0, second));
  return { method, hash: parseUnprefixedHash(rest.slice(second + 1), algorithm) };
}
