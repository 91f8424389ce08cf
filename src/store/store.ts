/**
 * What a store can do, all of it synchronous. `LocalStore` keeps it on disk as Nix does; `MemoryStore` is the twin for
 * tests; one contract suite runs on both. All paths here are logical unless a name says "real".
 *
 * Manual: "Store object", "Store path info", `nix-store`.
 */
import type { ByteSource } from "../format/byte-source.ts";
import type { ByteString } from "../format/bytes.ts";
import type { ContentAddress } from "../format/content-address.ts";
import type { Hash, HashAlgorithm } from "../format/hash.ts";
import type { NarFilter } from "../format/nar.ts";
import type { Sink } from "../format/nar-writer.ts";
import type { PublicKey } from "../format/signature.ts";
import type { StorePath } from "../format/store-path.ts";

/** What is known of a valid path: one row of the database. */
export interface PathInfo {
  readonly path: StorePath;
  /** SHA-256 of the NAR. */
  readonly narHash: Hash;
  /** Bytes of the NAR. */
  readonly narSize: number;
  /** Sorted; may contain the path itself. */
  readonly references: readonly StorePath[];
  readonly deriver?: StorePath | undefined;
  /** Seconds since the epoch; 0 in what is to be registered means now. */
  readonly registrationTime: number;
  /** Built here, or otherwise trusted without signature. */
  readonly ultimate: boolean;
  readonly signatures: readonly ByteString[];
  /** Asserts that the path follows from its contents. */
  readonly ca?: ContentAddress | undefined;
}

/** What registering takes: the rest has defaults. */
export type NewPathInfo = Pick<PathInfo, "path" | "narHash" | "narSize" | "references"> & Partial<PathInfo>;

export interface AddTreeOptions {
  readonly name: ByteString;
  /** "nar" (default): any tree; "flat": hash of one regular file's bytes; "text": one file, with references. */
  readonly method?: "nar" | "flat" | "text" | undefined;
  /** Of the content address; sha256 unless told otherwise. */
  readonly algorithm?: HashAlgorithm | undefined;
  readonly filter?: NarFilter | undefined;
  readonly references?: readonly StorePath[] | undefined;
  /** Write it anew even if it is valid. */
  readonly repair?: boolean | undefined;
}

export interface AddNarOptions {
  readonly repair?: boolean | undefined;
  /** Refuse the path unless one of these keys signed it or it is content-addressed; undefined: no check. */
  readonly trustedKeys?: readonly PublicKey[] | undefined;
}

export interface ClosureOptions {
  /** Follow referrers instead of references. */
  readonly referrers?: boolean | undefined;
  /** Valid outputs of derivations that are met. */
  readonly includeOutputs?: boolean | undefined;
  /** Valid derivers of paths that are met. */
  readonly includeDerivers?: boolean | undefined;
}

/** Why a path is alive: the root's place (a link, `{temp:PID}`, …). */
export type Roots = Map<StorePath, Set<ByteString>>;

export interface GcOptions {
  /** "delete-dead" (default), "delete-specific" (`paths`, which must all be dead), or only say. */
  readonly action?: "delete-dead" | "delete-specific" | "return-dead" | "return-live" | undefined;
  readonly paths?: readonly StorePath[] | undefined;
  /** Delete the given paths even where roots keep them (never where valid referrers do). */
  readonly ignoreLiveness?: boolean | undefined;
  /** Stop after this many bytes. */
  readonly maxFreed?: number | undefined;
  /** Keep what was registered later than this (seconds since the epoch). */
  readonly registeredBefore?: number | undefined;
  /** Nix's settings of these names: true and false unless told otherwise. */
  readonly keepDerivations?: boolean | undefined;
  readonly keepOutputs?: boolean | undefined;
  readonly onDelete?: ((path: ByteString, bytes: number) => void) | undefined;
}

export interface GcResult {
  /** Deleted, dead or alive, as the action says. */
  readonly paths: readonly ByteString[];
  readonly bytesFreed: number;
}

export interface VerifyOptions {
  readonly checkContents?: boolean | undefined;
  /** Called for each path that is missing or changed; returns whether it is good now. */
  readonly repair?: ((path: StorePath) => boolean) | undefined;
  readonly onProgress?: ((path: StorePath) => void) | undefined;
}

export type VerifyProblem =
  | { readonly kind: "disappeared"; readonly path: StorePath; readonly removed: boolean }
  | { readonly kind: "modified"; readonly path: StorePath; readonly expected: Hash; readonly actual: Hash }
  | { readonly kind: "unreadable"; readonly path: StorePath; readonly message: string }
  | { readonly kind: "link-modified"; readonly link: ByteString };

export interface VerifyResult {
  readonly checked: number;
  readonly problems: readonly (VerifyProblem & { readonly repaired: boolean })[];
}

