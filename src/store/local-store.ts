/**
 * The store on disk, laid out, locked and registered as Nix does it, so that both may use it at one time.
 *
 * A path is written under its lock where nobody looks for it yet, made canonical, hashed, flushed to the disk and then
 * registered with all that belongs to it in one transaction. What a crash leaves is not registered, and the next
 * writer or collection removes it. The database is opened when it is first needed.
 */
import * as fs from "node:fs";
import { parseDerivation } from "../derivation/aterm.ts";
import { type Derivation, derivationNameFromPath } from "../derivation/derivation.ts";
import { checkOutputPaths, DerivationHasher } from "../derivation/hash-modulo.ts";
import type { ByteSource } from "../format/byte-source.ts";
import { type ByteString, fsPath } from "../format/bytes.ts";
import type { ContentAddress } from "../format/content-address.ts";
import { Hasher } from "../format/hash.ts";
import { dumpPath, restoreNar } from "../format/nar.ts";
import { skipNar } from "../format/nar-parser.ts";
import type { Sink } from "../format/nar-writer.ts";
import {
  isDerivationPath,
  makeContentAddressedPath,
  type StorePath,
  splitStorePath,
  storePathHashPart,
} from "../format/store-path.ts";
import { removeTree } from "./canonical.ts";
import { computeClosure, sortTopologically } from "./closure.ts";
import { checkTrust, followsFromContents } from "./content-check.ts";
import { type ReadTree, readBytes, readFlatFile, readTree } from "./copy-tree.ts";
import { StoreDatabase } from "./database.ts";
import { writeError } from "./disk-error.ts";
import { syncFileSystem } from "./durability.ts";
import { collectGarbage } from "./gc.ts";
import type { StoreLayout } from "./layout.ts";
import { optimiseStore } from "./optimise.ts";
import { lockPaths, tryLockPaths } from "./path-locks.ts";
import { ModuloHasher } from "./references.ts";
import { addIndirectRoot, findLinkRoots, findRuntimeRoots, makeRootLink } from "./roots.ts";
import type {
  AddNarOptions,
  AddTreeOptions,
  ClosureOptions,
  DerivationOutputs,
  GcOptions,
  GcResult,
  NewPathInfo,
  OptimiseResult,
  PathInfo,
  Roots,
  Store,
  StoreLock,
  VerifyOptions,
  VerifyResult,
} from "./store.ts";
import { ContentMismatchError, InvalidPathError, StoreError } from "./store-error.ts";
import { findTempRoots, TempRoots } from "./temp-roots.ts";
import { verifyStore } from "./verify.ts";
import {
  enoughWaits,
  looksWhole,
  type WaitingPath,
  waitingFile,
  waitingSize,
  waitingText,
  writeWaiting,
} from "./waiting.ts";

export interface LocalStoreOptions {
  /** Flush a path's files to the disk before it is registered; true unless told otherwise. */
  readonly durable?: boolean | undefined;
  /** Told once when a lock is not free and will be waited for. */
  readonly onWait?: ((path: ByteString) => void) | undefined;
}

const none: ReadonlySet<StorePath> = new Set();
/** So many lock files are held at once at most, for descriptors are few. */
const batchSize = 500;
/** Nix's `gc-reserved-space`. */
const reservedSize = 8 * 1024 * 1024;

export class LocalStore implements Store {
  readonly layout: StoreLayout;
  readonly storeDir: ByteString;
  #options: LocalStoreOptions;
  #database: StoreDatabase | undefined;
  #tempRoots: TempRoots | undefined;
  #hasher: DerivationHasher;
  /** To be added together: see `queueText`. */
  #queue = new Map<StorePath, WaitingPath>();
  #queueSize = 0;
  /** All that ever were in the queue: an evaluation meets the same derivation many times. */
  #queued = new Set<StorePath>();
  /** Paths whose lock is held through `lockPath`: adding them must not wait for ourselves. */
  #locked = new Map<StorePath, number>();

  constructor(layout: StoreLayout, options: LocalStoreOptions = {}) {
    this.layout = layout;
    this.storeDir = layout.storeDir;
    this.#options = options;
    this.#hasher = new DerivationHasher((path) => this.#readDerivationFile(path as StorePath));
  }

