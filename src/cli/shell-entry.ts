/**
 * What `bruma shell` and `nix-shell` do: enter the environment of a derivation, by record if nothing changed since the
 * last time, else by evaluating and building what it needs.
 *
 * The way by record loads nothing of the evaluator, the store or the network; that is what makes it quick.
 */
import { existsSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { prepareEntry } from "../shell/enter.ts";
import { readShebang, type Shebang, shebangCommand } from "../shell/shebang.ts";
import { loadState, type ShellState } from "../shell/shell-state.ts";
import type { Arguments, Flag } from "./arguments.ts";
import { CommandError, UsageError } from "./cli-error.ts";
import { runProgram } from "./exec.ts";
import { buildFlags, evaluationFlags, lockFlags } from "./flags.ts";
import { isTerminal, printMessage } from "./output.ts";
import { fileStamp, settingsFile } from "./settings.ts";

export const shellFlags: readonly Flag[] = [
  { names: ["--packages", "-p"], help: "the arguments are packages of <nixpkgs>, not files" },
  {
    names: ["--run"],
    arguments: ["COMMAND"],
    help: "run a command in the environment; its exit status is ours",
  },
  {
    names: ["--command"],
    arguments: ["COMMAND"],
    help: "the same in an interactive shell (with aliases, job control)",
  },
  { names: ["--pure"], help: "hide the host's variables, PATH among them" },
  { names: ["--keep"], arguments: ["NAME"], help: "with --pure: keep this variable" },
  {
    names: ["--attr", "-A"],
    arguments: ["ATTRIBUTE"],
    help: "the environment of this attribute of the value",
  },
  { names: ["--expr", "-E"], help: "the argument is an expression, not a file" },
  { names: ["-i"], arguments: ["INTERPRETER"] },
  {
    names: ["--exclude"],
    arguments: ["PATTERN"],
    help: "do not build inputs whose derivation's path matches",
  },
  { names: ["--dry-run"], help: "say what would be built and fetched" },
  { names: ["--out-link", "-o"], arguments: ["LINK"] },
  { names: ["--no-out-link"] },
  { names: ["--indirect"] },
  { names: ["--add-root"], arguments: ["LINK"] },
  ...lockFlags,
  ...evaluationFlags,
  ...buildFlags,
];

/** Flags that say how to enter, not what: the same record serves whatever they are. */
const entryFlags = new Set([
  ...[
    "--run",
    "--command",
    "--keep",
    "-i",
    "--max-jobs",
    "--cores",
    "--keep-going",
    "--keep-failed",
    "--timeout",
  ],
  ...["--max-silent-time", "--print-build-logs", "--no-build-output", "--quiet", "--verbose", "--show-trace"],
  ...["--no-sandbox", "--offline", "--fallback", "--log-format", "--no-build-hook", "--no-gc-warning"],
]);

export interface ShellRequest {
  readonly given: Arguments;
  /** Under nix-shell's name: its meaning of -p, its prompt. */
  readonly nix: boolean;
  readonly shebang: Shebang | undefined;
}

/** Where relative files of a script's own lines are looked for. */
export function baseDirectory(request: ShellRequest): string {
  return request.shebang === undefined ? process.cwd() : resolve(request.shebang.script, "..");
}

/** Variables that decide what is evaluated, besides those that the expression itself asks for. */
const decidingVariables = [
  ...[
    "NIX_PATH",
    "NIX_CONFIG",
    "NIX_CONF_DIR",
    "NIX_USER_CONF_FILES",
    "BRUMA_NIXPKGS",
    "BRUMA_STORE_ROOT",
    "NIX_STORE_DIR",
    "NIX_STATE_DIR",
    "XDG_DATA_HOME",
    "HOME",
  ],
  ...["NIX_BUILD_SHELL"],
];

/** All that decides which shell is meant, as text: a state is good for the very same identity alone. */
function identityOf(request: ShellRequest): string {
  const { given } = request;
  const main = process.argv[1]!;
  const status = statSync(main, { throwIfNoEntry: false });
  return JSON.stringify([
    // Another version of bruma may evaluate or enter differently.
    main,
    status?.mtimeMs,
    request.nix,
    process.cwd(),
    request.shebang === undefined ? undefined : resolve(request.shebang.script),
    given.order.filter(([name]) => !entryFlags.has(name)),
    given.positional,
    given.has("--pure"),
    decidingVariables.map((name) => process.env[name]),
    fileStamp(settingsFile()),
    process.getuid?.(),
  ]);
}

/** A name of 28 letters for a text. No cryptography (loading it takes longer than all the rest): the text is compared. */
function shortName(text: string): string {
  let [a, b] = [0xdeadbeef, 0x41c6ce57];
  let [c, d] = [0x9e3779b9, 0x85ebca6b];
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 2654435761);
    b = Math.imul(b ^ unit, 1597334677);
    c = Math.imul(c ^ unit, 2246822507);
    d = Math.imul(d ^ unit, 3266489909);
    a ^= d >>> 13;
    b ^= a >>> 15;
    c ^= b >>> 14;
    d ^= c >>> 16;
  }
  return [a, b, c, d].map((part) => (part >>> 0).toString(36).padStart(7, "0")).join("");
}

