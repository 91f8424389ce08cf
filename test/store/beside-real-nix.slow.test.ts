/**
 * One store, two programs: what we write real Nix finds in order and describes as we do; what real Nix writes we read,
 * verify and extend. Needs `nix-store` (installed by apt where that is missing and we are root).
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { after, before, test } from "node:test";
import { ByteSource } from "../../src/format/byte-source.ts";
import { printContentAddress } from "../../src/format/content-address.ts";
import { hashBytes } from "../../src/format/hash.ts";
import { isDerivationPath, type StorePath, storePathBaseName } from "../../src/format/store-path.ts";
import { removeTree } from "../../src/store/canonical.ts";
import { layoutBelow } from "../../src/store/layout.ts";
import { LocalStore } from "../../src/store/local-store.ts";
import { addOutput, file, instantiate, narOf } from "../../src/store/store-contract.ts";
import { realNix } from "../real-nix.ts";

const nix = realNix();
const skip = nix === undefined && "no nix-store, and none could be installed";
let scratch = "";
before(() => {
  scratch = fs.mkdtempSync(path.join(os.tmpdir(), "bruma-shared-"));
});
after(() => removeTree(scratch));

const lines = (text: string) => text.split("\n").filter((line) => line !== "");

/** A store with texts, trees, a derivation with outputs, self references, signatures and roots. */
function fill(root: string): LocalStore {
  const store = new LocalStore(layoutBelow(root));
  const text = store.addTextToStore("text", "a text", []);
  const tree = `${root}/tree`;
  fs.mkdirSync(`${tree}/d`, { recursive: true });
  fs.writeFileSync(`${tree}/d/run`, "#!/bin/sh", { mode: 0o755 });
  fs.writeFileSync(Buffer.from(`${tree}/\xe9\xff`, "latin1"), "odd name");
  fs.symlinkSync("/nowhere", `${tree}/link`);
  const source = store.addTreeToStore(tree, { name: "tree" }).path;
  store.addTreeToStore(tree, { name: "sha1", algorithm: "sha1" });
  store.addTreeToStore(`${tree}/d/run`, { name: "flat", method: "flat", algorithm: "sha512" });
  const { drvPath, outputs } = instantiate(store, "pkg", {
    outputs: ["out", "dev"],
    inputSrcs: new Set([text, source]),
  });
  const [out, dev] = [outputs.get("out")!, outputs.get("dev")!];
  addOutput(store, out, `I am ${out} and use ${text}`, [out, text], drvPath);
  addOutput(store, dev, `headers of ${out}`, [out], drvPath);
  store.addSignatures(out, [
    "example-1:TsTTb3WGTZKphvYdBHXwo6weVILmTytUjLB+vcX89fOjjRicCHmKA4RCPMVLkj6TMJ4GMX3HPVWRdD1hkeKZBQ==",
  ]);
  instantiate(store, "user", { inputSrcs: new Set([dev]) });
  store.addPermRoot(dev, `${root}/result`);
  return store;
}

function agrees(store: LocalStore, root: string): void {
  const ask = (...args: string[]) => nix!.store(["--query", ...args], root);
  for (const path of store.queryAllValidPaths()) {
    const info = store.pathInfo(path);
    assert.equal(ask("--hash", path).trim(), info.narHash.toPrefixedNix32(), path);
    assert.equal(ask("--size", path).trim(), String(info.narSize), path);
    assert.deepEqual(lines(ask("--references", path)).sort(), info.references, path);
    assert.deepEqual(lines(ask("--referrers", path)).sort(), [...store.queryReferrers(path)].sort(), path);
    assert.deepEqual(lines(ask("--requisites", path)).sort(), [...store.computeClosure([path])].sort(), path);
    assert.equal(ask("--deriver", path).trim(), info.deriver ?? "unknown-deriver", path);
    if (isDerivationPath(path))
      assert.deepEqual(
        lines(ask("--outputs", path)).sort(),
        [...store.queryDerivationOutputs(path).values()].sort(),
      );
  }
}

test("real Nix reads what we wrote", { skip }, () => {
  const root = `${scratch}/ours`;
  const store = fill(root);
  agrees(store, root);
  nix!.store(["--verify", "--check-contents"], root);
  const info = JSON.parse(
    nix!.run("nix", ["--extra-experimental-features", "nix-command", "path-info", "--json", "--all"], root),
  ) as Record<string, unknown>[] | Record<string, Record<string, unknown>>;
  const entries = Array.isArray(info)
    ? info.map((entry) => [entry.path, entry] as [string, Record<string, unknown>])
    : Object.entries(info);
  assert.equal(entries.length, store.queryAllValidPaths().length);
  for (const [name, entry] of entries) {
    const path = (name.startsWith("/") ? name : `/nix/store/${name}`) as StorePath;
    const mine = store.pathInfo(path);
    assert.equal(entry.narSize, mine.narSize);
    assert.equal(entry.registrationTime, mine.registrationTime);
    assert.deepEqual(entry.signatures ?? [], mine.signatures);
    if (typeof entry.ca === "string") assert.equal(entry.ca, printContentAddress(mine.ca!));
    assert.equal(entry.ultimate ?? false, mine.ultimate);
  }
  store.close();
});

test("the same tree gets the same path", { skip }, () => {
  const root = `${scratch}/same`;
  const store = fill(root);
  const theirs = (...args: string[]) => nix!.store(args, `${scratch}/same-nix`).trim();
  assert.equal(theirs("--add", `${root}/tree`), store.addTreeToStore(`${root}/tree`, { name: "tree" }).path);
  assert.equal(
    theirs("--add-fixed", "sha1", "--recursive", `${root}/tree`),
    store.addTreeToStore(`${root}/tree`, { name: "tree", algorithm: "sha1" }).path,
  );
  assert.equal(
    theirs("--add-fixed", "md5", `${root}/tree/d/run`),
    store.addTreeToStore(`${root}/tree/d/run`, { name: "run", algorithm: "md5", method: "flat" }).path,
  );
  store.close();
});

