/**
 * Shapes: the sorted names of attribute sets, shared between sets made alike, and how two of them merge.
 *
 * Sets written at the same place, or made by the same operation from sets of the same shape, share their shape, so a
 * selection (`x.name`) can remember "in this shape, `name` is number 3", `a // b` can remember how two shapes merge,
 * and `mapAttrs` copies no names. Names are sorted as bytes, which is the order Nix shows everywhere. Sharing is only
 * ever an optimisation: two equal shapes may be different objects.
 */
import type { ByteString } from "../format/bytes.ts";
import type { AttrPositions } from "./attr-positions.ts";
import type { Pos, Slot } from "./value.ts";

/** How two shapes merge: for each name of the result its index on the left (≥ 0) or `~index` on the right. */
export interface Merge {
  readonly shape: Shape;
  readonly sources: readonly number[];
  /** Positions of the sets merged last, and of the result: sets written at one place share theirs, and meet again. */
  left: AttrPositions;
  right: AttrPositions;
  positions: AttrPositions;
}

/** A shape without some of its names. */
export interface Removal {
  readonly shape: Shape;
  /** For each name that is left its index before. */
  readonly kept: readonly number[];
  /** Positions of the last set, as in `Merge`, and of what was left of it. */
  before: AttrPositions | undefined;
  after: readonly Pos[];
}

