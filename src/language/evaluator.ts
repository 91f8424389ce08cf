/**
 * The evaluator: one world, one base environment, files evaluated at most once.
 *
 * Made by `createEvaluator`. What builtins call is the `Evaluator` interface of value.ts; the work behind it lies in
 * the modules named after it (call, coerce, equality, print, search-path, auto-call).
 */
import type { ByteString } from "../format/bytes.ts";
import type { Expr } from "./ast.ts";
import { Attrs, attrsFromMap } from "./attrs.ts";
import { autoCall, selectPath } from "./auto-call.ts";
import { fillBaseEnvironment } from "./base-environment.ts";
import { applyEachLater, applyLater, call1, call2, callN } from "./call.ts";
import { coerceToPath, coerceToString } from "./coerce.ts";
import { compileTree } from "./compile.ts";
import { outermost } from "./compiled.ts";
import { type Context, Context as ContextSet, opaqueElement, showElement } from "./context.ts";
import { fetchurlSource } from "./derivation-wrapper.ts";
import { equalSlots, lessThan } from "./equality.ts";
import { asEvaluationError, EvaluationError, withoutJavaScript } from "./errors.ts";
import { families } from "./families.ts";
import { FileAccess } from "./file-access.ts";
import { forceDeep } from "./force-deep.ts";
import { KeptFiles } from "./kept-files.ts";
import { type LintKind, lint } from "./lint.ts";
import { type ParseOptions, parse, parseBindings } from "./parser.ts";
import { baseName, canonPath, dirName } from "./path.ts";
import { type Origin, PositionTable, type Source } from "./position.ts";
import { errorPrintOptions, showValue } from "./print.ts";
import type { BuiltinFamily } from "./registry.ts";
import { resolveVariables } from "./scope.ts";
import { corePackages, findFile, shownPath } from "./search-path.ts";
import { type Sym, symbol } from "./symbol.ts";
import {
  type CoerceOptions,
  contextOf,
  type Evaluator,
  type EvaluatorSettings,
  type FunctionValue,
  force,
  forceAt,
  isFunction,
  isString,
  type List,
  later,
  NixFloat,
  NixPath,
  NixString,
  noPos,
  PartialApplication,
  type Pos,
  PrimOp,
  type SearchPathEntry,
  type Slot,
  type StringValue,
  Thunk,
  textOf,
  type Value,
} from "./value.ts";
import type { World } from "./world.ts";

export interface EvaluatorOptions {
  /** Besides the language's own: those of other floors (`derivationStrict`). */
  readonly extraBuiltins?: readonly BuiltinFamily[];
  readonly nixPath?: readonly SearchPathEntry[];
  readonly settings?: Partial<EvaluatorSettings>;
  /** Gather "while calling …" for every call. */
  readonly showTrace?: boolean;
  /**
   * Keep functions unevaluated until they are looked at, as Nix does. Slower, and to be seen only where unevaluated
   * values are printed (`nix-instantiate --eval` without `--strict`).
   */
  readonly lazyFunctions?: boolean;
  /** Where relative entries of search paths begin; the root, if not given. */
  readonly workingDirectory?: ByteString;
}

const defaultSettings: EvaluatorSettings = {
  pureEval: false,
  restrictEval: false,
  allowedUris: [],
  allowImportFromDerivation: true,
  traceImportFromDerivation: false,
  maxCallDepth: 10000,
  traceVerbose: false,
  abortOnWarn: false,
  lintUrlLiterals: "ignore",
  lintShortPathLiterals: "ignore",
  lintAbsolutePathLiterals: "ignore",
  experimentalFeatures: new Set(),
};

export class NixEvaluator implements Evaluator {
  readonly world: World;
  readonly settings: EvaluatorSettings;
  readonly positions = new PositionTable();
  readonly nixPath: readonly SearchPathEntry[];
  readonly builtins: Attrs;
  /** Calls within calls right now. */
  depth = 0;
  readonly maxDepth: number;
  showTrace: boolean;
  readonly lazyFunctions: boolean;
  readonly workingDirectory: ByteString;
  readonly files: FileAccess;
  readonly #globals = new Map<Sym, Slot>();
  #kept: KeptFiles | undefined;
  readonly #evaluated = new Map<ByteString, Slot>();
  readonly #resolved = new Map<ByteString, ByteString>();
  readonly #searchPathRoots = new Map<ByteString, ByteString | undefined>();