  /** The open database; makes directories and database when there are none. @throws StoreError */
  get database(): StoreDatabase {
    // Whoever asks must see what has been added.
    if (this.#queue.size > 0) this.flush();
    if (this.#database === undefined) {
      this.#makeDirectories();
      this.#database = new StoreDatabase(this.layout);
    }
    return this.#database;
  }

  #makeDirectories(): void {
    const { physicalStoreDir, stateDir } = this.layout;
    if (fs.existsSync(fsPath(`${stateDir}/db/schema`)) && fs.existsSync(fsPath(`${stateDir}/temproots`)))
      return;
    try {
      for (const directory of [
        physicalStoreDir,
        `${physicalStoreDir}/.links`,
        `${stateDir}/db`,
        `${stateDir}/temproots`,
        `${stateDir}/profiles/per-user`,
        `${stateDir}/gcroots/per-user`,
      ])
        fs.mkdirSync(fsPath(directory), { recursive: true });
      this.#reserve();
    } catch (cause) {
      throw new StoreError(`cannot make the store's directories: ${(cause as Error).message}`, {
        cause,
        hint: "Set BRUMA_STORE_ROOT to a directory that you may write to.",
      });
    }
  }

  /** Space that a collection frees first, so that the database can be written on a full disk. */
  #reserve(): void {
    if (this.#options.durable === false) return;
    const reserved = fsPath(`${this.layout.stateDir}/db/reserved`);
    if (fs.existsSync(reserved)) return;
    try {
      fs.writeFileSync(reserved, Buffer.alloc(reservedSize, "X"), { mode: 0o600 });
    } catch {
      // No space to spare: what there is must do.
      fs.rmSync(reserved, { force: true });
    }
  }

