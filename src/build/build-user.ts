/**
 * Whom builders run as when bruma runs as root: never root, but one user ID a build, out of a range kept for builds.
 *
 * The range and the lock files are those of Nix's setting `auto-allocate-uids` (872415232 and up, `userpool2/slot-N`
 * in the state directory), so that Nix and bruma never give one ID to two builds. Nix's own way, a group of accounts
 * made by hand, needs an administrator. Builds of other users run as these users themselves.
 */
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { lockFile } from "../store/flock.ts";

export interface BuildUser {
  readonly uid: number;
  readonly gid: number;
}

const firstId = 872415232;
const idsPerSlot = 65536;
const slots = 128;

/** Are builders to run as someone else? Only if we are root, and the IDs exist in our own user namespace. */
export function needsBuildUser(): boolean {
  if (process.geteuid?.() !== 0) return false;
  let map: string;
  try {
    map = readFileSync("/proc/self/uid_map", "latin1");
  } catch {
    return false;
  }
  const last = firstId + slots * idsPerSlot;
  return map.split("\n").some((line) => {
    const [inside, , count] = line.trim().split(/\s+/).map(Number);
    return inside !== undefined && count !== undefined && inside <= firstId && inside + count > last;
  });
}

/** Takes an ID that no build on this store uses; undefined if all are in use. `release` gives it back. */
export function acquireBuildUser(stateDir: string): (BuildUser & { release(): void }) | undefined {
  const pool = join(stateDir, "userpool2");
  mkdirSync(pool, { recursive: true });
  for (let slot = 0; slot < slots; slot++) {
    const fd = openSync(join(pool, `slot-${slot}`), "a+", 0o600);
    if (lockFile(fd, "exclusive", false)) {
      const id = firstId + slot * idsPerSlot;
      return { uid: id, gid: id, release: () => closeSync(fd) };
    }
    closeSync(fd);
  }
  return undefined;
}
