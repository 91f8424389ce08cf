/** Quoting for POSIX shells, and the words of a `#! nix-shell` line. */
import { ShellError } from "./shell-error.ts";

/** Any text as one word of sh. */
export function shellQuote(text: string): string {
  return /^[A-Za-z0-9_./:=@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/**
 * Splits a line into words as a shell would, with quotes and backslashes and nothing else.
 * @throws ShellError for a quote that does not end
 */
export function shellWords(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  for (let i = 0; i < line.length; i++) {
    const c = line[i]!;
    if (quote !== "'" && c === "\\" && i + 1 < line.length) word = (word ?? "") + line[++i];
    else if (quote !== undefined) {
      if (c === quote) quote = undefined;
      else word += c;
    } else if (c === "'" || c === '"') {
      quote = c;
      word ??= "";
    } else if (/\s/.test(c)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? "") + c;
  }
  if (quote !== undefined) throw new ShellError("unterminated quote in shebang line");
  if (word !== undefined) words.push(word);
  return words;
}
