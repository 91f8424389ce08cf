/**
 * Where a store's files are: the logical store directory that values, derivations and databases speak of, and the
 * directories on this machine's disk. The two differ for a store without root, whose files a mount namespace shows
 * at /nix/store. Below the root everything is laid out as Nix does, so that `nix --store local?root=…` can open it.
 */
import * as fs from "node:fs";
import { homedir } from "node:os";
import { posix } from "node:path";
import { type ByteString, fsPath, toBytes } from "../format/bytes.ts";
import { isInStore } from "../format/store-path.ts";
import { StoreError } from "./store-error.ts";

export class StoreLayout {
  /** `/nix/store`, normally: part of every path's hash. */
  readonly storeDir: ByteString;
  readonly physicalStoreDir: ByteString;
  /** `…/var/nix`: database, roots, profiles, temporary roots. */
  readonly stateDir: ByteString;
  /** `…/var/log/nix`: build logs below `drvs`. */
  readonly logDir: ByteString;

  constructor(directories: {
    storeDir: ByteString;
    physicalStoreDir: ByteString;
    stateDir: ByteString;
    logDir: ByteString;
  }) {
    this.storeDir = directories.storeDir;
    this.physicalStoreDir = directories.physicalStoreDir;
    this.stateDir = directories.stateDir;
    this.logDir = directories.logDir;
  }

  /** Do logical paths exist as they are, with no mount namespace needed? */
  get isNative(): boolean {
    return this.storeDir === this.physicalStoreDir;
  }

  /** Where a logical path (a store path or one below it, or the store directory itself) lies on the disk. */
  physical(path: ByteString): ByteString {
    if (path === this.storeDir) return this.physicalStoreDir;
    if (!isInStore(path, this.storeDir)) return path;
    return this.physicalStoreDir + path.slice(this.storeDir.length);
  }

  /** The opposite of `physical`; a path outside the physical store stays as it is. */
  logical(path: ByteString): ByteString {
    if (path === this.physicalStoreDir) return this.storeDir;
    if (!isInStore(path, this.physicalStoreDir)) return path;
    return this.storeDir + path.slice(this.physicalStoreDir.length);
  }
}

/** A store whose files are all below `root`: `root/nix/store`, `root/nix/var/nix`; "" or "/" is the system's own. */
export function layoutBelow(root: ByteString, storeDir: ByteString = "/nix/store"): StoreLayout {
  const prefix = root.replace(/\/+$/, "");
  return new StoreLayout({
    storeDir,
    physicalStoreDir: prefix === "" ? storeDir : `${prefix}/nix/store`,
    stateDir: `${prefix}/nix/var/nix`,
    logDir: `${prefix}/nix/var/log/nix`,
  });
}

/** What `layoutFor` looks at besides the disk. */
export interface LayoutEnvironment {
  readonly environment: (name: string) => string | undefined;
  readonly isRoot: boolean;
}

function processEnvironment(): LayoutEnvironment {
  return { environment: (name) => process.env[name], isRoot: process.geteuid?.() === 0 };
}

/**
 * Chooses the store: `root` if given, else `$BRUMA_STORE_ROOT`, else Nix's own `NIX_STORE_DIR`/`NIX_STATE_DIR`, else
 * /nix where this user may write there (root may create it), else `$XDG_DATA_HOME/bruma`.
 * @throws StoreError when a given root is no absolute path
 */
export function layoutFor(
  root?: ByteString | undefined,
  world: LayoutEnvironment = processEnvironment(),
): StoreLayout {
  const variable = (name: string): ByteString | undefined => {
    const value = world.environment(name);
    return value === undefined || value === "" ? undefined : toBytes(value);
  };
  const chosen = root ?? variable("BRUMA_STORE_ROOT");
  if (chosen !== undefined) {
    if (!chosen.startsWith("/")) throw new StoreError(`the store root '${chosen}' is not an absolute path`);
    return layoutBelow(chosen);
  }
  const directory = (name: string): ByteString | undefined => {
    const value = variable(name);
    if (value === undefined) return undefined;
    if (!value.startsWith("/")) throw new StoreError(`not an absolute path: "${value}"`);
    return value.length > 1 ? posix.normalize(value).replace(/\/$/, "") : value;
  };
  const storeDir = directory("NIX_STORE_DIR");
  const stateDir = directory("NIX_STATE_DIR");
  if (storeDir !== undefined || stateDir !== undefined) {
    const store = storeDir ?? "/nix/store";
    return new StoreLayout({
      storeDir: store,
      physicalStoreDir: store,
      stateDir: stateDir ?? "/nix/var/nix",
      logDir: directory("NIX_LOG_DIR") ?? "/nix/var/log/nix",
    });
  }
  const system = layoutBelow("");
  if (isUsable(system, world.isRoot)) return system;
  const data = variable("XDG_DATA_HOME") ?? `${variable("HOME") ?? toBytes(homedir())}/.local/share`;
  return layoutBelow(`${data}/bruma`);
}

/** May this user write paths and the database there? The daemon's store can be seen, but not written, by others. */
function isUsable(layout: StoreLayout, isRoot: boolean): boolean {
  const writable = (path: ByteString): boolean => {
    try {
      fs.accessSync(fsPath(path), fs.constants.W_OK);
      return true;
    } catch {
      return false;
    }
  };
  if (fs.existsSync(fsPath(layout.physicalStoreDir)))
    // Root's access() answers yes even on a file system mounted read-only for builds, which Nix remounts.
    return writable(layout.physicalStoreDir) && (isRoot || writable(`${layout.stateDir}/db`));
  if (fs.existsSync("/nix")) return writable("/nix");
  return isRoot && writable("/");
}
