/** `Did you mean …?`: the names nearest to one that was not found. */
import type { ByteString } from "../format/bytes.ts";

/** Edits (insert, delete, replace) between two names. */
export function editDistance(a: ByteString, b: ByteString): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 0; i < a.length; i++) {
    const row = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const replaced = previous[j]! + (a.charCodeAt(i) === b.charCodeAt(j) ? 0 : 1);
      row.push(Math.min(previous[j + 1]! + 1, row[j]! + 1, replaced));
    }
    previous = row;
  }
  return previous[b.length]!;
}

const limit = 5;
const maxDistance = 2;

/** The nearest first, equally near ones by name. */
export function bestMatches(names: Iterable<ByteString>, wanted: ByteString): ByteString[] {
  const scored: { name: ByteString; distance: number }[] = [];
  for (const name of names) {
    if (Math.abs(name.length - wanted.length) > maxDistance) continue;
    const distance = editDistance(name, wanted);
    if (distance <= maxDistance) scored.push({ name, distance });
  }
  scored.sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1));
  return scored.slice(0, limit).map(({ name }) => name);
}
