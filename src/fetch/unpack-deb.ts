/**
 * Unpacks the file tree of a Debian package: an `ar` archive of `debian-binary`, `control.tar.*` and `data.tar.*`.
 *
 * Only `data.tar` is written; maintainer scripts are never looked at. Owners are ignored, as are set-id bits, which
 * a store path cannot have. Format: deb(5).
 */
import * as fs from "node:fs";
import { ArchiveError } from "./error.ts";
import { unpackTarStream } from "./unpack-tar.ts";

const magic = "!<arch>\n";
const headerLength = 60;

interface Member {
  readonly name: string;
  readonly offset: number;
  readonly size: number;
}

/**
 * @param file the `.deb`
 * @param destinationDirectory made if it is not there, else it must be empty
 * @throws ArchiveError if the package is broken, hostile or too large
 */
export async function unpackDeb(file: string, destinationDirectory: string): Promise<void> {
  const data = readMembers(file).filter((member) => /^data\.tar(\.(gz|xz|zst|bz2))?$/.test(member.name));
  if (data.length !== 1) {
    throw new ArchiveError(
      data.length === 0
        ? `'${file}' is no Debian package that can be read: it has no data.tar, .gz, .xz, .zst or .bz2`
        : `'${file}' has ${data.length} members called data.tar`,
    );
  }
  const { offset, size } = data[0]!;
  if (size === 0) throw new ArchiveError(`'${file}' has an empty data.tar`);
  const stream = fs.createReadStream(file, { start: offset, end: offset + size - 1, highWaterMark: 1 << 18 });
  await unpackTarStream(stream, destinationDirectory, { origin: file, links: "root" });
}

/** The members of an ar archive, checked to tile the file. */
function readMembers(path: string): Member[] {
  const file = fs.openSync(path, "r");
  try {
    const { size: fileSize } = fs.fstatSync(file);
    const read = (offset: number, length: number): string => {
      const buffer = Buffer.alloc(length);
      const n = fs.readSync(file, buffer, 0, length, offset);
      if (n !== length) throw new ArchiveError(`'${path}' is cut short`);
      return buffer.toString("latin1");
    };
    if (fileSize < magic.length || read(0, magic.length) !== magic) {
      throw new ArchiveError(`'${path}' is no Debian package`);
    }
    const members: Member[] = [];
    for (let at = magic.length; at < fileSize; ) {
      const header = read(at, headerLength);
      const size = /^(\d{1,10}) *$/.exec(header.slice(48, 58));
      if (header.slice(58) !== "`\n" || size === null) {
        throw new ArchiveError(`'${path}' has a broken header at byte ${at}`);
      }
      const member = {
        name: header.slice(0, 16).trimEnd().replace(/\/$/, ""),
        offset: at + headerLength,
        size: Number(size[1]),
      };
      if (member.offset + member.size > fileSize) throw new ArchiveError(`'${path}' is cut short`);
      members.push(member);
      at = member.offset + member.size + (member.size % 2);
      if (members.length > 100) throw new ArchiveError(`'${path}' has too many members`);
    }
    if (members[0]?.name !== "debian-binary") {
      throw new ArchiveError(`'${path}' is no Debian package: it does not begin with debian-binary`);
    }
    return members;
  } finally {
    fs.closeSync(file);
  }
}
