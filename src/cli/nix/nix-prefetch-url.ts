/** `nix-prefetch-url`: downloads a file to the store and prints its hash (and with --print-path its path). */
import { toBytes, toText } from "../../format/bytes.ts";
import { parseHash, parseHashAlgorithm } from "../../format/hash.ts";
import { parseStorePath } from "../../format/store-path.ts";
import { UsageError } from "../cli-error.ts";
import type { Command } from "../command.ts";
import { hashPath } from "../commands/hash.ts";
import { openSession } from "../compose.ts";
import { buildFlags, evaluationFlags } from "../flags.ts";
import { printMessage, printOutput } from "../output.ts";

export const nixPrefetchUrlCommand: Command = {
  line: {
    name: "nix-prefetch-url",
    usage: "[FLAG…] URL [HASH]",
    summary: "Downloads a file, copies it to the store, and prints its hash in base 32.",
    usageStatus: 1,
    flags: [
      { names: ["--type"], arguments: ["ALGORITHM"], help: "sha256 (default), sha512, sha1 or md5" },
      { names: ["--print-path"], help: "print the store path too" },
      { names: ["--unpack"], help: "unpack an archive; the hash is that of the tree" },
      { names: ["--name"], arguments: ["NAME"], help: "name of the store path" },
      { names: ["--executable"] },
      { names: ["--attr", "-A"], arguments: ["ATTRIBUTE"] },
      ...evaluationFlags,
      ...buildFlags,
    ],
  },
  async run(given) {
    const [url, expected] = given.positional;
    if (url === undefined) throw new UsageError("you must specify a URL", undefined, 1);
    const algorithm = parseHashAlgorithm(toBytes(given.value("--type") ?? "sha256"));
    const session = await openSession(given);
    try {
      const name = given.value("--name");
      const result = session.world.fetch({
        kind: given.has("--unpack") ? "tarball" : "url",
        url: toBytes(url),
        ...(name !== undefined && { name: toBytes(name) }),
        ...(expected !== undefined &&
          algorithm === "sha256" && { sha256: parseHash(toBytes(expected), algorithm).toSri() }),
      });
      const path = parseStorePath(result.path, session.layout.storeDir);
      const hash = hashPath(
        toText(session.layout.physical(path)),
        given.has("--unpack") ? "nar" : "flat",
        algorithm,
      );
      if (!given.has("--print-path")) printMessage(`path is '${toText(path)}'`);
      printOutput(`${hash.toNix32()}\n`);
      if (given.has("--print-path")) printOutput(`${toText(path)}\n`);
      return 0;
    } finally {
      session.close();
    }
  },
};
