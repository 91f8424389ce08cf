/**
 * The two functions of the C library that the store needs and Node does not offer, called through Node's foreign
 * function interface. Where that is missing, callers have another way, slower.
 */
import type * as ffi from "node:ffi";

export interface LibC {
  /** @returns 0, or -1 when the lock is not to be had */
  flock(fd: number, operation: number): number;
  /** Writes everything of the descriptor's file system to the disk. Linux only. */
  syncfs?: ((fd: number) => number) | undefined;
}

/** undefined: not looked for yet; null: not to be had. */
let loaded: LibC | null | undefined;

export function libC(): LibC | null {
  if (loaded !== undefined) return loaded;
  // The warning that this interface is experimental is none of the user's business.
  const emitWarning = process.emitWarning;
  process.emitWarning = () => {};
  try {
    const module = process.getBuiltinModule("node:ffi") as typeof ffi | undefined;
    if (module === undefined) throw new Error("no foreign function interface");
    const { functions, lib } = module.dlopen(null, { flock: { arguments: ["i32", "i32"], return: "i32" } });
    let syncfs: LibC["syncfs"];
    if (process.platform === "linux")
      try {
        syncfs = lib.getFunction("syncfs", { arguments: ["i32"], return: "i32" });
      } catch {
        // An old C library: `sync` does it.
      }
    loaded = { flock: functions.flock, syncfs };
  } catch {
    loaded = null;
  } finally {
    process.emitWarning = emitWarning;
  }
  return loaded;
}
