/**
 * A store in memory: the twin of `LocalStore` for tests of what stands on a store. One contract suite
 * (`store-contract.ts`) runs on both. Roots are links of its own map; nothing touches the disk but what is read from it.
 */
import { parseDerivation } from "../derivation/aterm.ts";
import { derivationNameFromPath } from "../derivation/derivation.ts";
import { checkOutputPaths, DerivationHasher } from "../derivation/hash-modulo.ts";
import type { ByteSource } from "../format/byte-source.ts";
import { type ByteString, fromBuffer, toBuffer } from "../format/bytes.ts";
import type { ContentAddress } from "../format/content-address.ts";
import { dumpTree, type FileTree, readTree as parseTree } from "../format/file-tree.ts";
import { Hasher, hashBytes } from "../format/hash.ts";
import { dumpPath } from "../format/nar.ts";
import type { Sink } from "../format/nar-writer.ts";
import {
  isDerivationPath,
  makeContentAddressedPath,
  makeTextPath,
  type StorePath,
  splitStorePath,
  storePathHashPart,
} from "../format/store-path.ts";
import { computeClosure, sortTopologically } from "./closure.ts";
import { checkTrust, followsFromContents } from "./content-check.ts";
import { readFlatFile } from "./copy-tree.ts";
import { ModuloHasher } from "./references.ts";
import type {
  AddNarOptions,
  AddTreeOptions,
  ClosureOptions,
  GcOptions,
  GcResult,
  NewPathInfo,
  OptimiseResult,
  PathInfo,
  Roots,
  Store,
  StoreLock,
  VerifyOptions,
  VerifyProblem,
  VerifyResult,
} from "./store.ts";
import { ContentMismatchError, InvalidPathError, PathInUseError, StoreError } from "./store-error.ts";
import { addRoot } from "./temp-roots.ts";

export class MemoryStore implements Store {
  readonly storeDir: ByteString;
  #infos = new Map<StorePath, PathInfo>();
  #trees = new Map<StorePath, FileTree>();
  #outputs = new Map<StorePath, Map<ByteString, StorePath>>();
  #links = new Map<ByteString, StorePath>();
  #tempRoots = new Set<StorePath>();
  #locked = new Set<StorePath>();
  #hasher: DerivationHasher;

  constructor(storeDir: ByteString = "/nix/store") {
    this.storeDir = storeDir;
    this.#hasher = new DerivationHasher((path) => this.#derivation(path as StorePath));
  }

  close(): void {
    this.#tempRoots.clear();
  }

