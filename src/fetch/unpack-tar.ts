/**
 * Unpacks a tar archive, compressed or not, into a directory: `tar-reader.ts` says what is in it, `tree-writer.ts`
 * writes it and nothing outside of the directory.
 *
 * A failed unpacking leaves what was written so far; the directory is the caller's to remove.
 */
import * as fs from "node:fs";
import type { Readable } from "node:stream";
import { decompress } from "./decompress.ts";
import { ArchiveError } from "./error.ts";
import { TarReader } from "./tar-reader.ts";
import { type LinkPolicy, type TreeLimits, TreeWriter } from "./tree-writer.ts";

export interface UnpackTarOptions extends TreeLimits {
  /** What the archive is called in errors: its file or address. */
  readonly origin: string;
  /** "inside" unless told otherwise. */
  readonly links?: LinkPolicy | undefined;
}

export interface UnpackedTar {
  readonly entries: number;
  /** The latest time of any member, in seconds since the epoch. */
  readonly lastModified: number;
}

/**
 * @param destination made if it is not there, else it must be an empty directory
 * @throws ArchiveError
 */
export async function unpackTarStream(
  source: Readable,
  destination: string,
  options: UnpackTarOptions,
): Promise<UnpackedTar> {
  let writer: TreeWriter;
  try {
    writer = new TreeWriter(destination, options.origin, options.links ?? "inside", options);
  } catch (error) {
    source.once("error", () => {}); // it may still be opening its file
    source.destroy();
    throw error;
  }
  let file: ReturnType<TreeWriter["file"]> | undefined;
  let entries = 0;
  let lastModified = 0;
  const reader = new TarReader({
    member(member) {
      entries++;
      lastModified = Math.max(lastModified, member.mtime);
      switch (member.kind) {
        case "file":
          file = writer.file(member.path, (member.mode & 0o100) !== 0);
          break;
        case "directory":
          writer.directory(member.path);
          break;
        case "symlink":
          writer.symlink(member.path, member.target);
          break;
        case "hardlink":
          writer.hardlink(member.path, member.target);
          break;
        default: {
          const never: never = member.kind;
          throw new Error(never);
        }
      }
    },
    data(chunk) {
      file?.write(chunk);
    },
    end() {
      file?.close();
      file = undefined;
    },
  });
  // Headers and padding come on top of what the files hold.
  const limit = (options.maxBytes ?? 64 * 2 ** 30) + (options.maxEntries ?? 2_000_000) * 2048;
  try {
    for await (const chunk of decompress(source, options.origin, limit)) reader.push(chunk);
    reader.finish();
  } catch (error) {
    if (error instanceof ArchiveError && !error.message.includes(options.origin)) {
      throw new ArchiveError(`'${options.origin}': ${error.message}`, { cause: error, hint: error.hint });
    }
    throw error;
  } finally {
    file?.close();
  }
  return { entries, lastModified };
}

/** As unpackTarStream, from a file. */
export async function unpackTar(
  file: string,
  destination: string,
  options: Partial<UnpackTarOptions> = {},
): Promise<UnpackedTar> {
  const source = fs.createReadStream(file, { highWaterMark: 1 << 18 });
  return await unpackTarStream(source, destination, { origin: file, ...options });
}
