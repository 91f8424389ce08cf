/** Store paths and derivations as a command line names them: through links, with outputs (`drv!out`, `drv^out`). */
import { lstatSync, readlinkSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parseDerivation } from "../derivation/aterm.ts";
import { type Derivation, derivationNameFromPath } from "../derivation/derivation.ts";
import { toBytes, toText } from "../format/bytes.ts";
import { isDerivationPath, isInStore, parseStorePath, type StorePath } from "../format/store-path.ts";
import { CommandError } from "./cli-error.ts";
import type { Session } from "./compose.ts";

/** The store path that a path is or leads to by symlinks. @throws CommandError when it leads nowhere into the store */
export function followLinks(session: Session, path: string): StorePath {
  const { storeDir } = session.layout;
  let current = resolve(path);
  for (let hops = 0; hops < 64; hops++) {
    const logical = session.layout.logical(toBytes(current));
    if (isInStore(logical, storeDir)) {
      const base = logical.slice(storeDir.length + 1).split("/")[0]!;
      return parseStorePath(`${storeDir}/${base}`, storeDir);
    }
    let target: string;
    try {
      if (!lstatSync(current).isSymbolicLink()) break;
      target = readlinkSync(current);
    } catch {
      throw new CommandError(`path '${current}' does not exist`);
    }
    current = resolve(dirname(current), target);
  }
  throw new CommandError(`path '${path}' is not in the Nix store`);
}

export interface PathWithOutputs {
  readonly path: StorePath;
  /** Undefined: all, or the path itself when it is no derivation. */
  readonly outputs: readonly string[] | undefined;
}

/** `PATH`, `PATH!out,dev` or `PATH^out,dev`; `^*` means all. */
export function parsePathWithOutputs(session: Session, text: string): PathWithOutputs {
  const match = /^(.*\.drv)[!^]([A-Za-z0-9_,*+.-]+)$/.exec(text);
  if (match === null) return { path: followLinks(session, text), outputs: undefined };
  const outputs = match[2] === "*" ? undefined : match[2]!.split(",");
  return { path: followLinks(session, match[1]!), outputs };
}

/** Reads a valid derivation. @throws InvalidPathError, DerivationError */
export function readDerivation(session: Session, path: StorePath): Derivation {
  session.store.pathInfo(path);
  const text = session.store.readStoreFile(path).toString("latin1");
  return parseDerivation(text, derivationNameFromPath(path), session.layout.storeDir);
}

/** The derivation that made a path, if the path is none itself. */
export function deriverOf(session: Session, path: StorePath): StorePath {
  if (isDerivationPath(path)) return path;
  const { deriver } = session.store.pathInfo(path);
  if (deriver === undefined) throw new CommandError(`deriver of path '${toText(path)}' is not known`);
  return deriver;
}

/** Paths of a derivation's outputs, by name, as its file says. */
export function outputPaths(session: Session, path: StorePath): Map<string, StorePath> {
  const found = new Map<string, StorePath>();
  for (const [name, output] of readDerivation(session, path).outputs) {
    found.set(toText(name), parseStorePath(output.path, session.layout.storeDir));
  }
  return found;
}
