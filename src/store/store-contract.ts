/**
 * What every store must do, as tests: run on the store in memory and on the one on disk.
 */
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { after, describe, test } from "node:test";
import { completeDerivation, type DerivationDraft } from "../derivation/complete.ts";
import { derivationReferences } from "../derivation/derivation.ts";
import { DerivationHasher } from "../derivation/hash-modulo.ts";
import { ByteSource } from "../format/byte-source.ts";
import { parseContentAddress, printContentAddress } from "../format/content-address.ts";
import { dumpTree, type FileTree } from "../format/file-tree.ts";
import { hashBytes } from "../format/hash.ts";
import { signNarInfo } from "../format/narinfo.ts";
import { generateSecretKey, toPublicKey } from "../format/signature.ts";
import {
  makeFixedOutputPath,
  parseStorePath,
  type StorePath,
  storePathHashPart,
} from "../format/store-path.ts";
import { ModuloHasher } from "./references.ts";
import type { NewPathInfo, Store } from "./store.ts";
import { ContentMismatchError, InvalidPathError, PathInUseError, StoreError } from "./store-error.ts";

export interface Subject {
  readonly store: Store;
  /** A link for roots that nothing has yet. */
  readonly freshLink: () => string;
  readonly removeLink: (link: string) => void;
  /** The same store as another process would see it after this one has ended: no temporary roots. */
  readonly reopen: () => Store;
}

const nothing = "/nix/store/00000000000000000000000000000000-nothing" as StorePath;

export function narOf(tree: FileTree): Buffer {
  const chunks: Buffer[] = [];
  dumpTree(tree, (chunk) => chunks.push(Buffer.from(chunk)));
  return Buffer.concat(chunks);
}
export function narFrom(store: Store, path: StorePath): Buffer {
  const chunks: Buffer[] = [];
  store.narFromPath(path, (chunk) => chunks.push(Buffer.from(chunk)));
  return Buffer.concat(chunks);
}
export function file(text: string, executable = false): FileTree {
  return { kind: "regular", contents: Buffer.from(text, "latin1"), executable };
}

/** A derivation as an expression would make it. */
export function instantiate(
  store: Store,
  name: string,
  changes: Partial<DerivationDraft> = {},
): { drvPath: StorePath; outputs: Map<string, StorePath> } {
  const hasher = new DerivationHasher(() => assert.fail("no inputs"));
  const { derivation, file } = completeDerivation(
    {
      name,
      outputs: ["out"],
      inputDrvs: new Map(),
      inputSrcs: new Set(),
      system: "x",
      builder: "/b",
      args: [],
      env: { names: ["name"], values: [name] },
      ...changes,
    },
    hasher,
    store.storeDir,
  );
  const references = derivationReferences(derivation) as StorePath[];
  return {
    drvPath: store.addTextToStore(`${name}.drv`, file.text, references),
    outputs: new Map([...derivation.outputs].map(([output, { path }]) => [output, path as StorePath])),
  };
}

/** Adds an output as a build would register it. */
export function addOutput(
  store: Store,
  path: StorePath,
  text: string,
  references: StorePath[] = [],
  deriver?: StorePath,
): void {
  const nar = narOf(file(text));
  store.addNar(
    { path, narHash: hashBytes("sha256", nar), narSize: nar.length, references, deriver, ultimate: true },
    ByteSource.fromBytes(nar),
  );
}

