/** `bruma hash`: the hash of files and trees, and conversion between notations (`nix hash`, `nix-hash`). */
import { resolve } from "node:path";
import { fsPath, toBytes } from "../../format/bytes.ts";
import {
  compressHash,
  type Hash,
  type HashAlgorithm,
  Hasher,
  parseHash,
  parseHashAlgorithm,
} from "../../format/hash.ts";
import { hashFile } from "../../format/hash-file.ts";
import { dumpPath } from "../../format/nar.ts";
import { encodeNix32 } from "../../format/nix32.ts";
import { UsageError } from "../cli-error.ts";
import type { Command } from "../command.ts";
import { printOutput } from "../output.ts";

export type HashNotation = "base16" | "nix32" | "base64" | "sri";

export function parseNotation(text: string): HashNotation {
  if (text === "base32") return "nix32";
  if (text === "base16" || text === "nix32" || text === "base64" || text === "sri") return text;
  throw new UsageError(
    `there is no hash notation '${text}'`,
    "the notations are: base16, nix32, base64, sri",
  );
}

/** The hash of one file's bytes (`flat`) or of a tree's NAR. @param path text, as on the command line */
export function hashPath(path: string, mode: "flat" | "nar", algorithm: HashAlgorithm): Hash {
  const absolute = toBytes(resolve(path));
  if (mode === "flat") return hashFile(algorithm, fsPath(absolute));
  const hasher = new Hasher(algorithm);
  dumpPath(absolute, (chunk) => void hasher.update(chunk));
  return hasher.finish();
}

/** A hash shortened to 160 bits, as store paths have it (`nix-hash --truncate`). */
export function truncated(hash: Hash): Uint8Array {
  return hash.bytes.length > 20 ? compressHash(hash.bytes, 20) : hash.bytes;
}

export function formatTruncated(bytes: Uint8Array, notation: HashNotation): string {
  if (notation === "nix32") return encodeNix32(bytes);
  return Buffer.from(bytes).toString(notation === "base64" ? "base64" : "hex");
}

/** A hash in any notation; `algorithm` where the text does not say it. */
export function parseAnyHash(text: string, algorithm: string | undefined): Hash {
  return parseHash(
    toBytes(text),
    algorithm === undefined ? undefined : parseHashAlgorithm(toBytes(algorithm)),
  );
}

export const hashCommand: Command = {
  line: {
    name: "bruma hash",
    usage: "path|file|convert ARGUMENT…",
    summary:
      "Hashes file trees (path: as NAR) or files (file: their bytes), or converts hashes between notations.",
    flags: [
      {
        names: ["--type", "--algo", "--hash-algo"],
        arguments: ["ALGORITHM"],
        help: "md5, sha1, sha256 (default) or sha512",
      },
      {
        names: ["--format", "--to"],
        arguments: ["NOTATION"],
        help: "base16, nix32, base64 or sri (default)",
      },
      { names: ["--base16"], help: "same as --format base16" },
      { names: ["--base32", "--nix32"], help: "same as --format nix32" },
      { names: ["--base64"], help: "same as --format base64" },
      { names: ["--sri"], help: "same as --format sri" },
      { names: ["--mode"], arguments: ["MODE"], help: "flat or nar, instead of what path and file mean" },
      { names: ["--from"], arguments: ["NOTATION"] },
    ],
    examples: [
      ["bruma hash path ./src", "the hash that fetchers and builtins.path mean"],
      ["bruma hash convert --to nix32 sha256-…", "another notation of the same hash"],
    ],
  },
  run(given) {
    const [verb, ...rest] = given.positional;
    const notation: HashNotation = given.has("--base16")
      ? "base16"
      : given.has("--base32")
        ? "nix32"
        : given.has("--base64")
          ? "base64"
          : parseNotation(given.value("--format") ?? "sri");
    const algorithm = given.value("--type");
    switch (verb) {
      case "path":
      case "file": {
        if (rest.length === 0) throw new UsageError(`'bruma hash ${verb}' wants the paths to hash`);
        const mode = given.value("--mode") ?? (verb === "path" ? "nar" : "flat");
        if (mode !== "nar" && mode !== "flat") throw new UsageError(`mode '${mode}' is neither flat nor nar`);
        for (const path of rest) {
          const hash = hashPath(path, mode, parseHashAlgorithm(toBytes(algorithm ?? "sha256")));
          printOutput(`${hash.format(notation)}\n`);
        }
        return 0;
      }
      case "convert":
      case "to-base16":
      case "to-base32":
      case "to-base64":
      case "to-sri": {
        if (rest.length === 0) throw new UsageError(`'bruma hash ${verb}' wants the hashes to convert`);
        const to = verb === "convert" ? notation : parseNotation(verb.slice(3));
        for (const text of rest) printOutput(`${parseAnyHash(text, algorithm).format(to)}\n`);
        return 0;
      }
      default:
        throw new UsageError(
          verb === undefined ? "nothing to do" : `'${verb}' is not a subcommand of 'bruma hash'`,
          "the subcommands are: path, file, convert",
        );
    }
  },
};
