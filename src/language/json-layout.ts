/** JSON for readers: `nix eval --json --pretty`. Works on text, so that numbers and bytes stay as they are. */
import type { ByteString } from "../format/bytes.ts";

/** Compact JSON text laid out over several lines, two spaces a level. */
export function indentJson(text: ByteString): ByteString {
  let result = "";
  let indent = "\n";
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (c === '"') {
      let end = i + 1;
      while (text[end] !== '"') end += text[end] === "\\" ? 2 : 1;
      result += text.slice(i, end + 1);
      i = end;
    } else if ((c === "{" || c === "[") && (text[i + 1] === "}" || text[i + 1] === "]")) {
      result += c + text[i + 1]!;
      i++;
    } else if (c === "{" || c === "[") {
      indent += "  ";
      result += c + indent;
    } else if (c === "}" || c === "]") {
      indent = indent.slice(0, -2);
      result += indent + c;
    } else if (c === ",") result += c + indent;
    else result += c === ":" ? ": " : c;
  }
  return result;
}
