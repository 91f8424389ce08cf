/** The store on disk keeps the contract; what only a disk can have: metadata, damage, crashes, other processes. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, test } from "node:test";
import { ByteSource } from "../format/byte-source.ts";
import { hashBytes } from "../format/hash.ts";
import type { StorePath } from "../format/store-path.ts";
import { canonicaliseTree, moveTree, removeTree } from "./canonical.ts";
import { lockFile } from "./flock.ts";
import { layoutBelow } from "./layout.ts";
import { LocalStore } from "./local-store.ts";
import { scanTree } from "./references.ts";
import { addOutput, file, narOf, storeContract } from "./store-contract.ts";
import { InvalidPathError, StoreError } from "./store-error.ts";

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "bruma-store-"));
const open: LocalStore[] = [];
after(() => {
  for (const store of open) store.close();
  removeTree(scratch);
});
let counter = 0;
const fresh = (): string => path.join(scratch, `n${counter++}`);
function openStore(root: string = fresh()): LocalStore {
  const store = new LocalStore(layoutBelow(root), { durable: false });
  open.push(store);
  return store;
}

storeContract("LocalStore", () => {
  const root = fresh();
  const store = openStore(root);
  let links = 0;
  return {
    store,
    freshLink: () => `${root}/links/result-${links++}`,
    removeLink: (link) => fs.rmSync(link),
    reopen: () => {
      store.close();
      return openStore(root);
    },
  };
});

test("files are canonical", () => {
  const store = openStore();
  const source = fresh();
  fs.mkdirSync(`${source}/d`, { recursive: true });
  fs.writeFileSync(`${source}/d/plain`, "x", { mode: 0o600 });
  fs.writeFileSync(`${source}/d/run`, "x", { mode: 0o750 });
  fs.symlinkSync("nowhere", `${source}/link`);
  const real = store.realPath(store.addTreeToStore(source, { name: "tree" }).path);
  const check = (name: string, mode: number) => {
    const stat = fs.lstatSync(`${real}${name}`);
    assert.equal(stat.mtimeMs, 1000, name);
    if (!stat.isSymbolicLink()) assert.equal(stat.mode & 0o7777, mode, name);
  };
  check("", 0o555);
  check("/d", 0o555);
  check("/d/plain", 0o444);
  check("/d/run", 0o555);
  check("/link", 0);
  assert.deepEqual(
    fs
      .readdirSync(store.layout.physicalStoreDir)
      .filter((name) => name.endsWith(".lock") || name.startsWith("tmp")),
    [],
  );
});

test("a tree too large to be kept in memory", () => {
  const store = openStore();
  const source = fresh();
  fs.mkdirSync(source);
  fs.writeFileSync(`${source}/large`, Buffer.alloc(40 * 1024 * 1024, "abc"));
  fs.writeFileSync(`${source}/other`, "x");
  const filter = (name: string) => !name.endsWith("other");
  const info = store.addTreeToStore(source, { name: "large", filter });
  assert.deepEqual(fs.readdirSync(store.realPath(info.path)), ["large"]);
  assert.equal(fs.lstatSync(`${store.realPath(info.path)}/large`).mode & 0o7777, 0o444);
  assert.deepEqual(store.verify({ checkContents: true }).problems, []);
});

test("the database is Nix's", () => {
  const store = openStore();
  store.addTextToStore("a", "a", []);
  const { stateDir } = store.layout;
  assert.equal(fs.readFileSync(`${stateDir}/db/schema`, "utf8"), "10");
  const database = new DatabaseSync(`${stateDir}/db/db.sqlite`);
  const row = database.prepare("select * from ValidPaths").get() as Record<string, unknown>;
  assert.match(row.hash as string, /^sha256:[0-9a-f]{64}$/);
  assert.match(row.ca as string, /^text:sha256:[0-9a-z]{52}$/);
  assert.equal(row.sigs, null);
  assert.equal(row.ultimate, null);
  assert.equal(database.prepare("pragma journal_mode").get()!.journal_mode, "wal");
  assert.ok(database.prepare("select migration from SchemaMigrations").all().length > 0);
  const tables = database.prepare("select name from sqlite_master where type = 'table' order by name").all();
  assert.deepEqual(
    tables.map(({ name }) => name),
    ["DerivationOutputs", "Refs", "SchemaMigrations", "ValidPaths", "sqlite_sequence"],
  );
  database.close();
});

test("what a crash left is overwritten, and never valid", () => {
  const store = openStore();
  const a = store.addTextToStore("a", "a", []);
  const b = a.replace(/-a$/, "-b") as StorePath;
  fs.mkdirSync(`${store.realPath(b)}/half`, { recursive: true });
  assert.equal(store.isValidPath(b), false);
  addOutput(store, b, "whole");
  assert.equal(fs.readFileSync(store.realPath(b), "utf8"), "whole");
});

test("a text that power loss has emptied is written again", () => {
  const store = openStore();
  const path = store.addTextToStore("a", "contents", []);
  fs.chmodSync(store.realPath(path), 0o644);
  fs.truncateSync(store.realPath(path));
  assert.equal(store.addTextToStore("a", "contents", []), path);
  assert.deepEqual(store.verify({ checkContents: true }).problems, []);
});

test("a failed addition leaves nothing", () => {
  const store = openStore();
  const path = "/nix/store/1widj4nzdpw1mcgwkzip7zwpbhydzq50-x" as StorePath;
  const nar = narOf(file("x"));
  const info = { path, narHash: hashBytes("sha256", "other"), narSize: nar.length, references: [] };
  assert.throws(() => store.addNar(info, ByteSource.fromBytes(nar)), StoreError);
  assert.ok(!fs.existsSync(store.realPath(path)));
});

test("verify finds what has changed or gone", () => {
  const store = openStore();
  const changed = store.addTextToStore("changed", "as it was", []);
  const gone = store.addTextToStore("gone", "gone", []);
  const needed = store.addTextToStore("needed", "needed", []);
  const user = store.addTextToStore("user", "user", [needed]);
  fs.chmodSync(store.realPath(changed), 0o644);
  fs.writeFileSync(store.realPath(changed), "meddled");
  removeTree(store.realPath(gone));
  removeTree(store.realPath(needed));
  const asked: string[] = [];
  const { problems } = store.verify({
    checkContents: true,
    repair: (path) => {
      asked.push(path);
      if (path === changed) {
        fs.writeFileSync(store.realPath(path), "as it was");
        return true;
      }
      return false;
    },
  });
  const found = new Map(
    problems.map((problem) => ["path" in problem ? problem.path + problem.kind : "", problem.repaired]),
  );
  assert.equal(found.get(`${gone}disappeared`), true);
  assert.equal(store.isValidPath(gone), false);
  assert.equal(found.get(`${needed}disappeared`), false);
  assert.equal(store.isValidPath(needed), true);
  assert.equal(found.get(`${changed}modified`), true);
  assert.ok(store.isValidPath(user));
  assert.deepEqual(new Set(asked), new Set([needed, changed]));
});

test("a damaged database is told plainly", () => {
  const root = fresh();
  const store = openStore(root);
  store.addTextToStore("a", "a", []);
  store.close();
  const { stateDir } = layoutBelow(root);
  const garbled = fresh();
  fs.cpSync(root, garbled, { recursive: true });
  fs.writeFileSync(`${garbled}/nix/var/nix/db/db.sqlite`, "no database at all, but long enough".repeat(100));
  assert.throws(
    () => openStore(garbled).isValidPath("/nix/store/x" as StorePath),
    (error: Error) => error instanceof StoreError && /cannot open the store's database/.test(error.message),
  );
  fs.writeFileSync(`${stateDir}/db/schema`, "11");
  assert.throws(() => openStore(root).queryAllValidPaths(), /schema is version 11, but I only support 10/);
  fs.writeFileSync(`${stateDir}/db/schema`, "9");
  assert.throws(() => openStore(root).queryAllValidPaths(), /old schema 9/);
  fs.writeFileSync(`${stateDir}/db/schema`, "ten");
  assert.throws(() => openStore(root).queryAllValidPaths(), /is corrupt/);
  fs.writeFileSync(`${stateDir}/db/schema`, "10");
  fs.renameSync(`${stateDir}/db/db.sqlite`, `${stateDir}/db/elsewhere`);
  assert.throws(() => openStore(root).queryAllValidPaths(), /is missing/);
  fs.renameSync(`${stateDir}/db/elsewhere`, `${stateDir}/db/db.sqlite`);
  const database = new DatabaseSync(`${stateDir}/db/db.sqlite`);
  database.exec("update ValidPaths set hash = 'sha256:garbage'");
  database.close();
  const again = openStore(root);
  assert.throws(() => again.pathInfo(again.queryAllValidPaths()[0]!), /invalid-path entry for/);
});

test("roots through links", () => {
  const root = fresh();
  const store = openStore(root);
  const a = store.addTextToStore("a", "a", []);
  const b = store.addTextToStore("b", "b", []);
  const link = `${root}/result`;
  store.addPermRoot(a, link);
  assert.equal(fs.readlinkSync(link), a);
  const auto = `${store.layout.stateDir}/gcroots/auto/${hashBytes("sha1", link).toNix32()}`;
  assert.equal(fs.readlinkSync(auto), link);
  store.addPermRoot(b, link);
  assert.equal(fs.readlinkSync(link), b);
  fs.writeFileSync(`${root}/file`, "");
  assert.throws(() => store.addPermRoot(a, `${root}/file`), /already exists/);
  assert.throws(() => store.addPermRoot(a, `${store.layout.physicalStoreDir}/x`), /forbidden/);
  assert.throws(() => store.addPermRoot(a, "relative"), /not an absolute path/);
  fs.symlinkSync(a, `${store.layout.stateDir}/profiles/default`);
  store.close();
  const later = openStore(root);
  assert.deepEqual(new Set(later.findRoots().keys()), new Set([a, b]));
  fs.rmSync(link);
  later.collectGarbage();
  assert.ok(!fs.existsSync(auto));
  assert.deepEqual(later.queryAllValidPaths(), [a]);
});

test("what a running program uses is kept", {
  skip: process.platform !== "linux" && "reads /proc",
}, async () => {
  const root = fresh();
  const store = openStore(root);
  const used = store.addTextToStore("used", "used", []);
  const alsoUsed = store.addTextToStore("also-used", "also", []);
  store.close();
  const later = openStore(root);
  const child = spawn("sleep", ["60"], {
    stdio: [fs.openSync(later.realPath(used), "r"), "ignore", "ignore"],
    env: { PATH: process.env.PATH, X: `a:${alsoUsed}/bin` },
  });
  try {
    await new Promise((resolve) => child.once("spawn", resolve));
    assert.deepEqual(later.collectGarbage().paths, []);
  } finally {
    child.kill();
    await new Promise((resolve) => child.once("exit", resolve));
  }
});

test("garbage that is no store path goes, what somebody fills stays", () => {
  const root = fresh();
  const store = openStore(root);
  void store.queryAllValidPaths();
  const { physicalStoreDir } = store.layout;
  fs.mkdirSync(`${physicalStoreDir}/tmp-1-0`);
  fs.mkdirSync(`${physicalStoreDir}/tmp-1-1`);
  fs.mkdirSync(`${physicalStoreDir}/1widj4nzdpw1mcgwkzip7zwpbhydzq50-never-valid`);
  fs.writeFileSync(`${physicalStoreDir}/rubbish`, "");
  const fd = fs.openSync(`${physicalStoreDir}/tmp-1-1`, "r");
  assert.ok(lockFile(fd, "exclusive", false));
  store.collectGarbage();
  assert.deepEqual(fs.readdirSync(physicalStoreDir).sort(), [".links", "tmp-1-1"]);
  fs.closeSync(fd);
});

test("optimising joins equal files and keeps the store whole", () => {
  const store = openStore();
  const make = (name: string) => {
    const source = fresh();
    fs.mkdirSync(`${source}/d`, { recursive: true });
    fs.writeFileSync(`${source}/d/same`, "the same contents");
    fs.writeFileSync(`${source}/d/run`, "the same contents", { mode: 0o755 });
    fs.writeFileSync(`${source}/own`, name);
    return store.realPath(store.addTreeToStore(source, { name }).path);
  };
  const [a, b] = [make("a"), make("b")];
  assert.equal(store.optimise().filesLinked, 2);
  const inode = (name: string) => fs.statSync(name).ino;
  assert.equal(inode(`${a}/d/same`), inode(`${b}/d/same`));
  assert.notEqual(inode(`${a}/d/same`), inode(`${a}/d/run`));
  assert.equal(fs.statSync(`${b}/d`).mtimeMs, 1000);
  assert.equal(fs.statSync(`${b}/d`).mode & 0o777, 0o555);
  assert.deepEqual(store.optimise(), { filesLinked: 0, bytesFreed: 0 });
  assert.deepEqual(store.verify({ checkContents: true }).problems, []);
});

test("a changed link is found and removed", () => {
  const store = openStore();
  store.addTextToStore("a", "a", []);
  const links = `${store.layout.physicalStoreDir}/.links`;
  fs.writeFileSync(`${links}/${hashBytes("sha256", "x").toNix32()}`, "not x");
  assert.equal(store.verify({ checkContents: true }).problems[0]?.kind, "link-modified");
  assert.equal(store.verify({ checkContents: true, repair: () => false }).problems[0]?.repaired, true);
  assert.deepEqual(fs.readdirSync(links), []);
});

test("scanning finds references across the borders of chunks", () => {
  const store = openStore();
  const wanted = store.addTextToStore("wanted", "wanted", []);
  const other = store.addTextToStore("other", "other", []);
  for (const offset of [0, 262_100, 262_120, 262_143, 262_144, 524_260, 600_000]) {
    const source = fresh();
    fs.writeFileSync(source, `${"-".repeat(offset)}${wanted.slice(11, 43)}`);
    assert.deepEqual(scanTree(source, [wanted, other]).references, [wanted], `${offset}`);
  }
  const source = fresh();
  fs.mkdirSync(source);
  fs.symlinkSync(other, `${source}/link`);
  fs.writeFileSync(`${source}/${wanted.slice(11)}`, "");
  assert.deepEqual(scanTree(source, [wanted, other]).references, [other, wanted].sort());
});

test("moving, canonicalising and removing trees", () => {
  const tree = fresh();
  fs.mkdirSync(`${tree}/d`, { recursive: true });
  fs.writeFileSync(`${tree}/d/f`, "", { mode: 0o777 });
  fs.linkSync(`${tree}/d/f`, `${tree}/d/g`);
  fs.symlinkSync("/etc/passwd", `${tree}/d/l`);
  fs.chmodSync(`${tree}/d`, 0o000);
  const passwd = fs.statSync("/etc/passwd");
  canonicaliseTree(tree, process.geteuid!());
  assert.equal(fs.statSync(`${tree}/d`).mode & 0o777, 0o555);
  assert.equal(fs.statSync("/etc/passwd").mtimeMs, passwd.mtimeMs);
  const target = fresh();
  moveTree(tree, target);
  assert.equal(fs.statSync(target).mtimeMs, 1000);
  assert.throws(() => canonicaliseTree(target, 12345), /invalid ownership/);
  removeTree(target);
  assert.ok(!fs.existsSync(target));
  if (spawnSync("mkfifo", [target]).status === 0)
    assert.throws(() => canonicaliseTree(target), /has an unsupported type/);
});

/** Runs a script with a store of its own on the same directory, in another process. */
function inAnotherProcess(root: string, script: string): string {
  const source = `
    import { LocalStore } from ${JSON.stringify(new URL("./local-store.ts", import.meta.url).href)};
    import { layoutBelow } from ${JSON.stringify(new URL("./layout.ts", import.meta.url).href)};
    const store = new LocalStore(layoutBelow(${JSON.stringify(root)}), { durable: false });
    ${script}
    store.close();`;
  const result = spawnSync(process.execPath, ["--input-type=module", "-e", source], { encoding: "utf8" });
  assert.equal(result.status, 0, result.stderr);
  return result.stdout;
}

