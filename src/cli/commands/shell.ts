/** tmp */
import { NotAvailableError } from "../cli-error.ts";
import type { Command } from "../command.ts";
export const shellCommand: Command = {
  line: { name: "bruma shell", usage: "", summary: "Evaluates interactively.", flags: [] },
  run() { throw new NotAvailableError("'bruma shell'"); },
};
