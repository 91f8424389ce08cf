/** A source position as the language shows it: `__curPos`, `builtins.unsafeGetAttrPos`. */
import { Attrs } from "./attrs.ts";
import type { PositionTable } from "./position.ts";
import type { Pos, Value } from "./value.ts";

/** `{ column, file, line }`, or null for text that came from no file. */
export function positionValue(positions: PositionTable, pos: Pos): Value {
  const place = positions.place(pos);
  if (place === undefined || place.source.origin.kind !== "file") return null;
  return Attrs.fromSorted(["column", "file", "line"], [place.column, place.source.origin.path, place.line]);
}
