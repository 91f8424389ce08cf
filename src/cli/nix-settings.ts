/**
 * The names of all settings that Nix 2.34 knows, older names among them: `--option` with any other is a slip of the
 * pen, and is said to be, as Nix does. Most change nothing here.
 */
import type { Arguments } from "./arguments.ts";
import { printWarning } from "./output.ts";

const names: ReadonlySet<string> = new Set(
  (
    "abort-on-warn accept-flake-config access-tokens allow-dirty allow-dirty-locks allow-import-from-derivation " +
    "allow-new-privileges allow-symlinked-store allow-unsafe-native-code-during-evaluation allowed-impure-host-deps " +
    "allowed-uris allowed-users always-allow-substitutes auto-allocate-uids auto-optimise-store bash-prompt " +
    "bash-prompt-prefix bash-prompt-suffix binary-cache-public-keys binary-caches " +
    "binary-caches-parallel-connections build-chroot-dirs build-compress-log build-cores build-dir build-fallback " +
    "build-hook build-impersonate-linux-26 build-keep-log build-max-jobs build-max-log-size build-max-silent-time " +
    "build-poll-interval build-sandbox-paths build-timeout build-use-chroot build-use-sandbox " +
    "build-use-substitutes build-users-group builders builders-use-substitutes commit-lock-file-summary " +
    "commit-lockfile-summary compress-build-log connect-timeout cores debugger-on-trace debugger-on-warn diff-hook " +
    "download-attempts download-buffer-size download-speed env-keep-derivations " +
    "eval-attrset-update-layer-rhs-threshold eval-cache eval-profile-file eval-profiler eval-profiler-frequency " +
    "eval-system experimental-features external-builders extra-platforms fallback filter-syscalls flake-registry " +
    "fsync-metadata fsync-store-paths gc-keep-derivations gc-keep-outputs gc-reserved-space hashed-mirrors " +
    "http-connections http2 id-count ignore-try ignored-acls impersonate-linux-26 impure-env json-log-path " +
    "keep-build-log keep-derivations keep-env-derivations keep-failed keep-going keep-outputs " +
    "lint-absolute-path-literals lint-short-path-literals lint-url-literals log-lines max-build-log-size " +
    "max-call-depth max-free max-jobs max-silent-time max-substitution-jobs min-free min-free-check-interval " +
    "nar-buffer-size narinfo-cache-meta-ttl narinfo-cache-negative-ttl narinfo-cache-positive-ttl netrc-file " +
    "nix-path nix-shell-always-looks-for-shell-nix nix-shell-shebang-arguments-relative-to-script plugin-files " +
    "post-build-hook pre-build-hook preallocate-contents print-missing pure-eval require-drop-supplementary-groups " +
    "require-sigs restrict-eval run-diff-hook sandbox sandbox-build-dir sandbox-dev-shm-size sandbox-fallback " +
    "sandbox-paths secret-key-files show-trace ssl-cert-file stalled-download-timeout start-id store substitute " +
    "substituters substitution-max-jobs sync-before-registering system system-features tarball-ttl timeout " +
    "trace-function-calls trace-import-from-derivation trace-verbose trust-tarballs-from-git-forges " +
    "trusted-binary-caches trusted-public-keys trusted-substituters trusted-users upgrade-nix-store-path-url " +
    "use-case-hack use-cgroups use-registries use-sqlite-wal use-xdg-base-directories user-agent-suffix warn-dirty " +
    "warn-large-path-threshold warn-short-path-literals"
  ).split(" "),
);

/** Warns of `--option`s that Nix would not know. */
export function warnOfUnknownSettings(given: Arguments): void {
  for (const [name] of given.tuples("--option")) {
    if (!names.has(name!.replace(/^extra-/, ""))) printWarning(`unknown setting '${name}'`);
  }
}
