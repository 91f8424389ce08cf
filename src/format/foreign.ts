/**
 * Functions of the C libraries that are part of this very process, such as `flock`, through Node's foreign function
 * interface. Callers have another way where that interface or a symbol is missing.
 */
import type * as ffi from "node:ffi";

/** undefined: not looked for yet; null: not to be had. */
let own: ffi.DynamicLibrary | null | undefined;
let node: typeof ffi;

function ownLibrary(): ffi.DynamicLibrary | null {
  if (own !== undefined) return own;
  own = null;
  // The warning that this interface is experimental is none of the user's business.
  const emitWarning = process.emitWarning;
  process.emitWarning = () => {};
  try {
    node = process.getBuiltinModule("node:ffi");
    own = node.dlopen(null).lib;
  } catch {
    // This Node has no such interface.
  } finally {
    process.emitWarning = emitWarning;
  }
  return own;
}

/** A function of this process by name; undefined when it is not to be had. */
export function foreignFunction(
  name: string,
  signature: ffi.FunctionSignature,
): ((...values: never[]) => unknown) | undefined {
  const library = ownLibrary();
  if (library === null) return undefined;
  try {
    return library.getFunction(name, signature) as (...values: never[]) => unknown;
  } catch {
    return undefined;
  }
}

/**
 * Where the bytes lie, which is for as long as the array is held: numbers cost Node's interface less than arrays do.
 * To be asked for after a function was found.
 */
export function addressOf(memory: Uint8Array): bigint {
  return node.getRawPointer(memory);
}
