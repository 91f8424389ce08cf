/**
 * File trees on disk ↔ NAR, in both directions streaming and synchronous.
 *
 * Dumping reads each file straight into the writer's buffer, so contents are never copied; a descriptor opened
 * without following links tells type, size and mode, so that a file swapped meanwhile cannot lead elsewhere.
 * Restoring creates every entry anew (`O_EXCL`, `mkdir`), so it neither follows nor replaces anything.
 * Deviation: no case hack for case-insensitive file systems; there a clash is an error.
 */
import * as fs from "node:fs";
import { ByteSource } from "./byte-source.ts";
import { type ByteString, fsPath } from "./bytes.ts";
import { NarError } from "./format-error.ts";
import { type NarHandler, parseNar } from "./nar-parser.ts";
import { NarWriter, narMaxDepth, type Sink } from "./nar-writer.ts";

export type NarFileType = "regular" | "directory" | "symlink" | "unknown";

/** Asked for each entry but the root, with its absolute path; what it refuses is left out. */
export type NarFilter = (path: ByteString, type: NarFileType) => boolean;

const { O_RDONLY, O_NOFOLLOW, O_CREAT, O_EXCL, O_WRONLY, O_NONBLOCK } = fs.constants;

/**
 * Writes the NAR of the tree at `realPath` (physical, absolute) to `sink`.
 * @throws NarError for what no NAR can hold; node:fs's errors pass through
 */
export function dumpPath(realPath: ByteString, sink: Sink, filter?: NarFilter): void {
  dump(realPath, { writer: new NarWriter(sink), filter, mirror: undefined });
}

/**
 * Copies the tree to `destination`, where nothing may be yet, and writes the NAR of exactly what was copied to `sink`.
 * @throws as `dumpPath` and `restoreNar`
 */
export function copyPath(
  realPath: ByteString,
  destination: ByteString,
  sink: Sink,
  filter?: NarFilter,
  options: RestoreOptions = {},
): void {
  const mirror = new Restorer(destination, options);
  try {
    dump(realPath, { writer: new NarWriter(sink), filter, mirror });
  } finally {
    mirror.abandon();
  }
}

interface Dump {
  readonly writer: NarWriter;
  readonly filter: NarFilter | undefined;
  readonly mirror: NarHandler | undefined;
}

function dump(root: ByteString, to: Dump): void {
  to.writer.start();
  dumpNode(to, root, "", fs.lstatSync(fsPath(root)), 0);
  to.writer.flush();
}

type Kind = Pick<fs.Stats, "isFile" | "isDirectory" | "isSymbolicLink">;

function dumpNode(to: Dump, path: ByteString, relative: ByteString, kind: Kind, depth: number): void {
  const { writer, filter, mirror } = to;
  if (depth >= narMaxDepth)
    throw new NarError(`path '${path}' exceeds maximum NAR directory depth of ${narMaxDepth}`);
  if (kind.isFile()) dumpFile(to, path, relative);
  else if (kind.isDirectory()) {
    writer.directory();
    mirror?.directory(relative);
    // In latin1 every byte is one code unit, so JavaScript's order is the order of bytes that NARs need.
    const entries = fs.readdirSync(fsPath(path), { encoding: "latin1", withFileTypes: true });
    entries.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
    for (const entry of entries) {
      const child = path === "/" ? `/${entry.name}` : `${path}/${entry.name}`;
      // Some file systems do not tell types in their directories.
      const known = entry.isFile() || entry.isDirectory() || entry.isSymbolicLink();
      const childKind = known ? entry : fs.lstatSync(fsPath(child));
      if (filter !== undefined && !filter(child, typeOf(childKind))) continue;
      writer.entry(entry.name);
      dumpNode(to, child, `${relative}/${entry.name}`, childKind, depth + 1);
      writer.leaveEntry();
    }
    writer.leaveDirectory();
    mirror?.leaveDirectory(relative);
  } else if (kind.isSymbolicLink()) {
    const target = fs.readlinkSync(fsPath(path), { encoding: "latin1" });
    writer.symlink(target);
    mirror?.symlink(relative, target);
  } else throw new NarError(`file '${path}' has an unsupported type`);
}

function typeOf(kind: Kind): NarFileType {
  if (kind.isFile()) return "regular";
  if (kind.isDirectory()) return "directory";
  return kind.isSymbolicLink() ? "symlink" : "unknown";
}

