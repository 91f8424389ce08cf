/**
 * Binary caches: finished store paths as `<hash part>.narinfo` and compressed NARs, written and read as Nix does.
 *
 * What comes from a cache is believed only if a trusted key signed it or its path follows from its contents; the NAR
 * must then have the hash and size that were signed. Manual: "HTTP binary cache store", "Local binary cache store".
 */
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import * as zlib from "node:zlib";
import { ByteSource } from "../format/byte-source.ts";
import { type ByteString, fromBuffer, toBuffer, toBytes } from "../format/bytes.ts";
import { Hasher } from "../format/hash.ts";
import { type NarInfo, parseNarInfo, printNarInfo, signNarInfo } from "../format/narinfo.ts";
import type { PublicKey, SecretKey } from "../format/signature.ts";
import { type StorePath, storePathHashPart } from "../format/store-path.ts";
import type { CacheFiles, TransferProgress } from "./cache-files.ts";
import { checkTrust } from "./content-check.ts";
import type { Store } from "./store.ts";
import { ContentMismatchError, StoreError } from "./store-error.ts";

/** Decoded chunks of a compressed stream. @param origin for messages @param maxBytes how much may come out */
export type Decompress = (source: Readable, origin: string, maxBytes: number) => AsyncIterable<Buffer>;

export type CacheCompression = "none" | "zstd" | "gzip" | "xz";

export interface BinaryCacheOptions {
  readonly storeDir: ByteString;
  readonly decompress: Decompress;
  /** For files on their way; the system's own unless told otherwise. */
  readonly temporaryDirectory?: string | undefined;
}

export interface CacheInfo {
  readonly storeDir: ByteString;
  readonly wantMassQuery: boolean;
  /** Smaller is asked earlier; Nix takes 50 where the cache does not say. */
  readonly priority: number;
}

const extensions: Record<CacheCompression, string> = { none: "", zstd: ".zst", gzip: ".gz", xz: ".xz" };

export class BinaryCache {
  readonly files: CacheFiles;
  #options: BinaryCacheOptions;
  #info: Promise<CacheInfo> | undefined;
  #known = new Map<StorePath, Promise<NarInfo | undefined>>();

  constructor(files: CacheFiles, options: BinaryCacheOptions) {
    this.files = files;
    this.#options = options;
  }

  get name(): string {
    return this.files.name;
  }

