/** `nix-env`: known by name, not there yet; says so and what does the same. */
import { NotAvailableError } from "../cli-error.ts";
import type { Command } from "../command.ts";

export const nixEnvCommand: Command = {
  line: {
    name: "nix-env",
    usage: "…",
    summary: "Not available yet.",
    flags: [],
    usageStatus: 1,
    passAfter: 0,
  },
  run() {
    throw new NotAvailableError(
      "'nix-env'",
      "use nix-shell -p for a while, or nix-build and its result link to keep a package",
    );
  },
};
