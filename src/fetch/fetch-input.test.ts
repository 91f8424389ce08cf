/** Inputs of every kind that needs no network, into a store that is a directory. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { toBuffer, toText } from "../format/bytes.ts";
import { isLegalRefName } from "../format/git-names.ts";
import { type Hash, Hasher, hashBytes } from "../format/hash.ts";
import { dumpPath } from "../format/nar.ts";
import { makeFixedOutputPath } from "../format/store-path.ts";
import type { FetchResult } from "../language/world.ts";
import type { PathInfo } from "../store/store.ts";
import { FetchError } from "./error.ts";
import type { FetchContext, FetchStore } from "./fetch-context.ts";
import { fetchInput } from "./fetch-input.ts";
import { fixGitUrl, resolveModuleUrl } from "./git.ts";
import { fetchSettings } from "./settings.ts";

let top = "";
let server: http.Server;
let base = "";
let requests = 0;
const served = new Map<string, Buffer>();
const notices: string[] = [];

/** Keeps copies of what is added, by store path. */
class DirectoryStore implements FetchStore {
  readonly storeDir = "/nix/store";
  readonly infos = new Map<string, PathInfo>();
  addTreeToStore: FetchStore["addTreeToStore"] = (realPath, { name, method }) => {
    const hasher = new Hasher("sha256");
    dumpPath(realPath, (chunk) => void hasher.update(chunk));
    const narSize = hasher.size;
    const narHash = hasher.finish();
    const flat = method === "flat";
    const hash = flat ? hashBytes("sha256", fs.readFileSync(toBuffer(realPath))) : narHash;
    const path = makeFixedOutputPath(
      name,
      { method: flat ? "flat" : "nar", hash, references: [] },
      this.storeDir,
    );
    if (!this.infos.has(path))
      fs.cpSync(toText(realPath), this.real(path), { recursive: true, verbatimSymlinks: true });
    const info = {
      path,
      narHash,
      narSize,
      references: [],
      registrationTime: 0,
      ultimate: false,
      signatures: [],
    };
    this.infos.set(path, info);
    return info;
  };
  isValidPath: FetchStore["isValidPath"] = (path) => this.infos.has(path);
  queryPathInfo: FetchStore["queryPathInfo"] = (path) => this.infos.get(path);
  real(path: string): string {
    return join(top, "store", path.slice(this.storeDir.length));
  }
}

let store: DirectoryStore;
let context: FetchContext;

