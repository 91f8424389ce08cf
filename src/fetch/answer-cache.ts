/**
 * What unpinned addresses gave last time: hash of the result, version tag of the server, time of the tree.
 *
 * One small file an address under the cache directory. Results themselves lie in the store; an entry whose result has
 * been collected is of no use and the address is asked anew.
 */
import * as fs from "node:fs";
import { join } from "node:path";
import { type Hash, parseHash } from "../format/hash.ts";
import { sha256Base16 } from "../format/sha256.ts";
import type { FetchSettings } from "./settings.ts";

export interface Answer {
  /** Flat or NAR hash, as the key's kind has it. */
  readonly hash: Hash;
  readonly etag?: string | undefined;
  /** Seconds since the epoch. */
  readonly lastModified?: number | undefined;
  readonly immutableUrl?: string | undefined;
  /** A commit, for addresses of branches. */
  readonly rev?: string | undefined;
}

export interface KeptAnswer extends Answer {
  /** Younger than the settings' `ttl`. */
  readonly fresh: boolean;
}

function fileFor(key: string, settings: FetchSettings): string {
  const digest = sha256Base16(Buffer.from(key)).slice(0, 40);
  return join(settings.cacheDirectory, "answers", `${digest}.json`);
}

export function readAnswer(key: string, settings: FetchSettings): KeptAnswer | undefined {
  const file = fileFor(key, settings);
  try {
    const stored = JSON.parse(fs.readFileSync(file, "utf8")) as Record<string, unknown>;
    const age = Date.now() - fs.statSync(file).mtimeMs;
    const text = (name: string) => (typeof stored[name] === "string" ? (stored[name] as string) : undefined);
    return {
      hash: parseHash(text("hash") ?? ""),
      etag: text("etag"),
      lastModified: typeof stored.lastModified === "number" ? stored.lastModified : undefined,
      immutableUrl: text("immutableUrl"),
      rev: text("rev"),
      fresh: age < settings.ttl * 1000,
    };
  } catch {
    return undefined; // absent or damaged: asked anew
  }
}

export function writeAnswer(key: string, answer: Answer, settings: FetchSettings): void {
  const file = fileFor(key, settings);
  const temporary = `${file}.${process.pid}.tmp`;
  const { etag, lastModified, immutableUrl, rev } = answer;
  try {
    fs.mkdirSync(join(settings.cacheDirectory, "answers"), { recursive: true });
    fs.writeFileSync(
      temporary,
      JSON.stringify({ hash: answer.hash.toSri(), etag, lastModified, immutableUrl, rev }),
      { mode: 0o600 },
    );
    fs.renameSync(temporary, file);
  } catch {
    // A cache that cannot be written costs time only.
  }
}