const linearLimit = 8;
/** What is larger is worked out afresh: remembering it would keep every step of a fold alive. */
export const rememberedMergeLimit = 96;
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
  /** Of the two names that every set is asked for where a string is wanted; -2: not looked for yet. */
  #toString = -2;
  #outPath = -2;
  /** The shape merged with last, and the result; a table only where there are others. */
  #lastRight: Shape | undefined;
  #lastMerge: Merge | undefined;
  #merges: Map<Shape, Merge> | undefined;
  /** The names taken away last, and what was left. */
  #removed: readonly ByteString[] | undefined;
  #removal: Removal | undefined;

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

  get indexOfToString(): number {
    if (this.#toString === -2) this.#toString = this.indexOf("__toString");
    return this.#toString;
  }

  get indexOfOutPath(): number {
    if (this.#outPath === -2) this.#outPath = this.indexOf("outPath");
    return this.#outPath;
  }

  /** Undefined if none of the names is there. Remembered: not for shapes of many names. */
  without(names: readonly ByteString[]): Removal | undefined {
    if (this.#removed !== undefined && sameNames(names, this.#removed)) return this.#removal;
    const removal = removeNames(this, names);
    this.#removed = names;
    this.#removal = removal;
    return removal;
  }

  merge(right: Shape): Merge {
    if (this.#lastRight === right) return this.#lastMerge!;
    const merge = this.#merges?.get(right) ?? mergeShapes(this, right);
    if (merge.sources.length > rememberedMergeLimit) return merge;
    const before = this.#lastRight;
    if (before !== undefined) {
      if (this.#merges === undefined) this.#merges = new Map();
      else if (this.#merges.size >= rememberedMergesPerShape) this.#merges.clear();
      this.#merges.set(before, this.#lastMerge!);
    }
    this.#lastRight = right;
    this.#lastMerge = merge;
    return merge;
  }
}

function sameNames(a: readonly ByteString[], b: readonly ByteString[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
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

function removeNames(shape: Shape, names: readonly ByteString[]): Removal | undefined {
  const gone = new Set<number>();
  for (const name of names) gone.add(shape.indexOf(name));
  gone.delete(-1);
  if (gone.size === 0) return undefined;
  const { keys } = shape;
  const left: ByteString[] = [];
  const kept: number[] = [];
  for (let i = 0; i < keys.length; i++) {
    if (gone.has(i)) continue;
    left.push(keys[i]!);
    kept.push(i);
  }
  return { shape: Shape.of(left.slice()), kept: kept.slice(), before: undefined, after: [] };
}

/** Where merges are worked out: arrays that grow would leave as much behind as they hold. */
const mergedKeys: ByteString[] = [];
const mergedSources: number[] = [];

/** `Shape.merge`, not remembered. */
export function mergeShapes(left: Shape, right: Shape): Merge {
  const a = left.keys;
  const b = right.keys;
  const keys = mergedKeys;
  const sources = mergedSources;
  let next = 0;
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    const x = a[i]!;
    const y = b[j]!;
    if (x === y) {
      keys[next] = y;
      sources[next++] = ~j;
      i++;
      j++;
    } else if (x < y) {
      keys[next] = x;
      sources[next++] = i++;
    } else {
      keys[next] = y;
      sources[next++] = ~j;
      j++;
    }
  }
  for (; i < a.length; i++) {
    keys[next] = a[i]!;
    sources[next++] = i;
  }
  for (; j < b.length; j++) {
    keys[next] = b[j]!;
    sources[next++] = ~j;
  }
  let shape: Shape;
  if (next === a.length) shape = left;
  else if (next === b.length) shape = right;
  else shape = Shape.of(keys.slice(0, next));
  const merge = { shape, sources: sources.slice(0, next), left: null, right: null, positions: null };
  if (next > rememberedMergeLimit) {
    keys.length = 0;
    sources.length = 0;
  }
  return merge;
}

/** How a few names are put over many. */
export interface Placement {
  readonly shape: Shape;
  /** For each of the few its index in the result, ascending. */
  readonly places: readonly number[];
  /** Which of them are not among the many. */
  readonly isNew: readonly boolean[];
}

/** The last few answers. Kept here and not in the shapes: a chain of updates would keep all its shapes alive. */
const knownPlacements: { readonly many: Shape; readonly few: Shape; readonly placement: Placement }[] = [];
const placementsKept = 8;

/** `placeShape`, remembered for a while: sets of one shape get other sets of one shape put over them. */
export function placementOf(many: Shape, few: Shape): Placement {
  for (const known of knownPlacements) if (known.many === many && known.few === few) return known.placement;
  const placement = placeShape(many, few);
  knownPlacements.unshift({ many, few, placement });
  if (knownPlacements.length > placementsKept) knownPlacements.pop();
  return placement;
}

export function placeShape(many: Shape, few: Shape): Placement {
  const old = many.keys;
  const places: number[] = [];
  const isNew: boolean[] = [];
  let from = 0;
  let added = 0;
  for (const key of few.keys) {
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
  const shape = added === 0 ? many : Shape.of(place(old, few.keys, places, isNew));
  return { shape, places, isNew };
}

/** Copies `old` in long pieces, with `few` put in at `places`: over what was there, or between where they are new. */
export function place<X>(
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

/** A list of slots as long as these names, to be filled: a copy of them, for that has its size from the start. */
export function slotsFor(keys: readonly ByteString[]): Slot[] {
  return keys.slice();
}

const nulls: null[] = [];
const undefineds: undefined[] = [];
const zeros: number[] = [];
/** So much is kept to be copied from; longer arrays are rare. */
const longestKept = 4096;

/** The beginning of an array of one value; cut from one that is there, for one that grows is copied again and again. */
function cut<T>(kept: T[], length: number, value: T): T[] {
  const array = length <= longestKept ? kept : kept.slice();
  for (let i = array.length; i < length; i++) array.push(value);
  return array.slice(0, length);
}

/** An array to be copied, of exactly this length and of the kind that V8 reads fastest (no holes, any value). */
export function filled<T>(length: number, value: T & (null | undefined)): T[] {
  return cut((value === null ? nulls : undefineds) as unknown[] as T[], length, value);
}

/** As many zeros, to be overwritten with other small integers, which V8 keeps in arrays of a kind of their own. */
export function zeroed(length: number): number[] {
  return cut(zeros, length, 0);
}
