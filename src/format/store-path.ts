/**
 * Store paths: `<store directory>/<32 nix32 digits>-<name>`, how they are read and how they are computed.
 *
 * A `StorePath` is always the full logical path, never a base name and never where the bytes physically lie.
 * Only the functions here make one. Manual: "Store path", "Complete store path calculation".
 */
import { type ByteString, readBytes, writeBytes } from "./bytes.ts";
import type { ContentAddress } from "./content-address.ts";
import { StorePathError } from "./format-error.ts";
import { compressHash, type Hash, sha256Prefixed } from "./hash.ts";
import { encodeNix32, isNix32, writeNix32 } from "./nix32.ts";
import { sha256Transient } from "./sha256.ts";

declare const storePathBrand: unique symbol;
export type StorePath = string & { readonly [storePathBrand]: true };

/** Digits of the hash part. */
export const hashPartLength = 32;
/** The longest name, so that `<hash>-<name>` with `.lock` or `.drv` still fits a file name. */
export const maxNameLength = 211;

/** @throws StorePathError with Nix's message when the name cannot be a store path's */
export function checkStoreName(name: ByteString): void {
  const reason = storeNameFault(name);
  if (reason !== undefined) throw new StorePathError(reason);
}

/** What is wrong with a name, in Nix's words; undefined when it is good. */
export function storeNameFault(name: ByteString): string | undefined {
  if (name === "") return "name must not be empty";
  if (name.length > maxNameLength) return `name '${name}' must be no longer than ${maxNameLength} characters`;
  if (name === "." || name === "..") return `name '${name}' is not valid`;
  if (name.startsWith(".-"))
    return `name '${name}' is not valid: first dash-separated component must not be '.'`;
  if (name.startsWith("..-"))
    return `name '${name}' is not valid: first dash-separated component must not be '..'`;
  const illegal = /[^0-9a-zA-Z+\-._?=]/.exec(name);
  if (illegal !== null) return `name '${name}' contains illegal character '${illegal[0]}'`;
  return undefined;
}

/** @throws StorePathError with Nix's message */
function checkBaseName(base: ByteString): void {
  if (base.length < hashPartLength + 1)
    throw new StorePathError(`'${base}' is too short to be a valid store path`);
  if (base[hashPartLength] !== "-")
    throw new StorePathError(
      `'${base}' can't name a store path because the hash part is not followed by a '-'`,
    );
  const hashPart = base.slice(0, hashPartLength);
  if (!isNix32(hashPart)) {
    const illegal = [...hashPart].find((character) => !isNix32(character));
    throw new StorePathError(`store path '${base}' contains illegal base-32 character '${illegal}'`);
  }
  const fault = storeNameFault(base.slice(hashPartLength + 1));
  if (fault !== undefined) throw new StorePathError(`path '${base}' is not a valid store path: ${fault}`);
}

/** `<hash>-<name>` in that store. @throws StorePathError */
export function storePathFromBaseName(base: ByteString, storeDir: ByteString): StorePath {
  checkBaseName(base);
  return `${storeDir}/${base}` as StorePath;
}

/**
 * Reads a full path directly inside `storeDir`. Doubled and trailing slashes and `.` are forgiven, as by Nix.
 * @throws StorePathError with Nix's message
 */
export function parseStorePath(path: ByteString, storeDir: ByteString): StorePath {
  if (path.startsWith(storeDir) && path[storeDir.length] === "/") {
    const base = path.slice(storeDir.length + 1);
    if (!base.includes("/")) {
      checkBaseName(base);
      return path as StorePath;
    }
  }
  if (path === "") throw new StorePathError("empty path is not a valid store path");
  const parts: string[] = [];
  if (path.startsWith("/"))
    for (const part of path.split("/")) {
      if (part === "" || part === ".") continue;
      if (part === "..") parts.pop();
      else parts.push(part);
    }
  const base = parts.pop();
  if (base === undefined || `/${parts.join("/")}` !== storeDir)
    throw new StorePathError(`path '${path}' is not in the Nix store`);
  checkBaseName(base);
  return `${storeDir}/${base}` as StorePath;
}

/** As `parseStorePath`, but undefined instead of an error. */
export function tryParseStorePath(path: ByteString, storeDir: ByteString): StorePath | undefined {
  try {
    return parseStorePath(path, storeDir);
  } catch (error) {
    if (error instanceof StorePathError) return undefined;
    throw error;
  }
}

/** Is `path` the store directory's child, or below one? Says nothing of whether that child is well named. */
export function isInStore(path: ByteString, storeDir: ByteString): boolean {
  return path.length > storeDir.length + 1 && path.startsWith(storeDir) && path[storeDir.length] === "/";
}

/** Splits `<store path>/bin/x` into the store path and `/bin/x` (or ""). @throws StorePathError */
export function splitStorePath(
  path: ByteString,
  storeDir: ByteString,
): { storePath: StorePath; rest: ByteString } {
  if (!isInStore(path, storeDir)) throw new StorePathError(`path '${path}' is not in the Nix store`);
  const slash = path.indexOf("/", storeDir.length + 1);
  if (slash < 0) return { storePath: parseStorePath(path, storeDir), rest: "" };
  return { storePath: parseStorePath(path.slice(0, slash), storeDir), rest: path.slice(slash) };
}

