/** `nix-hash`: hashes of trees and files, conversions; output as Nix's, base 16 and MD5 unless told otherwise. */

import { toBytes } from "../../format/bytes.ts";
import { parseHashAlgorithm } from "../../format/hash.ts";
import { UsageError } from "../cli-error.ts";
import type { Command } from "../command.ts";
import { formatTruncated, type HashNotation, hashPath, parseAnyHash, truncated } from "../commands/hash.ts";
import { printOutput } from "../output.ts";

export const nixHashCommand: Command = {
  line: {
    name: "nix-hash",
    usage: "[--flat] [--base32|--base64|--sri] [--truncate] [--type ALGORITHM] PATH… | --to-NOTATION HASH…",
    summary: "Computes the hash of the NAR of each path, or (--flat) of each file's bytes.",
    usageStatus: 1,
    flags: [
      { names: ["--flat"], help: "hash a regular file's bytes, not its NAR" },
      { names: ["--base16"], help: "hexadecimal (default)" },
      { names: ["--base32"], help: "Nix's base 32" },
      { names: ["--base64"], help: "base 64" },
      { names: ["--sri"], help: "as sha256-…" },
      { names: ["--truncate"], help: "shorten the hash to 160 bits" },
      { names: ["--type"], arguments: ["ALGORITHM"], help: "md5 (default), sha1, sha256 or sha512" },
      { names: ["--to-base16"], help: "convert hashes" },
      { names: ["--to-base32"], help: "convert hashes" },
      { names: ["--to-base64"], help: "convert hashes" },
      { names: ["--to-sri"], help: "convert hashes" },
    ],
  },
  run(given) {
    const type = given.value("--type");
    if (given.positional.length === 0)
      throw new UsageError("nothing to hash: give a path or a hash", undefined, 1);
    const converts: [string, HashNotation][] = [
      ["--to-base16", "base16"],
      ["--to-base32", "nix32"],
      ["--to-base64", "base64"],
      ["--to-sri", "sri"],
    ];
    for (const [flag, notation] of converts) {
      if (!given.has(flag)) continue;
      for (const text of given.positional)
        printOutput(
          `${parseAnyHash(text, type ?? (text.includes("-") || text.includes(":") ? undefined : "md5")).format(notation)}\n`,
        );
      return 0;
    }
    const notation: HashNotation = given.has("--sri")
      ? "sri"
      : given.has("--base64")
        ? "base64"
        : given.has("--base32")
          ? "nix32"
          : "base16";
    // `--sri` alone means a modern hash: Nix takes sha256 for it.
    const algorithm = parseHashAlgorithm(toBytes(type ?? (notation === "sri" ? "sha256" : "md5")));
    for (const path of given.positional) {
      const hash = hashPath(path, given.has("--flat") ? "flat" : "nar", algorithm);
      printOutput(
        `${given.has("--truncate") ? formatTruncated(truncated(hash), notation) : hash.format(notation)}\n`,
      );
    }
    return 0;
  },
};