test("several processes add the same and other paths at once", async () => {
  const root = fresh();
  const workers = Array.from({ length: 3 }, (_, worker) => {
    const source = `
      import { LocalStore } from ${JSON.stringify(new URL("./local-store.ts", import.meta.url).href)};
      import { layoutBelow } from ${JSON.stringify(new URL("./layout.ts", import.meta.url).href)};
      const store = new LocalStore(layoutBelow(${JSON.stringify(root)}), { durable: false });
      let last = [];
      for (let index = 0; index < 40; index++) {
        last = [store.addTextToStore("shared-" + index, "x" + index, last)];
        store.addTextToStore("own-${worker}-" + index, "x", last);
      }
      store.close();`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", source], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    let errors = "";
    child.stderr.on("data", (data) => (errors += data));
    return new Promise<void>((resolve, reject) =>
      child.once("exit", (code) => (code === 0 ? resolve() : reject(new Error(errors)))),
    );
  });
  await Promise.all(workers);
  const store = openStore(root);
  assert.equal(store.queryAllValidPaths().length, 4 * 40);
  assert.deepEqual(store.verify({ checkContents: true }).problems, []);
  assert.deepEqual(fs.readdirSync(`${root}/nix/var/nix/temproots`), []);
});

test("killed at any moment: what is valid is whole, and the same work then succeeds", async () => {
  const root = fresh();
  const source = fresh();
  fs.mkdirSync(source);
  for (let index = 0; index < 30; index++) fs.writeFileSync(`${source}/f${index}`, `${index}`.repeat(5000));
  const script = `
    import { LocalStore } from ${JSON.stringify(new URL("./local-store.ts", import.meta.url).href)};
    import { layoutBelow } from ${JSON.stringify(new URL("./layout.ts", import.meta.url).href)};
    const store = new LocalStore(layoutBelow(${JSON.stringify(root)}), { durable: false });
    console.log("ready");
    for (let round = 0; ; round++) {
      store.addTreeToStore(${JSON.stringify(source)}, { name: "tree-" + process.pid + "-" + round });
      for (let index = 0; index < 20; index++) store.queueText("t" + index + "-" + process.pid, "x" + round, []);
    }`;
  for (const delay of [20, 70, 150]) {
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await new Promise((resolve) => child.stdout.once("data", resolve));
    await new Promise((resolve) => setTimeout(resolve, delay));
    child.kill("SIGKILL");
    await new Promise((resolve) => child.once("exit", resolve));
  }
  const store = openStore(root);
  assert.deepEqual(store.verify({ checkContents: true }).problems, []);
  store.addTreeToStore(source, { name: "tree" });
  store.collectGarbage();
  assert.deepEqual(store.verify({ checkContents: true }).problems, []);
  const left = fs.readdirSync(`${root}/nix/store`).filter((name) => name !== ".links");
  assert.equal(left.length, store.queryAllValidPaths().length);
});

