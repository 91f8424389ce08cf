/**
 * Binary caches shared with real Nix: what it wrote and signed we read, over files and over HTTP; what we wrote and
 * signed it reads. Needs `nix` (installed by apt where that is missing and we are root).
 */
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as http from "node:http";
import * as os from "node:os";
import * as path from "node:path";
import { after, before, test } from "node:test";
import { openBinaryCache } from "../../src/fetch/open-cache.ts";
import { fetchSettings } from "../../src/fetch/settings.ts";
import {
  generateSecretKey,
  parsePublicKey,
  printPublicKey,
  printSecretKey,
  toPublicKey,
} from "../../src/format/signature.ts";
import type { StorePath } from "../../src/format/store-path.ts";
import { removeTree } from "../../src/store/canonical.ts";
import { layoutBelow } from "../../src/store/layout.ts";
import { LocalStore } from "../../src/store/local-store.ts";
import { addOutput, instantiate } from "../../src/store/store-contract.ts";
import { realNix } from "../real-nix.ts";

const nix = realNix();
const skip = nix === undefined && "no nix, and none could be installed";
let scratch = "";
before(() => {
  scratch = fs.mkdtempSync(path.join(os.tmpdir(), "bruma-caches-"));
});
after(() => removeTree(scratch));

const features = ["--extra-experimental-features", "nix-command"];
const open = (address: string) =>
  openBinaryCache(address, {
    storeDir: "/nix/store",
    settings: fetchSettings({ cacheDirectory: `${scratch}/fetched` }),
  });

function fill(root: string): { store: LocalStore; paths: StorePath[] } {
  const store = new LocalStore(layoutBelow(root));
  const library = store.addTextToStore("library", "library", []);
  const { drvPath, outputs } = instantiate(store, "pkg");
  const out = outputs.get("out")!;
  addOutput(store, out, `I am ${out} and use ${library}`, [out, library], drvPath);
  // Not the derivation: for the commands of real Nix its path means its outputs.
  return { store, paths: [library, out] };
}

async function copyAll(
  address: string,
  paths: readonly StorePath[],
  publicKey: string,
  root: string,
): Promise<void> {
  const cache = open(address);
  const store = new LocalStore(layoutBelow(root));
  const trustedKeys = [parsePublicKey(publicKey)];
  for (const path of paths) await cache.copyTo(path, store, { trustedKeys });
  assert.deepEqual(store.verify({ checkContents: true }).problems, []);
  for (const path of paths) assert.ok(store.isValidPath(path));
  store.close();
  nix!.store(["--verify", "--check-contents"], root);
}

test("a cache that real Nix made and signed", { skip }, async () => {
  const { store, paths } = fill(`${scratch}/source`);
  store.close();
  const key = generateSecretKey("real-1");
  fs.writeFileSync(`${scratch}/key`, printSecretKey(key));
  const publicKey = printPublicKey(toPublicKey(key));
  for (const compression of ["none", "xz", "zstd", "gzip", "bzip2"]) {
    const address = `file://${scratch}/cache-${compression}`;
    nix!.run(
      "nix",
      [
        ...features,
        "copy",
        "--to",
        `${address}?compression=${compression}&secret-key=${scratch}/key`,
        ...paths,
      ],
      `${scratch}/source`,
    );
    await copyAll(address, paths, publicKey, `${scratch}/target-${compression}`);
  }
  const wrong = printPublicKey(toPublicKey(generateSecretKey("real-1")));
  await assert.rejects(
    copyAll(`file://${scratch}/cache-xz`, paths, wrong, `${scratch}/target-wrong`),
    /lacks a signature/,
  );
  // The same over HTTP.
  const server = http.createServer((request, response) => {
    fs.readFile(`${scratch}/cache-xz${request.url}`, (error, data) => {
      response.writeHead(error ? 404 : 200);
      response.end(error ? "" : data);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const { port } = server.address() as { port: number };
    await copyAll(`http://127.0.0.1:${port}`, paths, publicKey, `${scratch}/target-http`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test("real Nix reads a cache that we made and signed", { skip }, async () => {
  const { store, paths } = fill(`${scratch}/ours`);
  const key = generateSecretKey("ours-1");
  for (const compression of ["none", "zstd", "gzip", "xz"] as const) {
    const directory = `${scratch}/our-cache-${compression}`;
    const cache = open(directory);
    await cache.initialise();
    for (const path of paths) await cache.copyFrom(path, store, { compression, keys: [key] });
    const root = `${scratch}/nix-target-${compression}`;
    nix!.run(
      "nix",
      [
        ...features,
        "--option",
        "trusted-public-keys",
        printPublicKey(toPublicKey(key)),
        "copy",
        "--from",
        `file://${directory}`,
        "--to",
        `local?root=${root}`,
        ...paths,
      ],
      `${scratch}/unused`,
    );
    nix!.store(["--verify", "--check-contents"], root);
    const theirs = new LocalStore(layoutBelow(root));
    for (const path of paths)
      assert.deepEqual(theirs.pathInfo(path).references, store.pathInfo(path).references);
    theirs.close();
  }
  store.close();
});
