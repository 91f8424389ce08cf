/** `nix-shell`: bruma's shell with Nix's meaning of -p and Nix's prompt. */
import type { Command } from "../command.ts";
import { enterShell, readScript, scriptWords, shellFlags } from "../shell-entry.ts";

export const nixShellCommand: Command = {
  line: {
    name: "nix-shell",
    usage: "[FLAG…] [FILE | -p PACKAGE… | -E EXPRESSION]",
    summary: "Builds what a derivation needs and starts a shell in its environment.",
    usageStatus: 1,
    flags: shellFlags,
  },
  replaceWords: scriptWords,
  run: (given, words) => enterShell({ given, nix: true, shebang: readScript(words) }),
};
