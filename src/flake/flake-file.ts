/**
 * `flake.nix`, read without evaluating more than its outermost set: description, inputs, the arguments of `outputs`,
 * nixConfig. Manual: "nix flake", "Flake format".
 *
 * Inputs must be written out: what Nix would have to compute is "a thunk" to it and refused. So the tree of the file is
 * read, not its value, and a hostile flake runs no code before its outputs are asked for.
 */
import type { ByteString } from "../format/bytes.ts";
import type { AttrDefinition, AttrsExpr, Expr, FormalExpr } from "../language/ast.ts";
import { Attrs } from "../language/attrs.ts";
import { EvaluationError } from "../language/errors.ts";
import type { NixEvaluator } from "../language/evaluator.ts";
import { literalPath } from "../language/path.ts";
import { isFunction, isInteger, NixFloat, type Pos, Thunk } from "../language/value.ts";
import { type InputPath, parseInputPath } from "./input-path.ts";
import { type FlakeReference, parseReference, referenceFromAttributes } from "./reference.ts";

export interface FlakeInput {
  readonly reference: FlakeReference | undefined;
  readonly isFlake: boolean;
  /** From the lock file's root. */
  readonly follows: InputPath | undefined;
  /** For the input's own inputs. */
  readonly overrides: FlakeInputs;
}

/** By name, in the order of names. */
export type FlakeInputs = ReadonlyMap<ByteString, FlakeInput>;

type InputAttributes = Map<ByteString, ByteString | bigint | boolean>;

export interface FlakeFile {
  readonly description: ByteString | undefined;
  readonly inputs: FlakeInputs;
  /** `inputs.self.…`: how the flake itself must be fetched. */
  readonly selfAttributes: ReadonlyMap<ByteString, ByteString | bigint | boolean>;
}

export interface FlakeFilePlace {
  /** Where the file is. */
  readonly path: ByteString;
  /** What positions in messages call it. */
  readonly shownPath: ByteString;
  /** The flake as messages name it. */
  readonly shownFlake: ByteString;
  /** Where the flake stands in the lock file: what its `follows` are relative to. */
  readonly prefix: InputPath;
}

/** Text of the file → what it says. @throws EvaluationError with the place of what is wrong */
export function readFlakeFile(ev: NixEvaluator, text: ByteString, place: FlakeFilePlace): FlakeFile {
  const base = place.path.slice(0, place.path.lastIndexOf("/"));
  const tree = ev.parseText(text, base, { kind: "file", path: place.shownPath });
  if (tree.kind !== "attrs")
    throw ev
      .error(`file '${place.shownPath}' must be an attribute set`)
      .addTrace(0, `while evaluating the file '${place.shownPath}':`);
  // Finds names that nothing defines, and what variables of the base environment stand for.
  const names = ev.evaluate(tree);
  return new FlakeFileReader(ev, place, base, tree).read(names instanceof Attrs ? names.keys : []);
}

/** The kinds of values that need no evaluation, as messages name them. */
type Shape =
  | { readonly kind: "string"; readonly text: ByteString }
  | { readonly kind: "path"; readonly path: ByteString }
  | { readonly kind: "boolean"; readonly value: boolean }
  | { readonly kind: "integer"; readonly value: bigint }
  | { readonly kind: "set"; readonly attrs: AttrsExpr }
  | { readonly kind: "list"; readonly elements: readonly Expr[] }
  | { readonly kind: "function"; readonly formals: readonly FormalExpr[] | undefined }
  | { readonly kind: "float" | "null" | "thunk" };

const shapeNames: Readonly<Record<Shape["kind"], string>> = {
  string: "a string",
  path: "a path",
  boolean: "a Boolean",
  integer: "an integer",
  set: "a set",
  list: "a list",
  function: "a function",
  float: "a float",
  null: "null",
  thunk: "a thunk",
};

class FlakeFileReader {
  readonly #ev: NixEvaluator;
  readonly #place: FlakeFilePlace;
  readonly #base: ByteString;
  readonly #tree: AttrsExpr;

  constructor(ev: NixEvaluator, place: FlakeFilePlace, base: ByteString, tree: AttrsExpr) {
    this.#ev = ev;
    this.#place = place;
    this.#base = base;
    this.#tree = tree;
  }

