/** The flags that many commands share: how to evaluate, how to build, how much to say. Names and meanings are Nix's. */
import { cpus } from "node:os";
import type { LintLevel } from "../language/lint.ts";
import type { Arguments, Flag } from "./arguments.ts";
import { UsageError } from "./cli-error.ts";
import { configured } from "./nix-conf.ts";
import { printWarning } from "./output.ts";
import type { Settings } from "./settings.ts";
import type { WireOptions } from "./wire.ts";

/** Settings of the parser: `ignore`, `warn` or `fatal`. */
const lintSettings = [
  "lint-url-literals",
  "lint-short-path-literals",
  "lint-absolute-path-literals",
] as const;

const listSettings = ["allowed-uris", "extra-allowed-uris", "nix-path", "extra-nix-path"];

export const evaluationFlags: readonly Flag[] = [
  {
    names: ["--nixpkgs"],
    arguments: ["bundled"],
    help: "answer every reference to nixpkgs with bruma's own package set",
  },
  {
    names: ["--arg"],
    arguments: ["NAME", "EXPR"],
    help: "pass a value to functions that are called with defaults",
  },
  { names: ["--argstr"], arguments: ["NAME", "TEXT"], help: "the same, with a string" },
  { names: ["--arg-from-file"], arguments: ["NAME", "FILE"], help: "the same, with what a file holds" },
  {
    names: ["--arg-from-stdin"],
    arguments: ["NAME"],
    help: "the same, with what comes through standard input",
  },
  {
    names: ["--include", "-I"],
    arguments: ["PATH"],
    help: "add to the search path: -I name=path or -I directory",
  },
  { names: ["--show-trace"], help: "show the whole trace of an error" },
  { names: ["--no-show-trace"] },
  { names: ["--impure"], help: "let an expression see files and variables (for commands that forbid it)" },
  { names: ["--pure-eval"], help: "forbid files, variables and addresses without a hash" },
  { names: ["--no-pure-eval"] },
  ...[
    "restrict-eval",
    "trace-verbose",
    "abort-on-warn",
    "allow-import-from-derivation",
    "warn-short-path-literals",
  ].flatMap((name) => [{ names: [`--${name}`] }, { names: [`--no-${name}`] }]),
  ...["max-call-depth", "system", "eval-system", ...listSettings, ...lintSettings].map((name) => ({
    names: [`--${name}`],
    arguments: ["VALUE"],
  })),
  { names: ["--eval-store"], arguments: ["URL"] },
];

/** How flakes are locked. */
export const lockFlags: readonly Flag[] = [
  {
    names: ["--override-input"],
    arguments: ["INPUT", "FLAKE"],
    help: "take another flake for an input; writes no lock file",
  },
  { names: ["--update-input"], arguments: ["INPUT"], help: "fetch this input anew" },
  { names: ["--recreate-lock-file"], help: "fetch all inputs anew" },
  { names: ["--no-write-lock-file"], help: "leave the lock file as it is" },
  { names: ["--no-update-lock-file"], help: "fail if the lock file would change" },
  { names: ["--no-registries"], help: "look nothing up in the registries" },
];

export const buildFlags: readonly Flag[] = [
  { names: ["--max-jobs", "-j"], arguments: ["N"], help: "builds at one time (auto: one a processor)" },
  {
    names: ["--cores", "--build-cores"],
    arguments: ["N"],
    help: "processors that each build may use (0: all)",
  },
  { names: ["--keep-going", "-k"], help: "go on with other builds after a failure" },
  { names: ["--keep-failed", "-K"], help: "keep the directory of a failed build" },
  { names: ["--timeout"], arguments: ["SECONDS"], help: "stop a build that takes longer" },
  {
    names: ["--max-silent-time"],
    arguments: ["SECONDS"],
    help: "stop a build that prints nothing for so long",
  },
  { names: ["--offline"], help: "use no network" },
  { names: ["--no-sandbox"], help: "let builds see the whole machine" },
  { names: ["--print-build-logs", "-L"], help: "show what builders print" },
  { names: ["--no-build-output", "-Q"], help: "do not show what builders print" },
  { names: ["--option"], arguments: ["NAME", "VALUE"], help: "set one of Nix's settings" },
  { names: ["--quiet", "-q"], help: "say less" },
  { names: ["--verbose", "-v"], help: "say more" },
  { names: ["--fallback"] },
  { names: ["--repair"] },
  { names: ["--readonly-mode"] },
  { names: ["--no-build-hook"] },
  { names: ["--no-gc-warning"] },
  { names: ["--builders"], arguments: ["BUILDERS"] },
  { names: ["--log-format"], arguments: ["FORMAT"] },
  { names: ["--extra-experimental-features", "--experimental-features"], arguments: ["FEATURES"] },
  { names: ["--accept-flake-config"] },
  { names: ["--refresh"] },
];

