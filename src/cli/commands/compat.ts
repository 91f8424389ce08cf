/** `bruma compat`: prints the line that puts Nix's own command names on the PATH, as names of bruma. */
import { shellQuote } from "../../shell/quote.ts";
import type { Command } from "../command.ts";
import { compatDirectory } from "../install-place.ts";
import { printOutput } from "../output.ts";

export const compatCommand: Command = {
  line: {
    name: "bruma compat",
    usage: "",
    summary:
      "Prints the line that puts nix, nix-shell, nix-build and the others on the PATH, each of them bruma under Nix's name.",
    flags: [],
    examples: [['eval "$(bruma compat)"', "from now on in this shell, nix-shell means bruma"]],
  },
  run() {
    printOutput(`export PATH=${shellQuote(compatDirectory())}:"$PATH"\n`);
    return 0;
  },
};
