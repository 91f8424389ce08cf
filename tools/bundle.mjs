/**
 * Puts `src/cli/main.ts` and all it needs into `dist/`: one entry, and chunks for what only some commands need.
 *
 * The launcher calls it when a source is newer than the bundle. It writes beside the old bundle and renames, so that
 * a program started meanwhile finds one or the other whole. Plain JavaScript: it runs before anything is built.
 */
import { mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const target = join(root, "dist");
const fresh = join(root, "dist", `.new-${process.pid}`);
// The bundle is as new as the sources read, not as the moment of writing: an edit during the build counts.
const started = new Date();

mkdirSync(target, { recursive: true });
try {
  await build({
    absWorkingDir: root,
    entryPoints: { bruma: "src/cli/main.ts" },
    outdir: fresh,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    chunkNames: "part-[hash]",
    format: "esm",
    platform: "node",
    target: "node24",
    // Names stay: they appear in error reports. White space goes: V8 reads the file at every start.
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: "none",
    external: ["@napi-rs/lzma"],
    banner: {
      js: 'import{createRequire as __bruma_require}from"node:module";const require=__bruma_require(import.meta.url);',
    },
    logLevel: "error",
  });
  const names = readdirSync(fresh);
  // Chunks first, the entry last: it names the others.
  for (const name of names.filter((name) => name !== "bruma.mjs")) {
    renameSync(join(fresh, name), join(target, name));
  }
  utimesSync(join(fresh, "bruma.mjs"), started, started);
  renameSync(join(fresh, "bruma.mjs"), join(target, "bruma.mjs"));
  for (const name of readdirSync(target)) {
    // A program that still runs may yet ask for one of its chunks: old ones stay for an hour.
    const old = name.startsWith("part-") && !names.includes(name);
    if (old && started.getTime() - statSync(join(target, name)).mtimeMs > 3_600_000)
      rmSync(join(target, name));
  }
} catch (error) {
  if (!Array.isArray(error?.errors)) throw error;
  process.exitCode = 1;
} finally {
  rmSync(fresh, { recursive: true, force: true });
}
