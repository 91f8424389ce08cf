/**
 * Removing what a builder left: directories without permissions, trees deeper than any path, links planted on the way.
 *
 * Every step works relative to an open directory (`/proc/self/fd/N/name` serves as openat), so that swapping a
 * directory for a link leads nowhere (CVE-2025-46415 and kin). Subdirectories are first moved to the top, so that
 * depth costs neither descriptors nor path length (dpkg's CVE-2025-6297 is such a tree).
 */
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  closeSync,
  constants,
  existsSync,
  lstatSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  unlinkSync,
} from "node:fs";
import type { ByteString } from "../format/bytes.ts";
import { fromBuffer, toBuffer } from "../format/bytes.ts";

const { O_DIRECTORY, O_NOFOLLOW } = constants;
/** <fcntl.h>; Node does not name it. */
const O_PATH = 0o10000000;

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code;

/** Removes a file, link or tree. Nothing there is no error. @throws the system's error if something cannot go */
export function removeTree(path: ByteString): void {
  const target = toBuffer(path);
  try {
    if (!lstatSync(target).isDirectory()) {
      unlinkSync(target);
      return;
    }
  } catch (error) {
    if (codeOf(error) === "ENOENT") return;
    throw error;
  }
  if (process.platform !== "linux" || !existsSync("/proc/self/fd")) {
    rmSync(target, { recursive: true, force: true });
    return;
  }
  const top = openDirectory(target);
  if (top === undefined) {
    unlinkSync(target); // became a link meanwhile
    return;
  }
  try {
    empty(top);
  } finally {
    closeSync(top);
  }
  rmdirSync(target);
}

/** A descriptor that stands for the directory, made usable for its owner; undefined if it is none (any more). */
function openDirectory(path: Buffer): number | undefined {
  let fd: number;
  try {
    fd = openSync(path, O_PATH | O_DIRECTORY | O_NOFOLLOW);
  } catch (error) {
    if (codeOf(error) === "ENOTDIR" || codeOf(error) === "ELOOP" || codeOf(error) === "ENOENT")
      return undefined;
    throw error;
  }
  chmodSync(`/proc/self/fd/${fd}`, 0o700);
  return fd;
}

const at = (fd: number, name: ByteString) => toBuffer(`/proc/self/fd/${fd}/${name}`);

function empty(top: number): void {
  // A name the builder cannot have taken on purpose.
  const prefix = `.removing-${randomBytes(9).toString("hex")}-`;
  let counter = 0;
  const queue: ByteString[] = [];
  const clear = (fd: number, isTop: boolean) => {
    for (const entry of readdirSync(Buffer.from(`/proc/self/fd/${fd}/.`), {
      encoding: "buffer",
      withFileTypes: true,
    })) {
      const name = fromBuffer(entry.name);
      if (!entry.isDirectory()) {
        unlinkSync(at(fd, name));
        continue;
      }
      if (isTop) {
        queue.push(name);
        continue;
      }
      // Its owner needs write permission on a directory to give it a new parent.
      const child = openDirectory(at(fd, name));
      if (child !== undefined) closeSync(child);
      const moved = `${prefix}${counter++}`;
      renameSync(at(fd, name), at(top, moved));
      queue.push(moved);
    }
  };
  clear(top, true);
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    const fd = openDirectory(at(top, name));
    if (fd === undefined) {
      unlinkSync(at(top, name));
      continue;
    }
    try {
      clear(fd, false);
    } finally {
      closeSync(fd);
    }
    rmdirSync(at(top, name));
  }
}