before(async () => {
  top = fs.mkdtempSync(join(tmpdir(), "bruma-inputs-"));
  server = http.createServer((request, response) => {
    requests++;
    const body = served.get(request.url ?? "");
    if (body === undefined) return void response.writeHead(404).end();
    const etag = `"${hashBytes("sha256", body).toBase16().slice(0, 8)}"`;
    if (request.headers["if-none-match"] === etag) return void response.writeHead(304).end();
    response.setHeader("ETag", etag).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  store = new DirectoryStore();
  context = make();
});
after(() => {
  server.closeAllConnections();
  server.close();
  fs.rmSync(top, { recursive: true, force: true });
});

function make(changes: Parameters<typeof fetchSettings>[0] = {}): FetchContext {
  const environment = {
    PATH: process.env.PATH,
    HOME: join(top, "home"),
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_AUTHOR_NAME: "a",
    GIT_AUTHOR_EMAIL: "a@example",
    GIT_COMMITTER_NAME: "a",
    GIT_COMMITTER_EMAIL: "a@example",
    GIT_AUTHOR_DATE: "1700000000 +0000",
    GIT_COMMITTER_DATE: "1700000000 +0000",
  };
  const settings = fetchSettings({
    environment,
    cacheDirectory: join(top, "cache"),
    attempts: 1,
    ...changes,
  });
  return {
    store,
    settings,
    sink: (event) => void (event.kind === "notice" && notices.push(event.text)),
  };
}

const attributes = (values: Record<string, string | bigint | boolean>) => new Map(Object.entries(values));
const contents = (result: FetchResult, path = "") =>
  fs.readFileSync(join(store.real(result.path), path), "utf8");
const tarOf = (directory: string, ...members: string[]) =>
  execFileSync("tar", ["-C", directory, "-cz", "--mtime=@1600000000", ...members]);

function tree(name: string, files: Record<string, string>): string {
  const directory = join(top, name);
  for (const [path, text] of Object.entries(files)) {
    fs.mkdirSync(join(directory, path, ".."), { recursive: true });
    fs.writeFileSync(join(directory, path), text);
  }
  return directory;
}

test("fetchurl: by hash without network, else kept for a while", async () => {
  served.set("/f.txt", Buffer.from("one"));
  const url = `${base}/f.txt`;
  const first = await fetchInput({ kind: "url", url }, context);
  assert.equal(first.path.slice(44), "f.txt");
  assert.equal(contents(first), "one");
  const count = requests;
  assert.deepEqual(await fetchInput({ kind: "url", url }, context), first);
  const sha256 = hashBytes("sha256", "one").toBase16();
  const pinned = { kind: "url", url: `${base}/gone`, name: "f.txt", sha256 } as const;
  assert.deepEqual(await fetchInput(pinned, context), first);
  assert.equal(requests, count);
  await fetchInput({ kind: "url", url }, make({ ttl: 0 }));
  assert.equal(requests, count + 1);
  await assert.rejects(
    fetchInput({ kind: "url", url, sha256: "0".repeat(64) }, context),
    (error: FetchError) => {
      assert.equal(error.exitCode, 102);
      assert.match(
        error.message,
        /^hash mismatch in file downloaded from 'http:[\s\S]*specified: sha256:0{52}\n {2}got: {7}sha256:/,
      );
      return true;
    },
  );
});

test("fetchTarball: the sole top directory is left out, another is not", async () => {
  const source = tree("sources", { "pkg/a": "1", "pkg/sub/b": "2", other: "3" });
  fs.chmodSync(join(source, "pkg/a"), 0o755);
  fs.symlinkSync("/outside", join(source, "pkg/link"));
  served.set("/one.tar.gz", tarOf(source, "pkg"));
  served.set("/two.tar.gz", tarOf(source, "pkg", "other"));
  const one = await fetchInput({ kind: "tarball", url: `${base}/one.tar.gz` }, context);
  assert.match(one.path, /-source$/);
  assert.deepEqual(fs.readdirSync(store.real(one.path)), ["a", "link", "sub"]);
  assert.equal(fs.readlinkSync(join(store.real(one.path), "link")), "/outside");
  const two = await fetchInput({ kind: "tarball", url: `${base}/two.tar.gz`, name: "x" }, context);
  assert.deepEqual(fs.readdirSync(store.real(two.path)), ["other", "pkg"]);
  const count = requests;
  assert.deepEqual(await fetchInput({ kind: "tarball", url: `${base}/one.tar.gz` }, context), one);
  const { narHash } = store.infos.get(one.path)!;
  const pinned = {
    kind: "tarball",
    url: "https://nowhere.invalid/x.tar.gz",
    sha256: narHash.toNix32(),
  } as const;
  assert.deepEqual(await fetchInput(pinned, context), one);
  assert.equal(requests, count);
  const wrong = { kind: "tarball", url: `${base}/two.tar.gz`, sha256: narHash.toSri(), name: "w" } as const;
  await assert.rejects(fetchInput(wrong, context), (error: FetchError) => {
    assert.equal(error.exitCode, 102);
    assert.match(
      error.message,
      /^hash mismatch in file downloaded from 'http:[^']*':\n {2}specified: sha256:\w{52}\n {2}got: {7}sha256:\w{52}$/,
    );
    return true;
  });
});

test("fetchTarball: an expired answer is asked for anew; without network it still serves", async () => {
  const source = tree("changing", { "pkg/a": "old" });
  served.set("/c.tar.gz", tarOf(source, "pkg"));
  const url = `${base}/c.tar.gz`;
  const old = await fetchInput({ kind: "tarball", url }, context);
  assert.deepEqual(await fetchInput({ kind: "tarball", url }, make({ ttl: 0 })), old);
  fs.writeFileSync(join(source, "pkg/a"), "new");
  served.set("/c.tar.gz", tarOf(source, "pkg"));
  assert.equal(contents(await fetchInput({ kind: "tarball", url }, make({ ttl: 0 })), "a"), "new");
  const offline = await fetchInput({ kind: "tarball", url }, make({ ttl: 0, offline: true }));
  assert.equal(contents(offline, "a"), "new");
});

test("fetchTree of a tarball tells hash and time; narHash is enforced", async () => {
  const source = tree("timed", { "pkg/a": "t" });
  served.set("/t.tar.gz", tarOf(source, "pkg"));
  const input = { type: "tarball", url: `${base}/t.tar.gz` };
  const result = await fetchInput({ kind: "tree", attributes: attributes(input) }, context);
  const hash = store.infos.get(result.path)?.narHash as Hash;
  assert.deepEqual(
    result.info,
    new Map<string, unknown>([
      ["narHash", hash.toSri()],
      ["lastModified", 1600000000n],
      ["lastModifiedDate", "20200913122640"],
    ]),
  );
  const locked = { ...input, url: "https://nowhere.invalid/t", narHash: hash.toSri(), lastModified: 5n };
  const again = await fetchInput({ kind: "tree", attributes: attributes(locked) }, context);
  assert.equal(again.path, result.path);
  assert.equal(again.info.get("lastModified"), 5n);
  const unknown = attributes({ ...input, colour: "red" });
  await assert.rejects(
    fetchInput({ kind: "tree", attributes: unknown }, context),
    /input attribute 'colour' not supported/,
  );
  const file = await fetchInput(
    { kind: "tree", attributes: attributes({ type: "file", url: `${base}/f.txt` }) },
    context,
  );
  assert.match(file.path, /-source$/);
});

test("local archives, and things that are none", async () => {
  const source = tree("local", { "pkg/a": "l" });
  fs.writeFileSync(join(top, "local.tar"), tarOf(source, "pkg"));
  const ok = await fetchInput({ kind: "tarball", url: `file://${top}/local.tar` }, context);
  assert.equal(contents(ok, "a"), "l");
  const fails = (url: string, why: RegExp) =>
    assert.rejects(fetchInput({ kind: "tarball", url }, context), why);
  await fails(`file://${top}/none.tar`, /does not exist/);
  await fails(`file://${source}`, /is a directory, not a file/);
  await fails("file:relative.tar", /must use an absolute path/);
  served.set("/page.tar.gz", Buffer.from("<html>not here</html>".repeat(50)));
  await fails(`${base}/page.tar.gz`, /page\.tar\.gz'.*no tar archive/);
});

test("path inputs", async () => {
  const source = tree("path", { a: "p" });
  fs.utimesSync(join(source, "a"), 2_000_000_000, 2_000_000_000);
  const input = { type: "path", path: source };
  const result = await fetchInput({ kind: "tree", attributes: attributes(input) }, context);
  assert.equal(contents(result, "a"), "p");
  assert.equal(result.info.get("lastModified"), 2_000_000_000n);
  const again = { type: "path", path: result.path };
  assert.equal(
    (await fetchInput({ kind: "tree", attributes: attributes(again) }, context)).path,
    result.path,
  );
  const bad = { type: "path", path: "relative" };
  await assert.rejects(fetchInput({ kind: "tree", attributes: attributes(bad) }, context), /relative path/);
});

const git = (directory: string, ...args: string[]) =>
  execFileSync(
    "git",
    ["-C", directory, "-c", "init.defaultBranch=main", "-c", "protocol.file.allow=always", ...args],
    {
      env: context.settings.environment as NodeJS.ProcessEnv,
      encoding: "utf8",
    },
  ).trim();

function repository(name: string): string {
  const directory = tree(name, {
    "a.txt": "one",
    "dir/run": "#!",
    "doc/secret": "s",
    ".gitattributes": "doc/ export-ignore\n*.txt filter=evil\n",
  });
  fs.chmodSync(join(directory, "dir/run"), 0o755);
  fs.symlinkSync("a.txt", join(directory, "link"));
  git(directory, "init", "-q");
  git(directory, "add", "-A");
  git(directory, "commit", "-qm", "first");
  return directory;
}

test("fetchGit: a clean tree, a dirty one, a commit of the past", async () => {
  const directory = repository("repo");
  const first = git(directory, "rev-parse", "HEAD");
  const get = (more: Record<string, string | bigint | boolean> = {}) =>
    fetchInput({ kind: "git", attributes: attributes({ url: `file://${directory}`, ...more }) }, context);
  const clean = await get();
  assert.equal(clean.info.get("rev"), first);
  assert.equal(clean.info.get("shortRev"), first.slice(0, 7));
  assert.equal(clean.info.get("revCount"), 1n);
  assert.equal(clean.info.get("lastModified"), 1700000000n);
  assert.equal(clean.info.get("lastModifiedDate"), "20231114221320");
  assert.equal(clean.info.get("submodules"), false);
  assert.equal(contents(clean, "a.txt"), "one");
  assert.equal(fs.existsSync(join(store.real(clean.path), "doc")), false, "export-ignore in a working tree");
  notices.length = 0;
  fs.writeFileSync(join(directory, "a.txt"), "two");
  fs.writeFileSync(join(directory, "untracked"), "u");
  const dirty = await get();
  assert.equal(dirty.info.get("rev"), "0".repeat(40));
  assert.equal(dirty.info.get("revCount"), 0n);
  assert.equal(dirty.info.get("dirtyRev"), `${first}-dirty`);
  assert.equal(contents(dirty, "a.txt"), "two");
  assert.equal(fs.existsSync(join(store.real(dirty.path), "untracked")), false);
  assert.match(notices.join(), /is dirty/);
  notices.length = 0;
  const request = { kind: "git", attributes: attributes({ url: `file://${directory}` }) } as const;
  assert.deepEqual(await fetchInput(request, make({ dirtyTrees: "allow" })), dirty);
  assert.deepEqual(notices, []);
  await assert.rejects(fetchInput(request, make({ dirtyTrees: "refuse" })), {
    message: `Git tree '${directory}' is dirty`,
  });
  git(directory, "commit", "-qam", "second");
  const past = await get({ rev: first });
  assert.equal(contents(past, "a.txt"), "one");
  assert.equal(fs.existsSync(join(store.real(past.path), "doc")), false, "export-ignore");
  assert.equal(fs.statSync(join(store.real(past.path), "dir/run")).mode & 0o111, 0o111);
  assert.equal(fs.readlinkSync(join(store.real(past.path), "link")), "a.txt");
  const branch = await get({ ref: "main", exportIgnore: false });
  assert.equal(branch.info.get("revCount"), 2n);
  assert.equal(contents(branch, "doc/secret"), "s");
  await assert.rejects(get({ rev: "1".repeat(40) }), /has no commit/);
  await assert.rejects(get({ ref: "--upload-pack=x" }), /invalid Git branch\/tag name/);
  await assert.rejects(
    get({ narHash: hashBytes("sha256", "x").toSri(), ref: "main" }),
    (error: FetchError) => error.exitCode === 102,
  );
});

test("fetchGit: a bare repository is fetched into the cache, hooks and filters stay quiet", async () => {
  const source = repository("origin");
  const bare = join(top, "origin.git");
  git(top, "clone", "-q", "--bare", source, bare);
  const marker = join(top, "hook-ran");
  for (const hook of ["post-checkout", "reference-transaction", "post-merge"]) {
    for (const place of [bare, join(source, ".git")]) {
      fs.mkdirSync(join(place, "hooks"), { recursive: true });
      fs.writeFileSync(join(place, "hooks", hook), `#!/bin/sh\ntouch ${marker}\n`, { mode: 0o755 });
    }
  }
  const get = (kind: "git" | "tree", more: Record<string, string | bigint | boolean> = {}, from = context) =>
    fetchInput({ kind, attributes: attributes({ type: "git", url: `file://${bare}`, ...more }) }, from);
  const full = await get("git");
  assert.equal(full.info.get("revCount"), 1n);
  const shallow = await get("tree", { shallow: true });
  assert.equal(shallow.info.has("revCount"), false);
  assert.equal(contents(shallow, "doc/secret"), "s", "fetchTree keeps export-ignored files");
  fs.writeFileSync(join(source, "a.txt"), "later");
  git(source, "-c", "core.hooksPath=/dev/null", "commit", "-qam", "later");
  git(source, "-c", "core.hooksPath=/dev/null", "push", "-q", bare, "HEAD:refs/heads/main");
  const rev = git(source, "rev-parse", "HEAD");
  fs.rmSync(marker, { force: true }); // the push itself ran the receiving side's hook
  assert.equal(contents(await get("git"), "a.txt"), "one", "within the time to live");
  assert.equal(contents(await get("git", {}, make({ ttl: 0 })), "a.txt"), "later");
  assert.equal(contents(await get("tree", { rev, shallow: true }), "a.txt"), "later");
  assert.equal(fs.existsSync(marker), false);
  await assert.rejects(get("git", { ref: "nope" }), FetchError);
  await assert.rejects(get("git", { rev: "2".repeat(40) }), FetchError);
});

test("fetchGit: submodules only when asked for", async () => {
  const inner = repository("inner");
  const outer = tree("outer", { top: "t" });
  git(outer, "init", "-q");
  git(outer, "submodule", "--quiet", "add", "../inner", "sub");
  git(outer, "add", "-A");
  git(outer, "commit", "-qm", "x");
  const rev = git(outer, "rev-parse", "HEAD");
  const get = (submodules: boolean) =>
    fetchInput({ kind: "git", attributes: attributes({ url: `file://${outer}`, rev, submodules }) }, context);
  const without = await get(false);
  assert.deepEqual(fs.readdirSync(join(store.real(without.path), "sub")), []);
  const whole = await get(true);
  assert.equal(contents(whole, "sub/a.txt"), "one");
  assert.equal(contents(whole, "sub/doc/secret"), "s");
  assert.equal(whole.info.get("submodules"), true);
  assert.ok(inner);
});

test("addresses and names of git", () => {
  assert.equal(fixGitUrl("git@host.example:a/b.git"), "ssh://git@host.example/a/b.git");
  assert.equal(fixGitUrl("/x/y"), "file:///x/y");
  assert.equal(fixGitUrl("git+https://h/x"), "https://h/x");
  assert.equal(fixGitUrl("https://h/x?a=b:c"), "https://h/x?a=b:c");
  assert.equal(resolveModuleUrl("https://h/a/b", "../c"), "https://h/a/c");
  assert.equal(resolveModuleUrl("https://h/a/b", "https://k/d"), "https://k/d");
  for (const good of ["main", "refs/heads/x", "v1.0", "a/b-c_d", "@x"]) assert.ok(isLegalRefName(good), good);
  for (const bad of [
    "",
    "-x",
    "a..b",
    "a b",
    "x.lock",
    "a//b",
    "a/.b",
    "@",
    "a@{1}",
    "x\n",
    "a~1",
    "a:b",
    ".x",
  ]) {
    assert.ok(!isLegalRefName(bad), bad);
  }
});

test("what cannot be fetched says so", async () => {
  const fails = (values: Record<string, string>, why: RegExp) =>
    assert.rejects(fetchInput({ kind: "tree", attributes: attributes(values) }, context), why);
  await fails(
    { type: "hg", url: "https://h/x" },
    /Mercurial repositories are not supported: 'https:\/\/h\/x'/,
  );
  await fails({ type: "indirect", id: "nixpkgs" }, /indirect/);
  await fails({ type: "martian" }, /no scheme 'martian'/);
  await fails({ type: "github", owner: "../x", repo: "y" }, /cannot be/);
  await fails({ type: "git", url: "ext::sh -c exit" }, /transport 'ext' not allowed/);
});
