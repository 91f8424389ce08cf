/**
 * Errors as Nix prints them: trace outermost first, each line with its place and the source around it, then the
 * message. Without `--show-trace` only the first few lines of the trace are shown.
 */
import type { ByteString } from "../format/bytes.ts";
import type { EvaluationError, TraceEntry } from "./errors.ts";
import type { PositionTable } from "./position.ts";
import type { Pos } from "./value.ts";

export interface ErrorPrintOptions {
  readonly showTrace?: boolean;
  readonly colour?: boolean;
}

const normal = "\x1b[0m";
const red = "\x1b[31;1m";
const warning = "\x1b[35;1m";
const blue = "\x1b[34;1m";

/** With places shown, an entry counts for two. */
const shortTrace = 3;

function lines(text: ByteString): ByteString[] {
  return text.split(/\r\n|\n|\r/);
}

/** Bytes without white space at the end. Not `trimEnd`: for JavaScript the byte 0xa0 of an "à" is white space too. */
export function chomp(text: ByteString): ByteString {
  let end = text.length;
  while (end > 0 && " \n\r\t".includes(text[end - 1]!)) end--;
  return text.slice(0, end);
}

class ErrorPrinter {
  readonly #positions: PositionTable;
  readonly #colors: boolean;
  #out = "";
  #count = 0;

  constructor(positions: PositionTable, colors: boolean) {
    this.#positions = positions;
    this.#colors = colors;
  }

  #paint(color: string, text: string): string {
    return this.#colors ? color + text + normal : text;
  }

  #place(indent: string, pos: Pos): boolean {
    const place = this.#positions.place(pos);
    if (place === undefined) return false;
    this.#out += `${indent}${this.#paint(blue, "at ")}${this.#paint(warning, this.#positions.show(pos))}:`;
    const source = lines(place.source.text);
    const excerpt = (line: number): void => {
      const code = source[line - 1];
      if (line >= 1 && code !== undefined) this.#out += `\n ${String(line).padStart(5)}| ${code}`;
    };
    if (place.source.text === "") {
      this.#out += "\n";
      return true;
    }
    excerpt(place.line - 1);
    excerpt(place.line);
    this.#out += `\n      |${" ".repeat(place.column)}${this.#paint(red, "^")}`;
    excerpt(place.line + 1);
    this.#out += "\n";
    return true;
  }

  #entry({ text, pos }: TraceEntry): void {
    this.#out += `\n\xe2\x80\xa6 ${text}\n`;
    if (this.#place("  ", pos)) this.#count++;
  }

  /** What has been seen stays so: Nix means to forget it here, and does not. */
  #skipped(entries: TraceEntry[]): void {
    if (entries.length > 5) {
      this.#out += `\n${this.#paint(warning, `(${entries.length} duplicate frames omitted)`)}\n`;
    } else for (const entry of entries) this.#entry(entry);
    entries.length = 0;
  }

  #indented(prefix: string, indent: string): ByteString {
    const body = chomp(this.#out).split("\n");
    return body.map((line, i) => chomp(`${i === 0 ? prefix : indent}${line}`)).join("\n");
  }

  warning(message: ByteString, pos: Pos): ByteString {
    this.#out += `${message}\n`;
    this.#place("", pos);
    return this.#indented(`${this.#paint(warning, "warning:")} `, "         ");
  }

  print(error: EvaluationError, showTrace: boolean): ByteString {
    const prefix = this.#paint(red, "error:");
    const trace = error.trace.toReversed();
    if (trace.length > 0) {
      const seen = new Set<string>();
      const skipped: TraceEntry[] = [];
      let truncated = false;
      for (const entry of trace) {
        if (entry.text === "") continue;
        if (!showTrace && this.#count > shortTrace) truncated = true;
        if (truncated && !entry.always) continue;
        const key = `${entry.pos} ${entry.text}`;
        if (seen.has(key)) {
          skipped.push(entry);
          continue;
        }
        seen.add(key);
        this.#skipped(skipped);
        this.#count++;
        this.#entry(entry);
      }
      this.#skipped(skipped);
      if (truncated) {
        const hint = "(stack trace truncated; use '--show-trace' to show the full, detailed trace)";
        this.#out += `\n${this.#paint(warning, hint)}\n`;
      }
      this.#out += `\n${prefix} `;
    }
    this.#out += `${error.bytes}\n`;
    this.#place("", error.pos);
    if (error.suggestions.length > 0) this.#out += `Did you mean ${showSuggestions(error.suggestions)}?\n`;
    return this.#indented(`${prefix} `, "       ");
  }
}

function showSuggestions(names: readonly ByteString[]): ByteString {
  if (names.length === 1) return names[0]!;
  return `one of ${names.slice(0, -1).join(", ")} or ${names[names.length - 1]}`;
}

/** A warning with its place, bytes, without a final line end. */
export function printWarning(
  ev: { readonly positions: PositionTable },
  message: ByteString,
  pos: Pos,
  options: ErrorPrintOptions = {},
): ByteString {
  return new ErrorPrinter(ev.positions, options.colour ?? false).warning(message, pos);
}

/** The whole report, bytes, without a final line end. */
export function printError(
  ev: { readonly positions: PositionTable },
  error: EvaluationError,
  options: ErrorPrintOptions = {},
): ByteString {
  return new ErrorPrinter(ev.positions, options.colour ?? false).print(error, options.showTrace ?? false);
}
