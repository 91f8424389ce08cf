/** Builds without a sandbox. They need a store whose logical paths are the physical ones, and a static busybox. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { BuildFixture, cannotBuild } from "./build-fixture.ts";
import { failuresOf } from "./result.ts";
import { buildPaths } from "./scheduler.ts";

describe("without a sandbox", { skip: cannotBuild() ?? false, concurrency: false }, () => {
  test("outputs are the same, and the builder sees the host", async () => {
    const fixture = new BuildFixture(true);
    try {
      const drv = fixture.add({
        name: "plain",
        env: { passAsFile: "text", text: "quo'te\n" },
        script:
          "set -e; $B/busybox cat $textPath >$out; $B/busybox ls / >&2; echo $NIX_BUILD_TOP $HOME $HOSTVARIABLE",
      });
      process.env.HOSTVARIABLE = "leaked";
      const results = await buildPaths([{ path: drv }], fixture.options({ sandbox: false }));
      assert.equal(results[0]?.status, "built", results[0]?.error?.message ?? "");
      assert.equal(readFileSync(fixture.output(drv), "utf8"), "quo'te\n");
      assert.ok(fixture.log.includes("usr"));
      assert.match(fixture.log.at(-1) ?? "", /^\/.*\/build \/homeless-shelter$/);
      assert.deepEqual(readdirSync(`${fixture.store.layout.stateDir}/builds`), []);
      assert.deepEqual(fixture.store.verify({ checkContents: true }).problems, []);
    } finally {
      fixture.close();
    }
  });

  test("a failure leaves no partial output; background processes are killed", async () => {
    const fixture = new BuildFixture(true);
    try {
      const marker = `sleep 7${process.pid}`;
      const drv = fixture.add({ name: "fails", script: `$B/busybox ${marker} & echo part >$out; exit 1` });
      const results = await buildPaths([{ path: drv }], fixture.options({ sandbox: false }));
      assert.match(failuresOf(results)[0]?.message ?? "", /builder failed with exit code 1/);
      assert.equal(existsSync(fixture.output(drv)), false);
      const left = readdirSync("/proc").filter((pid) => {
        try {
          return (
            /^\d+$/.test(pid) &&
            readFileSync(`/proc/${pid}/cmdline`, "latin1").replaceAll("\0", " ").includes(marker)
          );
        } catch {
          return false;
        }
      });
      assert.deepEqual(left, []);
    } finally {
      fixture.close();
    }
  });

  test("refused where the store lies elsewhere, and where a valid output would be overwritten", async () => {
    const elsewhere = new BuildFixture();
    const native = new BuildFixture(true);
    try {
      const away = elsewhere.add({ name: "a", script: "echo >$out" });
      const refused = await buildPaths([{ path: away }], elsewhere.options({ sandbox: false }));
      assert.match(
        failuresOf(refused)[0]?.message ?? "",
        /only possible where the store is '\/nix\/store' itself/,
      );
      const drv = native.add({ name: "a", script: "echo >$out" });
      await buildPaths([{ path: drv }], native.options({ sandbox: false }));
      const again = await buildPaths([{ path: drv }], native.options({ sandbox: false, mode: "check" }));
      assert.match(failuresOf(again)[0]?.message ?? "", /can be built again in a sandbox only/);
      assert.equal(existsSync(native.output(drv)), true);
    } finally {
      elsewhere.close();
      native.close();
    }
  });
});
