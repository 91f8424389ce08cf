/**
 * The slow way into a shell: evaluates to one derivation, builds what it needs (not itself), and gathers the state by
 * which it is entered now and next time.
 */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { derivationOptions } from "../build/derivation-options.ts";
import { builderEnvironment } from "../build/environment.ts";
import { derivationNameFromPath, structuredAttrs } from "../derivation/derivation.ts";
import { toBytes, toText } from "../format/bytes.ts";
import { parseStorePath, type StorePath } from "../format/store-path.ts";
import { Attrs, AttrsBuilder } from "../language/attrs.ts";
import { EvaluationError } from "../language/errors.ts";
import { force, Lambda, later, type Slot } from "../language/value.ts";
import { Recorder } from "../shell/evaluation-record.ts";
import { type ShellState, saveState } from "../shell/shell-state.ts";
import { type BuildTarget, realiseTargets } from "./building.ts";
import { CommandError, UsageError } from "./cli-error.ts";
import { openSession, type Session } from "./compose.ts";
import { type FoundDerivation, findDerivations } from "./derivations.ts";
import { type Evaluation, fileSource, lookupFile, startEvaluation, textSource } from "./evaluation.ts";
import { namesFlake } from "./flake-argument.ts";
import { selectTyped } from "./flake-installable.ts";
import { channelDirectory } from "./install-place.ts";
import { attrPaths } from "./nix/nix-instantiate.ts";
import { printMessage, printWarning } from "./output.ts";
import { packagesExpression, shellPackages } from "./python-packages.ts";
import { sandboxHelper } from "./sandbox-helper.ts";
import { baseDirectory, type ShellRequest } from "./shell-entry.ts";
import { followLinks, outputPaths, readDerivation } from "./store-paths.ts";
import { TracingWorld } from "./tracing-world.ts";

/** @returns the state, or an exit status when there is nothing to enter (a failed build, --dry-run) */
export async function prepareState(
  request: ShellRequest,
  cacheFile: string,
  identity: string,
): Promise<ShellState | number> {
  const { given } = request;
  const isFlake = !given.has("--packages") && !given.has("--expr") && given.positional.some(namesFlake);
  const session = await openSession(given, { showLogs: request.nix, pureEval: isFlake });
  try {
    const recorder = new Recorder();
    const world = new TracingWorld(session.world, recorder);
    const evaluation = startEvaluation(session, { world });
    const drvPath = await packageHint(
      evaluation,
      request,
      () => shellDerivation(evaluation, request).drvPath as StorePath,
    );
    const derivation = readDerivation(session, drvPath);
    const bash = shellBash(evaluation);
    const excluded = given.values("--exclude").map((pattern) => new RegExp(pattern));
    const targets: BuildTarget[] = [...derivation.inputDrvs]
      .filter(([path]) => !excluded.some((pattern) => pattern.test(toText(path))))
      .map(([path, outputs]) => ({ path: path as StorePath, outputs: [...outputs] }));
    if (bash.drvPath !== undefined) targets.push({ path: bash.drvPath, outputs: ["out"] });
    const outcome = await realiseTargets(session, targets, { dryRun: given.has("--dry-run") });
    if (given.has("--dry-run") || outcome.status !== 0) return outcome.status;

    const inputs = new Set<StorePath>(
      [...derivation.inputSrcs].map((path) => parseStorePath(path, session.layout.storeDir)),
    );
    for (const target of targets) {
      const all = outputPaths(session, target.path);
      for (const name of target.outputs ?? all.keys()) inputs.add(all.get(name)!);
    }
    keepInputs(session, cacheFile, [...inputs, drvPath]);
    const options = derivationOptions(derivation.env, structuredAttrs(derivation));
    const structured =
      options.structured === undefined
        ? undefined
        : builderEnvironment(
            {
              args: derivation.args,
              env: derivation.env,
              outputs: new Map([...derivation.outputs].map(([name, output]) => [name, output.path])),
              fixedOutput: false,
              options,
            },
            {
              store: session.store,
              inputClosure: session.store.computeClosure(inputs),
              buildDir: "/build",
              cores: 1,
              hostEnvironment: () => undefined,
            },
          ).files;
    const { layout } = session;
    const needed = new Set([...inputs, ...world.storePaths].map((path) => toText(layout.physical(path))));
    const state: ShellState = {
      format: 1,
      identity,
      record: recorder.record(),
      messages: [...session.world.notices.map(toBytes), ...world.messages],
      needed: [...needed],
      storeDir: toText(layout.storeDir),
      physicalStoreDir: toText(layout.physicalStoreDir),
      storeRoot: layout.isNative ? undefined : storeRoot(toText(layout.physicalStoreDir)),
      variables: [...derivation.env].filter(([name]) => name !== "__json"),
      passAsFile: [...options.passAsFile],
      structured:
        structured === undefined
          ? undefined
          : { sh: structured.get(".attrs.sh")!, json: structured.get(".attrs.json")! },
      bash: bash.program ?? `${toText(outputPaths(session, bash.drvPath!).get("out")!)}/bin/bash`,
      helper: layout.isNative ? undefined : await sandboxHelper(session),
      directory: process.cwd(),
    };
    if (recorder.impossible === undefined) saveState(cacheFile, state);
    return state;
  } finally {
    session.close();
  }
}

