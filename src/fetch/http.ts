/**
 * One HTTP exchange: redirects, proxies, certificates, passwords, timeouts and content encodings, up to a stream of
 * decoded bytes. What to do when it fails is `download.ts`'s business.
 *
 * Redirects never lead from HTTPS to HTTP nor to another scheme, and credentials never follow to another host.
 * Encodings are decoded at most two deep, and what comes out counts against the caller's limit, not what went in.
 * Proxies: http_proxy, https_proxy, all_proxy, no_proxy in either case, as curl has them; SOCKS is refused by name.
 */
import * as http from "node:http";
import * as https from "node:https";
import { pipeline, type Readable } from "node:stream";
import * as tls from "node:tls";
import * as zlib from "node:zlib";
import { trustedCertificates } from "./certificates.ts";
import { FetchError, withoutCredentials } from "./error.ts";
import { netrcCredentials } from "./netrc.ts";
import type { FetchSettings } from "./settings.ts";

export const userAgent = "bruma/0.1";
const maxRedirects = 20;

export interface HttpRequest {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Ask for compressed transfer (for indexes; archives are compressed already). */
  readonly compressed?: boolean;
  /** Hand the body out as it comes, whatever its Content-Encoding. */
  readonly raw?: boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  /** After redirects, without credentials. */
  readonly url: string;
  /** Decoded bytes. Must be read to the end or destroyed. */
  readonly body: Readable;
  /** Whether `body` differs from what was sent. */
  readonly decoded: boolean;
}

/** Why an exchange failed, and whether trying again may help. */
export class HttpFailure extends FetchError {
  readonly passing: boolean;
  constructor(
    message: string,
    passing: boolean,
    options: { cause?: unknown; hint?: string | undefined } = {},
  ) {
    super(message, options);
    this.passing = passing;
  }
}

