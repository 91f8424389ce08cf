/**
 * Reads tar archives: v7, ustar, pax and GNU long names, as a push parser over chunks of any size.
 *
 * Where tar readers disagree about what an archive says, it is refused rather than read one way: a pax size that
 * contradicts a ustar size, links with contents, a lone zero block, names given twice for one member, sparse files.
 * Formats: POSIX pax(1) "Interchange Format", GNU tar manual "Basic Tar Format".
 */
import type { ByteString } from "../format/bytes.ts";
import { ArchiveError } from "./error.ts";

export interface TarMember {
  readonly kind: "file" | "directory" | "symlink" | "hardlink";
  /** Byte string as it stands in the archive. */
  readonly path: ByteString;
  /** Bytes that follow; 0 but for files. */
  readonly size: number;
  readonly mode: number;
  /** Of links. */
  readonly target: ByteString;
  /** Seconds since the epoch, whole. */
  readonly mtime: number;
}

export interface TarHandler {
  /** A member begins; for a file, `size` bytes follow in `data`, then `end`. */
  member(member: TarMember): void;
  data(chunk: Buffer): void;
  end(): void;
}

const blockSize = 512;
const maxExtension = 2 ** 20;
/** The largest size that eleven octal digits hold, and one. */
const ustarSizeLimit = 8 * 2 ** 30;

interface Header {
  readonly type: string;
  readonly path: ByteString;
  readonly link: ByteString;
  readonly size: number;
  readonly mode: number;
  readonly mtime: number;
}

interface Extensions {
  path?: ByteString;
  link?: ByteString;
  size?: number;
}

type State = "header" | "data" | "extension" | "padding" | "ended";

export class TarReader {
  readonly #handler: TarHandler;
  readonly #held = Buffer.alloc(blockSize);
  #heldLength = 0;
  #state: State = "header";
  #left = 0;
  #padding = 0;
  #zeroBlocks = 0;
  #extensionType = "";
  #extension: Buffer[] = [];
  #pending: Extensions | undefined;
  #sawMember = false;

  constructor(handler: TarHandler) {
    this.#handler = handler;
  }

