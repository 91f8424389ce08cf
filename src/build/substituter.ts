/**
 * What building asks of a source of finished paths: a binary cache, another store. The store floor writes them.
 *
 * A substituter that fails never breaks a build: it is named once in a notice, left alone for the rest of the command,
 * and the path is built.
 */

import type { ProgressSink } from "../fetch/events.ts";
import type { StorePath } from "../format/store-path.ts";

export interface SubstituteInfo {
  readonly path: StorePath;
  readonly references: readonly StorePath[];
  /** Bytes over the wire and on the disk; 0 if not known. */
  readonly downloadSize: number;
  readonly narSize: number;
}

export interface Substituter {
  /** For messages: an address without credentials. */
  readonly name: string;
  /** Facts of the path, undefined if it is not there. @throws if the source cannot be asked */
  query(path: StorePath, signal: AbortSignal | undefined): Promise<SubstituteInfo | undefined>;
  /**
   * Fetches the path, checks it (hash, size, signatures) and registers it. Its references are valid by then.
   * @throws if that fails
   */
  substitute(path: StorePath, sink: ProgressSink | undefined, signal: AbortSignal | undefined): Promise<void>;
}
