/**
 * Versions and package names as Nix compares and splits them (`compareVersions`, `splitVersion`, `parseDrvName`).
 * Manual: "Operators"/"Built-ins", `nix-env --upgrade` for the order.
 */
import type { ByteString } from "../format/bytes.ts";

const component = /[0-9]+|[^0-9.-]+/g;

/** `1.2pre-3` → `1`, `2`, `pre`, `3`: runs of digits and runs of anything else; dots and dashes separate. */
export function splitVersion(version: ByteString): ByteString[] {
  return version.match(component) ?? [];
}

/** A component as a number if it fits a 32-bit integer; a larger one is compared as text. */
function numeric(text: ByteString): number | undefined {
  if (!/^[0-9]+$/.test(text)) return undefined;
  const value = Number(text);
  return value <= 0x7fffffff ? value : undefined;
}

function less(a: ByteString, b: ByteString): boolean {
  const x = numeric(a);
  const y = numeric(b);
  if (x !== undefined && y !== undefined) return x < y;
  if (a === "" && y !== undefined) return true;
  if (a === "pre" && b !== "pre") return true;
  if (b === "pre") return false;
  // 2.3a is older than 2.3.1.
  if (y !== undefined) return true;
  if (x !== undefined) return false;
  return a < b;
}

/** -1, 0 or 1. */
export function compareVersions(a: ByteString, b: ByteString): -1 | 0 | 1 {
  const x = splitVersion(a);
  const y = splitVersion(b);
  for (let i = 0; i < Math.max(x.length, y.length); i++) {
    const left = x[i] ?? "";
    const right = y[i] ?? "";
    if (less(left, right)) return -1;
    if (less(right, left)) return 1;
  }
  return 0;
}

/** The name ends at the first dash that is followed by something other than a letter. */
export function parseDrvName(text: ByteString): { name: ByteString; version: ByteString } {
  const dash = text.search(/-[^a-zA-Z]/);
  return dash < 0
    ? { name: text, version: "" }
    : { name: text.slice(0, dash), version: text.slice(dash + 1) };
}
