/** Building what a command asked for, with progress on standard error and errors printed as they stand. */
import { exitStatus } from "../build/result.ts";
import { buildPaths } from "../build/scheduler.ts";
import { toText } from "../format/bytes.ts";
import type { StorePath } from "../format/store-path.ts";
import type { Session } from "./compose.ts";
import { reportError } from "./report.ts";
import { sandboxHelper } from "./sandbox-helper.ts";

export interface BuildTarget {
  readonly path: StorePath;
  /** Undefined: all outputs, or the path itself. */
  readonly outputs: readonly string[] | undefined;
}

export interface RealiseOptions {
  readonly dryRun?: boolean;
  readonly check?: boolean;
}

export interface Outcome {
  /** 0, or Nix's status for what failed. */
  readonly status: number;
}
