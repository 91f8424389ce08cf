/**
 * Gives back those constants of the executable that only Node's own start needed.
 *
 * Of the 63 MB that a short evaluation took at its most, 12 were read once while Node started: V8's snapshot, tables of
 * symbols. They are the system's file cache, which it maps again, sixteen pages at a time, where they are needed after
 * all: a third of them. Giving back code, too, would save four more, and half a millisecond more is felt.
 */
import * as fs from "node:fs";
import { foreignFunction } from "../format/foreign.ts";

/** A stretch of memory in bytes. */
export interface Stretch {
  readonly start: bigint;
  readonly length: bigint;
}

/** `MADV_DONTNEED`: what a file holds unchanged is read from there when it is next looked at. */
const dontNeed = 4;

/** The executable is mapped before everything else; the rest of the list would take longer than what is done with it. */
const room = 4096;

/**
 * The constants of `executable`, of memory as proc_pid_maps(5) lists it, which may be cut off. What is read-only just
 * before what can be written was written to while the program was linked: that would be lost.
 */
export function constants(maps: string, executable: string): Stretch[] {
  const own = maps
    .split("\n")
    .filter((line) => line.endsWith(` ${executable}`))
    .map((line) => {
      const [addresses = "", rights] = line.split(" ", 2);
      const [start, end] = addresses.split("-");
      return { start: BigInt(`0x${start}`), end: BigInt(`0x${end}`), rights };
    });
  return own
    .filter(({ rights }, i) => rights === "r--p" && i + 1 < own.length && own[i + 1]!.rights !== "rw-p")
    .map(({ start, end }) => ({ start, length: end - start }));
}

function firstMaps(): string {
  const text = Buffer.allocUnsafe(room);
  try {
    const fd = fs.openSync("/proc/self/maps", "r");
    try {
      return text.toString("latin1", 0, fs.readSync(fd, text));
    } finally {
      fs.closeSync(fd);
    }
  } catch {
    return "";
  }
}

/** Does nothing where it cannot be done: another system than Linux, another Node. */
export function giveBackStartPages(): void {
  const stretches = constants(firstMaps(), process.execPath);
  if (stretches.length === 0) return;
  const madvise = foreignFunction("madvise", { arguments: ["u64", "u64", "i32"], return: "i32" }) as
    | ((start: bigint, length: bigint, advice: number) => number)
    | undefined;
  if (madvise === undefined) return;
  for (const { start, length } of stretches) madvise(start, length, dontNeed);
}