/** `<hash>-<name>`. */
export function storePathBaseName(path: StorePath): ByteString {
  return path.slice(path.lastIndexOf("/") + 1);
}
export function storePathName(path: StorePath): ByteString {
  return path.slice(path.lastIndexOf("/") + 2 + hashPartLength);
}
export function storePathHashPart(path: StorePath): ByteString {
  const start = path.lastIndexOf("/") + 1;
  return path.slice(start, start + hashPartLength);
}
export function isDerivationPath(path: StorePath): boolean {
  return path.endsWith(".drv");
}

/**
 * The path of given type, inner digest and name: the SHA-256 of `type:sha256:<hex>:<store>:<name>`, folded to 160 bits.
 * @param innerDigest as printed with its algorithm in base 16, `sha256:…`
 */
export function makeStorePath(
  type: string,
  hash: Hash | string,
  name: ByteString,
  storeDir: ByteString,
): StorePath {
  const inner = typeof hash === "string" ? hash : hash.toPrefixedBase16();
  const fault = storeNameFault(name);
  const digest = sha256Transient(`${type}:${inner}:${storeDir}:${name}`);
  if (fault !== undefined) {
    const base = `${encodeNix32(compressHash(digest, 20))}-${name}`;
    throw new StorePathError(`path '${base}' is not a valid store path: ${fault}`);
  }
  if (storeDir !== drawnFor) draw(storeDir);
  // The last twelve bytes fold onto the first.
  writeNix32(
    drawn,
    hashAt,
    word(digest, 0) ^ word(digest, 20),
    word(digest, 4) ^ word(digest, 24),
    word(digest, 8) ^ word(digest, 28),
    word(digest, 12),
    word(digest, 16),
  );
  writeBytes(drawn, name, nameAt);
  return readBytes(drawn, nameAt + name.length) as StorePath;
}

// Paths are put together here and read as one flat string: joined from parts, each would be a tree of strings first.
let drawn = Buffer.alloc(0);
let drawnFor: ByteString | undefined;
let hashAt = 0;
let nameAt = 0;

function draw(storeDir: ByteString): void {
  hashAt = storeDir.length + 1;
  nameAt = hashAt + hashPartLength + 1;
  drawn = Buffer.from(`${storeDir}/${" ".repeat(hashPartLength)}-${" ".repeat(maxNameLength)}`, "latin1");
  drawnFor = storeDir;
}

function word(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}

function inOrder(paths: readonly StorePath[]): boolean {
  for (let index = 1; index < paths.length; index++) if (paths[index - 1]! > paths[index]!) return false;
  return true;
}

function typeWithReferences(type: string, references: Iterable<StorePath>, self: boolean): string {
  // A derivation's are.
  const sorted = Array.isArray(references) && inOrder(references) ? references : [...references].sort();
  const text = sorted.length === 0 ? type : `${type}:${sorted.join(":")}`;
  return self ? `${text}:self` : text;
}

export interface FixedOutput {
  readonly method: "flat" | "nar";
  readonly hash: Hash;
  /** Other paths it refers to; allowed only for "nar" with SHA-256. */
  readonly references?: Iterable<StorePath> | undefined;
  /** Does it contain its own path? (Then `hash` is the hash modulo that path.) */
  readonly self?: boolean | undefined;
}

/** The path of a file or tree whose contents are known. @throws StorePathError if it may not have references but does */
export function makeFixedOutputPath(name: ByteString, info: FixedOutput, storeDir: ByteString): StorePath {
  const references = [...(info.references ?? [])];
  const self = info.self ?? false;
  if (info.method === "nar" && info.hash.algorithm === "sha256")
    return makeStorePath(typeWithReferences("source", references, self), info.hash, name, storeDir);
  if (references.length > 0 || self)
    throw new StorePathError(
      `fixed output derivation '${name}' is not allowed to refer to other store paths.\nYou may need to use the 'unsafeDiscardReferences' derivation attribute, see the manual for more details.`,
    );
  const method = info.method === "nar" ? "r:" : "";
  const inner = sha256Prefixed(`fixed:out:${method}${info.hash.toPrefixedBase16()}:`);
  return makeStorePath("output:out", inner, name, storeDir);
}

/**
 * The path of a text file (`builtins.toFile`, `.drv` files) with these references.
 * @param hash SHA-256 of the text, or `sha256:<base 16>` of it
 */
export function makeTextPath(
  name: ByteString,
  hash: Hash | string,
  references: Iterable<StorePath>,
  storeDir: ByteString,
): StorePath {
  return makeStorePath(typeWithReferences("text", references, false), hash, name, storeDir);
}

/** The path that a content address with its references gives. */
export function makeContentAddressedPath(
  name: ByteString,
  address: ContentAddress,
  references: Iterable<StorePath>,
  self: boolean,
  storeDir: ByteString,
): StorePath {
  if (address.method === "text") {
    if (self) throw new StorePathError(`text file '${name}' cannot refer to itself`);
    return makeTextPath(name, address.hash, references, storeDir);
  }
  return makeFixedOutputPath(
    name,
    { method: address.method, hash: address.hash, references, self },
    storeDir,
  );
}

/** `name` for the output `out`, `name-output` for the others. */
export function outputPathName(drvName: ByteString, output: ByteString): ByteString {
  return output === "out" ? drvName : `${drvName}-${output}`;
}

/** An input-addressed output's path. @param hash hashDerivationModulo of the derivation, or `sha256:<base 16>` of it */
export function makeOutputPath(
  output: ByteString,
  hash: Hash | string,
  drvName: ByteString,
  storeDir: ByteString,
): StorePath {
  return makeStorePath(`output:${output}`, hash, outputPathName(drvName, output), storeDir);
}