  constructor(world: World, options: EvaluatorOptions) {
    this.world = world;
    this.settings = { ...defaultSettings, ...options.settings };
    this.nixPath = options.nixPath ?? [];
    // Nix looks before it counts, so that one call more than the setting says is possible.
    this.maxDepth = this.settings.maxCallDepth + 1;
    this.showTrace = options.showTrace ?? false;
    this.lazyFunctions = options.lazyFunctions ?? false;
    this.workingDirectory = options.workingDirectory ?? "/";
    this.files = new FileAccess(this);
    this.builtins = attrsFromMap(
      fillBaseEnvironment(this, [...families, ...(options.extraBuiltins ?? [])], this.#globals),
    );
  }

  // Parsing and evaluating text.

  #parse(origin: Origin, text: ByteString, basePath: ByteString): Expr {
    const source = this.positions.add(origin, text);
    return guarded(() => parse(source, this.positions, this.#parseOptions(basePath)));
  }

  #parseOptions(basePath: ByteString, watch?: (kind: LintKind) => void): ParseOptions {
    return {
      basePath,
      home: (literal) => this.#home(literal),
      pipes: this.settings.experimentalFeatures.has("pipe-operators"),
      lint: (kind, literal, pos) => {
        watch?.(kind);
        lint(this, kind, literal, pos);
      },
    };
  }

  #home(literal: ByteString): ByteString {
    if (this.settings.pureEval) throw this.error(`the path '${literal}' can not be resolved in pure mode`);
    const home = this.world.environment("HOME") ?? this.world.homeDirectory?.();
    if (home === undefined) throw this.error(`cannot determine the home directory for '${literal}'`);
    return home;
  }

