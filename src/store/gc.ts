/**
 * The garbage collector: deletes what no root reaches, in step with real Nix and with other processes of ours.
 *
 * It holds `gc.lock` exclusively and hears of new roots through its socket, and looks for them before each deletion.
 * A path is first forgotten by the database, then its files go; a crash between leaves files that are not valid,
 * which the next collection removes. Manual: `nix-store --gc`, `--delete`; settings keep-outputs, keep-derivations.
 */
import * as fs from "node:fs";
import { type ByteString, fsPath } from "../format/bytes.ts";
import {
  isDerivationPath,
  type StorePath,
  storePathHashPart,
  tryParseStorePath,
} from "../format/store-path.ts";
import { removeTree } from "./canonical.ts";
import { lockFile } from "./flock.ts";
import { GcServer } from "./gc-server.ts";
import type { LocalStore } from "./local-store.ts";
import type { GcOptions, GcResult, Roots } from "./store.ts";
import { PathInUseError } from "./store-error.ts";
import { findTempRoots, openGcLock } from "./temp-roots.ts";

class LimitReached extends Error {}

export function collectGarbage(store: LocalStore, options: GcOptions): GcResult {
  const { stateDir } = store.layout;
  void store.database;
  const lock = openGcLock(stateDir);
  try {
    lockFile(lock, "exclusive", true);
    const server = new GcServer(stateDir, store.storeDir);
    try {
      return new Collector(store, options, server).run();
    } finally {
      server.close();
    }
  } finally {
    fs.closeSync(lock);
  }
}

class Collector {
  #store: LocalStore;
  #options: GcOptions;
  #server: GcServer;
  #deleting: boolean;
  #specific: ReadonlySet<StorePath> | undefined;
  #keepDerivations: boolean;
  #keepOutputs: boolean;
  #roots = new Set<StorePath>();
  /** Hash parts, so that `<path>.lock` and the like are kept with their path. */
  #tempRoots = new Set<ByteString>();
  #alive = new Set<StorePath>();
  #dead = new Set<StorePath>();
  #deleted: ByteString[] = [];
  #freed = 0;

  constructor(store: LocalStore, options: GcOptions, server: GcServer) {
    this.#store = store;
    this.#options = options;
    this.#server = server;
    const action = options.action ?? "delete-dead";
    this.#deleting = action === "delete-dead" || action === "delete-specific";
    this.#specific = options.paths === undefined ? undefined : new Set(options.paths);
    this.#keepDerivations = this.#specific === undefined && (options.keepDerivations ?? true);
    this.#keepOutputs = this.#specific === undefined && (options.keepOutputs ?? false);
  }

