/**
 * Reads zip archives and wheels, and refuses whatever readers could understand differently.
 *
 * The central directory, the local headers and the data must tile the file: nothing before, between or after, no
 * duplicate names, no disagreement between the two headers of a member, no lie about sizes or checksums. So what is
 * unpacked here is what Python's zipfile and every streaming reader sees. Encrypted, split and multi-disk archives
 * and methods other than stored and deflated are refused. APPNOTE.TXT 6.3; PEP 427, PEP 715's reasons.
 */
import * as fs from "node:fs";
import { promisify } from "node:util";
import * as zlib from "node:zlib";
import { type ByteString, toBytes } from "../format/bytes.ts";
import { ArchiveError } from "./error.ts";
import { type LinkPolicy, type TreeLimits, TreeWriter } from "./tree-writer.ts";

export interface UnpackZipOptions extends TreeLimits {
  readonly origin?: string | undefined;
  readonly links?: LinkPolicy | undefined;
}

interface ZipMember {
  readonly name: ByteString;
  readonly rawName: Buffer;
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly compressedSize: number;
  readonly size: number;
  readonly offset: number;
  /** Unix mode, 0 if the archive was not made on Unix. */
  readonly mode: number;
}

const endSignature = 0x06054b50;
const end64Signature = 0x06064b50;
const locator64Signature = 0x07064b50;
const centralSignature = 0x02014b50;
const localSignature = 0x04034b50;
const descriptorSignature = 0x08074b50;
const maxCentralDirectory = 512 * 2 ** 20;

class Reader {
  readonly file: number;
  readonly size: number;
  readonly origin: string;
  constructor(path: string, origin: string) {
    this.file = fs.openSync(path, "r");
    this.size = fs.fstatSync(this.file).size;
    this.origin = origin;
  }
  fail(why: string): never {
    throw new ArchiveError(`the archive '${this.origin}' is refused: ${why}`);
  }
  read(offset: number, length: number): Buffer {
    if (offset < 0 || offset + length > this.size) this.fail("it is cut short");
    const buffer = Buffer.allocUnsafe(length);
    for (let done = 0; done < length; ) {
      const n = fs.readSync(this.file, buffer, done, length - done, offset + done);
      if (n === 0) this.fail("it is cut short");
      done += n;
    }
    return buffer;
  }
}

interface End {
  readonly entries: number;
  readonly directorySize: number;
  readonly directoryOffset: number;
}

function safe(reader: Reader, value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) reader.fail("it has an impossible size");
  return Number(value);
}

/** The record at the very end. A comment would let something else be the end: none is accepted. */
function readEnd(reader: Reader): End {
  if (reader.size < 22) reader.fail("it is no zip archive");
  const at = reader.size - 22;
  const record = reader.read(at, 22);
  if (record.readUInt32LE(0) !== endSignature) {
    reader.fail("it is no zip archive, or something follows its end");
  }
  if (record.readUInt16LE(20) !== 0) reader.fail("its end is not where it says");
  if (record.readUInt16LE(4) !== 0 || record.readUInt16LE(6) !== 0)
    reader.fail("it is spread over several files");
  const plain: End = {
    entries: record.readUInt16LE(10),
    directorySize: record.readUInt32LE(12),
    directoryOffset: record.readUInt32LE(16),
  };
  if (record.readUInt16LE(8) !== plain.entries) reader.fail("it is spread over several files");
  const locator = at >= 20 ? reader.read(at - 20, 20) : undefined;
  if (locator?.readUInt32LE(0) !== locator64Signature) {
    if (plain.directoryOffset + plain.directorySize !== at) reader.fail("its directory is not where it says");
    return plain;
  }
  const at64 = safe(reader, locator.readBigUInt64LE(8));
  if (locator.readUInt32LE(4) !== 0 || locator.readUInt32LE(16) !== 1)
    reader.fail("it is spread over several files");
  if (at64 + 56 !== at - 20) reader.fail("its zip64 record is not where it says");
  const record64 = reader.read(at64, 56);
  if (record64.readUInt32LE(0) !== end64Signature || record64.readBigUInt64LE(4) !== 44n) {
    reader.fail("its zip64 record is broken");
  }
  const end: End = {
    entries: safe(reader, record64.readBigUInt64LE(32)),
    directorySize: safe(reader, record64.readBigUInt64LE(40)),
    directoryOffset: safe(reader, record64.readBigUInt64LE(48)),
  };
  // Where the old record holds a number and not the mark for "see zip64", both must say the same.
  const agree = (old: number, mark: number, now: number) => old === mark || old === now;
  if (
    record64.readBigUInt64LE(24) !== BigInt(end.entries) ||
    !agree(plain.entries, 0xffff, end.entries) ||
    !agree(plain.directorySize, 0xffffffff, end.directorySize) ||
    !agree(plain.directoryOffset, 0xffffffff, end.directoryOffset)
  ) {
    reader.fail("its zip64 record contradicts the other");
  }
  if (end.directoryOffset + end.directorySize !== at64) reader.fail("its directory is not where it says");
  return end;
}