/** Connections, kept per process and settings; closed with the process. */
class Connections {
  readonly #settings: FetchSettings;
  #plain: http.Agent | undefined;
  #secure: https.Agent | undefined;
  constructor(settings: FetchSettings) {
    this.#settings = settings;
  }
  agentFor(url: URL): http.Agent {
    const proxyEnv = proxyEnvironment(this.#settings);
    const shared = { keepAlive: true, maxSockets: 16, scheduling: "lifo", proxyEnv } as const;
    if (url.protocol === "http:") {
      this.#plain ??= new http.Agent(shared);
      return this.#plain;
    }
    this.#secure ??= new https.Agent({
      ...shared,
      secureContext: tls.createSecureContext({ ca: trustedCertificates(this.#settings) }),
    });
    return this.#secure;
  }
}

const connections = new WeakMap<FetchSettings, Connections>();

/** The proxy variables in the form Node's agents take. @throws FetchError for a SOCKS proxy */
export function proxyEnvironment(settings: FetchSettings): Record<string, string> {
  const from = (name: string) => settings.environment[name] || settings.environment[name.toUpperCase()];
  const all = from("all_proxy");
  const result: Record<string, string> = {};
  for (const name of ["http_proxy", "https_proxy"]) {
    // An upper-case HTTP_PROXY is ignored under CGI, where a request header could set it.
    const unsafe = name === "http_proxy" && settings.environment.REQUEST_METHOD !== undefined;
    const value = (unsafe ? settings.environment.http_proxy : from(name)) || all;
    if (!value) continue;
    const proxy = /^[a-z0-9]+:\/\//i.test(value) ? value : `http://${value}`;
    if (!/^https?:/i.test(proxy)) {
      throw new FetchError(
        `the proxy '${withoutCredentials(proxy)}' cannot be used: only http and https are`,
        {
          hint: `Set ${name} to an HTTP proxy, or unset it.`,
        },
      );
    }
    result[name] = proxy;
  }
  const none = from("no_proxy");
  if (none) result.no_proxy = none;
  return result;
}

/** Does a proxy apply? For hints only. */
export function proxyIsSet(settings: FetchSettings): boolean {
  return ["http_proxy", "https_proxy", "all_proxy"].some(
    (name) => settings.environment[name] || settings.environment[name.toUpperCase()],
  );
}

function authorization(url: URL, settings: FetchSettings): string | undefined {
  const basic = (login: string, password: string) =>
    `Basic ${Buffer.from(`${login}:${password}`).toString("base64")}`;
  if (url.username !== "") return basic(decodeURIComponent(url.username), decodeURIComponent(url.password));
  const found = netrcCredentials(url.hostname, settings);
  return found === undefined ? undefined : basic(found.login, found.password);
}

/** @throws HttpFailure when no answer comes; an answer of any status is returned */
export async function httpGet(request: HttpRequest, settings: FetchSettings): Promise<HttpResponse> {
  if (settings.offline) {
    throw new HttpFailure("the network is switched off", false, {
      hint: "Run again without --offline (or BRUMA_OFFLINE).",
    });
  }
  let url = parseHttpUrl(request.url);
  // Headers the caller gave (a token, say) are for the host it named; origin, not host name, is what counts.
  const origin = url.origin;
  for (let hop = 0; ; hop++) {
    const sameOrigin = url.origin === origin;
    const response = await exchange(url, request, sameOrigin, settings);
    const status = response.statusCode ?? 0;
    const location = response.headers.location;
    if (![301, 302, 303, 307, 308].includes(status) || location === undefined) {
      return present(url, response, request);
    }
    response.destroy();
    if (hop === maxRedirects) throw new HttpFailure(`more than ${maxRedirects} redirects`, false);
    url = redirectTarget(url, location);
  }
}

function parseHttpUrl(text: string): URL {
  let url: URL;
  try {
    url = new URL(text);
  } catch (cause) {
    throw new HttpFailure(`'${withoutCredentials(text)}' is not a URL`, false, { cause });
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new HttpFailure(`the scheme '${url.protocol.slice(0, -1)}' is not supported`, false);
  }
  return url;
}

function redirectTarget(from: URL, location: string): URL {
  let to: URL;
  try {
    to = new URL(Buffer.from(location, "latin1").toString("utf8"), from);
  } catch (cause) {
    throw new HttpFailure(`redirected to '${location}', which is not a URL`, false, { cause });
  }
  const shown = withoutCredentials(to.href);
  if (to.protocol !== "https:" && to.protocol !== "http:") {
    throw new HttpFailure(`redirected to '${shown}': only http and https are followed`, false);
  }
  if (from.protocol === "https:" && to.protocol === "http:") {
    throw new HttpFailure(`redirected from https to '${shown}', which is not encrypted`, false);
  }
  if (to.hash === "") to.hash = from.hash;
  return to;
}

function exchange(
  url: URL,
  request: HttpRequest,
  sameOrigin: boolean,
  settings: FetchSettings,
): Promise<http.IncomingMessage> {
  let pool = connections.get(settings);
  if (pool === undefined) {
    pool = new Connections(settings);
    connections.set(settings, pool);
  }
  const headers: Record<string, string> = {
    "User-Agent": userAgent,
    Accept: "*/*",
    "Accept-Encoding": request.compressed ? "gzip, deflate, br, zstd" : "identity",
    ...(sameOrigin ? request.headers : withoutSecrets(request.headers)),
  };
  const login = authorization(url, settings);
  if (login !== undefined && headers.Authorization === undefined) headers.Authorization = login;
  const agent = pool.agentFor(url);
  return new Promise((resolve, reject) => {
    const bare = new URL(url);
    bare.username = "";
    bare.password = "";
    const options = { agent, headers, signal: request.signal };
    const outgoing = url.protocol === "https:" ? https.get(bare, options) : http.get(bare, options);
    // Covers the name look-up, the connection and the TLS handshake; afterwards the stall timeout rules.
    const timer = setTimeout(() => {
      outgoing.destroy(
        new HttpFailure(`no connection to '${url.host}' within ${settings.connectTimeout / 1000} s`, true),
      );
    }, settings.connectTimeout);
    const connected = () => clearTimeout(timer);
    outgoing.on("socket", (socket) => {
      if (!socket.connecting && outgoing.reusedSocket) connected();
      else socket.once(url.protocol === "https:" ? "secureConnect" : "connect", connected);
    });
    outgoing.setTimeout(settings.stallTimeout, () => {
      outgoing.destroy(
        new HttpFailure(`nothing came from '${url.host}' for ${settings.stallTimeout / 1000} s`, true),
      );
    });
    outgoing.on("error", (error: NodeJS.ErrnoException) => {
      connected();
      reject(error instanceof FetchError ? error : connectionFailure(url, error, settings));
    });
    outgoing.on("response", (response) => {
      connected();
      resolve(response);
    });
  });
}

const secretHeaders = ["authorization", "cookie", "private-token", "proxy-authorization"];

function withoutSecrets(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !secretHeaders.includes(name.toLowerCase())),
  );
}

