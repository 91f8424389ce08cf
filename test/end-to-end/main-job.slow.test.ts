/**
 * The main job as a new user runs it: an empty store, the README's first command, then the wiki page's own shell.
 * Needs the package registries; builds CPython from source, which takes minutes.
 */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { checkout, hasPageSnippets, makePlace, type Place, pageSnippets } from "./place.ts";

let place: Place;
before(() => {
  place = makePlace("main-job");
});
after(() => place.remove());

const isRoot = process.getuid?.() === 0;

test("the README's first command makes a table and a picture in an empty store", () => {
  const plot = join(checkout, "examples/first-shell/plot.py");
  const done = place.run("bruma", [
    "shell",
    join(checkout, "examples/first-shell/shell.nix"),
    "--run",
    `python ${plot}`,
  ]);
  assert.equal(done.status, 0, done.stderr);
  assert.match(done.stdout, /^Python 3\.13\.\d+ at \/nix\/store\//m);
  assert.match(done.stdout, /^mean +8\.1 +17\.3 +14\.6$/m);
  const work = join(place.directory, "work");
  assert.equal(
    readFileSync(join(work, "temperatures.csv"), "utf8").split("\n")[0],
    "month,Bergen,Lisbon,Quito",
  );
  assert.equal(readFileSync(join(work, "temperatures.png")).subarray(1, 4).toString("latin1"), "PNG");
});

test("a second entry needs no network and builds nothing", {
  skip: isRoot ? false : "an empty network namespace needs root",
}, () => {
  const done = place.run(
    "bruma",
    [
      "shell",
      join(checkout, "examples/first-shell/shell.nix"),
      "--run",
      "python -c 'import pandas, requests; print(\"ready\")'",
    ],
    { withoutNetwork: true },
  );
  assert.equal(done.status, 0, done.stderr);
  assert.equal(done.stdout, "ready\n");
  assert.doesNotMatch(done.stderr, /building|fetching|download/i);
});

test("nothing of the host's Python is visible, neither on sys.path nor among the mapped files", () => {
  const program = [
    "import sys, pandas, numpy, ssl, sqlite3, ctypes, lzma, bz2, readline",
    "inside = '/nix/store/'",
    "paths = [p for p in sys.path if p and not p.startswith(inside)]",
    "maps = {line.split(None, 5)[5].strip() for line in open('/proc/self/maps') if '/' in line}",
    "libraries = sorted(m for m in maps if ('.so' in m or 'python' in m) and inside not in m)",
    "print(paths, libraries, sys.prefix != sys.base_prefix)",
  ].join("\n");
  const done = place.run(
    "bruma",
    ["shell", join(checkout, "examples/first-shell/shell.nix"), "--run", 'python -c "$PROGRAM"'],
    {
      env: { PROGRAM: program, PYTHONPATH: "/usr/lib/python3/dist-packages", PYTHONHOME: "/usr" },
    },
  );
  assert.equal(done.status, 0, done.stderr);
  assert.equal(done.stdout, "[] [] True\n");
});

test("the exit status is the command's own", () => {
  const done = place.run("bruma", [
    "shell",
    join(checkout, "examples/first-shell/shell.nix"),
    "--run",
    "exit 7",
  ]);
  assert.equal(done.status, 7, done.stderr);
});

test("the page's first shell.nix, to the letter, on the bundled channel", {
  skip: hasPageSnippets ? false : "the page's snippets are not beside the checkout",
}, () => {
  const file = join(pageSnippets, "01-shell/shell.nix");
  const print =
    "python -c 'import pandas, requests, sys; print(sys.version, pandas.__version__, requests.__version__)'";
  for (const [name, args] of [
    ["bruma", ["shell", file, "--nixpkgs", "bundled", "--run", print]],
    ["nix-shell", [file, "--nixpkgs", "bundled", "--run", print]],
  ] as const) {
    const done = place.run(name, args);
    assert.equal(done.status, 0, done.stderr);
    assert.match(done.stdout, /^3\.13\.\d+ .*\d+\.\d+\.\d+ \d+\.\d+\.\d+$/m);
    assert.match(
      done.stderr,
      /cf8cc1201be8bc71b7cbbbdaf349b22f4f99c7ae/,
      "one line says that the channel answers",
    );
  }
});

test("a virtual environment made from the shell's Python works and keeps its packages", () => {
  const done = place.run("bruma", [
    "shell",
    "-p",
    "python3",
    "--run",
    "python -m venv .venv --copies && . .venv/bin/activate && python -c 'import sys; print(sys.prefix)' && pip --version",
  ]);
  assert.equal(done.status, 0, done.stderr);
  assert.match(done.stdout, /\/work\/\.venv$/m);
  assert.ok(existsSync(join(place.directory, "work/.venv/pyvenv.cfg")));
});
