/**
 * Attribute sets: a shared `Shape` (the sorted names) and one array of slots beside it; or two layers.
 *
 * A fold over a growing set, or a fixed point of overlays, puts a few attributes over many again and again, and asks
 * each result for one or two. So `many // few` copies nothing: the result is *layered*, a base with the few over it.
 * More put over a layered set is merged with what is already over the base. It becomes one set, once and for all, when
 * somebody needs the names in order, or has asked it so often that remembering places pays, or when what lies over the
 * base has cost as much copying as one flat set would: n updates of a set of m names take n·√m steps, not n·m.
 *
 * Slots are the same in a layer and in what is made of it, so each thunk runs once. A base never lives for a small
 * result: of what it holds, only the attributes overridden are not the result's too.
 */
import type { ByteString } from "../format/bytes.ts";
import {
  type AttrPositions,
  flatPositions,
  mergePositions,
  placePositions,
  positionIn,
} from "./attr-positions.ts";
import {
  mergeShapes,
  type Placement,
  place,
  placementOf,
  placeShape,
  rememberedMergeLimit,
  Shape,
  slotsFor,
} from "./shape.ts";
import type { Pos, Slot } from "./value.ts";

/** Smaller sets are merged at once: such results share their shapes, and places remember those. */
const smallestBase = rememberedMergeLimit;
/** "Few" are so many times fewer than "many". */
const fewer = 8;

/**
 * `Attrs.shapeIfFlat` of every layered set. It has no names; no place may remember anything about it, so whoever reads
 * that field compares it with this one first.
 */
export const noShape: Shape = new Shape([]);
const noSlots: readonly Slot[] = [];

/** What a layered set has instead of positions. Both layers are flat. */
class Layers {
  readonly base: Attrs;
  /** Hides attributes of `base` that have the same names. Not empty. */
  readonly top: Attrs;
  /** Slots copied for `top` and for those there were before it over the same base. */
  readonly copied: number;
  /** Times that it was asked for a name. */
  lookups = 0;
  /** Number of attributes; -1: nobody has asked. */
  size = -1;
  constructor(base: Attrs, top: Attrs, copied: number) {
    this.base = base;
    this.top = top;
    this.copied = copied;
  }
}

export class Attrs {
  /** `noShape` while the set is layered. For places that remember shapes; everybody else takes `shape`. */
  shapeIfFlat: Shape;
  /** Beside `shapeIfFlat.keys`. Owned by this set, never changed once it is visible. */
  slotsIfFlat: readonly Slot[];
  /** For this file only. */
  placesOrLayers: AttrPositions | Layers;

  constructor(shape: Shape, values: readonly Slot[], positions: AttrPositions = null) {
    this.shapeIfFlat = shape;
    this.slotsIfFlat = values;
    this.placesOrLayers = positions;
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
    return this.shapeIfFlat === noShape ? layeredSize(this) : this.slotsIfFlat.length;
  }

  get shape(): Shape {
    if (this.shapeIfFlat === noShape) flatten(this);
    return this.shapeIfFlat;
  }

  /** Sorted as bytes. */
  get keys(): readonly ByteString[] {
    if (this.shapeIfFlat === noShape) flatten(this);
    return this.shapeIfFlat.keys;
  }

  /** Beside `keys`. */
  get values(): readonly Slot[] {
    if (this.shapeIfFlat === noShape) flatten(this);
    return this.slotsIfFlat;
  }

  /** The slot, unforced, or undefined. */
  get(name: ByteString): Slot | undefined {
    if (this.shapeIfFlat === noShape) {
      const layer = layerWith(this, name);
      if (layer !== this) return layer?.get(name);
    }
    const index = this.shapeIfFlat.indexOf(name);
    return index < 0 ? undefined : this.slotsIfFlat[index];
  }

  /** `get("__toString")`. */
  get toStringSlot(): Slot | undefined {
    if (this.shapeIfFlat === noShape) return this.get("__toString");
    const index = this.shapeIfFlat.indexOfToString;
    return index < 0 ? undefined : this.slotsIfFlat[index];
  }

