/** `bruma shell`: enter an environment, or run a command in it. */
import type { Command } from "../command.ts";
import { enterShell, readScript, scriptWords, shellFlags } from "../shell-entry.ts";

export const shellCommand: Command = {
  line: {
    name: "bruma shell",
    usage: "[FLAG…] [FILE | DIRECTORY | FLAKE#NAME | -p PACKAGE… | -E EXPRESSION] [--run COMMAND]",
    summary:
      "Enters the environment that shell.nix (or default.nix, or the file given) describes, with all that it needs.",
    flags: shellFlags,
    examples: [
      ["bruma shell", "the environment of this directory's shell.nix"],
      ['bruma shell shell.nix --run "python app.py"', "runs one command in it"],
      ["bruma shell .#", "the development environment of this directory's flake"],
      ["bruma shell -p python3Packages.numpy jq", "a Python that has numpy, and jq"],
    ],
  },
  replaceWords: scriptWords,
  run: (given, words) => enterShell({ given, nix: false, shebang: readScript(words) }),
};
