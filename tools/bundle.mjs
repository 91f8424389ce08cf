/**
 * Puts `src/cli/main.ts` and all it needs into one file, `dist/bruma.cjs`, with `start.cjs`, which loads it, beside it.
 *
 * The launcher calls it when a source is newer than the bundle. It writes beside the old bundle and renames, so that
 * a program started meanwhile finds one or the other whole. Plain JavaScript: it runs before anything is built.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, transform } from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const target = join(root, "dist");
const fresh = join(root, "dist", `.new-${process.pid}`);
// The bundle is as new as the sources read, not as the moment of writing: an edit during the build counts.
const started = new Date();

/**
 * Node's own modules that cost milliseconds to load become proxies that load them when something is first taken from
 * them: `bruma eval` hashes nothing, compresses nothing and starts no process.
 */
const costly =
  /^node:(crypto|child_process|worker_threads|perf_hooks|sqlite|zlib|https?|net|tls|dns(\/promises)?|stream(\/.*)?|readline(\/.*)?|tty|events|util|url|os|timers\/promises|fs\/promises)$/;
const lazyBuiltins = {
  name: "lazy-builtins",
  setup(build) {
    build.onResolve({ filter: costly }, ({ path }) => ({ path, namespace: "lazy-builtin" }));
    build.onLoad({ filter: /.*/, namespace: "lazy-builtin" }, ({ path }) => ({
      // The importer's view inherits from the module's prototype, so lookups that fail on the view reach the proxy.
      contents: `let loaded;
module.exports = Object.create(new Proxy({}, {
  get(_, name) { loaded ??= process.getBuiltinModule(${JSON.stringify(path)}); return loaded[name]; },
  has(_, name) { loaded ??= process.getBuiltinModule(${JSON.stringify(path)}); return name in loaded; },
}));`,
      loader: "js",
    }));
  },
};

/**
 * Node's other modules are taken from by name: esbuild's own way copies each of them, a getter for a function, into
 * every file that imports it whole.
 */
const plainBuiltins = {
  name: "plain-builtins",
  setup(build) {
    build.onResolve({ filter: /^node:/ }, ({ path }) => ({ path, namespace: "plain-builtin" }));
    build.onLoad({ filter: /.*/, namespace: "plain-builtin" }, async ({ path }) => {
      const whole = process.getBuiltinModule(path);
      // Not what loads another module when it is taken (`fs.promises`).
      const names = Object.entries(Object.getOwnPropertyDescriptors(whole))
        .filter(([name, { get }]) => get === undefined && /^(?!default$)[A-Za-z_$][\w$]*$/.test(name))
        .map(([name]) => name);
      // What nobody uses is dropped, for the call is said to have no effect.
      const lines = names.map(
        (name) => `export const ${name} = /* @__PURE__ */ take(${JSON.stringify(name)});`,
      );
      return {
        contents: `const whole = process.getBuiltinModule(${JSON.stringify(path)});
const take = (name) => whole[name];
${lines.join("\n")}
export default whole;`,
        loader: "js",
      };
    });
  },
};

/** What a text's tree depends on: trees kept by an earlier program are not taken where one of these has changed. */
function parserVersion() {
  const language = join(root, "src", "language");
  const names = [
    ...["ast", "bindings", "compile-attrs", "indented-string", "kept-files", "kept-tree", "kept-tree-writer"],
    ...["lexer", "parser", "scope", "sorted-order", "token"],
  ];
  const hash = createHash("sha256");
  for (const name of names) hash.update(readFileSync(join(language, `${name}.ts`)));
  return hash.digest("hex").slice(0, 16);
}

mkdirSync(target, { recursive: true });
try {
  await build({
    absWorkingDir: root,
    entryPoints: { bruma: "src/cli/main.ts" },
    outdir: fresh,
    outExtension: { ".js": ".cjs" },
    bundle: true,
    // One CommonJS file: Node finds, checks and links it in a third of the time that ES modules take. Modules behind
    // a lazy import() are still run only when they are asked for.
    format: "cjs",
    platform: "node",
    target: "node24",
    // Names stay: they appear in error reports. White space goes: V8 reads the file at every start.
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: "none",
    external: ["@napi-rs/lzma"],
    // A class's fields are made where the constructor sets them: declared ones would be defined first, by a function
    // of their own that is called for each new object, which is a third of the cost of making a thunk.
    tsconfigRaw: { compilerOptions: { useDefineForClassFields: false } },
    define: { "import.meta.dirname": "__dirname", parserVersion: JSON.stringify(parserVersion()) },
    plugins: [lazyBuiltins, plainBuiltins],
    logLevel: "error",
  });
  // Read at every start, too, and nothing of it is kept compiled.
  const start = readFileSync(join(root, "tools", "start.cjs"), "utf8");
  const small = await transform(start, { minify: true, platform: "node", target: "node24" });
  writeFileSync(join(fresh, "start.cjs"), small.code);
  renameSync(join(fresh, "start.cjs"), join(target, "start.cjs"));
  // One function, as Node makes of a CommonJS file: made here, start.cjs need not copy the text. Its compiled code is
  // found again by the mark at the end.
  const code = readFileSync(join(fresh, "bruma.cjs"), "utf8");
  const hash = createHash("sha256").update(code).digest("hex");
  const whole = `(function(exports,require,module,__filename,__dirname){${code}})\n//# ${hash.slice(0, 32)}\n`;
  writeFileSync(join(fresh, "bruma.cjs"), whole);
  utimesSync(join(fresh, "bruma.cjs"), started, started);
  renameSync(join(fresh, "bruma.cjs"), join(target, "bruma.cjs"));
} catch (error) {
  if (!Array.isArray(error?.errors)) throw error;
  process.exitCode = 1;
} finally {
  rmSync(fresh, { recursive: true, force: true });
}
