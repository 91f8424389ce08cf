/**
 * Locks on store paths: an exclusive flock on `<path>.lock` beside the path, as Nix takes it while it adds, builds or
 * substitutes. A lock file that is not empty is stale: its owner has deleted it, and whoever still waited on it must
 * open the new one.
 */
import * as fs from "node:fs";
import { type ByteString, fsPath } from "../format/bytes.ts";
import { lockFile } from "./flock.ts";
import type { StoreLock } from "./store.ts";

class HeldLocks implements StoreLock {
  #held: { fd: number; file: ByteString }[] = [];

  /** @returns false, holding nothing, if `wait` is false and somebody else has one of them */
  take(realPaths: readonly ByteString[], wait: boolean, onWait?: (path: ByteString) => void): boolean {
    // Everybody takes them in the same order, so nobody waits in a circle.
    for (const path of [...new Set(realPaths)].sort()) {
      const file = `${path}.lock`;
      for (;;) {
        const fd = fs.openSync(fsPath(file), fs.constants.O_RDWR | fs.constants.O_CREAT, 0o600);
        let mine = false;
        try {
          mine = lockFile(fd, "exclusive", false);
          if (!mine && wait) {
            onWait?.(path);
            mine = lockFile(fd, "exclusive", true);
          }
        } finally {
          if (!mine) fs.closeSync(fd);
        }
        if (!mine) {
          this.release();
          return false;
        }
        if (fs.fstatSync(fd).size === 0) {
          this.#held.push({ fd, file });
          break;
        }
        fs.closeSync(fd);
      }
    }
    return true;
  }

  release(remove = false): void {
    for (const { fd, file } of this.#held.splice(0)) {
      try {
        if (remove) {
          // First the mark, then the name: where the disk is full and the mark cannot be made, the file stays.
          fs.writeSync(fd, "d");
          fs.rmSync(fsPath(file), { force: true });
        }
      } catch (error) {
        // Lock files that stay are harmless; what is being reported may be worse.
        if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
      } finally {
        fs.closeSync(fd);
      }
    }
  }
}

/** Waits for the locks of these physical paths. @param onWait told once for each path that is not free */
export function lockPaths(realPaths: readonly ByteString[], onWait?: (path: ByteString) => void): StoreLock {
  const locks = new HeldLocks();
  locks.take(realPaths, true, onWait);
  return locks;
}

/** Takes all of them or none. */
export function tryLockPaths(realPaths: readonly ByteString[]): StoreLock | undefined {
  const locks = new HeldLocks();
  return locks.take(realPaths, false) ? locks : undefined;
}
