/**
 * What an evaluation looked at, written down so that a later run can tell whether it would look the same.
 *
 * A record holds files with their stamps and hashes, directory listings, links, existence checks and environment
 * variables. Checking takes one lstat for each and reads contents only where a stamp has changed, or where a file was
 * written so shortly before the record that its time could not tell (the "racy" case that git knows).
 * Paths inside the store never change; whether they are still there is asked separately.
 */
import { type BigIntStats, lstatSync, readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { fsPath } from "../format/bytes.ts";
import { sha256Transient } from "../format/sha256.ts";

/** A change time, size and inode, as text; `-`: nothing there. */
export type Stamp = string;

export type Observation =
  /** The contents of a file were read. Follows links, as reading does. */
  | { readonly kind: "file"; readonly path: string; readonly stamp: Stamp; readonly hash: string }
  /** A directory's entries and their types. */
  | { readonly kind: "directory"; readonly path: string; readonly stamp: Stamp; readonly hash: string }
  /** Type of what is there (lstat): `regular`, `directory`, `symlink`, `unknown`, or `-` for nothing. */
  | { readonly kind: "type"; readonly path: string; readonly type: string }
  | { readonly kind: "link"; readonly path: string; readonly target: string }
  | { readonly kind: "variable"; readonly name: string; readonly value: string | null };

export interface EvaluationRecord {
  readonly observations: readonly Observation[];
  /** Milliseconds since the epoch: when the first observation may have been made. */
  readonly began: number;
  /** Milliseconds since the epoch after which the record is no longer good; undefined: never. */
  readonly expires: number | undefined;
}

const hashOf = (data: Uint8Array): string => sha256Transient(data).toString("base64url");

function stampOf(status: BigIntStats): Stamp {
  return `${status.mtimeNs}:${status.ctimeNs}:${status.size}:${status.ino}`;
}

function typeOf(status: BigIntStats | undefined): string {
  if (status === undefined) return "-";
  if (status.isFile()) return "regular";
  if (status.isDirectory()) return "directory";
  return status.isSymbolicLink() ? "symlink" : "unknown";
}

function statusOf(path: string | Buffer): BigIntStats | undefined {
  try {
    return lstatSync(path, { bigint: true, throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** Of the file in the end: reading follows links. */
function fileStatus(path: string): BigIntStats | undefined {
  try {
    return statSync(fsPath(path), { bigint: true, throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

function listingHash(path: string): string {
  const entries = readdirSync(fsPath(path), { withFileTypes: true, encoding: "buffer" });
  const lines = entries.map((entry) => {
    const type = entry.isFile() ? "r" : entry.isDirectory() ? "d" : entry.isSymbolicLink() ? "l" : "u";
    return `${type}${entry.name.toString("latin1")}`;
  });
  return hashOf(Buffer.from(lines.sort().join("\n")));
}

/** Makes a record while an evaluation runs. Paths are byte strings. */
export class Recorder {
  readonly #found = new Map<string, Observation>();
  readonly #began = Date.now();
  #expires: number | undefined;
  /** Why there can be no record; undefined as long as there can. */
  impossible: string | undefined;

  file(path: string): void {
    const key = `f${path}`;
    if (this.#found.has(key)) return;
    try {
      const hash = hashOf(readFileSync(fsPath(path)));
      const status = fileStatus(path);
      if (status !== undefined) this.#found.set(key, { kind: "file", path, stamp: stampOf(status), hash });
    } catch {
      this.type(path);
    }
  }

  directory(path: string): void {
    const key = `d${path}`;
    if (this.#found.has(key)) return;
    try {
      const status = statusOf(fsPath(path));
      const hash = listingHash(path);
      if (status !== undefined)
        this.#found.set(key, { kind: "directory", path, stamp: stampOf(status), hash });
    } catch {
      this.type(path);
    }
  }

  type(path: string): void {
    const key = `t${path}`;
    if (!this.#found.has(key))
      this.#found.set(key, { kind: "type", path, type: typeOf(statusOf(fsPath(path))) });
  }

  link(path: string): void {
    try {
      const target = readlinkSync(fsPath(path), "buffer").toString("latin1");
      this.#found.set(`l${path}`, { kind: "link", path, target });
    } catch {
      this.type(path);
    }
  }

  variable(name: string, value: string | undefined): void {
    this.#found.set(`v${name}`, { kind: "variable", name, value: value ?? null });
  }

  /** A whole tree that was copied to the store. @param wanted which entries were; undefined: all */
  tree(path: string, wanted: ((path: string) => boolean) | undefined): void {
    const limit = 20_000;
    const open = [path];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (this.#found.size > limit) {
        this.impossible = "too many files are copied to the store";
        return;
      }
      const type = typeOf(statusOf(fsPath(next)));
      if (type === "symlink") this.link(next);
      else if (type !== "directory") this.file(next);
      else {
        this.directory(next);
        for (const entry of readdirSync(fsPath(next), { encoding: "buffer" })) {
          const below = `${next}/${entry.toString("latin1")}`;
          if (wanted === undefined || wanted(below)) open.push(below);
        }
      }
    }
  }

  expiresAfter(milliseconds: number): void {
    const at = this.#began + milliseconds;
    this.#expires = Math.min(this.#expires ?? at, at);
  }

  record(): EvaluationRecord {
    return { observations: [...this.#found.values()], began: this.#began, expires: this.#expires };
  }
}

/** File times come in ticks of the kernel's clock, up to 10 ms long; what is this near may have changed unseen. */
const raceMilliseconds = 50n;

/** Does a new evaluation see what the recorded one saw? @returns what differs, or undefined when nothing does */
export function firstDifference(
  record: EvaluationRecord,
  environment: NodeJS.ProcessEnv,
): string | undefined {
  if (record.expires !== undefined && Date.now() > record.expires)
    return "time (an address without a hash was fetched)";
  const racy = (BigInt(record.began) - raceMilliseconds) * 1_000_000n;
  for (const seen of record.observations) {
    switch (seen.kind) {
      case "variable":
        if (
          (environment[Buffer.from(seen.name, "latin1").toString("utf8")] ?? null) !== textOrNull(seen.value)
        )
          return `$${seen.name}`;
        break;
      case "type":
        if (typeOf(statusOf(fsPath(seen.path))) !== seen.type) return seen.path;
        break;
      case "link":
        try {
          if (readlinkSync(fsPath(seen.path), "buffer").toString("latin1") !== seen.target) return seen.path;
        } catch {
          return seen.path;
        }
        break;
      case "file":
      case "directory": {
        const status = seen.kind === "file" ? fileStatus(seen.path) : statusOf(fsPath(seen.path));
        if (status === undefined) return seen.path;
        const changed = stampOf(status) !== seen.stamp;
        if (!changed && status.ctimeNs < racy) break;
        try {
          const hash =
            seen.kind === "file" ? hashOf(readFileSync(fsPath(seen.path))) : listingHash(seen.path);
          if (hash !== seen.hash) return seen.path;
        } catch {
          return seen.path;
        }
        break;
      }
    }
  }
  return undefined;
}

function textOrNull(value: string | null): string | null {
  return value === null ? null : Buffer.from(value, "latin1").toString("utf8");
}
