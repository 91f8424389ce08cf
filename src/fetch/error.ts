/**
 * Errors of the fetch floor. A failed download says what was wanted, every address that was tried with what it
 * answered, and what the user can do; credentials in addresses are never shown.
 */
import { BrumaError, type BrumaErrorOptions } from "../format/error.ts";
import type { Hash } from "../format/hash.ts";

/** One address that was tried, and why it did not serve. */
export interface Attempt {
  readonly url: string;
  /** HTTP status of the answer, where there was one. */
  readonly status?: number | undefined;
  readonly reason: string;
}

export interface FetchErrorOptions extends BrumaErrorOptions {
  readonly attempts?: readonly Attempt[] | undefined;
}

export class FetchError extends BrumaError {
  readonly attempts: readonly Attempt[];
  constructor(message: string, options: FetchErrorOptions = {}) {
    super(message, options);
    this.attempts = options.attempts ?? [];
  }
}

/** No address is configured or known for a `mirror://` name. */
export class MirrorError extends FetchError {}

/** An archive that is broken, hostile or beyond the limits. */
export class ArchiveError extends FetchError {}

/** A version control repository or revision that cannot be had. */
export class GitFetchError extends FetchError {}

/** A tree does not have the hash that its input states. Exit status 102, as Nix's. */
export class NarHashMismatchError extends FetchError {
  readonly expected: Hash;
  readonly got: Hash;
  constructor(input: string, expected: Hash, got: Hash) {
    super(
      `NAR hash mismatch in input '${withoutCredentials(input)}', expected '${expected.toSri()}' but got '${got.toSri()}'`,
      { exitCode: 102 },
    );
    this.expected = expected;
    this.got = got;
  }
}

/** What came does not have the hash that was asked for. Exit status 102, as Nix's. */
export class HashMismatchError extends FetchError {
  /** Both in SRI notation. */
  readonly expected: string;
  readonly got: string;
  constructor(url: string, expected: string, got: string, options: FetchErrorOptions = {}) {
    super(`hash mismatch in file downloaded from '${url}':\n  specified: ${expected}\n  got:       ${got}`, {
      exitCode: 102,
      ...options,
    });
    this.expected = expected;
    this.got = got;
  }
}

/** An address without user name and password, for messages. */
export function withoutCredentials(url: string): string {
  return url.replace(/^([a-z+.-]+:\/\/)[^/@\s]*@/i, "$1");
}
