/**
 * Verifying a store: is what the database calls valid there, and is it what the database says? As
 * `nix-store --verify --check-contents`: paths that have disappeared are forgotten when nothing valid refers to them.
 */
import * as fs from "node:fs";
import { type ByteString, fsPath } from "../format/bytes.ts";
import { type Hash, Hasher, parseUnprefixedHash } from "../format/hash.ts";
import { dumpPath } from "../format/nar.ts";
import type { StorePath } from "../format/store-path.ts";
import { messageOf } from "./database.ts";
import { lockFile } from "./flock.ts";
import type { LocalStore } from "./local-store.ts";
import type { VerifyOptions, VerifyProblem, VerifyResult } from "./store.ts";
import { StoreError } from "./store-error.ts";
import { openGcLock } from "./temp-roots.ts";

export function verifyStore(store: LocalStore, options: VerifyOptions): VerifyResult {
  const { database, layout } = store;
  const damage = database.integrityProblems();
  if (damage.length > 0)
    throw new StoreError(`the store's database is damaged: ${damage[0]}`, {
      hint: "Restore db.sqlite from a backup, or make a new store and copy what is whole into it.",
    });
  // No collection may change what is there while we look.
  const gcLock = openGcLock(layout.stateDir);
  try {
    lockFile(gcLock, "shared", true);
    const problems: (VerifyProblem & { repaired: boolean })[] = [];
    const present = new Set(fs.readdirSync(fsPath(layout.physicalStoreDir), { encoding: "latin1" }));
    const valid = new Set<StorePath>();
    const done = new Set<StorePath>();
    const visit = (path: StorePath): void => {
      if (done.has(path)) return;
      done.add(path);
      if (present.has(path.slice(store.storeDir.length + 1))) {
        valid.add(path);
        return;
      }
      // Those who refer to it first: when they are gone too, it can be forgotten.
      let needed = false;
      for (const referrer of database.referrers(path)) {
        if (referrer === path) continue;
        visit(referrer);
        if (valid.has(referrer)) needed = true;
      }
      if (!needed) {
        database.deletePath(path);
        problems.push({ kind: "disappeared", path, removed: true, repaired: true });
      } else {
        const repaired = options.repair?.(path) ?? false;
        problems.push({ kind: "disappeared", path, removed: false, repaired });
        valid.add(path);
      }
    };
    const all = database.allPaths();
    for (const path of all) visit(path);
    if (options.checkContents === true) {
      problems.push(...checkLinks(`${layout.physicalStoreDir}/.links`, options.repair !== undefined));
      for (const path of [...valid].sort()) {
        options.onProgress?.(path);
        const info = store.pathInfo(path);
        let problem: VerifyProblem | undefined;
        try {
          const actual = hashOfTree(store.realPath(path));
          if (!actual.equals(info.narHash))
            problem = { kind: "modified", path, expected: info.narHash, actual };
        } catch (error) {
          problem = { kind: "unreadable", path, message: messageOf(error) };
        }
        if (problem !== undefined) problems.push({ ...problem, repaired: options.repair?.(path) ?? false });
      }
    }
    return { checked: all.length, problems };
  } finally {
    fs.closeSync(gcLock);
  }
}

function hashOfTree(realPath: ByteString): Hash {
  const hasher = new Hasher("sha256");
  dumpPath(realPath, (chunk) => hasher.update(chunk));
  return hasher.finish();
}

/** Entries of `.links` are named after their contents; a changed one would spread by the next optimisation. */
function checkLinks(directory: ByteString, remove: boolean): (VerifyProblem & { repaired: boolean })[] {
  const problems: (VerifyProblem & { repaired: boolean })[] = [];
  let names: string[];
  try {
    names = fs.readdirSync(fsPath(directory), { encoding: "latin1" });
  } catch {
    return problems;
  }
  for (const name of names) {
    const link = `${directory}/${name}`;
    let good = false;
    try {
      good = hashOfTree(link).equals(parseUnprefixedHash(name, "sha256"));
    } catch {
      // No hash's name, or not readable: not ours either way.
    }
    if (good) continue;
    if (remove) fs.rmSync(fsPath(link), { force: true });
    problems.push({ kind: "link-modified", link, repaired: remove });
  }
  return problems;
}
