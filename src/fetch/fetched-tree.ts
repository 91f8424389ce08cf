/**
 * From a fetched file tree to what `fetchTree` returns: adding it to the store, checking its hash, the attributes
 * that go with it.
 */
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ByteString, toBytes, toText } from "../format/bytes.ts";
import { type Hash, parseHash } from "../format/hash.ts";
import { makeFixedOutputPath, type StorePath } from "../format/store-path.ts";
import { compactTime } from "../format/time.ts";
import type { FetchResult } from "../language/world.ts";
import { FetchError, NarHashMismatchError, withoutCredentials } from "./error.ts";
import type { FetchContext, InputAttributes } from "./fetch-context.ts";

export type FetchInfo = Map<string, ByteString | bigint | boolean>;

export function textAttribute(attributes: InputAttributes, name: string): ByteString | undefined {
  const value = attributes.get(name);
  if (value === undefined) return undefined;
  if (typeof value !== "string") throw new FetchError(`input attribute '${name}' is not a string`);
  return value;
}

export function booleanAttribute(attributes: InputAttributes, name: string): boolean | undefined {
  const value = attributes.get(name);
  if (value === undefined) return undefined;
  if (typeof value !== "boolean") throw new FetchError(`input attribute '${name}' is not a Boolean`);
  return value;
}

export function integerAttribute(attributes: InputAttributes, name: string): bigint | undefined {
  const value = attributes.get(name);
  if (value === undefined) return undefined;
  if (typeof value !== "bigint") throw new FetchError(`input attribute '${name}' is not an integer`);
  return value;
}

/** @throws FetchError naming the first attribute that the input type does not have */
export function allowAttributes(attributes: InputAttributes, type: string, allowed: readonly string[]): void {
  for (const name of attributes.keys()) {
    if (name === "type" || name === "__final" || name === "narHash" || name === "name") continue;
    if (!allowed.includes(name)) {
      throw new FetchError(`input attribute '${name}' not supported by scheme '${type}'`);
    }
  }
}

/** `lastModified` and `lastModifiedDate` (UTC, `YYYYMMDDhhmmss`). */
export function addLastModified(info: FetchInfo, seconds: number): void {
  info.set("lastModified", BigInt(seconds));
  info.set("lastModifiedDate", compactTime(BigInt(seconds)));
}

export function addRevision(info: FetchInfo, rev: ByteString): void {
  info.set("rev", rev);
  info.set("shortRev", rev.slice(0, 7));
}

/** The `narHash` attribute, undefined if absent or empty. */
export function expectedNarHash(attributes: InputAttributes): Hash | undefined {
  const text = textAttribute(attributes, "narHash");
  return text === undefined || text === "" ? undefined : parseHash(text, "sha256");
}

/** Where a tree of this NAR hash lies in the store, if it is valid there or can be substituted. */
export async function validTree(
  hash: Hash,
  name: ByteString,
  context: FetchContext,
  method: "nar" | "flat" = "nar",
): Promise<StorePath | undefined> {
  const { store } = context;
  const path = makeFixedOutputPath(name, { method, hash, references: [] }, store.storeDir);
  if (store.isValidPath(path)) return path;
  if (context.substitute !== undefined && (await context.substitute(path)) && store.isValidPath(path))
    return path;
  return undefined;
}

/**
 * Adds a tree and checks its hash.
 * @param shown the input as the message has it
 * @throws NarHashMismatchError if the hash is another
 */
export function addTree(
  realPath: string,
  name: ByteString,
  expected: Hash | undefined,
  shown: string,
  context: FetchContext,
): { path: StorePath; narHash: Hash } {
  const { path, narHash } = context.store.addTreeToStore(toBytes(realPath), { name, method: "nar" });
  if (expected !== undefined && !narHash.equals(expected))
    throw new NarHashMismatchError(shown, expected, narHash);
  return { path, narHash };
}

/** What a scheme gives: besides the result, where the locked input differs from what was asked for. */
export interface SchemeResult extends FetchResult {
  /** Undefined: the attribute goes. */
  readonly changes?: ReadonlyMap<string, ByteString | bigint | boolean | undefined>;
}

export function result(
  path: StorePath,
  info: FetchInfo,
  changes: SchemeResult["changes"] = new Map(),
): SchemeResult {
  return { path, inStore: true, info, changes };
}

const endingSignals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Runs with a private directory that is gone afterwards, also when a signal ends the program. */
export async function withTemporaryDirectory<T>(use: (directory: string) => Promise<T>): Promise<T> {
  const directory = fs.mkdtempSync(join(tmpdir(), "bruma-fetch-"));
  const remove = () => fs.rmSync(directory, { recursive: true, force: true });
  const onSignal = (signal: NodeJS.Signals) => {
    remove();
    process.removeListener(signal, onSignal);
    // Ours was all that kept the signal from its effect, unless somebody else listens.
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
  };
  for (const signal of endingSignals) process.on(signal, onSignal);
  try {
    return await use(directory);
  } finally {
    for (const signal of endingSignals) process.removeListener(signal, onSignal);
    remove();
  }
}

/**
 * What a lock file knows already of an input whose tree is in the store: nothing need be fetched.
 * `final` inputs say all there is to say; others must at least bring their time.
 */
export async function lockedTree(
  attributes: InputAttributes,
  context: FetchContext,
): Promise<SchemeResult | undefined> {
  const narHash = expectedNarHash(attributes);
  const lastModified = integerAttribute(attributes, "lastModified");
  if (narHash === undefined || (lastModified === undefined && attributes.get("__final") !== true))
    return undefined;
  const path = await validTree(narHash, textAttribute(attributes, "name") ?? "source", context);
  if (path === undefined) return undefined;
  const info: FetchInfo = new Map([["narHash", narHash.toSri()]]);
  const rev = textAttribute(attributes, "rev");
  if (rev !== undefined) addRevision(info, rev);
  const revCount = integerAttribute(attributes, "revCount");
  if (revCount !== undefined) info.set("revCount", revCount);
  if (lastModified !== undefined) addLastModified(info, Number(lastModified));
  if (attributes.get("type") === "git")
    info.set("submodules", booleanAttribute(attributes, "submodules") ?? false);
  return result(path, info);
}

/** An input for messages: its address, or its attributes. */
export function showInput(attributes: InputAttributes): string {
  const url = attributes.get("url") ?? attributes.get("path");
  if (typeof url === "string") return toText(withoutCredentials(url));
  return toText([...attributes].map(([name, value]) => `${name}=${String(value)}`).join(" "));
}
