/**
 * String contexts: which store objects a string refers to.
 *
 * Elements are interned by their encoded form (the one `.drv` tools and `getContext` use): `path` (opaque),
 * `!output!drvPath` (one output), `=drvPath` (the derivation with its whole closure); with the experimental feature
 * dynamic-derivations also `!output!output!drvPath` (an output of a derivation that another derivation makes, as deep
 * as one likes). A context is an immutable, never empty, sorted set of them; union shares whenever one side holds the
 * other.
 */
import type { ByteString } from "../format/bytes.ts";

export type ContextElement =
  | { readonly kind: "opaque"; readonly path: ByteString; readonly encoded: ByteString }
  | {
      readonly kind: "built";
      readonly drvPath: ByteString;
      readonly output: ByteString;
      readonly encoded: ByteString;
    }
  | { readonly kind: "drvDeep"; readonly drvPath: ByteString; readonly encoded: ByteString }
  | DynamicElement;

export type BuiltElement = Extract<ContextElement, { kind: "built" }>;

/** An output of the derivation that is itself an output of `producer`. */
export interface DynamicElement {
  readonly kind: "dynamic";
  readonly producer: BuiltElement | DynamicElement;
  readonly output: ByteString;
  readonly encoded: ByteString;
}

const interned = new Map<ByteString, ContextElement>();

export function opaqueElement(path: ByteString): ContextElement {
  let element = interned.get(path);
  if (element === undefined) {
    element = { kind: "opaque", path, encoded: path };
    interned.set(path, element);
  }
  return element;
}

export function builtElement(drvPath: ByteString, output: ByteString): BuiltElement {
  const encoded = `!${output}!${drvPath}`;
  let element = interned.get(encoded) as BuiltElement | undefined;
  if (element === undefined) {
    element = { kind: "built", drvPath, output, encoded };
    interned.set(encoded, element);
  }
  return element;
}

export function dynamicElement(producer: BuiltElement | DynamicElement, output: ByteString): DynamicElement {
  const encoded = `!${output}${producer.encoded}`;
  let element = interned.get(encoded) as DynamicElement | undefined;
  if (element === undefined) {
    element = { kind: "dynamic", producer, output, encoded };
    interned.set(encoded, element);
  }
  return element;
}

/** As messages have it: `/nix/store/…-x.drv^out`. */
export function showElement(element: ContextElement): ByteString {
  switch (element.kind) {
    case "opaque":
      return element.path;
    case "built":
      return `${element.drvPath}^${element.output}`;
    case "drvDeep":
      return `${element.drvPath} (deep)`;
    case "dynamic":
      return `${showElement(element.producer)}^${element.output}`;
  }
}

export function drvDeepElement(drvPath: ByteString): ContextElement {
  const encoded = `=${drvPath}`;
  let element = interned.get(encoded);
  if (element === undefined) {
    element = { kind: "drvDeep", drvPath, encoded };
    interned.set(encoded, element);
  }
  return element;
}

const kindOrder = { opaque: 0, drvDeep: 1, built: 2, dynamic: 3 };

function sortKey(element: ContextElement): ByteString {
  if (element.kind === "built") return `${element.drvPath}!${element.output}`;
  return element.kind === "dynamic" ? `${sortKey(element.producer)}!${element.output}` : element.encoded;
}

/** Immutable set of elements, iterated in no particular order that matters. */
export class Context {
  readonly elements: ReadonlySet<ContextElement>;
  /** The last union: the same two contexts meet again and again. */
  #other: Context | undefined;
  #union: Context | undefined;
  private constructor(elements: ReadonlySet<ContextElement>) {
    this.elements = elements;
  }
  static readonly #singles = new Map<ContextElement, Context>();

  static of(element: ContextElement): Context {
    let context = Context.#singles.get(element);
    if (context === undefined) {
      context = new Context(new Set([element]));
      Context.#singles.set(element, context);
    }
    return context;
  }

  /** Undefined when there are no elements. */
  static from(elements: Iterable<ContextElement>): Context | undefined {
    const set = new Set(elements);
    return set.size === 0 ? undefined : new Context(set);
  }

  get size(): number {
    return this.elements.size;
  }

  has(element: ContextElement): boolean {
    return this.elements.has(element);
  }

  /** Paths first, then derivations, then outputs, each by path: the first is what error messages name. */
  sorted(): ContextElement[] {
    return [...this.elements].sort(
      (a, b) => kindOrder[a.kind] - kindOrder[b.kind] || (sortKey(a) < sortKey(b) ? -1 : 1),
    );
  }

  union(other: Context): Context {
    if (this === other) return this;
    if (this.#other === other) return this.#union!;
    let result: Context;
    if (this.elements.isSupersetOf(other.elements)) result = this;
    else if (other.elements.isSupersetOf(this.elements)) result = other;
    else result = new Context(this.elements.union(other.elements));
    this.#other = other;
    this.#union = result;
    return result;
  }
}

export function unionContexts(a: Context | undefined, b: Context | undefined): Context | undefined {
  if (a === undefined) return b;
  if (b === undefined) return a;
  return a.union(b);
}
