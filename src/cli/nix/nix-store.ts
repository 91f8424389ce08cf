/**
 * `nix-store`: operations on the store, with Nix's flags and output.
 *
 * The first operation flag decides; what follows are its own flags and arguments. Not there: --serve,
 * --repair-path, --load-db and --register-validity (said so when asked for).
 */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { toBytes, toText } from "../../format/bytes.ts";
import { parseHash, parseHashAlgorithm } from "../../format/hash.ts";
import { isDerivationPath, makeFixedOutputPath, type StorePath } from "../../format/store-path.ts";
import { shellQuote } from "../../shell/quote.ts";
import type { Arguments, Flag } from "../arguments.ts";
import { buildLog } from "../build-logs.ts";
import { type BuildTarget, realiseTargets } from "../building.ts";
import { CommandError, NotAvailableError, UsageError } from "../cli-error.ts";
import type { Command } from "../command.ts";
import { openSession, type Session } from "../compose.ts";
import { buildFlags } from "../flags.ts";
import { printOutput, writeOutput } from "../output.ts";
import { exportPaths, importPaths } from "../store-export.ts";
import { dotText, graphMlText, treeText } from "../store-graph.ts";
import {
  addFile,
  collect,
  dumpToOutput,
  restoreFromInput,
  verifyPath,
  verifyStore,
} from "../store-operations.ts";
import { deriverOf, followLinks, outputPaths, parsePathWithOutputs, readDerivation } from "../store-paths.ts";

const operations = [
  "--realise",
  "--query",
  "--add",
  "--add-fixed",
  "--print-fixed-path",
  "--delete",
  "--print-env",
  "--read-log",
  "--dump-db",
  "--load-db",
  "--register-validity",
  "--check-validity",
  "--gc",
  "--dump",
  "--restore",
  "--export",
  "--import",
  "--init",
  "--verify",
  "--verify-path",
  "--repair-path",
  "--optimise",
  "--serve",
] as const;

const flags: Flag[] = [
  { names: ["--realise", "--realize", "-r"], help: "build or fetch paths" },
  { names: ["--query", "-q"], help: "ask about paths; see below" },
  { names: ["--add"], help: "copy files to the store" },
  { names: ["--add-fixed"], help: "copy files as fixed outputs: ALGORITHM FILE…" },
  { names: ["--print-fixed-path"], help: "ALGORITHM HASH NAME" },
  { names: ["--delete"], help: "delete paths that nothing keeps" },
  { names: ["--print-env"], help: "a derivation's environment, for a shell to read" },
  { names: ["--read-log", "-l"], help: "the log of a build" },
  { names: ["--gc"], help: "delete all that nothing keeps" },
  { names: ["--dump"], help: "write a path as NAR to standard output" },
  { names: ["--restore"], help: "unpack a NAR from standard input" },
  { names: ["--export"], help: "write paths with what is known of them" },
  { names: ["--import"], help: "read what --export wrote" },
  { names: ["--verify"], help: "check the database, with --check-contents the files" },
  { names: ["--verify-path"], help: "check the files of paths" },
  { names: ["--check-validity"], help: "fail unless all paths are valid" },
  { names: ["--optimise", "--optimize"], help: "share equal files" },
  { names: ["--init"] },
  { names: ["--dump-db"] },
  { names: ["--load-db"] },
  { names: ["--register-validity"] },
  { names: ["--repair-path"] },
  { names: ["--serve"] },
  { names: ["--generate-binary-cache-key"] },
  { names: ["--outputs"] },
  { names: ["--requisites", "-R"] },
  { names: ["--references"] },
  { names: ["--referrers", "--referers"] },
  { names: ["--referrers-closure", "--referers-closure"] },
  { names: ["--deriver", "-d"] },
  { names: ["--valid-derivers"] },
  { names: ["--binding", "-b"], arguments: ["NAME"] },
  { names: ["--hash"] },
  { names: ["--size"] },
  { names: ["--tree"] },
  { names: ["--graph"] },
  { names: ["--graphml"] },
  { names: ["--resolve"] },
  { names: ["--roots"] },
  { names: ["--use-output", "-u"] },
  { names: ["--force-realise", "--force-realize", "-f"] },
  { names: ["--include-outputs"] },
  { names: ["--recursive"] },
  { names: ["--dry-run"] },
  { names: ["--check"] },
  { names: ["--ignore-unknown"] },
  { names: ["--print-invalid"] },
  { names: ["--print-roots"] },
  { names: ["--print-live"] },
  { names: ["--print-dead"] },
  { names: ["--max-freed"], arguments: ["BYTES"] },
  { names: ["--ignore-liveness"] },
  { names: ["--check-contents"] },
  { names: ["--reregister"] },
  { names: ["--hash-given"] },
  { names: ["--add-root"], arguments: ["LINK"] },
  { names: ["--indirect"] },
  { names: ["--no-output"] },
  { names: ["--stdin"] },
  ...buildFlags,
];