  /** `get("outPath")`. */
  get outPathSlot(): Slot | undefined {
    if (this.shapeIfFlat === noShape) return this.get("outPath");
    const index = this.shapeIfFlat.indexOfOutPath;
    return index < 0 ? undefined : this.slotsIfFlat[index];
  }

  has(name: ByteString): boolean {
    if (this.shapeIfFlat === noShape) {
      const layer = layerWith(this, name);
      if (layer !== this) return layer !== undefined;
    }
    return this.shapeIfFlat.indexOf(name) >= 0;
  }

  /** Where the attribute was defined; 0 if that is not known. */
  posOf(name: ByteString): Pos {
    if (this.shapeIfFlat === noShape) {
      const layer = layerWith(this, name);
      if (layer !== this) return layer?.posOf(name) ?? 0;
    }
    const index = this.shapeIfFlat.indexOf(name);
    return index < 0 ? 0 : positionIn(this.placesOrLayers as AttrPositions, index);
  }

  /** Of the attribute with that number among `keys`. */
  posAt(index: number): Pos {
    if (this.shapeIfFlat === noShape) flatten(this);
    return positionIn(this.placesOrLayers as AttrPositions, index);
  }

  /** Names with slots, in order. */
  *entries(): Generator<[ByteString, Slot], void, undefined> {
    const { keys, values } = this;
    for (let i = 0; i < keys.length; i++) yield [keys[i]!, values[i]!];
  }

  /** Another set with the same attributes: printing tells a set that it has met from one that is merely equal. */
  copy(): Attrs {
    if (this.shapeIfFlat !== noShape)
      return new Attrs(this.shapeIfFlat, this.slotsIfFlat, this.placesOrLayers as AttrPositions);
    const { base, top, copied } = this.placesOrLayers as Layers;
    return layered(base, top, copied);
  }

  /** Same names and positions, other slots. */
  mapValues(map: (name: ByteString, slot: Slot, index: number) => Slot): Attrs {
    const { shape, values } = this;
    const { keys } = shape;
    const mapped = values.slice();
    for (let i = 0; i < values.length; i++) mapped[i] = map(keys[i]!, values[i]!, i);
    return new Attrs(shape, mapped, this.placesOrLayers as AttrPositions);
  }

  /** The attributes for which `keep` says true. */
  filter(keep: (name: ByteString, slot: Slot, index: number) => boolean): Attrs {
    const { keys, values: all } = this;
    const kept: ByteString[] = [];
    const values: Slot[] = [];
    const positions: Pos[] = [];
    for (let i = 0; i < keys.length; i++) {
      if (!keep(keys[i]!, all[i]!, i)) continue;
      kept.push(keys[i]!);
      values.push(all[i]!);
      positions.push(this.posAt(i));
    }
    if (kept.length === keys.length) return this;
    return new Attrs(Shape.of(kept.slice()), values.slice(), positions.slice());
  }

  /** Another set, without the attributes of those names. */
  without(names: readonly ByteString[]): Attrs {
    const { values, shape } = this;
    if (shape.keys.length > rememberedMergeLimit) return withoutFew(this, names);
    const removal = shape.without(names);
    if (removal === undefined) return this.copy();
    const slots = slotsFor(removal.shape.keys);
    const { kept } = removal;
    for (let i = 0; i < kept.length; i++) slots[i] = values[kept[i]!]!;
    const before = this.placesOrLayers as AttrPositions;
    if (before === null) return new Attrs(removal.shape, slots);
    if (removal.before !== before) {
      removal.before = before;
      removal.after = kept.map((i) => positionIn(before, i));
    }
    return new Attrs(removal.shape, slots, removal.after);
  }

