/** tmp */
import { NotAvailableError } from "../cli-error.ts";
import type { Command } from "../command.ts";
export const replCommand: Command = {
  line: { name: "bruma repl", usage: "", summary: "Evaluates interactively.", flags: [] },
  run() {
    throw new NotAvailableError("'bruma repl'");
  },
};
