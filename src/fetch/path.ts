/** `fetchTree { type = "path"; path; }`: a file tree of this machine, copied into the store. Manual: "Path fetcher". */
import * as fs from "node:fs";
import { type ByteString, toBuffer, toText } from "../format/bytes.ts";
import type { StorePath } from "../format/store-path.ts";
import { tryParseStorePath } from "../format/store-path.ts";
import { FetchError } from "./error.ts";
import type { FetchContext, InputAttributes } from "./fetch-context.ts";
import {
  addLastModified,
  addRevision,
  addTree,
  allowAttributes,
  expectedNarHash,
  type FetchInfo,
  integerAttribute,
  result,
  type SchemeResult,
  textAttribute,
} from "./fetched-tree.ts";

/** The latest modification time in a tree, in whole seconds. Links are not followed. */
export function latestTime(path: Buffer): number {
  const status = fs.lstatSync(path);
  let latest = Math.floor(status.mtimeMs / 1000);
  if (!status.isDirectory()) return latest;
  for (const name of fs.readdirSync(path, { encoding: "buffer" })) {
    latest = Math.max(latest, latestTime(Buffer.concat([path, Buffer.from("/"), name])));
  }
  return latest;
}

function checkPath(path: ByteString, real: ByteString): void {
  if (!path.startsWith("/")) {
    throw new FetchError(`cannot fetch input 'path:${toText(path)}' because it uses a relative path`);
  }
  try {
    fs.lstatSync(toBuffer(real));
  } catch (cause) {
    throw new FetchError(`path '${toText(path)}' does not exist`, { cause });
  }
}

export async function fetchPathInput(
  attributes: InputAttributes,
  context: FetchContext,
): Promise<SchemeResult> {
  allowAttributes(attributes, "path", ["path", "rev", "revCount", "lastModified"]);
  const given = textAttribute(attributes, "path");
  if (given === undefined) throw new FetchError("attribute 'path' is missing");
  const name = textAttribute(attributes, "name") ?? "source";
  const info: FetchInfo = new Map();
  const inStore: StorePath | undefined = tryParseStorePath(given, context.store.storeDir);
  const known = inStore?.endsWith(`-${name}`) ? context.store.queryPathInfo(inStore) : undefined;
  let path: StorePath;
  let time = 0;
  if (known !== undefined) {
    // It is where it should be already.
    path = known.path;
    info.set("narHash", known.narHash.toSri());
  } else {
    const real = context.physical?.(given) ?? given;
    checkPath(given, real);
    time = latestTime(toBuffer(real));
    const added = addTree(toText(real), name, expectedNarHash(attributes), `path:${toText(given)}`, context);
    path = added.path;
    info.set("narHash", added.narHash.toSri());
  }
  const rev = textAttribute(attributes, "rev");
  if (rev !== undefined) addRevision(info, rev);
  const revCount = integerAttribute(attributes, "revCount");
  if (revCount !== undefined) info.set("revCount", revCount);
  addLastModified(info, Number(integerAttribute(attributes, "lastModified") ?? BigInt(time)));
  return result(path, info);
}
