/** Pipes for builders: both kinds carry bytes, end, and can be opened again by way of /proc. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { closeSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { makeFifo, makePipe, type Pipe } from "./pipe.ts";

const kinds: [string, (directory: string) => Pipe][] = [
  ["a pipe", (directory) => makePipe(directory, undefined)],
  ["a FIFO", (directory) => makeFifo(join(directory, "output"))],
];

for (const [name, make] of kinds) {
  test(name, { skip: process.platform === "linux" ? false : "for Linux" }, async () => {
    const directory = mkdtempSync(join(tmpdir(), "bruma-pipe-"));
    try {
      const { reader, writer } = make(directory);
      assert.deepEqual(readdirSync(directory), []);
      const script =
        "echo one; echo two >/dev/stderr; echo three >/proc/self/fd/1; ls -l /proc/self/fd | grep -c pipe";
      const child = spawn("/bin/sh", ["-c", script], { stdio: ["ignore", writer, writer] });
      closeSync(writer);
      const chunks: Buffer[] = [];
      const output = new Socket({ fd: reader, readable: true, writable: false });
      output.on("data", (chunk: Buffer) => chunks.push(chunk));
      await Promise.all([
        new Promise((resolve) => output.on("close", resolve)),
        new Promise((resolve) => child.on("exit", resolve)),
      ]);
      assert.match(Buffer.concat(chunks).toString(), /^one\ntwo\nthree\n\d\n$/);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
}
