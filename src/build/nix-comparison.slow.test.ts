/**
 * The same derivations built by real Nix and by bruma, each in a store of its own: equal contents, references, sizes and
 * content addresses. Needs `nix-store` that can build in a sandbox, besides what scheduler.slow.test.ts needs.
 */
import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { toBytes } from "../format/bytes.ts";
import { printContentAddress } from "../format/content-address.ts";
import { hashBytes } from "../format/hash.ts";
import type { StorePath } from "../format/store-path.ts";
import { layoutBelow } from "../store/layout.ts";
import { LocalStore } from "../store/local-store.ts";
import { BuildFixture, cannotBuild, type TestDerivation } from "./build-fixture.ts";
import { removeTree } from "./remove-tree.ts";
import { exitStatus } from "./result.ts";
import { type BuildOptions, buildPaths } from "./scheduler.ts";

/** For real Nix: our roots are not its own, and there need be no group of builders. */
const nixOptions = [
  "--option",
  "build-users-group",
  "",
  "--option",
  "sandbox",
  "true",
  "--option",
  "substitute",
  "false",
  "--option",
  "sandbox-paths",
  "",
];

function nixIsMissing(): string | undefined {
  const found = spawnSync("nix-store", ["--version"]);
  return found.error === undefined ? undefined : "nix-store is missing";
}

/** @param minor of version 2 */
function nixIsAtLeast(minor: number): boolean {
  const version = /(\d+)\.(\d+)/.exec(spawnSync("nix-store", ["--version"], { encoding: "utf8" }).stdout);
  return Number(version?.[1]) > 2 || Number(version?.[2]) >= minor;
}

const skip = cannotBuild() ?? nixIsMissing() ?? false;

