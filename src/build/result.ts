/**
 * What a build ends with: results, errors, and the exit status of a whole command.
 *
 * Statuses are Nix's (`nix-build`, manual "Special exit codes for build failure"): bits above 0x60, or-ed over all
 * failures under `--keep-going`: 4 for a failed build (100), 1 more for a timeout (101), 2 more for a hash mismatch
 * (102), and 8 alone for an output that differs under `--check` (104).
 */
import { BrumaError, type BrumaErrorOptions } from "../format/error.ts";

export type BuildFailureKind =
  | "builder-failed"
  /** As builder-failed, where trying again may help: a builder with network access, a full disk. */
  | "transient-failure"
  | "timed-out"
  | "hash-mismatch"
  | "not-deterministic"
  | "output-rejected"
  | "dependency-failed"
  | "input-rejected"
  | "log-too-long"
  | "cancelled"
  | "sandbox"
  | "misc";

export interface BuildErrorOptions extends BrumaErrorOptions {
  readonly kind: BuildFailureKind;
  readonly drvPath?: string | undefined;
  /** Last lines of the log, without newlines, as text. */
  readonly logTail?: readonly string[] | undefined;
  /** Of a failed dependency: why. */
  readonly causes?: readonly BuildError[] | undefined;
}

/** A derivation that could not be built. `exitCode` is Nix's status for it. */
export class BuildError extends BrumaError {
  readonly kind: BuildFailureKind;
  readonly drvPath: string | undefined;
  readonly logTail: readonly string[];
  readonly causes: readonly BuildError[];
  constructor(message: string, options: BuildErrorOptions) {
    super(message, { ...options, exitCode: options.exitCode ?? exitStatusOf([options.kind]) });
    this.kind = options.kind;
    this.drvPath = options.drvPath;
    this.logTail = options.logTail ?? [];
    this.causes = options.causes ?? [];
  }
}

/**
 * The exit status for a set of failures; 0 for none, 1 if none of them has a status of its own: as in Nix, these are
 * a rejected output and a fetch whose builder failed. A failed dependency counts through its own failure.
 */
export function exitStatusOf(failures: Iterable<BuildFailureKind>): number {
  let status = 0;
  let any = false;
  for (const kind of failures) {
    any = true;
    switch (kind) {
      case "builder-failed":
      case "input-rejected":
        status |= 0b1100100;
        break;
      case "timed-out":
        status |= 0b1100101;
        break;
      case "hash-mismatch":
        status |= 0b1100110;
        break;
      case "not-deterministic":
        status |= 0b1101000;
        break;
      case "transient-failure":
      case "output-rejected":
      case "dependency-failed":
      case "log-too-long":
      case "cancelled":
      case "sandbox":
      case "misc":
        break;
    }
  }
  return any && status === 0 ? 1 : status;
}

export type BuildStatus = "already-valid" | "substituted" | "built" | "checked" | "failed";

/** The outcome for one thing that was asked for. */
export interface BuildResult {
  /** The derivation, or the store path that was asked for by itself. */
  readonly path: string;
  readonly status: BuildStatus;
  /** Logical path of each wanted output; empty when it failed. */
  readonly outputs: ReadonlyMap<string, string>;
  readonly error?: BuildError | undefined;
}

/** All failures behind the results, each once, causes before what depends on them. */
export function failuresOf(results: readonly BuildResult[]): BuildError[] {
  const all = new Set<BuildError>();
  const add = (error: BuildError) => {
    for (const cause of error.causes) add(cause);
    all.add(error);
  };
  for (const { error } of results) if (error !== undefined) add(error);
  return [...all];
}

/** The exit status of a command that asked for these: 0 if all is well. */
export function exitStatus(results: readonly BuildResult[]): number {
  return exitStatusOf(failuresOf(results).map((failure) => failure.kind));
}
