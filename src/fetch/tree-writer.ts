/**
 * Writes the members of an archive below one directory and nowhere else.
 *
 * Every member's path is taken apart here and looked up in a record of what this writer itself has made: a parent
 * must be a directory of its own making, so no link is ever followed, whatever order or duplicates an archive has.
 * The directory must be new and private while it is written. Paths are byte strings.
 *
 * Modes are what a store path can have: directories and executables 0755, other files 0644; owners, times, set-id
 * bits and extended attributes are not taken over.
 */
import * as fs from "node:fs";
import { type ByteString, toBuffer, toBytes, toText } from "../format/bytes.ts";
import { ArchiveError } from "./error.ts";

export interface TreeLimits {
  /** Files, directories and links. */
  readonly maxEntries?: number | undefined;
  /** Bytes of all files together. */
  readonly maxBytes?: number | undefined;
}

/**
 * What a symbolic link may point to: "inside": a relative target that stays below the root; "root": absolute targets
 * too, which are meant from the root, as in a Debian package; "any": anything, links being plain data that nothing
 * here follows (what Nix takes from a tarball).
 */
export type LinkPolicy = "inside" | "root" | "any";

const maxNameLength = 255;
const maxPathLength = 4096;
const maxDepth = 256;

type Kind = "directory" | "file" | "symlink";

export class TreeWriter {
  readonly #root: Buffer;
  readonly #origin: string;
  readonly #links: LinkPolicy;
  readonly #maxEntries: number;
  readonly #maxBytes: number;
  readonly #made = new Map<ByteString, Kind>([["", "directory"]]);
  #bytes = 0;

  /**
   * @param root made if it is not there, else it must be empty
   * @param origin what the archive is called in errors
   */
  constructor(root: string, origin: string, links: LinkPolicy, limits: TreeLimits = {}) {
    this.#root = toBuffer(toBytes(root));
    this.#origin = origin;
    this.#links = links;
    this.#maxEntries = limits.maxEntries ?? 2_000_000;
    this.#maxBytes = limits.maxBytes ?? 64 * 2 ** 30;
    try {
      fs.mkdirSync(root, { mode: 0o755 });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      if (!fs.lstatSync(root).isDirectory() || fs.readdirSync(root).length > 0) {
        throw new ArchiveError(`cannot unpack '${origin}' into '${root}': it is not an empty directory`);
      }
    }
  }

