/**
 * Values of the Nix language, and what a builtin's author must know about them.
 *
 * A *slot* is what variables, list elements and attributes hold: a value, or a `Thunk` that becomes one.
 * `force(slot)` gives the value (weak head normal form: elements and attributes inside stay slots).
 *
 * | Nix               | here                                                                            |
 * | ----------------- | ------------------------------------------------------------------------------- |
 * | null, true, false | `null`, `true`, `false`                                                         |
 * | integer           | `number` when it is a safe integer, else `bigint`; never both: use `integer()`  |
 * | float             | `NixFloat`                                                                      |
 * | string            | JavaScript byte string when its context is empty, else `NixString`: `makeString` |
 * | path              | `NixPath` (absolute, canonical byte string)                                     |
 * | list              | plain array of slots, never changed once it is visible (`Array.isArray`)        |
 * | attribute set     | `Attrs` (attrs.ts): sorted keys in a shared `Shape`, one array of slots; layers   |
 * | function          | `Lambda`, `PrimOp`, `PartialApplication` (`isFunction`)                          |
 *
 * ## Writing a builtin
 *
 * A family module (`builtins/strings.ts`) exports one `BuiltinFamily` (registry.ts): a list of
 * `{ name, arity, args, doc, fn }`. `fn(ev, pos, a, b, c)` gets exactly `arity` slots as parameters, not
 * forced, and returns a *value* (never a Thunk: `return force(x)`). It is called only with all arguments there;
 * partial application is the core's. `pos` is what to give on as position: a number, turned into file and line by
 * `ev.positions` (the core gives 0 and adds the trace line that says where the call stands, as Nix does). Force arguments with `ev.forceInt(a, pos, "while evaluating …")` and its brothers: they throw
 * Nix's type error with that text in its trace. Use `call`, `call2`, `callLater` (thunk of `f x`), `new Thunk`
 * through `later(() => value)`. Return a list as a fresh array, a set through `Attrs.fromSorted`,
 * `AttrsBuilder` or `attrsFromMap`. Throw `ev.error(...)` (EvaluationError) or `ev.typeError(...)`; never a plain Error.
 * Several `arity`-0 entries (`constant`) are values (`nixVersion`, `storeDir`); a constant may be computed from
 * `ev` once. `global: true` also puts the name into every file's scope (`map`, `toString`, `throw`, …); names
 * with `__` in front (`__add`) exist for every builtin that is not global: the core does that.
 *
 * Specified by the manual's "Data Types"; integers are 64-bit, overflow is an error.
 */
import type { ByteString } from "../format/bytes.ts";
import type { Attrs } from "./attrs.ts";
import type { Context } from "./context.ts";
import { EvaluationError, withoutJavaScript } from "./errors.ts";
import type { LintLevel } from "./lint.ts";
import type { PositionTable } from "./position.ts";
import type { World } from "./world.ts";

/** A source position: index into the evaluator's `PositionTable`; 0 = none. */
export type Pos = number;
export const noPos: Pos = 0;

export type Value =
  | null
  | boolean
  | number
  | bigint
  | ByteString
  | NixFloat
  | NixString
  | NixPath
  | List
  | Attrs
  | Lambda
  | PrimOp
  | PartialApplication;
export type List = readonly Slot[];
export type Slot = Value | Thunk;
export type FunctionValue = Lambda | PrimOp | PartialApplication;
/** A string value: `typeof v === "string" || v instanceof NixString`. */
export type StringValue = ByteString | NixString;

/** A 64-bit float. */
export class NixFloat {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

/** A string with a context that is not empty; made by `makeString` alone. */
export class NixString {
  readonly text: ByteString;
  readonly context: Context;
  constructor(text: ByteString, context: Context) {
    this.text = text;
    this.context = context;
  }
}

/** A path value. */
export class NixPath {
  readonly path: ByteString;
  constructor(path: ByteString) {
    this.path = path;
  }
}

/** Text with its context (undefined or empty: none) as a value. */
export function makeString(text: ByteString, context: Context | undefined): StringValue {
  return context === undefined || context.size === 0 ? text : new NixString(text, context);
}

export function textOf(value: StringValue): ByteString {
  return typeof value === "string" ? value : value.text;
}

export function contextOf(value: StringValue): Context | undefined {
  return typeof value === "string" ? undefined : value.context;
}

export function isString(value: Slot): value is StringValue {
  return typeof value === "string" || value instanceof NixString;
}

export function isInteger(value: Slot): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}

