/**
 * A binary cache's files over HTTP(S), with the proxies, certificates, retries and resumption of every download. Read
 * only: writing goes to a directory, which any web server can serve.
 */
import { once } from "node:events";
import type { CacheFiles, TransferProgress } from "../store/cache-files.ts";
import { downloadFile } from "./download.ts";
import { FetchError, withoutCredentials } from "./error.ts";
import { HttpFailure, httpGet } from "./http.ts";
import type { FetchSettings } from "./settings.ts";

/** A narinfo file is a few kilobytes; one with ten thousand references is still less than this. */
const maxSmall = 16 * 1024 * 1024;

export class HttpCache implements CacheFiles {
  readonly name: string;
  readonly #base: string;
  readonly #settings: FetchSettings;

  /** @param url `http://…` or `https://…`, with or without a slash at the end */
  constructor(url: string, settings: FetchSettings) {
    this.#base = url.replace(/[?#].*$/, "").replace(/\/+$/, "");
    this.name = withoutCredentials(this.#base);
    this.#settings = settings;
  }

  #url(name: string): string {
    // A narinfo file may give a whole address: a cache may keep its archives elsewhere.
    return /^https?:\/\//.test(name) ? name : `${this.#base}/${name}`;
  }

  async read(name: string, signal?: AbortSignal): Promise<Buffer | undefined> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#readOnce(name, signal);
      } catch (error) {
        if (!(error instanceof HttpFailure) || !error.passing || attempt >= this.#settings.attempts)
          throw error;
        await new Promise((resolve) => setTimeout(resolve, this.#settings.retryDelay * 2 ** (attempt - 1)));
      }
    }
  }

  async #readOnce(name: string, signal: AbortSignal | undefined): Promise<Buffer | undefined> {
    const response = await httpGet({ url: this.#url(name), compressed: true, signal }, this.#settings);
    if (response.status === 404 || response.status === 403 || response.status === 410) {
      response.body.resume();
      await once(response.body, "close");
      return undefined;
    }
    if (response.status !== 200) {
      response.body.destroy();
      const passing = response.status === 429 || response.status >= 500;
      throw new HttpFailure(`'${this.name}/${name}': HTTP status ${response.status}`, passing);
    }
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of response.body) {
      size += (chunk as Buffer).length;
      if (size > maxSmall)
        throw new HttpFailure(`'${this.name}/${name}' is larger than ${maxSmall} bytes`, false);
      chunks.push(chunk as Buffer);
    }
    return Buffer.concat(chunks);
  }

  async fetch(
    name: string,
    destination: string,
    progress?: TransferProgress,
    signal?: AbortSignal,
  ): Promise<void> {
    await downloadFile({
      urls: [this.#url(name)],
      destination,
      settings: this.#settings,
      signal,
      sink: (event) => {
        if (event.kind === "fetch-progress") progress?.(event.bytesDone, event.bytesTotal);
      },
    });
  }

  async exists(name: string): Promise<boolean> {
    return (await this.read(name)) !== undefined;
  }

  write(): Promise<void> {
    return Promise.reject(new FetchError(`the binary cache '${this.name}' can only be read`));
  }
  writeFile(): Promise<void> {
    return this.write();
  }
}