  /** What the cache says of itself. @throws StoreError when it is for another store directory */
  info(signal?: AbortSignal): Promise<CacheInfo> {
    if (this.#info === undefined) {
      const asked = this.#readInfo(signal);
      this.#info = asked;
      // A question that failed may be asked again.
      asked.catch(() => (this.#info = undefined));
    }
    return this.#info;
  }

  async #readInfo(signal: AbortSignal | undefined): Promise<CacheInfo> {
    const text = await this.files.read("nix-cache-info", signal);
    if (text === undefined) throw new StoreError(`'${this.name}' does not appear to be a binary cache`);
    let { storeDir } = this.#options;
    let wantMassQuery = false;
    let priority = 50;
    for (const line of fromBuffer(text).split("\n")) {
      const [, name, value] = /^([A-Za-z]+):\s*(.*?)\s*$/.exec(line) ?? [];
      if (name === "StoreDir") storeDir = value!;
      else if (name === "WantMassQuery") wantMassQuery = value === "1";
      else if (name === "Priority" && /^[0-9]+$/.test(value!)) priority = Number(value);
    }
    if (storeDir !== this.#options.storeDir)
      throw new StoreError(
        `binary cache '${toBytes(this.name)}' is for Nix stores with prefix '${storeDir}', not '${this.#options.storeDir}'`,
      );
    return { storeDir, wantMassQuery, priority };
  }

  /** Makes the cache if it is not there yet. */
  async initialise(): Promise<void> {
    if (await this.files.exists("nix-cache-info")) {
      await this.info();
      return;
    }
    const { storeDir } = this.#options;
    await this.files.write(
      "nix-cache-info",
      toBuffer(`StoreDir: ${storeDir}\nWantMassQuery: 1\nPriority: 40\n`),
    );
  }

  /** What the cache says of a path; undefined when it has it not. @throws FormatError when that is malformed */
  queryNarInfo(path: StorePath, signal?: AbortSignal): Promise<NarInfo | undefined> {
    let asked = this.#known.get(path);
    if (asked === undefined) {
      asked = this.#readNarInfo(path, signal);
      this.#known.set(path, asked);
      asked.catch(() => this.#known.delete(path));
    }
    return asked;
  }

  async #readNarInfo(path: StorePath, signal: AbortSignal | undefined): Promise<NarInfo | undefined> {
    await this.info(signal);
    const file = `${storePathHashPart(path)}.narinfo`;
    const text = await this.files.read(file, signal);
    if (text === undefined) return undefined;
    const info = parseNarInfo(fromBuffer(text), this.#options.storeDir, toBytes(`${this.name}/${file}`));
    // The same hash under another name is another path, which nobody has asked for.
    return info.path === path ? info : undefined;
  }

  /**
   * Fetches a path, checks it and adds it to the store. Its references must be valid there already.
   * @param trustedKeys undefined: whatever the cache says is believed
   * @throws StoreError when the cache has it not; ContentMismatchError when it is not what was signed
   */
  async copyTo(
    path: StorePath,
    store: Store,
    options: {
      readonly trustedKeys?: readonly PublicKey[] | undefined;
      readonly repair?: boolean | undefined;
      readonly progress?: TransferProgress | undefined;
      readonly signal?: AbortSignal | undefined;
    } = {},
  ): Promise<void> {
    const info = await this.queryNarInfo(path, options.signal);
    if (info === undefined)
      throw new StoreError(`path '${path}' is not in the binary cache '${toBytes(this.name)}'`);
    // Before anything large is fetched.
    checkTrust(info, options.trustedKeys, this.#options.storeDir);
    await this.#withTemporaryDirectory(async (directory) => {
      const packed = join(directory, "packed");
      await this.files.fetch(info.url, packed, options.progress, options.signal);
      const nar = join(directory, "nar");
      await this.#unpack(info, packed, nar);
      const fd = fs.openSync(nar, "r");
      try {
        store.addNar(
          {
            path,
            narHash: info.narHash,
            narSize: info.narSize,
            references: info.references,
            deriver: info.deriver,
            signatures: info.signatures,
            ca: info.ca,
          },
          ByteSource.fromDescriptor(fd),
          { trustedKeys: options.trustedKeys, repair: options.repair },
        );
      } finally {
        fs.closeSync(fd);
      }
    });
  }

  async #unpack(info: NarInfo, packed: string, destination: string): Promise<void> {
    const hasher = new Hasher(info.fileHash?.algorithm ?? "sha256");
    const counted = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        hasher.update(chunk);
        done(null, chunk);
      },
    });
    const source = fs.createReadStream(packed, { highWaterMark: 1 << 18 }).pipe(counted);
    const origin = `${this.name}/${info.url}`;
    const decoded =
      info.compression === "none" ? source : this.#options.decompress(source, origin, info.narSize);
    await pipeline(decoded, fs.createWriteStream(destination));
    if (info.fileHash === undefined) return;
    // A decoder may stop before the file's end.
    const whole = new Hasher(info.fileHash.algorithm);
    if (hasher.size === fs.statSync(packed).size) {
      if (hasher.finish().equals(info.fileHash)) return;
    } else {
      for await (const chunk of fs.createReadStream(packed)) whole.update(chunk as Buffer);
      if (whole.finish().equals(info.fileHash)) return;
    }
    throw new ContentMismatchError(`'${toBytes(origin)}' does not have the hash that its narinfo file says`);
  }

  /**
   * Puts a valid path of the store into the cache, NAR before narinfo, so that nobody sees half of it. Nothing happens
   * if it is there.
   * @returns whether anything was written
   */
  async copyFrom(
    path: StorePath,
    store: Store,
    options: {
      readonly compression?: CacheCompression | undefined;
      readonly keys?: readonly SecretKey[] | undefined;
    } = {},
  ): Promise<boolean> {
    const file = `${storePathHashPart(path)}.narinfo`;
    if (await this.files.exists(file)) return false;
    const info = store.pathInfo(path);
    const compression = options.compression ?? "zstd";
    await this.#withTemporaryDirectory(async (directory) => {
      const nar = join(directory, "nar");
      const fd = fs.openSync(nar, "w");
      const hasher = new Hasher("sha256");
      try {
        store.narFromPath(path, (chunk) => {
          hasher.update(chunk);
          for (let written = 0; written < chunk.length; )
            written += fs.writeSync(fd, chunk, written, chunk.length - written);
        });
      } finally {
        fs.closeSync(fd);
      }
      const actual = hasher.finish();
      if (!actual.equals(info.narHash))
        throw new ContentMismatchError(
          `hash of path '${path}' has changed from '${info.narHash.toPrefixedNix32()}' to '${actual.toPrefixedNix32()}'!`,
        );
      const packed = join(directory, "packed");
      await compress(nar, packed, compression);
      const fileHasher = new Hasher("sha256");
      for await (const chunk of fs.createReadStream(packed, { highWaterMark: 1 << 18 }))
        fileHasher.update(chunk as Buffer);
      const fileSize = fileHasher.size;
      const fileHash = fileHasher.finish();
      const url = `nar/${fileHash.toNix32()}.nar${extensions[compression]}`;
      if (!(await this.files.exists(url))) await this.files.writeFile(url, packed);
      const signatures = [...info.signatures, ...(options.keys ?? []).map((key) => signNarInfo(info, key))];
      const entry: NarInfo = {
        path,
        url,
        compression,
        fileHash,
        fileSize,
        narHash: info.narHash,
        narSize: info.narSize,
        references: info.references,
        deriver: info.deriver,
        signatures: [...new Set(signatures)],
        ca: info.ca,
      };
      await this.files.write(file, toBuffer(printNarInfo(entry)));
    });
    this.#known.delete(path);
    return true;
  }

  async #withTemporaryDirectory<T>(body: (directory: string) => Promise<T>): Promise<T> {
    const parent = this.#options.temporaryDirectory ?? tmpdir();
    const directory = await fs.promises.mkdtemp(join(parent, "bruma-cache-"));
    try {
      return await body(directory);
    } finally {
      await fs.promises.rm(directory, { recursive: true, force: true });
    }
  }
}

async function compress(from: string, to: string, compression: CacheCompression): Promise<void> {
  const source = fs.createReadStream(from, { highWaterMark: 1 << 18 });
  const target = fs.createWriteStream(to);
  switch (compression) {
    case "none":
      return pipeline(source, target);
    case "gzip":
      return pipeline(source, zlib.createGzip(), target);
    case "zstd":
      return pipeline(source, zlib.createZstdCompress(), target);
    case "xz": {
      // There is no streaming encoder for Node; what a NAR may weigh here is what memory holds.
      source.destroy();
      target.destroy();
      const { xz } = await import("@napi-rs/lzma");
      return fs.promises.writeFile(to, await xz.compress(await fs.promises.readFile(from)));
    }
  }
}