  #run(expr: Expr, scope: ReadonlyMap<Sym, Slot>): Value {
    return guarded(() => {
      resolveVariables(expr, scope);
      return compileTree(this, expr)(outermost);
    });
  }

  /** The tree of a text, its variables not resolved. `basePath` is what its relative paths are relative to. */
  parseText(text: ByteString, basePath: ByteString, origin: Origin = { kind: "string" }): Expr {
    return this.#parse(origin, text, basePath);
  }

  parseFile(path: ByteString): Expr {
    const resolved = this.resolveExpressionPath(path);
    return this.#parse(
      { kind: "file", path: resolved },
      this.files.readFile(resolved, noPos),
      dirName(resolved),
    );
  }

  /** Checks and evaluates a tree from `parseText` or `parseFile`. */
  evaluate(expr: Expr): Value {
    return this.#run(expr, this.#globals);
  }

  /** Checks a tree's variables. @throws EvaluationError for one that means nothing */
  check(expr: Expr): void {
    guarded(() => resolveVariables(expr, this.#globals));
  }

  evalText(text: ByteString, basePath: ByteString, origin: Origin = { kind: "string" }): Value {
    return this.evaluate(this.parseText(text, basePath, origin));
  }

  /** As `evalText`, with more names in scope (the repl's). */
  evalTextWith(text: ByteString, basePath: ByteString, names: ReadonlyMap<ByteString, Slot>): Value {
    return this.#run(this.parseText(text, basePath), this.#extended(names));
  }

  /**
   * `a = 1; b = a;` typed in the repl: the names with their slots, which see one another and `names`.
   * @param shown in errors, what was typed: the text or its beginning
   */
  evalBindings(
    text: ByteString,
    basePath: ByteString,
    names: ReadonlyMap<ByteString, Slot>,
    shown = text,
  ): ReadonlyMap<ByteString, Slot> {
    const source = { ...this.positions.add({ kind: "string" }, shown), text };
    const attrs = parseBindings(source, this.positions, { basePath, home: (literal) => this.#home(literal) });
    attrs.recursive = true;
    const value = this.#run(attrs, this.#extended(names));
    return new Map(value instanceof Attrs ? value.entries() : []);
  }

  #extended(names: ReadonlyMap<ByteString, Slot>): ReadonlyMap<Sym, Slot> {
    const scope = new Map(this.#globals);
    for (const [name, slot] of names) scope.set(symbol(name), slot);
    return scope;
  }

  /** `--arg`, `--argstr`: see auto-call.ts. */
  autoCall(slot: Slot, args: Attrs): Value {
    return guarded(() => autoCall(this, slot, args));
  }

  /** `-A`: see auto-call.ts. */
  selectPath(root: Slot, path: ByteString, args: Attrs): Slot {
    return guarded(() => selectPath(this, root, path, args).slot);
  }

  /** Text that is part of the program. */
  evalInternal(name: string, text: ByteString): Value {
    return this.evalText(text, "/", { kind: "internal", name });
  }

  // Files.

  importFile(path: ByteString, _pos: Pos): Value {
    const core = path.startsWith(`${corePackages}/`);
    let resolved = this.#resolved.get(path);
    if (resolved === undefined) {
      resolved = core ? path : this.resolveExpressionPath(path);
      this.#resolved.set(path, resolved);
    }
    const known = this.#evaluated.get(resolved);
    if (known !== undefined) return force(known);
    const file = resolved;
    const slot = later(() => (core ? this.#evalCore(file) : this.#evalFile(file, this.#globals)));
    this.#evaluated.set(file, slot);
    return force(slot);
  }

  #evalCore(path: ByteString): Value {
    if (path === `${corePackages}/fetchurl.nix`)
      return this.evalInternal("<nix/fetchurl.nix>", fetchurlSource);
    throw this.error(`path '${shownPath(path)}' does not exist`);
  }

  #evalFile(path: ByteString, scope: ReadonlyMap<Sym, Slot>): Value {
    const text = this.files.readFile(path, noPos);
    const source = this.positions.add({ kind: "file", path }, text);
    const expr = guarded(() => this.#fileTree(source, dirName(path), scope));
    try {
      return compileTree(this, expr)(outermost);
    } catch (error) {
      throw error instanceof EvaluationError
        ? error.addTrace(noPos, `while evaluating the file '${path}':`)
        : error;
    }
  }

  /** A file's tree with its variables resolved: one that an earlier run made, where there is one. */
  #fileTree(source: Source, basePath: ByteString, scope: ReadonlyMap<Sym, Slot>): Expr {
    const options = (watch: (kind: LintKind) => void) => this.#parseOptions(basePath, watch);
    // Other names in scope make other trees.
    this.#kept ??= new KeptFiles(this.world.parseCache, this.#globals, this.settings);
    const kept = scope === this.#globals ? this.#kept.tree(source, basePath) : undefined;
    return kept ?? this.#kept.parse(source, this.positions, options, scope);
  }

  /** The file the command line names. Not kept: what imports it evaluates it anew, as in Nix. */
  evalFile(path: ByteString): Value {
    return this.evaluate(this.parseFile(path));
  }

  evalFileScoped(path: ByteString, scope: Attrs, _pos: Pos): Value {
    return this.#evalFile(this.resolveExpressionPath(path), this.#extended(new Map(scope.entries())));
  }

  /** Forgets all files, for the repl's `:r`. */
  forgetFiles(): void {
    this.#evaluated.clear();
    this.#resolved.clear();
    this.#searchPathRoots.clear();
    this.files.forget();
  }

  /** Follows the path if it is a symlink; a directory stands for its default.nix. */
  resolveExpressionPath(path: ByteString): ByteString {
    let current = path;
    for (let followed = 0; current !== "/"; followed++) {
      if (followed >= 1024) {
        throw this.error(`too many symbolic links encountered while traversing the path '${path}'`);
      }
      const actual = canonPath(`${this.resolveSymlinks(dirName(current), noPos)}/${baseName(current)}`);
      const type = this.files.type(actual, noPos);
      if (type === undefined) throw this.error(`path '${actual}' does not exist`);
      if (type !== "symlink") break;
      const target = this.files.readLink(actual, noPos);
      current = canonPath(target.startsWith("/") ? target : `${dirName(current)}/${target}`);
    }
    const type = this.files.type(this.resolveSymlinks(current, noPos), noPos);
    return type === "directory" ? canonPath(`${current}/default.nix`) : current;
  }

  resolveSymlinks(path: ByteString, pos: Pos): ByteString {
    return this.files.resolveSymlinks(path, pos);
  }

  checkPath(path: ByteString, pos: Pos): ByteString {
    return this.files.check(path, pos);
  }

  checkUri(uri: ByteString, pos: Pos): void {
    this.files.checkUri(uri, pos);
  }

  findFile(searchPath: readonly SearchPathEntry[], name: ByteString, pos: Pos): Value {
    return findFile(this, searchPath, name, pos);
  }

  /** The directory or file an entry of the search path stands for; undefined (after a warning) if there is none. */
  resolveSearchPathEntry(path: ByteString): ByteString | undefined {
    if (!this.#searchPathRoots.has(path)) this.#searchPathRoots.set(path, this.files.resolveSearchPath(path));
    return this.#searchPathRoots.get(path);
  }

  /** The path with symlinks resolved, if something is there. */
  existingPath(path: ByteString, pos: Pos): ByteString | undefined {
    return this.files.existing(path, pos);
  }

  copyPathToStore(path: ByteString, _pos: Pos): NixString {
    const storePath = this.files.copyToStore(path);
    return new NixString(storePath, ContextSet.of(opaqueElement(storePath)));
  }

  realiseContext(context: Context | undefined, pos: Pos): ReadonlyMap<ByteString, ByteString> {
    return this.files.realise(context, pos);
  }

  // Errors.

  error(message: string, pos?: Pos): EvaluationError {
    return new EvaluationError("eval", message, pos);
  }
  typeError(message: string, pos?: Pos): EvaluationError {
    return new EvaluationError("type", message, pos);
  }
  thrown(message: string, pos?: Pos): EvaluationError {
    return new EvaluationError("thrown", message, pos);
  }
  abort(message: string, pos?: Pos): EvaluationError {
    return new EvaluationError("abort", message, pos);
  }

  /** "while evaluating the attribute …", but not for what is defined inside the program. `path` is as it is shown. */
  addAttributeTrace(error: EvaluationError, definition: Pos, path: string): void {
    if (this.positions.place(definition)?.source.origin.kind === "internal") return;
    error.addTrace(definition, `while evaluating the attribute '${path}'`);
  }

  #expected(what: string, value: Value, pos: Pos, context: string, at: Pos): EvaluationError {
    const message = `expected ${what} but found ${this.showType(value)}: ${this.showValue(value)}`;
    return this.typeError(message, at).addTrace(pos, context);
  }

  #force(slot: Slot, pos: Pos, context: string): Value {
    if (!(slot instanceof Thunk)) return slot;
    try {
      return forceAt(slot, pos);
    } catch (error) {
      throw error instanceof EvaluationError ? error.addTrace(pos, context) : error;
    }
  }

  // Forcing with a check of the type.

  forceInt(slot: Slot, pos: Pos, context: string): number | bigint {
    const value = this.#force(slot, pos, context);
    if (typeof value === "number" || typeof value === "bigint") return value;
    throw this.#expected("an integer", value, pos, context, pos);
  }

  forceFloat(slot: Slot, pos: Pos, context: string): number {
    const value = this.#force(slot, pos, context);
    if (value instanceof NixFloat) return value.value;
    if (typeof value === "number" || typeof value === "bigint") return Number(value);
    throw this.#expected("a float", value, pos, context, pos);
  }

  forceBool(slot: Slot, pos: Pos, context: string): boolean {
    const value = this.#force(slot, pos, context);
    if (typeof value === "boolean") return value;
    throw this.#expected("a Boolean", value, pos, context, pos);
  }

  forceString(slot: Slot, pos: Pos, context: string): StringValue {
    const value = this.#force(slot, pos, context);
    if (isString(value)) return value;
    throw this.#expected("a string", value, pos, context, pos);
  }

  forceStringNoContext(slot: Slot, pos: Pos, context: string): ByteString {
    const value = this.forceString(slot, pos, context);
    if (typeof value === "string") return value;
    const shown = showElement(value.context.sorted()[0]!);
    throw this.error(
      `the string '${value.text}' is not allowed to refer to a store path (such as '${shown}')`,
    ).addTrace(pos, context);
  }

  // A list or set that fails while it is evaluated gets no line of context, unlike the others: so in Nix.
  forceList(slot: Slot, pos: Pos, context: string): List {
    const value = forceAt(slot, pos);
    if (Array.isArray(value)) return value as List;
    throw this.#expected("a list", value, pos, context, noPos);
  }

  forceAttrs(slot: Slot, pos: Pos, context: string): Attrs {
    const value = forceAt(slot, pos);
    if (value instanceof Attrs) return value;
    throw this.#expected("a set", value, pos, context, noPos);
  }

  forceFunction(slot: Slot, pos: Pos, context: string): FunctionValue | Attrs {
    const value = this.#force(slot, pos, context);
    if (isFunction(value) || (value instanceof Attrs && value.has("__functor"))) return value;
    throw this.#expected("a function", value, pos, context, pos);
  }

  forceDeep(slot: Slot, pos: Pos = noPos): Value {
    return guarded(() => forceDeep(this, slot, pos));
  }

  // Calls.

  call(f: Slot, x: Slot, pos: Pos): Value {
    return call1(this, forceAt(f, pos), x, pos);
  }
  call2(f: Slot, x: Slot, y: Slot, pos: Pos): Value {
    return call2(this, forceAt(f, pos), x, y, pos);
  }
  callMany(f: Slot, args: readonly Slot[], pos: Pos): Value {
    return callN(this, forceAt(f, pos), args, pos);
  }
  callLater(f: Slot, x: Slot, pos: Pos): Thunk {
    return applyLater(this, f, x, undefined, pos);
  }
  callLater2(f: Slot, x: Slot, y: Slot, pos: Pos): Thunk {
    return applyLater(this, f, x, y, pos);
  }
  callEachLater(f: Slot, list: Slot[], pos: Pos): Slot[] {
    return applyEachLater(this, f, list, pos);
  }

  // Coercion and comparison.

  coerceToString(slot: Slot, pos: Pos, context: string, options?: CoerceOptions): StringValue {
    return coerceToString(this, slot, pos, context, options);
  }

  coerceToPathWithContext(
    slot: Slot,
    pos: Pos,
    context: string,
  ): { path: ByteString; context: Context | undefined } {
    return coerceToPath(this, slot, pos, context);
  }

  coerceToPath(slot: Slot, pos: Pos, context: string): ByteString {
    const { path, context: strings } = coerceToPath(this, slot, pos, context);
    if (strings === undefined) return path;
    let real = path;
    try {
      for (const [from, to] of this.realiseContext(strings, pos)) real = real.replaceAll(from, to);
    } catch (thrown) {
      const error = asEvaluationError(thrown);
      throw error instanceof EvaluationError
        ? error.addTrace(pos, `while realising the context of path '${path}'`)
        : error;
    }
    return real;
  }

  coerceToStorePath(
    slot: Slot,
    pos: Pos,
    context: string,
  ): { path: ByteString; context: Context | undefined } {
    const string = coerceToString(this, slot, pos, context, { copyToStore: false });
    const path = textOf(string);
    const { storeDir } = this.world;
    const name = path.slice(storeDir.length + 1);
    if (!path.startsWith(`${storeDir}/`) || !/^[0-9a-z]{32}-[0-9a-zA-Z+\-._?=]+$/.test(name)) {
      throw this.error(`path '${path}' is not in the Nix store`).addTrace(pos, context);
    }
    return { path, context: contextOf(string) };
  }

  equal(a: Slot, b: Slot, pos: Pos, context: string): boolean {
    return equalSlots(this, a, b, pos, context);
  }

  lessThan(a: Slot, b: Slot, pos: Pos, context: string): boolean {
    return lessThan(this, a, b, pos, context);
  }

  isDerivation(slot: Slot): boolean {
    const value = force(slot);
    if (!(value instanceof Attrs)) return false;
    const type = value.get("type");
    return type !== undefined && force(type) === "derivation";
  }

  // Description.

  typeOf(value: Value): string {
    if (typeof value === "number" || typeof value === "bigint") return "int";
    if (isString(value)) return "string";
    if (typeof value === "boolean") return "bool";
    if (value === null) return "null";
    if (value instanceof Attrs) return "set";
    if (Array.isArray(value)) return "list";
    if (value instanceof NixFloat) return "float";
    return value instanceof NixPath ? "path" : "lambda";
  }

  showType(value: Value): string {
    if (value instanceof NixString) return "a string with context";
    if (value instanceof PrimOp) return `the built-in function '${value.name}'`;
    if (value instanceof PartialApplication) {
      return `the partially applied built-in function '${value.primOp.name}'`;
    }
    return typeNames[this.typeOf(value)]!;
  }

  showValue(slot: Slot): string {
    return showValue(this, slot, errorPrintOptions);
  }

  /** `{ column; file; line; }` as `__curPos` and `unsafeGetAttrPos` give it; null where there is no file. */
  positionValue(pos: Pos): Value {
    const origin = this.positions.originOf(pos);
    if (origin?.kind !== "file") return null;
    return Attrs.fromSorted(
      ["column", "file", "line"],
      [
        later(() => this.positions.place(pos)!.column),
        origin.path,
        later(() => this.positions.place(pos)!.line),
      ],
    );
  }
}

/** Runs an entry point so that no error of JavaScript's own leaves it. */
function guarded<T>(body: () => T): T {
  try {
    return body();
  } catch (error) {
    throw withoutJavaScript(error);
  }
}

const typeNames: Readonly<Record<string, string>> = {
  int: "an integer",
  bool: "a Boolean",
  string: "a string",
  path: "a path",
  null: "null",
  set: "a set",
  list: "a list",
  lambda: "a function",
  float: "a float",
};

export function createEvaluator(world: World, options: EvaluatorOptions = {}): NixEvaluator {
  return new NixEvaluator(world, options);
}
