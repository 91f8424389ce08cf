/** `bruma store`: looking at the store, moving paths in and out of it, cleaning it. */
import { toBytes, toText } from "../../format/bytes.ts";
import { printContentAddress } from "../../format/content-address.ts";
import { parseHashAlgorithm } from "../../format/hash.ts";
import type { StorePath } from "../../format/store-path.ts";
import type { Arguments } from "../arguments.ts";
import { UsageError } from "../cli-error.ts";
import type { Command } from "../command.ts";
import { openSession, type Session } from "../compose.ts";
import { nearestNames } from "../nearest.ts";
import { parseSize } from "../nix/nix-store.ts";
import { printMessage, printOutput, writeOutput } from "../output.ts";
import { formatBytes } from "../progress.ts";
import { exportPaths, importPaths } from "../store-export.ts";
import { treeText } from "../store-graph.ts";
import {
  addFile,
  collect,
  dumpToOutput,
  restoreFromInput,
  verifyPath,
  verifyStore,
} from "../store-operations.ts";
import { followLinks } from "../store-paths.ts";

type Verb = (session: Session, given: Arguments, texts: readonly string[]) => number | Promise<number>;

/** Prints facts of paths as the flags ask. */
export function pathInfo(session: Session, given: Arguments, texts: readonly string[]): number {
  const roots = texts.map((text) => followLinks(session, text));
  const { store } = session;
  const paths = given.has("--recursive") ? store.sortTopologically(store.computeClosure(roots)) : roots;
  const closureSize = (path: StorePath) => {
    let sum = 0;
    for (const reached of store.computeClosure([path])) sum += store.pathInfo(reached).narSize;
    return sum;
  };
  if (given.has("--json")) {
    const entries: Record<string, unknown> = {};
    for (const path of paths) {
      const info = store.queryPathInfo(path);
      entries[toText(path)] =
        info === undefined
          ? null
          : {
              ca: info.ca === undefined ? null : toText(printContentAddress(info.ca)),
              deriver: info.deriver === undefined ? null : toText(info.deriver),
              narHash: info.narHash.toSri(),
              narSize: info.narSize,
              references: info.references.map(toText),
              registrationTime: info.registrationTime,
              signatures: info.signatures.map(toText),
              ultimate: info.ultimate,
              ...(given.has("--closure-size") && { closureSize: closureSize(path) }),
            };
    }
    printOutput(`${JSON.stringify(entries)}\n`);
    return 0;
  }
  for (const path of paths) {
    const info = store.pathInfo(path);
    const columns = [toText(path)];
    const size = (bytes: number) => (given.has("--human-readable") ? formatBytes(bytes) : String(bytes));
    if (given.has("--size")) columns.push(size(info.narSize));
    if (given.has("--closure-size")) columns.push(size(closureSize(path)));
    if (given.has("--sigs")) columns.push(...info.signatures.map(toText));
    printOutput(`${columns.join("\t")}\n`);
  }
  return 0;
}

