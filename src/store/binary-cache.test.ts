/** Binary caches: there and back, signatures, and caches that lie. */
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import type { Readable } from "node:stream";
import { after, test } from "node:test";
import * as zlib from "node:zlib";
import { hashBytes } from "../format/hash.ts";
import { generateSecretKey, toPublicKey } from "../format/signature.ts";
import { type StorePath, storePathHashPart } from "../format/store-path.ts";
import { BinaryCache, type CacheCompression } from "./binary-cache.ts";
import { DirectoryCache } from "./cache-files.ts";
import { MemoryStore } from "./memory-store.ts";
import { addOutput, narFrom } from "./store-contract.ts";
import { ContentMismatchError, StoreError } from "./store-error.ts";

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "bruma-cache-test-"));
after(() => fs.rmSync(scratch, { recursive: true, force: true }));
let counter = 0;

async function* decompress(source: Readable, _origin: string, maxBytes: number): AsyncGenerator<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of source) chunks.push(chunk as Buffer);
  const whole = Buffer.concat(chunks);
  const out = whole.readUInt32LE(0) === 0xfd2fb528 ? zlib.zstdDecompressSync(whole) : zlib.gunzipSync(whole);
  if (out.length > maxBytes) throw new StoreError("too large");
  yield out;
}

const options = { storeDir: "/nix/store", decompress };
function makeCache(): { cache: BinaryCache; directory: string } {
  const directory = `${scratch}/c${counter++}`;
  return { cache: new BinaryCache(new DirectoryCache(directory), options), directory };
}
const key = generateSecretKey("test-1");
const trustedKeys = [toPublicKey(key)];

function filled(): { store: MemoryStore; library: StorePath; out: StorePath } {
  const store = new MemoryStore();
  const library = store.addTextToStore("library", "library", []);
  const out = "/nix/store/1widj4nzdpw1mcgwkzip7zwpbhydzq50-out" as StorePath;
  addOutput(store, out, `uses ${library}`, [library]);
  return { store, library, out };
}

for (const compression of ["none", "zstd", "gzip"] as CacheCompression[])
  test(`there and back: ${compression}`, async () => {
    const { store, library, out } = filled();
    const { cache, directory } = makeCache();
    await cache.initialise();
    assert.equal(await cache.copyFrom(library, store, { compression }), true);
    assert.equal(await cache.copyFrom(out, store, { compression, keys: [key] }), true);
    assert.equal(await cache.copyFrom(out, store, { compression }), false);
    assert.match(fs.readFileSync(`${directory}/nix-cache-info`, "utf8"), /^StoreDir: \/nix\/store\n/);

    const fresh = new BinaryCache(new DirectoryCache(directory), options);
    const target = new MemoryStore();
    assert.equal(
      await fresh.queryNarInfo("/nix/store/00000000000000000000000000000000-x" as StorePath),
      undefined,
    );
    // The same hash under another name is not the path that was asked for.
    assert.equal(await fresh.queryNarInfo(`${out}-not` as StorePath), undefined);
    await fresh.copyTo(library, target, { trustedKeys });
    let done = 0;
    await fresh.copyTo(out, target, { trustedKeys, progress: (bytes) => (done = bytes) });
    assert.ok(done > 0);
    assert.deepEqual(narFrom(target, out), narFrom(store, out));
    assert.deepEqual(target.pathInfo(out).references, [library]);
    assert.equal(target.pathInfo(out).signatures.length, 1);
    assert.equal(target.pathInfo(out).ultimate, false);
    assert.deepEqual(
      fs
        .readdirSync(os.tmpdir())
        .filter(
          (name) =>
            name.startsWith("bruma-cache-") && !name.includes("-test-") && name.includes(`${process.pid}`),
        ),
      [],
    );
  });

test("what nobody trusted has signed is refused before it is fetched", async () => {
  const { store, library, out } = filled();
  const { cache, directory } = makeCache();
  await cache.initialise();
  await cache.copyFrom(library, store);
  await cache.copyFrom(out, store, { keys: [generateSecretKey("test-1")] });
  fs.rmSync(`${directory}/nar`, { recursive: true });
  const target = new MemoryStore();
  await assert.rejects(cache.copyTo(out, target, { trustedKeys }), /lacks a signature by a trusted key/);
  // A content-addressed path needs none; but now its archive is gone.
  await assert.rejects(cache.copyTo(library, target, { trustedKeys }), /cannot read 'nar\//);
  await assert.rejects(
    cache.copyTo("/nix/store/00000000000000000000000000000000-x" as StorePath, target),
    /is not in the binary cache/,
  );
  assert.deepEqual(target.queryAllValidPaths(), []);
});

test("caches that lie", async () => {
  const { store, library, out } = filled();
  const { cache, directory } = makeCache();
  await cache.initialise();
  await cache.copyFrom(library, store);
  await cache.copyFrom(out, store, { compression: "none" });
  const file = `${directory}/${storePathHashPart(out)}.narinfo`;
  const good = fs.readFileSync(file, "utf8");
  const attempt = async (text: string) => {
    fs.writeFileSync(file, text);
    const target = new MemoryStore();
    const again = new BinaryCache(new DirectoryCache(directory), options);
    await again.copyTo(library, target);
    try {
      await again.copyTo(out, target);
    } finally {
      assert.equal(target.isValidPath(out), false);
    }
  };
  const other = hashBytes("sha256", "other");
  await assert.rejects(
    attempt(good.replace(/FileHash: .*/, `FileHash: ${other.toPrefixedNix32()}`)),
    /does not have the hash/,
  );
  await assert.rejects(
    attempt(good.replace(/NarHash: .*/, `NarHash: ${other.toPrefixedNix32()}`)),
    ContentMismatchError,
  );
  await assert.rejects(attempt(good.replace(/NarSize: .*/, "NarSize: 7")), /size mismatch/);
  await assert.rejects(
    attempt(good.replace(/URL: .*/, "URL: ../../../etc/passwd")),
    /leads out of the cache/,
  );
  await assert.rejects(attempt(good.replace(/URL: .*/, "URL: /etc/passwd")), /leads out of the cache/);
  await assert.rejects(
    attempt(good.replace(/References: .*/, "References: 00000000000000000000000000000000-x")),
    /is not valid/,
  );
  await assert.rejects(attempt("garbage"), /is corrupt/);
});

test("caches of another store directory, and what is no cache", async () => {
  const { cache, directory } = makeCache();
  await assert.rejects(cache.info(), /does not appear to be a binary cache/);
  fs.mkdirSync(directory);
  fs.writeFileSync(`${directory}/nix-cache-info`, "StoreDir: /gnu/store\n");
  await assert.rejects(cache.info(), /is for Nix stores with prefix '\/gnu\/store'/);
  fs.writeFileSync(`${directory}/nix-cache-info`, "StoreDir: /nix/store\nWantMassQuery: 1\nPriority: 7\n");
  assert.deepEqual(await cache.info(), { storeDir: "/nix/store", wantMassQuery: true, priority: 7 });
});

test("a path whose files have changed is not spread", async () => {
  const { store, library } = filled();
  const { cache } = makeCache();
  await cache.initialise();
  store.setTree(library, { kind: "regular", contents: Buffer.from("meddled"), executable: false });
  await assert.rejects(cache.copyFrom(library, store), /has changed from/);
  assert.equal(await cache.queryNarInfo(library), undefined);
});