/** Sizes and offset that did not fit, from the zip64 field. */
function extra64(reader: Reader, extra: Buffer, wanted: readonly boolean[]): number[] {
  const found: number[] = [];
  let seen = false;
  for (let at = 0; at < extra.length; ) {
    if (at + 4 > extra.length) {
      // Java and Android pad with zeros.
      if (extra.subarray(at).every((byte) => byte === 0)) break;
      reader.fail("it has a broken extra field");
    }
    const id = extra.readUInt16LE(at);
    const length = extra.readUInt16LE(at + 2);
    if (at + 4 + length > extra.length) reader.fail("it has a broken extra field");
    if (id === 1) {
      if (seen) reader.fail("it has two zip64 fields for one member");
      seen = true;
      let from = at + 4;
      for (const want of wanted) {
        if (!want) continue;
        if (from + 8 > at + 4 + length) reader.fail("it has a broken zip64 field");
        found.push(safe(reader, extra.readBigUInt64LE(from)));
        from += 8;
      }
    } else if (id === 0x7075) {
      reader.fail("it gives a member two names (Unicode path field)");
    }
    at += 4 + length;
  }
  if (!seen && wanted.some((want) => want)) reader.fail("it lacks a zip64 field");
  return found;
}

/** Names: UTF-8 if marked so or ASCII, else code page 437, which is refused: readers differ. */
function decodeName(reader: Reader, raw: Buffer, flags: number): ByteString {
  const name = raw.toString("latin1");
  if (raw.some((byte) => byte > 127)) {
    if (!(flags & 0x800)) reader.fail("it has a name that is neither ASCII nor marked as UTF-8");
    if (toBytes(raw.toString("utf8")) !== name) reader.fail("it has a name that is not UTF-8");
  }
  if (name === "" || name.includes("\0")) reader.fail("it has a member with an impossible name");
  if (name.includes("\\")) reader.fail(`it has a backslash in the name '${raw.toString("utf8")}'`);
  return name;
}

function readDirectory(reader: Reader): ZipMember[] {
  const end = readEnd(reader);
  if (end.directorySize > maxCentralDirectory || end.entries * 46 > end.directorySize) {
    reader.fail("its directory is too large");
  }
  const directory = reader.read(end.directoryOffset, end.directorySize);
  const members: ZipMember[] = [];
  const names = new Set<string>();
  let at = 0;
  for (let i = 0; i < end.entries; i++) {
    if (at + 46 > directory.length || directory.readUInt32LE(at) !== centralSignature) {
      reader.fail("its directory is broken");
    }
    const nameLength = directory.readUInt16LE(at + 28);
    const extraLength = directory.readUInt16LE(at + 30);
    const commentLength = directory.readUInt16LE(at + 32);
    const next = at + 46 + nameLength + extraLength + commentLength;
    if (next > directory.length) reader.fail("its directory is broken");
    const rawName = directory.subarray(at + 46, at + 46 + nameLength);
    const extra = directory.subarray(at + 46 + nameLength, at + 46 + nameLength + extraLength);
    const flags = directory.readUInt16LE(at + 8);
    let compressedSize = directory.readUInt32LE(at + 20);
    let size = directory.readUInt32LE(at + 24);
    let offset = directory.readUInt32LE(at + 42);
    const disk = directory.readUInt16LE(at + 34);
    const large = [size === 0xffffffff, compressedSize === 0xffffffff, offset === 0xffffffff];
    const values = extra64(reader, extra, large);
    if (large[0]) size = values.shift()!;
    if (large[1]) compressedSize = values.shift()!;
    if (large[2]) offset = values.shift()!;
    if (flags & 0x2041) reader.fail("it is encrypted");
    if (disk !== 0) reader.fail("it is spread over several files");
    const name = decodeName(reader, rawName, flags);
    const key = name.replace(/\/$/, "");
    if (names.has(key)) reader.fail(`it has two members called '${rawName.toString("utf8")}'`);
    names.add(key);
    const madeOnUnix = directory[at + 5] === 3 || directory[at + 5] === 19;
    members.push({
      name,
      rawName: Buffer.from(rawName),
      flags,
      method: directory.readUInt16LE(at + 10),
      crc: directory.readUInt32LE(at + 16),
      compressedSize,
      size,
      offset,
      mode: madeOnUnix ? directory.readUInt32LE(at + 38) >>> 16 : 0,
    });
    at = next;
  }
  if (at !== directory.length) reader.fail("its directory has more than it says");
  checkLayout(reader, members, end.directoryOffset);
  return members;
}

