/**
 * The settings that Nix 2.34 knows, older names among them, and what may stand behind each. Every one may be given as
 * `--NAME VALUE` (`--NAME` and `--no-NAME` where it is on or off, `--extra-NAME` where it is a list), as
 * `--option NAME VALUE`, or in a configuration file. Most change nothing here; all are checked as Nix checks them:
 * a bad value is an error of a flag or a file, and a warning after `--option`; an unknown name is a warning.
 *
 * Manual: "nix.conf".
 */
import type { Arguments, Flag } from "./arguments.ts";
import { printWarning } from "./output.ts";

type Kind = "switch" | "number" | "jobs" | "list" | "text" | "lint" | "sandbox";

interface Setting {
  readonly name: string;
  readonly kind: Kind;
}

const byKind: Readonly<Record<Kind, string>> = {
  switch:
    "abort-on-warn accept-flake-config allow-dirty allow-dirty-locks allow-import-from-derivation " +
    "allow-new-privileges allow-symlinked-store allow-unsafe-native-code-during-evaluation " +
    "always-allow-substitutes auto-allocate-uids auto-optimise-store builders-use-substitutes compress-build-log " +
    "debugger-on-trace debugger-on-warn eval-cache fallback filter-syscalls fsync-metadata fsync-store-paths http2 " +
    "ignore-try impersonate-linux-26 keep-build-log keep-derivations keep-env-derivations keep-failed keep-going " +
    "keep-outputs nix-shell-always-looks-for-shell-nix nix-shell-shebang-arguments-relative-to-script " +
    "preallocate-contents print-missing pure-eval require-drop-supplementary-groups require-sigs restrict-eval " +
    "run-diff-hook sandbox-fallback show-trace substitute sync-before-registering trace-function-calls " +
    "trace-import-from-derivation trace-verbose trust-tarballs-from-git-forges use-case-hack use-cgroups " +
    "use-registries use-sqlite-wal use-xdg-base-directories warn-dirty warn-short-path-literals",
  number:
    "build-poll-interval connect-timeout cores download-attempts download-buffer-size download-speed " +
    "eval-attrset-update-layer-rhs-threshold eval-profiler-frequency gc-reserved-space http-connections id-count " +
    "log-lines max-build-log-size max-call-depth max-free max-silent-time max-substitution-jobs min-free " +
    "min-free-check-interval nar-buffer-size narinfo-cache-meta-ttl narinfo-cache-negative-ttl " +
    "narinfo-cache-positive-ttl stalled-download-timeout start-id tarball-ttl timeout warn-large-path-threshold",
  jobs: "max-jobs",
  list:
    "access-tokens allowed-impure-host-deps allowed-uris allowed-users build-hook experimental-features " +
    "external-builders extra-platforms hashed-mirrors ignored-acls impure-env nix-path plugin-files sandbox-paths " +
    "secret-key-files substituters system-features trusted-public-keys trusted-substituters trusted-users",
  text:
    "bash-prompt bash-prompt-prefix bash-prompt-suffix build-dir build-users-group builders " +
    "commit-lock-file-summary diff-hook eval-profile-file eval-profiler eval-system flake-registry json-log-path " +
    "netrc-file post-build-hook pre-build-hook sandbox-build-dir sandbox-dev-shm-size ssl-cert-file store system " +
    "upgrade-nix-store-path-url user-agent-suffix",
  lint: "lint-absolute-path-literals lint-short-path-literals lint-url-literals",
  sandbox: "sandbox",
};

const olderNames: Readonly<Record<string, string>> = {
  "binary-cache-public-keys": "trusted-public-keys",
  "binary-caches": "substituters",
  "binary-caches-parallel-connections": "http-connections",
  "build-chroot-dirs": "sandbox-paths",
  "build-compress-log": "compress-build-log",
  "build-cores": "cores",
  "build-fallback": "fallback",
  "build-impersonate-linux-26": "impersonate-linux-26",
  "build-keep-log": "keep-build-log",
  "build-max-jobs": "max-jobs",
  "build-max-log-size": "max-build-log-size",
  "build-max-silent-time": "max-silent-time",
  "build-sandbox-paths": "sandbox-paths",
  "build-timeout": "timeout",
  "build-use-chroot": "sandbox",
  "build-use-sandbox": "sandbox",
  "build-use-substitutes": "substitute",
  "commit-lockfile-summary": "commit-lock-file-summary",
  "env-keep-derivations": "keep-env-derivations",
  "gc-keep-derivations": "keep-derivations",
  "gc-keep-outputs": "keep-outputs",
  "substitution-max-jobs": "max-substitution-jobs",
  "trusted-binary-caches": "trusted-substituters",
};