export function storeContract(name: string, make: () => Subject): void {
  describe(name, () => {
    const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "bruma-contract-"));
    after(() => fs.rmSync(scratch, { recursive: true, force: true }));
    fs.mkdirSync(`${scratch}/tree/d`, { recursive: true });
    fs.writeFileSync(`${scratch}/tree/a`, "contents");
    fs.writeFileSync(`${scratch}/tree/run`, "#!/bin/sh\n", { mode: 0o755 });
    fs.symlinkSync("a", `${scratch}/tree/link`);
    fs.writeFileSync(`${scratch}/tree/d/b`, "b");

    test("an empty store knows nothing", () => {
      const { store } = make();
      assert.equal(store.isValidPath(nothing), false);
      assert.equal(store.queryPathInfo(nothing), undefined);
      assert.throws(() => store.pathInfo(nothing), InvalidPathError);
      assert.throws(() => store.computeClosure([nothing]), InvalidPathError);
      assert.throws(() => store.narFromPath(nothing, () => {}), InvalidPathError);
      assert.throws(() => store.queryDerivationOutputs(nothing), InvalidPathError);
      assert.throws(() => store.addSignatures(nothing, ["a:b"]), InvalidPathError);
      assert.deepEqual(store.queryAllValidPaths(), []);
      assert.deepEqual(store.queryReferrers(nothing), new Set());
      assert.equal(store.queryPathFromHashPart(storePathHashPart(nothing)), undefined);
    });

    test("texts", () => {
      const { store } = make();
      const a = store.addTextToStore(".a", "", []);
      assert.equal(a, "/nix/store/1widj4nzdpw1mcgwkzip7zwpbhydzq50-.a");
      const b = store.addTextToStore("b", `see ${a}`, [a, a]);
      assert.equal(store.addTextToStore("b", `see ${a}`, [a]), b);
      assert.deepEqual(store.pathInfo(b).references, [a]);
      assert.deepEqual(store.queryReferrers(a), new Set([b]));
      assert.deepEqual(store.computeClosure([b]), new Set([b, a]));
      assert.deepEqual(store.computeClosure([a], { referrers: true }), new Set([a, b]));
      assert.deepEqual(store.sortTopologically([b, a]), [a, b]);
      assert.equal(store.queryPathFromHashPart(storePathHashPart(b)), b);
      assert.equal(store.readStoreFile(b).toString(), `see ${a}`);
      const info = store.pathInfo(b);
      assert.equal(printContentAddress(info.ca!), `text:sha256:${hashBytes("sha256", `see ${a}`).toNix32()}`);
      assert.ok(Math.abs(info.registrationTime - Date.now() / 1000) < 100);
      assert.equal(info.ultimate, false);
    });

    test("many texts, which refer to one another", () => {
      const { store } = make();
      const queued: StorePath[] = [];
      for (let index = 0; index < 450; index++)
        queued.push(store.queueText(`t${index}`, `${index}`, index === 0 ? [] : [queued[index - 1]!]));
      assert.equal(store.computeClosure([queued[449]!]).size, 450);
      store.flush();
      assert.equal(store.queryAllValidPaths().length, 450);
      assert.throws(
        () => store.addTextsToStore([{ name: "bad", contents: "", references: [nothing] }]),
        InvalidPathError,
      );
      assert.equal(store.queryAllValidPaths().length, 450);
    });

    test("trees", () => {
      const { store } = make();
      const info = store.addTreeToStore(`${scratch}/tree`, { name: "tree" });
      const nar = narFrom(store, info.path);
      assert.ok(info.narHash.equals(hashBytes("sha256", nar)));
      assert.equal(info.narSize, nar.length);
      assert.equal(
        info.path,
        makeFixedOutputPath("tree", { method: "nar", hash: info.narHash }, store.storeDir),
      );
      assert.deepEqual(store.addTreeToStore(`${scratch}/tree`, { name: "tree" }), info);
      assert.equal(store.readStoreFile(`${info.path}/d/b`).toString(), "b");
      const less = store.addTreeToStore(`${scratch}/tree`, {
        name: "tree",
        filter: (entry, type) => type !== "symlink" && !entry.endsWith("/d"),
      });
      assert.notEqual(less.path, info.path);
      const sha1 = store.addTreeToStore(`${scratch}/tree`, { name: "tree", algorithm: "sha1" });
      assert.match(printContentAddress(sha1.ca!), /^fixed:r:sha1:/);
      const flat = store.addTreeToStore(`${scratch}/tree/run`, { name: "run", method: "flat" });
      assert.equal(
        printContentAddress(flat.ca!),
        `fixed:sha256:${hashBytes("sha256", "#!/bin/sh\n").toNix32()}`,
      );
      assert.throws(
        () => store.addTreeToStore(`${scratch}/tree`, { name: "tree", method: "flat" }),
        StoreError,
      );
      assert.throws(() => store.addTreeToStore(`${scratch}/missing`, { name: "tree" }), { code: "ENOENT" });
      assert.throws(() => store.addTreeToStore(`${scratch}/tree`, { name: "a b" }), /illegal character/);
      const bytes = store.addBytesToStore(Buffer.from("#!/bin/sh\n"), { name: "run" });
      assert.equal(bytes.path, flat.path);
    });

    test("trees and files that wait", () => {
      const { store } = make();
      const twin = make().store;
      for (const entry of ["", "/run", "/d", "/d/b", "/link"]) {
        const real = `${scratch}/tree${entry}`;
        const path = store.queueTree(real, "x");
        assert.equal(store.queueTree(real, "x"), path);
        assert.deepEqual(
          { ...store.pathInfo(path), registrationTime: 0 },
          { ...twin.addTreeToStore(real, { name: "x" }), registrationTime: 0 },
          entry,
        );
        assert.deepEqual(narFrom(store, path), narFrom(twin, path));
      }
      const before = store.queueText("before", "", []);
      store.flushPath(`${before}x`);
      store.flushPath(`${before}/below`);
      assert.equal(store.readStoreFile(before).toString(), "");
      assert.throws(() => store.queueTree(`${scratch}/missing`, "x"), { code: "ENOENT" });
      assert.throws(() => store.queueTree(`${scratch}/tree/run`, "a b"), /illegal character/);
    });

    test("derivations and their outputs", () => {
      const { store } = make();
      const { drvPath, outputs } = instantiate(store, "a", { outputs: ["out", "dev"] });
      assert.deepEqual(store.queryDerivationOutputs(drvPath), outputs);
      const out = outputs.get("out")!;
      assert.deepEqual(store.queryDerivers(out), new Set([drvPath]));
      addOutput(store, out, "built", [], drvPath);
      assert.equal(store.pathInfo(out).deriver, drvPath);
      assert.equal(store.pathInfo(out).ultimate, true);
      assert.deepEqual(store.computeClosure([drvPath], { includeOutputs: true }), new Set([drvPath, out]));
      assert.deepEqual(store.computeClosure([out], { includeDerivers: true }), new Set([drvPath, out]));
      assert.deepEqual(store.computeClosure([out]), new Set([out]));
      const user = instantiate(store, "user", { inputSrcs: new Set([out]) });
      assert.ok(store.computeClosure([user.drvPath]).has(out));
    });

    test("a derivation that claims another's output is not registered", () => {
      const { store } = make();
      const { drvPath } = instantiate(store, "honest");
      const text = store.readStoreFile(drvPath).toString("latin1");
      const [, other] = [...instantiate(store, "other").outputs][0]!;
      const mine = [...instantiate(store, "honest").outputs.values()][0]!;
      assert.throws(
        () => store.addTextToStore("honest.drv", text.replaceAll(mine, other), []),
        /incorrect output/,
      );
      assert.throws(
        () => store.addTextToStore("honest.drv", "Derive(garbage", []),
        /error parsing derivation/,
      );
      assert.equal(store.queryAllValidPaths().length, 2);
    });

    test("NARs are taken only if they are what they say", () => {
      const { store } = make();
      const tree: FileTree = { kind: "directory", entries: new Map([["x", file("x", true)]]) };
      const nar = narOf(tree);
      const narHash = hashBytes("sha256", nar);
      const out = "/nix/store/1widj4nzdpw1mcgwkzip7zwpbhydzq50-x" as StorePath;
      const good: NewPathInfo = { path: out, narHash, narSize: nar.length, references: [] };
      const add = (info: NewPathInfo, bytes: Uint8Array = nar) =>
        store.addNar(info, ByteSource.fromBytes(bytes));
      assert.throws(
        () => add({ ...good, narHash: hashBytes("sha256", "other") }),
        /hash mismatch importing path/,
      );
      assert.throws(() => add({ ...good, narSize: 1 }), /size mismatch importing path/);
      assert.throws(() => add({ ...good, references: [nothing] }), InvalidPathError);
      assert.throws(() => add(good, nar.subarray(0, -8)), /bad archive/);
      assert.throws(
        () => add({ ...good, ca: { method: "nar", hash: narHash } }),
        /claims to be content-addressed/,
      );
      assert.equal(store.isValidPath(out), false);
      const source = ByteSource.fromBytes(Buffer.concat([nar, nar, Buffer.from("after")]));
      store.addNar(good, source);
      store.addNar(good, source);
      assert.equal(source.take(5).toString(), "after");
      assert.deepEqual(narFrom(store, out), nar);
      store.addNar({ ...good, signatures: ["k:AAAA"] }, ByteSource.fromBytes(nar), { repair: true });
      assert.deepEqual(store.pathInfo(out).signatures, ["k:AAAA"]);
    });

    test("signatures", () => {
      const { store } = make();
      const key = generateSecretKey("test-1");
      const nar = narOf(file("signed"));
      const info: NewPathInfo = {
        path: "/nix/store/1widj4nzdpw1mcgwkzip7zwpbhydzq50-signed" as StorePath,
        narHash: hashBytes("sha256", nar),
        narSize: nar.length,
        references: [],
      };
      const trustedKeys = [toPublicKey(key)];
      const add = (more: Partial<NewPathInfo>) =>
        store.addNar({ ...info, ...more }, ByteSource.fromBytes(nar), { trustedKeys });
      assert.throws(() => add({}), /lacks a signature by a trusted key/);
      const forged = signNarInfo({ ...info, narSize: 1 }, key);
      assert.throws(() => add({ signatures: [forged] }), ContentMismatchError);
      const stranger = signNarInfo(info, generateSecretKey("test-1"));
      assert.throws(() => add({ signatures: [stranger] }), ContentMismatchError);
      add({ signatures: [signNarInfo(info, key)] });
      store.addSignatures(info.path, ["z:AAAA", "a:AAAA"]);
      assert.equal(store.pathInfo(info.path).signatures.length, 3);
      // What follows from its contents needs nobody's word.
      const path = makeFixedOutputPath("ca", { method: "nar", hash: info.narHash }, store.storeDir);
      add({ path, ca: { method: "nar", hash: info.narHash } });
      // …but its contents must be so.
      const other = narOf(file("other!"));
      assert.throws(
        () =>
          store.addNar(
            {
              path: makeFixedOutputPath("ca2", { method: "nar", hash: info.narHash }, store.storeDir),
              narHash: hashBytes("sha256", other),
              narSize: other.length,
              references: [],
              ca: { method: "nar", hash: info.narHash },
            },
            ByteSource.fromBytes(other),
            { trustedKeys },
          ),
        /ca hash mismatch/,
      );
    });

    test("a content-addressed tree that contains its own path", () => {
      const { store } = make();
      // The path depends on the hash in which it is blanked out: so it can be computed first.
      const hashOf = (part: string) => {
        const hasher = new ModuloHasher("sha256", part);
        hasher.update(narOf(file(`I am ${store.storeDir}/${part}-self, twice: ${part}`)));
        return hasher.finish();
      };
      const hash = hashOf("0".repeat(32));
      const self = makeFixedOutputPath("self", { method: "nar", hash, self: true }, store.storeDir);
      const part = storePathHashPart(self);
      assert.ok(hashOf(part).equals(hash));
      const nar = narOf(file(`I am ${self}, twice: ${part}`));
      const info: NewPathInfo = {
        path: self,
        narHash: hashBytes("sha256", nar),
        narSize: nar.length,
        references: [self],
        ca: parseContentAddress(printContentAddress({ method: "nar", hash })),
      };
      store.addNar(info, ByteSource.fromBytes(nar), { trustedKeys: [] });
      assert.deepEqual(store.computeClosure([self]), new Set([self]));
      assert.deepEqual(store.queryReferrers(self), new Set([self]));
    });

    test("registering is all or nothing", () => {
      const { store } = make();
      const a = store.addTextToStore("a", "a", []);
      const info = store.pathInfo(a);
      store.registerValidPaths([{ ...info, signatures: ["k:AAAA"] }]);
      assert.deepEqual(store.pathInfo(a).signatures, ["k:AAAA"]);
      const b = parseStorePath("/nix/store/1widj4nzdpw1mcgwkzip7zwpbhydzq50-b", store.storeDir);
      assert.throws(
        () =>
          store.registerValidPaths([
            { ...info, signatures: [] },
            { ...info, path: b, ca: undefined, references: [nothing] },
          ]),
        InvalidPathError,
      );
      assert.deepEqual(store.pathInfo(a).signatures, ["k:AAAA"]);
      assert.equal(store.isValidPath(b), false);
      const c = parseStorePath("/nix/store/1widj4nzdpw1mcgwkzip7zwpbhydzq51-c", store.storeDir);
      assert.throws(
        () =>
          store.registerValidPaths([
            { ...info, path: b, ca: undefined, references: [c] },
            { ...info, path: c, ca: undefined, references: [b] },
          ]),
        /cycle detected/,
      );
    });

    test("collecting garbage", () => {
      const { store, freshLink, removeLink, reopen } = make();
      const { drvPath, outputs } = instantiate(store, "a");
      const out = outputs.get("out")!;
      const lonely = store.addTextToStore("lonely", "lonely", []);
      const library = store.addTextToStore("library", "library", []);
      addOutput(store, out, `uses ${library}`, [library], drvPath);
      const link = freshLink();
      store.addPermRoot(out, link);
      assert.ok(store.findRoots().has(out));
      // Everything that this process has added is kept while it lives.
      assert.deepEqual(store.collectGarbage().paths, []);
      assert.ok(store.isValidPath(lonely));

      const later = reopen();
      assert.deepEqual(later.collectGarbage({ action: "return-dead" }).paths, [lonely]);
      assert.deepEqual(
        new Set(later.collectGarbage({ action: "return-live" }).paths),
        new Set([drvPath, library, out]),
      );
      assert.throws(
        () => later.collectGarbage({ action: "delete-specific", paths: [library] }),
        (error: Error) => error instanceof PathInUseError && /still alive/.test(error.message),
      );
      assert.deepEqual(later.collectGarbage({ maxFreed: 0 }).paths, []);
      const { paths, bytesFreed } = later.collectGarbage();
      assert.deepEqual(paths, [lonely]);
      assert.ok(bytesFreed > 0);
      assert.equal(later.isValidPath(lonely), false);
      assert.equal(later.isValidPath(library), true);
      // Derivers are kept unless told otherwise.
      assert.ok(later.isValidPath(drvPath));
      assert.deepEqual(later.collectGarbage({ keepDerivations: false }).paths, [drvPath]);
      removeLink(link);
      assert.deepEqual(new Set(later.collectGarbage().paths), new Set([out, library]));
      assert.deepEqual(later.queryAllValidPaths(), []);
    });

    test("deleting given paths", () => {
      const { store, reopen } = make();
      const a = store.addTextToStore("a", "a", []);
      const b = store.addTextToStore("b", "b", [a]);
      const c = store.addTextToStore("c", "c", []);
      const later = reopen();
      assert.throws(() => later.collectGarbage({ action: "delete-specific", paths: [a] }), PathInUseError);
      assert.deepEqual(
        new Set(later.collectGarbage({ action: "delete-specific", paths: [a, b] }).paths),
        new Set([a, b]),
      );
      assert.ok(later.isValidPath(c));
    });

    test("collecting by age", () => {
      const { store, reopen } = make();
      const info = store.pathInfo(store.addTextToStore("a", "a", []));
      const later = reopen();
      const time = info.registrationTime;
      assert.deepEqual(later.collectGarbage({ registeredBefore: time }).paths, []);
      assert.deepEqual(later.collectGarbage({ registeredBefore: time + 1 }).paths, [info.path]);
    });

    test("locks", () => {
      const { store } = make();
      const a = store.addTextToStore("a", "a", []);
      const b = store.addTextToStore("b", "b", []);
      const lock = store.lockPath(a);
      assert.equal(store.tryLockPaths([b, a]), undefined);
      const other = store.tryLockPaths([b]);
      assert.ok(other !== undefined);
      // Who holds a lock may add the path.
      assert.equal(store.addTextToStore("a", "a", []), a);
      lock.release(true);
      lock.release();
      const both = store.tryLockPaths([a]);
      assert.ok(both !== undefined);
      both.release();
      other.release();
    });

    test("verifying a whole store", () => {
      const { store } = make();
      store.addTreeToStore(`${scratch}/tree`, { name: "tree" });
      assert.deepEqual(store.verify({ checkContents: true }), { checked: 1, problems: [] });
    });
  });
}
