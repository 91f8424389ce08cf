/** Errors of the format floor: text or bytes that are not what they should be. Messages are Nix's where it has one. */
import { BrumaError } from "./error.ts";

export class FormatError extends BrumaError {}

/** A hash in an impossible notation or of the wrong length. */
export class HashError extends FormatError {}

/** A name or path that cannot be a store path's. */
export class StorePathError extends FormatError {}

/** A Nix archive that breaks its format's rules, or a file that cannot stand in one. */
export class NarError extends FormatError {}