  /** The attributes of those names, sorted, that there are. */
  pick(names: readonly ByteString[]): Attrs {
    const kept: ByteString[] = [];
    const values: Slot[] = [];
    const positions: Pos[] = [];
    for (let i = 0; i < names.length; i++) {
      const name = names[i]!;
      let layer: Attrs | undefined = this;
      if (this.shapeIfFlat === noShape) layer = layerWith(this, name);
      if (layer === undefined) continue;
      const index = layer.shapeIfFlat.indexOf(name);
      if (index < 0) continue;
      kept.push(name);
      values.push(layer.slotsIfFlat[index]!);
      positions.push(layer.posAt(index));
    }
    return Attrs.fromSorted(kept, values, positions);
  }

  /** `this // right`. */
  update(right: Attrs): Attrs {
    const a = this.shapeIfFlat;
    const b = right.shapeIfFlat;
    if (a === noShape || b === noShape) return updateLayered(this, right);
    const few = b.keys.length;
    if (few === 0) return this;
    const many = a.keys.length;
    if (many === 0) return right;
    if (a === b) return right.copy();
    if (many > smallestBase && few * fewer < many) return putOver(this, right);
    if (few > smallestBase && many * fewer < few) return putUnder(this, right);
    return merge(this, right);
  }
}

/** Of two flat sets. */
function merge(left: Attrs, right: Attrs): Attrs {
  const a = left.slotsIfFlat;
  const b = right.slotsIfFlat;
  const merge = left.shapeIfFlat.merge(right.shapeIfFlat);
  const { shape, sources } = merge;
  const values = slotsFor(shape.keys);
  for (let i = 0; i < sources.length; i++) {
    const source = sources[i]!;
    values[i] = source >= 0 ? a[source]! : b[~source]!;
  }
  const before = left.placesOrLayers as AttrPositions;
  const after = right.placesOrLayers as AttrPositions;
  if (merge.left !== before || merge.right !== after) {
    merge.left = before;
    merge.right = after;
    merge.positions = mergePositions(before, after, sources);
  }
  return new Attrs(shape, values, merge.positions);
}

function layered(base: Attrs, top: Attrs, copied: number): Attrs {
  const attrs = new Attrs(noShape, noSlots);
  attrs.placesOrLayers = new Layers(base, top, copied);
  return attrs;
}

function layersOf(attrs: Attrs): Layers {
  return attrs.placesOrLayers as Layers;
}

function layeredSize(attrs: Attrs): number {
  const layers = layersOf(attrs);
  if (layers.size < 0) {
    const { base, top } = layers;
    let size = base.slotsIfFlat.length;
    for (const name of top.shapeIfFlat.keys) if (base.shapeIfFlat.indexOf(name) < 0) size++;
    layers.size = size;
  }
  return layers.size;
}

/** The layer of a layered set where the name is; undefined if it is in none. The set itself, once it is flat. */
function layerWith(attrs: Attrs, name: ByteString): Attrs | undefined {
  const layers = layersOf(attrs);
  const { base, top } = layers;
  // Places that know the set's shape find a name in no time: soon worth the copying.
  if (++layers.lookups * 64 > base.slotsIfFlat.length + 512) return flatten(attrs);
  if (top.shapeIfFlat.indexOf(name) >= 0) return top;
  return base.shapeIfFlat.indexOf(name) >= 0 ? base : undefined;
}

/** Makes a layered set a flat one. */
function flatten(attrs: Attrs): Attrs {
  const { base, top } = layersOf(attrs);
  const flat = putInto(base, top, placementOf(base.shapeIfFlat, top.shapeIfFlat));
  attrs.shapeIfFlat = flat.shapeIfFlat;
  attrs.slotsIfFlat = flat.slotsIfFlat;
  attrs.placesOrLayers = flat.placesOrLayers;
  return attrs;
}

/** `many // few` in one copy; both are flat. */
function putInto(many: Attrs, few: Attrs, placement: Placement): Attrs {
  const { shape, places, isNew } = placement;
  const positions = placePositions(
    placement,
    many.placesOrLayers as AttrPositions,
    few.placesOrLayers as AttrPositions,
  );
  if (shape !== many.shapeIfFlat)
    return new Attrs(shape, place(many.slotsIfFlat, few.slotsIfFlat, places, isNew), positions);
  const values = many.slotsIfFlat.slice();
  for (let j = 0; j < places.length; j++) values[places[j]!] = few.slotsIfFlat[j]!;
  return new Attrs(shape, values, positions);
}

