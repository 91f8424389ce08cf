/**
 * The trees of texts that were parsed, in the user's cache folder: one file for each text, named by a hash.
 * Losing one costs a run some time; a damaged one is seen by its reader and made anew.
 */
import * as fs from "node:fs";
import { join } from "node:path";
import type { ByteString } from "../format/bytes.ts";
import type { ParseCache } from "../language/world.ts";

/** A hash of the sources that say what tree a text makes; tools/bundle.mjs puts it in. */
declare const parserVersion: string | undefined;

/** Longer trees are rare. */
const room = Buffer.allocUnsafeSlow(64 * 1024);

/** Of an ordinary file, which gives all it has at once: asking for its size first takes a third of the time. */
function readSmall(path: string): Uint8Array {
  const fd = fs.openSync(path, "r");
  let length: number;
  try {
    length = fs.readSync(fd, room, 0, room.length, 0);
  } finally {
    fs.closeSync(fd);
  }
  return length < room.length ? Buffer.from(room.subarray(0, length)) : fs.readFileSync(path);
}

/** The folder is looked through when one in so many trees is written. */
const lookEvery = 500;

export class ParseCacheFolder implements ParseCache {
  readonly #folder: string;
  readonly #most: number;
  #written = 0;

  /**
   * @param cache the folder for all that bruma may lose; made when something is written
   * @param most number of trees; when there are more, the older half goes
   */
  constructor(cache: string, most = 10_000) {
    this.#folder = join(cache, "parsed");
    this.#most = most;
  }

  #file(key: ByteString): string {
    return `${this.#folder}/${parserVersion}-${key}`;
  }

  read(key: ByteString): Uint8Array | undefined {
    try {
      return readSmall(this.#file(key));
    } catch {
      return undefined;
    }
  }

  write(key: ByteString, tree: Uint8Array): void {
    const file = this.#file(key);
    // Processes of different containers may have one number.
    const fresh = `${this.#folder}/.${process.pid}-${Math.random().toString(36).slice(2)}`;
    try {
      if (this.#written === 0) fs.mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      if (this.#written++ % lookEvery === 0) this.#forgetOld();
      fs.writeFileSync(fresh, tree, { mode: 0o600 });
      fs.renameSync(fresh, file);
    } catch {
      // A full disk, a folder of somebody else: the next run parses the text again.
    }
  }

  #forgetOld(): void {
    // Nothing but what was written here, whatever folder the environment names.
    const names = fs
      .readdirSync(this.#folder)
      .filter((name) => /^(\.\d+-\w+|[0-9a-f]{40}|[0-9a-f]{16}-[0-9a-f]{80})$/.test(name));
    if (names.length < this.#most) return;
    const files = names.map((name) => {
      const path = `${this.#folder}/${name}`;
      return { path, time: fs.statSync(path).mtimeMs };
    });
    files.sort((a, b) => a.time - b.time);
    for (const { path } of files.slice(0, files.length >> 1)) fs.rmSync(path, { force: true });
  }
}

/** Where the environment says caches are; undefined if it names no place. */
export function parseCache(environment: NodeJS.ProcessEnv): ParseCache | undefined {
  const home = environment.HOME;
  const cache = environment.XDG_CACHE_HOME || (home && `${home}/.cache`);
  // Run from its sources the program does not know when they change.
  if (typeof parserVersion === "undefined") return undefined;
  return cache ? new ParseCacheFolder(join(cache, "bruma")) : undefined;
}
