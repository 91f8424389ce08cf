/**
 * Sharing equal files by hard links through `.links/<nix32 of the file's NAR hash>`, as `nix-store --optimise` does.
 * The NAR hash covers the executable bit, so files that differ in it are not joined. Manual: `nix-store --optimise`.
 */
import * as fs from "node:fs";
import { type ByteString, fsPath } from "../format/bytes.ts";
import { Hasher } from "../format/hash.ts";
import { dumpPath } from "../format/nar.ts";
import type { LocalStore } from "./local-store.ts";
import type { OptimiseResult } from "./store.ts";

export function optimiseStore(store: LocalStore): OptimiseResult {
  const optimiser = new Optimiser(store.layout.physicalStoreDir);
  for (const path of store.queryAllValidPaths()) {
    store.addTempRoot(path);
    // It may have been collected just before we asked for it to be kept.
    if (store.isValidPath(path)) optimiser.tree(store.realPath(path));
  }
  return optimiser.result;
}

/** Codes of links that cannot be made: too many names for a file, a full directory, a file system without links. */
const linkRefused = new Set(["EMLINK", "ENOSPC", "EPERM", "EXDEV", "ENOTSUP"]);

class Optimiser {
  readonly result = { filesLinked: 0, bytesFreed: 0 };
  #storeDir: ByteString;
  #links: ByteString;
  #known = new Set<number>();

  constructor(physicalStoreDir: ByteString) {
    this.#storeDir = physicalStoreDir;
    this.#links = `${physicalStoreDir}/.links`;
    fs.mkdirSync(fsPath(this.#links), { recursive: true });
    for (const name of fs.readdirSync(fsPath(this.#links)))
      this.#known.add(fs.lstatSync(fsPath(`${this.#links}/${name}`)).ino);
  }

  tree(path: ByteString): void {
    const stat = fs.lstatSync(fsPath(path));
    if (stat.isDirectory())
      for (const name of fs.readdirSync(fsPath(path), { encoding: "latin1" })) this.tree(`${path}/${name}`);
    else if (stat.isFile()) this.#file(path, stat);
  }

  #file(path: ByteString, stat: fs.Stats): void {
    // A writable file has been meddled with; one that is linked already needs no reading.
    if ((stat.mode & 0o200) !== 0 || this.#known.has(stat.ino)) return;
    const hasher = new Hasher("sha256");
    dumpPath(path, (chunk) => hasher.update(chunk));
    const link = `${this.#links}/${hasher.finish().toNix32()}`;
    const existing = fs.lstatSync(fsPath(link), { throwIfNoEntry: false });
    if (existing === undefined || existing.size !== stat.size) {
      if (existing !== undefined) fs.rmSync(fsPath(link), { force: true });
      try {
        fs.linkSync(fsPath(path), fsPath(link));
        this.#known.add(stat.ino);
      } catch (error) {
        if (!linkRefused.has((error as NodeJS.ErrnoException).code ?? "")) throw error;
      }
      return;
    }
    if (existing.ino === stat.ino) return;
    this.#replace(path, link, stat.size);
  }

  #replace(path: ByteString, link: ByteString, size: number): void {
    const parent = path.slice(0, path.lastIndexOf("/"));
    const isTop = parent === this.#storeDir;
    const temporary = `${this.#storeDir}/.tmp-link-${process.pid}-${Math.floor(Math.random() * 1e9)}`;
    try {
      fs.linkSync(fsPath(link), fsPath(temporary));
    } catch (error) {
      if (linkRefused.has((error as NodeJS.ErrnoException).code ?? "")) return;
      throw error;
    }
    const mode = isTop ? 0 : fs.statSync(fsPath(parent)).mode & 0o7777;
    try {
      if (!isTop) fs.chmodSync(fsPath(parent), mode | 0o200);
      fs.renameSync(fsPath(temporary), fsPath(path));
      this.result.filesLinked++;
      this.result.bytesFreed += size;
    } catch (error) {
      fs.rmSync(fsPath(temporary), { force: true });
      if ((error as NodeJS.ErrnoException).code !== "EMLINK") throw error;
    } finally {
      if (!isTop) {
        fs.chmodSync(fsPath(parent), mode);
        fs.utimesSync(fsPath(parent), 1, 1);
      }
    }
  }
}
