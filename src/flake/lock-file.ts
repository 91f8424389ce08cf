/**
 * `flake.lock`: a graph of inputs, each with what was asked for (`original`) and what was found (`locked`). Versions 5 to 7
 * are read, 7 is written, byte for byte as Nix 2.34 writes it. Manual: "nix flake", "Lock files".
 *
 * Everything read may be hostile: types are checked, cycles are told apart from long chains.
 */
import { type ByteString, toBytes, toText } from "../format/bytes.ts";
import { dateOnly } from "../format/time.ts";
import { isLockedInput, narHashOf, showAttributes } from "../language/input-schemes.ts";
import { JsonError, parseJson } from "../language/json.ts";
import type { Evaluator } from "../language/value.ts";
import { comparePaths, type InputPath, showInputPath } from "./input-path.ts";
import {
  type FlakeReference,
  referenceFromAttributes,
  relativePath,
  sameReference,
  show,
  toAttributes,
} from "./reference.ts";
import { attributesFromJson } from "./registry.ts";

/** An input: a node of its own, or where to look for it, from the root. */
export type Edge = LockedNode | InputPath;

export class LockNode {
  /** In no particular order; `sortedInputs` has them by name. */
  readonly inputs = new Map<ByteString, Edge>();

  get sortedInputs(): [ByteString, Edge][] {
    return [...this.inputs].sort(([a], [b]) => (a < b ? -1 : 1));
  }
}

export class LockedNode extends LockNode {
  readonly locked: FlakeReference;
  readonly original: FlakeReference;
  readonly isFlake: boolean;
  /** Of a relative path: the input whose flake it is relative to. */
  readonly parent: InputPath | undefined;
  constructor(
    locked: FlakeReference,
    original: FlakeReference,
    isFlake: boolean,
    parent: InputPath | undefined,
  ) {
    super();
    this.locked = locked;
    this.original = original;
    this.isFlake = isFlake;
    this.parent = parent;
  }
}

export type Json = string | boolean | bigint | number | readonly Json[] | JsonObject;
type JsonObject = ReadonlyMap<ByteString, Json>;

export class LockFile {
  readonly root: LockNode;

  constructor(root: LockNode = new LockNode()) {
    this.root = root;
  }

  /** Text of the file, without a line break at its end. */
  print(): ByteString {
    return printJson(this.toJson(), true);
  }

  toJson(): Json {
    const keys = new Map<LockNode, ByteString>();
    const used = new Set<ByteString>();
    const nodes = new Map<ByteString, Json>();
    const visit = (wanted: ByteString, node: LockNode): ByteString => {
      const known = keys.get(node);
      if (known !== undefined) return known;
      let key = wanted;
      for (let n = 2; used.has(key); n++) key = `${wanted}_${n}`;
      used.add(key);
      keys.set(node, key);
      const json = new Map<ByteString, Json>();
      if (node.inputs.size > 0) {
        const inputs = new Map<ByteString, Json>();
        for (const [name, edge] of node.sortedInputs)
          inputs.set(name, edge instanceof LockedNode ? visit(name, edge) : edge);
        json.set("inputs", inputs);
      }
      if (node instanceof LockedNode) {
        if (!node.isFlake) json.set("flake", false);
        json.set("locked", toAttributes(node.locked));
        json.set("original", toAttributes(node.original));
        if (node.parent !== undefined) json.set("parent", node.parent);
      }
      nodes.set(key, json);
      return key;
    };
    const root = visit("root", this.root);
    const whole = new Map<ByteString, Json>([
      ["nodes", nodes],
      ["root", root],
      ["version", 7],
    ]);
    return whole;
  }

  /** All inputs with their paths, by path. */
  allInputs(): [InputPath, Edge][] {
    const found: [InputPath, Edge][] = [];
    const done = new Set<LockNode>();
    const visit = (prefix: InputPath, node: LockNode): void => {
      if (done.has(node)) return;
      done.add(node);
      for (const [name, edge] of node.sortedInputs) {
        const path = [...prefix, name];
        found.push([path, edge]);
        if (edge instanceof LockedNode) visit(path, edge);
      }
    };
    visit([], this.root);
    return found.sort(([a], [b]) => comparePaths(a, b));
  }

  /** The node at a path, `follows` followed. @throws EvaluationError for a circle of them */
  find(ev: Evaluator, path: InputPath): LockNode | undefined {
    return this.#find(ev, path, []);
  }

