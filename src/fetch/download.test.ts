/** Downloads against servers on the loopback interface that misbehave in all the ways that servers do. */
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import * as zlib from "node:zlib";
import { hashBytes } from "../format/hash.ts";
import { type DownloadRequest, downloadFile } from "./download.ts";
import { type FetchError, HashMismatchError } from "./error.ts";
import type { ProgressEvent } from "./events.ts";
import { fetchSettings } from "./settings.ts";

type Handler = (request: http.IncomingMessage, response: http.ServerResponse) => void;

let directory = "";
let server: http.Server;
let base = "";
let handler: Handler = (_, response) => response.end();
const seen: http.IncomingMessage[] = [];

before(async () => {
  directory = fs.mkdtempSync(join(tmpdir(), "bruma-download-"));
  server = http.createServer((request, response) => {
    seen.push(request);
    handler(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => {
  server.closeAllConnections();
  server.close();
  fs.rmSync(directory, { recursive: true, force: true });
});

const body = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7 + (i >> 8)) & 0xff));
const settings = fetchSettings({ environment: { HOME: "/nonexistent" }, retryDelay: 1, attempts: 3 });

function serve(next: Handler): void {
  handler = next;
  seen.length = 0;
}

async function get(path: string, more: Partial<DownloadRequest> = {}) {
  const destination = join(directory, "out");
  fs.rmSync(destination, { force: true });
  const urls = more.urls ?? [base + path];
  return await downloadFile({ destination, settings, ...more, urls });
}

const written = () => fs.readFileSync(join(directory, "out"));

test("a file arrives whole, with its hash and progress", async () => {
  serve((_, response) => response.setHeader("ETag", '"v1"').end(body));
  const events: ProgressEvent[] = [];
  const result = await get("/a/file.bin", { sink: (event) => events.push(event) });
  assert.deepEqual(written(), body);
  assert.equal(result.bytes, body.length);
  assert.ok(result.sha256.equals(hashBytes("sha256", body)));
  assert.equal(result.etag, '"v1"');
  assert.equal(events[0]?.kind, "fetch-start");
  assert.equal(events[0]?.kind === "fetch-start" ? events[0].name : "", "file.bin");
  assert.deepEqual(events.at(-1), { kind: "fetch-end", id: (events[0] as { id: number }).id, ok: true });
  assert.deepEqual(fs.readdirSync(directory), ["out"]);
});

test("a cut connection is resumed where it stopped", async () => {
  let cuts = 0;
  serve((request, response) => {
    response.setHeader("ETag", '"v1"');
    const range = /bytes=(\d+)-/.exec(request.headers.range ?? "");
    const from = range === null ? 0 : Number(range[1]);
    if (from > 0) {
      assert.equal(request.headers["if-range"], '"v1"');
      response.writeHead(206, { "Content-Range": `bytes ${from}-${body.length - 1}/${body.length}` });
      response.end(body.subarray(from));
      return;
    }
    cuts++;
    response.writeHead(200, { "Content-Length": body.length });
    response.write(body.subarray(0, 100_000), () => setTimeout(() => response.destroy(), 20));
  });
  const result = await get("/cut", { expected: hashBytes("sha256", body) });
  assert.equal(result.bytes, body.length);
  assert.deepEqual(written(), body);
  assert.equal(cuts, 1);
});

test("a changed file is not patched together from two versions", async () => {
  const other = Buffer.alloc(50_000, 1);
  serve((request, response) => {
    if (seen.length === 1) {
      response.writeHead(200, { "Content-Length": body.length, ETag: '"v1"' });
      response.write(body.subarray(0, 100_000), () => setTimeout(() => response.destroy(), 20));
    } else {
      assert.equal(request.headers["if-range"], '"v1"');
      response.writeHead(200, { "Content-Length": other.length, ETag: '"v2"' }).end(other);
    }
  });
  await get("/changed");
  assert.deepEqual(written(), other);
});

test("an unversioned file is begun anew after a cut", async () => {
  serve((request, response) => {
    assert.equal(request.headers.range, undefined);
    response.writeHead(200, { "Content-Length": body.length });
    if (seen.length === 1)
      response.write(body.subarray(0, 9), () => setTimeout(() => response.destroy(), 20));
    else response.end(body);
  });
  await get("/plain");
  assert.deepEqual(written(), body);
});

test("passing failures are tried again, others are not", async () => {
  serve((_, response) => (seen.length < 3 ? response.writeHead(503).end() : response.end(body)));
  await get("/busy");
  assert.equal(seen.length, 3);
  serve((_, response) => response.writeHead(404).end());
  await assert.rejects(get("/none"), (error: FetchError) => {
    assert.match(error.message, /unable to download 'http:.*\/none': HTTP status 404/);
    assert.equal(error.attempts[0]?.status, 404);
    return true;
  });
  assert.equal(seen.length, 1);
});

test("every address is tried and named", async () => {
  serve((request, response) =>
    request.url === "/good" ? response.end(body) : response.writeHead(404).end(),
  );
  await get("", { urls: [`${base}/bad1`, `${base}/good`] });
  assert.deepEqual(written(), body);
  await assert.rejects(
    get("", { urls: [`${base}/bad1`, `${base}/bad2`] }),
    /bad1: HTTP status 404[\s\S]*bad2: HTTP status 404/,
  );
});

test("wrong bytes are refused with both hashes, and another address may still serve", async () => {
  serve((request, response) => response.end(request.url === "/evil" ? "evil" : body));
  const expected = hashBytes("sha256", body);
  await get("", { urls: [`${base}/evil`, `${base}/good`], expected });
  assert.deepEqual(written(), body);
  await assert.rejects(get("/evil", { expected }), (error: HashMismatchError) => {
    assert.ok(error instanceof HashMismatchError);
    assert.equal(error.exitCode, 102);
    assert.match(error.message, new RegExp(`specified: ${expected.toSri().replace(/[+/]/g, "\\$&")}`));
    assert.equal(error.got, hashBytes("sha256", Buffer.from("evil")).toSri());
    return true;
  });
  assert.equal(fs.existsSync(join(directory, "out")), false);
  await get("/good", { expected: hashBytes("sha512", body) });
});

test("redirects: followed, bounded, and never to another scheme", async () => {
  serve((request, response) => {
    const n = Number(/\d+$/.exec(request.url ?? "")?.[0] ?? 0);
    if (request.url?.startsWith("/loop")) response.writeHead(302, { Location: `/loop${n + 1}` }).end();
    else if (request.url === "/file") response.writeHead(302, { Location: "file:///etc/passwd" }).end();
    else if (request.url === "/hop") response.writeHead(301, { Location: "/end" }).end();
    else response.end(body);
  });
  assert.equal((await get("/hop")).url, `${base}/end`);
  await assert.rejects(get("/loop1"), /more than 20 redirects/);
  await assert.rejects(get("/file"), /only http and https are followed/);
});

test("credentials are sent to their host alone and never shown", async () => {
  const other = http.createServer((request, response) =>
    response.end(request.headers.authorization ?? "none"),
  );
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const there = `http://127.0.0.1:${(other.address() as AddressInfo).port}/x`;
  try {
    serve((_, response) => response.writeHead(302, { Location: there }).end());
    const url = base.replace("//", "//user:secret@");
    const result = await get("", { urls: [url], headers: { Authorization: "token t" } });
    assert.equal(seen[0]?.headers.authorization, "token t");
    assert.equal(written().toString(), "none");
    assert.ok(!result.url.includes("secret"));
    serve((_, response) => response.writeHead(403).end());
    await assert.rejects(get("", { urls: [url] }), (error: FetchError) => !error.message.includes("secret"));
  } finally {
    other.close();
  }
});

test("an encoded answer is decoded, within bounds", async () => {
  serve((_, response) => response.setHeader("Content-Encoding", "gzip").end(zlib.gzipSync(body)));
  await get("/gz");
  assert.deepEqual(written(), body);
  const bomb = zlib.gzipSync(Buffer.alloc(50 << 20));
  serve((_, response) => response.setHeader("Content-Encoding", "gzip").end(bomb));
  await assert.rejects(
    get("/bomb", { settings: { ...settings, maxBytes: 1 << 20 } }),
    /larger than 1048576 bytes/,
  );
  serve((_, response) => response.setHeader("Content-Encoding", Array(50).fill("gzip").join(",")).end(bomb));
  await assert.rejects(get("/nested"), /encoded 50 times/);
});

test("a .gz that is wrongly called encoded is kept as it is when the hash says so", async () => {
  const archive = zlib.gzipSync(body);
  serve((_, response) => response.setHeader("Content-Encoding", "x-gzip").end(archive));
  await get("/a.gz", { expected: hashBytes("sha256", archive) });
  assert.deepEqual(written(), archive);
});

test("a server that stops sending is given up", async () => {
  serve((_, response) => void response.writeHead(200, { "Content-Length": 100 }).write("x"));
  await assert.rejects(
    get("/stall", { settings: { ...settings, stallTimeout: 50, attempts: 2 } }),
    /broke|nothing came/,
  );
  serve(() => {});
  await assert.rejects(
    get("/mute", { settings: { ...settings, stallTimeout: 50, attempts: 1 } }),
    /nothing came/,
  );
});

test("a proxy is used, and no_proxy heeded", async () => {
  const asked: string[] = [];
  const proxy = http.createServer((request, response) => {
    asked.push(request.url ?? "");
    response.end(body);
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const address = `127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  try {
    const through = fetchSettings({ environment: { HTTP_PROXY: address }, attempts: 1 });
    await get("", { urls: ["http://somewhere.invalid/f"], settings: through });
    assert.deepEqual(asked, ["http://somewhere.invalid/f"]);
    serve((_, response) => response.end("direct"));
    const around = fetchSettings({ environment: { all_proxy: address, no_proxy: "127.0.0.1" }, attempts: 1 });
    await get("/f", { settings: around });
    assert.equal(written().toString(), "direct");
    const socks = fetchSettings({ environment: { all_proxy: "socks5://127.0.0.1:1" }, attempts: 1 });
    await assert.rejects(get("/f", { settings: socks }), /only http and https/);
  } finally {
    proxy.closeAllConnections();
    proxy.close();
  }
});

test("files of this machine, and being offline", async () => {
  const source = join(directory, "source with space");
  fs.writeFileSync(source, body);
  const offline = { ...settings, offline: true };
  await get("", { urls: [pathToFileURL(source).href], settings: offline });
  assert.deepEqual(written(), body);
  await assert.rejects(get("/x", { settings: offline }), /switched off/);
  await assert.rejects(get("", { urls: ["file:///nonexistent/x"] }), /cannot be read/);
  fs.rmSync(source);
});

test("an unchanged version is not sent again", async () => {
  serve((request, response) =>
    request.headers["if-none-match"] === '"v1"' ? response.writeHead(304).end() : response.end(body),
  );
  const result = await get("/same", { etag: '"v1"' });
  assert.equal(result.notModified, true);
  assert.equal(fs.existsSync(join(directory, "out")), false);
});

test("an interrupted download leaves nothing", async () => {
  serve((_, response) => void response.writeHead(200, { "Content-Length": 100 }).write("x"));
  const controller = new AbortController();
  const running = get("/slow", { signal: controller.signal });
  setTimeout(() => controller.abort(), 30);
  await assert.rejects(running, /interrupted/);
  assert.deepEqual(fs.readdirSync(directory), []);
});