const verbs: Record<string, { readonly summary: string; readonly run: Verb }> = {
  "path-info": {
    summary: "what is known of paths (--json, --size, --closure-size, --recursive)",
    run: pathInfo,
  },
  verify: {
    summary: "check the database; --check-contents: the files too; or the given paths",
    run(session, given, texts) {
      if (texts.length === 0) {
        const left = verifyStore(session, given.has("--check-contents"), given.has("--verbose"));
        if (left === 0) printMessage("the store is in order");
        return left === 0 ? 0 : 1;
      }
      let good = true;
      for (const text of texts) good = verifyPath(session, followLinks(session, text)) && good;
      return good ? 0 : 1;
    },
  },
  gc: {
    summary: "delete what nothing keeps (--dry-run: only say what)",
    run(session, given) {
      const maxFreed = given.value("--max-freed");
      collect(session, {
        action: given.has("--dry-run") ? "return-dead" : "delete-dead",
        ...(maxFreed !== undefined && { maxFreed: parseSize(maxFreed) }),
      });
      return 0;
    },
  },
  roots: {
    summary: "what keeps which path",
    run(session) {
      for (const [target, links] of session.store.findRoots()) {
        for (const link of links) printOutput(`${toText(link)} -> ${toText(target)}\n`);
      }
      return 0;
    },
  },
  optimise: {
    summary: "share equal files",
    run(session) {
      const result = session.store.optimise();
      printMessage(`${formatBytes(result.bytesFreed)} freed by sharing ${result.filesLinked} files`);
      return 0;
    },
  },
  dump: {
    summary: "write a path as NAR to standard output",
    run(session, _given, texts) {
      if (texts.length !== 1) throw new UsageError("'bruma store dump' wants one path");
      dumpToOutput(session, texts[0]!);
      return 0;
    },
  },
  restore: {
    summary: "unpack a NAR from standard input to a new path",
    run(_session, _given, texts) {
      if (texts.length !== 1) throw new UsageError("'bruma store restore' wants one path");
      restoreFromInput(texts[0]!);
      return 0;
    },
  },
  add: {
    summary: "copy files and trees to the store (--flat: as one file's bytes)",
    run(session, given, texts) {
      const algorithm = parseHashAlgorithm(toBytes(given.value("--hash-algo") ?? "sha256"));
      for (const text of texts) {
        printOutput(`${toText(addFile(session, text, given.has("--flat") ? "flat" : "nar", algorithm))}\n`);
      }
      return 0;
    },
  },
  delete: {
    summary: "delete paths that nothing keeps",
    run(session, given, texts) {
      const paths = texts.map((text) => followLinks(session, text));
      collect(session, { action: "delete-specific", paths, ignoreLiveness: given.has("--ignore-liveness") });
      return 0;
    },
  },
  query: {
    summary: "references of paths as a tree; nix-store --query asks more",
    run(session, _given, texts) {
      const done = new Set<StorePath>();
      for (const text of texts) printOutput(treeText(session.store, followLinks(session, text), done));
      return 0;
    },
  },
  export: {
    summary: "write paths (--recursive: with their closure) to standard output",
    run(session, given, texts) {
      const roots = texts.map((text) => followLinks(session, text));
      const paths = given.has("--recursive") ? [...session.store.computeClosure(roots)] : roots;
      exportPaths(session.store, paths, (chunk) => writeOutput(chunk));
      return 0;
    },
  },
  import: {
    summary: "read what export wrote from standard input",
    run(session) {
      for (const path of importPaths(session.store)) printOutput(`${toText(path)}\n`);
      return 0;
    },
  },
  ping: {
    summary: "say which store this is",
    run(session) {
      const { layout } = session;
      printOutput(`store: ${toText(layout.storeDir)}\n`);
      if (!layout.isNative) printOutput(`files: ${toText(layout.physicalStoreDir)}\n`);
      printOutput(
        `database: ${toText(layout.stateDir)}/db\nvalid paths: ${session.store.queryAllValidPaths().length}\n`,
      );
      return 0;
    },
  },
};

export const storeCommand: Command = {
  line: {
    name: "bruma store",
    usage: "VERB [FLAG…] [PATH…]",
    summary: "Looks at, checks, moves and cleans the store.",
    flags: [
      { names: ["--json"], help: "path-info: as JSON" },
      { names: ["--size", "-s"], help: "path-info: bytes of each path's NAR" },
      { names: ["--closure-size", "-S"], help: "path-info: bytes with all that it needs" },
      { names: ["--human-readable", "-h"], help: "path-info: sizes for people" },
      { names: ["--sigs"], help: "path-info: signatures" },
      { names: ["--recursive", "-r"], help: "path-info, export: with all references" },
      { names: ["--check-contents"], help: "verify: read all files" },
      { names: ["--verbose", "-v"], help: "verify: name each path that is read" },
      { names: ["--dry-run"], help: "gc: only say what would go" },
      { names: ["--max-freed"], arguments: ["BYTES"], help: "gc: stop when so much is free (K, M, G)" },
      { names: ["--ignore-liveness"], help: "delete: even what a root keeps" },
      { names: ["--flat"], help: "add: as one file's bytes" },
      { names: ["--hash-algo"], arguments: ["ALGORITHM"], help: "add: another than sha256" },
      { names: ["--quiet", "-q"], help: "say less" },
    ],
    notes: `verbs:\n${Object.entries(verbs)
      .map(([name, verb]) => `  ${name.padEnd(12)}${verb.summary}`)
      .join("\n")}`,
  },
  async run(given) {
    const [name, ...texts] = given.positional;
    const verb = verbs[name ?? ""];
    if (verb === undefined) {
      const near = nearestNames(name ?? "", Object.keys(verbs));
      throw new UsageError(
        name === undefined ? "nothing to do" : `'${name}' is not a verb of 'bruma store'`,
        near.length > 0
          ? `did you mean 'bruma store ${near[0]}'?`
          : `the verbs are: ${Object.keys(verbs).join(", ")}`,
      );
    }
    const session = await openSession(given);
    try {
      return await verb.run(session, given, [...texts, ...(given.rest ?? [])]);
    } finally {
      session.close();
    }
  },
};
