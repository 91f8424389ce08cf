/** tmp */
import { NotAvailableError } from "../cli-error.ts";
import type { Command } from "../command.ts";
export const nixCommand: Command = {
  line: { name: "nix", usage: "", summary: "Evaluates interactively.", flags: [] },
  run() {
    throw new NotAvailableError("'nix'");
  },
};