  #find(ev: Evaluator, path: InputPath, visited: InputPath[]): LockNode | undefined {
    const shown = showInputPath(path);
    const start = visited.findIndex((each) => comparePaths(each, path) === 0);
    if (start >= 0) {
      const circle = [...visited.slice(start).map(showInputPath), shown];
      throw ev.error(`follow cycle detected: [${circle.join(" -> ")}]`);
    }
    visited.push(path);
    let node: LockNode = this.root;
    for (const name of path) {
      const edge = node.inputs.get(name);
      if (edge === undefined) return undefined;
      const next = edge instanceof LockedNode ? edge : this.#find(ev, edge, visited);
      if (next === undefined) return undefined;
      node = next;
    }
    return node;
  }

  /** Does every `follows` lead somewhere? @throws EvaluationError */
  check(ev: Evaluator): void {
    for (const [path, edge] of this.allInputs())
      if (!(edge instanceof LockedNode) && edge.length > 0 && this.find(ev, edge) === undefined)
        throw ev.error(
          `input '${showInputPath(path)}' follows a non-existent input '${showInputPath(edge)}'`,
        );
  }
}

/** Names in order; over several lines or on one. */
export function printJson(json: Json, isPretty: boolean, indent = ""): ByteString {
  if (typeof json === "bigint" || typeof json === "number") return String(json);
  if (typeof json === "string" || typeof json === "boolean") return JSON.stringify(json);
  const inner = isPretty ? `${indent}  ` : "";
  const isList = Array.isArray(json);
  const items = isList
    ? (json as readonly Json[]).map((item) => inner + printJson(item, isPretty, inner))
    : [...(json as JsonObject)]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(
          ([name, value]) =>
            `${inner}${JSON.stringify(name)}:${isPretty ? " " : ""}${printJson(value, isPretty, inner)}`,
        );
  const [open, close] = isList ? "[]" : "{}";
  if (items.length === 0) return `${open}${close}`;
  return isPretty ? `${open}\n${items.join(",\n")}\n${indent}${close}` : `${open}${items.join(",")}${close}`;
}

