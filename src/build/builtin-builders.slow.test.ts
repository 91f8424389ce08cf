/**
 * The builders inside bruma, against a local server. Needs a place where a store can be made, and `dpkg-deb` for the
 * tests of packages.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { fromBuffer } from "../format/bytes.ts";
import { Hasher, hashBytes } from "../format/hash.ts";
import { dumpPath } from "../format/nar.ts";
import type { StorePath } from "../format/store-path.ts";
import { BuildFixture, cannotBuild } from "./build-fixture.ts";
import { exitStatus, failuresOf } from "./result.ts";
import { buildPaths } from "./scheduler.ts";

const skip = cannotBuild() ?? false;
const skipWithoutDpkg =
  spawnSync("dpkg-deb", ["--version"]).error === undefined ? false : "dpkg-deb is missing";

describe("builtin builders", { skip, concurrency: false }, () => {
  let fixture: BuildFixture;
  let server: Server;
  let address: string;
  const served = new Map<string, Buffer>();
  before(async () => {
    server = createServer((request, response) => {
      const body = served.get(request.url ?? "");
      response.writeHead(body === undefined ? 404 : 200);
      response.end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => server.close());
  beforeEach(() => {
    fixture = new BuildFixture();
  });
  afterEach(() => {
    assert.deepEqual(fixture.store.verify({ checkContents: true }).problems, []);
    fixture.close();
  });

  const fetchurl = (
    name: string,
    env: Record<string, string>,
    method: "flat" | "nar",
    hash: ReturnType<typeof hashBytes>,
  ): StorePath =>
    fixture.add({
      name,
      system: "builtin",
      builder: "builtin:fetchurl",
      args: [],
      env,
      fixed: { method, hash },
    });
  const build = (path: StorePath) => buildPaths([{ path }], fixture.options({ maxJobs: 0 }));
  const narHash = (path: string) => {
    const hasher = new Hasher("sha256");
    dumpPath(path, (chunk) => hasher.update(chunk));
    return hasher.finish();
  };

  test("fetchurl: a file by its hash, without build jobs", async () => {
    served.set("/a.txt", Buffer.from("contents"));
    const drv = fetchurl("a.txt", { url: `${address}/a.txt` }, "flat", hashBytes("sha256", "contents"));
    const results = await build(drv);
    assert.equal(results[0]?.status, "built", results[0]?.error?.message ?? "");
    assert.equal(readFileSync(fixture.physical(fixture.output(drv)), "utf8"), "contents");
    assert.equal(fixture.store.pathInfo(fixture.output(drv)).ca?.method, "flat");
    assert.ok(fixture.events.some((event) => event.kind === "fetch-end" && event.ok));
  });

  test("fetchurl: the next address where one fails", async () => {
    served.set("/b.txt", Buffer.from("b"));
    const drv = fetchurl(
      "b.txt",
      { urls: `${address}/gone ${address}/b.txt` },
      "flat",
      hashBytes("sha256", "b"),
    );
    assert.equal((await build(drv))[0]?.status, "built");
  });

  test("fetchurl: a wrong hash shows both, status 102; a missing file says where it was looked for, status 1", async () => {
    served.set("/c.txt", Buffer.from("c"));
    const wanted = hashBytes("sha256", "other");
    const wrong = await build(fetchurl("c.txt", { url: `${address}/c.txt` }, "flat", wanted));
    assert.equal(exitStatus(wrong), 102);
    const message = failuresOf(wrong)[0]?.message ?? "";
    assert.ok(
      message.includes(`specified: ${wanted.toSri()}\n     got:    ${hashBytes("sha256", "c").toSri()}`),
      message,
    );
    const gone = await build(fetchurl("d.txt", { url: `${address}/d.txt` }, "flat", wanted));
    assert.equal(exitStatus(gone), 1);
    assert.match(failuresOf(gone)[0]?.message ?? "", /Cannot build .*404/s);
  });

  test("fetchurl: executable files and NARs", async () => {
    served.set("/run", Buffer.from("#!/bin/sh\n"));
    const file = join(fixture.root, "run");
    writeFileSync(file, "#!/bin/sh\n", { mode: 0o755 });
    const executable = fetchurl("run", { url: `${address}/run`, executable: "1" }, "nar", narHash(file));
    assert.equal((await build(executable))[0]?.status, "built");
    assert.equal(statSync(fixture.physical(fixture.output(executable))).mode & 0o777, 0o555);

    const chunks: Buffer[] = [];
    dumpPath(file, (chunk) => chunks.push(Buffer.from(chunk)));
    const packed = spawnSync("xz", ["-c"], { input: Buffer.concat(chunks) });
    if (packed.error !== undefined) return;
    served.set("/run.nar.xz", packed.stdout);
    const env = { url: `${address}/run.nar.xz`, unpack: "1" };
    const unpacked = fetchurl("unpacked", env, "nar", narHash(file));
    const results = await build(unpacked);
    assert.equal(results[0]?.status, "built", results[0]?.error?.message ?? "");
  });

  test("unpack-deb: the data of a package, without its scripts", { skip: skipWithoutDpkg }, async () => {
    const tree = join(fixture.root, "package");
    mkdirSync(join(tree, "DEBIAN"), { recursive: true });
    mkdirSync(join(tree, "usr/bin"), { recursive: true });
    writeFileSync(
      join(tree, "DEBIAN/control"),
      "Package: x\nVersion: 1\nArchitecture: all\nMaintainer: x <x@x>\nDescription: x\n",
    );
    writeFileSync(join(tree, "DEBIAN/postinst"), "#!/bin/sh\ntouch /evil\n", { mode: 0o755 });
    writeFileSync(join(tree, "usr/bin/x"), "x", { mode: 0o755 });
    symlinkSync("x", join(tree, "usr/bin/y"));
    const file = join(fixture.root, "x.deb");
    assert.equal(spawnSync("dpkg-deb", ["--root-owner-group", "-b", tree, file]).status, 0);
    served.set("/x.deb", readFileSync(file));
    const expected = join(fixture.root, "expected");
    mkdirSync(join(expected, "usr/bin"), { recursive: true });
    writeFileSync(join(expected, "usr/bin/x"), "x", { mode: 0o755 });
    symlinkSync("x", join(expected, "usr/bin/y"));
    const drv = fixture.add({
      name: "x",
      system: "builtin",
      builder: "builtin:unpack-deb",
      args: [],
      env: { url: `${address}/x.deb` },
      fixed: { method: "nar", hash: narHash(expected) },
    });
    const results = await build(drv);
    assert.equal(results[0]?.status, "built", results[0]?.error?.message ?? "");
    assert.equal(readFileSync(fixture.physical(`${fixture.output(drv)}/usr/bin/y`), "latin1"), "x");
  });

  test("what is no builtin builder, or promises no hash, is refused", async () => {
    const unknown = fixture.add({ name: "u", system: "builtin", builder: "builtin:nonsense", args: [] });
    assert.match(
      failuresOf(await build(unknown))[0]?.message ?? "",
      /unsupported builtin builder 'nonsense'/,
    );
    const free = fixture.add({
      name: "f",
      system: "builtin",
      builder: "builtin:fetchurl",
      args: [],
      env: { url: address },
    });
    assert.match(failuresOf(await build(free))[0]?.message ?? "", /must be a fixed-output derivation/);
  });

  test("names and contents are bytes", async () => {
    const bytes = Buffer.from([0xff, 0xfe, 0x00]);
    served.set("/bytes", bytes);
    const drv = fetchurl(
      "bytes",
      { url: `${address}/bytes` },
      "flat",
      hashBytes("sha256", fromBuffer(bytes)),
    );
    await build(drv);
    assert.deepEqual(readFileSync(fixture.physical(fixture.output(drv))), bytes);
  });
});
