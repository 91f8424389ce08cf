/**
 * Temporary roots: what a running process has added or is about to use must not be collected under its hands.
 *
 * `temproots/<pid>` holds NUL-terminated paths and is locked exclusively while its process lives. While a collection
 * runs (it holds `gc.lock` exclusively) a new root is also told to the collector through its socket, which answers
 * when the path is safe. All as Nix does it.
 */
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { type ByteString, fsPath, toText } from "../format/bytes.ts";
import { type StorePath, tryParseStorePath } from "../format/store-path.ts";
import { lockFile } from "./flock.ts";
import type { Roots } from "./store.ts";
import { StoreError } from "./store-error.ts";

const { O_RDWR, O_CREAT } = fs.constants;

export function openGcLock(stateDir: ByteString): number {
  return fs.openSync(fsPath(`${stateDir}/gc.lock`), O_RDWR | O_CREAT, 0o600);
}

/** Where the running collector listens. */
export function gcSocketPath(stateDir: ByteString): ByteString {
  return `${stateDir}/gc-socket/socket`;
}

export class TempRoots {
  #stateDir: ByteString;
  #file: ByteString;
  #fd = -1;
  #gcLock = -1;
  #known = new Set<StorePath>();

  constructor(stateDir: ByteString) {
    this.#stateDir = stateDir;
    this.#file = `${stateDir}/temproots/${process.pid}`;
  }

  #open(): void {
    if (this.#fd >= 0) return;
    for (;;) {
      // There can be no two processes of one number, so a file that is there is stale; except another store object
      // of this very process on the same directory, which shares the file by opening it again.
      const fd = fs.openSync(fsPath(this.#file), O_RDWR | O_CREAT | fs.constants.O_APPEND, 0o600);
      const sharers = ownFiles.get(this.#file);
      if (sharers !== undefined) {
        ownFiles.set(this.#file, sharers + 1);
        this.#fd = fd;
        break;
      }
      if (!lockFile(fd, "exclusive", false)) {
        fs.closeSync(fd);
        // The collector looks at it: it will go away in a moment.
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
        continue;
      }
      const stale = fs.fstatSync(fd).size > 0;
      if (stale) {
        fs.rmSync(fsPath(this.#file), { force: true });
        fs.closeSync(fd);
        continue;
      }
      // The collector may have removed it between our open and our lock.
      const there = fs.statSync(fsPath(this.#file), { throwIfNoEntry: false });
      if (there === undefined || there.ino !== fs.fstatSync(fd).ino) {
        fs.closeSync(fd);
        continue;
      }
      this.#fd = fd;
      ownFiles.set(this.#file, 1);
      break;
    }
  }

  /** Keeps these paths until the process ends or `close`. */
  add(paths: Iterable<StorePath>): void {
    const fresh = [...new Set(paths)].filter((path) => !this.#known.has(path));
    if (fresh.length === 0) return;
    this.#open();
    if (this.#gcLock < 0) this.#gcLock = openGcLock(this.#stateDir);
    for (;;) {
      if (lockFile(this.#gcLock, "shared", false)) {
        try {
          this.#write(fresh);
        } finally {
          lockFile(this.#gcLock, "none", true);
        }
        break;
      }
      if (tellCollector(this.#stateDir, fresh)) {
        this.#write(fresh);
        break;
      }
      // The collector has just ended, or does not listen yet.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    }
    for (const path of fresh) this.#known.add(path);
  }

  #write(paths: readonly StorePath[]): void {
    fs.writeSync(this.#fd, paths.map((path) => `${path}\0`).join(""));
  }

  close(): void {
    if (this.#gcLock >= 0) fs.closeSync(this.#gcLock);
    this.#gcLock = -1;
    if (this.#fd >= 0) {
      const sharers = ownFiles.get(this.#file)! - 1;
      if (sharers > 0) ownFiles.set(this.#file, sharers);
      else {
        ownFiles.delete(this.#file);
        fs.rmSync(fsPath(this.#file), { force: true });
      }
      fs.closeSync(this.#fd);
    }
    this.#fd = -1;
    this.#known.clear();
  }
}

/** Files of this process and how many share each: see `#open`. */
const ownFiles = new Map<ByteString, number>();

/**
 * Sends roots to a running collector. A child does it, because Node's sockets cannot be waited for here; it happens
 * only while a collection runs.
 * @returns false when nobody listens (any more)
 */
function tellCollector(stateDir: ByteString, paths: readonly StorePath[]): boolean {
  const script = `
    const [socket, ...paths] = process.argv.slice(1);
    const connection = require("node:net").connect(socket);
    let due = paths.length;
    connection.on("connect", () => connection.write(paths.map((path) => path + "\\n").join("")));
    connection.on("data", (data) => { due -= data.length; if (due <= 0) process.exit(0); });
    connection.on("error", () => process.exit(3));
    connection.on("close", () => process.exit(3));
  `;
  for (let from = 0; from < paths.length; from += 500) {
    const args = ["-e", script, "--", toText(gcSocketPath(stateDir)), ...paths.slice(from, from + 500)];
    const result = spawnSync(process.execPath, args, { stdio: "ignore" });
    if (result.signal !== null)
      throw new StoreError("interrupted while waiting for the garbage collector", { exitCode: 130 });
    if (result.status !== 0) return false;
  }
  return true;
}

/** Adds the roots of all living processes to `roots`; removes the files of dead ones. */
export function findTempRoots(stateDir: ByteString, storeDir: ByteString, roots: Roots): void {
  const directory = `${stateDir}/temproots`;
  for (const name of fs.readdirSync(fsPath(directory), { encoding: "latin1" })) {
    if (name.startsWith(".")) continue;
    const file = `${directory}/${name}`;
    let fd: number;
    try {
      fd = fs.openSync(fsPath(file), O_RDWR);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") continue;
      throw error;
    }
    try {
      if (lockFile(fd, "exclusive", false)) {
        // Its owner is dead. The mark tells whoever has opened it meanwhile to make a new one.
        fs.rmSync(fsPath(file), { force: true });
        fs.writeSync(fd, "d");
        continue;
      }
      for (const text of fs.readFileSync(fsPath(file), "latin1").split("\0").slice(0, -1)) {
        const path = tryParseStorePath(text, storeDir);
        if (path !== undefined) addRoot(roots, path, `{temp:${name}}`);
      }
    } finally {
      fs.closeSync(fd);
    }
  }
}

export function addRoot(roots: Roots, path: StorePath, from: ByteString): void {
  const known = roots.get(path);
  if (known === undefined) roots.set(path, new Set([from]));
  else known.add(from);
}