  #derivation(path: StorePath): ReturnType<typeof parseDerivation> {
    const tree = this.#trees.get(path);
    if (tree?.kind !== "regular") throw new InvalidPathError(`path '${path}' is not valid`);
    return parseDerivation(fromBuffer(tree.contents), derivationNameFromPath(path), this.storeDir);
  }

  isValidPath(path: StorePath): boolean {
    return this.#infos.has(path);
  }
  queryValidPaths(paths: Iterable<StorePath>): Set<StorePath> {
    return new Set([...paths].filter((path) => this.#infos.has(path)));
  }
  queryAllValidPaths(): StorePath[] {
    return [...this.#infos.keys()];
  }
  queryPathInfo(path: StorePath): PathInfo | undefined {
    return this.#infos.get(path);
  }
  pathInfo(path: StorePath): PathInfo {
    const info = this.#infos.get(path);
    if (info === undefined) throw new InvalidPathError(`path '${path}' is not valid`);
    return info;
  }
  queryReferrers(path: StorePath): Set<StorePath> {
    const referrers = new Set<StorePath>();
    for (const info of this.#infos.values()) if (info.references.includes(path)) referrers.add(info.path);
    return referrers;
  }
  queryDerivers(path: StorePath): Set<StorePath> {
    const derivers = new Set<StorePath>();
    for (const [drv, outputs] of this.#outputs) if ([...outputs.values()].includes(path)) derivers.add(drv);
    return derivers;
  }
  queryDerivationOutputs(path: StorePath): Map<ByteString, StorePath> {
    this.pathInfo(path);
    return new Map(this.#outputs.get(path));
  }
  queryPathFromHashPart(hashPart: ByteString): StorePath | undefined {
    for (const path of this.#infos.keys()) if (storePathHashPart(path) === hashPart) return path;
    return undefined;
  }
  computeClosure(paths: Iterable<StorePath>, options?: ClosureOptions): Set<StorePath> {
    return computeClosure(this, paths, options);
  }
  sortTopologically(paths: Iterable<StorePath>): StorePath[] {
    return sortTopologically(paths, (path) => this.#infos.get(path)?.references ?? []);
  }
  narFromPath(path: StorePath, sink: Sink): void {
    this.pathInfo(path);
    dumpTree(this.#trees.get(path)!, sink);
  }
  readStoreFile(path: ByteString): Buffer {
    const { storePath, rest } = splitStorePath(path, this.storeDir);
    this.pathInfo(storePath);
    let tree: FileTree | undefined = this.#trees.get(storePath);
    for (const name of rest.split("/"))
      if (name !== "") tree = tree?.kind === "directory" ? tree.entries.get(name) : undefined;
    if (tree?.kind !== "regular") throw new StoreError(`'${path}' is not a regular file`);
    return Buffer.from(tree.contents);
  }

  addTreeToStore(realPath: ByteString, options: AddTreeOptions): PathInfo {
    const method = options.method ?? "nar";
    const algorithm = options.algorithm ?? "sha256";
    const chunks: Buffer[] = [];
    if (method !== "nar") {
      const read = readFlatFile(realPath, algorithm);
      return this.#add(read.nar, { method, hash: read.contentHash }, options);
    }
    dumpPath(realPath, (chunk) => chunks.push(Buffer.from(chunk)), options.filter);
    const nar = Buffer.concat(chunks);
    return this.#add(nar, { method, hash: hashBytes(algorithm, nar) }, options);
  }
  addBytesToStore(contents: Uint8Array, options: Omit<AddTreeOptions, "filter">): PathInfo {
    const method = options.method ?? "flat";
    const nar = narOf(contents);
    const hash = hashBytes(options.algorithm ?? "sha256", method === "nar" ? nar : contents);
    return this.#add(nar, { method, hash }, options);
  }
  addTextToStore(name: ByteString, contents: ByteString, references: Iterable<StorePath>): StorePath {
    const ca: ContentAddress = { method: "text", hash: hashBytes("sha256", contents) };
    return this.#add(narOf(toBuffer(contents)), ca, { name, references: [...references] }).path;
  }
  queueText(name: ByteString, contents: ByteString, references: Iterable<StorePath>): StorePath {
    return this.addTextToStore(name, contents, references);
  }
  queueTree(realPath: ByteString, name: ByteString): StorePath {
    return this.addTreeToStore(realPath, { name }).path;
  }
  flush(): void {}
  flushPath(): void {}
  addTextsToStore(
    texts: readonly { name: ByteString; contents: ByteString; references: Iterable<StorePath> }[],
  ): StorePath[] {
    return texts.map(({ name, contents, references }) => this.addTextToStore(name, contents, references));
  }
  #add(nar: Buffer, ca: ContentAddress, options: AddTreeOptions): PathInfo {
    const references = [...new Set(options.references ?? [])].sort();
    const path =
      ca.method === "text"
        ? makeTextPath(options.name, ca.hash, references, this.storeDir)
        : makeContentAddressedPath(options.name, ca, references, false, this.storeDir);
    this.#tempRoots.add(path);
    const known = this.#infos.get(path);
    if (known !== undefined && options.repair !== true) return known;
    const before = this.#trees.get(path);
    this.#trees.set(path, parseTree(nar));
    try {
      this.registerValidPaths([
        { path, narHash: hashBytes("sha256", nar), narSize: nar.length, references, ca },
      ]);
    } catch (error) {
      if (before === undefined) this.#trees.delete(path);
      throw error;
    }
    return this.pathInfo(path);
  }

  addNar(info: NewPathInfo, source: ByteSource, options: AddNarOptions = {}): void {
    checkTrust(info, options.trustedKeys, this.storeDir);
    this.#tempRoots.add(info.path);
    const hasher = new Hasher("sha256");
    source.setTap((chunk) => void hasher.update(chunk));
    const tree = parseTree(source);
    source.setTap(undefined);
    if (this.#infos.has(info.path) && options.repair !== true) return;
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
    if (info.ca !== undefined) this.#checkContents(info, info.ca, tree);
    const before = this.#trees.get(info.path);
    this.#trees.set(info.path, tree);
    try {
      this.registerValidPaths([info]);
    } catch (error) {
      if (before === undefined) this.#trees.delete(info.path);
      throw error;
    }
  }
  #checkContents(info: NewPathInfo, ca: ContentAddress, tree: FileTree): void {
    const hasher = new ModuloHasher(ca.hash.algorithm, storePathHashPart(info.path));
    if (ca.method === "nar") dumpTree(tree, (chunk) => hasher.update(chunk));
    else if (tree.kind === "regular") hasher.update(tree.contents);
    const actual = hasher.finish();
    if (!actual.equals(ca.hash))
      throw new ContentMismatchError(
        `ca hash mismatch importing path '${info.path}';\n  specified: ${ca.hash.toPrefixedNix32()}\n  got:       ${actual.toPrefixedNix32()}`,
      );
  }
  /** Puts a tree where `registerValidPaths` will look for it. */
  setTree(path: StorePath, tree: FileTree): void {
    this.#trees.set(path, tree);
  }

  registerValidPaths(infos: readonly NewPathInfo[]): void {
    const members = new Map(infos.map((info) => [info.path, info]));
    for (const info of infos) {
      if (info.ca !== undefined && !followsFromContents(info, info.ca, this.storeDir))
        throw new StoreError(
          `cannot add path '${info.path}' to the Nix store because it claims to be content-addressed but isn't`,
        );
      for (const reference of info.references)
        if (!members.has(reference) && !this.#infos.has(reference))
          throw new InvalidPathError(`path '${reference}' is not valid`);
    }
    sortTopologically(members.keys(), (path) => members.get(path)!.references);
    const outputs = new Map<StorePath, Map<ByteString, StorePath>>();
    for (const { path } of infos) {
      if (!isDerivationPath(path) || this.#infos.has(path)) continue;
      const derivation = this.#derivation(path);
      checkOutputPaths(derivation, this.#hasher, this.storeDir);
      outputs.set(
        path,
        new Map([...derivation.outputs].map(([name, output]) => [name, output.path as StorePath])),
      );
    }
    const now = Math.floor(Date.now() / 1000);
    for (const info of infos) {
      const known = this.#infos.get(info.path);
      this.#infos.set(info.path, {
        path: info.path,
        narHash: info.narHash,
        narSize: info.narSize,
        references: [...new Set([...(known?.references ?? []), ...info.references])].sort(),
        deriver: known === undefined ? info.deriver : known.deriver,
        registrationTime: known?.registrationTime ?? (info.registrationTime || now),
        ultimate: info.ultimate ?? false,
        signatures: [...new Set(info.signatures ?? [])].sort(),
        ca: info.ca,
      });
    }
    for (const [path, map] of outputs) this.#outputs.set(path, map);
  }
  addSignatures(path: StorePath, signatures: readonly ByteString[]): void {
    const info = this.pathInfo(path);
    this.#infos.set(path, { ...info, signatures: [...new Set([...info.signatures, ...signatures])].sort() });
  }

  addTempRoot(path: StorePath): void {
    this.#tempRoots.add(path);
  }
  addPermRoot(target: StorePath, link: ByteString): void {
    this.#links.set(link, target);
  }
  addIndirectRoot(link: ByteString): void {
    if (!this.#links.has(link)) throw new StoreError(`'${link}' is no link that this store knows`);
  }
  /** Takes a root's link away, as removing the file does on disk. */
  removeLink(link: ByteString): void {
    this.#links.delete(link);
  }
  findRoots(): Roots {
    const roots: Roots = new Map();
    for (const [link, path] of this.#links) if (this.#infos.has(path)) addRoot(roots, path, link);
    for (const path of this.#tempRoots) addRoot(roots, path, `{temp:${process.pid}}`);
    return roots;
  }

  collectGarbage(options: GcOptions = {}): GcResult {
    const action = options.action ?? "delete-dead";
    const alive = new Set<StorePath>();
    const keepDerivations = options.paths === undefined && (options.keepDerivations ?? true);
    const keepOutputs = options.paths === undefined && (options.keepOutputs ?? false);
    const roots = options.ignoreLiveness === true ? new Map<StorePath, unknown>() : this.findRoots();
    const since = options.registeredBefore;
    for (const info of this.#infos.values())
      if (since !== undefined && info.registrationTime >= since) roots.set(info.path, new Set());
    for (const path of roots.keys())
      if (this.#infos.has(path))
        for (const member of this.computeClosure([path], {
          includeOutputs: keepOutputs,
          includeDerivers: keepDerivations,
        }))
          alive.add(member);
    if (action === "return-live") return { paths: [...alive].sort(), bytesFreed: 0 };
    let dead = this.sortTopologically([...this.#infos.keys()].filter((path) => !alive.has(path))).reverse();
    if (options.paths !== undefined) {
      const wanted = new Set(options.paths);
      const going = new Set<StorePath>();
      for (const path of dead)
        if (wanted.has(path) && [...this.queryReferrers(path)].every((one) => one === path || going.has(one)))
          going.add(path);
      if (action === "delete-specific")
        for (const path of wanted)
          if (!going.has(path))
            throw new PathInUseError(
              `Cannot delete path '${path}' since it is still alive. To find out why, use: nix-store --query --roots and nix-store --query --referrers`,
            );
      dead = dead.filter((path) => going.has(path));
    }
    if (action === "return-dead") return { paths: [...dead].sort(), bytesFreed: 0 };
    let freed = 0;
    const deleted: StorePath[] = [];
    for (const path of dead) {
      if (options.maxFreed !== undefined && (options.maxFreed === 0 || freed > options.maxFreed)) break;
      const size = this.pathInfo(path).narSize;
      this.#infos.delete(path);
      this.#trees.delete(path);
      this.#outputs.delete(path);
      deleted.push(path);
      freed += size;
      options.onDelete?.(path, size);
    }
    return { paths: deleted, bytesFreed: freed };
  }

  verify(options: VerifyOptions = {}): VerifyResult {
    const problems: (VerifyProblem & { repaired: boolean })[] = [];
    if (options.checkContents === true)
      for (const info of this.#infos.values()) {
        const hasher = new Hasher("sha256");
        dumpTree(this.#trees.get(info.path)!, (chunk) => hasher.update(chunk));
        const actual = hasher.finish();
        if (actual.equals(info.narHash)) continue;
        const repaired = options.repair?.(info.path) ?? false;
        problems.push({ kind: "modified", path: info.path, expected: info.narHash, actual, repaired });
      }
    return { checked: this.#infos.size, problems };
  }
  optimise(): OptimiseResult {
    return { filesLinked: 0, bytesFreed: 0 };
  }

  lockPath(path: StorePath): StoreLock {
    const lock = this.tryLockPaths([path]);
    if (lock === undefined) throw new StoreError(`path '${path}' is locked already`);
    return lock;
  }
  tryLockPaths(paths: readonly StorePath[]): StoreLock | undefined {
    if (paths.some((path) => this.#locked.has(path))) return undefined;
    for (const path of paths) this.#locked.add(path);
    let held = true;
    return {
      release: () => {
        if (held) for (const path of paths) this.#locked.delete(path);
        held = false;
      },
    };
  }
}

function narOf(contents: Uint8Array): Buffer {
  const chunks: Buffer[] = [];
  dumpTree({ kind: "regular", contents, executable: false }, (chunk) => chunks.push(Buffer.from(chunk)));
  return Buffer.concat(chunks);
}
