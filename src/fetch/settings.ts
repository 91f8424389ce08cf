/**
 * What fetching needs to know of the machine and the user, gathered once and passed along, so that no other file
 * of this floor reads the environment.
 */
import { homedir } from "node:os";
import { join } from "node:path";

export interface FetchSettings {
  /** From the settings file: mirror name → address, as in `mirrors.debian`. */
  readonly mirrors: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** Downloaded archives, answers of indexes, bare repositories. Created when first used. */
  readonly cacheDirectory: string;
  /** Where the configuration of apt, pip and uv and the certificates are looked for; "/" outside of tests. */
  readonly systemRoot: string;
  /** How long an unpinned download is taken for fresh, in seconds (Nix's `tarball-ttl`). */
  readonly ttl: number;
  /** How often an address is tried while its failures look passing (Nix's `download-attempts`). */
  readonly attempts: number;
  /** Milliseconds. */
  readonly connectTimeout: number;
  /** Milliseconds without a byte before a transfer is given up. */
  readonly stallTimeout: number;
  /** First pause between two tries, in milliseconds; doubles each time. */
  readonly retryDelay: number;
  /** Refuse the network: only files and caches. */
  readonly offline: boolean;
  /** Working trees of Git that are not as committed (Nix's `warn-dirty`, `allow-dirty`). */
  readonly dirtyTrees: "warn" | "allow" | "refuse";
  /** Bytes a single download may have. */
  readonly maxBytes: number;
}

/** Settings as the environment has them; `changes` win. */
export function fetchSettings(
  changes: Partial<FetchSettings> = {},
  environment: Readonly<Record<string, string | undefined>> = changes.environment ?? process.env,
): FetchSettings {
  const home = changes.home ?? (environment.HOME || homedir());
  const cacheHome = environment.XDG_CACHE_HOME || join(home, ".cache");
  return {
    mirrors: {},
    environment,
    home,
    cacheDirectory: join(cacheHome, "bruma"),
    systemRoot: "/",
    ttl: 3600,
    attempts: 5,
    connectTimeout: 20_000,
    stallTimeout: 300_000,
    retryDelay: 250,
    offline: /^(1|true|yes)$/i.test(environment.BRUMA_OFFLINE ?? ""),
    dirtyTrees: "warn",
    maxBytes: 64 * 2 ** 30,
    ...changes,
  };
}
