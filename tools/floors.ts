/**
 * Checks what ARCHITECTURE.md promises about the sources: imports go up the list of floors only, no import circles,
 * every file says its job first, files stay short, names say something, and no package registry is named.
 *
 * It reads files as text (imports are found by pattern): fast, no dependencies, and the pattern is all that our style
 * of imports needs. Type-only imports count for the order of floors and not for circles: they vanish at run time.
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

const floors = [
  "format",
  "language",
  "derivation",
  "store",
  "fetch",
  "build",
  "flake",
  "python",
  "shell",
  "web",
  "cli",
];

const maximumLines = 600;
/** Files that may be longer, each with its reason. */
const longFiles = new Map<string, string>([
  ["src/language/parser.ts", "one grammar, read by functions that call one another"],
  ["src/fetch/unpack.test.ts", "hostile archives, one after another"],
  ["test/differential/grammar.ts", "one grammar of expressions, its rules in one table"],
]);

const forbiddenNames = /^(utils?|helpers?|common|manager|misc|stuff|shared)\b/;

// Put together from parts, so that this file passes its own check.
const registryHosts = new RegExp(
  [
    ["py", "pi\\.", "org"],
    ["python", "hosted\\.", "org"],
    ["registry\\.np", "mjs\\.", "org"],
    ["npm", "js\\.", "com"],
    ["yarn", "pkg\\.", "com"],
    ["\\bdeb", "ian\\.", "org"],
    ["\\bdeb", "ian\\.", "net"],
    ["ubun", "tu\\.", "com"],
    ["crates", "\\.", "io"],
    ["ruby", "gems\\.", "org"],
    ["proxy\\.gol", "ang\\.", "org"],
    ["ana", "conda\\.", "org"],
    ["pack", "agist\\.", "org"],
    ["repo\\d?\\.mav", "en\\.", "apache"],
  ]
    .map((parts) => parts.join(""))
    .join("|"),
  "i",
);

const skippedDirectories = new Set(["node_modules", ".git", "dist", "result", ".bruma"]);

function filesBelow(directory: string): string[] {
  const found: string[] = [];
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (entry.name.startsWith("result")) continue;
    const path = join(directory, entry.name);
    if (entry.isDirectory()) {
      if (!skippedDirectories.has(entry.name)) found.push(...filesBelow(path));
    } else if (entry.isFile()) found.push(path);
  }
  return found;
}

const problems: string[] = [];
const importPattern =
  /^\s*(?:import|export)\s+(type\s)?(?:[^"';]*?\sfrom\s+)?"(\.[^"]+)"|\bimport\(\s*"(\.[^"]+)"\s*\)/gm;
/** What each source file needs at load time; lazy imports (`await import(…)`) close no circle. */
const loads = new Map<string, string[]>();

function checkSource(path: string, text: string): void {
  const name = path.split("/").at(-1)!;
  const body = text.startsWith("#!") ? text.slice(text.indexOf("\n") + 1) : text;
  if (!body.startsWith("/**"))
    problems.push(`${path}:1: the file does not open with a /** … */ block that says its job`);
  const lines = text.split("\n").length - 1;
  if (lines > maximumLines && !longFiles.has(path)) {
    problems.push(`${path}: ${lines} lines; more than ${maximumLines} need a reason in tools/floors.ts`);
  }
  if (forbiddenNames.test(name)) problems.push(`${path}: the name says nothing about what is in it`);
  const parts = path.split("/");
  const floor = parts[0] === "src" ? floors.indexOf(parts[1]!) : floors.length;
  if (parts[0] === "src" && floor < 0) problems.push(`${path}: not on any floor of ARCHITECTURE.md`);
  const needed: string[] = [];
  for (const match of text.matchAll(importPattern)) {
    const specifier = (match[2] ?? match[3])!;
    const target = normalize(join(dirname(path), specifier));
    if (!specifier.endsWith(".ts") && !specifier.endsWith(".json") && !specifier.endsWith(".mjs")) {
      problems.push(`${path}: the import of ${specifier} lacks its .ts`);
    }
    const targetParts = target.split("/");
    if (targetParts[0] === "src" && floors.indexOf(targetParts[1]!) > floor) {
      problems.push(`${path}: imports ${target}, which is a floor below its own`);
    }
    if (match[1] === undefined && match[3] === undefined) needed.push(target);
  }
  loads.set(path, needed);
}

function findCircles(): void {
  const state = new Map<string, "open" | "done">();
  const visit = (path: string, trail: string[]): void => {
    if (state.get(path) === "done" || !loads.has(path)) return;
    if (state.get(path) === "open") {
      problems.push(`import circle: ${[...trail.slice(trail.indexOf(path)), path].join(" → ")}`);
      return;
    }
    state.set(path, "open");
    for (const next of loads.get(path)!) visit(next, [...trail, path]);
    state.set(path, "done");
  };
  for (const path of loads.keys()) visit(path, []);
}

let sources = 0;
for (const absolute of filesBelow(root)) {
  const path = relative(root, absolute);
  const isSource = /^(src|tools|test|bench|channel)\/.*\.(ts|mjs)$/.test(path);
  const bytes = readFileSync(absolute);
  if (bytes.includes(0) || bytes.length > 4_000_000) continue;
  const text = bytes.toString("utf8");
  if (isSource) {
    sources++;
    checkSource(path, text);
  }
  const host = registryHosts.exec(text);
  if (host !== null) {
    const line = text.slice(0, host.index).split("\n").length;
    problems.push(
      `${path}:${line}: names a package registry's host; write mirror://… or leave it to the configuration`,
    );
  }
}
findCircles();

if (problems.length > 0) {
  process.stderr.write(`${problems.join("\n")}\nfloors: ${problems.length} problems\n`);
  process.exitCode = 1;
} else {
  process.stdout.write(`floors: ${sources} source files are in order\n`);
}
