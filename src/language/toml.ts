/**
 * TOML text → values, by smol-toml. Dates and times are refused, as Nix does without an experimental feature.
 *
 * The language is TOML 1.0: what 1.1 allows beyond it is refused here, before the parser, which takes both.
 * Deviation: messages say the same fault in other words than Nix's library.
 */
import { TomlError as ParserError, parse, TomlDate } from "smol-toml";
import { type ByteString, toBuffer, toBytes } from "../format/bytes.ts";
import { attrsFromMap } from "./attrs.ts";
import { integer, NixFloat, type Slot, type Value } from "./value.ts";

/** Text that is no TOML, or has what Nix cannot hold. The message is bytes. */
export class TomlError extends Error {
  readonly bytes: ByteString;
  constructor(text: string) {
    super(text);
    this.bytes = toBytes(text);
  }
}

/** @throws TomlError */
export function parseToml(bytes: ByteString): Value {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(toBuffer(bytes));
  } catch {
    throw new TomlError("[error] the text is not UTF-8");
  }
  if (text.charCodeAt(0) === 0xfeff) text = text.slice(1);
  refuseNewer(text);
  let document: unknown;
  try {
    document = parse(text, { integersAsBigInt: true, maxDepth: 5000 });
  } catch (error) {
    if (error instanceof ParserError) {
      const excerpt = error.codeblock.trimEnd();
      throw new TomlError(
        `[error] ${error.message.replace(/^Invalid TOML document: /, "").split("\n", 1)[0]} (line ${error.line}, column ${error.column})\n${excerpt}`,
      );
    }
    throw error;
  }
  return convert(document, /[=,[]\s*[+-]?inf/.test(text));
}

/** Line breaks and a last comma in inline tables, `\e` and `\x` in strings. */
function refuseNewer(text: string): void {
  const token =
    /"""(?:[^"\\]|\\[\s\S]|"(?!""))*"""+|'''[\s\S]*?'''+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|#[^\n]*|[[\]{}\n]|,\s*\}/g;
  const open: string[] = [];
  for (const [found] of text.matchAll(token)) {
    const first = found.charAt(0);
    if (first === '"') {
      if (/(?:^|[^\\])(?:\\\\)*\\[ex]/.test(found))
        throw new TomlError("[error] invalid escape sequence in a string");
    } else if (first === "[" || first === "{") open.push(first);
    else if (first === "]" || first === "}") open.pop();
    else if (open.at(-1) === "{") {
      if (first === ",") throw new TomlError("[error] an inline table must not end with a comma");
      if (first === "\n") throw new TomlError("[error] an inline table must stand on one line");
    } else if (first === ",") open.pop();
  }
}

/** @param hasInfinity the text says `inf` somewhere: an infinite float need not be a number too large */
function convert(value: unknown, hasInfinity: boolean): Value {
  switch (typeof value) {
    case "string":
      return noNul(toBytes(value));
    case "bigint":
      if (BigInt.asIntN(64, value) !== value) throw new TomlError(`[error] too large integer: ${value}`);
      return integer(value);
    case "number":
      if (!Number.isFinite(value) && !Number.isNaN(value) && !hasInfinity)
        throw new TomlError("[error] too large floating point number");
      return new NixFloat(value);
    case "boolean":
      return value;
  }
  if (value instanceof TomlDate || value instanceof Date)
    throw new TomlError("Dates and times are not supported");
  if (Array.isArray(value)) return value.map((inner) => convert(inner, hasInfinity));
  const map = new Map<ByteString, Slot>();
  for (const [key, inner] of Object.entries(value as object))
    map.set(noNul(toBytes(key)), convert(inner, hasInfinity));
  return attrsFromMap(map);
}

function noNul(text: ByteString): ByteString {
  if (text.includes("\0"))
    throw new TomlError(
      `error: input string '${text.replaceAll("\0", "␀")}' cannot be represented as Nix string because it contains null bytes`,
    );
  return text;
}
