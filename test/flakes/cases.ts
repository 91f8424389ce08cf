/**
 * Written flakes and what is asked of them. `expected.json` has what Nix 2.34 answers; `expect.ts` writes it.
 *
 * In expressions `@` is the case's directory, `F` a function from a reference to the flake, and `G` one that gives of a
 * flake all that can be printed besides its inputs.
 */
import type { Case } from "./case.ts";
import { inputCases } from "./input-cases.ts";
import { lockCases } from "./lock-cases.ts";
import { networkCases } from "./network-cases.ts";
import { sourceCases } from "./source-cases.ts";
import { writtenCases } from "./written-cases.ts";

export const cases: readonly Case[] = [
  ...writtenCases,
  ...inputCases,
  ...lockCases,
  ...sourceCases,
  ...networkCases,
];

/** Where bruma means to answer otherwise: what its answer matches. Why, docs/decisions/flakes.md says. */
export const differences: Readonly<Record<string, RegExp>> = {
  // Two slashes before the path.
  "no such directory": /^error: path '@\/a' does not exist$/,
  "an input that is not there": /^error: path '@\/nope' does not exist$/,
  "network: an archive that is not there":
    /^error: unable to download '\$URL\/nope\.tar\.gz': HTTP status 404 \(there is no such file\)$/,
  // The place's quotes, and libgit2's words.
  "tarball: not there": /^error: tarball '@\/t\.tar\.gz' does not exist\.$/,
  "lock file: the commit is not there": /^error: the Git repository '@\/b' has no commit '«commit 1»'$/,
  // Nix crashes.
  "an unknown type": /^error: .*unsupported input /,
  "lock file: a type that nobody knows": /^error: .*unsupported input /,
  // What is wrong is named.
  "a directory as flake.nix": /^error: reading file '.*flake\.nix': Is a directory$/,
  "a link that leads out": /^error: the link '.*flake\.nix' leads out of its tree, to '@\/outside\.nix'$/,
  "a relative path that leads out": /^error: the relative path '\.\.\/b' .* leads out of the tree /,
  "lock file: a relative path out of the tree": /^error: the relative path '.*' .* leads out of the tree /,
  "lock file: a list": /^error: lock file '.*flake\.lock' is malformed: its contents must be an object$/,
  "lock file: no root": /^error: lock file '.*flake\.lock' is malformed: 'root' is not a string$/,
  // Nix mixes up the two hashes.
  "lock file: another hash":
    /^error: NAR hash mismatch in input '.*', expected 'sha256-A+=' but got '«hash 1»'$/,
  "lock file: a path with its hash":
    /^error: NAR hash mismatch in .*, expected 'sha256-A+=' but got '«hash 1»'$/,
  "path: a wrong hash": /^error: NAR hash mismatch in input '.*', expected 'sha256-A+=' but got '«hash 1»'$/,
  // The input in other words.
  "fetchTree: a commit of the wrong time":
    /^error: 'lastModified' attribute mismatch in .*, expected 12, got 16/,
};
