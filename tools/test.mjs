/**
 * Runs the tests: quick ones first, then `*.slow.test.ts`, which need a network, Nix, namespaces or minutes.
 *
 *     node tools/test.mjs [--fast] [PATTERN…]      PATTERN: part of a test file's path
 *
 * Its last line is always `N passed, M failed, K skipped`; the exit status is 1 when anything failed, or when no
 * test was found. Plain JavaScript, so that an older Node gives a clear message and not a syntax error.
 */
import { globSync, readFileSync } from "node:fs";
import { cpus } from "node:os";
import { dirname, relative } from "node:path";
import { run } from "node:test";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
process.chdir(root);
const colour = process.stdout.isTTY && !process.env.NO_COLOR;
const paint = (code, text) => (colour ? `\x1b[${code}m${text}\x1b[0m` : text);

const patterns = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const fastOnly = process.argv.includes("--fast");
const all = globSync(
  [
    "src/**/*.test.ts",
    "test/**/*.test.ts",
    "tools/**/*.test.ts",
    "channel/**/*.test.ts",
    "bench/**/*.test.ts",
  ],
  {
    exclude: (name) => /node_modules/.test(typeof name === "string" ? name : name.name),
  },
)
  .filter((file) => patterns.length === 0 || patterns.some((pattern) => file.includes(pattern)))
  .sort();
const slow = all.filter((file) => file.endsWith(".slow.test.ts"));
const fast = all.filter((file) => !slow.includes(file));

let passed = 0;
let failed = 0;
let skipped = 0;
const failures = [];

function describe(error) {
  const cause = error?.cause ?? error;
  return String(cause?.stack ?? cause?.message ?? cause);
}

/** Tests get the deep stack that the launcher gives the program, as far as this process's own limit goes. */
function stackFlags() {
  let limit;
  try {
    limit = /^Max stack size +(\S+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1];
  } catch {
    // no /proc: the default has to do
  }
  if (limit === undefined) return [];
  const kilobytes = limit === "unlimited" ? 1_000_000 : Math.floor((Number(limit) / 1024) * 0.875);
  return [`--stack-size=${Math.min(kilobytes, 1_000_000)}`];
}

function runFiles(files, concurrency) {
  return new Promise((resolve) => {
    const perFile = new Map();
    const stream = run({ files, concurrency, isolation: "process", execArgv: stackFlags() });
    const count = (file) => {
      const key = file ?? "?";
      if (!perFile.has(key)) perFile.set(key, { passed: 0, failed: 0, skipped: 0, milliseconds: 0 });
      return perFile.get(key);
    };
    stream.on("test:pass", (data) => {
      if (data.details.type === "suite") return;
      const file = count(data.file);
      if (data.skip !== undefined) {
        file.skipped++;
        skipped++;
        const reason = typeof data.skip === "string" && data.skip !== "" ? data.skip : "no reason given";
        process.stdout.write(`${paint(33, "skipped")} ${data.name}: ${reason}\n`);
        return;
      }
      file.passed++;
      passed++;
    });
    stream.on("test:fail", (data) => {
      const reason = data.details.error?.failureType;
      // A suite whose tests failed repeats what was told already.
      if (data.todo !== undefined || reason === "subtestsFailed") return;
      count(data.file).failed++;
      failed++;
      const place = data.file === undefined ? "" : `${relative(root, data.file)}:${data.line ?? 1}`;
      const text = `${paint(31, "FAILED")} ${data.name} (${place})\n${describe(data.details.error)}\n`;
      failures.push(text);
      process.stdout.write(text);
    });
    stream.on("test:stderr", (data) => process.stderr.write(data.message));
    stream.on("test:stdout", (data) => process.stdout.write(data.message));
    stream.on("test:summary", (data) => {
      if (data.file === undefined) return;
      const file = count(data.file);
      const milliseconds = Math.round(data.duration_ms);
      const mark = file.failed > 0 ? paint(31, "✗") : paint(32, "✓");
      const detail = `${file.passed} passed${file.failed > 0 ? `, ${file.failed} failed` : ""}${file.skipped > 0 ? `, ${file.skipped} skipped` : ""}`;
      process.stdout.write(`${mark} ${relative(root, data.file)}: ${detail} (${milliseconds} ms)\n`);
    });
    stream.on("end", resolve);
    stream.resume();
  });
}

if (all.length === 0) {
  process.stderr.write("no test file matches\n");
  process.exitCode = 1;
} else {
  if (fast.length > 0) await runFiles(fast, Math.max(1, cpus().length));
  if (slow.length > 0 && !fastOnly) await runFiles(slow, 1);
  if (failures.length > 0)
    process.stdout.write(`\n${failures.length} failures, once more:\n${failures.join("")}`);
  process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
}
process.stdout.write(`${passed} passed, ${failed} failed, ${skipped} skipped\n`);