function dumpFile(to: Dump, path: ByteString, relative: ByteString): void {
  // O_NONBLOCK: should the file have become a FIFO, opening it must not wait for ever.
  const fd = fs.openSync(fsPath(path), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const stat = fs.fstatSync(fd);
    if (!stat.isFile()) throw new NarError(`file '${path}' has an unsupported type`);
    const executable = (stat.mode & 0o100) !== 0;
    const copy = to.mirror?.file(relative, executable, stat.size);
    to.writer.file(executable, stat.size, (buffer, offset, length) => {
      const got = fs.readSync(fd, buffer, offset, length, null);
      copy?.(buffer.subarray(offset, offset + got));
      return got;
    });
    to.mirror?.leaveFile(relative);
  } finally {
    fs.closeSync(fd);
  }
}

export interface RestoreOptions {
  /** Give everything the store's modes (0444, 0555) and the modification time 1, in the same pass. */
  readonly canonical?: boolean | undefined;
  /** Flush each file and directory to the disk. */
  readonly fsync?: boolean | undefined;
}

/**
 * Unpacks one NAR to `destination` (physical, absolute), where nothing may be yet. After an error the part that was
 * written is left for the caller to remove.
 * @throws NarError when the archive breaks the rules; node:fs's errors pass through
 */
export function restoreNar(
  source: ByteSource | Uint8Array,
  destination: ByteString,
  options: RestoreOptions = {},
): void {
  const input = source instanceof ByteSource ? source : ByteSource.fromBytes(source);
  const restorer = new Restorer(destination, options);
  try {
    parseNar(input, restorer);
  } finally {
    restorer.abandon();
  }
}

class Restorer implements NarHandler {
  #root: ByteString;
  #canonical: boolean;
  #fsync: boolean;
  #fd = -1;
  #mode = 0;
  /** Bits that creation modes lose: where they matter, a chmod must follow. */
  #umask: number;

  constructor(root: ByteString, options: RestoreOptions) {
    this.#root = root;
    this.#canonical = options.canonical ?? false;
    this.#fsync = options.fsync ?? false;
    this.#umask = process.umask();
  }

  directory(path: ByteString): void {
    fs.mkdirSync(fsPath(this.#root + path));
  }

  leaveDirectory(path: ByteString): void {
    if (!this.#canonical && !this.#fsync) return;
    const real = fsPath(this.#root + path);
    if (this.#fsync) syncDirectory(real);
    if (this.#canonical) {
      fs.chmodSync(real, 0o555);
      fs.utimesSync(real, 1, 1);
    }
  }

  symlink(path: ByteString, target: ByteString): void {
    const real = fsPath(this.#root + path);
    fs.symlinkSync(fsPath(target), real);
    if (this.#canonical) fs.lutimesSync(real, 1, 1);
  }

  file(path: ByteString, executable: boolean): (chunk: Uint8Array) => void {
    this.#mode = this.#canonical ? (executable ? 0o555 : 0o444) : executable ? 0o777 : 0o666;
    const fd = fs.openSync(fsPath(this.#root + path), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, this.#mode);
    this.#fd = fd;
    return (chunk) => {
      for (let written = 0; written < chunk.length; )
        written += fs.writeSync(fd, chunk, written, chunk.length - written);
    };
  }

  leaveFile(): void {
    const fd = this.#fd;
    this.#fd = -1;
    try {
      if (this.#canonical) {
        if ((this.#umask & this.#mode) !== 0) fs.fchmodSync(fd, this.#mode);
        fs.futimesSync(fd, 1, 1);
      }
      if (this.#fsync) fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
  }

  /** Closes what an error left open; without one, nothing is. */
  abandon(): void {
    if (this.#fd >= 0) fs.closeSync(this.#fd);
    this.#fd = -1;
  }
}

/** Writes one file as the store has it: mode 0444 or 0555, modification time 1. Nothing may be there yet. */
export function writeCanonicalFile(destination: ByteString, contents: Uint8Array, executable: boolean): void {
  const restorer = new Restorer(destination, { canonical: true });
  try {
    restorer.file("", executable)(contents);
    restorer.leaveFile();
  } finally {
    restorer.abandon();
  }
}

/** Flushes a directory's entries to the disk. */
export function syncDirectory(path: string | Buffer): void {
  const fd = fs.openSync(path, O_RDONLY);
  try {
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}
