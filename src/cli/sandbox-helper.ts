/**
 * The program that puts builders and shells into namespaces: the system's bubblewrap where it is new enough, else the
 * channel's seed, run in place by the seed's own dynamic linker.
 *
 * The seed is unpacked by bruma itself (no builder, no sandbox), and its store paths follow from the pinned hashes, so
 * that finding it again needs no evaluation.
 */

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { buildPaths } from "../build/scheduler.ts";
import { derivationBuiltins } from "../derivation/strict.ts";
import { type ByteString, toBytes, toText } from "../format/bytes.ts";
import { parseHash } from "../format/hash.ts";
import { makeFixedOutputPath, type StorePath } from "../format/store-path.ts";
import { createEvaluator } from "../language/evaluator.ts";
import { force, noPos } from "../language/value.ts";
import { builderOptions, type SandboxSupply } from "./builder-options.ts";
import { CommandError } from "./cli-error.ts";
import { currentSystem, type Session } from "./compose.ts";
import { channelDirectory } from "./install-place.ts";
import { SystemWorld } from "./system-world.ts";

/** Packages of the seed that hold the program and the libraries it needs. */
const seedPackages = ["bubblewrap", "libc6", "libcap2", "libselinux1", "libpcre2-8-0"] as const;
const triplets: Record<
  string,
  { readonly debian: string; readonly triplet: string; readonly linker: string }
> = {
  "x86_64-linux": { debian: "amd64", triplet: "x86_64-linux-gnu", linker: "ld-linux-x86-64.so.2" },
  "aarch64-linux": { debian: "arm64", triplet: "aarch64-linux-gnu", linker: "ld-linux-aarch64.so.1" },
};

/** Older ones lack what the sandbox's advisories need fixed. */
const oldestSystemVersion = [0, 11] as const;

function systemHelper(): string[] | undefined {
  for (const directory of (process.env.PATH ?? "").split(":")) {
    const program = join(directory, "bwrap");
    if (directory === "" || !existsSync(program)) continue;
    // A set-uid one would not do what an unprivileged one does.
    if ((statSync(program).mode & 0o4000) !== 0) return undefined;
    const match = /(\d+)\.(\d+)/.exec(spawnSync(program, ["--version"], { encoding: "utf8" }).stdout ?? "");
    if (match === null) return undefined;
    const [major, minor] = [Number(match[1]), Number(match[2])];
    return major > oldestSystemVersion[0] || minor >= oldestSystemVersion[1] ? [program] : undefined;
  }
  return undefined;
}

/** Store paths of the seed's packages, from their pins alone. */
function seedPaths(session: Session, debian: string, names: readonly string[]): Map<string, StorePath> {
  const file = join(channelDirectory(), "seeds", "pins.json");
  const pins = JSON.parse(readFileSync(file, "utf8"))[debian] as Record<
    string,
    { name: string; hash: string }
  >;
  const found = new Map<string, StorePath>();
  for (const name of names) {
    const pin = pins[name];
    if (pin === undefined)
      throw new CommandError(`the bundled package set pins no '${name}', which the sandbox needs`);
    const hash = parseHash(toBytes(pin.hash));
    const output = { method: "nar", hash, references: [], self: false } as const;
    found.set(name, makeFixedOutputPath(toBytes(pin.name), output, session.layout.storeDir));
  }
  return found;
}

const known = new WeakMap<Session, Promise<readonly string[]>>();

/** The words that start bubblewrap here. Unpacks the seed if it must. @throws BrumaError when it cannot be had */
export function sandboxHelper(session: Session): Promise<readonly string[]> {
  let helper = known.get(session);
  if (helper === undefined) {
    helper = findHelper(session);
    known.set(session, helper);
  }
  return helper;
}