/** What changed from one lock file to another, as a user is told; "" for nothing. */
export function describeChanges(ev: Evaluator, before: LockFile, after: LockFile): ByteString {
  const old = before.allInputs();
  const now = after.allInputs();
  const describe = (edge: Edge): ByteString => {
    if (!(edge instanceof LockedNode)) return `follows '${showInputPath(edge)}'`;
    const modified = edge.locked.input.get("lastModified");
    const date = typeof modified === "bigint" ? ` (${dateOnly(modified)})` : "";
    return `'${show(ev, edge.locked)}'${date}`;
  };
  const same = (a: Edge, b: Edge): boolean =>
    a instanceof LockedNode
      ? b instanceof LockedNode && sameReference(a.locked, b.locked)
      : !(b instanceof LockedNode) && comparePaths(a, b) === 0;
  const bullet = "\xe2\x80\xa2";
  const lines: ByteString[] = [];
  for (let i = 0, j = 0; i < old.length || j < now.length; ) {
    const [oldPath, oldEdge] = old[i] ?? [undefined, undefined];
    const [newPath, newEdge] = now[j] ?? [undefined, undefined];
    const order = oldPath === undefined ? 1 : newPath === undefined ? -1 : comparePaths(oldPath, newPath);
    if (order > 0) {
      lines.push(`${bullet} Added input '${showInputPath(newPath!)}':`, `    ${describe(newEdge!)}`);
      j++;
    } else if (order < 0) {
      lines.push(`${bullet} Removed input '${showInputPath(oldPath!)}'`);
      i++;
    } else {
      if (!same(oldEdge!, newEdge!))
        lines.push(
          `${bullet} Updated input '${showInputPath(oldPath!)}':`,
          `    ${describe(oldEdge!)}`,
          `  \xe2\x86\x92 ${describe(newEdge!)}`,
        );
      i++;
      j++;
    }
  }
  return lines.join("\n");
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * @param path for messages
 * @throws EvaluationError saying what is wrong with the file
 */
export function parseLockFile(ev: Evaluator, text: ByteString, path: ByteString): LockFile {
  const broken = (why: string) => ev.error(`lock file '${path}' ${why}`);
  let json: unknown;
  try {
    json = JSON.parse(toText(text));
  } catch (error) {
    throw ev.error(`Could not parse '${path}': ${whyNotJson(text) ?? toBytes((error as Error).message)}`);
  }
  const fieldsOf = (value: unknown, what: string): Fields => {
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
    throw broken(`is malformed: ${what} must be an object`);
  };
  const whole = fieldsOf(json, "its contents");
  const version = whole.version ?? 0;
  if (version !== 5 && version !== 6 && version !== 7)
    throw broken(`has unsupported version ${toBytes(JSON.stringify(version))}`);
  if (typeof whole.root !== "string") throw broken("is malformed: 'root' is not a string");
  const nodes = fieldsOf(whole.nodes ?? {}, "'nodes'");
  const rootNode = new LockNode();
  const known = new Map<string, LockNode>([[whole.root, rootNode]]);
  /** The nodes whose inputs are being read. */
  const open = new Set<LockNode>();
  const fieldsOfNode = (key: string): Fields => {
    if (!Object.hasOwn(nodes, key)) throw ev.error(`lock file references missing node '${toBytes(key)}'`);
    return fieldsOf(nodes[key], `the node '${toBytes(key)}'`);
  };
  const fill = (node: LockNode, fields: Fields): void => {
    if (fields.inputs === undefined) return;
    for (const [name, target] of Object.entries(fieldsOf(fields.inputs, "'inputs'"))) {
      if (Array.isArray(target)) {
        node.inputs.set(toBytes(name), texts(target, `the input '${toBytes(name)}'`));
        continue;
      }
      if (typeof target !== "string")
        throw broken(`is malformed: the input '${toBytes(name)}' is neither a string nor a list`);
      let child = known.get(target);
      if (child === undefined) {
        const childFields = fieldsOfNode(target);
        child = readNode(childFields);
        known.set(target, child);
        open.add(child);
        fill(child, childFields);
        open.delete(child);
      }
      if (!(child instanceof LockedNode)) throw ev.error("lock file contains cycle to root node");
      if (open.has(child)) throw broken(`is malformed: the input '${toBytes(target)}' is an input of itself`);
      node.inputs.set(toBytes(name), child);
    }
  };
  const texts = (list: readonly unknown[], what: string): InputPath => {
    if (list.every((item) => typeof item === "string")) return (list as string[]).map(toBytes);
    throw broken(`is malformed: ${what} is a list with something else than strings`);
  };
  const reference = (fields: Fields, name: string, more?: string): FlakeReference => {
    if (fields[name] === undefined) throw ev.error(`attribute '${name}' missing in lock file`);
    const attributes = attributesFromJson(ev, fields[name]);
    if (more !== undefined && fields[more] !== undefined)
      for (const [key, value] of attributesFromJson(ev, fields[more])) attributes.set(key, value);
    attributes.delete("__final");
    return referenceFromAttributes(ev, attributes);
  };
  const readNode = (fields: Fields): LockedNode => {
    const locked = reference(fields, "locked", "info");
    const original = reference(fields, "original");
    const { flake = true, parent } = fields;
    if (typeof flake !== "boolean") throw broken("is malformed: 'flake' is not a Boolean");
    if (parent !== undefined && !Array.isArray(parent)) throw broken("is malformed: 'parent' is not a list");
    checkLocked(ev, locked);
    return new LockedNode(locked, original, flake, parent && texts(parent, "'parent'"));
  };
  // A file without the node of its root says nothing.
  if (Object.hasOwn(nodes, whole.root)) fill(rootNode, fieldsOfNode(whole.root));
  return new LockFile(rootNode);
}

/** In the words that `fromJSON` has for it. */
function whyNotJson(text: ByteString): ByteString | undefined {
  try {
    parseJson(text);
  } catch (error) {
    if (error instanceof JsonError) return error.bytes;
  }
  return undefined;
}

function checkLocked(ev: Evaluator, locked: FlakeReference): void {
  if (relativePath(locked) !== undefined || isLockedInput(ev, locked.input)) return;
  if (narHashOf(ev, locked.input) === undefined)
    throw ev.error(
      `Lock file contains unlocked input '${showAttributes(locked.input)}'. Use '--allow-dirty-locks' to accept this lock file.`,
    );
  ev.world.message(
    `warning: Lock file entry '${show(ev, locked)}' is unlocked (e.g. lacks a Git revision) but is checked by NAR hash. ` +
      "This is not reproducible and will break after garbage collection or when shared.",
  );
}