/** Where each member's data begins, by member. */
const dataOffsets = new WeakMap<ZipMember, number>();

/** Local headers must say what the directory says, and follow one another without gaps. */
function checkLayout(reader: Reader, members: readonly ZipMember[], directoryOffset: number): void {
  let expected = 0;
  for (const member of [...members].sort((a, b) => a.offset - b.offset)) {
    if (member.offset !== expected) reader.fail("there is something between its members, or before them");
    const shown = member.rawName.toString("utf8");
    const header = reader.read(member.offset, 30);
    if (header.readUInt32LE(0) !== localSignature) reader.fail(`the header of '${shown}' is broken`);
    const nameLength = header.readUInt16LE(26);
    const extraLength = header.readUInt16LE(28);
    const rest = reader.read(member.offset + 30, nameLength + extraLength);
    if (!rest.subarray(0, nameLength).equals(member.rawName)) reader.fail(`'${shown}' has two names`);
    const flags = header.readUInt16LE(6);
    if ((flags & 0x809) !== (member.flags & 0x809)) reader.fail(`'${shown}' has two sets of flags`);
    if (header.readUInt16LE(8) !== member.method) reader.fail(`'${shown}' has two compression methods`);
    const described = (flags & 8) !== 0;
    let compressedSize = header.readUInt32LE(18);
    let size = header.readUInt32LE(22);
    const large = [size === 0xffffffff, compressedSize === 0xffffffff];
    const values = extra64(reader, rest.subarray(nameLength), large);
    const zip64 = large.includes(true);
    if (large[0]) size = values.shift()!;
    if (large[1]) compressedSize = values.shift()!;
    const crc = header.readUInt32LE(14);
    const same = (stated: number, known: number) => stated === known || (described && stated === 0);
    if (!same(crc, member.crc) || !same(size, member.size) || !same(compressedSize, member.compressedSize)) {
      reader.fail(`'${shown}' has two sizes or checksums`);
    }
    const data = member.offset + 30 + nameLength + extraLength;
    dataOffsets.set(member, data);
    expected = data + member.compressedSize;
    if (described) expected += descriptorLength(reader, expected, member, directoryOffset, zip64);
    if (expected > directoryOffset) reader.fail(`'${shown}' reaches into the directory`);
  }
  if (expected !== directoryOffset) reader.fail("there is something between its members and its directory");
}

/** The data descriptor comes with or without signature, with 32- or 64-bit sizes: whichever says the truth. */
function descriptorLength(
  reader: Reader,
  at: number,
  member: ZipMember,
  limit: number,
  zip64: boolean,
): number {
  const available = reader.read(at, Math.max(0, Math.min(24, limit - at)));
  for (const signed of [true, false]) {
    for (const wide of zip64 ? [true, false] : [false, true]) {
      const from = signed ? 4 : 0;
      const length = from + (wide ? 20 : 12);
      if (available.length < length) continue;
      if (signed && available.readUInt32LE(0) !== descriptorSignature) continue;
      const sizes = wide
        ? [available.readBigUInt64LE(from + 4), available.readBigUInt64LE(from + 12)]
        : [BigInt(available.readUInt32LE(from + 4)), BigInt(available.readUInt32LE(from + 8))];
      if (
        available.readUInt32LE(from) === member.crc &&
        sizes[0] === BigInt(member.compressedSize) &&
        sizes[1] === BigInt(member.size)
      ) {
        return length;
      }
    }
  }
  return reader.fail(`'${member.rawName.toString("utf8")}' has a wrong data descriptor`);
}

