/**
 * The evaluator's way to files: errors in Nix's words, what `--restrict-eval` and `--pure-eval` allow, symlinks, copies
 * to the store, import from derivation.
 */
import type { ByteString } from "../format/bytes.ts";
import type { Hash, HashAlgorithm } from "../format/hash.ts";
import { type Context, showElement } from "./context.ts";
import { asEvaluationError, EvaluationError } from "./errors.ts";
import type { NixEvaluator } from "./evaluator.ts";
import { flakeHooks } from "./flake-hooks.ts";
import { baseName, canonPath, dirName, literalPath } from "./path.ts";
import { isPseudoUrl, resolvePseudoUrl, shownPath } from "./search-path.ts";
import { noPos, type Pos } from "./value.ts";
import type { FileError, FileType, RealiseRequest } from "./world.ts";

function isFileError(error: unknown): error is FileError {
  return (
    typeof error === "object" && error !== null && "kind" in error && "path" in error && "message" in error
  );
}

/** Is the path from there on nothing but dots, or nothing at all? */
function isDots(path: ByteString, from: number): boolean {
  let i = from;
  while (i < path.length && path.charCodeAt(i) === 46) i++;
  return i === path.length;
}

export class FileAccess {
  readonly #ev: NixEvaluator;
  readonly #copied = new Map<ByteString, ByteString>();
  readonly #types = new Map<ByteString, FileType>();
  /** Directories that are no symlink, nor below one. */
  readonly #plain = new Set<ByteString>();
  /** Paths that restricted evaluation may see, with everything under them. */
  readonly #allowed = new Set<ByteString>();
  /** NIX_PATH's entries are among them; not those of other lists given to `findFile`. */
  #searchPathAllowed = false;

  constructor(ev: NixEvaluator) {
    this.#ev = ev;
  }

  forget(): void {
    this.#copied.clear();
    this.#types.clear();
    this.#plain.clear();
  }

  /** Lets restricted evaluation see a path and what is under it. */
  allow(path: ByteString): void {
    this.#allowed.add(path);
  }

