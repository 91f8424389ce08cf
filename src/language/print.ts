/**
 * Values as text, in Nix's two ways.
 *
 * `printValue` is what `nix-instantiate --eval` prints (`<CODE>`, `<LAMBDA>`); `ValuePrinter` is the way of `nix eval`,
 * the repl and of error messages, with limits, colours and layout. Neither evaluates unless told to.
 */
import type { ByteString } from "../format/bytes.ts";
import { Attrs } from "./attrs.ts";
import { ownPos, tooDeep } from "./call.ts";
import { EvaluationError } from "./errors.ts";
import type { NixEvaluator } from "./evaluator.ts";
import { showFloat } from "./float.ts";
import { showAttributeName, showIdentifier, showString } from "./literal.ts";
import { corePackages } from "./search-path.ts";
import { terminalText } from "./terminal-text.ts";
import {
  blackhole,
  forceAt,
  isFunction,
  isString,
  Lambda,
  type List,
  NixFloat,
  NixPath,
  PrimOp,
  type Slot,
  settled,
  Thunk,
  textOf,
  type Value,
} from "./value.ts";

const infinite = "\xc2\xabpotential infinite recursion\xc2\xbb";

/** As `nix-instantiate --eval` prints a value: what is not evaluated yet is `<CODE>`. */
export function printValue(ev: NixEvaluator, slot: Slot): ByteString {
  const parts: string[] = [];
  plain(ev, slot, new Set(), parts, 0);
  return parts.join("");
}

function plain(ev: NixEvaluator, given: Slot, seen: Set<unknown>, out: string[], depth: number): void {
  const slot = settled(given);
  if (depth >= ev.maxDepth) throw tooDeep(ownPos(slot));
  let value: Value;
  if (slot instanceof Thunk) {
    if (slot.code !== null) {
      out.push(slot.code === blackhole ? infinite : "<CODE>");
      return;
    }
    value = slot.payload as Value;
  } else value = slot;
  if (value instanceof Attrs) {
    if (value.size > 0 && seen.has(value)) {
      out.push("\xc2\xabrepeated\xc2\xbb");
      return;
    }
    seen.add(value);
    out.push("{ ");
    for (let i = 0; i < value.size; i++) {
      out.push(showIdentifier(value.keys[i]!), " = ");
      plain(ev, value.values[i]!, seen, out, depth + 1);
      out.push("; ");
    }
    out.push("}");
  } else if (Array.isArray(value)) {
    if (value.length > 0 && seen.has(slot)) {
      out.push("\xc2\xabrepeated\xc2\xbb");
      return;
    }
    seen.add(slot);
    out.push("[ ");
    for (const element of value as List) {
      plain(ev, element, seen, out, depth + 1);
      out.push(" ");
    }
    out.push("]");
  } else if (isString(value)) out.push(showString(textOf(value)));
  else if (value instanceof NixFloat) out.push(showFloat(value.value));
  else if (value instanceof NixPath) out.push(showPath(value.path));
  else if (value instanceof Lambda) out.push("<LAMBDA>");
  else if (value instanceof PrimOp) out.push("<PRIMOP>");
  else if (isFunction(value)) out.push("<PRIMOP-APP>");
  else out.push(String(value));
}

function showPath(path: ByteString): ByteString {
  return path.startsWith(`${corePackages}/`) ? `<nix/${path.slice(corePackages.length + 1)}>` : path;
}

export interface PrintOptions {
  readonly colors?: boolean;
  /** Evaluate everything on the way. */
  readonly force?: boolean;
  /** With `force`: `«derivation /nix/store/….drv»` instead of its attributes. */
  readonly derivationPaths?: boolean;
  /** `«repeated»` for what was printed already. Default true. */
  readonly trackRepeated?: boolean;
  readonly maxDepth?: number;
  readonly maxAttrs?: number;
  readonly maxListItems?: number;
  readonly maxStringLength?: number;
  /** Indentation of nested lines; 0 (the default): everything on one line. */
  readonly indent?: number;
  /** `print`: an error inside becomes `«error: …»`; `top`: only errors of the value itself are thrown. Default print. */
  readonly errors?: "print" | "throw" | "top";
}