  get #roots(): TempRoots {
    if (this.#tempRoots === undefined) {
      this.#makeDirectories();
      this.#tempRoots = new TempRoots(this.layout.stateDir);
    }
    return this.#tempRoots;
  }

  close(): void {
    this.flush();
    unflushed.delete(this);
    this.#tempRoots?.close();
    this.#tempRoots = undefined;
    this.#database?.close();
    this.#database = undefined;
  }

  /** Where a logical path lies on the disk. */
  realPath(path: ByteString): ByteString {
    return this.layout.physical(path);
  }

  isValidPath(path: StorePath): boolean {
    return this.database.pathId(path) !== undefined;
  }
  queryValidPaths(paths: Iterable<StorePath>): Set<StorePath> {
    return new Set(this.database.validAmong(new Set(paths)));
  }
  queryAllValidPaths(): StorePath[] {
    return this.database.allPaths();
  }
  queryPathInfo(path: StorePath): PathInfo | undefined {
    return this.database.pathInfo(path);
  }
  pathInfo(path: StorePath): PathInfo {
    const info = this.database.pathInfo(path);
    if (info === undefined) throw new InvalidPathError(`path '${path}' is not valid`);
    return info;
  }
  queryReferrers(path: StorePath): Set<StorePath> {
    return new Set(this.database.referrers(path));
  }
  queryDerivers(path: StorePath): Set<StorePath> {
    return new Set(this.database.derivers(path));
  }
  queryDerivationOutputs(path: StorePath): Map<ByteString, StorePath> {
    const id = this.database.pathId(path);
    if (id === undefined) throw new InvalidPathError(`path '${path}' is not valid`);
    return this.database.derivationOutputs(id);
  }
  queryPathFromHashPart(hashPart: ByteString): StorePath | undefined {
    return this.database.firstPathFrom(`${this.storeDir}/${hashPart}-`);
  }
  computeClosure(paths: Iterable<StorePath>, options?: ClosureOptions): Set<StorePath> {
    return computeClosure(this, paths, options);
  }
  sortTopologically(paths: Iterable<StorePath>): StorePath[] {
    return sortTopologically(paths, (path) => this.database.references(path));
  }
  narFromPath(path: StorePath, sink: Sink): void {
    if (!this.isValidPath(path)) throw new InvalidPathError(`path '${path}' is not valid`);
    dumpPath(this.realPath(path), sink);
  }
  readStoreFile(path: ByteString): Buffer {
    const { storePath } = splitStorePath(path, this.storeDir);
    if (!this.isValidPath(storePath)) throw new InvalidPathError(`path '${storePath}' is not valid`);
    return fs.readFileSync(fsPath(this.realPath(path)));
  }
  /** Reads and parses a valid derivation. @throws InvalidPathError, DerivationError */
  readDerivation(path: StorePath): Derivation {
    if (!this.isValidPath(path)) throw new InvalidPathError(`path '${path}' is not valid`);
    return this.#readDerivationFile(path);
  }
  #readDerivationFile(path: StorePath): Derivation {
    const text = fs.readFileSync(fsPath(this.realPath(path)), "latin1");
    return parseDerivation(text, derivationNameFromPath(path), this.storeDir);
  }

  addTreeToStore(realPath: ByteString, options: AddTreeOptions): PathInfo {
    const method = options.method ?? "nar";
    const algorithm = options.algorithm ?? "sha256";
    const tree =
      method === "nar" ? readTree(realPath, algorithm, options.filter) : readFlatFile(realPath, algorithm);
    return this.#addContents(tree, { method, hash: tree.contentHash }, options);
  }

  /** Adds one flat file's contents. */
  addBytesToStore(contents: Uint8Array, options: Omit<AddTreeOptions, "filter">): PathInfo {
    const tree = readBytes(contents, options.algorithm ?? "sha256");
    if (options.method === "nar" && options.algorithm !== undefined && options.algorithm !== "sha256")
      throw new StoreError("contents hashed as an archive must use SHA-256");
    const method = options.method ?? "flat";
    const hash = method === "nar" ? tree.narHash : tree.contentHash;
    return this.#addContents(tree, { method, hash }, options);
  }

  #addContents(tree: ReadTree, ca: ContentAddress, options: AddTreeOptions): PathInfo {
    const references = [...new Set(options.references ?? [])].sort();
    const path = makeContentAddressedPath(options.name, ca, references, false, this.storeDir);
    this.addTempRoot(path);
    const known = options.repair === true ? undefined : this.queryPathInfo(path);
    if (known !== undefined) return known;
    const info: NewPathInfo = { path, narHash: tree.narHash, narSize: tree.narSize, references, ca };
    this.#writeLocked(
      [path],
      { repair: options.repair === true ? new Set([path]) : none, flush: true },
      () => {
        tree.write(this.realPath(path));
        return [info];
      },
    );
    return this.pathInfo(path);
  }

  /**
   * Takes the locks, removes what is in the way of paths that are not valid or to be repaired, lets `write` put the files there, flushes
   * and registers. Nothing happens if all have become valid meanwhile.
   */
  #writeLocked(
    paths: readonly StorePath[],
    how: { readonly repair: ReadonlySet<StorePath>; readonly flush: boolean },
    write: (needed: ReadonlySet<StorePath>) => NewPathInfo[],
    written?: ReadonlyMap<StorePath, WaitingPath>,
  ): void {
    const { database } = this;
    const lock = this.#lock(paths);
    try {
      const needed = new Set(
        paths.filter((path) => how.repair.has(path) || database.pathId(path) === undefined),
      );
      if (needed.size > 0) {
        for (const path of needed) removeTree(this.realPath(path));
        try {
          const infos = write(needed);
          if (how.flush) this.#flush();
          this.#register(infos, written);
        } catch (error) {
          // Not registered: leave no half of it behind. (A repair had damaged files there, which are no loss.)
          for (const path of needed) if (database.pathId(path) === undefined) this.#discard(path);
          throw writeError(error, this.layout.physicalStoreDir);
        }
      }
    } finally {
      lock.release(true);
    }
  }

  #discard(path: StorePath): void {
    try {
      removeTree(this.realPath(path));
    } catch {
      // The error that brought us here says more; a later writer or collection removes it.
    }
  }

  #flush(): void {
    if (this.#options.durable !== false) syncFileSystem(this.layout.physicalStoreDir);
  }

  addTextToStore(name: ByteString, contents: ByteString, references: Iterable<StorePath>): StorePath {
    return this.addTextsToStore([{ name, contents, references }])[0]!;
  }

  queueText(
    name: ByteString,
    contents: ByteString,
    references: Iterable<StorePath>,
    outputs?: DerivationOutputs,
  ): StorePath {
    return this.#enqueue(waitingText(name, contents, references, this.storeDir, outputs));
  }

  queueTree(realPath: ByteString, name: ByteString): StorePath {
    const file = waitingFile(realPath, name, this.storeDir);
    return file === undefined ? this.addTreeToStore(realPath, { name }).path : this.#enqueue(file);
  }

  #enqueue(item: WaitingPath): StorePath {
    if (this.#queued.has(item.path)) return item.path;
    flushAtExit(this);
    this.#queued.add(item.path);
    this.#queue.set(item.path, item);
    this.#queueSize += waitingSize(item);
    if (enoughWaits(this.#queue.size, this.#queueSize)) this.flush();
    return item.path;
  }

  flush(): void {
    if (this.#queue.size === 0) return;
    const waiting = [...this.#queue.values()];
    this.#queue.clear();
    this.#queueSize = 0;
    this.#addWaiting(waiting);
  }

  flushPath(path: ByteString): void {
    if (this.#queue.size === 0) return;
    const end = path.indexOf("/", this.storeDir.length + 1);
    if (this.#queue.has((end < 0 ? path : path.slice(0, end)) as StorePath)) this.flush();
  }

  addTextsToStore(
    texts: readonly { name: ByteString; contents: ByteString; references: Iterable<StorePath> }[],
  ): StorePath[] {
    const all = texts.map(({ name, contents, references }) =>
      waitingText(name, contents, references, this.storeDir),
    );
    this.#addWaiting(all);
    return all.map(({ path }) => path);
  }

  #addWaiting(all: readonly WaitingPath[]): void {
    const paths = new Set(all.map(({ path }) => path));
    this.#roots.add(paths);
    const valid = this.database.validAmong(paths);
    const missing = new Map<StorePath, WaitingPath>();
    const damaged = new Set<StorePath>();
    for (const item of all) {
      const { path } = item;
      if (valid.has(path)) {
        if (looksWhole(item, this.realPath(path))) continue;
        damaged.add(path);
      }
      missing.set(path, item);
    }
    const order = [...missing.values()];
    for (let from = 0; from < order.length; from += batchSize) {
      const batch = order.slice(from, from + batchSize);
      this.#writeLocked(
        batch.map(({ path }) => path),
        { repair: damaged, flush: batch.some(({ method }) => method !== "text") },
        (needed) =>
          batch
            .filter(({ path }) => needed.has(path))
            .map((item) => writeWaiting(item, this.realPath(item.path))),
        missing,
      );
    }
  }

  addNar(info: NewPathInfo, source: ByteSource, options: AddNarOptions = {}): void {
    checkTrust(info, options.trustedKeys, this.storeDir);
    this.addTempRoot(info.path);
    // The stream goes on behind the archive: it must be read even if the path is there.
    if (options.repair !== true && this.isValidPath(info.path)) {
      skipNar(source);
      return;
    }
    let consumed = false;
    const repair = options.repair === true ? new Set([info.path]) : none;
    this.#writeLocked([info.path], { repair, flush: true }, () => {
      consumed = true;
      const real = this.realPath(info.path);
      const hasher = new Hasher("sha256");
      source.setTap((chunk) => void hasher.update(chunk));
      try {
        restoreNar(source, real, { canonical: true });
      } finally {
        source.setTap(undefined);
      }
      const size = hasher.size;
      const hash = hasher.finish();
      if (!hash.equals(info.narHash))
        throw new ContentMismatchError(
          `hash mismatch importing path '${info.path}';\n  specified: ${info.narHash.toSri()}\n  got:       ${hash.toSri()}`,
        );
      if (size !== info.narSize)
        throw new ContentMismatchError(
          `size mismatch importing path '${info.path}';\n  specified: ${info.narSize}\n  got:       ${size}`,
        );
      if (info.ca !== undefined) this.#checkContents(info, info.ca);
      return [info];
    });
    if (!consumed) skipNar(source);
  }

  /** Compares the files of a path with its content address. */
  #checkContents(info: NewPathInfo, ca: ContentAddress): void {
    const real = this.realPath(info.path);
    const hasher = new ModuloHasher(ca.hash.algorithm, storePathHashPart(info.path));
    if (ca.method === "nar") dumpPath(real, (chunk) => hasher.update(chunk));
    else {
      if (!fs.lstatSync(fsPath(real)).isFile())
        throw new ContentMismatchError(
          `path '${info.path}' is not a regular file, as its content address says`,
        );
      hasher.update(fs.readFileSync(fsPath(real)));
    }
    const actual = hasher.finish();
    if (!actual.equals(ca.hash))
      throw new ContentMismatchError(
        `ca hash mismatch importing path '${info.path}';\n  specified: ${ca.hash.toPrefixedNix32()}\n  got:       ${actual.toPrefixedNix32()}`,
      );
  }

  registerValidPaths(infos: readonly NewPathInfo[]): void {
    this.#flush();
    this.#register(infos);
  }

  /** @param written what has just been written here: its paths follow from its contents, and it need not be read again */
  #register(infos: readonly NewPathInfo[], written?: ReadonlyMap<StorePath, WaitingPath>): void {
    const { database } = this;
    const now = Math.floor(Date.now() / 1000);
    const byPath = new Map(infos.map((info) => [info.path, info]));
    database.transaction(() => {
      const ids = new Map<StorePath, number>();
      const fresh: NewPathInfo[] = [];
      for (const info of infos) {
        if (info.narHash.algorithm !== "sha256")
          throw new StoreError(`the hash of path '${info.path}' is not SHA-256`);
        if (
          info.ca !== undefined &&
          written === undefined &&
          !followsFromContents(info, info.ca, this.storeDir)
        )
          throw new StoreError(
            `cannot add path '${info.path}' to the Nix store because it claims to be content-addressed but isn't`,
          );
        const known = database.pathId(info.path);
        if (known !== undefined) {
          database.updatePath(info);
          ids.set(info.path, known);
        } else {
          ids.set(info.path, database.insertPath(info, now));
          fresh.push(info);
        }
      }
      for (const info of infos)
        for (const reference of info.references) {
          const id = ids.get(reference) ?? database.pathId(reference);
          if (id === undefined) throw new InvalidPathError(`path '${reference}' is not valid`);
          database.addReference(ids.get(info.path)!, id);
        }
      sortTopologically(byPath.keys(), (path) => byPath.get(path)!.references);
      for (const { path } of fresh)
        if (isDerivationPath(path)) this.#registerOutputs(path, ids.get(path)!, written?.get(path));
    });
  }

  /** Notes a derivation's outputs, after checking that it may claim them. */
  #registerOutputs(path: StorePath, id: number, written: WaitingPath | undefined): void {
    let outputs = written?.outputs;
    if (outputs === undefined) {
      const derivation =
        typeof written?.contents === "string"
          ? parseDerivation(written.contents, derivationNameFromPath(path), this.storeDir)
          : this.#readDerivationFile(path);
      checkOutputPaths(derivation, this.#hasher, this.storeDir);
      this.#hasher.add(path, derivation);
      outputs = derivation.outputs;
    }
    for (const [output, { path: outputPath }] of outputs)
      this.database.addDerivationOutput(id, output, outputPath);
  }

  addSignatures(path: StorePath, signatures: readonly ByteString[]): void {
    this.database.transaction(() => {
      const info = this.pathInfo(path);
      this.database.updatePath({
        ...info,
        signatures: [...new Set([...info.signatures, ...signatures])].sort(),
      });
    });
  }

  addTempRoot(path: StorePath): void {
    this.#roots.add([path]);
  }
  addTempRoots(paths: Iterable<StorePath>): void {
    this.#roots.add(paths);
  }
  addPermRoot(target: StorePath, link: ByteString): void {
    this.addTempRoot(target);
    makeRootLink(this.layout, link, target);
    this.addIndirectRoot(link);
  }
  addIndirectRoot(link: ByteString): void {
    this.#makeDirectories();
    addIndirectRoot(this.layout, link);
  }
  findRoots(): Roots {
    const roots = this.findPersistentRoots();
    findTempRoots(this.layout.stateDir, this.storeDir, roots);
    return roots;
  }
  /** All but the temporary ones. */
  findPersistentRoots(roots: Roots = new Map()): Roots {
    const isValid = (path: StorePath): boolean => this.isValidPath(path);
    findLinkRoots(this.layout, isValid, roots);
    findRuntimeRoots(this.layout, isValid, roots);
    return roots;
  }

  collectGarbage(options: GcOptions = {}): GcResult {
    try {
      return collectGarbage(this, options);
    } finally {
      this.#reserve();
    }
  }
  verify(options: VerifyOptions = {}): VerifyResult {
    return verifyStore(this, options);
  }
  optimise(): OptimiseResult {
    return optimiseStore(this);
  }

  lockPath(path: StorePath): StoreLock {
    return this.#held([path], lockPaths([this.realPath(path)], this.#options.onWait));
  }
  tryLockPaths(paths: readonly StorePath[]): StoreLock | undefined {
    const lock = tryLockPaths(paths.map((path) => this.realPath(path)));
    return lock === undefined ? undefined : this.#held(paths, lock);
  }
  #held(paths: readonly StorePath[], lock: StoreLock): StoreLock {
    for (const path of paths) this.#locked.set(path, (this.#locked.get(path) ?? 0) + 1);
    let open = true;
    return {
      release: (remove) => {
        if (open)
          for (const path of paths) {
            const left = this.#locked.get(path)! - 1;
            if (left === 0) this.#locked.delete(path);
            else this.#locked.set(path, left);
          }
        open = false;
        lock.release(remove);
      },
    };
  }
  #lock(paths: readonly StorePath[]): StoreLock {
    const others = paths.filter((path) => !this.#locked.has(path));
    return lockPaths(
      others.map((path) => this.realPath(path)),
      this.#options.onWait,
    );
  }
}

/** Stores with texts that wait: one listener for all. */
const unflushed = new Set<LocalStore>();
let listening = false;
function flushAtExit(store: LocalStore): void {
  unflushed.add(store);
  if (listening) return;
  listening = true;
  process.once("exit", () => {
    for (const waiting of unflushed) waiting.flush();
  });
}
