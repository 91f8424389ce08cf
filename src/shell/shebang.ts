/**
 * `#! nix-shell` scripts: their own first lines say which environment and interpreter run them.
 *
 * The manual's "Use as a #!-interpreter": after the first line (`#!/usr/bin/env nix-shell`), every line that begins
 * with `#! nix-shell` adds arguments. The interpreter is `-i`'s argument; perl and ruby read the `#!` line themselves
 * and must be kept from it.
 */
import { readFileSync } from "node:fs";
import { shellQuote, shellWords } from "./quote.ts";

export interface Shebang {
  readonly script: string;
  /** The arguments that the lines give. */
  readonly words: readonly string[];
  /** What the user gave after the script's name. */
  readonly scriptArguments: readonly string[];
}

/** Looks whether the first argument is a script that starts with `#!`. `names`: nix-shell, and bruma's own spelling. */
export function readShebang(words: readonly string[], names: readonly string[]): Shebang | undefined {
  const script = words[0];
  if (script === undefined || script.startsWith("-")) return undefined;
  let text: string;
  try {
    text = readFileSync(script, "utf8");
  } catch {
    return undefined;
  }
  if (!text.startsWith("#!")) return undefined;
  const pattern = new RegExp(`^#!\\s*(?:${names.join("|")})\\s+(.*)$`);
  const found: string[] = [];
  for (const line of text.split("\n").slice(1)) {
    const match = pattern.exec(line.trimEnd());
    if (match !== null) found.push(...shellWords(match[1]!));
  }
  return { script, words: found, scriptArguments: words.slice(1) };
}

/** The command that runs the script with its interpreter. */
export function shebangCommand(interpreter: string, shebang: Shebang): string {
  const words = shebang.scriptArguments.map(shellQuote).join(" ");
  const script = shellQuote(shebang.script);
  // perl obeys a #! line that does not name perl, unless its own argv[0] lacks the word.
  if (interpreter.includes("perl")) return `exec -a PERL ${interpreter} ${script} ${words}`;
  if (interpreter.includes("ruby")) return `exec ${interpreter} -e 'load(ARGV.shift)' -- ${script} ${words}`;
  return `exec ${interpreter} ${script} ${words}`;
}
