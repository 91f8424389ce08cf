/** Removing trees that were made to stay. */
import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { toBuffer } from "../format/bytes.ts";
import { removeTree } from "./remove-tree.ts";

function inTemporary(work: (directory: string) => void): void {
  const directory = mkdtempSync(join(tmpdir(), "bruma-rm-"));
  try {
    work(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

test("nothing there is no error; files and links go, not what links point to", () => {
  inTemporary((directory) => {
    removeTree(`${directory}/none`);
    writeFileSync(`${directory}/canary`, "alive");
    symlinkSync(`${directory}/canary`, `${directory}/link`);
    removeTree(`${directory}/link`);
    assert.equal(readFileSync(`${directory}/canary`, "utf8"), "alive");
    removeTree(`${directory}/canary`);
    assert.equal(existsSync(`${directory}/canary`), false);
  });
});

test("directories without permissions", () => {
  inTemporary((directory) => {
    mkdirSync(`${directory}/top/a/b/c`, { recursive: true });
    writeFileSync(`${directory}/top/a/b/file`, "");
    for (const path of ["top/a/b/c", "top/a/b", "top/a", "top"]) chmodSync(`${directory}/${path}`, 0);
    removeTree(`${directory}/top`);
    assert.equal(existsSync(`${directory}/top`), false);
  });
});

test("links inside lead nowhere", () => {
  inTemporary((directory) => {
    mkdirSync(`${directory}/outside`);
    writeFileSync(`${directory}/outside/canary`, "alive");
    mkdirSync(`${directory}/top/sub`, { recursive: true });
    symlinkSync(`${directory}/outside`, `${directory}/top/sub/link`);
    symlinkSync("/", `${directory}/top/root`);
    removeTree(`${directory}/top`);
    assert.equal(readFileSync(`${directory}/outside/canary`, "utf8"), "alive");
  });
});

test("a tree deeper than any path", () => {
  inTemporary((directory) => {
    const here = process.cwd();
    const name = "d".repeat(200);
    mkdirSync(`${directory}/top`);
    try {
      process.chdir(`${directory}/top`);
      for (let depth = 0; depth < 60; depth++) {
        mkdirSync(name);
        process.chdir(name);
      }
    } finally {
      process.chdir(here);
    }
    removeTree(`${directory}/top`);
    assert.equal(existsSync(`${directory}/top`), false);
  });
});

test("names that are not text", () => {
  inTemporary((directory) => {
    mkdirSync(toBuffer(`${directory}/top/\xff\xfe/\x80`), { recursive: true });
    removeTree(`${directory}/top`);
    assert.equal(existsSync(`${directory}/top`), false);
  });
});
