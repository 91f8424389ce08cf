/** `nix-collect-garbage`: deletes what nothing keeps; -d first deletes old generations of profiles (bruma has none). */
import { NotAvailableError } from "../cli-error.ts";
import type { Command } from "../command.ts";
import { openSession } from "../compose.ts";
import { buildFlags } from "../flags.ts";
import { collect } from "../store-operations.ts";
import { parseSize } from "./nix-store.ts";

export const nixCollectGarbageCommand: Command = {
  line: {
    name: "nix-collect-garbage",
    usage: "[-d] [--delete-older-than PERIOD] [--max-freed BYTES] [--dry-run]",
    summary: "Deletes all store paths that nothing keeps.",
    usageStatus: 1,
    flags: [
      { names: ["--delete-old", "-d"], help: "first delete old generations of profiles" },
      {
        names: ["--delete-older-than"],
        arguments: ["PERIOD"],
        help: "first delete generations older than that",
      },
      { names: ["--max-freed"], arguments: ["BYTES"], help: "stop when so much is free" },
      { names: ["--dry-run"], help: "only say what would go" },
      ...buildFlags,
    ],
  },
  async run(given) {
    if (given.has("--delete-older-than")) throw new NotAvailableError("'--delete-older-than'");
    const session = await openSession(given);
    try {
      const maxFreed = given.value("--max-freed");
      collect(session, {
        action: given.has("--dry-run") ? "return-dead" : "delete-dead",
        ...(maxFreed !== undefined && { maxFreed: parseSize(maxFreed) }),
      });
      return 0;
    } finally {
      session.close();
    }
  },
};
