/**
 * The order in which Nix goes through a set's attributes: that in which it first met their names.
 *
 * It shows only where evaluating everything meets more than one error: the first is told. Ours are sorted by name, so
 * the order is worked out afterwards, from the texts read so far: names that Nix itself knows come first, then those of
 * builtins, then all others where they first stand in a text. Names made at run time come last.
 */
import type { Attrs } from "./attrs.ts";
import type { NixEvaluator } from "./evaluator.ts";

/** Names that an evaluator has from its start, in Nix's order. */
const known = (
  "outPath drvPath type meta name value system __overrides outputs outputName __ignoreNulls file line column __functor " +
  "__toString right wrong __structuredAttrs __json allowedReferences allowedRequisites disallowedReferences " +
  "disallowedRequisites maxSize maxClosureSize builder args __contentAddressed __impure outputHash outputHashAlgo " +
  "outputHashMode recurseForDerivations description self startSet operator key path prefix outputSpecified"
).split(" ");

/** How much text is searched at most, in bytes: an error should not wait for long. */
const limit = 8 << 20;

const builtinRank = known.length;
const textRank = builtinRank + 1;

/** @returns the place of a name in the order: less is earlier */
function rank(ev: NixEvaluator, name: string): number {
  const index = known.indexOf(name);
  if (index >= 0) return index;
  if (ev.builtins.has(name) || (name.startsWith("__") && ev.builtins.has(name.slice(2)))) return builtinRank;
  return textRank + ev.positions.firstOccurrence(name, limit);
}

/** Attributes after the one at `index` that Nix goes through before it, by index, in Nix's order. */
export function earlierForNix(ev: NixEvaluator, attrs: Attrs, index: number): number[] {
  const { keys } = attrs;
  const own = rank(ev, keys[index]!);
  const earlier: [number, number][] = [];
  for (let i = index + 1; i < keys.length; i++) {
    const other = rank(ev, keys[i]!);
    if (other < own) earlier.push([other, i]);
  }
  return earlier.sort((a, b) => a[0] - b[0] || a[1] - b[1]).map(([, i]) => i);
}