async function findHelper(session: Session): Promise<readonly string[]> {
  const system = systemHelper();
  if (system !== undefined) return system;
  const place = triplets[currentSystem()];
  if (place === undefined) {
    throw new CommandError(`bruma has no sandbox for ${currentSystem()}`, {
      hint: "install bubblewrap 0.11 or later, or build with --no-sandbox",
    });
  }
  const paths = seedPaths(session, place.debian, seedPackages);
  await makeValid(session, paths);
  const real = (name: string) => toText(session.layout.physical(paths.get(name)!));
  const libraries = seedPackages.flatMap((name) => [
    `${real(name)}/lib/${place.triplet}`,
    `${real(name)}/usr/lib/${place.triplet}`,
  ]);
  return [
    `${real("libc6")}/lib/${place.triplet}/${place.linker}`,
    "--library-path",
    libraries.filter((directory) => existsSync(directory)).join(":"),
    `${real("bubblewrap")}/usr/bin/bwrap`,
  ];
}

async function makeValid(session: Session, paths: ReadonlyMap<string, StorePath>): Promise<void> {
  for (const path of paths.values()) session.store.addTempRoot(path);
  if (![...paths.values()].every((path) => session.store.isValidPath(path))) await unpackSeed(session, paths);
  // Kept for good: without it nothing can be built or, without root, entered.
  for (const path of paths.values()) {
    const base = path.slice(path.lastIndexOf("/") + 1);
    session.store.addPermRoot(path, `${session.layout.stateDir}/gcroots/bruma/sandbox/${base}`);
  }
}

/** Both, for the options of a build. */
export function sandboxSupply(session: Session): SandboxSupply {
  return { helper: () => sandboxHelper(session), shell: () => sandboxShell(session) };
}

/** Package of the static program that is /bin/sh in the sandbox, as with Nix. */
const shellPackage = "busybox-static";
const knownShells = new WeakMap<Session, Promise<ByteString | undefined>>();

/** Logical path of the shell that builders find at /bin/sh; undefined where no seed has one. */
export function sandboxShell(session: Session): Promise<ByteString | undefined> {
  let shell = knownShells.get(session);
  if (shell === undefined) {
    shell = findShell(session);
    knownShells.set(session, shell);
  }
  return shell;
}

async function findShell(session: Session): Promise<ByteString | undefined> {
  const place = triplets[currentSystem()];
  if (place === undefined) return undefined;
  const paths = seedPaths(session, place.debian, [shellPackage]);
  await makeValid(session, paths);
  return `${paths.get(shellPackage)}/bin/busybox`;
}

/** Seeds are unpacked by bruma itself. */
function noHelper(): Promise<never> {
  throw new CommandError("unpacking the sandbox's own program asked for a sandbox");
}

async function unpackSeed(session: Session, paths: ReadonlyMap<string, StorePath>): Promise<void> {
  const world = new SystemWorld({
    layout: session.layout,
    openStore: () => session.store,
    readOnly: false,
    system: currentSystem(),
    environment: process.env,
    channel: channelDirectory(),
    bundledNixpkgs: false,
    buildOptions: session.buildOptions,
  });
  const ev = createEvaluator(world, {
    extraBuiltins: [derivationBuiltins],
    nixPath: [],
    // The program's own expressions: what is forbidden to the user's does not concern them.
    settings: { ...session.evaluatorSettings(), pureEval: false, restrictEval: false },
  });
  const names = [...paths.keys()].map((name) => `seeds."${name}".drvPath`).join(" ");
  const text = `let seeds = import ${JSON.stringify(join(channelDirectory(), "seeds"))} { system = "${currentSystem()}"; }; in [ ${names} ]`;
  const list = ev.forceList(ev.evalText(toBytes(text), "/"), noPos, "");
  const targets = list.map((slot) => ({
    path: ev.coerceToStorePath(force(slot), noPos, "").path as StorePath,
  }));
  const results = await buildPaths(targets, builderOptions(session, { helper: noHelper, shell: undefined }));
  for (const result of results) if (result.error !== undefined) throw result.error;
}
