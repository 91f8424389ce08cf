/**
 * One address into one file: retries, resumption, a check of the hash.
 *
 * What fails in a way that may pass (a cut connection, 429, 5xx) is tried again with growing pauses, from the byte
 * where it stopped if the server names the version (ETag or Last-Modified) and takes ranges. The file appears under
 * its name only whole and with the right hash. Statuses that pass and that do not are Nix's (`filetransfer.cc`).
 */
import { once } from "node:events";
import * as fs from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { type Hash, type HashAlgorithm, Hasher } from "../format/hash.ts";
import { hashDescriptor } from "../format/hash-file.ts";
import { FetchError, HashMismatchError, withoutCredentials } from "./error.ts";
import type { ProgressSink } from "./events.ts";
import { HttpFailure, type HttpResponse, httpGet } from "./http.ts";
import type { FetchSettings } from "./settings.ts";

export interface TransferRequest {
  /** The file to write; replaced if it is there. Its directory must exist. */
  readonly destination: string;
  readonly sink?: ProgressSink | undefined;
  /** Refuse bytes without this hash. */
  readonly expected?: Hash | undefined;
  readonly settings: FetchSettings;
  /** For progress; the last part of the address otherwise. */
  readonly name?: string | undefined;
  /** Send with the request; not with redirects to other hosts. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Ask only for something else than this version: the result says `notModified`. */
  readonly etag?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface DownloadResult {
  /** The address that answered, after redirects. */
  readonly url: string;
  readonly bytes: number;
  readonly sha256: Hash;
  readonly etag: string | undefined;
  /** `Link: <…>; rel="immutable"`: an address for these very bytes (Nix's lockable tarballs). */
  readonly immutableUrl: string | undefined;
  /** Nothing was written: the server still has the version of `etag`. */
  readonly notModified: boolean;
}

let lastId = 0;

/** Statuses worth another try. */
function passes(status: number): boolean {
  if (status === 408 || status === 429) return true;
  return status >= 500 && ![501, 505, 511].includes(status);
}

interface Partial {
  readonly file: number;
  hasher: Hasher;
  expectedHasher: Hasher | undefined;
  /** ETag or date that names the version begun. */
  validator: string | undefined;
  bytes: number;
}

/**
 * @param url `http`, `https` or `file`; text
 * @throws HashMismatchError if other bytes came; FetchError if none did
 */
export async function transferFile(url: string, request: TransferRequest): Promise<DownloadResult> {
  const id = ++lastId;
  const shown = withoutCredentials(url);
  const name = request.name ?? decodeURIComponent(basename(shown.replace(/[?#].*$/, "")));
  const part = `${request.destination}.part`;
  let ok = false;
  const emit = request.sink ?? (() => {});
  emit({ kind: "fetch-start", id, name, url: shown, bytesTotal: undefined });
  const file = fs.openSync(part, "w+", 0o600);
  const state: Partial = {
    file,
    hasher: new Hasher("sha256"),
    expectedHasher: undefined,
    validator: undefined,
    bytes: 0,
  };
  restart(state, request);
  try {
    const head = /^file:/i.test(url)
      ? copyLocal(url, state, request)
      : await transfer(url, state, request, (bytesDone, bytesTotal) =>
          emit({ kind: "fetch-progress", id, bytesDone, bytesTotal }),
        );
    const sha256 = state.hasher.finish();
    if (!head.notModified) {
      checkHash(shown, state, sha256, request.expected);
      fs.fsyncSync(file);
      fs.renameSync(part, request.destination);
    }
    ok = true;
    return { ...head, bytes: state.bytes, sha256 };
  } finally {
    fs.closeSync(file);
    if (!ok || fs.existsSync(part)) fs.rmSync(part, { force: true });
    emit({ kind: "fetch-end", id, ok });
  }
}

function restart(state: Partial, request: TransferRequest): void {
  fs.ftruncateSync(state.file, 0);
  const algorithm: HashAlgorithm | undefined = request.expected?.algorithm;
  state.hasher = new Hasher("sha256");
  state.expectedHasher =
    algorithm !== undefined && algorithm !== "sha256" ? new Hasher(algorithm) : undefined;
  state.validator = undefined;
  state.bytes = 0;
}

function checkHash(url: string, state: Partial, sha256: Hash, expected: Hash | undefined): void {
  if (expected === undefined) return;
  const got = expected.algorithm === "sha256" ? sha256 : state.expectedHasher!.finish();
  if (!got.equals(expected)) throw new HashMismatchError(url, expected.toSri(), got.toSri());
}

function append(state: Partial, chunk: Buffer, limit: number): void {
  if (state.bytes + chunk.length > limit) {
    throw new FetchError(`the file is larger than ${limit} bytes`);
  }
  let done = 0;
  while (done < chunk.length) {
    done += fs.writeSync(state.file, chunk, done, chunk.length - done, state.bytes + done);
  }
  state.bytes += chunk.length;
  state.hasher.update(chunk);
  state.expectedHasher?.update(chunk);
}

type Head = Omit<DownloadResult, "bytes" | "sha256">;

function copyLocal(url: string, state: Partial, request: TransferRequest): Head {
  let source: number;
  let path = url;
  try {
    path = fileURLToPath(url.replace(/[?#].*$/, ""));
    source = fs.openSync(path, "r");
  } catch (cause) {
    throw new FetchError(`'${path}' cannot be read: ${(cause as Error).message}`, { cause });
  }
  try {
    if (!fs.fstatSync(source).isFile()) throw new FetchError(`'${path}' is not a regular file`);
    const buffer = Buffer.allocUnsafe(1 << 18);
    for (;;) {
      const n = fs.readSync(source, buffer, 0, buffer.length, null);
      if (n === 0) break;
      append(state, buffer.subarray(0, n), request.settings.maxBytes);
    }
  } finally {
    fs.closeSync(source);
  }
  return { url, etag: undefined, immutableUrl: undefined, notModified: false };
}

async function transfer(
  url: string,
  state: Partial,
  request: TransferRequest,
  progress: (bytesDone: number, bytesTotal: number | undefined) => void,
): Promise<Head> {
  const { settings } = request;
  let raw = false;
  for (let attempt = 1; ; attempt++) {
    try {
      const response = await ask(url, state, request, raw);
      if (response.status === 304 && request.etag !== undefined) {
        response.body.destroy();
        return { url: response.url, etag: request.etag, immutableUrl: undefined, notModified: true };
      }
      await receive(response, state, request, progress);
      // Servers that label a .gz file as encoded mean either; the hash tells which.
      if (response.decoded && !raw && request.expected !== undefined && !matches(state, request.expected)) {
        raw = true;
        restart(state, request);
        continue;
      }
      return {
        url: response.url,
        etag: header(response, "etag"),
        immutableUrl: immutableLink(response),
        notModified: false,
      };
    } catch (error) {
      const passing = error instanceof HttpFailure && error.passing;
      if (!passing || attempt >= settings.attempts || request.signal?.aborted) {
        if (!(error instanceof FetchError)) throw error;
        const times = attempt > 1 ? ` (tried ${attempt} times)` : "";
        throw new FetchError(`${error.message}${times}`, {
          hint: error.hint,
          cause: error,
          attempts: [
            {
              url: withoutCredentials(url),
              status: error instanceof StatusFailure ? error.status : undefined,
              reason: `${error.message}${times}`,
            },
          ],
        });
      }
      const asked = error instanceof StatusFailure ? error.retryAfter : 0;
      await pause(
        Math.max(asked, settings.retryDelay * 2 ** (attempt - 1) * (1 + Math.random())),
        request.signal,
      );
    }
  }
}

function matches(state: Partial, expected: Hash): boolean {
  return hashDescriptor(expected.algorithm, state.file, 0).equals(expected);
}

/** An answer that is no file. */
class StatusFailure extends HttpFailure {
  readonly status: number;
  /** Milliseconds. */
  readonly retryAfter: number;
  constructor(response: HttpResponse) {
    const { status } = response;
    const words: Record<number, string> = {
      401: "a password is needed",
      403: "access is refused",
      404: "there is no such file",
      407: "the proxy asks for a password",
      410: "the file is gone",
      429: "too many requests",
      503: "the server is unavailable",
    };
    const hints: Record<number, string> = {
      401: "Put the host's login and password in ~/.netrc.",
      407: "Write the proxy's login and password into the variable: http://login:password@host:port.",
    };
    super(`HTTP status ${status}${words[status] ? ` (${words[status]})` : ""}`, passes(status), {
      hint: hints[status],
    });
    this.status = status;
    const seconds = Number(header(response, "retry-after"));
    this.retryAfter = Number.isFinite(seconds) ? Math.min(Math.max(seconds, 0), 30) * 1000 : 0;
  }
}

async function ask(
  url: string,
  state: Partial,
  request: TransferRequest,
  raw: boolean,
): Promise<HttpResponse> {
  const headers: Record<string, string> = { ...request.headers };
  if (state.bytes > 0 && state.validator !== undefined) {
    headers.Range = `bytes=${state.bytes}-`;
    headers["If-Range"] = state.validator;
  } else {
    restart(state, request);
    if (request.etag !== undefined) headers["If-None-Match"] = request.etag;
  }
  const response = await httpGet({ url, headers, raw, signal: request.signal }, request.settings);
  if (response.status === 200) {
    if (state.bytes > 0) restart(state, request);
  } else if (response.status === 206) {
    const from = /^bytes (\d+)-/.exec(header(response, "content-range") ?? "");
    if (from === null || Number(from[1]) !== state.bytes) {
      response.body.destroy();
      restart(state, request);
      throw new HttpFailure("the server resumed at another place than was asked", true);
    }
  } else if (response.status !== 304) {
    response.body.destroy();
    // 416: the rest that was asked for does not exist; begin anew.
    if (response.status === 416 && state.bytes > 0) {
      restart(state, request);
      throw new HttpFailure("the server cannot resume", true);
    }
    throw new StatusFailure(response);
  }
  return response;
}

async function receive(
  response: HttpResponse,
  state: Partial,
  request: TransferRequest,
  progress: (bytesDone: number, bytesTotal: number | undefined) => void,
): Promise<void> {
  // A decoded body cannot be resumed: the server counts other bytes than we do. A weak ETag names no bytes.
  const etag = header(response, "etag");
  const resumable = !response.decoded && header(response, "accept-ranges") !== "none";
  if (resumable) {
    state.validator = etag !== undefined && !etag.startsWith("W/") ? etag : header(response, "last-modified");
  } else state.validator = undefined;
  const length = Number(header(response, "content-length"));
  const total =
    Number.isFinite(length) && header(response, "content-length") !== undefined && !response.decoded
      ? state.bytes + length
      : undefined;
  if (total !== undefined && total > request.settings.maxBytes) {
    response.body.destroy();
    throw new FetchError(`the file is larger than ${request.settings.maxBytes} bytes`);
  }
  let told = 0;
  try {
    for await (const chunk of response.body as AsyncIterable<Buffer>) {
      append(state, chunk, request.settings.maxBytes);
      const now = performance.now();
      if (now - told > 50) {
        told = now;
        progress(state.bytes, total);
      }
    }
  } catch (error) {
    if (error instanceof FetchError) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? "";
    if (["ENOSPC", "EDQUOT", "EIO", "EFBIG", "EROFS"].includes(code)) {
      throw new FetchError(`the file cannot be written: ${(error as Error).message}`, {
        cause: error,
        hint: code === "ENOSPC" || code === "EDQUOT" ? "Make room on the disk and run again." : undefined,
      });
    }
    if (response.decoded) state.validator = undefined;
    const aborted = request.signal?.aborted === true;
    throw new HttpFailure(
      aborted
        ? "interrupted"
        : `the connection broke after ${state.bytes} bytes (${(error as Error).message})`,
      !aborted,
      { cause: error },
    );
  }
  if (total !== undefined && state.bytes !== total) {
    throw new HttpFailure(`the connection ended after ${state.bytes} of ${total} bytes`, true);
  }
  progress(state.bytes, state.bytes);
}

function header(response: HttpResponse, name: string): string | undefined {
  const value = response.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function immutableLink(response: HttpResponse): string | undefined {
  const link = header(response, "link");
  const found = link === undefined ? null : /<([^>]*)>\s*;[^,]*\brel="?immutable"?/.exec(link);
  return found === null ? undefined : found[1];
}

async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  const timer = new AbortController();
  const end = new Promise<void>((resolve) => {
    const handle = setTimeout(resolve, milliseconds);
    timer.signal.addEventListener("abort", () => clearTimeout(handle));
  });
  await (signal === undefined
    ? end
    : Promise.race([end, signal.aborted ? Promise.resolve() : once(signal, "abort")]));
  timer.abort();
}