/** A path, or with --use-output its outputs if it is a derivation. */
async function orOutputs(
  session: Session,
  given: Arguments,
  path: StorePath,
  always = false,
): Promise<StorePath[]> {
  if (given.has("--force-realise")) await realiseTargets(session, [{ path, outputs: undefined }]);
  if (!(always || given.has("--use-output")) || !isDerivationPath(path)) return [path];
  return [...outputPaths(session, path).values()];
}

const queries = [
  ...["--outputs", "--requisites", "--references", "--referrers", "--referrers-closure", "--deriver"],
  ...[
    "--valid-derivers",
    "--binding",
    "--hash",
    "--size",
    "--tree",
    "--graph",
    "--graphml",
    "--resolve",
    "--roots",
  ],
];

async function query(session: Session, given: Arguments, texts: readonly string[]): Promise<void> {
  const { store } = session;
  const chosen = queries.filter((name) => given.has(name));
  if (chosen.length > 1)
    throw new UsageError(`query type '${chosen[1]}' conflicts with earlier flag`, undefined, 1);
  const kind = chosen[0] ?? "--outputs";
  const print = (paths: Iterable<StorePath>) => {
    for (const path of paths) printOutput(`${toText(path)}\n`);
  };
  const paths = texts.map((text) => followLinks(session, text));
  const expanded = async () =>
    (await Promise.all(paths.map((path) => orOutputs(session, given, path)))).flat();
  switch (kind) {
    case "--outputs":
      for (const path of paths) print(await orOutputs(session, given, path, true));
      break;
    case "--requisites":
      print(
        store.sortTopologically(
          store.computeClosure(await expanded(), { includeOutputs: given.has("--include-outputs") }),
        ),
      );
      break;
    case "--references":
      print(
        store.sortTopologically(
          new Set((await expanded()).flatMap((path) => store.pathInfo(path).references)),
        ),
      );
      break;
    case "--referrers":
      print(
        store.sortTopologically(
          new Set((await expanded()).flatMap((path) => [...store.queryReferrers(path)])),
        ),
      );
      break;
    case "--referrers-closure":
      print(store.sortTopologically(store.computeClosure(await expanded(), { referrers: true })));
      break;
    case "--deriver":
      for (const path of paths) printOutput(`${toText(store.pathInfo(path).deriver ?? "unknown-deriver")}\n`);
      break;
    case "--valid-derivers":
      print(store.sortTopologically(new Set(paths.flatMap((path) => [...store.queryDerivers(path)]))));
      break;
    case "--binding": {
      const name = toBytes(given.value("--binding")!);
      for (const path of paths) {
        const drvPath = deriverOf(session, path);
        const value = readDerivation(session, drvPath).env.get(name);
        if (value === undefined) {
          throw new CommandError(
            `derivation '${toText(drvPath)}' has no environment binding named '${toText(name)}'`,
          );
        }
        writeOutput(`${value}\n`);
      }
      break;
    }
    case "--hash":
      for (const path of await expanded()) printOutput(`${store.pathInfo(path).narHash.toPrefixedNix32()}\n`);
      break;
    case "--size":
      for (const path of await expanded()) printOutput(`${store.pathInfo(path).narSize}\n`);
      break;
    case "--tree": {
      const done = new Set<StorePath>();
      for (const path of paths) printOutput(treeText(store, path, done));
      break;
    }
    case "--graph":
      printOutput(dotText(store, await expanded()));
      break;
    case "--graphml":
      printOutput(graphMlText(store, await expanded()));
      break;
    case "--resolve":
      print(paths);
      break;
    case "--roots": {
      const referrers = store.computeClosure(await expanded(), { referrers: true, includeDerivers: true });
      for (const [target, links] of store.findRoots()) {
        if (referrers.has(target))
          for (const link of links) printOutput(`${toText(link)} -> ${toText(target)}\n`);
      }
      break;
    }
  }
}

