/** tmp */
import { NotAvailableError } from "../cli-error.ts";
import type { Command } from "../command.ts";
export const nixShellCommand: Command = {
  line: { name: "nix-shell", usage: "", summary: "Evaluates interactively.", flags: [] },
  run() { throw new NotAvailableError("'nix-shell'"); },
};