  /** @throws ArchiveError */
  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      switch (this.#state) {
        case "header": {
          const n = Math.min(blockSize - this.#heldLength, chunk.length - at);
          if (this.#heldLength === 0 && n === blockSize) {
            const block = chunk.subarray(at, at + blockSize);
            at += n;
            this.#header(block);
          } else {
            chunk.copy(this.#held, this.#heldLength, at, at + n);
            this.#heldLength += n;
            at += n;
            if (this.#heldLength === blockSize) {
              this.#heldLength = 0;
              this.#header(this.#held);
            }
          }
          break;
        }
        case "data":
        case "extension": {
          const n = Math.min(this.#left, chunk.length - at);
          const piece = chunk.subarray(at, at + n);
          at += n;
          this.#left -= n;
          if (this.#state === "data") this.#handler.data(piece);
          else this.#extension.push(Buffer.from(piece));
          if (this.#left === 0) this.#bodyEnds();
          break;
        }
        case "padding": {
          const n = Math.min(this.#padding, chunk.length - at);
          at += n;
          this.#padding -= n;
          if (this.#padding === 0) this.#state = "header";
          break;
        }
        case "ended":
          return; // what follows the end mark is no part of the archive
        default: {
          const never: never = this.#state;
          throw new Error(never);
        }
      }
    }
  }

  /** The input is over. @throws ArchiveError if the archive is not */
  finish(): void {
    if (this.#state === "ended") return;
    if (this.#state !== "header" || this.#heldLength > 0) {
      // Some writers leave out the padding of the very last member.
      if (!(this.#state === "padding" && this.#sawMember))
        throw new ArchiveError("the tar archive is cut short");
    }
    if (this.#pending !== undefined) throw new ArchiveError("the tar archive is cut short");
    if (!this.#sawMember && this.#zeroBlocks === 0) throw new ArchiveError("this is no tar archive");
  }

  #header(block: Buffer): void {
    if (isZero(block)) {
      if (this.#pending !== undefined) throw new ArchiveError("the tar archive has an extension of nothing");
      if (++this.#zeroBlocks === 2) this.#state = "ended";
      return;
    }
    if (this.#zeroBlocks > 0) throw new ArchiveError("the tar archive goes on after a zero block");
    const header = parseHeader(block, this.#sawMember);
    this.#sawMember = true;
    switch (header.type) {
      case "x":
      case "g":
      case "L":
      case "K":
        if (header.size > maxExtension)
          throw new ArchiveError("the tar archive has too large an extension header");
        this.#extensionType = header.type;
        this.#extension = [];
        this.#begin("extension", header.size);
        return;
      case "V": // GNU's volume label: no member
        this.#begin("data", 0);
        return;
      default:
        this.#member(header);
    }
  }

  #begin(state: "data" | "extension", size: number): void {
    this.#left = size;
    this.#padding = (blockSize - (size % blockSize)) % blockSize;
    this.#state = state;
    if (size > 0) return;
    if (state === "extension") this.#bodyEnds();
    else this.#state = "header";
  }

  #bodyEnds(): void {
    if (this.#state === "data") this.#handler.end();
    else this.#extend(Buffer.concat(this.#extension));
    this.#state = this.#padding > 0 ? "padding" : "header";
  }

  #extend(body: Buffer): void {
    if (this.#extensionType === "g") {
      for (const [key] of paxRecords(body)) {
        if (["path", "linkpath", "size"].includes(key)) {
          throw new ArchiveError(`the tar archive sets '${key}' for all members at once`);
        }
      }
      return;
    }
    this.#pending ??= {};
    const pending = this.#pending;
    const once = (key: "path" | "link" | "size") => {
      if (pending[key] !== undefined) throw new ArchiveError(`the tar archive gives a member's ${key} twice`);
    };
    if (this.#extensionType !== "x") {
      const key = this.#extensionType === "L" ? "path" : "link";
      once(key);
      pending[key] = beforeNul(body.toString("latin1"));
      return;
    }
    for (const [key, value] of paxRecords(body)) {
      if (key === "path" || key === "linkpath") {
        const name = key === "path" ? "path" : "link";
        once(name);
        if (value.includes("\0")) throw new ArchiveError("the tar archive has a NUL byte in a name");
        pending[name] = value;
      } else if (key === "size") {
        once("size");
        if (!/^\d{1,15}$/.test(value)) throw new ArchiveError(`the tar archive has a wrong size '${value}'`);
        pending.size = Number(value);
      } else if (key.startsWith("GNU.sparse.")) {
        throw new ArchiveError("the tar archive has a sparse file, which is not supported");
      }
    }
  }

  #member(header: Header): void {
    const extensions = this.#pending ?? {};
    this.#pending = undefined;
    const path = extensions.path ?? header.path;
    const target = extensions.link ?? header.link;
    let { size } = header;
    if (extensions.size !== undefined && extensions.size !== size) {
      if (extensions.size < ustarSizeLimit) {
        throw new ArchiveError(
          `the tar archive gives two sizes for '${path}': ${size} and ${extensions.size} bytes`,
        );
      }
      size = extensions.size;
    }
    if (path === "") throw new ArchiveError("the tar archive has a member without name");
    const empty = (kind: TarMember["kind"]): TarMember => {
      if (size !== 0) throw new ArchiveError(`the tar archive has a ${kind} with contents: '${path}'`);
      return { kind, path, size: 0, mode: header.mode, target, mtime: header.mtime };
    };
    let member: TarMember;
    switch (header.type) {
      case "0":
      case "\0":
      case "7":
        // Before POSIX, a directory was a file with a slash at its end.
        member = path.endsWith("/")
          ? empty("directory")
          : { kind: "file", path, size, mode: header.mode, target: "", mtime: header.mtime };
        break;
      case "1":
        member = empty("hardlink");
        break;
      case "2":
        member = empty("symlink");
        break;
      case "5":
        member = empty("directory");
        break;
      case "3":
      case "4":
        throw new ArchiveError(`the tar archive has a device: '${path}'`);
      case "6":
        throw new ArchiveError(`the tar archive has a named pipe: '${path}'`);
      case "S":
        throw new ArchiveError("the tar archive has a sparse file, which is not supported");
      default:
        throw new ArchiveError(`the tar archive has a member of unknown type '${header.type}': '${path}'`);
    }
    this.#handler.member(member);
    if (member.kind === "file" && size === 0) this.#handler.end();
    this.#begin("data", size);
  }
}

function isZero(block: Buffer): boolean {
  for (let i = 0; i < blockSize; i++) if (block[i] !== 0) return false;
  return true;
}

function beforeNul(text: ByteString): ByteString {
  const end = text.indexOf("\0");
  return end < 0 ? text : text.slice(0, end);
}

function parseHeader(block: Buffer, later: boolean): Header {
  let unsigned = 0;
  let signed = 0;
  for (let i = 0; i < blockSize; i++) {
    const byte = i >= 148 && i < 156 ? 0x20 : block[i]!;
    unsigned += byte;
    signed += byte > 127 ? byte - 256 : byte;
  }
  const sum = /^ *([0-7]+)[ \0]*$/.exec(block.toString("latin1", 148, 156));
  const stated = sum === null ? -1 : Number.parseInt(sum[1]!, 8);
  if (stated !== unsigned && stated !== signed) {
    throw new ArchiveError(
      later ? "the tar archive has a header with a wrong checksum" : "this is no tar archive",
    );
  }
  const text = (from: number, length: number) => beforeNul(block.toString("latin1", from, from + length));
  const name = text(0, 100);
  // GNU tar keeps other things where POSIX has the prefix; its magic has spaces.
  const posix = block.toString("latin1", 257, 263) === "ustar\0";
  const prefix = posix ? text(345, 155) : "";
  return {
    type: String.fromCharCode(block[156]!),
    path: prefix === "" ? name : `${prefix}/${name}`,
    link: text(157, 100),
    size: number(block, 124, 12, "size"),
    mode: number(block, 100, 8, "mode"),
    mtime: clampTime(block),
  };
}

/** A field of octal digits, or a big-endian number after GNU's mark 0x80. */
function number(block: Buffer, from: number, length: number, what: string): number {
  if (block[from]! & 0x80) {
    let value = 0n;
    for (let i = 1; i < length; i++) value = (value << 8n) | BigInt(block[from + i]!);
    if (block[from] !== 0x80 || value > BigInt(Number.MAX_SAFE_INTEGER)) {
      throw new ArchiveError(`the tar archive has an impossible ${what}`);
    }
    return Number(value);
  }
  const field = block.toString("latin1", from, from + length);
  const found = /^[ \0]*([0-7]*)[ \0]*$/.exec(field);
  if (found === null) throw new ArchiveError(`the tar archive has an impossible ${what}`);
  return found[1] === "" ? 0 : Number.parseInt(found[1]!, 8);
}

/** The time is information only; one before 1970 or out of range is no reason to refuse. */
function clampTime(block: Buffer): number {
  try {
    return number(block, 136, 12, "time");
  } catch {
    return 0;
  }
}

/** `length key=value\n` */
function* paxRecords(body: Buffer): Generator<[key: string, value: ByteString]> {
  const text = body.toString("latin1");
  for (let at = 0; at < text.length; ) {
    const space = text.indexOf(" ", at);
    const digits = text.slice(at, space < 0 ? at : space);
    if (!/^[1-9]\d{0,7}$/.test(digits)) throw new ArchiveError("the tar archive has a broken pax header");
    const end = at + Number(digits);
    const record = text.slice(space + 1, end - 1);
    const equals = record.indexOf("=");
    if (end > text.length || text[end - 1] !== "\n" || equals < 1) {
      throw new ArchiveError("the tar archive has a broken pax header");
    }
    yield [record.slice(0, equals), record.slice(equals + 1)];
    at = end;
  }
}
