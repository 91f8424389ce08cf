/**
 * Whom builders run as when bruma runs as root: never root, but one user ID a build, out of a range kept for builds.
 *
 * The range and the lock files are those of Nix's setting `auto-allocate-uids` (872415232 and up, `userpool2/slot-N`
 * in the state directory), so that Nix and bruma never give one ID to two builds. Nix's own way, a group of accounts
 * made by hand, needs an administrator. Builds of other users run as these users themselves.
 */
import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, closeSync, mkdirSync, openSync, readFileSync, statSync } from "node:fs";
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

/**
 * For builds without a sandbox, which make their outputs in the store directory itself: the group that may do so, as
 * Nix's builders' group. A store that has none, because all builds so far were in sandboxes, gets the first of our IDs.
 */
export function builderGroup(physicalStoreDir: string): number {
  const status = statSync(physicalStoreDir);
  if (status.gid !== 0 && (status.mode & 0o020) !== 0) return status.gid;
  chownSync(physicalStoreDir, status.uid, firstId);
  chmodSync(physicalStoreDir, 0o1775);
  return firstId;
}

/** Kills everything that runs as this user: without a sandbox, what a builder left in the background. */
export function killAllOf(user: BuildUser): void {
  spawnSync("/bin/sh", ["-c", "kill -9 -1"], { stdio: "ignore", env: {}, uid: user.uid, gid: user.gid });
}

/**
 * Locks shared by all stores of this machine: an ID in use by a build on another store (`--store`, a test's own) must
 * not be taken for one on this, or each would see, and end, the other's processes.
 */
const machinePool = "/run/bruma-build-users";

/** Takes an ID that no build on this machine uses; undefined if all are in use. `release` gives it back. */
export function acquireBuildUser(stateDir: string): (BuildUser & { release(): void }) | undefined {
  const pools = [join(stateDir, "userpool2"), machinePool];
  for (const pool of pools) mkdirSync(pool, { recursive: true, mode: 0o755 });
  for (let slot = 0; slot < slots; slot++) {
    const held: number[] = [];
    const free = pools.every((pool) => {
      const fd = openSync(join(pool, `slot-${slot}`), "a+", 0o600);
      held.push(fd);
      return lockFile(fd, "exclusive", false);
    });
    const release = () => held.forEach((fd) => void closeSync(fd));
    if (free) {
      const id = firstId + slot * idsPerSlot;
      return { uid: id, gid: id, release };
    }
    release();
  }
  return undefined;
}
