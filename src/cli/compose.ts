/**
 * Wires the floors: settings, store, world and evaluator for one run of the program.
 *
 * Everything is made when first asked for: printing a number opens no database, showing a log starts no evaluator.
 */
import { toBytes } from "../format/bytes.ts";
import type { EvaluatorSettings, SearchPathEntry } from "../language/value.ts";
import { layoutFor, type StoreLayout } from "../store/layout.ts";
import type { Store } from "../store/store.ts";
import type { Arguments } from "./arguments.ts";
import {
  buildOptions,
  checkLogFormat,
  evaluationSystem,
  isPureEvaluation,
  lintLevel,
  maxCallDepth,
  nixList,
  nixSwitch,
  wantsBundledNixpkgs,
} from "./flags.ts";
import { channelDirectory } from "./install-place.ts";
import { configuration } from "./nix-conf.ts";
import { warnOfUselessOptions } from "./nix-settings.ts";
import { errorColour, isTerminal, printMessage, printWarning, writeMessage } from "./output.ts";
import { startedAsNix } from "./own-process.ts";
import { parseCache } from "./parse-cache.ts";
import { Progress } from "./progress.ts";
import { loadSettings, type Settings } from "./settings.ts";
import { SystemWorld } from "./system-world.ts";
import type { WireOptions } from "./wire.ts";

export interface SessionOptions {
  /** Store paths are computed, nothing is written (`nix-instantiate --eval`). */
  readonly readOnly?: boolean;
  /** Builders' output is shown unless a flag says otherwise. */
  readonly showLogs?: boolean;
  readonly pureEval?: boolean;
  /** Unless a setting says otherwise; default true. */
  readonly allowImportFromDerivation?: boolean;
  /** Ask servers anew. */
  readonly refresh?: boolean;
  /** Instead of what the command line says. */
  readonly buildOptions?: WireOptions;
}

/** Node's name of this machine as Nix's. */
export function currentSystem(): string {
  const machine = {
    x64: "x86_64",
    arm64: "aarch64",
    ia32: "i686",
    arm: "armv7l",
    riscv64: "riscv64",
  } as Record<string, string>;
  return `${machine[process.arch] ?? process.arch}-${process.platform}`;
}

/** Is this a place to fetch from and not a directory? Nix's list of schemes. */
export function isPseudoUrl(text: string): boolean {
  return (
    text.startsWith("channel:") || /^(https?|file|git|s3|ssh|flake):\/\//.test(text) || /^flake:/.test(text)
  );
}

/** NIX_PATH's text as entries. */
export function parseSearchPath(text: string): SearchPathEntry[] {
  return searchPathParts(text).map(parseSearchPathEntry);
}

/** The colons of addresses do not separate. */
function searchPathParts(text: string): string[] {
  const parts: string[] = [];
  for (const piece of text.split(":")) {
    const last = parts.at(-1);
    const value = last?.slice(last.indexOf("=") + 1);
    const isScheme =
      value !== undefined && /^(https?|file|git|s3|ssh|git\+\w+)$/.test(value) && piece.startsWith("//");
    if (isScheme || value === "channel" || value === "flake") parts[parts.length - 1] = `${last}:${piece}`;
    else if (value !== undefined && /^[a-z0-9+]+:\/\/[^/]*$/.test(value) && /^\d+(\/|$)/.test(piece)) {
      // A port.
      parts[parts.length - 1] = `${last}:${piece}`;
    } else parts.push(piece);
  }
  return parts.filter((part) => part !== "");
}

export function parseSearchPathEntry(text: string): SearchPathEntry {
  const equals = text.indexOf("=");
  const prefix = equals < 0 ? "" : text.slice(0, equals);
  const path = text.slice(equals + 1);
  return { prefix: toBytes(prefix), path: toBytes(path) };
}

const knownFeatures: ReadonlySet<string> = new Set(
  (
    "auto-allocate-uids blake3-hashes ca-derivations cgroups configurable-impure-env daemon-trust-override " +
    "dynamic-derivations external-builders fetch-closure fetch-tree flakes git-hashing impure-derivations " +
    "local-overlay-store mounted-ssh-store nix-command parse-toml-timestamps pipe-operators read-only-local-store " +
    "recursive-nix verified-fetches"
  ).split(" "),
);

function unknownFeature(name: string): string {
  return name === "no-url-literals"
    ? `experimental feature '${name}' has been stabilized and renamed; use 'lint-url-literals = fatal' setting instead`
    : `unknown experimental feature '${name}'`;
}

export class Session {
  readonly given: Arguments;
  readonly settings: Settings;
  readonly layout: StoreLayout;
  readonly buildOptions: WireOptions;
  readonly bundledNixpkgs: boolean;
  readonly readOnly: boolean;
  readonly pureEval: boolean;
  readonly #allowImport: boolean;
  readonly #openStore: () => Store;
  #progress: Progress | undefined;
  #store: Store | undefined;
  #world: SystemWorld | undefined;