const inflateRaw = promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.inflateRaw);
const wholeLimit = 64 * 2 ** 20;

/** Decoded contents in pieces, checked against size and checksum. */
async function* contents(reader: Reader, member: ZipMember): AsyncGenerator<Buffer> {
  const shown = member.rawName.toString("utf8");
  const start = dataOffsets.get(member)!;
  let crc = 0;
  let size = 0;
  const check = (chunk: Buffer): Buffer => {
    size += chunk.length;
    if (size > member.size) reader.fail(`'${shown}' is larger than it says`);
    crc = zlib.crc32(chunk, crc);
    return chunk;
  };
  if (member.method === 0) {
    if (member.compressedSize !== member.size) reader.fail(`'${shown}' has two sizes`);
    for (let at = 0; at < member.size; at += 1 << 20) {
      yield check(reader.read(start + at, Math.min(1 << 20, member.size - at)));
    }
  } else if (member.method === 8) {
    if (member.size <= wholeLimit) {
      let out: Buffer;
      try {
        out = await inflateRaw(reader.read(start, member.compressedSize), {
          maxOutputLength: member.size + 1,
        });
      } catch (error) {
        reader.fail(`'${shown}' cannot be decompressed: ${(error as Error).message}`);
      }
      yield check(out);
    } else {
      const source = fs.createReadStream("", {
        fd: reader.file,
        autoClose: false,
        start,
        end: start + member.compressedSize - 1,
        highWaterMark: 1 << 18,
      });
      try {
        for await (const chunk of source.pipe(zlib.createInflateRaw({ chunkSize: 1 << 18 })))
          yield check(chunk as Buffer);
      } catch (error) {
        if (error instanceof ArchiveError) throw error;
        reader.fail(`'${shown}' cannot be decompressed: ${(error as Error).message}`);
      } finally {
        source.destroy();
      }
    }
  } else {
    reader.fail(`'${shown}' is compressed by method ${member.method}, which is not supported`);
  }
  if (size !== member.size) reader.fail(`'${shown}' is smaller than it says`);
  if (crc !== member.crc) reader.fail(`'${shown}' has a wrong checksum`);
}

const typeMask = 0o170000;
const symlinkType = 0o120000;

/**
 * @param destination made if it is not there, else it must be an empty directory; the caller's to remove on failure
 * @returns how many members there were
 * @throws ArchiveError
 */
export async function unpackZip(
  file: string,
  destination: string,
  options: UnpackZipOptions = {},
): Promise<number> {
  const reader = new Reader(file, options.origin ?? file);
  try {
    const members = readDirectory(reader);
    const writer = new TreeWriter(destination, reader.origin, options.links ?? "inside", options);
    for (const member of members) {
      const shown = member.rawName.toString("utf8");
      const type = member.mode & typeMask;
      if (member.name.endsWith("/")) {
        if (member.size !== 0) reader.fail(`the directory '${shown}' has contents`);
        writer.directory(member.name);
      } else if (type === symlinkType) {
        if (member.size > 4095) reader.fail(`the link '${shown}' is too long`);
        const target: Buffer[] = [];
        for await (const chunk of contents(reader, member)) target.push(chunk);
        writer.symlink(member.name, Buffer.concat(target).toString("latin1"));
      } else if (type === 0 || type === 0o100000) {
        const out = writer.file(member.name, (member.mode & 0o100) !== 0);
        try {
          for await (const chunk of contents(reader, member)) out.write(chunk);
        } finally {
          out.close();
        }
      } else {
        reader.fail(`'${shown}' is a device, a directory in disguise or a pipe`);
      }
    }
    return members.length;
  } finally {
    fs.closeSync(reader.file);
  }
}

/**
 * One member's contents, undefined if there is none of that name.
 * @param limit bytes it may have
 * @throws ArchiveError
 */
export async function readZipEntry(file: string, name: string, limit: number): Promise<Buffer | undefined> {
  const reader = new Reader(file, file);
  try {
    const wanted = toBytes(name);
    const member = readDirectory(reader).find((each) => each.name === wanted);
    if (member === undefined) return undefined;
    if (member.size > limit) reader.fail(`'${name}' is larger than ${limit} bytes`);
    const chunks: Buffer[] = [];
    for await (const chunk of contents(reader, member)) chunks.push(chunk);
    return Buffer.concat(chunks);
  } finally {
    fs.closeSync(reader.file);
  }
}