/** One of Nix's settings: `--option NAME VALUE`, `--NAME VALUE`, `--NAME`, `--no-NAME`, the last one. */
function flagged(given: Arguments, name: string): string | undefined {
  let value: string | undefined;
  for (const [flag, words] of given.order) {
    if (flag === "--option") {
      if (words[0] === name) value = words[1];
    } else if (flag.startsWith("--")) {
      if (flag === `--${name}`) value = words[0] ?? "true";
      else if (flag === `--no-${name}`) value = "false";
    }
  }
  return value;
}

/** The same, else as Nix's configuration has it. */
function option(given: Arguments, name: string): string | undefined {
  return flagged(given, name) ?? configured(name);
}

/**
 * A setting that is a list: as flags say, else the environment (`fallback`), else Nix's configuration; then what
 * `--extra-NAME` adds. Undefined: nothing says anything.
 */
export function nixList(
  given: Arguments,
  name: string,
  fallback?: readonly string[],
): readonly string[] | undefined {
  const words = (text: string | undefined) => text?.split(/\s+/).filter((word) => word !== "");
  const base = words(flagged(given, name)) ?? fallback ?? words(configured(name));
  const extra = given.order.flatMap(([flag, [first, second]]) => {
    if (flag === `--extra-${name}`) return words(first) ?? [];
    return flag === "--option" && first === `extra-${name}` ? (words(second) ?? []) : [];
  });
  return base === undefined && extra.length === 0 ? undefined : [...(base ?? []), ...extra];
}

/** A setting that is on or off. @throws UsageError for another word */
export function nixSwitch(given: Arguments, name: string): boolean | undefined {
  const value = option(given, name);
  if (value === undefined) return undefined;
  if (/^(true|yes|1)$/.test(value)) return true;
  if (/^(false|no|0)$/.test(value)) return false;
  throw new UsageError(`Boolean setting '${name}' has invalid value '${value}'`);
}

/** @throws UsageError for a word that is none of the three */
export function lintLevel(given: Arguments, name: (typeof lintSettings)[number]): LintLevel {
  let value = option(given, name) ?? "ignore";
  if (name === "lint-short-path-literals" && flagged(given, "warn-short-path-literals") === "true") {
    printWarning("'warn-short-path-literals' is deprecated, use 'lint-short-path-literals = warn' instead");
    value = "warn";
  }
  if (value === "ignore" || value === "warn" || value === "fatal") return value;
  throw new UsageError(
    `option '${name}' has invalid value '${value}' (expected 'ignore', 'warn', or 'fatal')`,
  );
}

/** What `builtins.currentSystem` is, if not this machine's kind. Builds go by the machine. */
export function evaluationSystem(given: Arguments): string | undefined {
  return option(given, "eval-system") || option(given, "system") || undefined;
}

/** @throws UsageError */
export function maxCallDepth(given: Arguments): number {
  const value = option(given, "max-call-depth");
  if (value === undefined) return 10000;
  if (!/^\d+$/.test(value)) throw new UsageError(`setting 'max-call-depth' has invalid value '${value}'`);
  return Number(value);
}

function count(text: string | undefined, what: string): number | undefined {
  if (text === undefined) return undefined;
  if (text === "auto") return cpus().length;
  if (!/^\d+$/.test(text)) throw new UsageError(`${what} wants a number, not '${text}'`);
  return Number(text);
}

/** @param showLogs whether builders' output is shown unless a flag says otherwise */
export function buildOptions(given: Arguments, settings: Settings, showLogs = false): WireOptions {
  const sandbox = option(given, "sandbox");
  return {
    maxJobs: count(given.value("--max-jobs") ?? option(given, "max-jobs"), "--max-jobs") ?? settings.maxJobs,
    cores: count(given.value("--cores") ?? option(given, "cores"), "--cores") ?? settings.cores,
    keepGoing: given.has("--keep-going") || option(given, "keep-going") === "true",
    keepFailed: given.has("--keep-failed") || option(given, "keep-failed") === "true",
    fallback: given.has("--fallback"),
    sandbox: given.has("--no-sandbox") || sandbox === "false" ? false : settings.sandbox,
    timeout: count(given.value("--timeout") ?? option(given, "timeout"), "--timeout"),
    maxSilentTime: count(
      given.value("--max-silent-time") ?? option(given, "max-silent-time"),
      "--max-silent-time",
    ),
    showLogs: given.has("--no-build-output") ? false : showLogs || given.has("--print-build-logs"),
    quiet: given.has("--quiet"),
    offline: given.has("--offline"),
    refresh: given.has("--refresh"),
  };
}

/** A setting of Nix's given with `--option`. */
export function nixOption(given: Arguments, name: string): string | undefined {
  return option(given, name);
}

/** Does the user want the channel for nixpkgs? @throws UsageError for another word than bundled */
export function wantsBundledNixpkgs(given: Arguments, settings: Settings): boolean {
  const flag = given.value("--nixpkgs");
  if (flag === undefined) return settings.nixpkgs === "bundled";
  if (flag === "bundled") return true;
  if (flag === "as-written") return false;
  throw new UsageError(`flag '--nixpkgs' knows 'bundled' and 'as-written', not '${flag}'`);
}
