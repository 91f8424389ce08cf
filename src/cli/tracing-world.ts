/**
 * A World that writes down what an evaluation looks at, for the record by which a shell is entered again without
 * evaluating. Everything is passed on to the world inside.
 *
 * Store paths are not recorded as files: they never change. That they are still there is part of the shell's own check.
 */
import type { ByteString } from "../format/bytes.ts";
import type { Hash, HashAlgorithm } from "../format/hash.ts";
import { isInStore } from "../format/store-path.ts";
import type {
  AddPathOptions,
  FetchRequest,
  FetchResult,
  FileType,
  ParseCache,
  RealiseRequest,
  World,
} from "../language/world.ts";
import type { Recorder } from "../shell/evaluation-record.ts";

/** How long an address without a hash is taken for fresh: Nix's `tarball-ttl`. */
const unpinnedMilliseconds = 3_600_000;

export class TracingWorld implements World {
  readonly storeDir: ByteString;
  readonly currentSystem: ByteString;
  readonly readOnly: boolean;
  readonly #inner: World;
  readonly #recorder: Recorder;
  /** Store paths that the evaluation relied on. */
  readonly storePaths = new Set<ByteString>();
  /** What was printed: traces and warnings, which a later entry repeats. */
  readonly messages: ByteString[] = [];

  constructor(inner: World, recorder: Recorder) {
    this.#inner = inner;
    this.#recorder = recorder;
    this.storeDir = inner.storeDir;
    this.currentSystem = inner.currentSystem;
    this.readOnly = inner.readOnly;
  }

  /** Is it a path outside the store? One inside is noted as relied on. */
  #outside(path: ByteString): boolean {
    if (!isInStore(path, this.storeDir)) return true;
    const end = path.indexOf("/", this.storeDir.length + 1);
    this.storePaths.add(end < 0 ? path : path.slice(0, end));
    return false;
  }

  get parseCache(): ParseCache | undefined {
    return this.#inner.parseCache;
  }

  currentTime(): number {
    this.#recorder.impossible = "the expression asks for the time";
    return this.#inner.currentTime();
  }

  homeDirectory(): ByteString | undefined {
    return this.#inner.homeDirectory?.();
  }

  environment(name: ByteString): ByteString | undefined {
    const value = this.#inner.environment(name);
    this.#recorder.variable(name, value);
    return value;
  }

  readFile(path: ByteString): ByteString {
    if (this.#outside(path)) this.#recorder.file(path);
    return this.#inner.readFile(path);
  }

  hashFile(path: ByteString, algorithm: HashAlgorithm): Hash {
    if (this.#outside(path)) this.#recorder.file(path);
    return this.#inner.hashFile(path, algorithm);
  }

  readDirectory(path: ByteString): ReadonlyMap<ByteString, FileType> {
    if (this.#outside(path)) this.#recorder.directory(path);
    return this.#inner.readDirectory(path);
  }

  fileType(path: ByteString): FileType | undefined {
    if (this.#outside(path)) this.#recorder.type(path);
    return this.#inner.fileType(path);
  }

  readLink(path: ByteString): ByteString {
    if (this.#outside(path)) this.#recorder.link(path);
    return this.#inner.readLink(path);
  }

  addPath(path: ByteString, options: AddPathOptions): ByteString {
    if (!this.#outside(path)) return this.#inner.addPath(path, options);
    const { filter } = options;
    if (filter === undefined) {
      const added = this.#inner.addPath(path, options);
      this.#recorder.tree(path, undefined);
      return added;
    }
    const wanted = new Set<ByteString>();
    const observing = (entry: ByteString, type: FileType): boolean => {
      const keep = filter(entry, type);
      if (keep) wanted.add(entry);
      return keep;
    };
    const added = this.#inner.addPath(path, { ...options, filter: observing });
    this.#recorder.tree(path, (entry) => wanted.has(entry));
    return added;
  }

  addText(name: ByteString, contents: ByteString, references: readonly ByteString[]): ByteString {
    return this.#inner.addText(name, contents, references);
  }

  addDerivation(...given: Parameters<World["addDerivation"]>): ByteString {
    return this.#inner.addDerivation(...given);
  }

  isValidPath(storePath: ByteString): boolean {
    return this.#inner.isValidPath(storePath);
  }

  computeClosure(storePath: ByteString): readonly ByteString[] {
    return this.#inner.computeClosure(storePath);
  }

  ensurePath(storePath: ByteString): void {
    this.#inner.ensurePath(storePath);
    this.storePaths.add(storePath);
  }

  realise(requests: readonly RealiseRequest[]): readonly ReadonlyMap<ByteString, ByteString>[] {
    return this.#inner.realise(requests);
  }

  fetch(request: FetchRequest): FetchResult {
    const result = this.#inner.fetch(request);
    if (result.inStore) {
      this.#outside(result.path);
      const pinned =
        request.kind === "url" || request.kind === "tarball"
          ? request.sha256 !== undefined && request.sha256 !== ""
          : request.attributes.has("narHash") || request.attributes.has("rev");
      if (!pinned && !this.#local(request)) this.#recorder.expiresAfter(unpinnedMilliseconds);
    }
    return result;
  }

  /** Notes what a request reads of this machine's files; is it nothing else that can change? */
  #local(request: FetchRequest): boolean {
    if (request.kind === "url" || request.kind === "tarball") return false;
    const { attributes } = request;
    const path = attributes.get("path");
    if (attributes.get("type") === "path" && typeof path === "string") {
      if (this.#outside(path)) this.#recorder.tree(path, undefined);
      return true;
    }
    const url = attributes.get("url");
    if (typeof url !== "string" || !/^(\/|file:)/.test(url)) return false;
    this.#recorder.impossible = "a Git repository of this machine is read";
    return true;
  }

  message(text: ByteString): void {
    this.messages.push(text);
    this.#inner.message(text);
  }
}
