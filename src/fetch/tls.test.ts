/** HTTPS: who is trusted, through what proxy, and that a redirect never leaves it. The certificate is for tests only. */
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as http from "node:http";
import * as https from "node:https";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { downloadFile } from "./download.ts";
import type { FetchError } from "./error.ts";
import { fetchSettings } from "./settings.ts";

const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgBezLkKr99V75pqsv
T0Ch7aB0E6MNt1ppr7bexGG4wBChRANCAAQhzX/TxcMxRvRhn9nBMP8Gj4RDm/xd
TJRWAlpF1p5pU/GH4TvKIbN4HXkOqRZc/Jh7C2VmHp66zjs/2otchMq6
-----END PRIVATE KEY-----`;
const certificate = `-----BEGIN CERTIFICATE-----
MIIBmzCCAUGgAwIBAgIUNqmz6Av37pNpu5KvkG0YKeZWrb4wCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMzE3MDc0NVoYDzIxMjYxMDMw
MTcwNzQ1WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAQhzX/TxcMxRvRhn9nBMP8Gj4RDm/xdTJRWAlpF1p5pU/GH4TvKIbN4
HXkOqRZc/Jh7C2VmHp66zjs/2otchMq6o28wbTAdBgNVHQ4EFgQUrynEWBSrx9qM
jFae7pd6y04P0cMwHwYDVR0jBBgwFoAUrynEWBSrx9qMjFae7pd6y04P0cMwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARhwR/AAABgglsb2NhbGhvc3QwCgYIKoZI
zj0EAwIDSAAwRQIgKOlgKJQgIZX3Nj+ID4aV5v3zjVmbIx58N2pN/BvZrvMCIQCR
LoBy1tr7h3CLXtTwOJAh1ei6ullyNiYi0Nfz348A1w==
-----END CERTIFICATE-----`;

let directory = "";
let server: https.Server;
let plain: http.Server;
let base = "";
let trusted = "";

before(async () => {
  directory = fs.mkdtempSync(join(tmpdir(), "bruma-tls-"));
  trusted = join(directory, "ca.pem");
  fs.writeFileSync(trusted, certificate);
  plain = http.createServer((_, response) => response.end("not encrypted"));
  await new Promise<void>((resolve) => plain.listen(0, "127.0.0.1", resolve));
  const elsewhere = `http://127.0.0.1:${(plain.address() as AddressInfo).port}/`;
  server = https.createServer({ key, cert: certificate }, (request, response) => {
    if (request.url === "/down") response.writeHead(302, { Location: elsewhere }).end();
    else response.end("secret");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => {
  for (const each of [server, plain]) {
    each.closeAllConnections();
    each.close();
  }
  fs.rmSync(directory, { recursive: true, force: true });
});

async function get(path: string, environment: Record<string, string>): Promise<string> {
  const destination = join(directory, "out");
  const settings = fetchSettings({ environment, attempts: 1, systemRoot: directory });
  await downloadFile({ urls: [base + path], destination, settings });
  return fs.readFileSync(destination, "utf8");
}

test("a certificate that nobody vouches for is refused, with the way out", async () => {
  await assert.rejects(get("/", {}), (error: FetchError) => {
    assert.match(error.message, /certificate of '127\.0\.0\.1:\d+' is not trusted/);
    assert.match(error.hint ?? "", /NIX_SSL_CERT_FILE/);
    return true;
  });
});

test("the variables of Nix, OpenSSL, Node, pip and curl say whom to trust", async () => {
  for (const name of [
    "NIX_SSL_CERT_FILE",
    "SSL_CERT_FILE",
    "NODE_EXTRA_CA_CERTS",
    "PIP_CERT",
    "CURL_CA_BUNDLE",
  ]) {
    assert.equal(await get("/", { [name]: trusted }), "secret", name);
  }
  await assert.rejects(
    get("/", { SSL_CERT_FILE: "/nonexistent.pem" }),
    /named by SSL_CERT_FILE cannot be read/,
  );
});

test("the system's bundle is found", async () => {
  const bundle = join(directory, "etc/pki/tls/certs");
  fs.mkdirSync(bundle, { recursive: true });
  fs.copyFileSync(trusted, join(bundle, "ca-bundle.crt"));
  assert.equal(await get("/", {}), "secret");
  fs.rmSync(join(directory, "etc"), { recursive: true });
});

test("a redirect to an unencrypted address is refused", async () => {
  await assert.rejects(
    get("/down", { SSL_CERT_FILE: trusted }),
    /redirected from https to 'http:.*not encrypted/,
  );
});

test("through a proxy, by CONNECT; a proxy that refuses is named", async () => {
  const asked: string[] = [];
  let refuse = false;
  const proxy = http.createServer();
  proxy.on("connect", (request, socket) => {
    asked.push(request.url ?? "");
    if (refuse) {
      socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
      return;
    }
    const onward = connect(Number(new URL(base).port), "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      onward.pipe(socket).pipe(onward);
    });
    const end = () => {
      onward.destroy();
      socket.destroy();
    };
    onward.on("error", end);
    socket.on("error", end);
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  try {
    assert.equal(await get("/", { https_proxy: address, SSL_CERT_FILE: trusted }), "secret");
    assert.deepEqual(asked, [new URL(base).host]);
    refuse = true;
    await assert.rejects(get("/", { HTTPS_PROXY: address, SSL_CERT_FILE: trusted }), (error: FetchError) => {
      assert.match(error.message, /the proxy refused '127\.0\.0\.1:/);
      assert.match(error.hint ?? "", /A proxy is set/);
      return true;
    });
  } finally {
    server.closeAllConnections();
    proxy.close();
  }
});
