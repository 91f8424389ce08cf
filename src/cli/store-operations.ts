/** What `bruma store` and `nix-store` do alike: adding, dumping, restoring, collecting, verifying. */
import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { ByteSource } from "../format/byte-source.ts";
import { fsPath, toBytes, toText } from "../format/bytes.ts";
import { type HashAlgorithm, Hasher } from "../format/hash.ts";
import { dumpPath, restoreNar } from "../format/nar.ts";
import { parseStorePath, type StorePath } from "../format/store-path.ts";
import type { GcOptions, GcResult } from "../store/store.ts";
import type { Session } from "./compose.ts";
import { printMessage, printOutput, writeOutput } from "./output.ts";
import { formatBytes } from "./progress.ts";

/** Writes the NAR of a path to standard output. @param path text */
export function dumpToOutput(session: Session | undefined, path: string): void {
  const absolute = toBytes(resolve(path));
  dumpPath(session === undefined ? absolute : session.layout.physical(absolute), (chunk) =>
    writeOutput(chunk),
  );
}

/** Unpacks the NAR on standard input as `path`, which must not exist. */
export function restoreFromInput(path: string): void {
  restoreNar(ByteSource.fromDescriptor(0), toBytes(resolve(path)));
}

export function addFile(
  session: Session,
  path: string,
  method: "nar" | "flat",
  algorithm: HashAlgorithm,
): StorePath {
  const absolute = resolve(path);
  const info = session.store.addTreeToStore(session.layout.physical(toBytes(absolute)), {
    name: toBytes(basename(absolute)),
    method,
    algorithm,
  });
  return info.path;
}

/** @returns whether the files of a path are what was registered; prints what differs */
export function verifyPath(session: Session, path: StorePath): boolean {
  const info = session.store.pathInfo(path);
  const hasher = new Hasher("sha256");
  session.store.narFromPath(path, (chunk) => void hasher.update(chunk));
  const actual = hasher.finish();
  if (actual.equals(info.narHash)) return true;
  printMessage(
    `path '${toText(path)}' was modified! expected hash '${info.narHash.toPrefixedNix32()}', got '${actual.toPrefixedNix32()}'`,
  );
  return false;
}

/** Shells of projects that are gone keep nothing any more. The kept object's first line is the project's directory. */
function forgetShellsOfNoProject(session: Session): void {
  const directory = join(toText(session.layout.stateDir), "gcroots", "bruma", "shells");
  if (!existsSync(directory)) return;
  for (const name of readdirSync(directory)) {
    const link = join(directory, name);
    try {
      const kept = session.layout.physical(toBytes(readlinkSync(link)));
      const project = readFileSync(fsPath(kept), "latin1").split("\n")[0]!;
      if (!existsSync(fsPath(project))) rmSync(link);
    } catch {
      // Not ours to judge.
    }
  }
}

/** Collects garbage and says what came free. */
export function collect(session: Session, options: GcOptions): GcResult {
  forgetShellsOfNoProject(session);
  const result = session.store.collectGarbage({
    ...options,
    onDelete: (path) => printMessage(`deleting '${toText(path)}'`),
  });
  const { action } = options;
  if (action === "return-dead" || action === "return-live") {
    for (const path of result.paths) printOutput(`${toText(path)}\n`);
  } else printMessage(`${result.paths.length} store paths deleted, ${freed(result.bytesFreed)} freed`);
  return result;
}

/** Nix counts in MiB. */
function freed(bytes: number): string {
  return bytes < 1024 * 1024 ? formatBytes(bytes) : `${(bytes / (1024 * 1024)).toFixed(1)} MiB`;
}

/**
 * Verifies the whole store.
 * @param named say each path whose files are read
 * @returns the number of problems that remain
 */
export function verifyStore(session: Session, checkContents: boolean, named: boolean): number {
  printMessage(checkContents ? "checking the database and all files …" : "checking the database …");
  const result = session.store.verify({
    checkContents,
    ...(named && {
      onProgress: (path: StorePath) => session.progress.print(`checking '${toText(path)}'`),
    }),
  });
  let left = 0;
  for (const problem of result.problems) {
    if (!problem.repaired) left++;
    switch (problem.kind) {
      case "disappeared":
        printMessage(
          `path '${toText(problem.path)}' disappeared${problem.removed ? ", removing from database" : ", but it still has valid referrers!"}`,
        );
        if (problem.removed) left--;
        break;
      case "modified":
        printMessage(
          `path '${toText(problem.path)}' was modified! expected hash '${problem.expected.toPrefixedNix32()}', got '${problem.actual.toPrefixedNix32()}'`,
        );
        break;
      case "unreadable":
        printMessage(`path '${toText(problem.path)}' cannot be read: ${problem.message}`);
        break;
      case "link-modified":
        printMessage(`link '${toText(problem.link)}' was modified!`);
        break;
    }
  }
  return left;
}

/** Valid paths from texts; links are not followed. */
export function storePaths(session: Session, texts: readonly string[]): StorePath[] {
  return texts.map((text) => parseStorePath(toBytes(text), session.layout.storeDir));
}
