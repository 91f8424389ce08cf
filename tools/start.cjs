/**
 * What the launcher runs: loads the bundle beside it, with the code that V8 compiled in earlier runs.
 *
 * Node's own compile cache is written before anything has run and holds only what V8 compiles at once; each function
 * that is called later is compiled again in every process, a quarter of the time of an evaluation. Here the code is
 * kept when a run ends: one file for each command (they use different parts of the program), made anew a few times
 * when a run took much longer than the one that made it, for then it used more. The very first run of a command often
 * does what later ones find done, and reading code that is not used costs a hundredth: if the second takes much less
 * time, the third compiles what it needs, and that is kept. V8 itself refuses code of another version or other flags; it
 * does not compare the text, so the bundle's hash, its last line, is in the file's name. BRUMA_COMPILE_CACHE names the
 * folder, which must be the user's own; without it the bundle is just run.
 */
"use strict";
const fs = require("node:fs");
const { Script, constants } = require("node:vm");

const bundle = `${__dirname}/bruma.cjs`;
const source = fs.readFileSync(bundle, "utf8");
const folder = process.env.BRUMA_COMPILE_CACHE;
const mark = /\/\/# ([0-9a-f]{32})\s*$/.exec(source.slice(-64))?.[1];
const words = process.argv.slice(2, /^(bruma|nix)$/.test(process.argv[2]) ? 4 : 3);
const stack = /^--stack-size=(\d+)$/.exec(process.execArgv[0] ?? "")?.[1] ?? "";
const kept =
  folder && mark && words.every((word) => /^[a-z_-]{1,40}$/.test(word))
    ? `${folder}/${mark}-${process.version}-${process.arch}-${stack}-${words.join("-")}`
    : undefined;

/** Times that a file is made anew at most. */
const generations = 5;
/** The one without code, after the first. */
const empty = 2;
/** Behind the code: generation, milliseconds of processor time of the run that made it. */
const trailer = 8;
/** What has not been made anew for so long (milliseconds) belongs to a bundle that is gone, most likely. */
const oldAge = 30 * 24 * 3600 * 1000;

let cachedData;
let generation = 0;
let worth = 0;
if (kept !== undefined) {
  try {
    const file = fs.readFileSync(kept);
    if (file.length > trailer) cachedData = file.subarray(0, file.length - trailer);
    generation = file.readUInt32LE(file.length - trailer);
    worth = file.readUInt32LE(file.length - trailer + 4);
  } catch {
    // None yet, or cut off: it will be made.
    cachedData = undefined;
  }
}
const script = new Script(source, {
  filename: bundle,
  cachedData,
  importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
});
if (cachedData === undefined || script.cachedDataRejected) {
  generation = cachedData === undefined && generation === empty ? empty : 0;
  worth = 0;
}

let done = false;
/** Called when the process is about to end, or to become another program. */
function keepCode() {
  if (done || kept === undefined || generation >= generations || process.exitCode) return;
  done = true;
  const { user, system } = process.cpuUsage();
  const spent = Math.ceil((user + system) / 1000);
  // On a busy machine the same work may well take half as long again.
  if (spent >= worth * 1.7) write(spent, true);
  else if (generation === 1 && spent * 1.7 < worth) write(spent, false);
}

/** For itself: this is compiled in every run that comes here, and few do. */
function write(spent, code) {
  try {
    // The program's own changes of V8's flags are taken back: V8 compares them with those that a run begins with.
    globalThis[Symbol.for("bruma.flagsAsGiven")]?.();
    const end = Buffer.alloc(trailer);
    end.writeUInt32LE(generation + 1, 0);
    end.writeUInt32LE(spent, 4);
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    const fresh = `${folder}/.${process.pid}`;
    // V8 takes the code unseen: a power loss must not leave pages of zeros under the final name.
    fs.writeFileSync(fresh, code ? Buffer.concat([script.createCachedData(), end]) : end, {
      mode: 0o600,
      flush: true,
    });
    fs.renameSync(fresh, kept);
    for (const name of fs.readdirSync(folder)) {
      // Nothing but what was written here, whatever folder the variable names.
      if (!/^([0-9a-f]{32}-v[\d.]+-|\.\d+$)/.test(name)) continue;
      const path = `${folder}/${name}`;
      if (Date.now() - fs.lstatSync(path).mtimeMs > oldAge) fs.rmSync(path, { force: true });
    }
  } catch {
    // A full disk, a folder of somebody else: the next run compiles again.
  }
}
process.once("exit", keepCode);
globalThis[Symbol.for("bruma.keepCode")] = keepCode;

script.runInThisContext()(exports, require, module, bundle, __dirname);
