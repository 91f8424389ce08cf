/**
 * Values as XML with the string context gathered on the way: `builtins.toXML`, `nix-instantiate --xml`.
 *
 * Specified by the manual's `toXML`. A derivation met again is only named. `strict: false` prints what is not
 * evaluated as `<unevaluated />`; `location` adds where attributes and functions were written.
 */
import type { ByteString } from "../format/bytes.ts";
import { Attrs } from "./attrs.ts";
import { tooDeep } from "./call.ts";
import { type Context, unionContexts } from "./context.ts";
import { showFloat } from "./float.ts";
import {
  type Evaluator,
  force,
  forceAt,
  isString,
  Lambda,
  NixFloat,
  NixPath,
  NixString,
  type Pos,
  type Slot,
  settled,
  Thunk,
  textOf,
} from "./value.ts";

export interface ToXmlOptions {
  /** Default true. */
  readonly strict?: boolean;
  /** Default false. */
  readonly location?: boolean;
}

export interface XmlResult {
  readonly text: ByteString;
  readonly context: Context | undefined;
}

/** @throws EvaluationError */
export function valueToXml(ev: Evaluator, slot: Slot, pos: Pos, options: ToXmlOptions = {}): XmlResult {
  const writer = new Writer(ev, options.strict ?? true, options.location ?? false);
  writer.open("expr", []);
  writer.value(slot, pos);
  writer.close("expr");
  return {
    text: `<?xml version='1.0' encoding='utf-8'?>\n${writer.lines.join("\n")}\n`,
    context: writer.context,
  };
}

const special = /["<>&\n]/;
const specials = /["<>&\n]/g;
const escapes: Record<string, string> = {
  '"': "&quot;",
  "<": "&lt;",
  ">": "&gt;",
  "&": "&amp;",
  "\n": "&#xA;",
};

type XmlAttributes = readonly (readonly [name: string, value: ByteString])[];

class Writer {
  readonly #ev: Evaluator;
  readonly #strict: boolean;
  readonly #location: boolean;
  readonly lines: string[] = [];
  context: Context | undefined;
  #depth = 0;
  readonly #seen = new Set<ByteString>();

  constructor(ev: Evaluator, strict: boolean, location: boolean) {
    this.#ev = ev;
    this.#strict = strict;
    this.#location = location;
  }

  /** Indentation by depth. */
  readonly #indents: string[] = [];

  #indent(): string {
    const depth = this.#depth;
    this.#indents[depth] ??= "  ".repeat(depth);
    return this.#indents[depth];
  }

  #tag(name: string, attributes: XmlAttributes, end: string): void {
    let line = `${this.#indent()}<${name}`;
    for (let i = 0; i < attributes.length; i++) {
      const [key, value] = attributes[i]!;
      line += ` ${key}="${special.test(value) ? value.replace(specials, (c) => escapes[c]!) : value}"`;
    }
    this.lines.push(line + end);
  }

  open(name: string, attributes: XmlAttributes): void {
    this.#tag(name, attributes, ">");
    this.#depth++;
  }

  close(name: string): void {
    this.#depth--;
    this.lines.push(`${this.#indent()}</${name}>`);
  }

  #empty(name: string, attributes: XmlAttributes = []): void {
    this.#tag(name, attributes, " />");
  }

  /** `column`, `line`, `path`: in the order of their names, as all attributes. */
  #place(pos: Pos): [string, ByteString][] {
    const place = this.#location ? this.#ev.positions.place(pos) : undefined;
    if (place === undefined) return [];
    const { origin } = place.source;
    const result: [string, ByteString][] = [
      ["column", String(place.column)],
      ["line", String(place.line)],
    ];
    if (origin.kind === "file") result.push(["path", origin.path]);
    return result;
  }

  value(slot: Slot, pos: Pos): void {
    const ev = this.#ev;
    const { depth } = ev;
    if (depth >= ev.maxDepth) throw tooDeep(pos);
    ev.depth = depth + 1;
    this.#value(slot, pos);
    ev.depth = depth;
  }

  #value(slot: Slot, pos: Pos): void {
    let value = settled(slot);
    if (this.#strict) value = forceAt(slot, pos);
    else if (slot instanceof Thunk && slot.code === null) value = force(slot);
    if (value instanceof Thunk) this.#empty("unevaluated");
    else if (value === null) this.#empty("null");
    else if (typeof value === "boolean") this.#empty("bool", [["value", String(value)]]);
    else if (typeof value === "number" || typeof value === "bigint")
      this.#empty("int", [["value", String(value)]]);
    else if (typeof value === "string") this.#empty("string", [["value", value]]);
    else if (value instanceof NixString) {
      this.context = unionContexts(this.context, value.context);
      this.#empty("string", [["value", value.text]]);
    } else if (value instanceof NixFloat) this.#empty("float", [["value", showFloat(value.value)]]);
    else if (value instanceof NixPath) this.#empty("path", [["value", value.path]]);
    else if (Array.isArray(value)) {
      this.open("list", []);
      for (let i = 0; i < value.length; i++) this.value(value[i]!, pos);
      this.close("list");
    } else if (value instanceof Attrs) {
      if (this.#ev.isDerivation(value)) this.#derivation(value);
      else {
        this.open("attrs", []);
        this.#attributes(value);
        this.close("attrs");
      }
    } else if (value instanceof Lambda) this.#function(value);
    else this.#empty("unevaluated");
  }

  #attributes(attrs: Attrs): void {
    for (let i = 0; i < attrs.size; i++) {
      const at = attrs.posAt(i);
      if (!this.#location) this.open("attr", [["name", attrs.keys[i]!]]);
      else
        this.open("attr", [
          ...this.#place(at).filter(([key]) => key < "name"),
          ["name", attrs.keys[i]!],
          ...this.#place(at).filter(([key]) => key > "name"),
        ]);
      this.value(attrs.values[i]!, at);
      this.close("attr");
    }
  }

  #derivation(attrs: Attrs): void {
    const attributes: [string, ByteString][] = [];
    for (const name of ["drvPath", "outPath"]) {
      let value: Slot | undefined = attrs.get(name);
      if (value === undefined) continue;
      if (this.#strict || (value instanceof Thunk && value.code === null)) value = force(value);
      if (!isString(value)) continue;
      attributes.push([name, textOf(value)]);
    }
    this.open("derivation", attributes);
    const drvPath = attributes[0]?.[0] === "drvPath" ? attributes[0][1] : "";
    if (drvPath !== "" && !this.#seen.has(drvPath)) {
      this.#seen.add(drvPath);
      this.#attributes(attrs);
    } else this.#empty("repeated");
    this.close("derivation");
  }

  #function(lambda: Lambda): void {
    const { code } = lambda;
    this.open("function", this.#place(code.pos));
    if (code.formals !== undefined) {
      const attributes: [string, ByteString][] = [];
      if (code.ellipsis) attributes.push(["ellipsis", "1"]);
      if (code.argument !== undefined) attributes.push(["name", code.argument]);
      this.open("attrspat", attributes);
      for (const name of code.formals.map((formal) => formal.name).sort((a, b) => (a < b ? -1 : 1)))
        this.#empty("attr", [["name", name]]);
      this.close("attrspat");
    } else this.#empty("varpat", [["name", code.argument ?? ""]]);
    this.close("function");
  }
}