function cacheFile(identity: string): string {
  const base = process.env.XDG_CACHE_HOME || join(process.env.HOME || homedir(), ".cache");
  return join(base, "bruma", "shells", `${shortName(identity)}.json`);
}

/** The request with defaults filled in. @throws CommandError when there is nothing to enter */
function checkFiles(request: ShellRequest): void {
  const { given } = request;
  if (given.has("--packages") && given.has("--expr")) {
    throw new UsageError("'-p' and '-E' are mutually exclusive", undefined, request.nix ? 1 : 2);
  }
  if (given.has("--packages") || given.has("--expr") || given.positional.length > 0) return;
  if (!existsSync("shell.nix") && !existsSync("default.nix")) {
    throw new CommandError(
      "no argument specified and no 'shell.nix' or 'default.nix' file found in the working directory",
      {
        hint: "name packages with -p (bruma shell -p python3), or give the file that describes the environment",
      },
    );
  }
}

const scriptNames = ["nix-shell", "bruma shell"];

/** The script that a command line names, if it starts with a script's `#!`. */
export function readScript(words: readonly string[]): Shebang | undefined {
  return readShebang(words, scriptNames);
}

/** A script's own lines stand in for the command line. */
export function scriptWords(words: readonly string[]): readonly string[] {
  return readScript(words)?.words ?? words;
}

export async function enterShell(request: ShellRequest): Promise<number> {
  const { given } = request;
  checkFiles(request);
  const pure = given.has("--pure");
  process.env.IN_NIX_SHELL = pure ? "pure" : "impure";
  const identity = identityOf(request);
  const file = cacheFile(identity);
  const refresh = given.has("--refresh") || given.has("--dry-run");
  const loaded = refresh ? { state: undefined, reason: "--refresh" } : loadState(file, identity, process.env);
  if (given.has("--verbose"))
    printMessage(loaded.state === undefined ? `evaluating: ${loaded.reason}` : "entering by record");
  let { state }: { state: ShellState | undefined } = loaded;
  if (state === undefined) {
    const { prepareState } = await import("./shell-state-maker.ts");
    const prepared = await prepareState(request, file, identity);
    if (typeof prepared === "number") return prepared;
    state = prepared;
  } else for (const message of state.messages) printMessage(Buffer.from(message, "latin1").toString("utf8"));
  return await enter(request, state);
}

function enter(request: ShellRequest, state: ShellState): Promise<number> {
  const { given, shebang } = request;
  const run = given.value("--run");
  const command = given.value("--command");
  const interpreter = given.value("-i");
  let text = run ?? command;
  if (shebang !== undefined) {
    if (interpreter === undefined) {
      throw new UsageError(
        `the script '${shebang.script}' does not say which interpreter runs it`,
        "add -i INTERPRETER to its '#! nix-shell' line",
        1,
      );
    }
    text = shebangCommand(interpreter, shebang);
  }
  const entry = prepareEntry(state, {
    pure: given.has("--pure"),
    keep: given.values("--keep"),
    command: text,
    interactive: run === undefined && shebang === undefined && isTerminal(0) && isTerminal(2),
    nixPrompt: request.nix,
    cores: given.number("--cores"),
    host: process.env,
  });
  if (entry.removed.length > 0 && !given.has("--quiet")) {
    printMessage(`not taken into the shell, as they would change its Python: ${entry.removed.join(", ")}`);
  }
  return runProgram(entry.command, entry.environment);
}
