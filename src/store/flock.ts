/**
 * flock(2), which Node does not offer: the locks that Nix takes on `big-lock`, `gc.lock`, `temproots/<pid>` and
 * `<path>.lock` are of this kind and no other, so that both may work in one store at one time.
 *
 * Node's own foreign function interface calls it directly (a microsecond). Where that is missing, the program
 * `flock` is given our descriptor: such a lock belongs to the open file, not to a process, and stays ours when the
 * program ends (2.5 ms). Waiting always goes through the program, because Ctrl-C reaches it.
 */
import { spawnSync } from "node:child_process";
import { libC } from "./libc.ts";
import { StoreError } from "./store-error.ts";

export type LockKind = "shared" | "exclusive" | "none";

const operations: Record<LockKind, number> = { shared: 1, exclusive: 2, none: 8 };
const options: Record<LockKind, string> = { shared: "-s", exclusive: "-x", none: "-u" };
const dontBlock = 4;

function viaProgram(fd: number, kind: LockKind, wait: boolean): boolean {
  const args = [options[kind], ...(wait || kind === "none" ? [] : ["-n"]), "3"];
  const result = spawnSync("flock", args, { stdio: ["ignore", "ignore", "ignore", fd] });
  if (result.error !== undefined)
    throw new StoreError("cannot lock files: the program 'flock' (util-linux) is missing", {
      cause: result.error,
    });
  if (result.signal !== null) throw new StoreError("interrupted while waiting for a lock", { exitCode: 130 });
  return result.status === 0;
}

/**
 * Takes, changes or gives back the lock on an open file.
 * @returns false when somebody else holds it and `wait` is false
 */
export function lockFile(fd: number, kind: LockKind, wait: boolean): boolean {
  const flock = libC("flock");
  if (flock === undefined) return viaProgram(fd, kind, wait);
  if (flock(fd, operations[kind] | dontBlock) === 0) return true;
  return wait ? viaProgram(fd, kind, true) : false;
}
