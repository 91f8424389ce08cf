/**
 * Whole builds on a store of their own: what is registered, what fails and how, and that nothing is left over.
 * Needs Linux with user namespaces, bubblewrap at /usr/bin/bwrap and a static busybox at /bin/busybox.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { toBytes } from "../format/bytes.ts";
import { hashBytes } from "../format/hash.ts";
import type { StorePath } from "../format/store-path.ts";
import { BuildFixture, cannotBuild } from "./build-fixture.ts";
import { readBuildLog } from "./build-log.ts";
import { type BuildError, type BuildResult, exitStatus, failuresOf } from "./result.ts";
import { type BuildOptions, buildPaths, planOf } from "./scheduler.ts";
import type { Substituter } from "./substituter.ts";

const skip = cannotBuild() ?? false;

describe("building", { skip, concurrency: false }, () => {
  let fixture: BuildFixture;
  beforeEach(() => {
    fixture = new BuildFixture();
  });
  afterEach(() => {
    try {
      nothingLeft();
    } finally {
      fixture.close();
    }
  });

  const build = (path: StorePath, changes: Partial<BuildOptions> = {}) =>
    buildPaths([{ path }], fixture.options(changes));
  const read = (path: string) => readFileSync(fixture.physical(path), "utf8");
  const failure = (results: readonly BuildResult[]): BuildError => {
    const first = failuresOf(results)[0];
    assert.ok(first !== undefined, "the build did not fail");
    return first;
  };

  /** No build directories, no output areas, no locks, and every valid path is what the database says. */
  function nothingLeft(): void {
    const builds = `${fixture.store.layout.stateDir}/builds`;
    const kept = (name: string) => name.startsWith("nix-build-");
    if (existsSync(builds))
      assert.deepEqual(
        readdirSync(builds).filter((name) => !kept(name)),
        [],
      );
    const valid = new Set(
      fixture.store.queryAllValidPaths().map((path) => path.slice(path.lastIndexOf("/") + 1)),
    );
    const present = readdirSync(fixture.store.layout.physicalStoreDir);
    assert.deepEqual(
      present.filter((name) => !valid.has(name) && name !== ".links" && !name.endsWith(".check")),
      [],
    );
    assert.deepEqual(fixture.store.verify({ checkContents: true }).problems, []);
  }

  test("outputs are canonical, their references registered, the log kept", async () => {
    const a = fixture.add({
      name: "a",
      script:
        "set -e; $B/busybox mkdir $out; echo one; echo $out >$out/self; echo x >$out/run; $B/busybox chmod 777 $out/run",
    });
    const b = fixture.add({
      name: "b",
      outputs: ["out", "dev"],
      inputs: [a],
      env: { A: fixture.output(a) },
      script: "set -e; $B/busybox ln -s $A/self $out; echo $out $A >$dev",
    });
    const results = await build(b);
    assert.equal(results[0]?.status, "built");
    const out = fixture.output(b);
    assert.equal(readlinkSync(fixture.physical(out)), `${fixture.output(a)}/self`);
    assert.deepEqual(fixture.store.pathInfo(out).references, [fixture.output(a)]);
    assert.deepEqual(
      fixture.store.pathInfo(fixture.output(b, "dev")).references,
      [fixture.output(a), out].sort(),
    );
    assert.deepEqual(fixture.store.pathInfo(fixture.output(a)).references, [fixture.output(a)]);
    assert.equal(fixture.store.pathInfo(out).deriver, b);
    assert.equal(fixture.store.pathInfo(out).ultimate, true);
    const run = lstatSync(fixture.physical(`${fixture.output(a)}/run`));
    assert.deepEqual([run.mode & 0o7777, run.mtimeMs, run.uid], [0o555, 1000, process.getuid?.()]);
    assert.equal(readBuildLog(fixture.store.layout.logDir, a)?.toString(), "one\n");
    assert.equal((await build(b))[0]?.status, "already-valid");
  });

  test("the environment is Nix's", async () => {
    const drv = fixture.add({
      name: "env",
      env: {
        big: "as a file",
        passAsFile: "big",
        hello: toBytes("wörld"),
        holder: "/1rz4g4znpzjwh1xymhjpm42vipw92pr73vdgl6xs1hycac8kf2n9/x",
      },
      script:
        "set -e; $B/busybox env | $B/busybox sort >$out; echo $PWD >>$out; $B/busybox cat $bigPath >>$out",
    });
    await build(drv, { cores: 3 });
    const out = fixture.output(drv);
    const lines = read(out)
      .split("\n")
      .filter((line) => !/^(SHLVL|_)=/.test(line));
    const own = [
      `B=${fixture.busyboxTree}`,
      "HOME=/homeless-shelter",
      "NIX_BUILD_CORES=3",
      "NIX_BUILD_TOP=/build",
      "NIX_LOG_FD=2",
      "NIX_STORE=/nix/store",
      "PATH=/path-not-set",
      "PWD=/build",
      "TEMP=/build",
      "TEMPDIR=/build",
      "TERM=xterm-256color",
      "TMP=/build",
      "TMPDIR=/build",
      `bigPath=/build/.attr-${hashBytes("sha256", "big").toNix32()}`,
      `builder=${fixture.busybox}`,
      "hello=wörld",
      `holder=${out}/x`,
      "name=env",
      `out=${out}`,
      "passAsFile=big",
      `system=${fixture.options().system}`,
    ];
    assert.deepEqual(lines, [...own.sort(), "/build", "as a file"]);
  });

  test("structured attributes come in files", async () => {
    const json =
      '{"builder":"x","exportReferencesGraph":{"graph":["BUSYBOX"]},"list":[1,"two"],"name":"s","outputs":["out"]}';
    const drv = fixture.add({
      name: "structured",
      env: { __json: json.replace("BUSYBOX", fixture.busyboxTree) },
      args: [
        "sh",
        "-c",
        `${fixture.busybox} cp $NIX_ATTRS_JSON_FILE $(${fixture.busybox} sed -n "s/.*\\[.out.\\]=.\\([^']*\\).*/\\1/p" $NIX_ATTRS_SH_FILE)`,
      ],
    });
    const results = await build(drv);
    assert.equal(results[0]?.status, "built", results[0]?.error?.message ?? "");
    const attributes = JSON.parse(read(fixture.output(drv)));
    const info = fixture.store.pathInfo(fixture.busyboxTree);
    assert.deepEqual(attributes.outputs, { out: fixture.output(drv) });
    assert.deepEqual(attributes.graph, [
      {
        ca: `fixed:r:${info.narHash.toPrefixedNix32()}`,
        closureSize: info.narSize,
        narHash: info.narHash.toPrefixedNix32(),
        narSize: info.narSize,
        path: fixture.busyboxTree,
        references: [],
        valid: true,
      },
    ]);
  });

  test("a references graph as Nix registers it", async () => {
    const a = fixture.add({ name: "a", script: "echo $B >$out" });
    const b = fixture.add({
      name: "b",
      inputs: [a],
      env: { exportReferencesGraph: `graph ${fixture.output(a)}` },
      script: "$B/busybox cp graph $out",
    });
    await build(b);
    const closure = [fixture.busyboxTree, fixture.output(a)].sort();
    const expected = closure.map((path) =>
      path === fixture.output(a) ? `${path}\n\n1\n${fixture.busyboxTree}\n` : `${path}\n\n0\n`,
    );
    assert.equal(read(fixture.output(b)), expected.join(""));
  });

  test("a failure names builder, status, log and who wanted it; status 100", async () => {
    const bad = fixture.add({
      name: "bad",
      script: "for i in 1 2 3 4; do echo line $i; done; echo part >$out; exit 3",
    });
    const middle = fixture.add({ name: "middle", inputs: [bad], script: "echo >$out" });
    const top = fixture.add({ name: "top", inputs: [middle], script: "echo >$out" });
    const results = await build(top, { logLines: 2 });
    assert.equal(exitStatus(results), 100);
    const [first, second, third] = failuresOf(results);
    assert.equal(
      first?.message,
      `Cannot build '${bad}'.\nReason: builder failed with exit code 3.\nOutput paths:\n  ${fixture.output(bad)}\nLast 2 log lines:\n> line 3\n> line 4\nFor full logs, run:\n  bruma log ${bad}`,
    );
    assert.match(
      second?.message ?? "",
      new RegExp(`^Cannot build '${middle}'.\nReason: 1 dependency failed.[^]*wanted by '${top}'`),
    );
    assert.match(third?.message ?? "", new RegExp(`^Cannot build '${top}'`));
    assert.equal(fixture.store.isValidPath(fixture.output(bad)), false);
  });

  test("keep going builds what can be built, and or-s the statuses", async () => {
    const bad = fixture.add({ name: "bad", script: "exit 1" });
    const wrong = fixture.add({
      name: "wrong",
      script: "echo >$out",
      fixed: { method: "flat", hash: hashBytes("sha256", "something else") },
    });
    const good = fixture.add({ name: "good", script: "$B/busybox sleep 0.3; echo >$out" });
    const results = await buildPaths(
      [bad, wrong, good].map((path) => ({ path })),
      fixture.options({ keepGoing: true, maxJobs: 1 }),
    );
    assert.deepEqual(
      results.map((result) => result.status),
      ["failed", "failed", "built"],
    );
    assert.equal(exitStatus(results), 102);
  });

  test("without keep going the first failure ends the rest", async () => {
    const bad = fixture.add({ name: "bad", script: "exit 1" });
    const long = fixture.add({ name: "long", script: "$B/busybox sleep 50; echo >$out" });
    const started = Date.now();
    const results = await buildPaths([{ path: long }, { path: bad }], fixture.options());
    assert.ok(Date.now() - started < 30_000);
    assert.deepEqual(
      failuresOf(results)
        .map((error) => error.kind)
        .sort(),
      ["builder-failed", "cancelled"],
    );
    assert.equal(exitStatus(results), 100);
  });

  test("builds run side by side up to the number of jobs", async () => {
    const busy = (name: string) => fixture.add({ name, script: "$B/busybox sleep 0.4; echo >$out" });
    const targets = ["a", "b", "c"].map((name) => ({ path: busy(name) }));
    await buildPaths(targets, fixture.options({ maxJobs: 2 }));
    let running = 0;
    let most = 0;
    for (const event of fixture.events) {
      if (event.kind === "build-start") most = Math.max(most, ++running);
      if (event.kind === "build-end") running--;
    }
    assert.equal(most, 2);
  });

  test("timeouts: status 101", async () => {
    const silent = fixture.add({ name: "silent", script: "$B/busybox sleep 60" });
    assert.match(
      failure(await build(silent, { maxSilentTime: 1 })).message,
      /timed out after 1 seconds of silence/,
    );
    const chatty = fixture.add({ name: "chatty", script: "while :; do echo x; $B/busybox sleep 0.2; done" });
    const results = await build(chatty, { timeout: 2, maxSilentTime: 1 });
    assert.match(failure(results).message, /timed out after 2 seconds/);
    assert.equal(exitStatus(results), 101);
  });

  test("too much output ends a build", async () => {
    const drv = fixture.add({ name: "loud", script: "$B/busybox yes" });
    assert.equal(failure(await build(drv, { maxLogSize: 100_000 })).kind, "log-too-long");
  });

  test("fixed outputs: flat and recursive, registered with their content address", async () => {
    const flat = fixture.add({
      name: "flat",
      script: "echo -n hi >$out",
      fixed: { method: "flat", hash: hashBytes("sha512", "hi") },
    });
    assert.equal((await build(flat))[0]?.status, "built");
    const info = fixture.store.pathInfo(fixture.output(flat));
    assert.equal(info.ca?.method, "flat");
    assert.ok(info.ca?.hash.equals(hashBytes("sha512", "hi")));
    const other = fixture.add({
      name: "flat",
      script: "exit 1",
      fixed: { method: "flat", hash: hashBytes("sha512", "hi") },
      env: { other: "1" },
    });
    assert.equal(fixture.output(other), fixture.output(flat));
    assert.equal((await build(other))[0]?.status, "already-valid");
  });

  test("a hash mismatch shows both hashes; status 102; nothing registered", async () => {
    const wanted = hashBytes("sha256", "hi");
    const drv = fixture.add({
      name: "wrong",
      script: "echo -n ho >$out",
      fixed: { method: "flat", hash: wanted },
    });
    const results = await build(drv);
    assert.equal(
      failure(results).message,
      `hash mismatch in fixed-output derivation '${drv}':\n  specified: ${wanted.toSri()}\n     got:    ${hashBytes("sha256", "ho").toSri()}`,
    );
    assert.equal(exitStatus(results), 102);
    assert.equal(fixture.store.isValidPath(fixture.output(drv)), false);
  });

  test("fixed outputs may not refer to store paths, and flat ones are plain files", async () => {
    const text = `${fixture.busyboxTree}\n`;
    const referring = fixture.add({
      name: "refers",
      script: "echo $B >$out",
      fixed: { method: "flat", hash: hashBytes("sha256", text) },
    });
    assert.match(
      failure(await build(referring)).message,
      /fixed-output derivations must not reference store paths/,
    );
    const directory = fixture.add({
      name: "dir",
      script: "$B/busybox mkdir $out",
      fixed: { method: "flat", hash: hashBytes("sha256", "") },
    });
    assert.match(failure(await build(directory)).message, /should be a non-executable regular file/);
  });

  test("missing, writable and foreign outputs are rejected", async () => {
    const missing = fixture.add({ name: "missing", outputs: ["out", "dev"], script: "echo >$out" });
    const results = await build(missing);
    assert.match(failure(results).message, /failed to produce output path for output 'dev'/);
    assert.equal(fixture.store.isValidPath(fixture.output(missing)), false, "not one without the other");
    const writable = fixture.add({
      name: "writable",
      script: "$B/busybox mkdir -m 777 $out; $B/busybox chmod 777 $out",
    });
    assert.match(failure(await build(writable)).message, /suspicious ownership or permission/);
    const pipe = fixture.add({ name: "pipe", script: "$B/busybox mkdir $out; $B/busybox mkfifo $out/p" });
    assert.match(failure(await build(pipe)).message, /unsupported type/);
  });

  test("outputs that refer to one another in a circle are rejected", async () => {
    const drv = fixture.add({
      name: "circle",
      outputs: ["out", "dev"],
      script: "echo $dev >$out; echo $out >$dev",
    });
    assert.match(failure(await build(drv)).message, /cycle detected in build of/);
  });

  test("allowed and disallowed references", async () => {
    const script = "echo $B $out >$out";
    const check = async (env: Record<string, string>) => {
      const results = await build(fixture.add({ name: "checked", env, script }));
      return results[0]?.status === "built" ? "ok" : failure(results).message;
    };
    const busybox = fixture.busyboxTree;
    assert.match(
      await check({ allowedReferences: "" }),
      /is not allowed to refer to the following paths:\n {2}\/nix/,
    );
    assert.equal(await check({ allowedReferences: `${busybox} out` }), "ok");
    assert.match(await check({ disallowedReferences: busybox }), /not allowed to refer/);
    assert.match(await check({ disallowedRequisites: busybox }), /not allowed to refer/);
    assert.equal(await check({ allowedRequisites: busybox }), "ok");
    assert.match(await check({ allowedRequisites: "nonsense" }), /contains output name 'nonsense'/);
  });

  test("--check: the same passes, another is status 104 and can be kept", async () => {
    const same = fixture.add({ name: "same", script: "echo x >$out" });
    await build(same);
    assert.equal((await build(same, { mode: "check" }))[0]?.status, "checked");
    const random = fixture.add({
      name: "random",
      script: "$B/busybox cat /proc/sys/kernel/random/uuid >$out",
    });
    await build(random);
    const before = read(fixture.output(random));
    const results = await build(random, { mode: "check", keepFailed: true });
    assert.equal(exitStatus(results), 104);
    assert.match(failure(results).message, /may not be deterministic/);
    assert.equal(read(fixture.output(random)), before);
    assert.notEqual(read(`${fixture.output(random)}.check`), before);
  });

  test("--check of what is not built says so", async () => {
    const drv = fixture.add({ name: "a", script: "echo >$out" });
    assert.match(
      failure(await build(drv, { mode: "check" })).message,
      /are not valid, so checking is not possible/,
    );
  });

  test("repair replaces damaged contents", async () => {
    const drv = fixture.add({ name: "a", script: "$B/busybox mkdir $out; echo good >$out/x" });
    await build(drv);
    const file = fixture.physical(`${fixture.output(drv)}/x`);
    const { chmodSync } = await import("node:fs");
    chmodSync(file, 0o644);
    writeFileSync(file, "bad\n");
    chmodSync(file, 0o444);
    assert.equal((await build(drv, { mode: "repair" }))[0]?.status, "built");
    assert.equal(readFileSync(file, "utf8"), "good\n");
  });

  test("--keep-failed keeps the build directory and says where", async () => {
    const drv = fixture.add({ name: "kept", script: "echo data >file; exit 1" });
    await build(drv, { keepFailed: true });
    const notice = fixture.events.find((event) => event.kind === "notice");
    const directory = /keeping build directory '(.*)'/.exec(
      notice?.kind === "notice" ? notice.text : "",
    )?.[1];
    assert.equal(readFileSync(`${directory}/file`, "utf8"), "data\n");
  });

  test("another system and missing features are refused", async () => {
    const foreign = fixture.add({ name: "foreign", system: "mips-linux" });
    assert.match(failure(await build(foreign)).message, /platform mismatch\nRequired system: 'mips-linux'/);
    const picky = fixture.add({ name: "picky", env: { requiredSystemFeatures: "kvm" } });
    assert.match(failure(await build(picky)).message, /missing system features\nRequired features: {kvm}/);
  });

  test("the caller's umask does not reach into builds", async () => {
    const before = process.umask(0o077);
    try {
      const drv = fixture.add({
        name: "umask",
        env: { text: "t", passAsFile: "text" },
        script:
          "$B/busybox stat -c %a /etc/passwd /build $textPath /tmp >$out; umask >>$out; $B/busybox id -un >>$out",
      });
      const results = await build(drv);
      assert.equal(results[0]?.status, "built", results[0]?.error?.message ?? "");
      assert.equal(read(fixture.output(drv)), "444\n700\n644\n1777\n0022\nnixbld\n");
    } finally {
      process.umask(before);
    }
  });

  test("where sandboxes are forbidden, the error says so and how to go on", async () => {
    const drv = fixture.add({ name: "a", script: "echo >$out" });
    const helper = `${fixture.root}/helper`;
    const { chmodSync } = await import("node:fs");
    writeFileSync(
      helper,
      '#!/bin/sh\n[ "$1" = --version ] && { echo bubblewrap 0.8.0; exit; }\necho "setting up uid map: Permission denied" >&2; exit 1\n',
    );
    chmodSync(helper, 0o755);
    const error = failure(await build(drv, { sandboxHelper: async () => [helper] }));
    assert.equal(error.kind, "sandbox");
    assert.match(
      error.message,
      /does not let builders be put in a sandbox: setting up uid map: Permission denied/,
    );
    assert.match(error.hint ?? "", /--no-sandbox/);
    const missing = failure(await build(drv, { sandboxHelper: async () => ["/nonsense/bwrap"] }));
    assert.match(missing.message, /the sandbox helper '\/nonsense\/bwrap' does not run/);
  });

  test("a missing source is named, with who needs it", async () => {
    const gone = "/nix/store/00000000000000000000000000000000-gone" as StorePath;
    assert.match(
      failure(await buildPaths([{ path: gone }], fixture.options())).message,
      /path '.*-gone' does not exist/,
    );
  });

  test("a plan lists what would be done, and does nothing", async () => {
    const a = fixture.add({ name: "a", script: "echo >$out" });
    const b = fixture.add({ name: "b", inputs: [a], script: "echo >$out" });
    const plan = await planOf([{ path: b }], fixture.options());
    assert.deepEqual(plan.builds, [a, b]);
    assert.equal(fixture.store.isValidPath(fixture.output(a)), false);
  });

  test("substituters come first; a dead one breaks nothing", async () => {
    const a = fixture.add({ name: "a", script: "echo built >$out" });
    const path = fixture.output(a);
    const dead: Substituter = {
      name: "dead",
      query: async () => {
        throw new Error("no route");
      },
      substitute: async () => assert.fail(),
    };
    const asked: string[] = [];
    const live: Substituter = {
      name: "live",
      query: async (wanted) => {
        asked.push(wanted);
        return undefined;
      },
      substitute: async () => assert.fail(),
    };
    const results = await build(a, { substituters: [dead, live] });
    assert.equal(results[0]?.status, "built");
    assert.ok(asked.includes(path));
    const notices = fixture.events.filter((event) => event.kind === "notice");
    assert.equal(notices.length, 1);
  });

  test("another process that builds the same is waited for", async () => {
    const drv = fixture.add({ name: "a", script: "$B/busybox sleep 1; echo >$out" });
    const [first, second] = await Promise.all([build(drv), build(drv)]);
    assert.deepEqual([first[0]?.status, second[0]?.status].sort(), ["already-valid", "built"]);
  });

  test("an abort kills, registers nothing and leaves nothing", async () => {
    const drv = fixture.add({ name: "long", script: "echo started; $B/busybox sleep 60; echo >$out" });
    const controller = new AbortController();
    const sink: BuildOptions["sink"] = (event) => {
      if (event.kind === "build-log") controller.abort();
    };
    await assert.rejects(build(drv, { signal: controller.signal, sink }), {
      kind: "cancelled",
      exitCode: 130,
    });
    assert.equal(fixture.store.isValidPath(fixture.output(drv)), false);
  });

  test("kill -9 of the parent leaves no process, and the next run cleans up", async () => {
    const drv = fixture.add({
      name: "orphan",
      script: "echo started; while :; do $B/busybox sleep 0.1; done",
    });
    const script = fileURLToPath(new URL("./build-once.ts", import.meta.url));
    const child = spawn(process.execPath, [script, fixture.root, drv], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await new Promise<void>((resolve) =>
      child.stdout.on("data", (data) => String(data).includes("started") && resolve()),
    );
    const marker = fixture.busyboxTree.slice(11);
    assert.ok(processesWith(marker).length > 0);
    child.kill("SIGKILL");
    await new Promise((resolve) => child.on("close", resolve));
    for (let tries = 0; processesWith(marker).length > 0 && tries < 100; tries++)
      await new Promise((r) => setTimeout(r, 50));
    assert.deepEqual(processesWith(marker), []);
    const other = fixture.add({ name: "other", script: "echo >$out" });
    await build(other);
    assert.deepEqual(readdirSync(`${fixture.store.layout.stateDir}/builds`), []);
    // What the dead one was building is cleared away when it is built again.
    await build(drv, { timeout: 1 });
  });
});

/** Process numbers whose command line has the text. */
function processesWith(text: string): string[] {
  return readdirSync("/proc").filter((name) => {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) return false;
    try {
      return readFileSync(`/proc/${name}/cmdline`, "latin1").includes(text);
    } catch {
      return false;
    }
  });
}