  /** For a child process that works for another bruma: its options come with the job. */
  static async forJob(given: Arguments, buildOptions: WireOptions): Promise<Session> {
    const { LocalStore } = await import("../store/local-store.ts");
    const settings = await loadSettings();
    return new Session(given, settings, { buildOptions }, (layout) => new LocalStore(layout));
  }

  constructor(
    given: Arguments,
    settings: Settings,
    options: SessionOptions,
    openStore: (layout: StoreLayout) => Store,
  ) {
    this.given = given;
    this.settings = settings;
    this.layout = layoutFor();
    const typed = options.buildOptions ?? buildOptions(given, settings, options.showLogs);
    this.buildOptions = options.refresh === true ? { ...typed, refresh: true } : typed;
    this.#allowImport = options.allowImportFromDerivation ?? true;
    this.bundledNixpkgs = wantsBundledNixpkgs(given, settings);
    this.readOnly = options.readOnly ?? false;
    this.pureEval = isPureEvaluation(given, options.pureEval === true);
    this.#openStore = () => openStore(this.layout);
  }

  get progress(): Progress {
    this.#progress ??= makeProgress(this.buildOptions);
    return this.#progress;
  }

  get store(): Store {
    this.#store ??= this.#openStore();
    return this.#store;
  }

  get world(): SystemWorld {
    this.#world ??= new SystemWorld({
      layout: this.layout,
      openStore: () => this.store,
      readOnly: this.readOnly,
      system: evaluationSystem(this.given) ?? currentSystem(),
      environment: process.env,
      channel: channelDirectory(),
      bundledNixpkgs: this.bundledNixpkgs,
      buildOptions: this.buildOptions,
      message: (text) => this.progress.print(text),
      messageBytes: (bytes) => {
        this.progress.clear();
        writeMessage(`${bytes}\n`);
      },
      parseCache: parseCache(process.env),
    });
    return this.#world;
  }

  /** `-I` before NIX_PATH; with no NIX_PATH at all, or the switch, `<nixpkgs>` is the channel. */
  searchPath(): SearchPathEntry[] {
    const channel: SearchPathEntry = { prefix: "nixpkgs", path: toBytes(channelDirectory()) };
    const included = this.given.values("--include").map(parseSearchPathEntry);
    const variable = process.env.NIX_PATH;
    const rest = nixList(
      this.given,
      "nix-path",
      variable === undefined ? undefined : searchPathParts(variable),
    );
    const all = [...included, ...(rest?.map(parseSearchPathEntry) ?? [channel])];
    if (!this.bundledNixpkgs) return all;
    const others = all.filter((entry) => entry.prefix !== "nixpkgs");
    return [channel, ...others];
  }

  evaluatorSettings(): EvaluatorSettings {
    const flag = (name: string, fallback: boolean) => nixSwitch(this.given, name) ?? fallback;
    const features = [
      "nix-command",
      "flakes",
      "fetch-tree",
      ...(nixList(this.given, "experimental-features") ?? []),
    ];
    for (const name of features) if (!knownFeatures.has(name)) printWarning(unknownFeature(name));
    return {
      pureEval: this.pureEval,
      restrictEval: flag("restrict-eval", false),
      allowedUris: (nixList(this.given, "allowed-uris") ?? []).map(toBytes),
      allowImportFromDerivation: flag("allow-import-from-derivation", this.#allowImport),
      traceImportFromDerivation: flag("trace-import-from-derivation", false),
      maxCallDepth: maxCallDepth(this.given),
      traceVerbose: flag("trace-verbose", false),
      abortOnWarn: flag("abort-on-warn", /^(1|yes|true)$/.test(process.env.NIX_ABORT_ON_WARN ?? "")),
      lintUrlLiterals: lintLevel(this.given, "lint-url-literals"),
      lintShortPathLiterals: lintLevel(this.given, "lint-short-path-literals"),
      lintAbsolutePathLiterals: lintLevel(this.given, "lint-absolute-path-literals"),
      experimentalFeatures: new Set(features),
    };
  }

  get showTrace(): boolean {
    return nixSwitch(this.given, "show-trace") ?? false;
  }

  close(): void {
    this.#progress?.finish();
    this.#store?.close();
    this.#store = undefined;
  }
}

export function makeProgress(options: Pick<WireOptions, "showLogs" | "quiet">): Progress {
  return new Progress({
    target: {
      isTTY: isTerminal(2) && process.env.TERM !== "dumb",
      get columns() {
        return process.stderr.columns || 80;
      },
      get rows() {
        return process.stderr.rows || 24;
      },
      write: (text) => printMessage(text),
    },
    colour: errorColour(),
    showLogs: options.showLogs,
    quiet: options.quiet,
  });
}

/** @throws SettingsError, UsageError */
export async function openSession(given: Arguments, options: SessionOptions = {}): Promise<Session> {
  warnOfUselessOptions(given);
  checkLogFormat(given);
  const settings = await loadSettings();
  const { LocalStore } = await import("../store/local-store.ts");
  const session = new Session(given, settings, options, (layout) => new LocalStore(layout));
  // A file written for another Nix is not bruma's concern where nobody asked for Nix.
  if (startedAsNix()) for (const name of configuration().unknown) printWarning(`unknown setting '${name}'`);
  return session;
}
