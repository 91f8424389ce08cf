/**
 * What changes when a run turns out to be long: V8's settings, and what is left of its start in memory.
 *
 * Most of a short evaluation's code is called a few hundred times only, and V8's quick compiler (Maglev) is three
 * megabytes of the executable that nothing else touches. So V8 counts calls as always, but optimises nothing of an
 * evaluation at first. Who calls thousands of functions gets optimised what is called thousands of times; who reads many
 * files evaluates a large part of a package set, and there V8's own measure is right, as it is for all other work. Files
 * and calls are counted and not milliseconds, so that two runs of the same thing are alike. The slow compiler (TurboFan)
 * stays late, as the launcher says: its code is hardly quicker here, and making it takes more time than it saves.
 */
import { addressOf, foreignFunction } from "../format/foreign.ts";
import { afterCalls } from "../language/lambda.ts";
import { giveBackStartPages } from "./start-pages.ts";

/** Whoever reads so many files evaluates a little of much. */
const someFiles = 4;
/** The page's first shell reads 45, `hello` of nixpkgs 84. */
const manyFiles = 70;
/** Of functions written in Nix: three thousand are called in that shell. */
const manyCalls = 5000;
/** A Python of nixpkgs with some packages reads 104, an operating system's configuration a thousand. */
const veryManyFiles = 120;

/** How often a function must have been called to be optimised, besides V8's other measures. */
const flag = "--minimum-invocations-before-optimization=";
const never = 1_000_000_000;
const whenWarm = 400;
const ownMeasure = 2;

let files = 0;
/** The launcher's word, for runs that optimise what is hot; undefined where it gives none, and nothing is changed. */
const given = process.execArgv.findLast((word) => word.startsWith(flag));
const whenHot = given === undefined ? undefined : Number(given.slice(flag.length));
/** What V8 was last told. */
let measure = whenHot;
let changed = false;

/** To be told of every file that an evaluation reads. */
export function fileRead(): void {
  files++;
  if (files === someFiles) {
    giveBackStartPages();
    optimiseNothing();
  } else if (files === manyFiles) lower(whenHot);
  else if (files === veryManyFiles) lower(whenWarm);
}

/** To be told before other work than evaluation is done that may take long. */
export function otherWorkBegins(): void {
  lower(ownMeasure);
}

function optimiseNothing(): void {
  // What was changed already was changed for work that takes long.
  if (changed || whenHot === undefined) return;
  setMeasure(never);
  afterCalls(manyCalls, () => lower(whenHot));
}

function lower(to: number | undefined): void {
  if (to !== undefined && measure !== undefined && measure > to) setMeasure(to);
}

function setMeasure(to: number): void {
  measure = to;
  if (!changed) Reflect.set(globalThis, Symbol.for("bruma.flagsAsGiven"), () => setFlag(given!));
  changed = true;
  setFlag(`${flag}${to}`);
}

function setFlag(word: string): void {
  // `static void V8::SetFlagsFromString(const char *flags, size_t length)`: Node's module with it takes milliseconds.
  const signature = { arguments: ["u64", "u64"], return: "void" } as const;
  const set = foreignFunction("_ZN2v82V818SetFlagsFromStringEPKcm", signature) as
    | ((flags: bigint, length: bigint) => void)
    | undefined;
  if (set === undefined) process.getBuiltinModule("node:v8").setFlagsFromString(word);
  else {
    const bytes = Buffer.from(word, "latin1");
    set(addressOf(bytes), BigInt(bytes.length));
  }
}
