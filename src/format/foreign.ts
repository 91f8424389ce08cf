/**
 * Functions of the C libraries that are part of this very process, such as `flock`, through Node's foreign function
 * interface. Callers have another way where that interface or a symbol is missing.
 */
import type * as ffi from "node:ffi";

/** undefined: not looked for yet; null: not to be had. */
let found: typeof ffi | null | undefined;

function interfaceOfNode(): typeof ffi | null {
  if (found !== undefined) return found;
  // The warning that this interface is experimental is none of the user's business.
  const emitWarning = process.emitWarning;
  process.emitWarning = () => {};
  try {
    found = (process.getBuiltinModule("node:ffi") as typeof ffi | undefined) ?? null;
    // The warning comes with its first use.
    if (found !== null) found.dlopen(null, {});
  } catch {
    found = null;
  } finally {
    process.emitWarning = emitWarning;
  }
  return found;
}

/** A function of this process by name; undefined when it is not to be had. */
export function foreignFunction(
  name: string,
  signature: ffi.FunctionSignature,
): ((...values: never[]) => unknown) | undefined {
  const node = interfaceOfNode();
  if (node === null) return undefined;
  try {
    return node.dlopen(null, { [name]: signature }).functions[name] as (...values: never[]) => unknown;
  } catch {
    return undefined;
  }
}
