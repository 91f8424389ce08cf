/**
 * Serves a directory on the loopback interface until it is stopped; prints its port. Below `/immutable/`, the answer names
 * an address that will always give the same tree, as some hosts do.
 *
 *     node server.ts DIRECTORY
 */
import * as fs from "node:fs";
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import { join, normalize } from "node:path";

const directory = process.argv[2]!;
const rev = "0123456789abcdef0123456789abcdef01234567";

const server = http.createServer((request, response) => {
  const path = normalize(decodeURIComponent(new URL(request.url!, "http://x").pathname));
  const isImmutable = path.startsWith("/immutable/");
  const file = join(directory, isImmutable ? path.slice("/immutable".length) : path);
  if (!fs.statSync(file, { throwIfNoEntry: false })?.isFile()) {
    response.writeHead(404).end("nothing here");
    return;
  }
  const { port } = server.address() as AddressInfo;
  const address = `http://127.0.0.1:${port}${path.slice("/immutable".length)}?rev=${rev}&revCount=7`;
  response.writeHead(200, isImmutable ? { Link: `<${address}>; rel="immutable"` } : {});
  response.end(fs.readFileSync(file));
});
server.listen(0, "127.0.0.1", () => console.log((server.address() as AddressInfo).port));
