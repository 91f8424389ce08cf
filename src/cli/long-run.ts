/**
 * What changes when a run turns out to be long: V8's settings, and what is left of its start in memory.
 *
 * The launcher's suit short runs: functions are optimised late, for most of an evaluation's code is called a few hundred
 * times only. Whoever reads many files evaluates a large part of a package set, and there V8's own measure for its quick
 * compiler (Maglev) is right: a tenth of the time of an operating system's configuration. Files are counted and not
 * milliseconds, so that two runs of the same thing are alike. The slow compiler (TurboFan) stays late: its code is
 * hardly quicker here, and making it takes more processor time than it saves.
 */
import { giveBackStartPages } from "./start-pages.ts";

/** Whoever reads so many files will take more memory than the start did. */
const someFiles = 4;
/** `hello` of nixpkgs reads sixty. */
const manyFiles = 70;
/** V8's own, and what belongs to them for loops. */
const flags = [
  { name: "--invocation-count-for-maglev=", value: 400 },
  { name: "--invocation-count-for-maglev-osr=", value: 100 },
];

let files = 0;

/** To be told of every file that an evaluation reads. */
export function fileRead(): void {
  files++;
  if (files === someFiles) giveBackStartPages();
  else if (files === manyFiles) becomeLong();
}

function becomeLong(): void {
  const given = flags.map(({ name }) => process.execArgv.findLast((word) => word.startsWith(name)));
  // Without the launcher's flags V8 has its own measures already, or is another V8 that does not know these.
  if (given.includes(undefined)) return;
  // Loaded here: it takes milliseconds, and few runs need it.
  const { setFlagsFromString } = process.getBuiltinModule("node:v8");
  for (const { name, value } of flags) setFlagsFromString(`${name}${value}`);
  // Kept code is for runs that begin with the launcher's flags: V8 compares. Before the one who keeps it.
  const keep = Symbol.for("bruma.keepCode");
  const program = globalThis as { [keep]?: (() => void) | undefined };
  const before = program[keep];
  if (before === undefined) return;
  const keepAsGiven = (): void => {
    for (const word of given) setFlagsFromString(word!);
    before();
  };
  program[keep] = keepAsGiven;
  process.prependOnceListener("exit", keepAsGiven);
}