  /** @param names of all attributes, computed ones too */
  read(names: readonly ByteString[]): FlakeFile {
    const description = this.#find(this.#tree, "description");
    const found = description && this.#expect("string", description);
    let inputs = new Map<ByteString, FlakeInput>();
    let selfAttributes: InputAttributes = new Map();
    const written = this.#find(this.#tree, "inputs");
    if (written !== undefined) ({ inputs, selfAttributes } = this.#inputs(written, true));
    const outputs = this.#find(this.#tree, "outputs");
    if (outputs === undefined)
      throw this.#ev.error(`flake '${this.#place.shownFlake}' lacks attribute 'outputs'`);
    const { formals } = this.#expect("function", outputs);
    for (const { sym } of formals ?? []) {
      if (sym.name === "self") continue;
      const reference = parseReference(this.#ev, sym.name);
      if (!inputs.has(sym.name))
        inputs.set(sym.name, { reference, isFlake: true, follows: undefined, overrides: new Map() });
    }
    const nixConfig = this.#find(this.#tree, "nixConfig");
    if (nixConfig !== undefined) this.#checkConfig(nixConfig);
    this.#checkNames(names);
    return { description: found?.text, inputs: sorted(inputs), selfAttributes };
  }

  #checkNames(names: readonly ByteString[]): void {
    const known = ["description", "inputs", "outputs", "nixConfig"];
    const refuse = (name: ByteString, pos: Pos) =>
      this.#ev.error(
        `flake '${this.#place.shownFlake}' has an unsupported attribute '${name}', at ${this.#at(pos)}`,
      );
    for (const { sym, pos } of this.#tree.definitions)
      if (!known.includes(sym.name)) throw refuse(sym.name, pos);
    for (const name of names)
      if (this.#find(this.#tree, name) === undefined) throw refuse(name, this.#tree.dynamic[0]?.pos ?? 0);
  }

  #find(attrs: AttrsExpr, name: ByteString): AttrDefinition | undefined {
    return attrs.definitions.find(({ sym }) => sym.name === name);
  }

  #at(pos: Pos): ByteString {
    return this.#ev.positions.show(pos);
  }

