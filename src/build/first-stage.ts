/**
 * The first stage of every builder: a shell script between us and the helper (or, without a sandbox, the builder).
 *
 * It makes what a builder inherits the same everywhere: umask 022, no core files, the usual 8 MiB of stack (our own
 * launcher raises it), the root as working directory, and no descriptor beyond the ones meant for it. The words of the
 * command stand in the script, quoted, because a builder's arguments are bytes and Node's spawn passes text alone.
 *
 * Node opens its own descriptors close-on-exec and marks those it inherited so too, but only up to the first gap
 * above 15. A POSIX shell can close no more than 3 to 9; when there are higher ones left, Node is started once more to
 * close them and becomes the shell. The script opens what the command needs by name, so that this loses nothing.
 */
import { chmodSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import type { ByteString } from "../format/bytes.ts";
import { toBuffer } from "../format/bytes.ts";

const shell = "/bin/sh";

/** A word as a POSIX shell reads it back, byte for byte. */
export function quoteForShell(word: ByteString): ByteString {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

export interface FirstStage {
  /** Where the script may be written: a private directory, not shown to the builder. */
  readonly scriptPath: string;
  /** Program (absolute path) and arguments to become. */
  readonly command: readonly ByteString[];
  /** Descriptors from 3 on, each a file that the script opens. At most seven. */
  readonly descriptors: readonly { readonly path: ByteString; readonly mode: "read" | "write" }[];
  readonly workingDirectory: ByteString;
}

/** Writes the script; returns what to spawn, with an environment that is empty. */
export function prepareFirstStage(stage: FirstStage): { file: string; args: string[] } {
  const lines = [
    // A hard limit below 8 MiB stays as it is.
    "umask 022; ulimit -S -c 0; ulimit -S -s 8192 2>/dev/null",
    `cd ${quoteForShell(stage.workingDirectory)} || exit 126`,
  ];
  const redirections: string[] = [];
  for (let fd = 3; fd <= 9; fd++) {
    const file = stage.descriptors[fd - 3];
    if (file === undefined) redirections.push(`${fd}>&-`);
    else redirections.push(`${fd}${file.mode === "read" ? "<" : ">"}${quoteForShell(file.path)}`);
  }
  lines.push(`exec ${stage.command.map(quoteForShell).join(" ")} ${redirections.join(" ")}`);
  writeFileSync(stage.scriptPath, toBuffer(`${lines.join("\n")}\n`), { flag: "wx" });
  chmodSync(stage.scriptPath, 0o444);
  if (inheritedDescriptors().every((fd) => fd <= 9)) return { file: shell, args: [stage.scriptPath] };
  return { file: process.execPath, args: ["-e", closeAndBecome, shell, stage.scriptPath] };
}

/** Descriptors above 2 of this process that a child would get. Empty where /proc is not to be had. */
export function inheritedDescriptors(): number[] {
  let names: string[];
  try {
    names = readdirSync("/proc/self/fd");
  } catch {
    return [];
  }
  return names.map(Number).filter((fd) => fd > 2 && isInherited(fd));
}

function isInherited(fd: number): boolean {
  try {
    const flags = /^flags:\s*([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, "latin1"));
    // O_CLOEXEC; see open(2), proc_pid_fdinfo(5).
    return flags?.[1] !== undefined && (Number.parseInt(flags[1], 8) & 0o2000000) === 0;
  } catch {
    return false; // the directory's own descriptor, closed by now
  }
}

/** Runs in a Node of its own: closes what it inherited and would pass on, then becomes the shell. */
const closeAndBecome = `
const fs = require("node:fs");
const command = process.argv.slice(1);
for (const name of fs.readdirSync("/proc/self/fd")) {
  if (Number(name) <= 2) continue;
  try {
    const flags = /^flags:\\s*([0-7]+)/m.exec(fs.readFileSync("/proc/self/fdinfo/" + name, "latin1"));
    if (flags !== null && (Number.parseInt(flags[1], 8) & 0o2000000) === 0) fs.closeSync(Number(name));
  } catch {}
}
process.execve(command[0], command, {});
`;
