/**
 * What evaluation may ask of the outside, all of it synchronous (DESIGN: evaluation does no I/O of its own).
 *
 * `src/cli/compose.ts` gives the real one, made of the store, fetch and build floors; tests use a world in memory.
 * Paths are absolute, canonical byte strings. Paths under `storeDir` are logical; the world maps them to where
 * the files lie.
 */
import type { ByteString } from "../format/bytes.ts";
import type { Hash, HashAlgorithm } from "../format/hash.ts";

export type FileType = "regular" | "directory" | "symlink" | "unknown";

/** Thrown by the file functions of a World; the evaluator adds position and trace. */
export interface FileError {
  readonly kind: "not-found" | "not-a-directory" | "is-a-directory" | "permission" | "link-loop" | "other";
  readonly path: ByteString;
  readonly message: string;
}

/** `addPath`: how a file tree becomes a store path. */
export interface AddPathOptions {
  readonly name: ByteString;
  /** "nar": hash of the NAR (`recursive = true`); "flat": hash of one regular file. */
  readonly method: "nar" | "flat";
  /** The paths to keep, asked top-down with (absolute path, type); the root itself is not asked. */
  readonly filter?: ((path: ByteString, type: FileType) => boolean) | undefined;
  /** Refuse anything else; when the path of this hash is valid already, nothing is read. Any notation Nix takes. */
  readonly sha256?: ByteString | undefined;
}

export interface FetchUrlRequest {
  readonly kind: "url";
  readonly url: ByteString;
  readonly name?: ByteString | undefined;
  readonly sha256?: ByteString | undefined;
}
export interface FetchTarballRequest {
  readonly kind: "tarball";
  readonly url: ByteString;
  readonly name?: ByteString | undefined;
  readonly sha256?: ByteString | undefined;
}
/** `fetchTree`/`fetchGit`/`fetchMercurial`: input attributes as in a lock file, values string | bigint | boolean. */
export interface FetchTreeRequest {
  readonly kind: "tree" | "git" | "closure";
  readonly attributes: ReadonlyMap<string, ByteString | bigint | boolean>;
  /** `locked` must say all that a lock file says, even if that takes another question to a server. */
  readonly lock?: boolean;
}
export type FetchRequest = FetchUrlRequest | FetchTarballRequest | FetchTreeRequest;

export interface FetchResult {
  /** Where the evaluator finds it: normally a store path; for the bundled channel a path outside the store. */
  readonly path: ByteString;
  /** False when `path` is no store path and so brings no string context. */
  readonly inStore: boolean;
  /** rev, shortRev, revCount, lastModified, lastModifiedDate, narHash, submodules … as `fetchTree` returns them. */
  readonly info: ReadonlyMap<string, ByteString | bigint | boolean>;
  /** Of trees: the attributes of the input as it was found, as in a lock file. */
  readonly locked?: ReadonlyMap<string, ByteString | bigint | boolean>;
}

/** One output (or all, `"*"`) of a derivation, as string contexts name it. */
export interface RealiseRequest {
  readonly drvPath: ByteString;
  readonly outputs: readonly ByteString[] | "*";
}

/**
 * Trees of texts that earlier runs parsed: see kept-tree.ts. `key` is a hash of the text, and before it one of what else
 * decides what tree it makes. Nothing but speed depends on them, so whoever keeps them may forget.
 */
export interface ParseCache {
  read(key: ByteString): Uint8Array | undefined;
  write(key: ByteString, tree: Uint8Array): void;
}

export interface World {
  /** `/nix/store`, normally. */
  readonly storeDir: ByteString;
  readonly currentSystem: ByteString;
  /** Seconds since the epoch, fixed when first asked. */
  currentTime(): number;
  environment(name: ByteString): ByteString | undefined;
  /** What `~` means without HOME. */
  homeDirectory?(): ByteString | undefined;

  /** Absent: every file is parsed whole. */
  readonly parseCache?: ParseCache | undefined;
  /** Whole contents. @throws FileError */
  readFile(path: ByteString): ByteString;
  /** Of the contents. @throws FileError */
  hashFile(path: ByteString, algorithm: HashAlgorithm): Hash;
  /** Entries, without `.` and `..`. @throws FileError */
  readDirectory(path: ByteString): ReadonlyMap<ByteString, FileType>;
  /** lstat; undefined if nothing is there. @throws FileError other than not-found */
  fileType(path: ByteString): FileType | undefined;
  /** @throws FileError */
  readLink(path: ByteString): ByteString;

  /** Adds a tree, returns the store path. Caches by path within one evaluation. @throws BrumaError */
  addPath(path: ByteString, options: AddPathOptions): ByteString;
  /** What the store path would be, without writing (`nix-instantiate --eval` without `--read-write-mode`). */
  readonly readOnly: boolean;
  /** `builtins.toFile`. */
  addText(name: ByteString, contents: ByteString, references: readonly ByteString[]): ByteString;
  /**
   * Writes a text (ATerm) as `<name>.drv`; its SHA-256 in base 16, its references, sorted, and its outputs are given.
   * Returns drvPath.
   */
  addDerivation(
    name: ByteString,
    contents: { readonly text: ByteString; readonly sha256: string },
    references: readonly ByteString[],
    outputs: ReadonlyMap<ByteString, { readonly path: ByteString }>,
  ): ByteString;
  isValidPath(storePath: ByteString): boolean;
  /** All store paths reachable from a valid one, itself included (a `drvPath` in a context brings its closure). */
  computeClosure(storePath: ByteString): readonly ByteString[];
  /** `builtins.storePath`: makes it valid by substitution, or throws. */
  ensurePath(storePath: ByteString): void;
  /** Import from derivation: builds, returns for each request the output paths by output name. */
  realise(requests: readonly RealiseRequest[]): readonly ReadonlyMap<ByteString, ByteString>[];
  fetch(request: FetchRequest): FetchResult;
  /** `import` of a valid `.drv`: the derivation's name and its outputs' paths. Without it, that is an error. */
  describeDerivation?(drvPath: ByteString): {
    name: ByteString;
    outputs: ReadonlyMap<ByteString, ByteString>;
  };

  /** `builtins.trace`, warnings: one line or more, bytes, for standard error. */
  message(text: ByteString): void;
}
