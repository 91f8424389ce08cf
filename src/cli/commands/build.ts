/** `bruma build`: builds packages and leaves a result link. */
import type { Command } from "../command.ts";
import { lockFlags } from "../flags.ts";
import { build, buildCommandFlags } from "../nix/nix-build.ts";

export const buildCommand: Command = {
  line: {
    name: "bruma build",
    usage: "[FLAG…] [FILE… | FLAKE#NAME… | -E EXPRESSION… | DERIVATION…]",
    summary: "Builds the packages of an expression, prints their paths and leaves a link to each.",
    flags: [...buildCommandFlags, ...lockFlags],
    examples: [
      ["bruma build", "builds default.nix of this directory; ./result leads to it"],
      ["bruma build .#default", "builds a package of this directory's flake"],
      ["bruma build '<nixpkgs>' -A python3", "builds the package set's Python"],
    ],
  },
  run: (given) => build(given, { showLogs: false, flakes: true }),
};
