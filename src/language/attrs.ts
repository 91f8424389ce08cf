/**
 * Attribute sets: a shared `Shape` (the sorted names) and one array of slots beside it.
 *
 * Sets written at the same place, or made by the same operation from sets of the same shape, share their shape, so a
 * selection (`x.name`) can remember "in this shape, `name` is number 3", `a // b` can remember how two shapes merge,
 * and `mapAttrs` copies no names. Names are sorted as bytes, which is the order Nix shows everywhere. Sharing is only
 * ever an optimisation: two equal shapes may be different objects.
 */
import type { ByteString } from "../format/bytes.ts";
import type { Pos, Slot } from "./value.ts";

/** How two shapes merge: for each name of the result its index on the left (≥ 0) or `~index` on the right. */
interface Merge {
  readonly shape: Shape;
  readonly sources: readonly number[];
  /** As many nulls, to be copied: an array that grows by `push` takes room for much more than it holds. */
  readonly template: readonly Slot[];
  /** The last answer: sets written at one place share their positions, and meet again and again. */
  positions: MergedPositions | undefined;
}

const linearLimit = 8;
/** Larger results are merged afresh: remembering them would keep every step of a fold alive. */
const rememberedMergeLimit = 96;
const rememberedMergesPerShape = 64;

class TrieNode {
  shape: Shape | undefined;
  key: ByteString | undefined;
  only: TrieNode | undefined;
  others: Map<ByteString, TrieNode> | undefined;
}

export class Shape {
  /** Sorted as bytes, no duplicates. */
  readonly keys: readonly ByteString[];
  #index: Map<ByteString, number> | undefined;
  #lookups = 0;
  #merges: Map<Shape, Merge> | undefined;

  /** `Shape.of` shares; the constructor does not. */
  constructor(keys: readonly ByteString[]) {
    this.keys = keys;
  }

  static readonly empty: Shape = new Shape([]);
  /** Shapes by the way to them, name by name; emptied when it gets large. */
  static #known = Shape.#root();
  static #knownCount = 0;