  isAllowed(path: ByteString): boolean {
    const { restrictEval, pureEval } = this.#ev.settings;
    if (!restrictEval && !pureEval) return true;
    if (restrictEval && !this.#searchPathAllowed) {
      this.#searchPathAllowed = true;
      for (const entry of this.#ev.nixPath) {
        if (isPseudoUrl(entry.path) || entry.path.startsWith("flake:")) continue;
        const root = canonPath(literalPath(this.#ev.workingDirectory, entry.path));
        this.allow(root);
        this.allow(this.resolveSymlinks(root, noPos));
      }
    }
    for (let p = path; ; p = dirName(p)) {
      if (this.#allowed.has(p)) return true;
      if (p === "/") break;
    }
    // The way to an allowed path may be walked.
    for (const allowed of this.#allowed) if (path === "/" || allowed.startsWith(`${path}/`)) return true;
    return false;
  }

  check(path: ByteString, pos: Pos): ByteString {
    if (this.isAllowed(path)) return path;
    const mode = this.#ev.settings.pureEval
      ? "pure evaluation mode (use '--impure' to override)"
      : "restricted mode";
    throw new EvaluationError("restricted", `access to absolute path '${path}' is forbidden in ${mode}`, pos);
  }

  checkUri(uri: ByteString, pos: Pos): void {
    const { restrictEval, allowedUris } = this.#ev.settings;
    // Pure evaluation wants a hash instead, wherever things come from.
    if (!restrictEval) return;
    for (const prefix of allowedUris) {
      const whole = uri === prefix || uri.startsWith(prefix.endsWith("/") ? prefix : `${prefix}/`);
      const scheme = prefix.endsWith(":") && uri.startsWith(prefix);
      if (whole || scheme) return;
    }
    if (uri.startsWith("/")) {
      this.check(uri, pos);
      return;
    }
    if (uri.startsWith("file://")) {
      this.check(uri.slice("file://".length), pos);
      return;
    }
    throw new EvaluationError("restricted", `access to URI '${uri}' is forbidden in restricted mode`, pos);
  }

  #translate(error: unknown, path: ByteString, pos: Pos): unknown {
    if (!isFileError(error)) return asEvaluationError(error);
    switch (error.kind) {
      case "not-found":
        return new EvaluationError("eval", `path '${shownPath(path)}' does not exist`, pos);
      case "is-a-directory":
        return new EvaluationError("eval", `reading file '${path}': Is a directory`, pos);
      case "not-a-directory":
        if (this.#cachedType(dirName(path)) !== "directory")
          return new EvaluationError("eval", `path '${path}' does not exist`, pos);
        return new EvaluationError("eval", `cannot read directory "${path}": Not a directory`, pos);
      case "permission":
        return new EvaluationError("eval", `opening file '${path}': Permission denied`, pos);
      case "link-loop":
        return new EvaluationError(
          "eval",
          `too many symbolic links encountered while traversing the path '${path}'`,
          pos,
        );
      default:
        return new EvaluationError("eval", `${error.message}`, pos);
    }
  }

  /** Symlinks are followed. */
  readFile(path: ByteString, pos: Pos): ByteString {
    const real = this.resolveArgument(path, pos);
    this.check(real, pos);
    try {
      return this.#ev.world.readFile(real);
    } catch (error) {
      throw this.#translate(error, real, pos);
    }
  }

  /** Of the contents; symlinks are followed. */
  hashFile(path: ByteString, algorithm: HashAlgorithm, pos: Pos): Hash {
    const real = this.resolveArgument(path, pos);
    this.check(real, pos);
    try {
      return this.#ev.world.hashFile(real, algorithm);
    } catch (error) {
      throw this.#translate(error, real, pos);
    }
  }

  /** lstat; undefined if nothing is there. */
  type(path: ByteString, pos: Pos): FileType | undefined {
    this.check(path, pos);
    const known = this.#types.get(path);
    if (known !== undefined) return known;
    try {
      const type = this.#ev.world.fileType(path);
      if (type !== undefined) this.#types.set(path, type);
      return type;
    } catch (error) {
      throw this.#translate(error, path, pos);
    }
  }

  readLink(path: ByteString, pos: Pos): ByteString {
    try {
      return this.#ev.world.readLink(path);
    } catch (error) {
      throw this.#translate(error, path, pos);
    }
  }

  readDirectory(path: ByteString, pos: Pos): ReadonlyMap<ByteString, FileType> {
    const real = this.resolveArgument(path, pos);
    this.check(real, pos);
    try {
      const entries = this.#ev.world.readDirectory(real);
      const { restrictEval, pureEval } = this.#ev.settings;
      if (!restrictEval && !pureEval) return entries;
      // On the way to what is allowed, nothing else is to be seen.
      return new Map([...entries].filter(([name]) => this.isAllowed(canonPath(`${real}/${name}`))));
    } catch (error) {
      throw this.#translate(error, real, pos);
    }
  }

  /** `resolveSymlinks` for a builtin that is given a path. @param ancestors not what the path itself leads to */
  resolveArgument(path: ByteString, pos: Pos, ancestors = false): ByteString {
    try {
      if (!ancestors) return this.resolveSymlinks(path, pos);
      return canonPath(`${this.resolveSymlinks(dirName(path), pos, path)}/${baseName(path)}`);
    } catch (error) {
      if (error instanceof EvaluationError)
        error.addTrace(pos, `while realising the context of path '${path}'`);
      throw error;
    }
  }

  /** @param shown the path that an error names, if it is another */
  resolveSymlinks(path: ByteString, pos: Pos, shown = path): ByteString {
    const slash = path.lastIndexOf("/");
    const parent = path.slice(0, slash);
    // Most files are in a directory that was met before. (Names of dots alone are for the long way.)
    if (this.#plain.has(parent) && !isDots(path, slash + 1) && this.#cachedType(path) !== "symlink")
      return path;
    const real = this.#followSymlinks(path, pos, shown);
    // What is not there yet may become a symlink.
    if (real === path && this.#types.get(parent) === "directory") this.#plain.add(parent);
    return real;
  }

  #followSymlinks(path: ByteString, pos: Pos, shown: ByteString): ByteString {
    const pending = path
      .split("/")
      .filter((component) => component !== "")
      .reverse();
    let done = "";
    let followed = 0;
    while (pending.length > 0) {
      const component = pending.pop()!;
      if (component === ".") continue;
      if (component === "..") {
        done = done.slice(0, Math.max(0, done.lastIndexOf("/")));
        continue;
      }
      const next = `${done}/${component}`;
      // Where a link leads that may not be seen is not told, in errors neither.
      if (!this.isAllowed(next) || this.#cachedType(next) !== "symlink") {
        done = next;
        continue;
      }
      if (++followed > 1024) {
        throw new EvaluationError("eval", `infinite symlink recursion in path '${shown}'`, pos);
      }
      const target = this.readLink(next, pos);
      if (target.startsWith("/")) done = "";
      pending.push(
        ...target
          .split("/")
          .filter((part) => part !== "")
          .reverse(),
      );
    }
    return done === "" ? "/" : done;
  }

  /** Directories on the way to files are met again and again, and do not change while evaluating. */
  #cachedType(path: ByteString): FileType | undefined {
    const known = this.#types.get(path);
    if (known !== undefined) return known;
    let type: FileType | undefined;
    try {
      type = this.#ev.world.fileType(path);
    } catch (error) {
      if (!isFileError(error)) throw error;
    }
    // What is not there may be built or added yet.
    if (type !== undefined) this.#types.set(path, type);
    return type;
  }

  existing(path: ByteString, pos: Pos): ByteString | undefined {
    const real = this.resolveSymlinks(path, pos);
    if (this.#cachedType(real) === undefined) return undefined;
    this.check(real, pos);
    return real;
  }

  resolveSearchPath(path: ByteString): ByteString | undefined {
    const { world } = this.#ev;
    let root = path;
    const flakes = path.startsWith("flake:") ? flakeHooks(this.#ev) : undefined;
    if (flakes !== undefined) {
      root = flakes.fetch(path.slice("flake:".length));
      this.allow(root);
    } else if (isPseudoUrl(path)) {
      try {
        root = world.fetch({ kind: "tarball", url: resolvePseudoUrl(path) }).path;
      } catch (error) {
        const reason = error instanceof Error ? `: ${error.message}` : "";
        world.message(`warning: Nix search path entry '${path}' cannot be downloaded, ignoring${reason}`);
        return undefined;
      }
      this.allow(root);
    } else root = this.check(canonPath(literalPath(this.#ev.workingDirectory, path)), noPos);
    const real = this.resolveSymlinks(root, noPos);
    if (this.#cachedType(real) === undefined) {
      world.message(`warning: Nix search path entry '${path}' does not exist, ignoring`);
      return undefined;
    }
    return root;
  }

  /** The store path of a copy of the file or tree; made once. Errors have no place of their own, as in Nix. */
  copyToStore(path: ByteString): ByteString {
    const known = this.#copied.get(path);
    if (known !== undefined) return known;
    if (path.endsWith(".drv"))
      throw new EvaluationError("eval", "file names are not allowed to end in '.drv'", noPos);
    const parent = this.resolveSymlinks(dirName(path), noPos, path);
    const real = canonPath(`${parent}/${baseName(path)}`);
    this.check(real, noPos);
    let storePath: ByteString;
    try {
      storePath = this.#ev.world.addPath(real, { name: baseName(path), method: "nar" });
    } catch (error) {
      throw this.#translate(error, path, noPos);
    }
    this.allow(storePath);
    this.#copied.set(path, storePath);
    return storePath;
  }

  /** Builds the outputs a context names (import from derivation). */
  realise(context: Context | undefined, pos: Pos): ReadonlyMap<ByteString, ByteString> {
    const rewrites = new Map<ByteString, ByteString>();
    if (context === undefined) return rewrites;
    const { world, settings } = this.#ev;
    const requests: RealiseRequest[] = [];
    for (const element of context.sorted()) {
      if (element.kind === "dynamic")
        throw new EvaluationError(
          "eval",
          `cannot build '${showElement(element)}': building what a derivation makes as a derivation is not supported`,
          pos,
        );
      const path = element.kind === "opaque" ? element.path : element.drvPath;
      // A derivation that was just written waits in a queue: only the world's builder can tell.
      const unsure = element.kind === "built" && !world.readOnly;
      if (!unsure && !world.isValidPath(path))
        throw new EvaluationError("eval", `path '${baseName(path)}' is not valid`, pos);
      if (element.kind === "built") requests.push({ drvPath: element.drvPath, outputs: [element.output] });
    }
    if (requests.length === 0) return rewrites;
    const shown = `${requests[0]!.drvPath}^${requests[0]!.outputs[0]}`;
    if (!settings.allowImportFromDerivation) {
      throw new EvaluationError(
        "eval",
        `cannot build '${shown}' during evaluation because the option 'allow-import-from-derivation' is disabled`,
        pos,
      );
    }
    if (settings.traceImportFromDerivation)
      world.message(`warning: built '${shown}' during evaluation due to an import from derivation`);
    for (const outputs of world.realise(requests)) for (const path of outputs.values()) this.allow(path);
    return rewrites;
  }
}
