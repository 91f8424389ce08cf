/** Errors of the format floor: text or bytes that are not what they should be. Messages are Nix's where it has one. */
import { toText } from "./bytes.ts";
import { BrumaError, type BrumaErrorOptions } from "./error.ts";

export class FormatError extends BrumaError {
  /** The message as bytes, as the language floor needs it. */
  readonly bytes: string;
  /** @param message bytes: names and contents may be part of it */
  constructor(message: string, options: BrumaErrorOptions = {}) {
    super(toText(message), options);
    this.bytes = message;
  }
}

/** A hash in an impossible notation or of the wrong length. */
export class HashError extends FormatError {}

/** A name or path that cannot be a store path's. */
export class StorePathError extends FormatError {}

/** A Nix archive that breaks its format's rules, or a file that cannot stand in one. */
export class NarError extends FormatError {}