export function isFunction(value: Slot): value is FunctionValue {
  return value instanceof Lambda || value instanceof PrimOp || value instanceof PartialApplication;
}

/** Canonical integer: a `number` if safe, else a `bigint`. The caller has checked that it fits 64 bits. */
export function integer(value: bigint): number | bigint {
  return value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value;
}

/**
 * What a thunk runs: `run(payload)`. Compiled code is made on the first run, from `source`, and then replaces `run`.
 * Other makers of thunks (`callLater`, `later`) have one `Code` each and use the payload for their operands.
 */
export class Code {
  run: (payload: never) => Value;
  /** The compiler's: what is to be compiled; undefined once that is done. */
  source: object | undefined;
  constructor(run: (payload: never) => Value, source?: object) {
    this.run = run;
    this.source = source;
  }
}

/**
 * A suspended computation. `code === null`: done, `payload` is the value. Otherwise `payload` is what
 * `code.run` takes. While it runs, `code` is `blackhole`; after a failure it is `failed`, with the error as payload.
 */
export class Thunk {
  code: Code | null;
  payload: unknown;
  constructor(code: Code | null, payload: unknown) {
    this.code = code;
    this.payload = payload;
  }
}

/**
 * Of thunks that only turn data, read and checked before, into values. What shows values as far as they are evaluated
 * takes them for evaluated: `settled`.
 */
export class DataCode extends Code {}

/** The slot, or the value of one that is only data. */
export function settled(slot: Slot): Slot {
  return slot instanceof Thunk && slot.code instanceof DataCode ? forceThunk(slot, noPos) : slot;
}

/** Stands in a thunk while it runs. */
export const blackhole = new Code(() => {
  throw infiniteRecursion(noPos);
});
/** Stands in a thunk that failed; the payload makes the error again. */
export const failed = new Code((again: () => EvaluationError) => {
  throw again();
});

export function infiniteRecursion(pos: Pos): EvaluationError {
  return new EvaluationError("infinite-recursion", "infinite recursion encountered", pos);
}

/** The value of a slot. @throws EvaluationError */
export function force(slot: Slot): Value {
  return slot instanceof Thunk
    ? slot.code === null
      ? (slot.payload as Value)
      : forceThunk(slot, noPos)
    : slot;
}

/** `force`, telling where: for the error, should the slot be under evaluation, and for calls made to get the value. */
export function forceAt(slot: Slot, pos: Pos): Value {
  if (!(slot instanceof Thunk)) return slot;
  return slot.code === null ? (slot.payload as Value) : forceThunk(slot, pos);
}

/** Where the thunk now starting was asked for: what `callLater` takes for the place of its call. */
export let forcedAt: Pos = noPos;

/** Evaluates a thunk that is not done. */
export function forceThunk(thunk: Thunk, pos: Pos): Value {
  const code = thunk.code;
  if (code === null) return thunk.payload as Value;
  if (code === blackhole) throw infiniteRecursion(pos);
  const payload = thunk.payload;
  if (code === failed) return code.run(payload as never);
  thunk.code = blackhole;
  forcedAt = pos;
  try {
    const value = code.run(payload as never);
    thunk.payload = value;
    thunk.code = null;
    return value;
  } catch (thrown) {
    const error = withoutJavaScript(thrown);
    if (error instanceof EvaluationError && error.kind !== "stack-overflow") {
      thunk.payload = error.remember();
      thunk.code = failed;
    } else thunk.code = code;
    throw error;
  }
}

const laterCode = new Code((body: () => Value) => body());

/** A thunk that runs a JavaScript function once. */
export function later(body: () => Value): Thunk {
  return new Thunk(laterCode, body);
}

/** A function written in Nix. Fields are the compiler's; builtins use `call`. */
export class Lambda {
  readonly code: LambdaCode;
  readonly env: unknown;
  constructor(code: LambdaCode, env: unknown) {
    this.code = code;
    this.env = env;
  }
}

export interface Formal {
  readonly name: ByteString;
  readonly pos: Pos;
  readonly hasDefault: boolean;
}

