/** The flags that many commands share: how to evaluate, how to build, how much to say. Names and meanings are Nix's. */
import { cpus } from "node:os";
import type { LintLevel } from "../language/lint.ts";
import type { Arguments, Flag } from "./arguments.ts";
import { UsageError } from "./cli-error.ts";
import { configured } from "./nix-conf.ts";
import { findSetting, settingFault, settingFlags, settingNumber, settingSwitch } from "./nix-settings.ts";
import { printWarning } from "./output.ts";
import type { Settings } from "./settings.ts";
import type { WireOptions } from "./wire.ts";

/** Settings of the parser: `ignore`, `warn` or `fatal`. */
const lintSettings = [
  "lint-url-literals",
  "lint-short-path-literals",
  "lint-absolute-path-literals",
] as const;

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
  { names: ["--impure"], help: "let an expression see files and variables (for commands that forbid it)" },
  { names: ["--pure-eval"], help: "forbid files, variables and addresses without a hash" },
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
  { names: ["--repair"] },
  { names: ["--readonly-mode"] },
  { names: ["--no-build-hook"] },
  { names: ["--no-gc-warning"] },
  { names: ["--log-format"], arguments: ["FORMAT"] },
  { names: ["--refresh"] },
  { names: ["--debug"] },
  settingFlags,
];

/**
 * What flags say of one of Nix's settings: `--option NAME VALUE`, `--NAME VALUE`, `--NAME`, `--no-NAME`, the last one.
 * After `--option` a value that cannot be counts for nothing, and whoever opens the session warns of it.
 * @throws UsageError for such a value after `--NAME`
 */
function flagged(given: Arguments, name: string): string | undefined {
  let value: string | undefined;
  for (const [flag, words] of given.order) {
    if (!flag.startsWith("--")) continue;
    if (flag === "--option") {
      const setting = findSetting(words[0]!);
      if (setting?.name === name && !setting.adds && settingFault(setting, words[1]!) === undefined)
        value = words[1];
    } else if (flag === "--impure") {
      if (name === "pure-eval") value = "false";
    } else if (flag.startsWith("--no-")) {
      if (findSetting(flag.slice("--no-".length))?.name === name) value = "false";
    } else if (flag.startsWith("--relaxed-")) {
      if (flag === `--relaxed-${name}`) value = "relaxed";
    } else {
      const setting = findSetting(flag.slice(2));
      if (setting?.name !== name || setting.adds) continue;
      value = words[0] ?? "true";
      const fault = settingFault(setting, value);
      if (fault !== undefined) throw new UsageError(fault);
    }
  }
  return value;
}

/** One of Nix's settings, as flags have it, else its configuration. @throws UsageError for a value that cannot be */
export function nixOption(given: Arguments, name: string): string | undefined {
  return flagged(given, name) ?? configured(name);
}

const wordsOf = (text: string | undefined) => text?.split(/\s+/).filter((word) => word !== "");

/** What `--extra-NAME` adds to a setting that is a list. */
function added(given: Arguments, name: string): string[] {
  return given.order.flatMap(([flag, [first = "", second = ""]]) => {
    const [extra, value] = flag === "--option" ? [first, second] : [flag.slice(2), first];
    const setting = extra.startsWith("extra-") ? findSetting(extra) : undefined;
    return setting?.name === name && setting.adds ? wordsOf(value)! : [];
  });
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
  const base = wordsOf(flagged(given, name)) ?? fallback ?? wordsOf(configured(name));
  const extra = added(given, name);
  return base === undefined && extra.length === 0 ? undefined : [...(base ?? []), ...extra];
}

/** A setting that is on or off. */
export function nixSwitch(given: Arguments, name: string): boolean | undefined {
  const value = nixOption(given, name);
  return value === undefined ? undefined : settingSwitch(value);
}

/** @param otherwise a command that is pure unless flags say so is not asked what Nix's configuration says */
export function isPureEvaluation(given: Arguments, otherwise: boolean): boolean {
  const value = flagged(given, "pure-eval") ?? (otherwise ? undefined : configured("pure-eval"));
  return value === undefined ? otherwise : settingSwitch(value)!;
}

/** @throws UsageError for a word that is none of the three */
export function lintLevel(given: Arguments, name: (typeof lintSettings)[number]): LintLevel {
  const value = nixOption(given, name) ?? "ignore";
  if (name === "lint-short-path-literals" && nixSwitch(given, "warn-short-path-literals") === true) {
    printWarning("'warn-short-path-literals' is deprecated, use 'lint-short-path-literals = warn' instead");
    return "warn";
  }
  return value as LintLevel;
}

/** What `builtins.currentSystem` is, if not this machine's kind. Builds go by the machine. */
export function evaluationSystem(given: Arguments): string | undefined {
  return nixOption(given, "eval-system") || nixOption(given, "system") || undefined;
}

/** @throws UsageError */
export function maxCallDepth(given: Arguments): number {
  const value = nixOption(given, "max-call-depth");
  return value === undefined ? 10000 : settingNumber(value)!;
}

function count(text: string | undefined): number | undefined {
  return text === "auto" ? cpus().length : text === undefined ? undefined : settingNumber(text);
}

/** @throws UsageError */
function fetching(given: Arguments): WireOptions["fetching"] {
  const ttl = count(nixOption(given, "tarball-ttl"));
  const attempts = count(nixOption(given, "download-attempts"));
  const refused = nixSwitch(given, "allow-dirty") === false;
  const quiet = nixSwitch(given, "warn-dirty") === false;
  return {
    ...(ttl === undefined ? {} : { ttl }),
    ...(attempts === undefined ? {} : { attempts }),
    ...(refused ? { dirtyTrees: "refuse" } : quiet ? { dirtyTrees: "allow" } : {}),
  };
}

/** @param showLogs whether builders' output is shown unless a flag says otherwise */
export function buildOptions(given: Arguments, settings: Settings, showLogs = false): WireOptions {
  return {
    maxJobs: count(nixOption(given, "max-jobs")) ?? settings.maxJobs,
    cores: count(nixOption(given, "cores")) ?? settings.cores,
    keepGoing: nixSwitch(given, "keep-going") ?? false,
    keepFailed: nixSwitch(given, "keep-failed") ?? false,
    fallback: nixSwitch(given, "fallback") ?? false,
    sandbox: nixOption(given, "sandbox") === "false" ? false : settings.sandbox,
    timeout: count(nixOption(given, "timeout")),
    maxSilentTime: count(nixOption(given, "max-silent-time")),
    showLogs: given.has("--no-build-output") ? false : showLogs || given.has("--print-build-logs"),
    quiet: given.has("--quiet"),
    offline: given.has("--offline"),
    refresh: given.has("--refresh"),
    fetching: fetching(given),
  };
}

const logFormats = ["raw", "raw-with-logs", "internal-json", "bar", "bar-with-logs"];

/** Output has one form, whichever of Nix's is asked for. @throws UsageError for none of them */
export function checkLogFormat(given: Arguments): void {
  const format = given.value("--log-format");
  if (format !== undefined && !logFormats.includes(format))
    throw new UsageError(`option 'log-format' has an invalid value '${format}'`);
}

/** Does the user want the channel for nixpkgs? @throws UsageError for another word than bundled */
export function wantsBundledNixpkgs(given: Arguments, settings: Settings): boolean {
  const flag = given.value("--nixpkgs");
  if (flag === undefined) return settings.nixpkgs === "bundled";
  if (flag === "bundled") return true;
  if (flag === "as-written") return false;
  throw new UsageError(`flag '--nixpkgs' knows 'bundled' and 'as-written', not '${flag}'`);
}
