/**
 * install-wheel.py on wheels made to order: where files go, what is refused, and that the same wheel gives the same bytes.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { findPython, type WheelOptions, writeWheel } from "./test-support.ts";

const python = findPython();
const scratch = mkdtempSync(join(tmpdir(), "bruma-wheel-"));
after(() => rmSync(scratch, { recursive: true, force: true }));
let count = 0;

function install(
  options: WheelOptions,
  out?: string,
): { out: string; site: string; status: number; errors: string } {
  assert.ok(!("missing" in python));
  const directory = mkdtempSync(join(scratch, "w-"));
  const wheel = writeWheel(directory, options);
  const target = out ?? join(scratch, `out-${count++}`);
  const done = spawnSync(python.path, ["-I", join(import.meta.dirname, "install-wheel.py")], {
    env: { wheel, out: target, interpreter: python.path, NIX_BUILD_CORES: "2" },
    encoding: "utf8",
  });
  const site = join(target, "lib", `python${python.version}`, "site-packages");
  return { out: target, site, status: done.status ?? -1, errors: done.stderr };
}

/** Every file with its bytes, for comparing trees. */
function contents(root: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) found.set(path.slice(root.length), readFileSync(path).toString("base64"));
  }
  return found;
}

describe("install-wheel.py", { skip: "missing" in python ? python.missing : false }, () => {
  test("puts every kind of file into its place", () => {
    const { out, site, status, errors } = install({
      entryPoints:
        "[console_scripts]\ngreet = sample:main\n\n[gui_scripts]\nwindow = sample.gui:Window.open [gui]\n",
      members: [
        { name: "sample/__init__.py", content: "def main():\n    print('hello')\n" },
        { name: "sample/tests/test_it.py", content: "pass\n" },
        { name: "tests/test_top.py", content: "pass\n" },
        { name: "sample-1.0.data/scripts/run", content: "#!python -s\nprint(1)\n" },
        { name: "sample-1.0.data/scripts/shell", content: "#!/bin/sh\n" },
        { name: "sample-1.0.data/headers/sample.h", content: "int x;\n" },
        { name: "sample-1.0.data/data/share/sample/text", content: "data\n" },
        { name: "sample-1.0.data/purelib/pure.py", content: "x = 1\n" },
      ],
    });
    assert.equal(status, 0, errors);
    assert.ok(!("missing" in python));
    const run = readFileSync(join(out, "bin/run"), "utf8");
    assert.equal(run, `#!${python.path}\nprint(1)\n`);
    assert.equal(readFileSync(join(out, "bin/shell"), "utf8"), "#!/bin/sh\n");
    assert.ok(statSync(join(out, "bin/greet")).mode & 0o100);
    assert.match(
      readFileSync(join(out, "bin/window"), "utf8"),
      /from sample\.gui import Window\n.*Window\.open\(\)/s,
    );
    assert.ok(existsSync(join(out, `include/python${python.version}/sample/sample.h`)));
    assert.ok(existsSync(join(out, "share/sample/text")));
    assert.ok(existsSync(join(site, "pure.py")));
    assert.ok(existsSync(join(site, "sample/tests/test_it.py")));
    assert.ok(!existsSync(join(site, "tests")), "tests at the top are left out");
    assert.equal(readFileSync(join(site, "sample-1.0.dist-info/INSTALLER"), "utf8"), "bruma\n");
    const record = readFileSync(join(site, "sample-1.0.dist-info/RECORD"), "utf8");
    assert.match(record, /^\.\.\/\.\.\/\.\.\/bin\/greet,sha256=/m);
    assert.doesNotMatch(record, /tests\/test_top/);
  });

  test("compiles bytecode that is never checked against its source, but none for tests", () => {
    const { site, status, errors } = install({
      members: [
        { name: "sample/__init__.py", content: "answer = 42\n" },
        { name: "sample/broken.py", content: "this is no Python\n" },
        { name: "sample/tests/__init__.py", content: "" },
      ],
    });
    assert.equal(status, 0, errors);
    const cache = readdirSync(join(site, "sample/__pycache__"));
    assert.equal(cache.length, 1);
    const flags = readFileSync(join(site, "sample/__pycache__", cache[0]!)).readUInt32LE(4);
    assert.equal(flags, 1, "hash-based, unchecked (PEP 552)");
    assert.ok(!existsSync(join(site, "sample/tests/__pycache__")));
  });

  test("gives the same bytes twice", () => {
    const options: WheelOptions = {
      entryPoints: "[console_scripts]\ngreet = sample:main\n",
      members: Array.from({ length: 120 }, (_, i) => ({
        name: `sample/m${i}.py`,
        content: `names = {"a${i}", "b", "c"}\ndef f(x):\n    return x in {"p", "q", "r${i}"}\n`,
      })),
    };
    const out = join(scratch, "twice");
    assert.equal(install(options, out).status, 0);
    const first = contents(out);
    rmSync(out, { recursive: true });
    assert.equal(install(options, out).status, 0);
    assert.deepEqual(contents(out), first);
  });

  const python3 = "sample/__init__.py";
  const refused: [string, WheelOptions, RegExp][] = [
    ["a name that climbs out", { members: [{ name: "../evil.py", content: "" }] }, /does not stay inside/],
    [
      "a name that climbs out of .data",
      { members: [{ name: "sample-1.0.data/scripts/../../../evil", content: "" }] },
      /does not stay inside/,
    ],
    ["an absolute name", { members: [{ name: "/etc/evil", content: "" }] }, /does not stay inside/],
    ["a backslash in a name", { members: [{ name: "a\\b.py", content: "" }] }, /does not stay inside/],
    ["a drive letter", { members: [{ name: "C:evil.py", content: "" }] }, /does not stay inside/],
    [
      "a file twice",
      {
        members: [
          { name: python3, content: "" },
          { name: python3, content: "x=1" },
        ],
      },
      /is in it twice/,
    ],
    [
      "a file that is a directory",
      {
        members: [
          { name: "sample", content: "" },
          { name: python3, content: "" },
        ],
      },
      /a file and a directory/,
    ],
    [
      "a symbolic link",
      { members: [{ name: "sample/link", content: "/etc/passwd", mode: 0o120777 }] },
      /neither a file nor a directory/,
    ],
    [
      "an unknown kind of data",
      { members: [{ name: "sample-1.0.data/secrets/x", content: "" }] },
      /no kind that a wheel may hold/,
    ],
    [
      "two files in one place",
      {
        members: [
          { name: "x.py", content: "" },
          { name: "sample-1.0.data/purelib/x.py", content: "" },
        ],
      },
      /in the same place/,
    ],
    [
      "a program that climbs out of bin",
      { entryPoints: "[console_scripts]\n../evil = sample:main\n" },
      /a program with the name '\.\.\/evil'/,
    ],
    [
      "a program with an absolute name",
      { entryPoints: "[console_scripts]\n/tmp/evil = sample:main\n" },
      /a program with the name/,
    ],
    [
      "a program with a backslash",
      { entryPoints: "[console_scripts]\na\\b = sample:main\n" },
      /a program with the name/,
    ],
    [
      "a program whose name is two dots",
      { entryPoints: "[console_scripts]\n.. = sample:main\n" },
      /a program with the name/,
    ],
    [
      "code instead of a module",
      { entryPoints: "[console_scripts]\nx = os;print(1):main\n" },
      /is no `module:attribute`/,
    ],
    [
      "code instead of an attribute",
      { entryPoints: "[console_scripts]\nx = sample:main()\n" },
      /is no `module:attribute`/,
    ],
    [
      "a RECORD that does not match",
      { record: `${python3},sha256=AAAA,12\n` },
      /does not match its hash in RECORD/,
    ],
    ["a RECORD that names files outside", { record: "../../../etc/passwd,,\n" }, /does not stay inside/],
  ];
  for (const [what, options, message] of refused) {
    test(`refuses ${what}`, () => {
      const { out, status, errors } = install(options);
      assert.notEqual(status, 0);
      assert.match(errors, message);
      assert.ok(!existsSync(out), "nothing is left");
    });
  }
});
