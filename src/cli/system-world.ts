/**
 * The real world of an evaluation: this machine's files and environment, the store, and child processes for what
 * takes time (downloads, import from derivation).
 *
 * Logical store paths are mapped to where the files lie. The store's database is opened only when something asks for
 * it: most evaluations that print a value never do.
 */

import { constants } from "node:buffer";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { readDerivation } from "../derivation/strict.ts";
import { type ByteString, fsPath, toBytes, toText } from "../format/bytes.ts";
import { BrumaError } from "../format/error.ts";
import { type Hash, type HashAlgorithm, Hasher, parseHash, sha256Prefixed } from "../format/hash.ts";
import { hashFile } from "../format/hash-file.ts";
import { dumpPath } from "../format/nar.ts";
import {
  isInStore,
  makeContentAddressedPath,
  makeTextPath,
  parseStorePath,
  type StorePath,
} from "../format/store-path.ts";
import { terminalText } from "../language/terminal-text.ts";
import type {
  AddPathOptions,
  FetchRequest,
  FetchResult,
  FileError,
  FileType,
  ParseCache,
  RealiseRequest,
  World,
} from "../language/world.ts";
import type { StoreLayout } from "../store/layout.ts";
import type { Store } from "../store/store.ts";
import { fileRead, otherWorkBegins } from "./long-run.ts";
import { nixpkgsReference } from "./nixpkgs-reference.ts";
import { errorColour, printMessage } from "./output.ts";
import { ownCommand, ownEnvironment } from "./own-process.ts";
import type { WireError, WireFetch, WireFetchResult, WireRealise, WireRealiseResult } from "./wire.ts";
import { wireValue } from "./wire.ts";

export interface SystemWorldOptions {
  readonly layout: StoreLayout;
  /** Opens the store; called at most once. */
  readonly openStore: () => Store;
  readonly readOnly: boolean;
  readonly system: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Directory of the bundled channel. */
  readonly channel: string;
  /** The channel answers every reference to nixpkgs. */
  readonly bundledNixpkgs: boolean;
  /** Passed on to child processes. */
  readonly buildOptions: WireRealise["options"];
  readonly message?: (text: string) => void;
  /** What an expression says (`trace`, warnings), bytes without a line end; `message`, if left out. */
  readonly messageBytes?: (bytes: ByteString) => void;
  readonly parseCache?: ParseCache | undefined;
}

/** What the file functions throw. An Error object without a stack: evaluation catches many of them. */
class WorldFileError extends BrumaError implements FileError {
  readonly kind: FileError["kind"];
  readonly path: ByteString;
  constructor(kind: FileError["kind"], path: ByteString, message: string) {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    super(message);
    Error.stackTraceLimit = limit;
    this.kind = kind;
    this.path = path;
  }
}

/** An error of a child process, told over the wire. */
export class ChildError extends BrumaError {}

const kinds: Record<string, FileError["kind"]> = {
  ENOENT: "not-found",
  ENOTDIR: "not-a-directory",
  EISDIR: "is-a-directory",
  EACCES: "permission",
  EPERM: "permission",
  ELOOP: "link-loop",
};
const words: Record<FileError["kind"], string> = {
  "not-found": "does not exist",
  "not-a-directory": "is not below a directory",
  "is-a-directory": "is a directory",
  permission: "may not be read by this user: permission denied",
  "link-loop": "goes through too many symbolic links",
  other: "cannot be read",
};

function fileError(path: ByteString, error: unknown): WorldFileError {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  const kind = kinds[code] ?? "other";
  if (code === "ERR_STRING_TOO_LONG" || code === "ERR_FS_FILE_TOO_LARGE") {
    const message = `the file '${toText(path)}' is longer than the 512 MiB that a string can hold`;
    return new WorldFileError(kind, path, message);
  }
  const detail = kind === "other" ? `: ${(error as Error).message}` : "";
  return new WorldFileError(kind, path, `path '${toText(path)}' ${words[kind]}${detail}`);
}

/** Some never end. */
function readDevice(path: ByteString): ByteString {
  const file = fs.openSync(fsPath(path), "r");
  try {
    const chunks: Buffer[] = [];
    let size = 0;
    for (;;) {
      const chunk = Buffer.allocUnsafe(1 << 20);
      const read = fs.readSync(file, chunk);
      if (read === 0) return Buffer.concat(chunks).toString("latin1");
      chunks.push(chunk.subarray(0, read));
      size += read;
      if (size > constants.MAX_STRING_LENGTH)
        throw Object.assign(new Error("too long"), { code: "ERR_STRING_TOO_LONG" });
    }
  } finally {
    fs.closeSync(file);
  }
}

