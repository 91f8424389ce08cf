/**
 * From a shell's state to the command that starts it: a private temporary directory, the environment, the rc file,
 * and where needed the mount namespace.
 *
 * The directory's name holds the process id, which the shell keeps (it takes bruma's place), so that directories of
 * shells that could not clean up (killed, or replaced by exec) are found and removed by a later entry.
 */
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { hostPythonVariables, shellEnvironment } from "./environment.ts";
import { namespaceCommand } from "./namespace.ts";
import { rcFileText } from "./rc-file.ts";
import type { ShellState } from "./shell-state.ts";

export interface EntryOptions {
  readonly pure: boolean;
  readonly keep: readonly string[];
  /** Shell code to run; undefined: a prompt. */
  readonly command: string | undefined;
  readonly interactive: boolean;
  /** nix-shell's own prompt instead of a mark before the user's. */
  readonly nixPrompt: boolean;
  readonly cores: number | undefined;
  readonly host: NodeJS.ProcessEnv;
}

export interface Entry {
  readonly command: readonly string[];
  readonly environment: Record<string, string>;
  /** Python's variables of the host that were set and are not taken along. */
  readonly removed: readonly string[];
}

/** Is this a directory that nobody else can put things into or move? Its name can be guessed, so others may have made it. */
function isOwn(directory: string, user: number): boolean {
  const status = lstatSync(directory, { throwIfNoEntry: false });
  return status?.isDirectory() === true && status.uid === user && (status.mode & 0o077) === 0;
}

function temporaryDirectory(): string {
  const user = process.getuid?.() ?? 0;
  const base = join(tmpdir(), `bruma-shells-${user}`);
  try {
    mkdirSync(base, { mode: 0o700 });
  } catch {
    // There already, or not to be made: looked at next.
  }
  if (!isOwn(base, user)) return mkdtempSync(join(tmpdir(), `bruma-shell-${process.pid}-`));
  for (const name of readdirSync(base)) {
    const owner = Number(name.split("-")[0]);
    try {
      process.kill(owner, 0);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ESRCH")
        rmSync(join(base, name), { recursive: true, force: true });
    }
  }
  return mkdtempSync(join(base, `${process.pid}-`));
}

/** Prepares an entry. Writes files below the temporary directory alone. */
export function prepareEntry(state: ShellState, options: EntryOptions): Entry {
  const temporary = temporaryDirectory();
  const { variables, removed } = shellEnvironment({
    host: options.host,
    pure: options.pure,
    keep: options.keep,
    temporaryDirectory: temporary,
    storeDir: state.storeDir,
    cores: options.cores || availableParallelism(),
    derivation: new Map(state.variables),
    passAsFile: new Set(state.passAsFile),
  });
  let structuredAttributes = "";
  if (state.structured !== undefined) {
    const sh = join(temporary, ".attrs.sh");
    const json = join(temporary, ".attrs.json");
    writeFileSync(sh, state.structured.sh, "latin1");
    writeFileSync(json, state.structured.json, "latin1");
    variables.NIX_ATTRS_SH_FILE = sh;
    variables.NIX_ATTRS_JSON_FILE = json;
    structuredAttributes = 'source "$NIX_ATTRS_SH_FILE"';
  }
  if (state.storeRoot !== undefined) variables.BRUMA_STORE_ROOT = state.storeRoot;
  const rc = join(temporary, "rc");
  const given = new Set(state.variables.map(([name]) => name));
  writeFileSync(
    rc,
    rcFileText({
      temporaryDirectory: temporary,
      pure: options.pure,
      bash: state.bash,
      structuredAttributes,
      command: options.command,
      prompt: options.nixPrompt
        ? { kind: "nix", root: process.getuid?.() === 0 }
        : { kind: "mark", text: "bruma" },
      unset: hostPythonVariables.filter((name) => !given.has(name) && !options.keep.includes(name)),
      timeZone: options.host.TZ,
      stackLimit: undefined,
    }),
  );
  const shell = options.interactive ? [state.bash, "--rcfile", rc] : [state.bash, rc];
  const command =
    state.helper === undefined
      ? shell
      : namespaceCommand(
          {
            helper: state.helper,
            storeDir: state.storeDir,
            physicalStoreDir: state.physicalStoreDir,
            workingDirectory: process.cwd(),
          },
          shell,
        );
  return { command, environment: variables, removed };
}