  static #root(): TrieNode {
    const root = new TrieNode();
    root.shape = Shape.empty;
    return root;
  }

  /** The shape of these sorted names, shared if it is small. Takes ownership of the array. */
  static of(keys: readonly ByteString[]): Shape {
    if (keys.length > 24) return new Shape(keys);
    let node = Shape.#known;
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i]!;
      let next: TrieNode | undefined;
      // Most nodes lead to one other: only where ways part a table is made.
      if (node.key === key) next = node.only;
      else if (node.others !== undefined) next = node.others.get(key);
      if (next === undefined) {
        if (++Shape.#knownCount > 200_000) {
          Shape.#known = Shape.#root();
          Shape.#knownCount = 0;
        }
        next = new TrieNode();
        if (node.key === undefined) {
          node.key = key;
          node.only = next;
        } else {
          node.others ??= new Map();
          node.others.set(key, next);
        }
      }
      node = next;
    }
    node.shape ??= new Shape(keys);
    return node.shape;
  }

  /** Index of a name, or -1. */
  indexOf(name: ByteString): number {
    const { keys } = this;
    if (keys.length <= linearLimit) {
      for (let i = 0; i < keys.length; i++) if (keys[i] === name) return i;
      return -1;
    }
    if (this.#index !== undefined) return this.#index.get(name) ?? -1;
    // Places remember what they found, so that many large shapes are asked a few times only: not worth a table.
    if (++this.#lookups * 4 < keys.length) return binarySearch(keys, name);
    this.#index = new Map();
    for (let i = 0; i < keys.length; i++) this.#index.set(keys[i]!, i);
    return this.#index.get(name) ?? -1;
  }

  merge(right: Shape): Merge {
    const remembered = this.#merges?.get(right);
    if (remembered !== undefined) return remembered;
    const merge = mergeShapes(this, right);
    if (merge.sources.length <= rememberedMergeLimit) {
      if (this.#merges === undefined) this.#merges = new Map();
      else if (this.#merges.size >= rememberedMergesPerShape) this.#merges.clear();
      this.#merges.set(right, merge);
    }
    return merge;
  }
}

function binarySearch(keys: readonly ByteString[], name: ByteString): number {
  let low = 0;
  let high = keys.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const key = keys[middle]!;
    if (key === name) return middle;
    if (key < name) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

function mergeShapes(left: Shape, right: Shape): Merge {
  const a = left.keys;
  const b = right.keys;
  const keys: ByteString[] = [];
  const sources: number[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    const x = a[i]!;
    const y = b[j]!;
    if (x === y) {
      keys.push(y);
      sources.push(~j);
      i++;
      j++;
    } else if (x < y) {
      keys.push(x);
      sources.push(i++);
    } else {
      keys.push(y);
      sources.push(~j);
      j++;
    }
  }
  for (; i < a.length; i++) {
    keys.push(a[i]!);
    sources.push(i);
  }
  for (; j < b.length; j++) {
    keys.push(b[j]!);
    sources.push(~j);
  }
  const template = filled(keys.length, null);
  if (keys.length === a.length)
    return { shape: left, sources: sources.slice(), template, positions: undefined };
  if (keys.length === b.length)
    return { shape: right, sources: sources.slice(), template, positions: undefined };
  return { shape: Shape.of(keys.slice()), sources: sources.slice(), template, positions: undefined };
}

/** Positions of a set's attributes: an array beside the names, or a merge of two such not yet worked out. */
export type AttrPositions = readonly Pos[] | MergedPositions | UpdatedPositions | null;

/** Positions after a few names were put over many: worked out should anybody ask. */
class UpdatedPositions {
  readonly merge: LargeMerge;
  readonly left: AttrPositions;
  readonly right: AttrPositions;
  /** How many of these stand one upon the other. */
  readonly depth: number;
  constructor(merge: LargeMerge, left: AttrPositions, right: AttrPositions) {
    this.merge = merge;
    this.left = left;
    this.right = right;
    this.depth = left instanceof UpdatedPositions ? left.depth + 1 : 1;
  }
}

class MergedPositions {
  readonly left: AttrPositions;
  readonly right: AttrPositions;
  readonly sources: readonly number[];
  constructor(left: AttrPositions, right: AttrPositions, sources: readonly number[]) {
    this.left = left;
    this.right = right;
    this.sources = sources;
  }
}

function positionIn(positions: AttrPositions, index: number): Pos {
  let where = positions;
  let i = index;
  for (;;) {
    if (where instanceof MergedPositions) {
      const source = where.sources[i]!;
      i = source >= 0 ? source : ~source;
      where = source >= 0 ? where.left : where.right;
    } else if (where instanceof UpdatedPositions) {
      const { places, isNew } = where.merge;
      let before = 0;
      let right = -1;
      for (let j = 0; j < places.length && places[j]! <= i; j++) {
        if (places[j] === i) right = j;
        else if (isNew[j]) before++;
      }
      const from: UpdatedPositions = where;
      where = right >= 0 ? from.right : from.left;
      i = right >= 0 ? right : i - before;
    } else break;
  }
  return where === null ? 0 : (where[i] ?? 0);
}

export class Attrs {
  readonly shape: Shape;
  /** Beside `shape.keys`. Owned by this set, never changed once it is visible. */
  readonly values: readonly Slot[];
  readonly positions: AttrPositions;

  constructor(shape: Shape, values: readonly Slot[], positions: AttrPositions = null) {
    this.shape = shape;
    this.values = values;
    this.positions = positions;
  }

  static readonly empty: Attrs = new Attrs(Shape.empty, []);

  /** From names sorted as bytes without duplicates, with their slots. Takes ownership of the arrays. */
  static fromSorted(
    keys: readonly ByteString[],
    values: readonly Slot[],
    positions: AttrPositions = null,
  ): Attrs {
    return new Attrs(Shape.of(keys), values, positions);
  }

  get size(): number {
    return this.values.length;
  }

  /** Sorted as bytes. */
  get keys(): readonly ByteString[] {
    return this.shape.keys;
  }

  /** The slot, unforced, or undefined. */
  get(name: ByteString): Slot | undefined {
    const index = this.shape.indexOf(name);
    return index < 0 ? undefined : this.values[index];
  }

  has(name: ByteString): boolean {
    return this.shape.indexOf(name) >= 0;
  }

  /** Where the attribute was defined; 0 if that is not known. */
  posOf(name: ByteString): Pos {
    const index = this.shape.indexOf(name);
    return index < 0 ? 0 : positionIn(this.positions, index);
  }

  posAt(index: number): Pos {
    return positionIn(this.positions, index);
  }

  /** Names with slots, in order. */
  *entries(): Generator<[ByteString, Slot], void, undefined> {
    const { keys } = this.shape;
    for (let i = 0; i < keys.length; i++) yield [keys[i]!, this.values[i]!];
  }

  /** Same names and positions, other slots. */
  mapValues(map: (name: ByteString, slot: Slot, index: number) => Slot): Attrs {
    const { keys } = this.shape;
    const { values } = this;
    const mapped = values.slice();
    for (let i = 0; i < values.length; i++) mapped[i] = map(keys[i]!, values[i]!, i);
    return new Attrs(this.shape, mapped, this.positions);
  }

  /** The attributes for which `keep` says true. */
  filter(keep: (name: ByteString, slot: Slot, index: number) => boolean): Attrs {
    const { keys } = this.shape;
    const kept: ByteString[] = [];
    const values: Slot[] = [];
    const positions: Pos[] = [];
    for (let i = 0; i < keys.length; i++) {
      if (!keep(keys[i]!, this.values[i]!, i)) continue;
      kept.push(keys[i]!);
      values.push(this.values[i]!);
      positions.push(positionIn(this.positions, i));
    }
    if (kept.length === keys.length) return this;
    return new Attrs(Shape.of(kept.slice()), values.slice(), positions.slice());
  }

  /** `this // right`. */
  update(right: Attrs): Attrs {
    const a = this.values;
    const b = right.values;
    if (b.length === 0) return this;
    if (a.length === 0) return right;
    if (this.shape === right.shape) return right;
    if (b.length * 8 < a.length && a.length > rememberedMergeLimit) return updateLarge(this, right);
    const merge = this.shape.merge(right.shape);
    const { shape, sources, template } = merge;
    const values = template.slice();
    for (let i = 0; i < sources.length; i++) {
      const source = sources[i]!;
      values[i] = source >= 0 ? a[source]! : b[~source]!;
    }
    let positions: AttrPositions = null;
    if (this.positions !== null || right.positions !== null) {
      let merged = merge.positions;
      if (merged === undefined || merged.left !== this.positions || merged.right !== right.positions) {
        merged = new MergedPositions(this.positions, right.positions, sources);
        merge.positions = merged;
      }
      // A merge that is not remembered would keep its sources alive for each set.
      if (sources.length <= rememberedMergeLimit) positions = merged;
      else {
        const flat: Pos[] = [];
        for (let i = 0; i < sources.length; i++) flat.push(positionIn(merged, i));
        positions = flat.slice();
      }
    }
    return new Attrs(shape, values, positions);
  }
}

/** How a few names are put over many. */
interface LargeMerge {
  readonly shape: Shape;
  /** For each name on the right its index in the result, ascending. */
  readonly places: readonly number[];
  /** Which of them the left has not. */
  readonly isNew: readonly boolean[];
}

/** The last few answers. Kept here and not in the shapes: a chain of updates would keep all its shapes alive. */
const largeMerges: { readonly left: Shape; readonly right: Shape; readonly merge: LargeMerge }[] = [];
const largeMergesKept = 8;

function mergeLarge(left: Shape, right: Shape): LargeMerge {
  for (const known of largeMerges) if (known.left === left && known.right === right) return known.merge;
  const old = left.keys;
  const places: number[] = [];
  const isNew: boolean[] = [];
  let from = 0;
  let added = 0;
  for (const key of right.keys) {
    let low = from;
    let high = old.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (old[middle]! < key) low = middle + 1;
      else high = middle;
    }
    const there = old[low] === key;
    places.push(low + added);
    isNew.push(!there);
    from = there ? low + 1 : low;
    if (!there) added++;
  }
  const shape = added === 0 ? left : Shape.of(place(old, right.keys, places, isNew));
  const merge = { shape, places, isNew };
  largeMerges.unshift({ left, right, merge });
  if (largeMerges.length > largeMergesKept) largeMerges.pop();
  return merge;
}

/** Copies `old` in long pieces, with `few` put in at `places`: over what was there, or between where they are new. */
function place<X>(
  old: readonly X[],
  few: readonly X[],
  places: readonly number[],
  isNew: readonly boolean[],
): readonly X[] {
  if (places.length === 1) return old.toSpliced(places[0]!, isNew[0] ? 0 : 1, few[0]!);
  const pieces: (readonly X[])[] = [];
  let from = 0;
  let added = 0;
  for (let j = 0; j < places.length; j++) {
    const to = places[j]! - added;
    if (to > from) pieces.push(old.slice(from, to));
    pieces.push([few[j]!]);
    from = isNew[j] ? to : to + 1;
    if (isNew[j]) added++;
  }
  if (from < old.length) pieces.push(old.slice(from));
  return ([] as X[]).concat(...pieces);
}

const positionLayers = 16;

/** The positions of a set of that size, layer put upon layer. */
function flatten(positions: AttrPositions, size: number): readonly Pos[] {
  if (!(positions instanceof UpdatedPositions)) {
    if (Array.isArray(positions)) return positions as readonly Pos[];
    const flat = filled(size, null as Pos | null);
    for (let i = 0; i < size; i++) flat[i] = positionIn(positions, i);
    return flat as Pos[];
  }
  const { places, isNew } = positions.merge;
  let added = 0;
  for (const one of isNew) if (one) added++;
  const few = places.map((_, j) => positionIn(positions.right, j));
  return place(flatten(positions.left, size - added), few, places, isNew);
}

/** Much on the left, little on the right: copy, then place the few. */
function updateLarge(left: Attrs, right: Attrs): Attrs {
  const merge = mergeLarge(left.shape, right.shape);
  const { shape, places, isNew } = merge;
  let positions: AttrPositions = null;
  if (left.positions !== null || right.positions !== null) {
    const updated = new UpdatedPositions(merge, left.positions, right.positions);
    positions = updated.depth < positionLayers ? updated : flatten(updated, shape.keys.length);
  }
  if (shape === left.shape) {
    const values = left.values.slice();
    for (let j = 0; j < places.length; j++) values[places[j]!] = right.values[j]!;
    return new Attrs(shape, values, positions);
  }
  return new Attrs(shape, place(left.values, right.values, places, isNew), positions);
}

/** An array to be copied, of exactly this length and of the kind that V8 reads fastest (no holes, any value). */
export function filled<T>(length: number, value: T): T[] {
  const array: T[] = [];
  for (let i = 0; i < length; i++) array.push(value);
  return array.slice();
}

/** Collects attributes in any order; a later `set` of the same name wins. */
export class AttrsBuilder {
  readonly #slots = new Map<ByteString, Slot>();
  readonly #positions = new Map<ByteString, Pos>();

  set(name: ByteString, slot: Slot, pos: Pos = 0): this {
    this.#slots.set(name, slot);
    if (pos !== 0) this.#positions.set(name, pos);
    return this;
  }

  has(name: ByteString): boolean {
    return this.#slots.has(name);
  }

  build(): Attrs {
    const keys = [...this.#slots.keys()].sort();
    const values = keys.map((key) => this.#slots.get(key)!);
    const positions = this.#positions.size === 0 ? null : keys.map((key) => this.#positions.get(key) ?? 0);
    return Attrs.fromSorted(keys, values, positions);
  }
}

/** Byte order. */
export function compareNames(a: ByteString, b: ByteString): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export function attrsFromMap(map: ReadonlyMap<ByteString, Slot>): Attrs {
  const keys = [...map.keys()].sort();
  return Attrs.fromSorted(
    keys,
    keys.map((key) => map.get(key)!),
  );
}
