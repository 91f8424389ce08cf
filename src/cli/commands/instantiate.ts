/** `bruma instantiate`: evaluates to derivations and prints their paths; the same as nix-instantiate. */
import type { Command } from "../command.ts";
import { instantiate, instantiateFlags } from "../nix/nix-instantiate.ts";

export const instantiateCommand: Command = {
  line: {
    name: "bruma instantiate",
    usage: "[FLAG…] [FILE… | -E EXPRESSION… | -]",
    summary: "Evaluates expressions to derivations and prints their store paths.",
    flags: instantiateFlags,
    examples: [["bruma instantiate -A python3 '<nixpkgs>'", "the derivation of the package set's Python"]],
  },
  run: (given) => instantiate(given),
};
