/**
 * Where a binary cache's files are: a directory here, HTTP on the fetch floor. Names are relative to the cache's root.
 */
import * as fs from "node:fs";
import { dirname, join } from "node:path";
import { StoreError } from "./store-error.ts";

/** Told how far a large file has come: bytes done, bytes in all if known. */
export type TransferProgress = (done: number, total: number | undefined) => void;

export interface CacheFiles {
  /** For messages: an address without credentials. */
  readonly name: string;
  /** A small file; undefined when it is not there. @throws when the cache cannot be asked */
  read(name: string, signal?: AbortSignal | undefined): Promise<Buffer | undefined>;
  /** Copies a large file to `destination`. @throws when it is not there */
  fetch(
    name: string,
    destination: string,
    progress?: TransferProgress | undefined,
    signal?: AbortSignal | undefined,
  ): Promise<void>;
  exists(name: string): Promise<boolean>;
  /** Puts a small file there, whole or not at all. @throws StoreError when the cache is read-only */
  write(name: string, contents: Uint8Array | string): Promise<void>;
  /** Moves a file there, whole or not at all; `source` may be gone afterwards. */
  writeFile(name: string, source: string): Promise<void>;
}

/** A cache in a directory: `file:///…`. */
export class DirectoryCache implements CacheFiles {
  readonly name: string;
  #root: string;

  /** @param root absolute; made when something is first written */
  constructor(root: string) {
    this.#root = root;
    this.name = `file://${root}`;
  }

  #path(name: string): string {
    // Names come from narinfo files, which anybody may have written.
    if (name.startsWith("/") || name.split("/").includes("..") || name.includes("\0"))
      throw new StoreError(`the file name '${name}' leads out of the cache '${this.name}'`);
    return join(this.#root, name);
  }

  async read(name: string): Promise<Buffer | undefined> {
    try {
      return await fs.promises.readFile(this.#path(name));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
  }

  async fetch(name: string, destination: string, progress?: TransferProgress): Promise<void> {
    const path = this.#path(name);
    try {
      await fs.promises.copyFile(path, destination, fs.constants.COPYFILE_FICLONE);
    } catch (cause) {
      throw new StoreError(`cannot read '${name}' of the cache '${this.name}': ${(cause as Error).message}`, {
        cause,
      });
    }
    const { size } = await fs.promises.stat(destination);
    progress?.(size, size);
  }

  async exists(name: string): Promise<boolean> {
    return fs.existsSync(this.#path(name));
  }

  async #place(name: string, put: (temporary: string) => Promise<void>): Promise<void> {
    const path = this.#path(name);
    await fs.promises.mkdir(dirname(path), { recursive: true });
    const temporary = `${path}.tmp-${process.pid}-${Math.floor(Math.random() * 1e9)}`;
    try {
      await put(temporary);
      await fs.promises.rename(temporary, path);
    } catch (error) {
      await fs.promises.rm(temporary, { force: true });
      throw error;
    }
  }

  write(name: string, contents: Uint8Array | string): Promise<void> {
    return this.#place(name, (temporary) => fs.promises.writeFile(temporary, contents));
  }

  writeFile(name: string, source: string): Promise<void> {
    return this.#place(name, async (temporary) => {
      try {
        await fs.promises.rename(source, temporary);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EXDEV") throw error;
        await fs.promises.copyFile(source, temporary);
      }
      await fs.promises.chmod(temporary, 0o644);
    });
  }
}
