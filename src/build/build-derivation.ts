/**
 * Builds one derivation whose inputs are valid and whose outputs are locked: prepares directories and environment, runs
 * the builder in its sandbox, keeps its log, and hands the outputs on to be registered. Whatever happens, directories
 * and partial outputs are gone at the end, except a build directory that the user wants to keep.
 */
import { chmodSync, chownSync, lstatSync, renameSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { type Derivation, isBuiltin, isFixedOutput, structuredAttrs } from "../derivation/derivation.ts";
import type { ProgressSink } from "../fetch/events.ts";
import type { FetchSettings } from "../fetch/settings.ts";
import { type ByteString, fsPath, toBytes, toText } from "../format/bytes.ts";
import { BrumaError } from "../format/error.ts";
import { isInStore, type StorePath, splitStorePath, storePathBaseName } from "../format/store-path.ts";
import type { StoreLayout } from "../store/layout.ts";
import type { Store } from "../store/store.ts";
import {
  type BuildDirectory,
  closedDirectory,
  makeBuildDirectory,
  makeOutputArea,
  writeBuilderFile,
  writeReadable,
} from "./build-directory.ts";
import { LogFile, LogLines } from "./build-log.ts";
import { acquireBuildUser, type BuildUser, builderGroup, killAllOf, needsBuildUser } from "./build-user.ts";
import { type BuilderStatus, type RunningBuilder, startBuilder } from "./builder-process.ts";
import { runBuiltinBuilder } from "./builtin-builders.ts";
import { probeSandbox, sandboxHint } from "./capability.ts";
import { type DerivationOptions, derivationOptions } from "./derivation-options.ts";
import { builderEnvironment } from "./environment.ts";
import { prepareFirstStage } from "./first-stage.ts";
import { type BuildMode, diskIsFull, registerOutputs } from "./outputs.ts";
import { removeTree } from "./remove-tree.ts";
import { BuildError } from "./result.ts";
import { sandboxArguments, sandboxBuildDir } from "./sandbox.ts";
import { seccompProgram } from "./seccomp.ts";

/** What the local machine can build, and how. */
export interface BuilderSettings {
  readonly store: Store;
  readonly layout: StoreLayout;
  /** `x86_64-linux`; others that may be run here too; features that derivations may require. */
  readonly system: ByteString;
  readonly extraPlatforms: readonly ByteString[];
  readonly systemFeatures: readonly ByteString[];
  /** false: run builders as they are, which only works where logical paths are physical ones. */
  readonly sandbox: boolean;
  /** The words that start bubblewrap. Asked for when the first builder needs it. */
  readonly sandboxHelper: () => Promise<readonly string[]>;
  /**
   * A shell shown as /bin/sh inside, a regular file: in the store (logical), with what it refers to, or a static one
   * outside. Asked for when the first builder runs. Not an input: references to it are not looked for.
   */
  readonly sandboxShell: (() => Promise<ByteString | undefined>) | undefined;
  /** For NIX_BUILD_CORES; 0: all there are. */
  readonly cores: number;
  /** Seconds, bytes; 0: no limit. */
  readonly timeout: number;
  readonly maxSilentTime: number;
  readonly maxLogSize: number;
  readonly logLines: number;
  readonly keepFailed: boolean;
  /** Where build directories go; `<state>/builds` unless told otherwise. */
  readonly buildRoot: ByteString | undefined;
  /** Environment of the caller. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly fetch: FetchSettings;
  readonly sink: ProgressSink | undefined;
  readonly signal: AbortSignal | undefined;
}

export interface BuildStep {
  readonly drvPath: StorePath;
  readonly derivation: Derivation;
  /** Paths the inputs consist of, all valid: sources and outputs of input derivations. */
  readonly inputs: readonly StorePath[];
  readonly mode: BuildMode;
}

let lastId = 0;

/** @throws BuildError; FetchError from a builtin builder's download. Nothing is registered then */
export async function buildDerivation(step: BuildStep, settings: BuilderSettings): Promise<void> {
  const { derivation, drvPath } = step;
  const options = derivationOptions(derivation.env, structuredAttrs(derivation));
  requireBuildable(step, options, settings);
  const inputClosure = settings.store.computeClosure(step.inputs);
  if (isBuiltin(derivation)) {
    // Its download tells of itself.
    await buildBuiltin(step, options, inputClosure, settings);
    return;
  }
  const id = ++lastId;
  const started = performance.now();
  settings.sink?.({ kind: "build-start", id, name: toText(derivation.name), drvPath: toText(drvPath) });
  let ok = false;
  try {
    await buildWithBuilder(step, options, inputClosure, settings, id);
    ok = true;
  } finally {
    settings.sink?.({ kind: "build-end", id, ok, seconds: (performance.now() - started) / 1000 });
  }
}

function requireBuildable(step: BuildStep, options: DerivationOptions, settings: BuilderSettings): void {
  const { derivation, drvPath } = step;
  const reject = (reason: string, hint?: string): never => {
    throw new BuildError(`Cannot build '${drvPath}'.\nReason: ${reason}`, {
      kind: "input-rejected",
      drvPath,
      hint,
    });
  };
  const runsHere =
    derivation.system === settings.system || settings.extraPlatforms.includes(derivation.system);
  if (!runsHere && !isBuiltin(derivation)) {
    reject(
      `platform mismatch\nRequired system: '${derivation.system}'\nCurrent system: '${settings.system}'`,
    );
  }
  const missing = options.requiredSystemFeatures.filter(
    (feature) => !settings.systemFeatures.includes(feature),
  );
  if (missing.length > 0) {
    const list = (features: readonly ByteString[]) => `{${[...features].sort().join(", ")}}`;
    reject(
      `missing system features\nRequired features: ${list(options.requiredSystemFeatures)}\nAvailable features: ${list(settings.systemFeatures)}`,
    );
  }
  if (options.noChroot && settings.sandbox) {
    throw new BuildError(
      `derivation '${drvPath}' has '__noChroot' set, but that's not allowed when 'sandbox' is 'true'`,
      { kind: "input-rejected", drvPath, hint: "Say --no-sandbox to build it at your own risk." },
    );
  }
}

async function buildBuiltin(
  step: BuildStep,
  options: DerivationOptions,
  inputClosure: ReadonlySet<StorePath>,
  settings: BuilderSettings,
): Promise<void> {
  const { store, layout } = settings;
  const area = makeOutputArea(layout.physical(step.drvPath), undefined);
  try {
    const made = outputPlaces(step.derivation, area.store);
    const output = made.get("out") ?? `${area.store}/out`;
    await runBuiltinBuilder(step.derivation, {
      drvPath: step.drvPath,
      output,
      temporary: area.top,
      settings: settings.fetch,
      sink: settings.sink,
      signal: settings.signal,
    });
    settings.signal?.throwIfAborted();
    registerOutputs({
      ...{ store, layout, drvPath: step.drvPath, derivation: step.derivation, options, inputClosure, made },
      ...{ ownerUid: undefined, ownWork: true, mode: step.mode, keepDifferent: settings.keepFailed },
    });
  } finally {
    removeTree(area.top);
  }
}

/** Output name → where it appears in an output area. */
function outputPlaces(derivation: Derivation, directory: ByteString): Map<ByteString, ByteString> {
  return new Map(
    [...derivation.outputs].map(([name, { path }]) => [
      name,
      `${directory}/${storePathBaseName(path as StorePath)}`,
    ]),
  );
}

async function buildWithBuilder(
  step: BuildStep,
  options: DerivationOptions,
  inputClosure: ReadonlySet<StorePath>,
  settings: BuilderSettings,
  id: number,
): Promise<void> {
  const { store, layout, sandbox } = settings;
  const { derivation, drvPath } = step;
  const network = isFixedOutput(derivation);
  if (!sandbox) requireNative(step, settings);
  const helper = sandbox ? await settings.sandboxHelper() : [];
  const root = settings.buildRoot ?? `${layout.stateDir}/builds`;
  let user = hasBuildUsers(root, settings) ? await waitForBuildUser(settings) : undefined;
  if (user !== undefined && !sandbox) user = { ...user, gid: builderGroup(toText(layout.physicalStoreDir)) };
  let directory: BuildDirectory | undefined;
  let area: { top: ByteString; store: ByteString } | undefined;
  const log = new LogFile(layout.logDir, drvPath);
  try {
    directory = makeBuildDirectory(root, user, network, caBundle(settings));
    if (sandbox) area = makeOutputArea(layout.physical(drvPath), user);
    const buildDir = sandbox ? sandboxBuildDir : directory.build;
    const environment = builderEnvironment(
      {
        args: derivation.args,
        env: derivation.env,
        outputs: new Map([...derivation.outputs].map(([name, { path }]) => [name, path])),
        fixedOutput: network,
        options,
      },
      {
        store,
        inputClosure,
        buildDir,
        cores: settings.cores === 0 ? availableParallelism() : settings.cores,
        hostEnvironment: (name) => {
          const value = settings.environment[toText(name)];
          return value === undefined ? undefined : toBytes(value);
        },
      },
    );
    for (const [name, contents] of environment.files) writeBuilderFile(directory, name, contents, user);

    const scriptPath = toText(`${directory.top}/start`);
    let stage: { file: string; args: string[] };
    let statusFile: string | undefined;
    if (sandbox) {
      const shell = shownShell(derivation, settings, await settings.sandboxShell?.());
      const { hasArgv0 } = probeSandbox(helper, user, toText(layout.stateDir));
      const { argv, argsFile } = sandboxArguments({
        storeDir: layout.storeDir,
        inputs: new Map([...shell.closure, ...inputClosure].map((path) => [path, layout.physical(path)])),
        outputArea: (area as { store: ByteString }).store,
        ...{ buildDir: directory.build, tmpDir: directory.tmp, etcDir: directory.etc },
        shell: shell.program,
        ...{ network, builder: derivation.builder, args: environment.args, env: environment.env, hasArgv0 },
        asRoot: user === undefined && process.geteuid?.() === 0,
      });
      const top = directory.top;
      writeReadable(`${top}/args`, argsFile);
      writeReadable(
        `${top}/seccomp`,
        seccompProgram(process.arch, { network, ia32: derivation.system === "i686-linux" }),
      );
      writeFileSync(fsPath(`${top}/status`), "");
      if (user !== undefined) chownSync(fsPath(`${top}/status`), user.uid, user.gid);
      statusFile = toText(`${top}/status`);
      stage = prepareFirstStage({
        scriptPath,
        command: [...helper.map(toBytes), ...argv],
        descriptors: [
          { path: `${top}/args`, mode: "read" },
          { path: `${top}/seccomp`, mode: "read" },
          { path: `${top}/status`, mode: "write" },
        ],
        workingDirectory: "/",
      });
    } else {
      for (const path of outputPlaces(derivation, layout.physicalStoreDir).values()) removeTree(path);
      const variables = [...environment.env].map(([name, value]) => `${name}=${value}`);
      stage = prepareFirstStage({
        scriptPath,
        command: ["/usr/bin/env", "-i", ...variables, derivation.builder, ...environment.args],
        descriptors: [],
        workingDirectory: directory.build,
      });
    }

    const lines = new LogLines(
      {
        onLine: (line) => settings.sink?.({ kind: "build-log", id, line }),
        onPhase: (phase) => settings.sink?.({ kind: "build-phase", id, phase }),
      },
      settings.logLines,
    );
    const status = await run(
      startBuilder({
        ...stage,
        privateDir: toText(directory.top),
        user,
        statusFile,
        limits: {
          timeout: settings.timeout,
          maxSilentTime: settings.maxSilentTime,
          maxLogSize: settings.maxLogSize,
        },
        onOutput: (chunk) => {
          log.write(chunk);
          lines.add(chunk);
        },
      }),
      settings.signal,
    );
    lines.end();
    if (user !== undefined && !sandbox) killAllOf(user);
    const failure = failureOf(status, step, lines.tail, settings, network, directory);
    if (failure !== undefined) throw failure;
    registerOutputs({
      ...{ store, layout, drvPath, derivation, options, inputClosure },
      made: outputPlaces(derivation, area?.store ?? layout.physicalStoreDir),
      ...{ ownerUid: user?.uid, ownWork: false, mode: step.mode, keepDifferent: settings.keepFailed },
    });
  } catch (error) {
    if (settings.keepFailed && directory !== undefined && !settings.signal?.aborted) {
      directory = keep(directory, derivation, settings);
    }
    throw error;
  } finally {
    if (area !== undefined) removeTree(area.top);
    else if (!sandbox) removePartialOutputs(step, settings);
    if (directory !== undefined) removeTree(directory.top);
    user?.release();
    await log.finish();
  }
}

/** Host path of the shell inside and the store paths it needs, without those that are being built. */
function shownShell(
  derivation: Derivation,
  { store, layout }: BuilderSettings,
  shell: ByteString | undefined,
): { program: ByteString | undefined; closure: StorePath[] } {
  if (shell === undefined || !isInStore(shell, store.storeDir)) return { program: shell, closure: [] };
  const own = new Set([...derivation.outputs.values()].map((output) => output.path));
  const { storePath } = splitStorePath(shell, store.storeDir);
  const closure = [...store.computeClosure([storePath])];
  // It cannot be shown to its own builder.
  if (closure.some((path) => own.has(path))) return { program: undefined, closure: [] };
  // A static one needs no more than its own file.
  return { program: layout.physical(shell), closure: closure.length === 1 ? [] : closure };
}

/** Waits, and kills the builder when everything is to stop. */
async function run(builder: RunningBuilder, signal: AbortSignal | undefined): Promise<BuilderStatus> {
  const kill = () => builder.kill();
  signal?.addEventListener("abort", kill, { once: true });
  if (signal?.aborted) kill();
  try {
    return await builder.finished;
  } finally {
    signal?.removeEventListener("abort", kill);
  }
}

let toldOfRoot = false;

/**
 * Are builders to have users of their own? As root, yes; unless the store is where only root can go. Then the sandbox's
 * user is root's own outside: without capabilities, behind the same walls and with /proc read-only, but one wall less.
 */
function hasBuildUsers(buildRoot: ByteString, settings: BuilderSettings): boolean {
  if (!needsBuildUser()) return false;
  const closed = closedDirectory(settings.layout.physicalStoreDir) ?? closedDirectory(buildRoot);
  if (closed === undefined) return true;
  if (!toldOfRoot) {
    const text = `note: builders run as root's own user, because others may not enter '${toText(closed)}'; 'chmod o+x' on it gives each a user of its own`;
    settings.sink?.({ kind: "notice", text });
  }
  toldOfRoot = true;
  return false;
}

async function waitForBuildUser(settings: BuilderSettings): Promise<BuildUser & { release(): void }> {
  for (;;) {
    const user = acquireBuildUser(toText(settings.layout.stateDir));
    if (user !== undefined) return user;
    await new Promise((resolve) => setTimeout(resolve, 500));
    settings.signal?.throwIfAborted();
  }
}

function requireNative(step: BuildStep, settings: BuilderSettings): void {
  const { layout } = settings;
  const refuse = (message: string, hint: string): never => {
    throw new BuildError(message, { kind: "sandbox", drvPath: step.drvPath, hint });
  };
  if (!layout.isNative) {
    refuse(
      `builds without a sandbox are only possible where the store is '${layout.storeDir}' itself; this one is at '${layout.physicalStoreDir}'`,
      "Leave --no-sandbox away.",
    );
  }
  if (step.mode !== "normal") {
    refuse("valid outputs can be built again in a sandbox only", "Leave --no-sandbox away.");
  }
  for (const { path } of step.derivation.outputs.values()) {
    if (settings.store.isValidPath(path as StorePath)) {
      refuse(
        `'${step.drvPath}' cannot be built without a sandbox, because its output '${path}' is valid already and would be overwritten`,
        "Leave --no-sandbox away, or delete that output first.",
      );
    }
  }
}

function removePartialOutputs(step: BuildStep, settings: BuilderSettings): void {
  for (const { path } of step.derivation.outputs.values()) {
    if (!settings.store.isValidPath(path as StorePath)) removeTree(settings.layout.physical(path));
  }
}

/** PEM file of certificate authorities that the fetch floor would use as well. */
function caBundle(settings: BuilderSettings): string | undefined {
  const { NIX_SSL_CERT_FILE, SSL_CERT_FILE } = settings.environment;
  return NIX_SSL_CERT_FILE || SSL_CERT_FILE || "/etc/ssl/certs/ca-certificates.crt";
}

/** Out of the sweeper's way, and open to the user who wants to look. */
function keep(directory: BuildDirectory, derivation: Derivation, settings: BuilderSettings): undefined {
  const root = directory.top.slice(0, directory.top.lastIndexOf("/"));
  let kept: ByteString;
  let number = 0;
  do kept = `${root}/nix-build-${derivation.name}.drv-${number++}`;
  while (lstatSync(fsPath(kept), { throwIfNoEntry: false }) !== undefined);
  renameSync(fsPath(directory.top), fsPath(kept));
  for (const path of [kept, `${kept}/build`]) chmodSync(fsPath(path), 0o755);
  settings.sink?.({ kind: "notice", text: `note: keeping build directory '${toText(kept)}/build'` });
  return undefined;
}

function failureOf(
  status: BuilderStatus,
  step: BuildStep,
  tail: readonly string[],
  settings: BuilderSettings,
  network: boolean,
  directory: BuildDirectory,
): BuildError | undefined {
  const { drvPath, derivation } = step;
  const full = diskIsFull([settings.layout.physicalStoreDir, directory.top]);
  const cannot = (reason: string, kind: BuildError["kind"]): BuildError => {
    let message = `Cannot build '${drvPath}'.\nReason: ${reason}.\nOutput paths:`;
    for (const path of [...derivation.outputs.values()].map((output) => output.path).sort())
      message += `\n  ${path}`;
    if (tail.length > 0) {
      message += `\nLast ${tail.length} log lines:\n${tail.map((line) => `> ${line}\n`).join("")}For full logs, run:\n  bruma log ${drvPath}`;
    }
    if (full) message += "\nnote: build failure may have been caused by lack of free disk space";
    return new BuildError(message, { kind, drvPath, logTail: tail });
  };
  switch (status.kind) {
    case "exited":
      if (status.code === 0) return undefined;
      return cannot(
        `builder failed with ${exitDescription(status.code)}`,
        network || full ? "transient-failure" : "builder-failed",
      );
    case "signalled":
      return cannot(
        `builder failed due to signal ${status.signal}`,
        network || full ? "transient-failure" : "builder-failed",
      );
    case "setup-failed": {
      const unstarted = /^bwrap: execvp .*: (.+)$/m.exec(tail.join("\n"));
      if (unstarted !== null) {
        return cannot(
          `builder '${derivation.builder}' could not be started: ${unstarted[1]}`,
          network || full ? "transient-failure" : "builder-failed",
        );
      }
      return new BuildError(
        `the sandbox for '${drvPath}' could not be set up: ${tail.join("\n") || "its helper ended without a word"}`,
        { kind: "sandbox", drvPath, hint: sandboxHint() },
      );
    }
    case "timed-out":
      return cannot(`timed out after ${status.seconds} seconds`, "timed-out");
    case "silent":
      return cannot(`timed out after ${status.seconds} seconds of silence`, "timed-out");
    case "log-too-long":
      return cannot(`killed after writing more than ${status.bytes} bytes of log output`, "log-too-long");
    case "killed":
      return new BuildError(`the build of '${drvPath}' was interrupted`, { kind: "cancelled", drvPath });
  }
}

/** bubblewrap, like a shell, reports a signal as 128 and its number. */
function exitDescription(code: number): string {
  const names: Record<number, string> = {
    4: "SIGILL",
    6: "SIGABRT",
    7: "SIGBUS",
    8: "SIGFPE",
    9: "SIGKILL",
    11: "SIGSEGV",
    13: "SIGPIPE",
    15: "SIGTERM",
    31: "SIGSYS",
  };
  const name = names[code - 128];
  return name === undefined ? `exit code ${code}` : `exit code ${code} (as by signal ${code - 128}, ${name})`;
}

/** Errors of other floors, met while building, in this floor's type. */
export function asBuildError(error: unknown, drvPath: ByteString): BuildError {
  if (error instanceof BuildError) return error;
  if (error instanceof BrumaError) {
    return new BuildError(`Cannot build '${drvPath}'.\nReason: ${error.message}`, {
      kind: error.exitCode === 102 ? "hash-mismatch" : "transient-failure",
      drvPath,
      hint: error.hint,
      cause: error,
    });
  }
  if (
    error instanceof Error &&
    (error.name === "AbortError" || (error as NodeJS.ErrnoException).code === "ABORT_ERR")
  ) {
    return new BuildError(`the build of '${drvPath}' was interrupted`, {
      kind: "cancelled",
      drvPath,
      cause: error,
    });
  }
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (error instanceof Error && code !== undefined && syscall !== undefined) {
    const full = code === "ENOSPC" || code === "EDQUOT";
    return new BuildError(`Cannot build '${drvPath}'.\nReason: ${error.message}`, {
      kind: "misc",
      drvPath,
      hint: full ? "Make room on the disk, with 'bruma store gc' for one, and run again." : undefined,
      cause: error,
    });
  }
  throw error;
}
