/** `bruma build`: builds packages and leaves a result link. */
import type { Command } from "../command.ts";
import { build, buildCommandFlags } from "../nix/nix-build.ts";

export const buildCommand: Command = {
  line: {
    name: "bruma build",
    usage: "[FLAG…] [FILE… | -E EXPRESSION… | DERIVATION…]",
    summary: "Builds the packages of an expression, prints their paths and leaves a link to each.",
    flags: buildCommandFlags,
    examples: [
      ["bruma build", "builds default.nix of this directory; ./result leads to it"],
      ["bruma build '<nixpkgs>' -A python3", "builds the package set's Python"],
    ],
  },
  run: (given) => build(given, false),
};
