/**
 * The two functions of the C library that the store needs and Node does not offer, called through Node's foreign
 * function interface. Where that is missing, callers have another way, slower.
 */
import { foreignFunction } from "../format/foreign.ts";

export interface LibC {
  /** @returns 0, or -1 when the lock is not to be had */
  flock(fd: number, operation: number): number;
  /** Writes everything of the descriptor's file system to the disk. Linux only. */
  syncfs(fd: number): number;
}

const signatures = {
  flock: { arguments: ["i32", "i32"], return: "i32" },
  syncfs: { arguments: ["i32"], return: "i32" },
} as const;

const loaded: { [Name in keyof LibC]?: LibC[Name] | undefined } = {};

/** undefined where it is not to be had. */
export function libC<Name extends keyof LibC>(name: Name): LibC[Name] | undefined {
  if (!(name in loaded)) loaded[name] = foreignFunction(name, signatures[name]) as LibC[Name] | undefined;
  return loaded[name];
}
