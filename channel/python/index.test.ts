/**
 * The index as data: complete, closed, pinned, small, and free of addresses.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";

interface Entry {
  readonly v: string;
  readonly w?: readonly [string, string];
  readonly a?: readonly [string, string] | false;
  readonly d: readonly string[];
  readonly e?: readonly string[];
}

const here = import.meta.dirname;
const read = (name: string) => readFileSync(join(here, name), "utf8");
const versions = readdirSync(here).flatMap((name) => /^index-(.*)\.json$/.exec(name)?.[1] ?? []);
const wanted = read("wanted.txt")
  .split("\n")
  .flatMap((line) => (/^[a-z]/.test(line) ? [line] : []));

test("there are sets for 3.13 and 3.11", () => {
  assert.ok(versions.includes("3.13") && versions.includes("3.11"), versions.join());
});

for (const version of versions) {
  describe(`index-${version}.json`, () => {
    const text = read(`index-${version}.json`);
    const index = JSON.parse(text) as Record<string, Entry>;
    const details = JSON.parse(read(`details-${version}.json`)) as Record<string, Record<string, unknown>>;

    test("is small enough to be read at every evaluation", () => {
      assert.ok(statSync(join(here, `index-${version}.json`)).size < 400_000);
    });

    test("names no host", () => {
      const files = Object.values(details).map(({ s, m, x }) => [s, m, x]);
      assert.ok(!(text + JSON.stringify(files)).includes("://"));
    });

    test("is sorted, normalised and pinned", () => {
      const names = Object.keys(index);
      assert.deepEqual(names, [...names].sort());
      assert.deepEqual(Object.keys(details), names);
      for (const [name, entry] of Object.entries(index)) {
        assert.match(name, /^[a-z0-9]+(-[a-z0-9]+)*$/);
        for (const file of [entry.w, entry.a]) {
          if (!file) continue;
          assert.equal(Buffer.from(file[1], "base64").length, 32, name);
          assert.match(file[0], /^[A-Za-z0-9_.+-]+$/, name);
        }
        assert.ok(entry.w ?? entry.a, `${name} has no wheel at all`);
      }
    });

    test("is closed: whatever is needed is in it", () => {
      for (const [name, entry] of Object.entries(index))
        for (const other of [...entry.d, ...(entry.e ?? [])])
          assert.ok(other in index, `${name} needs ${other}`);
      for (const [name, detail] of Object.entries(details))
        for (const names of Object.values((detail.x ?? {}) as Record<string, string[]>))
          for (const other of names) assert.ok(other in index, `${name} names ${other} in an extra`);
    });

    test("holds what is wanted, or left-out.txt says why not", () => {
      const report = read("left-out.txt");
      const section = report.split(`## Python ${version}\n`)[1]?.split("\n## ")[0] ?? "";
      for (const line of wanted) {
        const name = /^[a-z0-9._-]+/.exec(line)![0].replace(/[._-]+/g, "-");
        assert.ok(name in index || section.includes(`${name}: `), name);
      }
      assert.ok(wanted.filter((line) => /^[a-z0-9-]+/.exec(line)![0] in index).length >= 160);
    });
  });
}
