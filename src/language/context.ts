/**
 * String contexts: which store objects a string refers to.
 *
 * Elements are interned: one store object (opaque), one output of a derivation (built), a derivation with its whole
 * closure (deep); with the experimental feature dynamic-derivations also an output of a derivation that another
 * derivation makes, as deep as one likes. A context is an immutable, never empty set of them; union shares whenever one
 * side holds the other. A package set makes two contexts of one element for each derivation, so those hold no table.
 */
import type { ByteString } from "../format/bytes.ts";

/** The context of this element alone, once there is one. */
interface Interned {
  single?: Context | undefined;
}

export interface OpaqueElement extends Interned {
  readonly kind: "opaque";
  readonly path: ByteString;
}

export interface BuiltElement extends Interned {
  readonly kind: "built";
  readonly drvPath: ByteString;
  readonly output: ByteString;
}

export interface DrvDeepElement extends Interned {
  readonly kind: "drvDeep";
  readonly drvPath: ByteString;
}

/** An output of the derivation that is itself an output of `producer`. */
export interface DynamicElement extends Interned {
  readonly kind: "dynamic";
  readonly producer: BuiltElement | DynamicElement;
  readonly output: ByteString;
}

export type ContextElement = OpaqueElement | BuiltElement | DrvDeepElement | DynamicElement;

/** The elements of one store path. */
interface PathElements {
  opaque: OpaqueElement | undefined;
  deep: DrvDeepElement | undefined;
  /** Its output `out`. */
  out: BuiltElement | undefined;
  others: Map<ByteString, BuiltElement> | undefined;
}

const interned = new Map<ByteString, PathElements>();
/** By `encodeElement`. */
const dynamic = new Map<ByteString, DynamicElement>();

function elementsOf(path: ByteString): PathElements {
  let elements = interned.get(path);
  if (elements === undefined) {
    elements = { opaque: undefined, deep: undefined, out: undefined, others: undefined };
    interned.set(path, elements);
  }
  return elements;
}

export function opaqueElement(path: ByteString): OpaqueElement {
  const elements = elementsOf(path);
  elements.opaque ??= { kind: "opaque", path, single: undefined };
  return elements.opaque;
}

export function drvDeepElement(drvPath: ByteString): DrvDeepElement {
  const elements = elementsOf(drvPath);
  elements.deep ??= { kind: "drvDeep", drvPath, single: undefined };
  return elements.deep;
}

export function builtElement(drvPath: ByteString, output: ByteString): BuiltElement {
  const elements = elementsOf(drvPath);
  if (output === "out") {
    elements.out ??= { kind: "built", drvPath, output, single: undefined };
    return elements.out;
  }
  elements.others ??= new Map();
  let element = elements.others.get(output);
  if (element === undefined) {
    element = { kind: "built", drvPath, output, single: undefined };
    elements.others.set(output, element);
  }
  return element;
}

export function dynamicElement(producer: BuiltElement | DynamicElement, output: ByteString): DynamicElement {
  const encoded = `!${output}${encodeElement(producer)}`;
  let element = dynamic.get(encoded);
  if (element === undefined) {
    element = { kind: "dynamic", producer, output, single: undefined };
    dynamic.set(encoded, element);
  }
  return element;
}

/** Nix's form: `path`, `!output!drvPath`, `=drvPath`, `!output!output!drvPath`. */
export function encodeElement(element: ContextElement): ByteString {
  switch (element.kind) {
    case "opaque":
      return element.path;
    case "built":
      return `!${element.output}!${element.drvPath}`;
    case "drvDeep":
      return `=${element.drvPath}`;
    case "dynamic":
      return `!${element.output}${encodeElement(element.producer)}`;
  }
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

const kindOrder = { opaque: 0, drvDeep: 1, built: 2, dynamic: 3 };

function sortKey(element: ContextElement): ByteString {
  if (element.kind === "built") return `${element.drvPath}!${element.output}`;
  return element.kind === "dynamic"
    ? `${sortKey(element.producer)}!${element.output}`
    : encodeElement(element);
}

/** Contexts of so many elements hold a plain list: looking through it takes less than a table, in time and in room. */
const longestList = 12;

/** Immutable set of elements, iterated in no particular order that matters. */
export class Context {
  /** One of these three is there. */
  readonly #one: ContextElement | undefined;
  readonly #few: readonly ContextElement[] | undefined;
  readonly #many: ReadonlySet<ContextElement> | undefined;
  /** The last union: the same two contexts meet again and again. */
  #other: Context | undefined;
  #union: Context | undefined;

  private constructor(
    one: ContextElement | undefined,
    few: readonly ContextElement[] | undefined,
    many: ReadonlySet<ContextElement> | undefined,
  ) {
    this.#one = one;
    this.#few = few;
    this.#many = many;
  }

  static of(element: ContextElement): Context {
    element.single ??= new Context(element, undefined, undefined);
    return element.single;
  }

  /** Undefined when there are no elements. */
  static from(elements: Iterable<ContextElement>): Context | undefined {
    const set = new Set(elements);
    if (set.size === 0) return undefined;
    if (set.size === 1) for (const element of set) return Context.of(element);
    return set.size <= longestList
      ? new Context(undefined, [...set], undefined)
      : new Context(undefined, undefined, set);
  }

  get elements(): Iterable<ContextElement> {
    return this.#few ?? this.#many ?? [this.#one!];
  }

  addTo(set: Set<ContextElement>): void {
    const few = this.#few;
    if (this.#one !== undefined) set.add(this.#one);
    else if (few !== undefined) for (let i = 0; i < few.length; i++) set.add(few[i]!);
    else for (const element of this.#many!) set.add(element);
  }

  get size(): number {
    return this.#one !== undefined ? 1 : (this.#few?.length ?? this.#many!.size);
  }

  has(element: ContextElement): boolean {
    if (this.#one !== undefined) return this.#one === element;
    return this.#few?.includes(element) ?? this.#many!.has(element);
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
    const result = this.#unite(other);
    this.#other = other;
    this.#union = result;
    return result;
  }

  /** Either of the two, if it holds the other. */
  #unite(other: Context): Context {
    if (other.#one !== undefined) return this.has(other.#one) ? this : this.#plus([other.#one]);
    if (this.#one !== undefined) return other.has(this.#one) ? other : other.#plus([this.#one]);
    const few = other.#few;
    if (few === undefined && this.#few === undefined) {
      if (this.#many!.isSupersetOf(other.#many!)) return this;
      if (other.#many!.isSupersetOf(this.#many!)) return other;
      return new Context(undefined, undefined, this.#many!.union(other.#many!));
    }
    // One of the two is a list at least: the shorter is looked up in the longer.
    if (few === undefined || few.length > this.size) return other.#with(this.#few!);
    return this.#with(few);
  }

  /** @param few those of a context that has no more elements than this */
  #with(few: readonly ContextElement[]): Context {
    const missing = few.filter((element) => !this.has(element));
    return missing.length === 0 ? this : this.#plus(missing);
  }

  /** With these, which it has not. */
  #plus(more: readonly ContextElement[]): Context {
    if (this.#one !== undefined) return new Context(undefined, [this.#one, ...more], undefined);
    const few = this.#few;
    if (few !== undefined && few.length + more.length <= longestList)
      return new Context(undefined, few.concat(more), undefined);
    const many = new Set<ContextElement>(few ?? this.#many);
    for (const element of more) many.add(element);
    return new Context(undefined, undefined, many);
  }
}

export function unionContexts(a: Context | undefined, b: Context | undefined): Context | undefined {
  if (a === undefined) return b;
  if (b === undefined) return a;
  return a.union(b);
}
