/**
 * The private directories of one build, and clearing away those that a killed bruma left.
 *
 * `<root>/bruma-<pid>-<start time>-<n>/` belongs to whom the builder runs as and is closed to everyone else
 * (CVE-2024-38531); inside are the directories that appear as /build, /tmp and /etc, and what only we read. The output
 * area stands in the physical store directory, so that outputs can be renamed into place, under the name that Nix uses
 * (`<derivation>.chroot`): either program's garbage collection knows it.
 */
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { type ByteString, fsPath, toBuffer } from "../format/bytes.ts";
import type { BuildUser } from "./build-user.ts";
import { removeTree } from "./remove-tree.ts";
import { etcFiles, hostNetworkFiles } from "./sandbox.ts";

let counter = 0;

export interface BuildDirectory {
  readonly top: ByteString;
  /** What the builder sees as its build directory. */
  readonly build: ByteString;
  readonly tmp: ByteString;
  readonly etc: ByteString;
}

/**
 * @param root where build directories go; made if missing
 * @param certificates PEM file of the host shown to builds with network, if there is one
 */
export function makeBuildDirectory(
  root: ByteString,
  user: BuildUser | undefined,
  network: boolean,
  certificates: string | undefined,
): BuildDirectory {
  // Modes are set explicitly throughout: the caller's umask is not to reach into builds.
  if (!existsSync(fsPath(root))) {
    mkdirSync(fsPath(root), { recursive: true });
    chmodSync(fsPath(root), 0o755);
  }
  const name = `bruma-${process.pid}-${startTime(process.pid) ?? 0}-${counter++}`;
  const directory = {
    top: `${root}/${name}`,
    build: `${root}/${name}/build`,
    tmp: `${root}/${name}/tmp`,
    etc: `${root}/${name}/etc`,
  };
  removeTree(directory.top);
  for (const path of [directory.top, directory.build]) {
    mkdirSync(fsPath(path));
    chmodSync(fsPath(path), 0o700);
  }
  mkdirSync(fsPath(directory.tmp));
  chmodSync(fsPath(directory.tmp), 0o1777);
  mkdirSync(fsPath(directory.etc));
  for (const [file, contents] of etcFiles(network)) writeReadable(`${directory.etc}/${file}`, contents);
  if (network) {
    for (const file of hostNetworkFiles) {
      const source = join("/etc", file);
      if (existsSync(source)) writeReadable(`${directory.etc}/${file}`, readFileSync(source));
    }
    if (certificates !== undefined && existsSync(certificates)) {
      for (const part of ["ssl", "ssl/certs"]) {
        mkdirSync(fsPath(`${directory.etc}/${part}`));
        chmodSync(fsPath(`${directory.etc}/${part}`), 0o755);
      }
      writeReadable(`${directory.etc}/ssl/certs/ca-certificates.crt`, readFileSync(certificates));
    }
  }
  chmodSync(fsPath(directory.etc), 0o555);
  if (user !== undefined)
    for (const path of [directory.tmp, directory.build, directory.top]) give(path, user);
  return directory;
}

/** An empty store directory for the builder's outputs. The caller holds the locks of the outputs. */
export function makeOutputArea(
  physicalDrvPath: ByteString,
  user: BuildUser | undefined,
): { top: ByteString; store: ByteString } {
  const area = { top: `${physicalDrvPath}.chroot`, store: `${physicalDrvPath}.chroot/store` };
  removeTree(area.top);
  mkdirSync(fsPath(area.top));
  chmodSync(fsPath(area.top), 0o700);
  mkdirSync(fsPath(area.store));
  chmodSync(fsPath(area.store), 0o1775);
  if (user !== undefined) for (const path of [area.store, area.top]) give(path, user);
  return area;
}

function give(path: ByteString, user: BuildUser): void {
  chownSync(fsPath(path), user.uid, user.gid);
}

/** A file of ours that a builder, or what starts it, reads. */
export function writeReadable(path: ByteString, contents: string | Uint8Array): void {
  writeFileSync(fsPath(path), contents, { flag: "wx" });
  chmodSync(fsPath(path), 0o444);
}

/** A file in the build directory, which the builder owns. */
export function writeBuilderFile(
  directory: BuildDirectory,
  name: ByteString,
  contents: ByteString,
  user: BuildUser | undefined,
): void {
  const path = fsPath(`${directory.build}/${name}`);
  writeFileSync(path, toBuffer(contents), { flag: "wx" });
  chmodSync(path, 0o644);
  if (user !== undefined) chownSync(path, user.uid, user.gid);
}

/** The first directory on the way that a builder's user may not enter; undefined if it can come there. */
export function closedDirectory(path: ByteString): ByteString | undefined {
  for (let slash = path.indexOf("/", 1); ; slash = path.indexOf("/", slash + 1)) {
    const part = slash < 0 ? path : path.slice(0, slash);
    const status = statSync(fsPath(part), { throwIfNoEntry: false });
    if (status === undefined) return undefined;
    if ((status.mode & 0o001) === 0) return part;
    if (slash < 0) return undefined;
  }
}

/** Removes build directories of processes that are gone. Never fails. */
export function sweepBuildDirectories(root: ByteString): void {
  let names: string[];
  try {
    names = readdirSync(fsPath(root), "latin1");
  } catch {
    return;
  }
  for (const name of names) {
    const match = /^bruma-(\d+)-(\d+)-\d+$/.exec(name);
    if (match === null || startTime(Number(match[1])) === Number(match[2])) continue;
    try {
      removeTree(`${root}/${name}`);
    } catch {
      // someone else's
    }
  }
}

/** When a process started, in clock ticks since boot; with its number that names it for good. */
function startTime(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The second field is the program's name and may contain anything.
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]);
  } catch {
    return undefined;
  }
}
