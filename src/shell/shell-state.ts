/**
 * Everything that entering a shell needs, after evaluation and builds: made on the first entry, kept in a file, and
 * used again as long as the evaluation would see the same and the store still has the paths.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { type EvaluationRecord, firstDifference } from "./evaluation-record.ts";

export interface ShellState {
  /** Grows when the meaning of this changes. */
  readonly format: 1;
  /** What the shell is of: command line, directory, settings; compared, as the file's name is only a short hash. */
  readonly identity: string;
  /** Undefined: not to be used again (why: `impossible`). */
  readonly record: EvaluationRecord;
  /** What the evaluation printed, bytes. */
  readonly messages: readonly string[];
  /** Physical paths that must be there. */
  readonly needed: readonly string[];
  readonly storeDir: string;
  readonly physicalStoreDir: string;
  /** Root of a store that is not the system's, for bruma inside the shell. */
  readonly storeRoot: string | undefined;
  /** The derivation's variables, bytes. */
  readonly variables: readonly (readonly [name: string, value: string])[];
  readonly passAsFile: readonly string[];
  /** `.attrs.sh` and `.attrs.json`, bytes. */
  readonly structured: { readonly sh: string; readonly json: string } | undefined;
  /** As seen in the shell. */
  readonly bash: string;
  /** The namespace helper's words; undefined when the store lies where it says. */
  readonly helper: readonly string[] | undefined;
  /** Of the project, for cleaning up. */
  readonly directory: string;
}

/** Writes a state for later; failing to is no harm. */
export function saveState(file: string, state: ShellState): void {
  const fresh = `${file}.${process.pid}`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(fresh, JSON.stringify(state), { mode: 0o600 });
    renameSync(fresh, file);
  } catch {
    rmSync(fresh, { force: true });
  }
}

export interface LoadedState {
  readonly state: ShellState | undefined;
  /** Why there is none, for `-v`. */
  readonly reason: string;
}

/** A state that still holds. */
export function loadState(file: string, identity: string, environment: NodeJS.ProcessEnv): LoadedState {
  let state: ShellState;
  try {
    state = JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return { state: undefined, reason: "this shell was not entered before" };
  }
  if (state.format !== 1) return { state: undefined, reason: "another version of bruma wrote the record" };
  if (state.identity !== identity) return { state: undefined, reason: "the record is of another shell" };
  for (const path of state.needed) {
    if (!existsSync(path)) return { state: undefined, reason: `'${path}' is no longer there` };
  }
  const different = firstDifference(state.record, environment);
  if (different !== undefined) return { state: undefined, reason: `'${different}' has changed` };
  return { state, reason: "" };
}