test("roots of another living process are kept, those of a dead one are not", () => {
  const root = fresh();
  const printed = inAnotherProcess(
    root,
    `console.log(store.addTextToStore("a", "a", [])); process.kill(process.pid, "SIGKILL");`.replace(
      `process.kill(process.pid, "SIGKILL");`,
      "",
    ),
  );
  const store = openStore(root);
  const a = printed.trim() as StorePath;
  assert.ok(store.isValidPath(a));
  fs.writeFileSync(`${root}/nix/var/nix/temproots/999999`, `${a}\0`);
  assert.deepEqual(store.collectGarbage().paths, [a]);
  assert.deepEqual(fs.readdirSync(`${root}/nix/var/nix/temproots`), []);
});

test("a root told to the collector while it runs is kept", () => {
  const root = fresh();
  const store = openStore(root);
  const paths = Array.from({ length: 30 }, (_, index) => store.addTextToStore(`t${index}`, "x", []));
  store.close();
  const later = openStore(root);
  let kept: StorePath | undefined;
  const result = later.collectGarbage({
    onDelete: () => {
      if (kept !== undefined) return;
      // In the middle of it another process begins to use one of those not deleted yet.
      kept = paths.find((path) => later.isValidPath(path));
      helper = spawn(
        process.execPath,
        [
          "--input-type=module",
          "-e",
          `import { LocalStore } from ${JSON.stringify(new URL("./local-store.ts", import.meta.url).href)};
           import { layoutBelow } from ${JSON.stringify(new URL("./layout.ts", import.meta.url).href)};
           import * as fs from "node:fs";
           const store = new LocalStore(layoutBelow(${JSON.stringify(root)}));
           fs.writeFileSync(${JSON.stringify(`${root}/asked`)}, "");
           store.addTempRoot(${JSON.stringify(kept)});
           fs.writeFileSync(${JSON.stringify(`${root}/answered`)}, String(fs.existsSync(store.realPath(${JSON.stringify(kept)}))));
           setInterval(() => {}, 1000);`,
        ],
        { stdio: "ignore" },
      );
      const until = Date.now() + 20_000;
      while (!fs.existsSync(`${root}/asked`) && Date.now() < until) pause(20);
      // It must wait for us: give it the time to have asked.
      pause(1000);
      assert.ok(!fs.existsSync(`${root}/answered`));
    },
  });
  try {
    assert.ok(later.isValidPath(kept!));
    assert.equal(result.paths.length, 29);
    const until = Date.now() + 20_000;
    const answered = () => fs.existsSync(`${root}/answered`) && fs.statSync(`${root}/answered`).size > 0;
    while (!answered() && Date.now() < until) pause(20);
    assert.equal(fs.readFileSync(`${root}/answered`, "utf8"), "true");
    assert.throws(
      () => later.pathInfo("/nix/store/00000000000000000000000000000000-x" as StorePath),
      InvalidPathError,
    );
    assert.deepEqual(later.collectGarbage().paths, []);
  } finally {
    helper?.kill("SIGKILL");
  }
});
let helper: ReturnType<typeof spawn> | undefined;
function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
