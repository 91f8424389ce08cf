/** Mirrors: where addresses come from, with made-up machines and an index on the loopback interface. */
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { debianArchives, parseDeb822Sources, parseSourcesList } from "./apt-sources.ts";
import { MirrorError } from "./error.ts";
import { resolveMirrors } from "./mirrors.ts";
import { indexConfiguration, parsePipConfig } from "./pip-config.ts";
import { defaultIndexIn } from "./pip-default.ts";
import { type FetchSettings, fetchSettings } from "./settings.ts";
import { findOnPage, normalizeProjectName, parseIndexPage } from "./simple-index.ts";

let root = "";
let server: http.Server;
let base = "";
const asked: string[] = [];
let answer: (path: string) => { type: string; body: string } | undefined = () => undefined;

before(async () => {
  server = http.createServer((request, response) => {
    asked.push(request.url ?? "");
    const found = answer(request.url ?? "");
    if (found === undefined) response.writeHead(404).end();
    else response.writeHead(200, { "Content-Type": found.type }).end(found.body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => {
  server.closeAllConnections();
  server.close();
  fs.rmSync(root, { recursive: true, force: true });
});
beforeEach(() => {
  fs.rmSync(root, { recursive: true, force: true });
  root = fs.mkdtempSync(join(tmpdir(), "bruma-mirrors-"));
  asked.length = 0;
});

function put(path: string, text: string): void {
  const file = join(root, path);
  fs.mkdirSync(dirname(file), { recursive: true });
  fs.writeFileSync(file, text);
}

function machine(
  environment: Record<string, string> = {},
  changes: Partial<FetchSettings> = {},
): FetchSettings {
  return fetchSettings({
    environment: { PATH: "", ...environment },
    systemRoot: root,
    home: join(root, "home"),
    cacheDirectory: join(root, "cache"),
    attempts: 1,
    ...changes,
  });
}

const pool = "mirror://debian/pool/main/x/x/x_1_all.deb";

test("an ordinary address is itself", async () => {
  assert.deepEqual(await resolveMirrors("https://example.org/a", machine()), ["https://example.org/a"]);
});

test("a setting, and the variable before it", async () => {
  const mirrors = { debian: "https://one.example/debian/ https://two.example/d" };
  assert.deepEqual(await resolveMirrors(pool, machine({}, { mirrors })), [
    "https://one.example/debian/pool/main/x/x/x_1_all.deb",
    "https://two.example/d/pool/main/x/x/x_1_all.deb",
  ]);
  const set = machine({ BRUMA_MIRRORS_DEBIAN: "/srv/debian" }, { mirrors });
  assert.deepEqual(await resolveMirrors(pool, set), ["file:///srv/debian/pool/main/x/x/x_1_all.deb"]);
  const gnu = machine({}, { mirrors: { gnu: "https://gnu.example/pub" } });
  assert.deepEqual(await resolveMirrors("mirror://gnu/hello/hello-1.tar.gz", gnu), [
    "https://gnu.example/pub/hello/hello-1.tar.gz",
  ]);
});

test("an unknown mirror names the setting", async () => {
  for (const [url, setting] of [
    ["mirror://gnu/x", "BRUMA_MIRRORS_GNU"],
    [pool, "BRUMA_MIRRORS_DEBIAN"],
  ] as const) {
    await assert.rejects(resolveMirrors(url, machine()), (error: MirrorError) => {
      assert.ok(error instanceof MirrorError);
      assert.ok(error.hint?.includes(setting));
      return true;
    });
  }
  for (const bad of [
    "mirror://debian",
    "mirror://debian/../etc/passwd",
    "mirror://pypi/t/toolz",
    "mirror://pypi/t/a%2Fb/c",
  ]) {
    await assert.rejects(resolveMirrors(bad, machine()), MirrorError);
  }
});

test("apt's sources: both forms, Debian's main archive alone", () => {
  put(
    "etc/apt/sources.list",
    "# deb http://no.example/debian bookworm main\ndeb [arch=amd64 signed-by=/k] http://list.example/debian bookworm main contrib # c\ndeb http://list.example/debian-security bookworm-security main\ndeb https://other.example/linux/debian bookworm stable\ndeb cdrom:[x]/ bookworm main\n",
  );
  put(
    "etc/apt/sources.list.d/debian.sources",
    "Types: deb\n# a comment\nURIs: http://first.example/debian/\n http://second.example/debian\nSuites: trixie trixie-updates\nComponents: main\n\nTypes: deb\nEnabled: no\nURIs: http://off.example/debian\nSuites: trixie\nComponents: main\n",
  );
  assert.deepEqual(debianArchives(root), [
    "http://list.example/debian",
    "http://first.example/debian",
    "http://second.example/debian",
  ]);
  assert.equal(parseSourcesList("deb http://a b c d").length, 1);
  assert.equal(parseDeb822Sources("URIs: a b\nSuites: c d\nComponents: main").length, 4);
});

test("apt's copy of the Release file decides", () => {
  put(
    "etc/apt/sources.list",
    "deb http://m.example/deb-mirror trixie main\ndeb http://f.example/debian stable main\n",
  );
  put(
    "var/lib/apt/lists/m.example_deb-mirror_dists_trixie_InRelease",
    "Origin: Debian\nLabel: Debian\nSuite: stable\n",
  );
  put("var/lib/apt/lists/f.example_debian_dists_stable_InRelease", "Origin: Somebody\nLabel: Foreign\n");
  assert.deepEqual(debianArchives(root), ["http://m.example/deb-mirror"]);
});

test("lists of mirrors, and what packages carry", () => {
  put("etc/apt/sources.list", `deb mirror+file:${join(root, "list")} trixie main\n`);
  put("list", "https://from-list.example/debian\tpriority:1\n");
  put(
    "usr/share/python-apt/templates/Debian.info",
    "ChangelogURI: x\n\nSuite: {series}\nBaseURI: https://carried.example/debian/\n\nSuite: {series}-security\nBaseURI: https://security.example/\n",
  );
  put(
    "usr/share/debootstrap/scripts/sid",
    "mirror_style release\ndefault_mirror http://bootstrap.example/debian\n",
  );
  assert.deepEqual(debianArchives(root), [
    "https://from-list.example/debian",
    "https://carried.example/debian",
    "http://bootstrap.example/debian",
  ]);
});

test("pip's and uv's configuration, in their order", () => {
  put(
    "etc/pip.conf",
    "[global]\nindex-url = https://etc.example/simple\nextra-index-url =\n    https://x1.example/simple\n    https://x2.example/simple\n",
  );
  assert.deepEqual(indexConfiguration(machine()).indexes, ["https://etc.example/simple"]);
  assert.deepEqual(indexConfiguration(machine()).extraIndexes, [
    "https://x1.example/simple",
    "https://x2.example/simple",
  ]);
  put("home/.config/pip/pip.conf", "[install]\nindex_url: https://user.example/simple\n");
  assert.deepEqual(indexConfiguration(machine()).indexes, ["https://user.example/simple"]);
  assert.deepEqual(indexConfiguration(machine({ PIP_INDEX_URL: "https://env.example/simple" })).indexes, [
    "https://env.example/simple",
  ]);
  put(
    "home/.config/uv/uv.toml",
    '[[index]]\nname = "a"\nurl = "https://uv.example/simple"\ndefault = true\n',
  );
  assert.equal(indexConfiguration(machine()).indexes[0], "https://uv.example/simple");
  assert.equal(
    indexConfiguration(machine({ UV_DEFAULT_INDEX: "corp=https://uvenv.example/simple" })).indexes[0],
    "https://uvenv.example/simple",
  );
  assert.equal(indexConfiguration(machine({ PIP_NO_INDEX: "1" })).noIndex, true);
  assert.deepEqual(parsePipConfig("[a]\nx = 1\n; no\n y\n").get("a.x"), ["1", "y"]);
});

test("index pages: HTML and JSON, relative and absolute", () => {
  const html = parseIndexPage(
    '<!DOCTYPE html><!-- <a href="no-1.tar.gz">no-1.tar.gz</a> --><a href="../../files/ab/Foo_Bar-1.0.tar.gz#sha256=00" data-requires-python="&gt;=3">Foo_Bar-1.0.tar.gz</a>\n<A class=x HREF=\'https://other.example/f%2B1.whl?a=1&amp;b=2\'>f+1.whl</A><a href="javascript:alert(1)">evil</a>',
    "text/html",
    "http://h.example/simple/foo-bar/",
  );
  assert.equal(html.get("Foo_Bar-1.0.tar.gz"), "http://h.example/files/ab/Foo_Bar-1.0.tar.gz");
  assert.equal(html.get("f+1.whl"), "https://other.example/f%2B1.whl?a=1&b=2");
  assert.equal(html.has("evil"), false);
  assert.equal(html.has("no-1.tar.gz"), false);
  const raw = parseIndexPage(
    '<a data-requires-python=">=3" href=x-1.whl>x-1.whl</a><a name=y>y</a>',
    "text/html",
    "http://h.example/s/x/",
  );
  assert.deepEqual([...raw], [["x-1.whl", "http://h.example/s/x/x-1.whl"]]);
  assert.equal(findOnPage(html, "foo-bar-1.0.tar.gz"), "http://h.example/files/ab/Foo_Bar-1.0.tar.gz");
  assert.equal(findOnPage(html, "foo-bar-1.1.tar.gz"), undefined);
  const json = parseIndexPage(
    '{"meta":{"api-version":"1.1"},"files":[{"filename":"a-1.whl","url":"../a-1.whl"},{"bad":1}]}',
    "application/vnd.pypi.simple.v1+json",
    "http://h.example/simple/a/",
  );
  assert.equal(json.get("a-1.whl"), "http://h.example/simple/a-1.whl");
  assert.throws(() => parseIndexPage("[", "application/json", "http://h.example/"), /not JSON/);
  assert.equal(normalizeProjectName("Foo__Bar.-baz"), "foo-bar-baz");
});

test("a package is looked up once, and again when it is not on the page that was kept", async () => {
  let files = ["toolz-0.10.0.tar.gz"];
  answer = (path) =>
    path === "/simple/toolz/"
      ? { type: "text/html", body: files.map((f) => `<a href="../../f/${f}">${f}</a>`).join("") }
      : undefined;
  const settings = machine({ PIP_INDEX_URL: `${base}/simple/` });
  const url = "mirror://pypi/t/toolz/toolz-0.10.0.tar.gz";
  assert.deepEqual(await resolveMirrors(url, settings), [`${base}/f/toolz-0.10.0.tar.gz`]);
  assert.deepEqual(await resolveMirrors(url, settings), [`${base}/f/toolz-0.10.0.tar.gz`]);
  assert.equal(asked.length, 1);
  files = [...files, "toolz-1.0.0.tar.gz"];
  await resolveMirrors("mirror://pypi/t/toolz/toolz-1.0.0.tar.gz", settings);
  assert.equal(asked.length, 2);
  await assert.rejects(
    resolveMirrors("mirror://pypi/t/toolz/toolz-9.tar.gz", settings),
    (error: MirrorError) => {
      assert.match(error.attempts[0]?.reason ?? "", /2 files of 'toolz', but no 'toolz-9.tar.gz'/);
      return true;
    },
  );
});

test("a second index is asked when the first has it not; files at hand need none", async () => {
  answer = (path) =>
    path === "/two/numpy/" ? { type: "text/html", body: '<a href="n-1.whl">n-1.whl</a>' } : undefined;
  const url = "mirror://pypi/n/numpy/n-1.whl";
  const environment = { PIP_INDEX_URL: `${base}/one`, PIP_EXTRA_INDEX_URL: `${base}/two` };
  assert.deepEqual(await resolveMirrors(url, machine(environment)), [`${base}/two/numpy/n-1.whl`]);
  put("links/n-1.whl", "x");
  const local = machine({ PIP_FIND_LINKS: join(root, "links"), PIP_NO_INDEX: "1" });
  assert.deepEqual(await resolveMirrors(url, local), [`file://${join(root, "links/n-1.whl")}`]);
  const set = machine({ BRUMA_MIRRORS_PYPI: `${base}/two`, PIP_INDEX_URL: `${base}/one` });
  assert.deepEqual(await resolveMirrors(url, set), [`${base}/two/numpy/n-1.whl`]);
});

test("without configuration, the index that an installed pip carries", async () => {
  answer = (path) =>
    path === "/simple/a/" ? { type: "text/html", body: '<a href="a-1.whl">x</a>' } : undefined;
  put(
    "usr/lib/python3/dist-packages/pip/_internal/models/index.py",
    `class PackageIndex: ...\n\nPyPI = PackageIndex(\n    "${base}/", file_storage_domain="f.example"\n)\n`,
  );
  assert.deepEqual(await resolveMirrors("mirror://pypi/a/a/a-1.whl", machine()), [
    `${base}/simple/a/a-1.whl`,
  ]);
  assert.equal(defaultIndexIn("nothing"), undefined);
});

test("without pip anywhere, the error says which setting helps", async () => {
  await assert.rejects(resolveMirrors("mirror://pypi/a/a/a-1.whl", machine()), (error: MirrorError) => {
    assert.match(error.hint ?? "", /BRUMA_MIRRORS_PYPI/);
    return true;
  });
});
