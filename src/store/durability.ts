/**
 * Power loss: a path's files must be on the disk before the database says that they are. One `syncfs` for a whole
 * transaction does that for all its files and directories, far cheaper than one fsync for each. (Real Nix leaves this
 * off by default, and can be left with valid paths whose files are empty.)
 */
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { type ByteString, fsPath, toText } from "../format/bytes.ts";
import { syncDirectory } from "../format/nar.ts";
import { libC } from "./libc.ts";

/** Writes everything of the file system that holds `directory` to the disk. */
export function syncFileSystem(directory: ByteString): void {
  const syncfs = process.platform === "linux" ? libC("syncfs") : undefined;
  if (syncfs !== undefined) {
    const fd = fs.openSync(fsPath(directory), fs.constants.O_RDONLY);
    try {
      if (syncfs(fd) === 0) return;
    } finally {
      fs.closeSync(fd);
    }
  }
  const result = spawnSync("sync", ["-f", toText(directory)], { stdio: "ignore" });
  if (result.status !== 0) syncDirectory(fsPath(directory));
}
