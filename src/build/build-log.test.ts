/** Log lines, messages to the display, and the files of logs. */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { buildLogPath, findBuildLog, LogFile, LogLines, readBuildLog } from "./build-log.ts";

function collect(
  chunks: string[],
  keep = 25,
): { lines: string[]; phases: string[]; tail: readonly string[] } {
  const lines: string[] = [];
  const phases: string[] = [];
  const log = new LogLines(
    { onLine: (line) => lines.push(line), onPhase: (phase) => phases.push(phase) },
    keep,
  );
  for (const chunk of chunks) log.add(Buffer.from(chunk));
  log.end();
  return { lines, phases, tail: log.tail };
}

test("lines come out whole, wherever chunks are cut", () => {
  assert.deepEqual(collect(["a", "b\nc", "d\n", "\ne"]).lines, ["ab", "cd", "", "e"]);
  const bytes = Buffer.from("grüße\n");
  const lines: string[] = [];
  const log = new LogLines({ onLine: (line) => lines.push(line) });
  for (const byte of bytes) log.add(Buffer.from([byte]));
  assert.deepEqual(lines, ["grüße"]);
});

test("carriage returns overwrite, and end lines before newlines", () => {
  assert.deepEqual(collect(["10%\r50%\r100%\ndone\r\n"]).lines, ["100%", "done"]);
});

test("the tail keeps the last lines", () => {
  assert.deepEqual(collect(["1\n2\n3\n4\n"], 2).tail, ["3", "4"]);
});

test("phases are events, other messages are lines or nothing", () => {
  const { lines, phases } = collect([
    '@nix {"action":"setPhase","phase":"buildPhase"}\n',
    '@nix {"action":"msg","level":1,"msg":"hello"}\n',
    '@nix {"action":"start","id":1}\n',
    "@nix nonsense\n",
  ]);
  assert.deepEqual(phases, ["buildPhase"]);
  assert.deepEqual(lines, ["hello", "@nix nonsense"]);
});

test("a line without end does not grow for ever", () => {
  const { lines } = collect(["x".repeat(3 << 20)]);
  assert.equal(lines.join("").length, 3 << 20);
});

test("a log is plain while it is written and compressed afterwards", async () => {
  const directory = mkdtempSync(join(tmpdir(), "bruma-log-"));
  try {
    const drv = "/nix/store/abcdefghijklmnopqrstuvwxyz012345-x.drv";
    assert.equal(buildLogPath("/l", drv), "/l/drvs/ab/cdefghijklmnopqrstuvwxyz012345-x.drv");
    assert.equal(readBuildLog(directory, drv), undefined);
    const file = new LogFile(directory, drv);
    file.write(Buffer.from("first\n"));
    assert.equal(readBuildLog(directory, drv)?.toString(), "first\n");
    file.write(Buffer.from("second\xff\n", "latin1"));
    await file.finish();
    assert.equal(existsSync(buildLogPath(directory, drv)), false);
    assert.equal(findBuildLog(directory, drv)?.compressed, true);
    assert.equal(readBuildLog(directory, drv)?.toString("latin1"), "first\nsecond\xff\n");
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("a log directory that cannot be written does no harm", async () => {
  const file = new LogFile("/dev/null/none", "abcdef-x.drv");
  file.write(Buffer.from("x"));
  await file.finish();
});