function typeOf(entry: fs.Dirent<string | NonSharedBuffer> | fs.Stats): FileType {
  if (entry.isFile()) return "regular";
  if (entry.isDirectory()) return "directory";
  if (entry.isSymbolicLink()) return "symlink";
  return "unknown";
}

export class SystemWorld implements World {
  readonly storeDir: ByteString;
  readonly currentSystem: ByteString;
  readonly readOnly: boolean;
  readonly parseCache: ParseCache | undefined;
  readonly #options: SystemWorldOptions;
  readonly #layout: StoreLayout;
  /** The channel's entry: being read, it answers `<nixpkgs>` or is named by an address. */
  readonly #channelFile: ByteString;
  readonly #added = new Map<string, ByteString>();
  readonly #fetched = new Map<string, FetchResult>();
  readonly #answered = new Set<string>();
  /** What was said about references that the channel answered. */
  readonly notices: string[] = [];
  /** What a read-only evaluation would have written: path → references. */
  readonly #imagined = new Map<ByteString, readonly ByteString[]>();
  /** Well-formed store paths: derivations refer to the same ones again and again. */
  readonly #checked = new Set<ByteString>();
  #store: Store | undefined;
  #time: number | undefined;

  constructor(options: SystemWorldOptions) {
    this.#options = options;
    this.#layout = options.layout;
    this.#channelFile = toBytes(join(options.channel, "default.nix"));
    this.storeDir = options.layout.storeDir;
    this.currentSystem = options.system;
    this.readOnly = options.readOnly;
    this.parseCache = options.parseCache;
  }

  get store(): Store {
    this.#store ??= this.#options.openStore();
    return this.#store;
  }

  currentTime(): number {
    this.#time ??= Math.floor(Date.now() / 1000);
    return this.#time;
  }

  homeDirectory(): ByteString {
    return toBytes(homedir());
  }

  environment(name: ByteString): ByteString | undefined {
    const value = this.#options.environment[toText(name)];
    return value === undefined ? undefined : toBytes(value);
  }

