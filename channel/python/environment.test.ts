/**
 * make-environment.py on packages made to order, with this machine's Python as the interpreter.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, describe, test } from "node:test";
import { findPython } from "./test-support.ts";

const python = findPython();
const scratch = mkdtempSync(join(tmpdir(), "bruma-environment-"));
after(() => rmSync(scratch, { recursive: true, force: true }));

/** A package: path below its root → content; `SITE` stands for the site-packages directory. */
function makePackage(name: string, files: Record<string, string>): string {
  assert.ok(!("missing" in python));
  const root = join(scratch, name);
  for (const [path, content] of Object.entries(files)) {
    const full = join(root, path.replace("SITE", `lib/python${python.version}/site-packages`));
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, content, { mode: path.startsWith("bin/") ? 0o755 : 0o644 });
  }
  return root;
}

function makeEnvironment(name: string, packages: string[], more: Record<string, unknown> = {}) {
  assert.ok(!("missing" in python));
  const out = join(scratch, name);
  const settings = {
    packages,
    python: python.prefix,
    executable: `python${python.version}`,
    ignoreCollisions: false,
    permitUserSite: false,
    prompt: name,
    ...more,
  };
  const done = spawnSync(python.path, ["-I", join(import.meta.dirname, "make-environment.py")], {
    env: { out, settings: JSON.stringify(settings) },
    encoding: "utf8",
  });
  const site = join(out, `lib/python${python.version}/site-packages`);
  return { out, site, status: done.status, errors: done.stderr };
}

const run = (program: string, ...args: string[]) =>
  spawnSync(program, args, { encoding: "utf8", env: {} }).stdout;

describe("make-environment.py", { skip: "missing" in python ? python.missing : false }, () => {
  test("is a virtual environment to Python, and to the processes it starts", () => {
    const one = makePackage("v1", { "SITE/one.py": "x = 1\n" });
    const { out, status, errors } = makeEnvironment("venv", [one]);
    assert.equal(status, 0, errors);
    const code = "import sys, one; print(sys.prefix, sys.prefix != sys.base_prefix, one.x)";
    for (const name of ["python", "python3", `python${(python as { version: string }).version}`])
      assert.equal(run(join(out, "bin", name), "-c", code), `${out} True 1\n`);
    const child = `import subprocess, sys; subprocess.run([sys.executable, "-c", ${JSON.stringify(code)}])`;
    assert.equal(run(join(out, "bin/python"), "-c", child), `${out} True 1\n`);
    assert.match(
      readFileSync(join(out, "pyvenv.cfg"), "utf8"),
      /^home = .*\ninclude-system-site-packages = false\n/,
    );
    assert.equal(
      readFileSync(join(out, "nix-support/propagated-build-inputs"), "utf8"),
      `${(python as { prefix: string }).prefix}\n`,
    );
    assert.match(readFileSync(join(out, "bin/activate"), "utf8"), new RegExp(`VIRTUAL_ENV=.*${out}`));
  });

  test("merges the parts of a namespace package in real directories of links", () => {
    const a = makePackage("n1", { "SITE/space/a.py": "v = 'a'\n", "share/doc/a": "a" });
    const b = makePackage("n2", { "SITE/space/deep/b.py": "v = 'b'\n", "share/doc/b": "b" });
    const { out, site, status, errors } = makeEnvironment("namespace", [a, b]);
    assert.equal(status, 0, errors);
    assert.ok(lstatSync(join(site, "space/deep")).isDirectory());
    assert.equal(readlinkSync(join(site, "space/a.py")), join(a, site.slice(out.length), "space/a.py"));
    const code = "import space.a, space.deep.b as b; print(space.a.v, b.v)";
    assert.equal(run(join(out, "bin/python"), "-c", code), "a b\n");
  });

  test("gives scripts its own interpreter and leaves other programs alone", () => {
    const tool = makePackage("s1", {
      "SITE/tool.py": "print('tool runs')\n",
      "bin/tool": "#!/elsewhere/bin/python3 -s\nimport tool\n",
      "bin/env-tool": "#!/usr/bin/env python\nimport tool\n",
      "bin/shell-tool": "#!/bin/sh\necho shell\n",
    });
    const { out, status, errors } = makeEnvironment("scripts", [tool]);
    assert.equal(status, 0, errors);
    const program = join(out, `bin/python${(python as { version: string }).version}`);
    assert.equal(readFileSync(join(out, "bin/tool"), "utf8"), `#!${program} -s\nimport tool\n`);
    assert.equal(run(join(out, "bin/env-tool")), "tool runs\n");
    assert.ok(lstatSync(join(out, "bin/shell-tool")).isSymbolicLink());
  });

  test("reports two files with one name and different content, and takes the first when told so", () => {
    const a = makePackage("c1", { "SITE/docs/conf.py": "a = 1\n", "SITE/same.py": "s = 1\n" });
    const b = makePackage("c2", { "SITE/docs/conf.py": "b = 1\n", "SITE/same.py": "s = 1\n" });
    const failed = makeEnvironment("collision", [a, b]);
    assert.equal(failed.status, 1);
    assert.match(failed.errors, /^error: collision between `.*c1.*conf\.py' and `.*c2.*conf\.py'/);
    assert.match(failed.errors, /hint: .*ignoreCollisions = true/);
    const { site, status, errors } = makeEnvironment("ignored", [a, b], { ignoreCollisions: true });
    assert.equal(status, 0, errors);
    assert.equal(readFileSync(join(site, "docs/conf.py"), "utf8"), "a = 1\n");
  });

  test("takes either __init__ of an old-style namespace package", () => {
    const init = "__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n";
    const a = makePackage("o1", { "SITE/old/__init__.py": init, "SITE/old/a.py": "" });
    const b = makePackage("o2", { "SITE/old/__init__.py": `# another\n${init}`, "SITE/old/b.py": "" });
    const { out, status, errors } = makeEnvironment("old", [a, b]);
    assert.equal(status, 0, errors);
    assert.equal(run(join(out, "bin/python"), "-c", "import old.a, old.b; print('both')"), "both\n");
  });

  test("never takes a package's idea of an interpreter", () => {
    const odd = makePackage("p1", { "bin/python": "#!/bin/sh\necho impostor\n", "pyvenv.cfg": "home = /\n" });
    const { out, status, errors } = makeEnvironment("impostor", [odd]);
    assert.equal(status, 0, errors);
    assert.equal(run(join(out, "bin/python"), "-c", "print('real')"), "real\n");
  });
});