  run(): GcResult {
    const action = this.#options.action ?? "delete-dead";
    // Space that is kept for the database when the disk is full.
    if (this.#deleting) fs.rmSync(fsPath(`${this.#store.layout.stateDir}/db/reserved`), { force: true });
    this.#findRoots();
    try {
      if (this.#specific !== undefined) {
        for (const path of this.#specific) {
          this.#tryDelete(path);
          if (action === "delete-specific" && !this.#dead.has(path))
            throw new PathInUseError(
              `Cannot delete path '${path}' since it is still alive. To find out why, use: nix-store --query --roots and nix-store --query --referrers`,
            );
        }
      } else if (this.#options.maxFreed !== 0) this.#sweep();
    } catch (error) {
      if (!(error instanceof LimitReached)) throw error;
    }
    if (action === "return-live") return { paths: [...this.#alive].sort(), bytesFreed: 0 };
    if (action === "return-dead") return { paths: [...this.#dead].sort(), bytesFreed: 0 };
    this.#removeUnusedLinks();
    return { paths: this.#deleted, bytesFreed: this.#freed };
  }

  #findRoots(): void {
    const { layout, storeDir } = this.#store;
    const persistent: Roots =
      this.#options.ignoreLiveness === true ? new Map() : this.#store.findPersistentRoots();
    for (const path of persistent.keys()) this.#roots.add(path);
    const temporary: Roots = new Map();
    findTempRoots(layout.stateDir, storeDir, temporary);
    for (const path of temporary.keys()) {
      this.#roots.add(path);
      this.#tempRoots.add(storePathHashPart(path));
    }
    const since = this.#options.registeredBefore;
    if (since !== undefined) for (const path of this.#store.database.pathsSince(since)) this.#roots.add(path);
  }

  #hear(): void {
    this.#server.receive((path) => this.#tempRoots.add(storePathHashPart(path)));
  }

  #sweep(): void {
    const { layout, storeDir } = this.#store;
    for (const name of fs.readdirSync(fsPath(layout.physicalStoreDir), { encoding: "latin1" })) {
      if (name === ".links") continue;
      const path = tryParseStorePath(`${storeDir}/${name}`, storeDir);
      if (path !== undefined) this.#tryDelete(path);
      else if (this.#deleting) this.#deleteFiles(name);
    }
  }

  /** Deletes a path and all that refer to it, unless something alive is among them. */
  #tryDelete(start: StorePath): void {
    const { database } = this.#store;
    const visited = new Set<StorePath>([start]);
    for (const path of visited) {
      this.#hear();
      if (this.#alive.has(path)) {
        this.#alive.add(start);
        return;
      }
      if (this.#dead.has(path)) continue;
      if (this.#roots.has(path) || this.#tempRoots.has(storePathHashPart(path))) {
        this.#markAlive(path);
        this.#alive.add(start);
        return;
      }
      if (this.#specific !== undefined && !this.#specific.has(path)) return;
      if (database.pathId(path) === undefined) continue;
      for (const referrer of database.referrers(path)) visited.add(referrer);
      if (this.#keepDerivations && isDerivationPath(path))
        for (const output of this.#store.queryDerivationOutputs(path).values())
          if (this.#store.queryPathInfo(output)?.deriver === path) visited.add(output);
      if (this.#keepOutputs) for (const deriver of database.derivers(path)) visited.add(deriver);
    }
    // Referrers first: the database refuses to forget what is referred to.
    const order = this.#store.sortTopologically(visited).reverse();
    for (const path of order) {
      if (this.#dead.has(path)) continue;
      this.#hear();
      if (this.#deleting && this.#tempRoots.has(storePathHashPart(path))) {
        this.#markAlive(path);
        return;
      }
      this.#dead.add(path);
      if (this.#deleting) this.#delete(path);
    }
  }

  #markAlive(path: StorePath): void {
    this.#alive.add(path);
    if (!this.#store.isValidPath(path)) return;
    for (const member of this.#store.computeClosure([path], {
      includeOutputs: this.#keepOutputs,
      includeDerivers: this.#keepDerivations,
    }))
      this.#alive.add(member);
  }

  #delete(path: StorePath): void {
    const { database } = this.#store;
    database.transaction(() => {
      const referrers = database.referrers(path).filter((referrer) => referrer !== path);
      if (referrers.length > 0)
        throw new PathInUseError(
          `cannot delete path '${path}' because it is in use by ${referrers.map((one) => `'${one}'`).join(", ")}`,
        );
      database.deletePath(path);
    });
    this.#deleteFiles(path.slice(this.#store.storeDir.length + 1));
  }

  #deleteFiles(name: ByteString): void {
    const { layout, storeDir } = this.#store;
    const real = `${layout.physicalStoreDir}/${name}`;
    if (name.startsWith("tmp-") && isLocked(real)) return;
    // A lock file is in use while its path is.
    if (name.endsWith(".lock") && this.#tempRoots.has(name.slice(0, 32))) return;
    const freed = removeTree(real);
    this.#deleted.push(`${storeDir}/${name}`);
    this.#freed += freed;
    this.#options.onDelete?.(`${storeDir}/${name}`, freed);
    if (this.#options.maxFreed !== undefined && this.#freed > this.#options.maxFreed)
      throw new LimitReached();
  }

  #removeUnusedLinks(): void {
    const directory = `${this.#store.layout.physicalStoreDir}/.links`;
    let names: string[];
    try {
      names = fs.readdirSync(fsPath(directory), { encoding: "latin1" });
    } catch {
      return;
    }
    for (const name of names) {
      const link = fsPath(`${directory}/${name}`);
      if (fs.lstatSync(link, { throwIfNoEntry: false })?.nlink === 1) fs.unlinkSync(link);
    }
  }
}

/** Is it a directory that a living process fills? */
function isLocked(real: ByteString): boolean {
  let fd: number;
  try {
    fd = fs.openSync(
      fsPath(real),
      fs.constants.O_RDONLY | fs.constants.O_DIRECTORY | fs.constants.O_NOFOLLOW,
    );
  } catch {
    return false;
  }
  try {
    return !lockFile(fd, "exclusive", false);
  } finally {
    fs.closeSync(fd);
  }
}
