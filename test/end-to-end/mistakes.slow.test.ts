/**
 * What goes wrong for users, and what they are told: one clear message with its place, Nix's exit status, no
 * JavaScript stack, and a store as valid as before. Downloads come from a server on loopback; the sandbox's own
 * program comes from the package registries.
 */
import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { checkout, makePlace, type Outcome, type Place } from "./place.ts";

let place: Place;
let server: ChildProcess;
let address = "";

/** Serves `/good` whole, `/cut` with half of what it promised, everything else not at all. */
const serverProgram = `
  const { createServer } = require("node:http");
  const server = createServer((request, response) => {
    if (request.url === "/good") return response.end("good\\n");
    if (request.url === "/cut") {
      response.writeHead(200, { "content-length": "2000000" });
      response.write("x".repeat(1000));
      return setTimeout(() => response.destroy(), 50);
    }
    response.writeHead(404);
    response.end("no");
  });
  server.listen(0, "127.0.0.1", () => console.log(server.address().port));
`;

before(async () => {
  place = makePlace("mistakes");
  server = spawn(process.execPath, ["-e", serverProgram], { stdio: ["ignore", "pipe", "inherit"] });
  const port = await new Promise<string>((resolve) =>
    server.stdout!.once("data", (data) => resolve(String(data).trim())),
  );
  address = `http://127.0.0.1:${port}`;
});
after(() => {
  server.kill();
  place.remove();
});

const isRoot = process.getuid?.() === 0;

const asNobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];

/** Root tries as nobody, who must be able to read the checkout. */
function closedToOthers(): string | false {
  if (!isRoot) return false;
  const [command, ...args] = [...asNobody, "test", "-r", join(checkout, "dist/bruma.cjs")];
  return spawnSync(command!, args).status === 0 ? false : "nobody may not read this checkout";
}

function assertClear(done: Outcome, status: number, ...expected: RegExp[]): void {
  assert.equal(done.status, status, done.stderr);
  for (const pattern of expected) assert.match(done.stderr, pattern);
  assert.doesNotMatch(done.stderr, /^\s+at .*[:(]\d+:\d+\)?$/m, "a JavaScript stack");
  assert.doesNotMatch(done.stderr, /defect in bruma/i);
}

function assertStoreIsValid(): void {
  const done = place.run("bruma", ["store", "verify", "--check-contents"]);
  assert.equal(done.status, 0, done.stderr);
}

const fetching = (path: string, hash: string) =>
  `derivation { name = "file"; system = "builtin"; builder = "builtin:fetchurl"; url = "${address}${path}"; outputHashMode = "flat"; outputHashAlgo = "sha256"; outputHash = "${hash}"; }`;
const someHash = "0000000000000000000000000000000000000000000000000000000000000000";
const goodHash = "b7d70f9d8da6aa6a5c1c1f2e5d8ae6b0f3c9ec8e0a3f0aab8a4f4f1a3f2f1c11";

test("mistakes in an expression have their place", () => {
  const file = join(place.directory, "work/shell.nix");
  for (const [text, pattern] of [
    ["{ a = 1;\n  b = ; }", /syntax error, unexpected ';'[\s\S]*shell\.nix:2:7/],
    ["let pakcage = 1; in\n  package", /undefined variable 'package'[\s\S]*shell\.nix:2:3/],
    [
      "let s = { numpy = 1; }; in\n  s.numpi",
      /attribute 'numpi' missing[\s\S]*shell\.nix:2:3[\s\S]*Did you mean numpy\?/,
    ],
    ['1 +\n  "a"', /cannot add[\s\S]*shell\.nix:/],
    ["let x = x; in\n x", /infinite recursion encountered[\s\S]*shell\.nix:1:9/],
  ] as const) {
    writeFileSync(file, text);
    assertClear(place.run("bruma", ["eval", "--file", file]), 1, pattern);
  }
});

test("a package that is not in the set gets the nearest names and the way to add it", () => {
  assertClear(
    place.run("bruma", ["shell", "-p", "python3Packages.numpi", "--run", "true"]),
    1,
    /numpi/,
    /numpy/,
    /packageOverrides/,
  );
  const file = join(place.directory, "work/shell.nix");
  writeFileSync(
    file,
    "let pkgs = import <nixpkgs> {}; in pkgs.mkShell {\n packages = [ (pkgs.python3.withPackages (ps: [\n  ps.pandsa ])) ]; }",
  );
  assertClear(place.run("bruma", ["shell", file, "--run", "true"]), 1, /pandsa/, /shell\.nix:3:3/, /pandas/);
});