/** Codes of TLS errors that mean an unknown or wrong certificate. */
const certificateCodes = /CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|ERR_TLS_CERT_ALTNAME_INVALID/;

function connectionFailure(url: URL, error: NodeJS.ErrnoException, settings: FetchSettings): HttpFailure {
  const code = error.code ?? "";
  const host = url.host;
  if (certificateCodes.test(code)) {
    return new HttpFailure(`the certificate of '${host}' is not trusted (${error.message})`, false, {
      cause: error,
      hint: "If a company's proxy signs your connections, set NIX_SSL_CERT_FILE or SSL_CERT_FILE to its PEM bundle.",
    });
  }
  if (error.name === "AbortError") return new HttpFailure("interrupted", false, { cause: error });
  if (code === "ERR_PROXY_TUNNEL") {
    return new HttpFailure(`the proxy refused '${host}'`, false, { cause: error, hint: proxyHint(settings) });
  }
  const meaning: Record<string, string> = {
    ENOTFOUND: `the host name '${url.hostname}' is unknown`,
    EAI_AGAIN: `the host name '${url.hostname}' cannot be looked up now`,
    ECONNREFUSED: `'${host}' refuses connections`,
    ECONNRESET: `'${host}' cut the connection`,
    ETIMEDOUT: `'${host}' does not answer`,
    EHOSTUNREACH: `there is no way to '${host}'`,
    ENETUNREACH: "the network cannot be reached",
    EPIPE: `'${host}' cut the connection`,
  };
  const passing = code !== "ENOTFOUND" && code !== "ECONNREFUSED";
  return new HttpFailure(meaning[code] ?? error.message, passing, {
    cause: error,
    hint: proxyHint(settings),
  });
}

function proxyHint(settings: FetchSettings): string {
  return proxyIsSet(settings)
    ? "A proxy is set (http_proxy, https_proxy, all_proxy): is it right, and does it let this host through?"
    : "Is this machine online? If it needs a proxy, set https_proxy and http_proxy.";
}

/** Decoders by the names RFC 9110 gives the encodings. */
function decoderFor(encoding: string): NodeJS.ReadWriteStream | undefined {
  switch (encoding) {
    case "gzip":
    case "x-gzip":
      return zlib.createGunzip();
    case "deflate":
      return zlib.createInflate();
    case "br":
      return zlib.createBrotliDecompress();
    case "zstd":
      return zlib.createZstdDecompress();
    default:
      return undefined;
  }
}

function present(url: URL, response: http.IncomingMessage, request: HttpRequest): HttpResponse {
  const encodings = (response.headers["content-encoding"] ?? "")
    .split(",")
    .map((word) => word.trim().toLowerCase())
    .filter((word) => word !== "" && word !== "identity");
  let body: Readable = response;
  const status = response.statusCode ?? 0;
  if (!request.raw && encodings.length > 0) {
    if (encodings.length > 2) {
      response.destroy();
      throw new HttpFailure(`the answer is encoded ${encodings.length} times`, false);
    }
    for (const encoding of encodings.reverse()) {
      const decoder = decoderFor(encoding);
      if (decoder === undefined) {
        response.destroy();
        throw new HttpFailure(`the answer has an unknown encoding '${encoding}'`, false);
      }
      body = pipeline(body, decoder, () => {}) as unknown as Readable;
    }
  }
  return {
    status,
    headers: response.headers,
    url: withoutCredentials(url.href),
    body,
    decoded: !request.raw && encodings.length > 0,
  };
}

/** A whole body in memory. @throws HttpFailure beyond `limit` bytes or when the connection breaks */
export async function readBody(response: HttpResponse, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response.body as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > limit) throw new HttpFailure(`the answer is larger than ${limit} bytes`, false);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof FetchError) throw error;
    throw new HttpFailure(`the answer broke off: ${(error as Error).message}`, true, { cause: error });
  }
  return Buffer.concat(chunks);
}
