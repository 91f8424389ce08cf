/** `nix-copy-closure`: known by name, not there yet; says so and what does the same. */
import { NotAvailableError } from "../cli-error.ts";
import type { Command } from "../command.ts";

export const nixCopyClosureCommand: Command = {
  line: {
    name: "nix-copy-closure",
    usage: "…",
    summary: "Not available yet.",
    flags: [],
    usageStatus: 1,
    passAfter: 0,
  },
  run() {
    throw new NotAvailableError(
      "'nix-copy-closure'",
      "nix-store --export and --import move closures meanwhile",
    );
  },
};