async function realise(session: Session, given: Arguments, texts: readonly string[]): Promise<number> {
  const targets: BuildTarget[] = texts.map((text) => parsePathWithOutputs(session, text));
  const outcome = await realiseTargets(session, targets, {
    dryRun: given.has("--dry-run"),
    check: given.has("--check"),
  });
  if (given.has("--dry-run") || outcome.status !== 0) return outcome.status;
  let number = 0;
  const root = given.value("--add-root");
  for (const target of targets) {
    const all = isDerivationPath(target.path)
      ? outputPaths(session, target.path)
      : new Map([["out", target.path]]);
    for (const [name, path] of all) {
      if (target.outputs !== undefined && !target.outputs.includes(name)) continue;
      if (root === undefined) {
        if (!given.has("--no-output")) printOutput(`${toText(path)}\n`);
        continue;
      }
      number++;
      const { addRoot } = await import("../roots.ts");
      const link = addRoot(
        session,
        `${root}${number > 1 ? `-${number}` : ""}${name === "out" ? "" : `-${name}`}`,
        path,
      );
      if (!given.has("--no-output")) printOutput(`${link}\n`);
    }
  }
  return 0;
}

function printRoots(session: Session): void {
  const lines: string[] = [];
  for (const [target, links] of session.store.findRoots()) {
    for (const link of links) lines.push(`${toText(link)} -> ${toText(target)}\n`);
  }
  printOutput(lines.sort().join(""));
}

