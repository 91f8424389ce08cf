/**
 * Undoes an archive's compression, told by its first bytes, never by its name: gzip, xz, zstd, bzip2 or none.
 *
 * gzip and zstd are streamed. xz and bzip2 are read whole first, for lack of streaming decoders in Node; an xz file
 * says in its index how large it becomes, which is checked against the limit before anything is decoded.
 */
import { PassThrough, pipeline, Readable } from "node:stream";
import * as zlib from "node:zlib";
import { decompressBzip2 } from "./bzip2.ts";
import { ArchiveError } from "./error.ts";

/** Bytes that an xz or bzip2 file may have, compressed. */
const maxWhole = 4 * 2 ** 30 - 1;

export type Compression = "gzip" | "xz" | "zstd" | "bzip2" | "none";

export function compressionOf(start: Uint8Array): Compression {
  const begins = (...bytes: number[]) => bytes.every((byte, i) => start[i] === byte);
  if (begins(0x1f, 0x8b)) return "gzip";
  if (begins(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00)) return "xz";
  if (begins(0x28, 0xb5, 0x2f, 0xfd)) return "zstd";
  if (begins(0x42, 0x5a, 0x68) && start[3]! >= 0x31 && start[3]! <= 0x39) return "bzip2";
  return "none";
}

/**
 * @param maxBytes how much may come out
 * @throws ArchiveError while iterating, if the data is broken, cut short or becomes too large
 */
export async function* decompress(
  source: Readable,
  origin: string,
  maxBytes: number,
): AsyncGenerator<Buffer> {
  const pieces = source[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let start: Buffer = Buffer.alloc(0);
  for (;;) {
    const { value, done } = await pieces.next();
    if (done) break;
    start = start.length === 0 ? value : Buffer.concat([start, value]);
    if (start.length >= 6) break;
  }
  const rest = async function* (): AsyncGenerator<Buffer> {
    if (start.length > 0) yield start;
    for (;;) {
      const { value, done } = await pieces.next();
      if (done) return;
      yield value;
    }
  };
  let size = 0;
  const broken = (cause: unknown) =>
    cause instanceof ArchiveError
      ? new ArchiveError(`'${origin}': ${cause.message}`, { cause })
      : new ArchiveError(`'${origin}' cannot be decompressed: ${(cause as Error).message}`, { cause });
  try {
    for await (const chunk of decoded(compressionOf(start), rest(), maxBytes)) {
      size += chunk.length;
      if (size > maxBytes) throw new ArchiveError(`it becomes larger than ${maxBytes} bytes`);
      yield chunk;
    }
  } catch (error) {
    throw broken(error);
  } finally {
    source.destroy();
  }
}

async function* decoded(
  compression: Compression,
  pieces: AsyncGenerator<Buffer>,
  maxBytes: number,
): AsyncGenerator<Buffer> {
  switch (compression) {
    case "none":
      yield* pieces;
      return;
    case "gzip":
      yield* through(zlib.createGunzip({ chunkSize: 1 << 17 }), pieces);
      return;
    case "zstd":
      yield* through(zlib.createZstdDecompress({ chunkSize: 1 << 17 }), pieces);
      return;
    case "bzip2":
      yield* decompressBzip2(await whole(pieces));
      return;
    case "xz": {
      const data = await whole(pieces);
      const size = xzUncompressedSize(data);
      if (size > BigInt(maxBytes)) throw new ArchiveError(`it becomes larger than ${maxBytes} bytes`);
      const { xz } = await import("@napi-rs/lzma");
      const out = await xz.decompress(data);
      if (BigInt(out.length) !== size) throw new ArchiveError("the xz index lies about the size");
      yield out;
      return;
    }
    default: {
      const never: never = compression;
      throw new Error(`unknown compression ${never}`);
    }
  }
}

async function* through(
  decoder: NodeJS.ReadWriteStream,
  pieces: AsyncGenerator<Buffer>,
): AsyncGenerator<Buffer> {
  const out = pipeline(Readable.from(pieces), decoder, new PassThrough({ highWaterMark: 1 << 18 }), () => {});
  yield* out as AsyncIterable<Buffer>;
}

async function whole(pieces: AsyncGenerator<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of pieces) {
    size += chunk.length;
    if (size > maxWhole) throw new ArchiveError(`it is larger than ${maxWhole} bytes`);
    chunks.push(chunk);
  }
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
}

/**
 * The uncompressed size of a .xz file, from the indexes at the ends of its streams.
 * @throws ArchiveError if the structure is broken; the checksums are left to the decoder
 */
export function xzUncompressedSize(data: Buffer): bigint {
  const fail = (): never => {
    throw new ArchiveError("the xz data is broken or cut short");
  };
  let total = 0n;
  let end = data.length;
  while (end > 0) {
    while (end >= 4 && data.readUInt32LE(end - 4) === 0) end -= 4; // stream padding
    if (end < 32 || data.toString("latin1", end - 2, end) !== "YZ") fail();
    const indexSize = (data.readUInt32LE(end - 8) + 1) * 4;
    const indexStart = end - 12 - indexSize;
    if (indexStart < 12 || data[indexStart] !== 0) fail();
    let at = indexStart + 1;
    const number = (): bigint => {
      let value = 0n;
      for (let shift = 0n; shift < 63n; shift += 7n) {
        const byte = data[at++];
        if (byte === undefined || at > end - 12) fail();
        value |= BigInt(byte! & 0x7f) << shift;
        if (!(byte! & 0x80)) return value;
      }
      return fail();
    };
    const records = number();
    if (records > BigInt(indexSize)) fail();
    let blocks = 0n;
    for (let i = 0n; i < records; i++) {
      blocks += (number() + 3n) & ~3n;
      total += number();
    }
    const start = BigInt(indexStart) - blocks - 12n;
    if (start < 0n || data.toString("latin1", Number(start), Number(start) + 6) !== "\xfd7zXZ\0") fail();
    end = Number(start);
  }
  return total;
}
