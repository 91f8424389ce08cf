/**
 * A view of the machine in which a store that lies elsewhere appears at /nix/store, made by bubblewrap without root.
 *
 * Everything else is as it was: each entry of / is bound at its place, the process keeps its user, its working
 * directory, its process group and its place in the process tree (no PID namespace), so that job control, signals
 * and `kill` work as in any shell. Where /nix exists already, what lies beside `store` in it stays visible.
 * Known difference: set-uid programs (sudo) do not work inside, because a user namespace has no other users.
 */
import { lstatSync, readdirSync, readlinkSync } from "node:fs";
import { dirname, join } from "node:path";

export interface Namespace {
  /** The helper's own command, without arguments: `["bwrap"]`, or a dynamic linker and what it needs. */
  readonly helper: readonly string[];
  /** `/nix/store`. */
  readonly storeDir: string;
  readonly physicalStoreDir: string;
  readonly workingDirectory: string;
}

/** Arguments that show every entry of `directory` but `except` at its place. */
function bindEntries(directory: string, except: string): string[] {
  const words: string[] = [];
  for (const name of readdirSync(directory).sort()) {
    if (name === except) continue;
    const path = join(directory, name);
    if (lstatSync(path).isSymbolicLink()) words.push("--symlink", readlinkSync(path), path);
    // -try: an entry may be gone by now, or be a mount that nobody may look into.
    else words.push("--dev-bind-try", path, path);
  }
  return words;
}

/** The command that runs `command` in such a view. */
export function namespaceCommand(namespace: Namespace, command: readonly string[]): string[] {
  const { storeDir } = namespace;
  const top = storeDir.split("/")[1]!;
  const words = [...namespace.helper, ...bindEntries("/", top)];
  let present = false;
  try {
    present = lstatSync(dirname(storeDir)).isDirectory();
  } catch {
    // Nothing there: only the store will be.
  }
  if (present) words.push(...bindEntries(dirname(storeDir), storeDir.split("/").at(-1)!));
  words.push("--ro-bind", namespace.physicalStoreDir, storeDir, "--remount-ro", "/");
  words.push("--chdir", namespace.workingDirectory, "--", ...command);
  return words;
}