/** What of a lambda builtins may look at (`functionArgs`, `toXML`). */
export interface LambdaCode {
  /** `name: …` or `{ … }:` itself. */
  readonly pos: Pos;
  /** What the function is called in messages, if it is bound to a name. */
  readonly name: ByteString | undefined;
  /** `x` in `x: …` and `x@{…}: …`. */
  readonly argument: ByteString | undefined;
  /** Undefined for `x: …`. In the order written. */
  readonly formals: readonly Formal[] | undefined;
  readonly ellipsis: boolean;
  /** Where the doc comment before the function is, if any; else 0. */
  readonly docStart: Pos;
  readonly docEnd: Pos;
  /** The environment of the body, once the argument is known. */
  bind(env: unknown, argument: Slot, pos: Pos): unknown;
  /** Evaluates the body in what `bind` gave. */
  body(env: unknown): Value;
  /** If the body is a function itself: its code, so that a call with two arguments needs no function in between. */
  readonly inner: LambdaCode | undefined;
}

/** Declares as many slots as the builtin has parameters; the others are not there. */
export type PrimOpFunction = (ev: Evaluator, pos: Pos, a: Slot, b: Slot, c: Slot) => Value;

/** A builtin function of arity 1 to 3, belonging to one evaluator. */
export class PrimOp {
  readonly ev: Evaluator;
  readonly name: ByteString;
  readonly arity: number;
  readonly fn: PrimOpFunction;
  readonly args: readonly string[];
  readonly doc: string | undefined;
  /** Errors passing through get "while calling the '…' builtin"; all but `addErrorContext`. */
  readonly traced: boolean;
  constructor(ev: Evaluator, name: ByteString, fn: PrimOpFunction, args: readonly string[], doc?: string) {
    this.ev = ev;
    this.name = name;
    this.arity = args.length;
    this.fn = fn;
    this.args = args;
    this.doc = doc;
    this.traced = name !== "addErrorContext";
  }
}

/** A builtin with fewer arguments than it takes (at least one). */
export class PartialApplication {
  readonly primOp: PrimOp;
  readonly args: readonly Slot[];
  constructor(primOp: PrimOp, args: readonly Slot[]) {
    this.primOp = primOp;
    this.args = args;
  }
}

export interface CoerceOptions {
  /** Also null, booleans, numbers and lists (`toString`). Default false. */
  readonly more?: boolean;
  /** Paths are copied to the store (interpolation); false: their text (`toString`). Default true. */
  readonly copyToStore?: boolean;
  /** False: a path's text is taken as it is. Default true. */
  readonly canonicalizePath?: boolean;
}

export interface EvaluatorSettings {
  readonly pureEval: boolean;
  readonly restrictEval: boolean;
  /** Warn of each import from derivation. */
  readonly traceImportFromDerivation: boolean;
  readonly allowedUris: readonly ByteString[];
  readonly allowImportFromDerivation: boolean;
  readonly maxCallDepth: number;
  /** `--show-trace` is the printer's business, `--trace-verbose` is this. */
  readonly traceVerbose: boolean;
  /** `builtins.warn` is an error (`abort-on-warn`). */
  readonly abortOnWarn: boolean;
  readonly lintUrlLiterals: LintLevel;
  readonly lintShortPathLiterals: LintLevel;
  /** Home paths (`~/a`) too. */
  readonly lintAbsolutePathLiterals: LintLevel;
  readonly experimentalFeatures: ReadonlySet<string>;
}

export interface SearchPathEntry {
  /** Empty: the path's children are the names. */
  readonly prefix: ByteString;
  /** A path, URL or `flake:…`, as given. */
  readonly path: ByteString;
}

/**
 * What builtins are given. All slots are forced by these functions as needed. `context` is the text of the trace
 * line that stands above the error, e.g. "while evaluating the first argument passed to builtins.map".
 */
export interface Evaluator {
  readonly world: World;
  readonly settings: EvaluatorSettings;
  readonly positions: PositionTable;
  readonly nixPath: readonly SearchPathEntry[];
  /** The `builtins` set. */
  readonly builtins: Attrs;
  /** Calls within calls right now, and the number at which one more is an error (`tooDeep`, call.ts). */
  depth: number;
  readonly maxDepth: number;