test("we read what real Nix wrote, and go on in it", { skip }, () => {
  const root = `${scratch}/theirs`;
  const tree = `${scratch}/theirs-tree`;
  fs.mkdirSync(tree);
  fs.writeFileSync(`${tree}/f`, "x");
  const added = nix!.store(["--add", tree], root).trim() as StorePath;
  const drvPath = nix!
    .instantiate(
      [
        "--expr",
        `derivation { name = "n"; system = "x"; builder = "/b"; outputs = [ "out" "lib" ]; src = ${tree}; }`,
      ],
      root,
    )
    .trim()
    .replace(/!.*/, "")
    .split("\n")[0] as StorePath;
  const store = new LocalStore(layoutBelow(root));
  assert.ok(store.isValidPath(added));
  assert.ok(store.isValidPath(drvPath));
  assert.equal(store.queryDerivationOutputs(drvPath).size, 2);
  agrees(store, root);
  assert.deepEqual(store.verify({ checkContents: true }).problems, []);
  assert.equal(store.addTreeToStore(tree, { name: path.basename(tree) }).path, added);
  const text = store.addTextToStore("ours", `uses ${added}`, [added]);
  agrees(store, root);
  // Both hold the store open at once.
  const again = nix!.store(["--add", tree], root).trim();
  assert.equal(again, added);
  nix!.store(["--verify", "--check-contents"], root);
  store.close();
  // Their collector spares what our roots keep.
  const keeper = new LocalStore(layoutBelow(root));
  keeper.addPermRoot(text, `${scratch}/keep`);
  keeper.close();
  nix!.store(["--gc"], root);
  const after = new LocalStore(layoutBelow(root));
  assert.deepEqual(new Set(after.queryAllValidPaths()), new Set([text, added]));
  after.close();
});

test("their collector waits for our temporary roots", { skip }, () => {
  const root = `${scratch}/temporary`;
  const store = new LocalStore(layoutBelow(root));
  const mine = store.addTextToStore("mine", "mine", []);
  nix!.store(["--gc"], root);
  assert.ok(store.isValidPath(mine));
  assert.ok(fs.existsSync(store.realPath(mine)));
  store.close();
  nix!.store(["--gc"], root);
  const later = new LocalStore(layoutBelow(root));
  assert.equal(later.isValidPath(mine), false);
  later.close();
});

test("we tell a collection of theirs that is running of our new roots", { skip }, async (context) => {
  const root = `${scratch}/running`;
  const store = new LocalStore(layoutBelow(root));
  const paths = ["a", "b", "c"].map((name) => store.addTextToStore(name, name, []));
  store.close();
  // Nix's own tests stop its collector there, after it has read the temporary roots, until the pipe is written to.
  const fifo = `${scratch}/fifo`;
  assert.equal(spawnSync("mkfifo", [fifo]).status, 0);
  let ended = false;
  const collector = nix!.start("nix-store", ["--gc"], root, { _NIX_TEST_GC_SYNC_2: fifo }).finally(() => {
    ended = true;
  });
  const { O_WRONLY, O_NONBLOCK } = fs.constants;
  let pipe: number | undefined;
  while (pipe === undefined && !ended) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    try {
      pipe = fs.openSync(fifo, O_WRONLY | O_NONBLOCK);
    } catch (error) {
      assert.equal((error as NodeJS.ErrnoException).code, "ENXIO");
    }
  }
  if (pipe === undefined) {
    await collector;
    context.skip("this Nix cannot be stopped there");
    return;
  }
  const later = new LocalStore(layoutBelow(root));
  later.addTempRoot(paths[1]!);
  fs.closeSync(pipe);
  assert.equal(await collector, 0);
  assert.deepEqual(later.queryAllValidPaths(), [paths[1]]);
  later.close();
});

test("they tell a collection of ours that is running of their new roots", { skip }, async () => {
  const root = `${scratch}/running-ours`;
  const tree = `${scratch}/added-meanwhile`;
  fs.mkdirSync(tree);
  const store = new LocalStore(layoutBelow(root));
  for (let index = 0; index < 20; index++) store.addTextToStore(`t${index}`, "x", []);
  store.close();
  const later = new LocalStore(layoutBelow(root));
  let adder: Promise<number> | undefined;
  later.collectGarbage({
    onDelete: () => {
      adder ??= nix!.start("nix-store", ["--add", tree], root);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
    },
  });
  assert.equal(await adder, 0);
  assert.equal(later.queryAllValidPaths().length, 1);
  assert.deepEqual(later.verify({ checkContents: true }).problems, []);
  later.close();
});

test("dumped alike", { skip }, () => {
  const root = `${scratch}/from`;
  const store = fill(root);
  const nar = narOf(file("directly"));
  const path = "/nix/store/1widj4nzdpw1mcgwkzip7zwpbhydzq50-directly" as StorePath;
  store.addNar(
    { path, narHash: hashBytes("sha256", nar), narSize: nar.length, references: [] },
    ByteSource.fromBytes(nar),
  );
  const dumped = nix!.store(["--dump", `${root}/nix/store/${storePathBaseName(path)}`], root);
  assert.equal(dumped, nar.toString());
  store.close();
});

test("optimised by us, verified by them", { skip }, () => {
  const root = `${scratch}/optimised`;
  const store = fill(root);
  store.optimise();
  nix!.store(["--verify", "--check-contents"], root);
  nix!.store(["--optimise"], root);
  assert.deepEqual(store.verify({ checkContents: true }).problems, []);
  store.close();
});
