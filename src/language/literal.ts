/** How strings and names are written in Nix text: quoting and escaping. */
import type { ByteString } from "../format/bytes.ts";

const keywords = new Set(["if", "then", "else", "assert", "with", "let", "in", "rec", "inherit"]);

const escapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  // Of `${`; a lone dollar stays.
  $: "\\$",
};

/**
 * `"…"` with Nix's escapes. After `limit` bytes it is cut off, with a count of what is left out.
 */
export function showString(text: ByteString, limit = Number.POSITIVE_INFINITY): ByteString {
  const shown = text.length > limit ? text.slice(0, limit) : text;
  // The dollar at the cut looks at what follows it in the whole string.
  const body = shown.replace(/["\\\n\r\t]|\$(?=\{)/g, (c) => escapes[c]!);
  const cutDollar = shown.length < text.length && shown.endsWith("$") && text[limit] === "{";
  const escaped = cutDollar ? `${body.slice(0, -1)}\\$` : body;
  if (shown.length === text.length) return `"${escaped}"`;
  const rest = text.length - limit;
  return `"${escaped}" \xc2\xab${rest} ${rest === 1 ? "byte" : "bytes"} elided\xc2\xbb`;
}

/** As `--eval` output, `--parse` and messages show a name: quoted only if it is no identifier. */
export function showIdentifier(name: ByteString): ByteString {
  if (name === "") return '""';
  if (keywords.has(name)) return `"${name}"`;
  return /^[a-zA-Z_][a-zA-Z0-9_'-]*$/.test(name) ? name : showString(name);
}

/** As `nix eval` and the repl show the name of an attribute. */
export function showAttributeName(name: ByteString): ByteString {
  return /^[a-zA-Z_][a-zA-Z0-9_'-]*$/.test(name) && !keywords.has(name) ? name : showString(name);
}