  // Forcing with a check of the type.
  forceInt(slot: Slot, pos: Pos, context: string): number | bigint;
  /** Integer or float as a JavaScript number. */
  forceFloat(slot: Slot, pos: Pos, context: string): number;
  forceBool(slot: Slot, pos: Pos, context: string): boolean;
  forceString(slot: Slot, pos: Pos, context: string): StringValue;
  /** Error if the string has a context ("the string '…' is not allowed to refer to a store path …"). */
  forceStringNoContext(slot: Slot, pos: Pos, context: string): ByteString;
  forceList(slot: Slot, pos: Pos, context: string): List;
  forceAttrs(slot: Slot, pos: Pos, context: string): Attrs;
  /** Function, builtin, or set with `__functor`. */
  forceFunction(slot: Slot, pos: Pos, context: string): FunctionValue | Attrs;
  /** Forces everything inside; loops through cycles once. */
  forceDeep(slot: Slot, pos?: Pos): Value;

  /** `f x`; f may be a functor set. */
  call(f: Slot, x: Slot, pos: Pos): Value;
  call2(f: Slot, x: Slot, y: Slot, pos: Pos): Value;
  callMany(f: Slot, args: readonly Slot[], pos: Pos): Value;
  /** Thunk of `f x`, `f x y`. */
  callLater(f: Slot, x: Slot, pos: Pos): Thunk;
  callLater2(f: Slot, x: Slot, y: Slot, pos: Pos): Thunk;
  /** Replaces each `x` of a list nobody has seen yet by a thunk of `f x`. */
  callEachLater(f: Slot, list: Slot[], pos: Pos): Slot[];

  coerceToString(slot: Slot, pos: Pos, context: string, options?: CoerceOptions): StringValue;
  /** Absolute canonical path from a path or an absolute string; realises a context (import from derivation). */
  coerceToPath(slot: Slot, pos: Pos, context: string): ByteString;
  /** As `coerceToPath`, but gives the context back unrealised. */
  coerceToPathWithContext(
    slot: Slot,
    pos: Pos,
    context: string,
  ): { path: ByteString; context: Context | undefined };
  coerceToStorePath(
    slot: Slot,
    pos: Pos,
    context: string,
  ): { path: ByteString; context: Context | undefined };
  /** Builds what the context names, if it must; returns placeholder → actual path rewrites (normally empty). */
  realiseContext(context: Context | undefined, pos: Pos): ReadonlyMap<ByteString, ByteString>;
  /** Copies a path to the store once; the store path with its context. */
  copyPathToStore(path: ByteString, pos: Pos): NixString;
  /** Throws when `--restrict-eval`/`--pure-eval` forbid the path, else gives it back. */
  checkPath(path: ByteString, pos: Pos): ByteString;
  checkUri(uri: ByteString, pos: Pos): void;
  /** Follows symlinks in every component. */
  resolveSymlinks(path: ByteString, pos: Pos): ByteString;

  /** Structural equality (`==`). */
  equal(a: Slot, b: Slot, pos: Pos, context: string): boolean;
  /** `a < b`, for integers, floats, strings, paths and lists. */
  lessThan(a: Slot, b: Slot, pos: Pos, context: string): boolean;
  /** `int`, `bool`, `string`, `path`, `null`, `set`, `list`, `lambda`, `float`: `builtins.typeOf`. */
  typeOf(value: Value): string;
  /** With article, as messages say it: "an integer", "the built-in function 'map'", "a set". */
  showType(value: Value): string;
  /** The value as error messages show it: one line, bounded. */
  showValue(slot: Slot): string;
  isDerivation(value: Slot): boolean;

  /** `builtins.import path`: directory → default.nix, cached. */
  importFile(path: ByteString, pos: Pos): Value;
  /** Evaluates text in the base environment extended by `scope` (`scopedImport`), not cached. */
  evalFileScoped(path: ByteString, scope: Attrs, pos: Pos): Value;
  /** Looks `name` up in a search path. @throws EvaluationError of kind "thrown" as Nix's. */
  findFile(searchPath: readonly SearchPathEntry[], name: ByteString, pos: Pos): Value;

  /** An error of kind "eval"; `message` is bytes, without `error: `. */
  error(message: string, pos?: Pos): EvaluationError;
  typeError(message: string, pos?: Pos): EvaluationError;
  /** Caught by `tryEval`: `throw`. */
  thrown(message: string, pos?: Pos): EvaluationError;
  abort(message: string, pos?: Pos): EvaluationError;
}
