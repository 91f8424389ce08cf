/** Progress: plain lines off a terminal, a list that leaves no trace on one, numbers for people. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { formatBytes, formatDuration, Progress } from "./progress.ts";

function recorder(isTTY: boolean) {
  let text = "";
  const write = (part: string) => {
    text += part;
  };
  return {
    target: { isTTY, columns: 60, rows: 20, write },
    text: () => text,
  };
}

test("sizes and times", () => {
  assert.deepEqual([0, 999, 1000, 12_345, 999_600, 85_000_000].map(formatBytes), [
    "0 B",
    "999 B",
    "1.0 kB",
    "12.3 kB",
    "1.0 MB",
    "85.0 MB",
  ]);
  assert.deepEqual([400, 12_000, 185_000].map(formatDuration), ["0.4 s", "12 s", "3 min 05 s"]);
});

test("off a terminal: lines without control sequences, and a summary", () => {
  const out = recorder(false);
  let clock = 0;
  const progress = new Progress({
    target: out.target,
    colour: false,
    showLogs: false,
    quiet: false,
    now: () => clock,
  });
  progress.sink({ kind: "fetch-start", id: 1, name: "a.tar.gz", url: "u", bytesTotal: 2_000_000 });
  progress.sink({ kind: "fetch-progress", id: 1, bytesDone: 2_000_000, bytesTotal: 2_000_000 });
  progress.sink({ kind: "fetch-end", id: 1, ok: true });
  progress.sink({ kind: "build-start", id: 2, name: "hello-1", drvPath: "d" });
  progress.sink({ kind: "build-log", id: 2, line: "noise" });
  clock = 3000;
  progress.sink({ kind: "build-end", id: 2, ok: true, seconds: 3 });
  progress.finish();
  assert.equal(
    out.text(),
    "fetching a.tar.gz (2.0 MB)\nbuilding hello-1\nbuilt hello-1 (3.0 s)\nbuilt 1, fetched 1 (2.0 MB) in 3.0 s\n",
  );
});

test("on a terminal: rows never wider than the window, erased at the end", () => {
  const out = recorder(true);
  let clock = 0;
  const progress = new Progress({
    target: out.target,
    colour: false,
    showLogs: false,
    quiet: false,
    now: () => clock,
  });
  clock = 1000;
  progress.sink({ kind: "build-start", id: 2, name: "x".repeat(200), drvPath: "d" });
  progress.sink({ kind: "build-phase", id: 2, phase: "buildPhase" });

  for (const row of out
    .text()
    .replace(/\x1b\[[0-9;]*[A-Za-z]/g, "")
    .split("\n"))
    assert.ok(row.length < 60, row);
  progress.finish();
  assert.ok(out.text().endsWith("\x1b[2A\x1b[J"), JSON.stringify(out.text().slice(-40)));
});

test("quiet says nothing", () => {
  const out = recorder(false);
  const progress = new Progress({ target: out.target, colour: false, showLogs: true, quiet: true });
  progress.sink({ kind: "build-start", id: 2, name: "hello-1", drvPath: "d" });
  progress.sink({ kind: "build-log", id: 2, line: "noise" });
  progress.finish();
  assert.equal(out.text(), "");
});

test("in a log, a long build is told of each half minute", () => {
  const out = recorder(false);
  let clock = 0;
  const progress = new Progress({
    target: out.target,
    colour: false,
    showLogs: false,
    quiet: false,
    now: () => clock,
  });
  progress.sink({ kind: "build-start", id: 1, name: "python3", drvPath: "d" });
  progress.sink({ kind: "build-phase", id: 1, phase: "buildPhase" });
  for (clock = 0; clock < 65_000; clock += 5_000) progress.tellOfLongBuilds();
  progress.sink({ kind: "build-end", id: 1, ok: true, seconds: 65 });
  assert.equal(
    out.text(),
    "building python3\nstill building python3 (30 s, buildPhase)\nstill building python3 (1 min 00 s, buildPhase)\nbuilt python3 (1 min 05 s)\n",
  );
});
