/**
 * `.narinfo` files: what a binary cache says of a store path, and the fingerprint that its signatures cover.
 *
 * Manual: "Binary cache specification", "Store object info". References and the deriver are base names there,
 * full paths here; signed is the full, sorted form.
 */
import type { ByteString } from "./bytes.ts";
import { type ContentAddress, parseContentAddress, printContentAddress } from "./content-address.ts";
import { FormatError } from "./format-error.ts";
import { type Hash, parsePrefixedHash } from "./hash.ts";
import { type PublicKey, type SecretKey, signText, verifyText } from "./signature.ts";
import { parseStorePath, type StorePath, storePathBaseName, storePathFromBaseName } from "./store-path.ts";

export interface NarInfo {
  readonly path: StorePath;
  /** Relative to the cache's root. */
  readonly url: ByteString;
  /** "none", "xz", "bzip2", "zstd", "gzip", "br" …; a file that does not say means bzip2. */
  readonly compression: ByteString;
  /** Of the compressed file. */
  readonly fileHash?: Hash | undefined;
  readonly fileSize?: number | undefined;
  readonly narHash: Hash;
  /** Bytes. */
  readonly narSize: number;
  readonly references: readonly StorePath[];
  readonly deriver?: StorePath | undefined;
  readonly signatures: readonly ByteString[];
  readonly ca?: ContentAddress | undefined;
}

/** @throws FormatError as Nix says it. @param whence what to call the file in messages */
export function parseNarInfo(text: ByteString, storeDir: ByteString, whence: ByteString): NarInfo {
  let line = 0;
  const corrupt = (reason: string, cause?: unknown): FormatError =>
    new FormatError(`NAR info file '${whence}' is corrupt: ${reason}${line > 0 ? ` at line ${line}` : ""}`, {
      cause,
    });
  const hash = (value: ByteString): Hash => {
    try {
      return parsePrefixedHash(value);
    } catch (error) {
      throw corrupt("bad hash", error);
    }
  };
  const number = (value: ByteString, field: string): number => {
    const parsed = Number(value);
    if (!/^[0-9]+$/.test(value) || !Number.isSafeInteger(parsed)) throw corrupt(`invalid ${field}`);
    return parsed;
  };

  let path: StorePath | undefined;
  let url = "";
  let compression = "bzip2";
  let fileHash: Hash | undefined;
  let fileSize: number | undefined;
  let narHash: Hash | undefined;
  let narSize = 0;
  let references: StorePath[] = [];
  let deriver: StorePath | undefined;
  const signatures = new Set<ByteString>();
  let ca: ContentAddress | undefined;

  for (let position = 0; position < text.length; ) {
    line++;
    const colon = text.indexOf(":", position);
    if (colon < 0) throw corrupt("expecting ':'");
    const end = text.indexOf("\n", colon + 1);
    if (end < 0) throw corrupt("expecting '\\n'");
    const name = text.slice(position, colon);
    if (name.includes("\n")) throw corrupt("expecting ':'");
    const value = text.slice(colon + 2, end);
    position = end + 1;
    try {
      switch (name) {
        case "StorePath":
          path = parseStorePath(value, storeDir);
          break;
        case "URL":
          url = value;
          break;
        case "Compression":
          compression = value === "" ? "bzip2" : value;
          break;
        case "FileHash":
          fileHash = hash(value);
          break;
        case "FileSize":
          fileSize = number(value, "FileSize");
          break;
        case "NarHash":
          narHash = hash(value);
          break;
        case "NarSize":
          narSize = number(value, "NarSize");
          break;
        case "References":
          if (references.length > 0) throw corrupt("extra References");
          references = value
            .split(/ +/)
            .filter((base) => base !== "")
            .map((base) => storePathFromBaseName(base, storeDir));
          break;
        case "Deriver":
          if (value !== "unknown-deriver") deriver = storePathFromBaseName(value, storeDir);
          break;
        case "Sig":
          signatures.add(value);
          break;
        case "CA":
          if (ca !== undefined) throw corrupt("extra CA");
          if (value !== "") ca = parseContentAddress(value);
          break;
        default: // Newer fields are nothing to us, as they are nothing to an older Nix.
      }
    } catch (error) {
      if (error instanceof FormatError && !error.message.startsWith("NAR info file"))
        throw corrupt(error.message, error);
      throw error;
    }
  }
  line = 0;
  if (path === undefined) throw corrupt("StorePath missing");
  if (narHash === undefined) throw corrupt("NarHash missing");
  if (url === "") throw corrupt("URL missing");
  if (narSize === 0) throw corrupt("NarSize missing or zero");
  return {
    path,
    url,
    compression,
    fileHash,
    fileSize,
    narHash,
    narSize,
    references: [...new Set(references)].sort(),
    deriver,
    signatures: [...signatures],
    ca,
  };
}

export function printNarInfo(info: NarInfo): ByteString {
  const lines = [`StorePath: ${info.path}`, `URL: ${info.url}`, `Compression: ${info.compression}`];
  if (info.fileHash !== undefined) lines.push(`FileHash: ${info.fileHash.toPrefixedNix32()}`);
  if (info.fileSize !== undefined) lines.push(`FileSize: ${info.fileSize}`);
  lines.push(`NarHash: ${info.narHash.toPrefixedNix32()}`, `NarSize: ${info.narSize}`);
  lines.push(`References: ${[...info.references].sort().map(storePathBaseName).join(" ")}`);
  if (info.deriver !== undefined) lines.push(`Deriver: ${storePathBaseName(info.deriver)}`);
  for (const signature of [...info.signatures].sort()) lines.push(`Sig: ${signature}`);
  if (info.ca !== undefined) lines.push(`CA: ${printContentAddress(info.ca)}`);
  return `${lines.join("\n")}\n`;
}

/** What a signature covers of a path, in a narinfo file or in a store's database. */
export type Signable = Pick<NarInfo, "path" | "narHash" | "narSize" | "references">;

/** `1;<path>;sha256:<nix32>;<size>;<reference>,<reference>` */
export function fingerprint(info: Signable): ByteString {
  const references = [...new Set(info.references)].sort().join(",");
  return `1;${info.path};${info.narHash.toPrefixedNix32()};${info.narSize};${references}`;
}

/** @returns the signature, `<key name>:<base 64>` */
export function signNarInfo(info: Signable, key: SecretKey): ByteString {
  return signText(key, fingerprint(info));
}

/** Is any of the signatures good under any of the keys? */
export function verifyNarInfo(
  info: Signable & Pick<NarInfo, "signatures">,
  keys: readonly PublicKey[],
): boolean {
  const text = fingerprint(info);
  return info.signatures.some((signature) => verifyText(text, signature, keys));
}