/** How values are shown inside error messages. */
export const errorPrintOptions: PrintOptions = {
  maxDepth: 10,
  maxAttrs: 10,
  maxListItems: 10,
  maxStringLength: 1024,
};

const normal = "\x1b[0m";
const red = "\x1b[31;1m";
const green = "\x1b[32;1m";
const blue = "\x1b[34;1m";
const magenta = "\x1b[35;1m";
const cyan = "\x1b[36;1m";
const faint = "\x1b[2m";

const unlimited = Number.POSITIVE_INFINITY;

class Printer {
  readonly #ev: NixEvaluator;
  readonly #options: PrintOptions;
  readonly #seen: Set<unknown> | undefined;
  readonly #out: string[] = [];
  #attrs = 0;
  #items = 0;
  #indent = "";
  /** The list that is printed, if it is one: error messages give its value, not the slot it is met in again. */
  #root: Slot | undefined;

  constructor(ev: NixEvaluator, options: PrintOptions) {
    this.#ev = ev;
    this.#options = options;
    this.#seen = (options.trackRepeated ?? true) ? new Set() : undefined;
  }

  show(slot: Slot): ByteString {
    this.#root = slot;
    this.#print(slot, 0);
    return this.#out.join("");
  }

  #colored(color: string, text: string): void {
    this.#out.push(this.#options.colors === true ? color + text + normal : text);
  }

  #print(slot: Slot, depth: number): void {
    const ev = this.#ev;
    if (depth >= ev.maxDepth) throw tooDeep(ownPos(slot));
    const depthBefore = ev.depth;
    try {
      this.#value(slot, this.#options.force === true ? forceAt(slot, ownPos(slot)) : slot, depth);
    } catch (error) {
      if (!(error instanceof EvaluationError) || error.kind === "stack-overflow") throw error;
      const { errors = "print" } = this.#options;
      if (errors === "throw" || (errors === "top" && depth === 0)) throw error;
      ev.depth = depthBefore;
      this.#colored(red, `\xc2\xaberror: ${terminalText(error.bytes, false)}\xc2\xbb`);
    }
  }

  #value(slot: Slot, given: Slot, depth: number): void {
    let value = settled(given);
    if (value instanceof Thunk) {
      if (value.code === blackhole) {
        this.#colored(red, infinite);
        return;
      }
      if (value.code !== null) {
        this.#colored(magenta, "\xc2\xabthunk\xc2\xbb");
        return;
      }
      value = value.payload as Value;
    }
    if (value instanceof Attrs) this.#set(value, depth);
    else if (Array.isArray(value)) this.#list(slot, value as List, depth);
    else if (isString(value)) this.#string(textOf(value));
    else if (value instanceof NixFloat) this.#colored(cyan, showFloat(value.value));
    else if (value instanceof NixPath) this.#colored(green, showPath(value.path));
    // For Nix it is one until somebody asks for the attribute; here functions are made at once, and few are asked for.
    else if (depth > 0 && value instanceof Lambda && this.#options.force !== true)
      this.#colored(magenta, "\xc2\xabthunk\xc2\xbb");
    else if (isFunction(value)) this.#colored(blue, this.#function(value));
    else this.#colored(cyan, String(value));
  }

  #string(text: ByteString): void {
    this.#colored(magenta, showString(text, this.#options.maxStringLength));
  }

  #function(value: Value): string {
    if (value instanceof Lambda) {
      const { name, pos } = value.code;
      return `\xc2\xablambda${name === undefined ? "" : ` ${showIdentifier(name)}`} @ ${this.#ev.positions.show(pos)}\xc2\xbb`;
    }
    if (value instanceof PrimOp) return `\xc2\xabprimop ${value.name}\xc2\xbb`;
    return isFunction(value) && !(value instanceof Lambda)
      ? `\xc2\xabpartially applied primop ${value.primOp.name}\xc2\xbb`
      : "\xc2\xabprimop\xc2\xbb";
  }

  #space(pretty: boolean): void {
    this.#out.push(pretty ? `\n${this.#indent}` : " ");
  }

  /** More than one thing inside, or something nested, is laid out over several lines. May evaluate what is printed. */
  #isPretty(slots: readonly Slot[]): boolean {
    if ((this.#options.indent ?? 0) === 0 || slots.length === 0) return false;
    if (slots.length > 1) return true;
    const value = forceAt(slots[0]!, ownPos(slots[0]!));
    return value instanceof Attrs || Array.isArray(value);
  }

  #nested(step: 1 | -1): void {
    const width = this.#options.indent ?? 0;
    this.#indent = " ".repeat(this.#indent.length + step * width);
  }

  #elided(count: number, one: string, many: string): void {
    this.#colored(faint, `\xc2\xab${count} ${count === 1 ? one : many} elided\xc2\xbb`);
  }

  #set(attrs: Attrs, depth: number): void {
    const { maxAttrs = unlimited, maxDepth = unlimited } = this.#options;
    if (this.#seen !== undefined && attrs.size > 0) {
      if (this.#seen.has(attrs)) {
        this.#colored(magenta, "\xc2\xabrepeated\xc2\xbb");
        return;
      }
      this.#seen.add(attrs);
    }
    const ev = this.#ev;
    if (this.#options.force === true && this.#options.derivationPaths === true && ev.isDerivation(attrs)) {
      this.#derivation(attrs);
      return;
    }
    if (depth >= maxDepth) {
      this.#out.push("{ ... }");
      return;
    }
    this.#nested(1);
    this.#out.push("{");
    const pretty = this.#isPretty(attrs.values);
    const order = attrs.keys.map((_, i) => i);
    if (maxAttrs !== unlimited) {
      const important = (i: number): number =>
        attrs.keys[i] === "type" || attrs.keys[i] === "_type" ? 0 : 1;
      order.sort((a, b) => important(a) - important(b) || a - b);
    }
    let printed = 0;
    for (const i of order) {
      this.#space(pretty);
      if (this.#attrs >= maxAttrs) {
        this.#elided(attrs.size - printed, "attribute", "attributes");
        break;
      }
      this.#out.push(showAttributeName(attrs.keys[i]!), " = ");
      this.#print(attrs.values[i]!, depth + 1);
      this.#out.push(";");
      this.#attrs++;
      printed++;
    }
    this.#nested(-1);
    this.#space(pretty);
    this.#out.push("}");
  }

  #derivation(attrs: Attrs): void {
    const drvPath = attrs.get("drvPath");
    let shown = "\xc2\xabderivation";
    if (drvPath !== undefined) {
      const context = "while evaluating the drvPath of a derivation";
      shown += ` ${this.#ev.coerceToStorePath(drvPath, attrs.posOf("drvPath"), context).path}`;
    }
    this.#colored(green, `${shown}\xc2\xbb`);
  }

  #list(slot: Slot, list: List, depth: number): void {
    const { maxListItems = unlimited, maxDepth = unlimited } = this.#options;
    if (this.#seen !== undefined && list.length > 0) {
      if (this.#seen.has(slot) || (depth > 0 && list === this.#root)) {
        this.#colored(magenta, "\xc2\xabrepeated\xc2\xbb");
        return;
      }
      this.#seen.add(slot);
    }
    if (depth >= maxDepth) {
      this.#out.push("[ ... ]");
      return;
    }
    this.#nested(1);
    this.#out.push("[");
    const pretty = this.#isPretty(list);
    for (let i = 0; i < list.length; i++) {
      this.#space(pretty);
      if (this.#items >= maxListItems) {
        this.#elided(list.length - i, "item", "items");
        break;
      }
      this.#print(list[i]!, depth + 1);
      this.#items++;
    }
    this.#nested(-1);
    this.#space(pretty);
    this.#out.push("]");
  }
}

/** As `nix eval`, the repl and error messages print a value. @throws EvaluationError as `errors` says */
export function showValue(ev: NixEvaluator, slot: Slot, options: PrintOptions = {}): ByteString {
  // What is evaluated to be printed is a copy for Nix: a list that is an element of itself is printed once more.
  const whole = options.force === true && Array.isArray(slot) ? [...slot] : slot;
  return new Printer(ev, options).show(whole);
}