export interface OptimiseResult {
  readonly filesLinked: number;
  readonly bytesFreed: number;
}

/** By name. */
export type DerivationOutputs = ReadonlyMap<ByteString, { readonly path: ByteString }>;

export interface Store {
  /** The logical store directory. */
  readonly storeDir: ByteString;

  isValidPath(path: StorePath): boolean;
  queryValidPaths(paths: Iterable<StorePath>): Set<StorePath>;
  queryAllValidPaths(): StorePath[];
  /** undefined when the path is not valid. */
  queryPathInfo(path: StorePath): PathInfo | undefined;
  /** @throws InvalidPathError */
  pathInfo(path: StorePath): PathInfo;
  /** Valid paths that refer to it, itself included if it does. */
  queryReferrers(path: StorePath): Set<StorePath>;
  /** Valid derivations that have this path as an output. */
  queryDerivers(path: StorePath): Set<StorePath>;
  /** Output name → path of a valid derivation. @throws InvalidPathError */
  queryDerivationOutputs(path: StorePath): Map<ByteString, StorePath>;
  queryPathFromHashPart(hashPart: ByteString): StorePath | undefined;
  /** All that is reachable, the given paths included. @throws InvalidPathError when one of them is not valid */
  computeClosure(paths: Iterable<StorePath>, options?: ClosureOptions): Set<StorePath>;
  /** References before referrers. */
  sortTopologically(paths: Iterable<StorePath>): StorePath[];
  /** @throws InvalidPathError */
  narFromPath(path: StorePath, sink: Sink): void;
  /** Whole contents of a regular file below a valid path. */
  readStoreFile(path: ByteString): Buffer;

  /** Adds a file tree by its contents. `realPath` is read once. */
  addTreeToStore(realPath: ByteString, options: AddTreeOptions): PathInfo;
  /** Adds one regular file with these bytes; method "flat" unless told otherwise. */
  addBytesToStore(contents: Uint8Array, options: Omit<AddTreeOptions, "filter">): PathInfo;
  /** `builtins.toFile` and derivations. */
  addTextToStore(name: ByteString, contents: ByteString, references: Iterable<StorePath>): StorePath;
  /** As `addTextToStore` for many at once, in order; one transaction. Later ones may refer to earlier ones. */
  addTextsToStore(
    texts: readonly { name: ByteString; contents: ByteString; references: Iterable<StorePath> }[],
  ): StorePath[];
  /**
   * As `addTextToStore`, but the writing may wait, so that hundreds of derivations need one transaction. Every other
   * method sees the path as added; who looks at the files or starts another process calls `flush` first.
   * @param outputs of a derivation that was made here: what is not given is read from the text, and checked
   */
  queueText(
    name: ByteString,
    contents: ByteString,
    references: Iterable<StorePath>,
    outputs?: DerivationOutputs,
  ): StorePath;
  /** As `addTreeToStore` by archive; where the tree is a small file, the writing may wait likewise. */
  queueTree(realPath: ByteString, name: ByteString): StorePath;
  /** Writes what is queued. `close` and the end of the process do so too. */
  flush(): void;
  /** The same, if the path, or the store path that it is below, is among what is queued. */
  flushPath(path: ByteString): void;
  /**
   * Adds a path with all its information, reading exactly one NAR from the source.
   * @throws ContentMismatchError when hash, size or content address differ, or no trusted key signed it
   */
  addNar(info: NewPathInfo, source: ByteSource, options?: AddNarOptions): void;
  /**
   * Registers paths whose files are in place (canonical, complete) in one transaction; replaces the facts of valid ones.
   * @throws InvalidPathError when a reference is neither valid nor among them; StoreError on a cycle
   */
  registerValidPaths(infos: readonly NewPathInfo[]): void;
  addSignatures(path: StorePath, signatures: readonly ByteString[]): void;

  /** Keeps a path, valid or not yet, until this process ends. */
  addTempRoot(path: StorePath): void;
  /** Makes `link` (physical, outside the store) point to `target` and keeps it while the link is there. */
  addPermRoot(target: StorePath, link: ByteString): void;
  /** Keeps what an existing link outside the state directory points to. */
  addIndirectRoot(link: ByteString): void;
  findRoots(): Roots;
  collectGarbage(options?: GcOptions): GcResult;
  verify(options?: VerifyOptions): VerifyResult;
  optimise(): OptimiseResult;

  /** Waits for and takes the lock of a path, as Nix does; the result gives it back. */
  lockPath(path: StorePath): StoreLock;
  /** The same for several (in sorted order, so that nobody waits in a circle), or nothing if one is taken. */
  tryLockPaths(paths: readonly StorePath[]): StoreLock | undefined;
  close(): void;
}

export interface StoreLock {
  /** @param remove also delete the lock file: right once the path is valid */
  release(remove?: boolean): void;
}
