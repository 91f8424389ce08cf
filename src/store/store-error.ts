/** Errors of the store floor. Messages are Nix's where Nix has one. */
import { toText } from "../format/bytes.ts";
import { BrumaError, type BrumaErrorOptions } from "../format/error.ts";

export class StoreError extends BrumaError {
  /** The message as bytes, as the language floor needs it. */
  readonly bytes: string;
  /** @param message bytes: paths may be part of it */
  constructor(message: string, options: BrumaErrorOptions = {}) {
    super(toText(message), options);
    this.bytes = message;
  }
}

/** A store path that is not registered. */
export class InvalidPathError extends StoreError {}

/** A path that cannot be deleted: something alive refers to it. */
export class PathInUseError extends StoreError {}

/** What was to be added is not what it says: hash, size, content address or signature. */
export class ContentMismatchError extends StoreError {
  constructor(message: string, options: BrumaErrorOptions = {}) {
    super(message, { exitCode: 102, ...options });
  }
}
