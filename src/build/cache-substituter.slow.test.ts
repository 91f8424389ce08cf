/**
 * Builds answered by a binary cache in a directory. Needs what scheduler.slow.test.ts needs, to build what goes there.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { decompress } from "../fetch/decompress.ts";
import { generateSecretKey, type PublicKey, toPublicKey } from "../format/signature.ts";
import type { StorePath } from "../format/store-path.ts";
import { BinaryCache } from "../store/binary-cache.ts";
import { DirectoryCache } from "../store/cache-files.ts";
import { BuildFixture, cannotBuild } from "./build-fixture.ts";
import { cacheSubstituter } from "./cache-substituter.ts";
import { buildPaths, planOf } from "./scheduler.ts";

describe("substitution", { skip: cannotBuild() ?? false, concurrency: false }, () => {
  let here: BuildFixture;
  let elsewhere: BuildFixture;
  let cache: BinaryCache;
  let directory: string;
  let drv: StorePath;
  const key = generateSecretKey("test-1");

  beforeEach(async () => {
    here = new BuildFixture();
    elsewhere = new BuildFixture();
    directory = join(elsewhere.root, "cache");
    cache = new BinaryCache(new DirectoryCache(directory), { storeDir: here.store.storeDir, decompress });
    const add = (fixture: BuildFixture) => {
      const a = fixture.add({
        name: "a",
        script: "echo $B >$out; $B/busybox cat /proc/sys/kernel/random/uuid >>$out",
      });
      return fixture.add({
        name: "b",
        inputs: [a],
        env: { A: fixture.output(a) },
        script: "echo $A $out >$out",
      });
    };
    drv = add(elsewhere);
    assert.equal(add(here), drv);
    await buildPaths([{ path: drv }], elsewhere.options());
    await cache.initialise();
    for (const path of elsewhere.store.computeClosure([elsewhere.output(drv)])) {
      await cache.copyFrom(path, elsewhere.store, { keys: [key] });
    }
  });
  afterEach(() => {
    assert.deepEqual(here.store.verify({ checkContents: true }).problems, []);
    here.close();
    elsewhere.close();
  });

  const from = (keys: readonly PublicKey[] | undefined) => {
    const fresh = new BinaryCache(new DirectoryCache(directory), {
      storeDir: here.store.storeDir,
      decompress,
    });
    return here.options({
      substituters: [cacheSubstituter({ cache: fresh, store: here.store, trustedKeys: keys })],
    });
  };
  const trusted = [toPublicKey(key)];

  test("a path and what it refers to come from the cache, not from a builder", async () => {
    const plan = await planOf([{ path: drv }], from(trusted));
    assert.equal(plan.builds.length, 0);
    assert.equal(plan.substitutes.length, 2);
    assert.ok(plan.downloadSize > 0);
    const results = await buildPaths([{ path: drv }], from(trusted));
    assert.equal(results[0]?.status, "substituted");
    const path = here.output(drv);
    assert.deepEqual(readFileSync(here.physical(path)), readFileSync(elsewhere.physical(path)));
    assert.deepEqual(here.store.pathInfo(path).references, elsewhere.store.pathInfo(path).references);
    assert.ok(!here.events.some((event) => event.kind === "build-start"));
  });

  test("without a trusted signature it is built", async () => {
    const stranger = toPublicKey(generateSecretKey("other-1"));
    const results = await buildPaths([{ path: drv }], from([stranger]));
    assert.equal(results[0]?.status, "built");
  });

  test("a damaged file in the cache is refused, and the path is built", async () => {
    for (const name of readdirSync(join(directory, "nar")))
      writeFileSync(join(directory, "nar", name), "nonsense");
    const results = await buildPaths([{ path: drv }], from(trusted));
    assert.equal(results[0]?.status, "built");
    assert.ok(here.events.some((event) => event.kind === "notice" && /going on without it/.test(event.text)));
  });

  test("a cache that has only the input saves building that", async () => {
    const outputs = readdirSync(directory).filter((name) => name.startsWith(here.output(drv).slice(11, 43)));
    assert.equal(outputs.length, 1);
    const { rmSync } = await import("node:fs");
    rmSync(join(directory, outputs[0] as string));
    const results = await buildPaths([{ path: drv }], from(trusted));
    assert.equal(results[0]?.status, "built");
    assert.deepEqual(
      here.events.flatMap((event) => (event.kind === "build-start" ? [event.name] : [])),
      ["b"],
    );
  });

  test("derivations that do not want substitutes are built", async () => {
    const own = here.add({ name: "own", env: { allowSubstitutes: "" }, script: "echo own >$out" });
    assert.equal(
      elsewhere.add({ name: "own", env: { allowSubstitutes: "" }, script: "echo own >$out" }),
      own,
    );
    await buildPaths([{ path: own }], elsewhere.options());
    await cache.copyFrom(here.output(own), elsewhere.store, { keys: [key] });
    assert.equal((await buildPaths([{ path: own }], from(trusted)))[0]?.status, "built");
  });
});