const b = "$B/busybox";
const cases: TestDerivation[] = [
  { name: "file", script: "echo hello >$out" },
  {
    name: "environment",
    env: {
      hello: toBytes("wörld"),
      "with-dash": "1",
      empty: "",
      multi: "a\nb",
      passAsFile: "big",
      big: "x".repeat(70_000),
    },
    script: `set -e; ${b} env | ${b} grep -v -E '^(SHLVL|_|OLDPWD)=' | ${b} sort >$out; ${b} cat $bigPath >>$out`,
  },
  {
    name: "limits",
    script: `(umask; ulimit -Ss; ulimit -Sc; ${b} id -u; ${b} id -g; ${b} hostname; ${b} pwd; ${b} cat /etc/passwd /etc/group /etc/hosts; ${b} ls -A /build /tmp /nix/store; ${b} stat -c '%a %n' /tmp; echo $$) >$out`,
  },
  {
    name: "multi",
    outputs: ["out", "dev", "doc"],
    script: `set -e; ${b} mkdir $out $dev; echo $dev >$out/x; echo $doc >$dev/y; echo text >$doc`,
  },
  {
    name: "hard-links",
    outputs: ["out", "dev"],
    script: `set -e; ${b} mkdir $out $dev; echo x >$out/a; ${b} ln $out/a $out/b; ${b} ln $out/a $dev/c`,
  },
  {
    name: "self",
    script: `set -e; ${b} mkdir -p $out/bin; echo "#!$out/bin/other" >$out/bin/x; ${b} chmod 755 $out/bin/x; ${b} ln -s $out/bin/x $out/bin/y`,
  },
  {
    name: "modes",
    script: `set -e; ${b} mkdir $out; cd $out; for m in 000 400 444 600 640 755 111 100 010 001; do echo $m >f$m; ${b} chmod $m f$m; done; ${b} mkdir -m 000 d; ${b} mkdir -m 700 e; ${b} touch -d 2001-01-01 f600; ${b} ln f444 link; ${b} ln -s nowhere broken`,
  },
  {
    name: "names",
    script: `set -e; ${b} mkdir $out; cd $out; ${b} touch "a b" A a z 'é' "$(printf '\\377')" .hidden 'new
line'`,
  },
  { name: "empty-directory", script: `${b} mkdir $out` },
  { name: "link", script: `${b} ln -s $B/busybox $out` },
  { name: "cores", script: "echo $NIX_BUILD_CORES >$out" },
  {
    name: "placeholder",
    env: { where: "/1rz4g4znpzjwh1xymhjpm42vipw92pr73vdgl6xs1hycac8kf2n9" },
    args: [
      "sh",
      "-c",
      `echo /1rz4g4znpzjwh1xymhjpm42vipw92pr73vdgl6xs1hycac8kf2n9 >$out; echo $where >>$out`,
    ],
  },
  {
    name: "arguments",
    args: [
      "sh",
      "-c",
      `for a; do echo "<$a>"; done >$out`,
      "zero",
      "",
      "a b",
      "$x",
      "'",
      toBytes("ü"),
      "new\nline",
    ],
  },
  { name: "graph", env: { exportReferencesGraph: "g BUSYBOX" }, script: `${b} cp g $out` },
  { name: "discard", script: "echo $out $B >$out" },
  {
    name: "fixed-flat",
    fixed: { method: "flat", hash: hashBytes("sha1", "abc") },
    script: "printf abc >$out",
  },
  {
    name: "fixed-checked",
    fixed: { method: "flat", hash: hashBytes("sha256", "1") },
    script: "printf $NIX_OUTPUT_CHECKED >$out",
  },
  {
    name: "impure",
    env: { impureEnvVars: "NOT_THERE" },
    fixed: { method: "flat", hash: hashBytes("md5", "<>") },
    script: "printf '<%s>' \"$NOT_THERE\" >$out; set -u; : $NOT_THERE",
  },
  {
    name: "structured",
    outputs: ["out"],
    env: {
      __json:
        '{"b":{"k":"v w","n":1},"exportReferencesGraph":{"g":["BUSYBOX"]},"f":1.5,"big":12345678901,"l":["a",true,null,2.0],"name":"x","s":"it\'s","u":"\\u00e9"}',
    },
    args: [
      "sh",
      "-c",
      `o=$(${"BUSYBOX/busybox"} sed -n "s/.*\\[.out.\\]=.\\([^']*\\).*/\\1/p" $NIX_ATTRS_SH_FILE); BUSYBOX/busybox mkdir $o; BUSYBOX/busybox cp $NIX_ATTRS_JSON_FILE $o/json; BUSYBOX/busybox cp $NIX_ATTRS_SH_FILE $o/sh; BUSYBOX/busybox env | BUSYBOX/busybox grep -v -E '^(SHLVL|_|OLDPWD)=' | BUSYBOX/busybox sort >$o/env`,
    ],
  },
];