  #fail(member: ByteString, why: string): never {
    throw new ArchiveError(`the archive '${this.#origin}' is refused: its member '${toText(member)}' ${why}`);
  }

  /** Canonical form: parts without `.`, joined by `/`; empty for the root itself. */
  #canonical(member: ByteString): ByteString {
    if (member.length > maxPathLength) this.#fail(member.slice(0, 200), "has too long a path");
    if (member.startsWith("/")) this.#fail(member, "has an absolute path");
    if (member.includes("\0")) this.#fail(member, "has a NUL byte in its path");
    const parts: ByteString[] = [];
    for (const part of member.split("/")) {
      if (part === "" || part === ".") continue;
      if (part === "..") this.#fail(member, "leads out of the archive");
      if (part.length > maxNameLength) this.#fail(member, "has too long a name");
      parts.push(part);
    }
    if (parts.length > maxDepth) this.#fail(member, "is nested too deep");
    return parts.join("/");
  }

  #real(path: ByteString): Buffer {
    return path === "" ? this.#root : Buffer.concat([this.#root, toBuffer(`/${path}`)]);
  }

  #count(member: ByteString, path: ByteString, kind: Kind): void {
    if (this.#made.size > this.#maxEntries) this.#fail(member, `is one of more than ${this.#maxEntries}`);
    this.#made.set(path, kind);
  }

  /** Makes the directories above a member; archives may leave them out. */
  #parents(member: ByteString, path: ByteString): void {
    const slash = path.lastIndexOf("/");
    if (slash < 0) return;
    const parent = path.slice(0, slash);
    const kind = this.#made.get(parent);
    if (kind === "directory") return;
    if (kind !== undefined) {
      this.#fail(member, `lies below '${toText(parent)}', which is a ${kind === "file" ? "file" : "link"}`);
    }
    this.#parents(member, parent);
    this.#makeDirectory(member, parent);
  }

  #makeDirectory(member: ByteString, path: ByteString): void {
    this.#do(member, () => fs.mkdirSync(this.#real(path), { mode: 0o755 }));
    this.#count(member, path, "directory");
  }

  /** Runs a file operation; what it meets that the record does not know is a file system folding names. */
  #do<T>(member: ByteString, operation: () => T): T {
    try {
      return operation();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EEXIST" || code === "ELOOP" || code === "ENOTDIR") {
        this.#fail(member, "has the name of another member on this file system");
      }
      const full = code === "ENOSPC" || code === "EDQUOT";
      throw new ArchiveError(`cannot unpack '${this.#origin}': ${(error as Error).message}`, {
        cause: error,
        hint: full ? "Make room on the disk and run again." : undefined,
      });
    }
  }

  directory(member: ByteString): void {
    const path = this.#canonical(member);
    const kind = this.#made.get(path);
    if (kind === "directory") return;
    if (kind !== undefined) this.#fail(member, "is there twice, as different things");
    this.#parents(member, path);
    this.#makeDirectory(member, path);
  }

  /** Makes room for a file or link. A later member of the same kind takes an earlier one's place. */
  #place(member: ByteString, kind: Kind): ByteString {
    const path = this.#canonical(member);
    if (path === "") this.#fail(member, "has no name");
    const before = this.#made.get(path);
    if (before !== undefined && before !== kind) this.#fail(member, "is there twice, as different things");
    this.#parents(member, path);
    if (before !== undefined) fs.unlinkSync(this.#real(path));
    this.#count(member, path, kind);
    return path;
  }

  /** Begins a regular file; every piece of it goes to `write`, and `close` ends it. */
  file(member: ByteString, executable: boolean): { write(chunk: Uint8Array): void; close(): void } {
    const path = this.#place(member, "file");
    const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = fs.constants;
    const real = this.#real(path);
    const mode = executable ? 0o755 : 0o644;
    const fd = this.#do(member, () =>
      fs.openSync(real, O_WRONLY | O_CREAT | O_EXCL | (O_NOFOLLOW ?? 0), mode),
    );
    let open = true;
    return {
      write: (chunk) => {
        this.#bytes += chunk.length;
        if (this.#bytes > this.#maxBytes) {
          this.#fail(member, `brings the whole beyond ${this.#maxBytes} bytes`);
        }
        this.#do(member, () => {
          for (let done = 0; done < chunk.length; )
            done += fs.writeSync(fd, chunk, done, chunk.length - done);
        });
      },
      close: () => {
        if (!open) return;
        open = false;
        // The process's umask may have taken bits away.
        fs.fchmodSync(fd, mode);
        fs.closeSync(fd);
      },
    };
  }

  symlink(member: ByteString, target: ByteString): void {
    if (target === "" || target.includes("\0") || target.length > 4095)
      this.#fail(member, "is a link to nothing");
    const path = this.#canonical(member);
    if (this.#links !== "any") {
      const absolute = target.startsWith("/");
      if (absolute && this.#links === "inside") this.#fail(member, `is a link to '${toText(target)}'`);
      const from = absolute ? [] : path.split("/").slice(0, -1);
      for (const part of target.split("/")) {
        if (part === "" || part === ".") continue;
        if (part !== "..") from.push(part);
        else if (from.pop() === undefined && !absolute)
          this.#fail(member, `is a link to '${toText(target)}', out of the archive`);
      }
    }
    this.#place(member, "symlink");
    this.#do(member, () => fs.symlinkSync(toBuffer(target), this.#real(path)));
  }

  /** A second name for a file that came before; links are no targets. */
  hardlink(member: ByteString, target: ByteString): void {
    const existing = this.#canonical(target);
    if (this.#made.get(existing) !== "file") {
      this.#fail(member, `is a hard link to '${toText(target)}', which is no file that came before`);
    }
    if (this.#canonical(member) === existing) return;
    const path = this.#place(member, "file");
    this.#do(member, () => fs.linkSync(this.#real(existing), this.#real(path)));
  }
}
