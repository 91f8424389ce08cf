/** Where the attributes of a set were written: worked out when somebody asks, since few ever do. */
import { filled, type Placement, place } from "./shape.ts";
import type { Pos } from "./value.ts";

/** An array beside the names, or two such not yet put together. */
export type AttrPositions = readonly Pos[] | MergedPositions | UpdatedPositions | null;

/** Of two sets merged. */
class MergedPositions {
  readonly left: AttrPositions;
  readonly right: AttrPositions;
  /** As in `Merge`. */
  readonly sources: readonly number[];
  readonly depth: number;
  constructor(left: AttrPositions, right: AttrPositions, sources: readonly number[]) {
    this.left = left;
    this.right = right;
    this.sources = sources;
    this.depth = Math.max(depthOf(left), depthOf(right)) + 1;
  }
}

/** After a few names were put over many. */
class UpdatedPositions {
  readonly placement: Placement;
  readonly left: AttrPositions;
  readonly right: AttrPositions;
  readonly depth: number;
  constructor(placement: Placement, left: AttrPositions, right: AttrPositions) {
    this.placement = placement;
    this.left = left;
    this.right = right;
    this.depth = depthOf(left) + 1;
  }
}

/** How many stand one upon the other: more take long to look through, and keep much alive. */
const depthLimit = 16;

function depthOf(positions: AttrPositions): number {
  return positions instanceof MergedPositions || positions instanceof UpdatedPositions ? positions.depth : 0;
}

/** Of a merged set. */
export function mergePositions(
  left: AttrPositions,
  right: AttrPositions,
  sources: readonly number[],
): AttrPositions {
  if (left === null && right === null) return null;
  const merged = new MergedPositions(left, right, sources);
  return merged.depth < depthLimit ? merged : flatPositions(merged, sources.length);
}

/** `right` put over `left`. */
export function placePositions(
  placement: Placement,
  left: AttrPositions,
  right: AttrPositions,
): AttrPositions {
  if (left === null && right === null) return null;
  const updated = new UpdatedPositions(placement, left, right);
  return updated.depth < depthLimit ? updated : flatPositions(updated, placement.shape.keys.length);
}

/** Of the attribute with that number. */
export function positionIn(positions: AttrPositions, index: number): Pos {
  let where = positions;
  let i = index;
  for (;;) {
    if (where instanceof MergedPositions) {
      const source = where.sources[i]!;
      i = source >= 0 ? source : ~source;
      where = source >= 0 ? where.left : where.right;
    } else if (where instanceof UpdatedPositions) {
      const { places, isNew } = where.placement;
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

/** As one array, of a set of that size. */
export function flatPositions(positions: AttrPositions, size: number): readonly Pos[] {
  if (!(positions instanceof UpdatedPositions)) {
    if (Array.isArray(positions)) return positions as readonly Pos[];
    const flat = filled<Pos | null>(size, null);
    for (let i = 0; i < size; i++) flat[i] = positionIn(positions, i);
    return flat as Pos[];
  }
  const { places, isNew } = positions.placement;
  let added = 0;
  for (const one of isNew) if (one) added++;
  const few = places.map((_, j) => positionIn(positions.right, j));
  return place(flatPositions(positions.left, size - added), few, places, isNew);
}