/** A name after -p that the package set lacks gets the nearest names, and how else it may be had. */
async function packageHint<T>(evaluation: Evaluation, request: ShellRequest, run: () => T): Promise<T> {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof EvaluationError) || !request.given.has("--packages")) throw error;
    const wanted = /^(?:undefined variable|attribute) '([^']+)'/.exec(error.message)?.[1];
    if (wanted === undefined) throw error;
    const { missingPackage } = await import("./missing-package.ts");
    throw missingPackage(evaluation, wanted, request.given.positional, error) ?? error;
  }
}

/** `$root` of `$root/nix/store`. */
function storeRoot(physicalStoreDir: string): string | undefined {
  return physicalStoreDir.endsWith("/nix/store")
    ? physicalStoreDir.slice(0, -"/nix/store".length)
    : undefined;
}

/** Evaluates what the command line names to the one derivation of the shell. */
function shellDerivation(evaluation: Evaluation, request: ShellRequest): FoundDerivation {
  const { given } = request;
  const [only] = given.positional;
  if (
    only?.endsWith(".drv") &&
    given.positional.length === 1 &&
    !given.has("--packages") &&
    !given.has("--expr")
  ) {
    const drvPath = followLinks(evaluation.session, only);
    return {
      attrPath: "",
      name: derivationNameFromPath(drvPath),
      drvPath,
      outputName: "out",
      value: Attrs.empty,
    };
  }
  const roots: Slot[] = [];
  if (only !== undefined && !given.has("--packages") && !given.has("--expr") && namesFlake(only)) {
    for (const word of given.positional) roots.push(selectTyped(evaluation, given, word, "develop").slot);
  } else if (given.has("--packages")) {
    const list = request.nix
      ? { expressions: given.positional, notice: undefined }
      : shellPackages(given.positional);
    if (list.notice !== undefined) printMessage(list.notice);
    roots.push(textSource(evaluation, toBytes(packagesExpression(list.expressions))).evaluate());
  } else if (given.has("--expr")) {
    for (const text of given.positional) roots.push(textSource(evaluation, toBytes(text)).evaluate());
  } else if (given.positional.includes("-")) {
    throw new UsageError(
      "an expression for a shell cannot come from standard input",
      "use -E",
      request.nix ? 1 : 2,
    );
  } else {
    const base = baseDirectory(request);
    const words = given.positional.length > 0 ? given.positional : ["."];
    for (const word of words)
      roots.push(fileSource(evaluation, shellFile(evaluation, word, base)).evaluate());
  }
  const found: FoundDerivation[] = [];
  for (const root of roots) {
    for (const path of attrPaths(given)) {
      const call = (slot: Slot) => withInNixShell(evaluation, slot);
      const selected = path === "" ? root : evaluation.select(call(root), path);
      found.push(...findDerivations(evaluation.ev, selected, call));
    }
  }
  if (found.length !== 1) {
    throw new UsageError(
      `${request.nix ? "nix-shell" : "a shell"} requires a single derivation, and there are ${found.length}`,
      found.length > 1
        ? `choose one with -A: ${found
            .slice(0, 8)
            .map((drv) => toText(drv.attrPath))
            .join(", ")}`
        : undefined,
      request.nix ? 1 : 2,
    );
  }
  return found[0]!;
}

