/**
 * TOML text → values, by smol-toml. Dates and times are refused, as Nix does without an experimental feature.
 *
 * Deviations: messages say the same fault in other words than Nix's library. What TOML 1.1 allows beyond 1.0 (line
 * breaks in inline tables, `\e`) is accepted.
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
  return convert(document);
}

function convert(value: unknown): Value {
  switch (typeof value) {
    case "string":
      return noNul(toBytes(value));
    case "bigint":
      return integer(value);
    case "number":
      return new NixFloat(value);
    case "boolean":
      return value;
  }
  if (value instanceof TomlDate || value instanceof Date)
    throw new TomlError("Dates and times are not supported");
  if (Array.isArray(value)) return value.map(convert);
  const map = new Map<ByteString, Slot>();
  for (const [key, inner] of Object.entries(value as object)) map.set(noNul(toBytes(key)), convert(inner));
  return attrsFromMap(map);
}

function noNul(text: ByteString): ByteString {
  if (text.includes("\0"))
    throw new TomlError(
      `input string '${text.replaceAll("\0", "␀")}' cannot be represented as Nix string because it contains null bytes`,
    );
  return text;
}
