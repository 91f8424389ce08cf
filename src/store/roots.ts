/**
 * Roots of the garbage collector: links in `gcroots` and `profiles`, indirect ones through `gcroots/auto`, and what
 * running processes use. Manual: "Garbage collector roots".
 */
import * as fs from "node:fs";
import { type ByteString, fsPath } from "../format/bytes.ts";
import { hashBytes } from "../format/hash.ts";
import { isInStore, type StorePath, splitStorePath, tryParseStorePath } from "../format/store-path.ts";
import type { StoreLayout } from "./layout.ts";
import type { Roots } from "./store.ts";
import { StoreError } from "./store-error.ts";
import { addRoot } from "./temp-roots.ts";

/** Makes or replaces a symbolic link in one step. Creates the directories above it. */
export function replaceLink(link: ByteString, target: ByteString): void {
  fs.mkdirSync(fsPath(parentOf(link)), { recursive: true });
  const temporary = `${link}.tmp-${process.pid}-${Math.floor(Math.random() * 1e9)}`;
  fs.symlinkSync(fsPath(target), fsPath(temporary));
  try {
    fs.renameSync(fsPath(temporary), fsPath(link));
  } catch (error) {
    fs.rmSync(fsPath(temporary), { force: true });
    throw error;
  }
}

function parentOf(path: ByteString): ByteString {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}

/** `gcroots/auto/<nix32 of the SHA-1 of the path>` → the link. @param link absolute */
export function addIndirectRoot(layout: StoreLayout, link: ByteString): void {
  if (!link.startsWith("/")) throw new StoreError(`'${link}' is not an absolute path`);
  replaceLink(`${layout.stateDir}/gcroots/auto/${hashBytes("sha1", link).toNix32()}`, link);
}

/** @throws StoreError when something other than a link into the store is in the way */
export function makeRootLink(layout: StoreLayout, link: ByteString, target: StorePath): void {
  if (!link.startsWith("/")) throw new StoreError(`'${link}' is not an absolute path`);
  if (isInStore(link, layout.storeDir) || isInStore(link, layout.physicalStoreDir))
    throw new StoreError(
      `creating a garbage collector root (${link}) in the Nix store is forbidden (are you running nix-build inside the store?)`,
    );
  const stat = fs.lstatSync(fsPath(link), { throwIfNoEntry: false });
  if (stat !== undefined) {
    const ours = stat.isSymbolicLink() && inEither(layout, readLink(link));
    if (!ours) throw new StoreError(`cannot create symlink '${link}'; already exists`);
  }
  replaceLink(link, target);
}

function readLink(path: ByteString): ByteString {
  return fs.readlinkSync(fsPath(path), { encoding: "latin1" });
}
function inEither(layout: StoreLayout, path: ByteString): boolean {
  return isInStore(path, layout.storeDir) || isInStore(path, layout.physicalStoreDir);
}

const permanentFailures = new Set(["EACCES", "EPERM", "ENOENT", "ENOTDIR"]);

/** Adds the roots in `gcroots` and `profiles`. Removes links in `gcroots/auto` whose target has gone. */
export function findLinkRoots(
  layout: StoreLayout,
  isValid: (path: StorePath) => boolean,
  roots: Roots,
): void {
  const found = (from: ByteString, target: ByteString): void => {
    let path: StorePath;
    try {
      path = splitStorePath(layout.logical(target), layout.storeDir).storePath;
    } catch {
      return;
    }
    if (isValid(path)) addRoot(roots, path, from);
  };
  const visit = (path: ByteString): void => {
    try {
      const stat = fs.lstatSync(fsPath(path));
      if (stat.isDirectory()) {
        for (const name of fs.readdirSync(fsPath(path), { encoding: "latin1" })) visit(`${path}/${name}`);
      } else if (stat.isSymbolicLink()) {
        const target = readLink(path);
        if (inEither(layout, target)) {
          found(path, target);
          return;
        }
        const absolute = absolutePath(target, parentOf(path));
        const there = fs.lstatSync(fsPath(absolute), { throwIfNoEntry: false });
        if (there === undefined) {
          if (path.startsWith(`${layout.stateDir}/gcroots/auto/`)) fs.rmSync(fsPath(path), { force: true });
        } else if (there.isSymbolicLink()) {
          const second = readLink(absolute);
          if (inEither(layout, second)) found(absolute, second);
        }
      } else if (stat.isFile()) {
        const named = tryParseStorePath(
          `${layout.storeDir}/${path.slice(path.lastIndexOf("/") + 1)}`,
          layout.storeDir,
        );
        if (named !== undefined && isValid(named)) addRoot(roots, named, path);
      }
    } catch (error) {
      if (!permanentFailures.has((error as NodeJS.ErrnoException).code ?? "")) throw error;
    }
  };
  visit(`${layout.stateDir}/gcroots`);
  visit(`${layout.stateDir}/profiles`);
}

/** A link's target, absolute and without `.` and `..`. */
function absolutePath(target: ByteString, base: ByteString): ByteString {
  const parts: string[] = [];
  for (const part of (target.startsWith("/") ? target : `${base}/${target}`).split("/")) {
    if (part === "" || part === ".") continue;
    if (part === "..") parts.pop();
    else parts.push(part);
  }
  return `/${parts.join("/")}`;
}

/**
 * Adds what running processes have open, mapped, as program, working directory or in their environment. Inside a
 * mount namespace they see logical paths, outside of it physical ones: both count. Linux only.
 */
export function findRuntimeRoots(
  layout: StoreLayout,
  isValid: (path: StorePath) => boolean,
  roots: Roots,
): void {
  let processes: string[];
  try {
    processes = fs.readdirSync("/proc").filter((name) => /^[0-9]+$/.test(name));
  } catch {
    return;
  }
  const escapeForm = (text: string): string => text.replace(/[.^$\\*+?()[\]{}|/]/g, "\\$&");
  const directories = [...new Set([layout.storeDir, layout.physicalStoreDir])].map(escapeForm).join("|");
  const form = new RegExp(`(?:${directories})/([0-9a-z]{32}-[0-9a-zA-Z+\\-._?=]+)`, "g");
  const look = (text: ByteString, from: ByteString): void => {
    for (const match of text.matchAll(form)) {
      const path = tryParseStorePath(`${layout.storeDir}/${match[1]}`, layout.storeDir);
      if (path !== undefined && (roots.has(path) || isValid(path))) addRoot(roots, path, from);
    }
  };
  const attempt = (body: () => void): void => {
    try {
      body();
    } catch {
      // The process has ended, or is none of ours.
    }
  };
  for (const id of processes) {
    const proc = `/proc/${id}`;
    for (const link of ["exe", "cwd"]) attempt(() => look(readLink(`${proc}/${link}`), `${proc}/${link}`));
    attempt(() => {
      for (const fd of fs.readdirSync(`${proc}/fd`))
        attempt(() => look(readLink(`${proc}/fd/${fd}`), `${proc}/fd/${fd}`));
    });
    for (const file of ["maps", "environ"])
      attempt(() => look(fs.readFileSync(`${proc}/${file}`, "latin1"), `${proc}/${file}`));
  }
}