let known: Map<string, Setting> | undefined;

/** By name. Made when it is asked for: most command lines name no setting. */
function allSettings(): ReadonlyMap<string, Setting> {
  if (known !== undefined) return known;
  known = new Map();
  for (const [kind, names] of Object.entries(byKind))
    for (const name of names.split(" ")) known.set(name, { name, kind: kind as Kind });
  for (const [older, name] of Object.entries(olderNames)) known.set(older, known.get(name)!);
  return known;
}

/** What `extra-NAME` and older names come to. */
export interface NamedSetting extends Setting {
  /** The value is added to what the setting is. */
  readonly adds: boolean;
}

export function findSetting(name: string): NamedSetting | undefined {
  const setting = allSettings().get(name);
  if (setting !== undefined) return { ...setting, adds: false };
  const base = name.startsWith("extra-") ? allSettings().get(name.slice("extra-".length)) : undefined;
  return base?.kind === "list" ? { ...base, adds: true } : undefined;
}

const largest = 2n ** 64n;
const units: Readonly<Record<string, bigint>> = {
  "": 1n,
  K: 1n << 10n,
  M: 1n << 20n,
  G: 1n << 30n,
  T: 1n << 40n,
};

/** A number as settings have it, `4` or `2G`; undefined for another text. */
export function settingNumber(text: string): number | undefined {
  const found = /^(\d+)([KMGT]?)$/i.exec(text);
  if (found === null) return undefined;
  const value = BigInt(found[1]!) * units[found[2]!.toUpperCase()]!;
  return value < largest ? Number(value) : undefined;
}

/** Whether a setting is on; undefined for another word. */
export function settingSwitch(text: string): boolean | undefined {
  if (/^(true|yes|1)$/.test(text)) return true;
  return /^(false|no|0)$/.test(text) ? false : undefined;
}

/** Why a setting cannot have this value; undefined: it can. */
export function settingFault({ name, kind }: Setting, value: string): string | undefined {
  switch (kind) {
    case "switch":
      if (settingSwitch(value) !== undefined) return undefined;
      return `Boolean setting '${name}' has invalid value '${value}'`;
    case "number":
      return settingNumber(value) === undefined
        ? `setting '${name}' has invalid value '${value}'`
        : undefined;
    case "jobs":
      if (value === "auto" || settingNumber(value) !== undefined) return undefined;
      return `configuration setting '${name}' should be 'auto' or an integer`;
    case "lint":
      if (/^(ignore|warn|fatal)$/.test(value)) return undefined;
      return `option '${name}' has invalid value '${value}' (expected 'ignore', 'warn', or 'fatal')`;
    case "sandbox":
      return ["true", "false", "relaxed"].includes(value)
        ? undefined
        : `option '${name}' has invalid value '${value}'`;
    case "list":
    case "text":
      return undefined;
  }
}

/** The flags of one setting, by its name. */
function flagsOf(name: string, kind: Kind): string[] {
  switch (kind) {
    case "switch":
      return [`--${name}`, `--no-${name}`];
    case "sandbox":
      return [`--${name}`, `--no-${name}`, `--relaxed-${name}`];
    case "list":
      return [`--${name}`, `--extra-${name}`];
    default:
      return [`--${name}`];
  }
}

/**
 * One flag each way for every setting; commands' own flags stand before them and win. Help does not list them.
 * `--store` is not among them: to work in another store than was asked for is worse than not to know the flag.
 */
export const settingFlags: Flag = {
  names: [],
  more: {
    find(flag) {
      const [, base] = /^--(?:no-|extra-|relaxed-)?(.+)$/.exec(flag) ?? [];
      for (const name of [flag.slice(2), base ?? ""]) {
        const setting = name === "store" ? undefined : allSettings().get(name);
        if (setting === undefined || !flagsOf(name, setting.kind).includes(flag)) continue;
        const takesNone = setting.kind === "switch" || setting.kind === "sandbox";
        return takesNone ? { names: [flag] } : { names: [flag], arguments: ["VALUE"] };
      }
      return undefined;
    },
    names: () =>
      [...allSettings()].flatMap(([name, { kind }]) => (name === "store" ? [] : flagsOf(name, kind))),
  },
};

/** Warns of `--option`s that count for nothing: unknown names, values that cannot be. */
export function warnOfUselessOptions(given: Arguments): void {
  for (const [name = "", value = ""] of given.tuples("--option")) {
    const setting = findSetting(name);
    const fault = setting === undefined ? `unknown setting '${name}'` : settingFault(setting, value);
    if (fault !== undefined) printWarning(fault);
  }
}
