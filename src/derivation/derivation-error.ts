/** Errors of the derivation floor: malformed `.drv` files, impossible outputs. Messages are Nix's where it has one. */
import { toText } from "../format/bytes.ts";
import { BrumaError, type BrumaErrorOptions } from "../format/error.ts";

export class DerivationError extends BrumaError {
  /** The message as bytes, as the language floor needs it. */
  readonly bytes: string;
  /** @param message bytes: names and paths may be part of it */
  constructor(message: string, options: BrumaErrorOptions = {}) {
    super(toText(message), options);
    this.bytes = message;
  }
}