  /** Where the path lies; what waits to be written to the store is written first. */
  #physical(path: ByteString): ByteString {
    if (isInStore(path, this.storeDir)) this.#store?.flushPath(path);
    return this.#layout.physical(path);
  }

  readFile(path: ByteString): ByteString {
    if (this.#options.bundledNixpkgs && this.#answered.size === 0 && path === this.#channelFile) {
      this.announceBundled("<nixpkgs>");
    }
    fileRead();
    try {
      if (path.startsWith("/dev/")) return readDevice(path);
      return fs.readFileSync(fsPath(this.#physical(path)), "latin1");
    } catch (error) {
      throw fileError(path, error);
    }
  }

  hashFile(path: ByteString, algorithm: HashAlgorithm): Hash {
    try {
      return hashFile(algorithm, fsPath(this.#physical(path)));
    } catch (error) {
      throw fileError(path, error);
    }
  }

  readDirectory(path: ByteString): ReadonlyMap<ByteString, FileType> {
    try {
      const entries = fs.readdirSync(fsPath(this.#physical(path)), {
        withFileTypes: true,
        encoding: "buffer",
      });
      const found = new Map<ByteString, FileType>();
      for (const entry of entries) found.set(entry.name.toString("latin1"), typeOf(entry));
      return found;
    } catch (error) {
      throw fileError(path, error);
    }
  }

  fileType(path: ByteString): FileType | undefined {
    try {
      const status = fs.lstatSync(fsPath(this.#physical(path)), { throwIfNoEntry: false });
      return status === undefined ? undefined : typeOf(status);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === "ENOTDIR" || code === "ENOENT") return undefined;
      throw fileError(path, error);
    }
  }

  readLink(path: ByteString): ByteString {
    try {
      return fs.readlinkSync(fsPath(this.#physical(path)), "buffer").toString("latin1");
    } catch (error) {
      throw fileError(path, error);
    }
  }

  addPath(path: ByteString, options: AddPathOptions): ByteString {
    const key = options.filter === undefined ? `${options.method}\0${options.name}\0${path}` : undefined;
    const known = key === undefined ? undefined : this.#added.get(key);
    const method = options.method;
    let expected: StorePath | undefined;
    if (options.sha256 !== undefined && options.sha256 !== "") {
      const hash = parseHash(options.sha256, "sha256");
      expected = makeContentAddressedPath(options.name, { method, hash }, [], false, this.storeDir);
      if (this.#canAskStore() && this.store.isValidPath(expected)) return expected;
    }
    const added = known ?? this.#add(path, this.#physical(path), options);
    if (expected !== undefined && added !== expected)
      throw new BrumaError(`store path mismatch in (possibly filtered) path added from '${toText(path)}'`, {
        hint: `it would be '${added}', and the given hash makes it '${expected}'`,
      });
    if (key !== undefined) this.#added.set(key, added);
    return added;
  }

  #add(path: ByteString, real: ByteString, options: AddPathOptions): ByteString {
    // The filter speaks of the paths that the expression knows.
    const filter =
      options.filter === undefined
        ? undefined
        : real === path
          ? options.filter
          : (entry: ByteString, type: FileType) => options.filter!(path + entry.slice(real.length), type);
    try {
      if (fs.lstatSync(fsPath(real)).isDirectory()) otherWorkBegins();
      if (!this.readOnly) {
        if (options.method === "nar" && filter === undefined) return this.store.queueTree(real, options.name);
        return this.store.addTreeToStore(real, { name: options.name, method: options.method, filter }).path;
      }
      if (options.method === "flat") {
        const hash = hashFile("sha256", fsPath(real));
        return makeContentAddressedPath(options.name, { method: "flat", hash }, [], false, this.storeDir);
      }
      const hasher = new Hasher("sha256");
      dumpPath(real, (chunk) => void hasher.update(chunk), filter);
      return makeContentAddressedPath(
        options.name,
        { method: "nar", hash: hasher.finish() },
        [],
        false,
        this.storeDir,
      );
    } catch (error) {
      if (error instanceof Error && typeof (error as NodeJS.ErrnoException).syscall === "string")
        throw fileError(path, error);
      throw error;
    }
  }

  addText(name: ByteString, contents: ByteString, references: readonly ByteString[]): ByteString {
    if (this.readOnly) return this.#imagine(name, sha256Prefixed(contents), references);
    return this.store.addTextToStore(name, contents, this.#storePaths(references));
  }

  /** A text's path. @param hash `sha256:<base 16>` of it */
  #imagine(name: ByteString, hash: string, references: readonly ByteString[]): ByteString {
    const path = makeTextPath(name, hash, this.#storePaths(references), this.storeDir);
    this.#imagined.set(path, references);
    return path;
  }

  addDerivation(
    name: ByteString,
    contents: { readonly text: ByteString; readonly sha256: string },
    references: readonly ByteString[],
    outputs: ReadonlyMap<ByteString, { readonly path: ByteString }>,
  ): ByteString {
    if (this.readOnly) return this.#imagine(`${name}.drv`, `sha256:${contents.sha256}`, references);
    return this.store.queueText(`${name}.drv`, contents.text, this.#storePaths(references), outputs);
  }

  /** Checks that these are store paths, each once. @throws StorePathError */
  #storePaths(paths: readonly ByteString[]): readonly StorePath[] {
    for (let index = 0; index < paths.length; index++) {
      const path = paths[index]!;
      if (this.#imagined.has(path) || this.#checked.has(path)) continue;
      const parsed = parseStorePath(path, this.storeDir);
      if (parsed !== path) return paths.map((each) => parseStorePath(each, this.storeDir));
      this.#checked.add(path);
    }
    return paths as readonly StorePath[];
  }

  /** In a read-only evaluation a store that is not there yet is not made. */
  #canAskStore(): boolean {
    return (
      this.#store !== undefined || !this.readOnly || fs.existsSync(join(toText(this.#layout.stateDir), "db"))
    );
  }

  isValidPath(storePath: ByteString): boolean {
    if (!isInStore(storePath, this.storeDir) || !this.#canAskStore()) return false;
    return this.store.isValidPath(parseStorePath(storePath, this.storeDir));
  }

  computeClosure(storePath: ByteString): readonly ByteString[] {
    const found = new Set<ByteString>();
    const open = [storePath];
    for (let path = open.pop(); path !== undefined; path = open.pop()) {
      if (found.has(path)) continue;
      const imagined = this.#imagined.get(path);
      if (imagined !== undefined) {
        found.add(path);
        open.push(...imagined);
      } else if (this.readOnly && !this.isValidPath(path)) found.add(path);
      else
        for (const reached of this.store.computeClosure([parseStorePath(path, this.storeDir)]))
          found.add(reached);
    }
    return [...found];
  }

  ensurePath(storePath: ByteString): void {
    if (this.isValidPath(storePath)) return;
    throw new BrumaError(`path '${toText(storePath)}' is not valid and no substituter has it`);
  }

  realise(requests: readonly RealiseRequest[]): readonly ReadonlyMap<ByteString, ByteString>[] {
    this.#store?.flush();
    // The database must be written and closed to others' eyes before a child looks at it; SQLite sees to that.
    const result = this.#child<WireRealise, WireRealiseResult>("__realise", {
      requests: requests.map((request) => ({ drvPath: request.drvPath, outputs: request.outputs })),
      options: this.#options.buildOptions,
    });
    return result.outputs.map((entries) => new Map(Object.entries(entries)));
  }

  describeDerivation(drvPath: ByteString): {
    name: ByteString;
    outputs: ReadonlyMap<ByteString, ByteString>;
  } {
    const derivation = readDerivation(this, drvPath);
    const outputs = new Map([...derivation.outputs].map(([name, output]) => [name, output.path]));
    return { name: derivation.env.get("name") ?? derivation.name, outputs };
  }

  fetch(request: FetchRequest): FetchResult {
    const reference = nixpkgsReference(request);
    if (reference !== undefined && this.#options.bundledNixpkgs) {
      this.announceBundled(toText(reference));
      return { path: toBytes(this.#options.channel), inStore: false, info: new Map() };
    }
    const wire: WireFetch = {
      request:
        request.kind === "url" || request.kind === "tarball"
          ? request
          : {
              kind: request.kind,
              attributes: [...request.attributes].map(([name, value]) => [name, wireValue.encode(value)]),
              lock: request.lock,
            },
      options: this.#options.buildOptions,
    };
    const key = JSON.stringify(wire.request);
    const known = this.#fetched.get(key);
    if (known !== undefined) return known;
    try {
      const answer = this.#child<WireFetch, WireFetchResult>("__fetch", wire);
      const decode = (entries: WireFetchResult["info"]) =>
        new Map(entries.map(([name, value]) => [name, wireValue.decode(value)]));
      const result: FetchResult = {
        path: answer.path,
        inStore: true,
        info: decode(answer.info),
        ...(answer.locked === undefined ? {} : { locked: decode(answer.locked) }),
      };
      this.#fetched.set(key, result);
      return result;
    } catch (error) {
      if (reference === undefined || !(error instanceof BrumaError)) throw error;
      throw new ChildError(error.message, {
        hint: `this is a reference to nixpkgs: with '--nixpkgs bundled' (or BRUMA_NIXPKGS=bundled), bruma's own package set answers it without a network${error.hint === undefined ? "" : `. ${error.hint}`}`,
        exitCode: error.exitCode,
        cause: error,
      });
    }
  }

  /** Says once, for each reference, that the channel stands in for nixpkgs. */
  announceBundled(reference: string): void {
    if (this.#answered.has(reference)) return;
    this.#answered.add(reference);
    const notice = `using bruma's bundled package set for ${reference}`;
    this.notices.push(notice);
    this.#say(notice);
  }

  message(text: ByteString): void {
    const shown = terminalText(text, errorColour());
    if (this.#options.messageBytes === undefined) this.#say(toText(shown));
    else this.#options.messageBytes(shown);
  }

  #say(text: string): void {
    (this.#options.message ?? printMessage)(text);
  }

  /** Runs bruma itself on a job; its progress goes to the terminal, its answer comes back as JSON. */
  #child<Job, Answer>(command: string, job: Job): Answer {
    const [program, first] = ownCommand();
    const result = spawnSync(program, [...first, command], {
      input: JSON.stringify(job),
      stdio: ["pipe", "pipe", "inherit"],
      maxBuffer: 1 << 28,
      env: ownEnvironment(),
    });
    if (result.error !== undefined)
      throw new BrumaError(`cannot start bruma again: ${result.error.message}`, { cause: result.error });
    if (result.signal !== null) throw new BrumaError(`interrupted (${result.signal})`, { exitCode: 130 });
    let answer: { ok: Answer } | { error: WireError };
    try {
      answer = JSON.parse(result.stdout.toString("utf8"));
    } catch {
      throw new BrumaError(`the child process '${command}' ended with status ${result.status} and no answer`);
    }
    if ("error" in answer) {
      throw new ChildError(answer.error.message, {
        hint: answer.error.hint,
        exitCode: answer.error.exitCode,
      });
    }
    return answer.ok;
  }
}
