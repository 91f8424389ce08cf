/** Errors of the store floor. Messages are Nix's where Nix has one. */
import { BrumaError } from "../format/error.ts";

export class StoreError extends BrumaError {}

/** A store path that is not registered. */
export class InvalidPathError extends StoreError {}

/** A path that cannot be deleted: something alive refers to it. */
export class PathInUseError extends StoreError {}

/** What was to be added is not what it says: hash, size, content address or signature. */
export class ContentMismatchError extends StoreError {
  constructor(message: string, options: ConstructorParameters<typeof BrumaError>[1] = {}) {
    super(message, { exitCode: 102, ...options });
  }
}