/** Functions that name `inNixShell` get it as true. */
function withInNixShell(evaluation: Evaluation, slot: Slot) {
  const value = force(slot);
  if (!(value instanceof Lambda) || !value.code.formals?.some((formal) => formal.name === "inNixShell")) {
    return evaluation.autoCall(value);
  }
  const builder = new AttrsBuilder();
  builder.set("inNixShell", true);
  const { arguments: given } = evaluation;
  for (const name of given.keys) builder.set(name, given.get(name)!);
  return evaluation.ev.autoCall(value, builder.build());
}

/** A directory means its shell.nix, or else its default.nix. */
function shellFile(evaluation: Evaluation, word: string, base: string): string {
  if (/^<.*>$/.test(word) || /^[a-z]+:/.test(word)) {
    const place = toText(lookupFile(evaluation, word));
    return existsSync(join(place, "shell.nix")) ? join(place, "shell.nix") : place;
  }
  const place = resolve(base, word);
  const { world } = evaluation.ev;
  const type = (path: string) => world.fileType(evaluation.ev.resolveSymlinks(toBytes(path), 0));
  if (type(place) === undefined) {
    throw new CommandError(`there is no file or directory '${word}'`, {
      hint: /^[A-Za-z0-9_.-]+$/.test(word) ? `for a package of that name: -p ${word}` : undefined,
    });
  }
  if (type(place) !== "directory") return place;
  for (const name of ["shell.nix", "default.nix"])
    if (type(join(place, name)) !== undefined) return join(place, name);
  throw new CommandError(`neither 'shell.nix' nor 'default.nix' found in '${place}'`);
}

interface ShellBash {
  readonly drvPath: StorePath | undefined;
  readonly program: string | undefined;
}

/** `$NIX_BUILD_SHELL`, else the channel's bashInteractive, else the host's bash. */
function shellBash(evaluation: Evaluation): ShellBash {
  const chosen = process.env.NIX_BUILD_SHELL;
  if (chosen !== undefined && chosen !== "") return { drvPath: undefined, program: chosen };
  try {
    const { ev, session } = evaluation;
    // Pure evaluation, too, must see it.
    ev.files.allow(toBytes(channelDirectory()));
    const system = JSON.stringify(session.world.currentSystem);
    const text = `(import ${JSON.stringify(channelDirectory())} { system = ${system}; }).bashInteractive`;
    const value = ev.evalText(toBytes(text), "/");
    const [found] = findDerivations(
      ev,
      later(() => value),
      (slot) => force(slot),
    );
    if (found !== undefined) return { drvPath: found.drvPath as StorePath, program: undefined };
  } catch (error) {
    printWarning(
      `the package set's bash cannot be had (${(error as Error).message}); using the bash of PATH`,
    );
  }
  return { drvPath: undefined, program: "bash" };
}

/** Keeps the inputs from garbage collection, by one store object that refers to them all and a root to it. */
function keepInputs(session: Session, cacheFile: string, paths: readonly StorePath[]): void {
  const key = cacheFile.slice(cacheFile.lastIndexOf("/") + 1, -".json".length);
  const sorted = [...new Set(paths)].sort();
  const contents = `${toBytes(process.cwd())}\n${sorted.join("\n")}\n`;
  const kept = session.store.addTextToStore("shell-inputs", contents, sorted);
  session.store.addPermRoot(kept, `${session.layout.stateDir}/gcroots/bruma/shells/${key}`);
}
