/**
 * The program's entry: finds the command by the name it was started under and the first word, and reports errors.
 *
 * Commands are loaded when they are asked for, so that `bruma eval` pays for evaluation alone.
 */
import { type Arguments, HelpRequest, parseArguments } from "./arguments.ts";
import { UsageError } from "./cli-error.ts";
import type { Command } from "./command.ts";
import { nearestNames } from "./nearest.ts";
import { printOutput } from "./output.ts";
import { takeOwnVariables } from "./own-process.ts";
import { reportError } from "./report.ts";

export const version = "0.1.0";
/** The Nix whose behaviour, settings and output are meant. */
export const nixVersion = "2.34.0";

type Loader = () => Promise<Command>;

interface Entry {
  readonly summary: string;
  readonly load: Loader;
}

const commands: Record<string, Entry> = {
  shell: {
    summary: "enter an environment, or run a command in it",
    load: async () => (await import("./commands/shell.ts")).shellCommand,
  },
  build: {
    summary: "build packages, leave a result link",
    load: async () => (await import("./commands/build.ts")).buildCommand,
  },
  run: {
    summary: "build a package and run its program",
    load: async () => (await import("./commands/run.ts")).runCommand,
  },
  eval: {
    summary: "evaluate an expression and print the value",
    load: async () => (await import("./commands/eval.ts")).evalCommand,
  },
  instantiate: {
    summary: "evaluate to derivations and print their paths",
    load: async () => (await import("./commands/instantiate.ts")).instantiateCommand,
  },
  flake: {
    summary: "lock, update, describe and show flakes",
    load: async () => (await import("./commands/flake.ts")).flakeCommand,
  },
  repl: {
    summary: "evaluate interactively",
    load: async () => (await import("./commands/repl.ts")).replCommand,
  },
  log: {
    summary: "show the log of a build",
    load: async () => (await import("./commands/log.ts")).logCommand,
  },
  store: {
    summary: "look at, check, export and clean the store",
    load: async () => (await import("./commands/store.ts")).storeCommand,
  },
  hash: {
    summary: "hash files, convert hashes",
    load: async () => (await import("./commands/hash.ts")).hashCommand,
  },
  compat: {
    summary: "print the line that puts Nix's command names on the PATH",
    load: async () => (await import("./commands/compat.ts")).compatCommand,
  },
};

/** Run by bruma itself, in a child process: what a synchronous evaluation must wait for. */
const internal: Record<string, Loader> = {
  __realise: async () => (await import("./commands/realise.ts")).realiseCommand,
  __fetch: async () => (await import("./commands/fetch.ts")).fetchCommand,
};

const programs: Record<string, Loader> = {
  nix: async () => (await import("./nix/nix.ts")).nixCommand,
  "nix-shell": async () => (await import("./nix/nix-shell.ts")).nixShellCommand,
  "nix-build": async () => (await import("./nix/nix-build.ts")).nixBuildCommand,
  "nix-instantiate": async () => (await import("./nix/nix-instantiate.ts")).nixInstantiateCommand,
  "nix-store": async () => (await import("./nix/nix-store.ts")).nixStoreCommand,
  "nix-hash": async () => (await import("./nix/nix-hash.ts")).nixHashCommand,
  "nix-prefetch-url": async () => (await import("./nix/nix-prefetch-url.ts")).nixPrefetchUrlCommand,
  "nix-collect-garbage": async () => (await import("./nix/nix-collect-garbage.ts")).nixCollectGarbageCommand,
  "nix-copy-closure": async () => (await import("./nix/nix-copy-closure.ts")).nixCopyClosureCommand,
  "nix-env": async () => (await import("./nix/nix-env.ts")).nixEnvCommand,
};

function overview(): string {
  const width = Math.max(...Object.keys(commands).map((name) => name.length)) + 2;
  const lines = Object.entries(commands).map(([name, entry]) => `  ${name.padEnd(width)}${entry.summary}`);
  return `usage: bruma COMMAND [ARGUMENTS…]

Nix-compatible Python development environments: no root, no daemon, no Nix.

commands:
${lines.join("\n")}
  ${"self-test".padEnd(width)}check a checkout of bruma: format, types, floors, tests

'bruma COMMAND --help' says more about each. 'bruma --version' prints the version.

examples:
  bruma shell shell.nix --run "python app.py"
      runs a command in the environment that shell.nix describes
  bruma shell -p python3Packages.numpy
      opens a shell with a Python that has numpy
`;
}

async function runCommand(command: Command, words: readonly string[]): Promise<number> {
  let given: Arguments;
  try {
    given = parseArguments(command.line, command.replaceWords?.(words) ?? words);
  } catch (error) {
    if (!(error instanceof HelpRequest)) throw error;
    printOutput(error.text);
    return 0;
  }
  try {
    return await command.run(given, words);
  } catch (error) {
    const { usageStatus } = command.line;
    if (usageStatus !== undefined && error instanceof UsageError && error.exitCode !== usageStatus)
      throw new UsageError(error.message, error.hint, usageStatus);
    throw error;
  }
}

async function main(name: string, words: readonly string[]): Promise<number> {
  const program = programs[name];
  if (program !== undefined) {
    if (words.includes("--version") && !(name === "nix" && words[0] !== "--version")) {
      printOutput(`${name} (Nix) ${nixVersion} (bruma ${version})\n`);
      return 0;
    }
    const command = await program();
    return await runCommand(command, words);
  }
  const [first, ...rest] = words;
  if (first === undefined) {
    printOutput(overview());
    return 2;
  }
  if (first === "--help" || first === "-h" || first === "help") {
    const wanted = commands[rest[0] ?? ""];
    if (wanted === undefined) printOutput(overview());
    else return await runCommand(await wanted.load(), ["--help"]);
    return 0;
  }
  if (first === "--version" || first === "version") {
    printOutput(`bruma ${version} (Nix language and store of ${nixVersion})\n`);
    return 0;
  }
  const load = commands[first]?.load ?? internal[first];
  if (load === undefined) {
    const near = nearestNames(first, Object.keys(commands));
    throw new UsageError(
      `'${first}' is not a command of bruma`,
      near.length > 0 ? `did you mean 'bruma ${near[0]}'?` : "'bruma --help' lists the commands",
    );
  }
  return await runCommand(await load(), rest);
}

/** Without loading the evaluator, for it is not there unless it was used. */
function isEvaluationStackOverflow(error: unknown): boolean {
  return (error as { kind?: unknown } | undefined)?.kind === "stack-overflow";
}

takeOwnVariables();

// Nothing is left to wait for: the process ends without V8 first freeing a heap page by page (20 ms of a short
// evaluation, 80 of a long one).
process.once("beforeExit", () => process.exit());

const [name = "bruma", ...words] = process.argv.slice(2);
main(name, words).then(
  (status) => {
    process.exitCode = status;
  },
  async (error) => {
    if (isEvaluationStackOverflow(error)) {
      const { runWithDeeperStack, wantsDeeperStack } = await import("./deeper-stack.ts");
      if (wantsDeeperStack(error, words)) {
        process.exitCode = await runWithDeeperStack();
        return;
      }
    }
    process.exitCode = reportError(error);
  },
);
