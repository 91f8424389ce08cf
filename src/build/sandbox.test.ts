/** The helper's arguments, and the first stage's script. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { inheritedDescriptors, prepareFirstStage, quoteForShell } from "./first-stage.ts";
import { etcFiles, type SandboxSpec, sandboxArguments } from "./sandbox.ts";

function withDirectory(work: (directory: string) => void): void {
  const directory = mkdtempSync(join(tmpdir(), "bruma-sandbox-"));
  try {
    work(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const spec: SandboxSpec = {
  storeDir: "/nix/store",
  inputs: new Map(),
  outputArea: "/area",
  buildDir: "/top/build",
  tmpDir: "/top/tmp",
  etcDir: "/top/etc",
  shell: undefined,
  network: false,
  builder: "/nix/store/x/bin/sh",
  args: ["-c", "true"],
  env: new Map([["A", "b"]]),
  hasArgv0: false,
  asRoot: false,
};
const words = (changes: Partial<SandboxSpec>): string[] =>
  sandboxArguments({ ...spec, ...changes })
    .argsFile.toString("latin1")
    .split("\0")
    .slice(0, -1);
const has = (all: readonly string[], part: readonly string[]): boolean =>
  all.some((_, index) => part.every((word, offset) => all[index + offset] === word));

test("namespaces, identity and the death of the parent are always asked for", () => {
  for (const word of [
    "--die-with-parent",
    "--as-pid-1",
    "--unshare-all",
    "--unshare-user",
    "--new-session",
    "--clearenv",
  ]) {
    assert.ok(words({}).includes(word), word);
  }
  assert.ok(has(words({}), ["--uid", "1000", "--gid", "100", "--cap-drop", "ALL"]));
  assert.ok(!words({}).includes("--share-net"));
  assert.ok(words({ network: true }).includes("--share-net"));
});

test("inputs are read-only at their logical paths, links are made again, the root is closed last", () => {
  withDirectory((directory) => {
    writeFileSync(join(directory, "file"), "");
    symlinkSync("elsewhere", join(directory, "link"));
    const all = words({
      inputs: new Map([
        ["/nix/store/b", join(directory, "link")],
        ["/nix/store/a", join(directory, "file")],
      ]),
    });
    assert.ok(
      has(all, [
        "--ro-bind",
        join(directory, "file"),
        "/nix/store/a",
        "--symlink",
        "elsewhere",
        "/nix/store/b",
      ]),
    );
    assert.ok(all.indexOf("/area") < all.indexOf("/nix/store/a"), "the output area comes below the inputs");
    assert.ok(has(all, ["--remount-ro", "/", "--chdir", "/build", "--clearenv", "--setenv", "A", "b"]));
  });
});

test("root outside means a read-only /proc inside", () => {
  assert.ok(!has(words({}), ["--remount-ro", "/proc"]));
  assert.ok(has(words({ asRoot: true }), ["--remount-ro", "/proc"]));
});

test("the command follows, its name shortened where the helper can do that", () => {
  assert.deepEqual(sandboxArguments(spec).argv.slice(-4), ["--", "/nix/store/x/bin/sh", "-c", "true"]);
  assert.ok(has(words({ hasArgv0: true }), ["--argv0", "sh"]));
});

test("what no process can be given is refused", () => {
  assert.throws(() => words({ env: new Map([["a=b", ""]]) }), /variable with the name 'a=b'/);
  assert.throws(() => words({ env: new Map([["a", "\0"]]) }), /NUL/);
  assert.throws(() => words({ args: ["\0"] }), /NUL/);
  const many = new Map(Array.from({ length: 3100 }, (_, index) => [`/nix/store/${index}`, "/"] as const));
  assert.throws(() => words({ inputs: many }), /too large for the sandbox: 3100 store paths/);
});

test("/etc: hosts of its own without network, the resolver's rules with it", () => {
  assert.deepEqual([...etcFiles(false).keys()], ["passwd", "group", "hosts"]);
  assert.deepEqual([...etcFiles(true).keys()], ["passwd", "group", "nsswitch.conf"]);
});

test("the first stage passes any bytes on, and only the descriptors it is told of", () => {
  withDirectory((directory) => {
    writeFileSync(join(directory, "input"), "from the file");
    const script =
      'printf "%s|" "$@"; cat <&3; echo "$(umask) $(ulimit -Ss) $(ulimit -Sc) $(pwd)"; ls /proc/self/fd';
    const bytes = Buffer.from(Array.from({ length: 255 }, (_, index) => index + 1)).toString("latin1");
    const stage = prepareFirstStage({
      scriptPath: join(directory, "start"),
      command: ["/bin/sh", "-c", script, "sh", bytes, "", "a b", "'"],
      descriptors: [{ path: join(directory, "input"), mode: "read" }],
      workingDirectory: "/usr",
    });
    const result = spawnSync(stage.file, stage.args, { env: {}, encoding: "latin1" });
    assert.equal(result.stdout, `${bytes}||a b|'|from the file0022 8192 0 /usr\n0\n1\n2\n3\n4\n`);
    assert.ok(readFileSync(join(directory, "start")).length > 0);
  });
});

test("quoting", () => {
  assert.equal(quoteForShell("it's"), "'it'\\''s'");
});

test("our own descriptors are none that children inherit", () => {
  withDirectory((directory) => {
    const before = inheritedDescriptors();
    writeFileSync(join(directory, "x"), "");
    assert.deepEqual(inheritedDescriptors(), before);
  });
});
