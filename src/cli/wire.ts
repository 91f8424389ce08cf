/**
 * What an evaluating bruma and the child processes it waits for say to one another: one JSON value each way.
 *
 * Byte strings travel as they are: JSON keeps code units 0–255. Integers beyond JavaScript's travel as text.
 */
import type { FetchSettings } from "../fetch/settings.ts";

export interface WireOptions {
  readonly maxJobs: number | undefined;
  readonly cores: number | undefined;
  readonly keepGoing: boolean;
  readonly keepFailed: boolean;
  readonly fallback: boolean;
  readonly sandbox: boolean;
  readonly timeout: number | undefined;
  readonly maxSilentTime: number | undefined;
  readonly showLogs: boolean;
  readonly quiet: boolean;
  readonly offline: boolean;
  /** Ask servers anew, whatever was answered lately. */
  readonly refresh: boolean;
  /** Where flags or Nix's configuration speak of fetching. */
  readonly fetching: Partial<Pick<FetchSettings, "ttl" | "attempts" | "dirtyTrees">>;
}

export interface WireRealise {
  readonly requests: readonly { readonly drvPath: string; readonly outputs: readonly string[] | "*" }[];
  readonly options: WireOptions;
}
export interface WireRealiseResult {
  /** For each request: output name → path. */
  readonly outputs: readonly Record<string, string>[];
}

export type WireValue = string | boolean | { readonly integer: string };
export interface WireFetch {
  readonly request:
    | {
        readonly kind: "url" | "tarball";
        readonly url: string;
        readonly name?: string | undefined;
        readonly sha256?: string | undefined;
      }
    | {
        readonly kind: "tree" | "git" | "closure";
        readonly attributes: readonly (readonly [string, WireValue])[];
        readonly lock?: boolean | undefined;
      };
  readonly options: WireOptions;
}
export interface WireFetchResult {
  readonly path: string;
  readonly info: readonly (readonly [string, WireValue])[];
  readonly locked?: readonly (readonly [string, WireValue])[] | undefined;
}

export interface WireError {
  readonly message: string;
  readonly hint?: string | undefined;
  readonly exitCode: number;
}

export const wireValue = {
  encode: (value: string | bigint | boolean): WireValue =>
    typeof value === "bigint" ? { integer: String(value) } : value,
  decode: (value: WireValue): string | bigint | boolean =>
    typeof value === "object" ? BigInt(value.integer) : value,
};