  /** What a definition is without evaluating it. */
  #shape({ value, origin }: AttrDefinition): Shape {
    return typeof origin === "string" ? this.#shapeOf(value) : { kind: "thunk" };
  }

  #shapeOf(expr: Expr): Shape {
    switch (expr.kind) {
      case "constant":
        return constantShape(expr.value);
      case "path":
        return { kind: "path", path: literalPath(expr.base, expr.literal) };
      case "attrs":
        return expr.dynamic.length === 0 ? { kind: "set", attrs: expr } : { kind: "thunk" };
      case "list":
        return { kind: "list", elements: expr.elements };
      case "lambda":
        return { kind: "function", formals: expr.formals };
      case "variable": {
        const { global } = expr;
        if (global === undefined || global instanceof Thunk) return { kind: "thunk" };
        return isFunction(global) ? { kind: "function", formals: undefined } : constantShape(global);
      }
      default:
        return { kind: "thunk" };
    }
  }

  #expect<K extends Shape["kind"]>(kind: K, definition: AttrDefinition): Extract<Shape, { kind: K }> {
    const shape = this.#shape(definition);
    if (shape.kind === kind) return shape as Extract<Shape, { kind: K }>;
    throw this.#ev.error(
      `expected ${shapeNames[kind]} but got ${shapeNames[shape.kind]} at ${this.#at(definition.pos)}`,
    );
  }

  #inputs(
    definition: AttrDefinition,
    allowSelf: boolean,
  ): { inputs: Map<ByteString, FlakeInput>; selfAttributes: InputAttributes } {
    const inputs = new Map<ByteString, FlakeInput>();
    const selfAttributes: InputAttributes = new Map();
    for (const each of this.#expect("set", definition).attrs.definitions) {
      const { name } = each.sym;
      if (name !== "self") inputs.set(name, this.#input(each));
      else {
        if (!allowSelf) throw this.#ev.error(`'self' input attribute not allowed at ${this.#at(each.pos)}`);
        for (const attribute of this.#expect("set", each).attrs.definitions)
          this.#inputAttribute(attribute, selfAttributes);
      }
    }
    return { inputs: sorted(inputs), selfAttributes };
  }

  #input(definition: AttrDefinition): FlakeInput {
    const attributes: InputAttributes = new Map();
    let url: ByteString | undefined;
    let isFlake = true;
    let overrides: FlakeInputs = new Map();
    let follows: InputPath | undefined;
    for (const each of this.#expect("set", definition).attrs.definitions) {
      const { name } = each.sym;
      try {
        if (name === "url") {
          url = this.#url(each);
          attributes.set("url", url);
        } else if (name === "flake") isFlake = this.#expect("boolean", each).value;
        else if (name === "inputs") overrides = this.#inputs(each, false).inputs;
        else if (name === "follows")
          follows = [...this.#place.prefix, ...parseInputPath(this.#ev, this.#expect("string", each).text)];
        else this.#inputAttribute(each, attributes);
      } catch (error) {
        if (error instanceof EvaluationError)
          error.addTrace(each.pos, `while evaluating flake attribute '${name}'`);
        throw error;
      }
    }
    const reference = this.#reference(definition, attributes, url, isFlake);
    if (reference !== undefined && follows !== undefined)
      throw this.#ev.error(
        `flake input has both a flake reference and a follows attribute, at ${this.#at(definition.pos)}`,
      );
    return { reference, isFlake, follows, overrides };
  }

  #reference(
    { pos }: AttrDefinition,
    attributes: InputAttributes,
    url: ByteString | undefined,
    isFlake: boolean,
  ): FlakeReference | undefined {
    if (attributes.has("type")) {
      try {
        return referenceFromAttributes(this.#ev, attributes);
      } catch (error) {
        if (error instanceof EvaluationError) error.addTrace(pos, "while evaluating flake input");
        throw error;
      }
    }
    attributes.delete("url");
    const [unexpected] = [...attributes.keys()].sort();
    if (unexpected !== undefined)
      throw this.#ev.error(`unexpected flake input attribute '${unexpected}', at ${this.#at(pos)}`);
    return url === undefined ? undefined : parseReference(this.#ev, url, { isFlake, keepRelative: true });
  }

  #url(definition: AttrDefinition): ByteString {
    const shape = this.#shape(definition);
    if (shape.kind === "string") return shape.text;
    if (shape.kind === "path") return `path:${relativeTo(this.#base, shape.path)}`;
    throw this.#ev.error(
      `expected a string or a path but got ${shapeNames[shape.kind]} at ${this.#at(definition.pos)}`,
    );
  }

  /** An attribute that belongs to the kind of input. Not even a set or a list is looked into. */
  #inputAttribute(definition: AttrDefinition, into: InputAttributes): void {
    const { name } = definition.sym;
    const shape = this.#shape(definition);
    if (shape.kind === "string") into.set(name, shape.text);
    else if (shape.kind === "boolean") into.set(name, shape.value);
    else if (shape.kind === "integer") into.set(name, shape.value);
    else if (name === "publicKeys")
      throw this.#ev.error(
        "experimental Nix feature 'verified-fetches' is disabled; add '--extra-experimental-features verified-fetches' to enable it",
      );
    else {
      const lazy =
        ["set", "function"].includes(shape.kind) || (shape.kind === "list" && shape.elements.length > 0);
      throw this.#ev.typeError(
        `flake input attribute '${name}' is ${lazy ? "a thunk" : shapeNames[shape.kind]} while a string, Boolean, or integer is expected`,
      );
    }
  }

  #checkConfig(definition: AttrDefinition): void {
    for (const each of this.#expect("set", definition).attrs.definitions) {
      const { name } = each.sym;
      const shape = this.#shape(each);
      if (shape.kind === "list") {
        for (const element of shape.elements)
          if (this.#shapeOf(element).kind !== "string")
            throw this.#ev.typeError(
              `list element in flake configuration setting '${name}' is a list while a string is expected`,
            );
      } else if (!["string", "path", "integer", "boolean"].includes(shape.kind))
        throw this.#ev.typeError(`flake configuration setting '${name}' is ${shapeNames[shape.kind]}`);
    }
  }
}

function constantShape(value: unknown): Shape {
  if (typeof value === "string") return { kind: "string", text: value };
  if (typeof value === "boolean") return { kind: "boolean", value };
  if (value === null) return { kind: "null" };
  if (value instanceof NixFloat) return { kind: "float" };
  if (isInteger(value as never)) return { kind: "integer", value: BigInt(value as number | bigint) };
  return { kind: "thunk" };
}

function sorted(inputs: ReadonlyMap<ByteString, FlakeInput>): Map<ByteString, FlakeInput> {
  return new Map([...inputs].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Both absolute and canonical. */
function relativeTo(base: ByteString, path: ByteString): ByteString {
  const from = base.split("/").filter((part) => part !== "");
  const to = path.split("/").filter((part) => part !== "");
  let shared = 0;
  while (shared < from.length && shared < to.length && from[shared] === to[shared]) shared++;
  const parts = [...from.slice(shared).map(() => ".."), ...to.slice(shared)];
  return parts.length === 0 ? "." : parts.join("/");
}