/** `left // right`, at least one of them layered. */
function updateLayered(left: Attrs, right: Attrs): Attrs {
  const size = leastSize(left);
  const rightSize = leastSize(right);
  if (rightSize === 0) return left;
  if (size === 0) return right;
  if (rightSize * fewer < size) return putOver(left, right);
  if (size * fewer < rightSize) return putUnder(left, right);
  return merge(flat(left), flat(right));
}

/** At least so many attributes, and not many more. */
function leastSize(attrs: Attrs): number {
  return (attrs.shapeIfFlat === noShape ? layersOf(attrs).base : attrs).slotsIfFlat.length;
}

function flat(attrs: Attrs): Attrs {
  return attrs.shapeIfFlat === noShape ? flatten(attrs) : attrs;
}

/** `many // few`. */
function putOver(many: Attrs, few: Attrs): Attrs {
  const right = flat(few);
  if (many.shapeIfFlat !== noShape) return layered(many, right, 0);
  const { base, top, copied } = layersOf(many);
  const more = copied + top.slotsIfFlat.length + right.slotsIfFlat.length;
  if (more > base.slotsIfFlat.length) return layered(flatten(many), right, 0);
  return layered(base, mergeTops(top, right), more);
}

/** `few // many`: the same as putting over the many those of the few that they have not. */
function putUnder(few: Attrs, many: Attrs): Attrs {
  const rest = few.filter((name) => !many.has(name));
  return rest.size === 0 ? many.copy() : putOver(many, rest);
}

/** `left // right`, flat. Nothing is remembered: each step of a chain has a shape of its own. */
function mergeTops(left: Attrs, right: Attrs): Attrs {
  const a = left.shapeIfFlat;
  const b = right.shapeIfFlat;
  if (a === b) return right;
  if (b.keys.length * 4 <= a.keys.length) {
    const { shape, places, isNew } = placeShape(a, b);
    const slots = place(left.slotsIfFlat, right.slotsIfFlat, places, isNew);
    return new Attrs(shape, slots, place(flatPositionsOf(left), flatPositionsOf(right), places, isNew));
  }
  const { shape, sources } = mergeShapes(a, b);
  const values = slotsFor(shape.keys);
  for (let i = 0; i < sources.length; i++) {
    const source = sources[i]!;
    values[i] = source >= 0 ? left.slotsIfFlat[source]! : right.slotsIfFlat[~source]!;
  }
  const positions = mergePositions(
    left.placesOrLayers as AttrPositions,
    right.placesOrLayers as AttrPositions,
    sources,
  );
  return new Attrs(shape, values, positions);
}

/** `Attrs.without`, of a large set. */
function withoutFew(attrs: Attrs, names: readonly ByteString[]): Attrs {
  const { keys, values, shape } = attrs;
  const gone: number[] = [];
  for (const name of names) {
    const index = shape.indexOf(name);
    if (index >= 0) gone.push(index);
  }
  if (gone.length === 0) return attrs.copy();
  gone.sort((a, b) => a - b);
  const positions = attrs.placesOrLayers === null ? null : drop(flatPositionsOf(attrs), gone);
  return new Attrs(Shape.of(drop(keys, gone)), drop(values, gone), positions);
}

/** Without the elements at these places, ascending, some of them perhaps named twice. */
function drop<X>(all: readonly X[], gone: readonly number[]): readonly X[] {
  const pieces: (readonly X[])[] = [];
  let from = 0;
  for (const to of gone) {
    if (to > from) pieces.push(all.slice(from, to));
    from = to + 1;
  }
  if (from < all.length) pieces.push(all.slice(from));
  return ([] as X[]).concat(...pieces);
}

function flatPositionsOf(attrs: Attrs): readonly Pos[] {
  return flatPositions(attrs.placesOrLayers as AttrPositions, attrs.slotsIfFlat.length);
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