describe("beside real Nix", { skip }, () => {
  test("the same derivations give the same store paths, to the byte", async () => {
    const fixture = new BuildFixture();
    const root = mkdtempSync(join(tmpdir(), "bruma-nix-"));
    try {
      const fill = (text: string) => text.replaceAll("BUSYBOX", fixture.busyboxTree);
      // Before 2.10, Nix wrote the files of structured attributes where the builder could not see them.
      const chosen = cases.filter((given) => given.name !== "structured" || nixIsAtLeast(10));
      const derivations = chosen.map((given) =>
        fixture.add({
          ...given,
          ...(given.args === undefined ? {} : { args: given.args.map(fill) }),
          ...(given.env === undefined
            ? {}
            : {
                env: Object.fromEntries(
                  Object.entries(given.env).map(([name, value]) => [name, fill(value)]),
                ),
              }),
        }),
      );
      const named = (name: string) =>
        derivations[chosen.findIndex((given) => given.name === name)] as StorePath;
      const chained = fixture.add({
        name: "chained",
        inputs: [named("multi"), named("self")],
        env: { IN: fixture.output(named("self")) },
        script: `${b} cp -r $IN $out; ${b} ls -A /nix/store >$out/bin/store 2>/dev/null || { ${b} chmod 755 $out $out/bin; ${b} ls -A /nix/store >$out/bin/store; }`,
      });
      const all = [...derivations, chained];
      fixture.store.close();
      cpSync(fixture.root, root, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
      // The limit that bruma gives its builders; tests themselves run with a deeper stack.
      const usualStack = ["-c", 'ulimit -S -s 8192; exec "$@"', "sh"];
      const realise = ["--store", root, ...nixOptions, "--cores", "5", "--realise", ...all];
      execFileSync("sh", [...usualStack, "nix-store", ...realise], {
        stdio: ["ignore", "ignore", process.env.BRUMA_DEBUG === "1" ? "inherit" : "ignore"],
      });

      const ours = new LocalStore(layoutBelow(fixture.root));
      const theirs = new LocalStore(layoutBelow(root));
      const results = await buildPaths(
        all.map((path) => ({ path })),
        fixture.options({ store: ours, cores: 5 }),
      );
      try {
        for (const result of results) {
          assert.equal(result.status, "built", result.error?.message ?? "");
          for (const path of result.outputs.values() as Iterable<StorePath>) {
            const facts = (store: LocalStore) => {
              const info = store.pathInfo(path);
              return {
                path,
                narHash: info.narHash.toSri(),
                narSize: info.narSize,
                references: info.references,
                deriver: info.deriver,
                ultimate: info.ultimate,
                ca: info.ca === undefined ? undefined : printContentAddress(info.ca),
              };
            };
            const [our, their] = [facts(ours), facts(theirs)];
            if (our.narHash !== their.narHash)
              assert.equal(show(ours.layout.physical(path)), show(theirs.layout.physical(path)));
            assert.deepEqual(our, their);
          }
        }
      } finally {
        ours.close();
        theirs.close();
      }
    } finally {
      fixture.close();
      removeTree(root);
    }
  });

  test("failures have the same status, logs are read, and the store is found good", async () => {
    const fixture = new BuildFixture();
    const root = mkdtempSync(join(tmpdir(), "bruma-nix-"));
    try {
      const wrong = { method: "flat", hash: hashBytes("sha256", "other") } as const;
      const failing: [TestDerivation, Partial<BuildOptions>, string[]][] = [
        [{ name: "fails", script: "echo some words; exit 7" }, {}, []],
        [{ name: "killed", script: "kill -9 $$" }, {}, []],
        [{ name: "fixed-fails", script: "exit 1", fixed: wrong }, {}, []],
        [{ name: "mismatch", script: "echo >$out", fixed: wrong }, {}, []],
        [{ name: "missing", script: "true" }, {}, []],
        [{ name: "too-open", script: `${b} mkdir $out; ${b} chmod 777 $out` }, {}, []],
        [{ name: "references", script: "echo $B >$out", env: { allowedReferences: "" } }, {}, []],
        [{ name: "slow", script: `${b} sleep 20` }, { timeout: 1 }, ["--timeout", "1"]],
        [{ name: "silent", script: `${b} sleep 20` }, { maxSilentTime: 1 }, ["--max-silent-time", "1"]],
        [{ name: "foreign", system: "mips-linux" }, {}, []],
        [{ name: "feature", env: { requiredSystemFeatures: "nonsense" } }, {}, []],
        [{ name: "no-builder", builder: "/nonsense" }, {}, []],
      ];
      const drvs = failing.map(([given]) => fixture.add(given));
      const good = fixture.add({
        name: "good",
        script: `echo fine; ${b} cat /proc/sys/kernel/random/uuid >$out`,
      });
      const dependent = fixture.add({
        name: "dependent",
        inputs: [drvs[0] as StorePath],
        script: "echo >$out",
      });
      cpSync(fixture.root, root, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
      const nix = (store: string, ...args: string[]) =>
        spawnSync("nix-store", ["--store", store, ...nixOptions, ...args], { encoding: "utf8" });
      const both = async (
        path: StorePath,
        changes: Partial<BuildOptions>,
        words: string[],
      ): Promise<[number, number | null]> => [
        exitStatus(
          await buildPaths([{ path }], fixture.options({ systemFeatures: ["benchmark"], ...changes })),
        ),
        nix(root, "--realise", ...words, path).status,
      ];
      for (const [index, [given, changes, words]] of failing.entries()) {
        // Refused derivations had the status of an ordinary error in older versions.
        if (["foreign", "feature"].includes(given.name) && !nixIsAtLeast(30)) continue;
        const [ours, theirs] = await both(drvs[index] as StorePath, changes, words);
        assert.equal(ours, theirs, given.name);
      }
      assert.deepEqual(await both(dependent, {}, []), [100, 100]);
      assert.deepEqual(await both(good, {}, []), [0, 0]);
      assert.deepEqual(await both(good, { mode: "check" }, ["--check"]), [104, 104]);
      const many = [drvs[0], drvs[3], drvs[7]] as StorePath[];
      const ours = await buildPaths(
        many.map((path) => ({ path })),
        fixture.options({ keepGoing: true, timeout: 2 }),
      );
      assert.equal(
        exitStatus(ours),
        nix(root, "--realise", "--keep-going", "--timeout", "2", ...many).status,
      );

      fixture.store.close();
      assert.equal(nix(fixture.root, "--read-log", drvs[0] as string).stdout, "some words\n");
      assert.equal(nix(fixture.root, "--read-log", good).stdout, "fine\n");
      const verified = nix(fixture.root, "--verify", "--check-contents");
      assert.equal(verified.status, 0, verified.stderr);
      assert.doesNotMatch(verified.stderr, /error|modified|disappeared/);
    } finally {
      fixture.close();
      removeTree(root);
    }
  });

  test("of the two, who comes second waits and finds it built", async () => {
    const fixture = new BuildFixture();
    try {
      const realise = (drv: string) => {
        const child = spawn("nix-store", ["--store", fixture.root, ...nixOptions, "--realise", drv]);
        let said = "";
        child.stderr.on("data", (chunk) => {
          said += chunk;
        });
        const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
        return { ended, said: () => said };
      };
      const slow = (name: string) => fixture.add({ name, script: `${b} sleep 3; echo $$ >$out` });
      const [ours, theirs] = [slow("ours"), slow("theirs")];

      let second: ReturnType<typeof realise> | undefined;
      const results = await buildPaths(
        [{ path: ours }],
        fixture.options({
          sink: (event) => {
            if (event.kind === "build-start") second = realise(ours);
          },
        }),
      );
      assert.equal(results[0]?.status, "built");
      assert.equal(await second?.ended, 0);
      assert.doesNotMatch(second?.said() ?? "", /^building '/m);

      const first = realise(theirs);
      while (!/^building '/m.test(first.said())) await new Promise((resolve) => setTimeout(resolve, 50));
      const waited = await buildPaths([{ path: theirs }], fixture.options());
      assert.equal(waited[0]?.status, "already-valid");
      assert.equal(await first.ended, 0);
    } finally {
      fixture.close();
    }
  });
});

/** Something to compare by eye. */
function show(path: string): string {
  const listing = execFileSync("find", [".", "-printf", "%P %m %l\\n"], {
    cwd: join(path, ".."),
    encoding: "latin1",
  });
  const own = listing.split("\n").filter((line) => line.startsWith(path.slice(path.lastIndexOf("/") + 1)));
  const files = own
    .map((line) => line.split(" ")[0] as string)
    .map((name) => {
      try {
        return `${name}:\n${readFileSync(join(path, "..", name), "latin1")}`;
      } catch {
        return "";
      }
    });
  return [...own.sort(), ...files].join("\n");
}