async function run(given: Arguments): Promise<number> {
  const chosen = operations.filter((name) => given.has(name));
  if (chosen.length > 1) throw new UsageError("only one operation may be specified", undefined, 1);
  const operation = chosen[0];
  if (operation === undefined) throw new UsageError("no operation specified", undefined, 1);
  const texts = [...given.positional, ...(given.rest ?? [])];
  if (given.has("--stdin"))
    texts.push(
      ...readFileSync(0, "utf8")
        .split(/\s+/)
        .filter((word) => word !== ""),
    );
  if (operation === "--dump" || operation === "--restore") {
    if (texts.length !== 1) throw new UsageError("only one argument allowed", undefined, 1);
    if (operation === "--dump") dumpToOutput(undefined, texts[0]!);
    else restoreFromInput(texts[0]!);
    return 0;
  }
  const session = await openSession(given, { showLogs: true });
  try {
    switch (operation) {
      case "--realise":
        return await realise(session, given, texts);
      case "--query":
        await query(session, given, texts);
        return 0;
      case "--add":
        for (const text of texts) printOutput(`${toText(addFile(session, text, "nar", "sha256"))}\n`);
        return 0;
      case "--add-fixed": {
        const [algorithm, ...files] = texts;
        if (algorithm === undefined)
          throw new UsageError("first argument must be hash algorithm", undefined, 1);
        for (const file of files) {
          const method = given.has("--recursive") ? "nar" : "flat";
          printOutput(`${toText(addFile(session, file, method, parseHashAlgorithm(toBytes(algorithm))))}\n`);
        }
        return 0;
      }
      case "--print-fixed-path": {
        const [algorithm, hash, name] = texts;
        if (texts.length !== 3)
          throw new UsageError("'--print-fixed-path' requires three arguments", undefined, 1);
        const path = makeFixedOutputPath(
          toBytes(basename(name!)),
          {
            method: given.has("--recursive") ? "nar" : "flat",
            hash: parseHash(toBytes(hash!), parseHashAlgorithm(toBytes(algorithm!))),
            references: [],
            self: false,
          },
          session.layout.storeDir,
        );
        printOutput(`${toText(path)}\n`);
        return 0;
      }
      case "--delete":
        collect(session, {
          action: "delete-specific",
          paths: texts.map((text) => followLinks(session, text)),
          ignoreLiveness: given.has("--ignore-liveness"),
        });
        return 0;
      case "--print-env": {
        if (texts.length !== 1)
          throw new UsageError("'--print-env' requires one derivation store path", undefined, 1);
        const derivation = readDerivation(session, followLinks(session, texts[0]!));
        for (const [name, value] of [...derivation.env].sort(([a], [b]) => (a < b ? -1 : 1))) {
          writeOutput(`export ${name}; ${name}='${value.replaceAll("'", "'\\''")}'\n`);
        }
        writeOutput(`export _args; _args=${alwaysQuote(derivation.args.join(" "))}\n`);
        return 0;
      }
      case "--read-log":
        for (const text of texts) writeOutput(buildLog(session, followLinks(session, text)));
        return 0;
      case "--check-validity": {
        for (const text of texts) {
          const path = followLinks(session, text);
          if (session.store.isValidPath(path)) continue;
          if (!given.has("--print-invalid")) throw new CommandError(`path '${toText(path)}' is not valid`);
          printOutput(`${toText(path)}\n`);
        }
        return 0;
      }
      case "--gc": {
        if (given.has("--print-roots")) {
          printRoots(session);
          return 0;
        }
        const action = given.has("--print-live")
          ? "return-live"
          : given.has("--print-dead")
            ? "return-dead"
            : "delete-dead";
        const maxFreed = given.value("--max-freed");
        collect(session, { action, ...(maxFreed !== undefined && { maxFreed: parseSize(maxFreed) }) });
        return 0;
      }
      case "--export":
        exportPaths(
          session.store,
          texts.map((text) => followLinks(session, text)),
          (chunk) => writeOutput(chunk),
        );
        return 0;
      case "--import":
        for (const path of importPaths(session.store)) printOutput(`${toText(path)}\n`);
        return 0;
      case "--init":
        session.store.queryAllValidPaths();
        return 0;
      case "--verify":
        return verifyStore(session, given.has("--check-contents"), given.has("--verbose")) === 0 ? 0 : 1;
      case "--verify-path": {
        let good = true;
        for (const text of texts) good = verifyPath(session, followLinks(session, text)) && good;
        return good ? 0 : 1;
      }
      case "--optimise": {
        session.store.optimise();
        return 0;
      }
      case "--dump-db":
      case "--load-db":
      case "--register-validity":
      case "--repair-path":
      case "--serve":
        throw new NotAvailableError(`'nix-store ${operation}'`);
    }
  } finally {
    session.close();
  }
}

function alwaysQuote(text: string): string {
  const quoted = shellQuote(text);
  return quoted.startsWith("'") ? quoted : `'${quoted}'`;
}

/** Bytes, with K, M, G or T for powers of 1024. */
export function parseSize(text: string): number {
  const match = /^(\d+)([KMGT]?)$/i.exec(text);
  if (match === null) throw new UsageError(`'${text}' is not a size in bytes`, undefined, 1);
  return Number(match[1]) * 1024 ** ["", "K", "M", "G", "T"].indexOf(match[2]!.toUpperCase());
}

export const nixStoreCommand: Command = {
  line: {
    name: "nix-store",
    usage: "OPERATION [FLAG…] [ARGUMENT…]",
    summary: "Builds, queries, checks and moves store paths.",
    usageStatus: 1,
    flags,
    notes:
      "queries (--query): --outputs --requisites|-R --references --referrers --referrers-closure --deriver|-d\n" +
      "  --valid-derivers --binding|-b NAME --hash --size --tree --graph --graphml --resolve --roots;\n" +
      "  --use-output|-u takes a derivation's outputs instead of itself.",
  },
  run,
};