test("nixpkgs out of reach: the address, and the switch that helps", () => {
  const url = "https://github.com/NixOS/nixpkgs/archive/0000000000000000000000000000000000000000.tar.gz";
  const done = place.run("bruma", ["eval", "--expr", `import (fetchTarball "${url}") {}`], {
    env: { https_proxy: "http://127.0.0.1:9", HTTPS_PROXY: "http://127.0.0.1:9" },
  });
  assertClear(done, 1, /github\.com\/NixOS\/nixpkgs\/archive\/0000/, /--nixpkgs bundled/);
});

test("a wrong hash: both are shown, status 102, nothing is registered", () => {
  const done = place.run("bruma", ["build", "--expr", fetching("/good", someHash)]);
  assertClear(done, 102, /specified: +sha256-A{43}=/, /got: +sha256-/);
  const path = place.run("bruma", [
    "eval",
    "--raw",
    "--expr",
    `(${fetching("/good", someHash)}).outPath`,
  ]).stdout;
  assert.notEqual(place.run("bruma", ["store", "path-info", path]).status, 0);
});

test("a page that is not there, and a connection that is cut", () => {
  assertClear(place.run("bruma", ["build", "--expr", fetching("/none", goodHash)]), 1, /404/, /\/none/);
  assertClear(place.run("bruma", ["build", "--expr", fetching("/cut", goodHash)]), 1, /\/cut/);
  assertStoreIsValid();
});

const shell = "(import <nixpkgs> {}).runtimeShell";

test("a build that fails: its last words, where the log is, status 100", () => {
  const failing = `(import <nixpkgs> {}).runCommand "broken" {} "echo the last words; exit 3"`;
  const done = place.run("bruma", ["build", "--expr", failing]);
  assertClear(done, 100, /the last words/, /exit code 3/, /bruma log \/nix\/store\//);
  const drv = /bruma log (\/nix\/store\/\S+\.drv)/.exec(done.stderr)![1]!;
  const log = place.run("bruma", ["log", drv]);
  assert.match(log.stdout, /^the last words$/m);
  const slow = `(import <nixpkgs> {}).runCommand "slow" {} "echo begun; sleep 1000"`;
  assertClear(
    place.run("bruma", ["build", "--timeout", "2", "--expr", slow]),
    101,
    /timed out after 2 seconds/,
  );
  assertStoreIsValid();
});

test("a store that cannot be written to", { skip: closedToOthers() }, () => {
  const root = join(place.directory, "closed");
  const home = join(place.directory, "other-home");
  for (const directory of [root, home]) mkdirSync(directory);
  chmodSync(root, 0o555);
  chmodSync(home, 0o777);
  chmodSync(place.directory, 0o755);
  const done = place.run("bruma", ["build", "--expr", fetching("/good", someHash)], {
    env: { BRUMA_STORE_ROOT: root, HOME: home },
    // Root may write everywhere: somebody else must try.
    wrapper: isRoot ? asNobody : [],
  });
  assertClear(done, 1, /closed/, /permission|not writable|read-only/i);
});

test("a store on a file system that is read-only", { skip: isRoot ? false : "mounting needs root" }, () => {
  const root = join(place.directory, "read-only");
  mkdirSync(root);
  assert.equal(spawnSync("mount", ["-t", "tmpfs", "-o", "ro,size=1m", "tmpfs", root]).status, 0);
  try {
    const done = place.run("bruma", ["build", "--expr", fetching("/good", someHash)], {
      env: { BRUMA_STORE_ROOT: root },
    });
    assertClear(done, 1, /read-only/);
  } finally {
    spawnSync("umount", [root]);
  }
});

test("no user namespaces: the build fails and says so, unless the sandbox is given up", () => {
  const text = `derivation { name = "plain"; system = builtins.currentSystem; builder = ${shell}; args = [ "-c" "echo > $out" ]; }`;
  const warmed = place.run("bruma", ["build", "--no-out-link", "--expr", text]);
  assert.equal(warmed.status, 0, warmed.stderr);
  const inside = `echo 0 > /proc/sys/user/max_user_namespaces; exec "$@"`;
  const other = text.replace('"plain"', '"other"');
  const done = place.run("bruma", ["build", "--no-out-link", "--expr", other], {
    wrapper: ["unshare", "--user", "--map-root-user", "sh", "-c", inside, "sh"],
  });
  assertClear(done, 1, /user namespace/i, /sandbox/);
  assertStoreIsValid();
});
