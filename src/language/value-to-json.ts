/**
 * Values as JSON text with the string context gathered on the way: `builtins.toJSON`, `--json`, `__structuredAttrs`.
 *
 * A set with `__toString` is that string, one with `outPath` is its `outPath`; paths are copied to the store unless
 * told otherwise. Floats that are not finite print as `null`.
 */

import type { ByteString } from "../format/bytes.ts";
import { Attrs } from "./attrs.ts";
import { ownPos, tooDeep } from "./call.ts";
import { type Context, unionContexts } from "./context.ts";
import { EvaluationError } from "./errors.ts";
import { JsonError, jsonFloat, jsonString } from "./json.ts";
import { showIdentifier } from "./literal.ts";
import {
  contextOf,
  type Evaluator,
  forceAt,
  NixFloat,
  NixPath,
  NixString,
  type Pos,
  type Slot,
  textOf,
} from "./value.ts";

export interface JsonResult {
  readonly text: ByteString;
  readonly context: Context | undefined;
}

export interface ToJsonOptions {
  /** False: a path is its text. Default true. */
  readonly copyToStore?: boolean;
}

/** @throws EvaluationError */
export function valueToJson(ev: Evaluator, slot: Slot, pos: Pos, options: ToJsonOptions = {}): JsonResult {
  const writer = new Writer(ev, options.copyToStore ?? true);
  try {
    const text = writer.write(slot, pos);
    if (writer.fault !== undefined) throw writer.fault;
    return { text, context: writer.context };
  } catch (error) {
    if (error instanceof JsonError) throw ev.error(`JSON serialization error: ${error.bytes}`);
    throw error;
  }
}

class Writer {
  readonly #ev: Evaluator;
  readonly #copy: boolean;
  context: Context | undefined;
  /** The whole value is evaluated before any text is made: an error inside comes before one of encoding. */
  fault: JsonError | undefined;

  constructor(ev: Evaluator, copy: boolean) {
    this.#ev = ev;
    this.#copy = copy;
  }

  write(slot: Slot, pos: Pos): string {
    const ev = this.#ev;
    const { depth } = ev;
    if (depth >= ev.maxDepth) throw tooDeep(pos);
    ev.depth = depth + 1;
    const text = this.#write(slot, pos);
    ev.depth = depth;
    return text;
  }

  #write(slot: Slot, pos: Pos): string {
    const value = forceAt(slot, pos);
    if (value === null) return "null";
    switch (typeof value) {
      case "boolean":
        return value ? "true" : "false";
      case "number":
      case "bigint":
        return String(value);
      case "string":
        return this.#string(value);
    }
    if (value instanceof Attrs) return this.#attrs(value, pos);
    if (Array.isArray(value)) return this.#list(value, pos);
    if (value instanceof NixString) {
      this.#add(value.context);
      return this.#string(value.text);
    }
    if (value instanceof NixFloat) return jsonFloat(value.value);
    if (value instanceof NixPath) {
      if (!this.#copy) return this.#string(value.path);
      const copied = this.#ev.copyPathToStore(value.path, pos);
      this.#add(copied.context);
      return this.#string(copied.text);
    }
    throw this.#ev.typeError(`cannot convert ${this.#ev.showType(value)} to JSON`, ownPos(value) || pos);
  }

  #string(text: ByteString): string {
    try {
      return jsonString(text);
    } catch (error) {
      if (!(error instanceof JsonError)) throw error;
      this.fault ??= error;
      return '""';
    }
  }

  #add(context: Context | undefined): void {
    this.context = unionContexts(this.context, context);
  }

  #attrs(attrs: Attrs, pos: Pos): string {
    const toString_ = attrs.toStringSlot;
    if (toString_ !== undefined) {
      const text = this.#ev.coerceToString(
        this.#ev.call(toString_, attrs, pos),
        pos,
        "while evaluating the result of the `__toString` attribute",
        { copyToStore: false },
      );
      this.#add(contextOf(text));
      return this.#string(textOf(text));
    }
    const outPath = attrs.outPathSlot;
    if (outPath !== undefined) return this.write(outPath, attrs.posOf("outPath"));
    const { keys, values } = attrs;
    let text = "{";
    for (let i = 0; i < keys.length; i++) {
      const at = attrs.posAt(i);
      try {
        text += `${i === 0 ? "" : ","}${this.#string(keys[i]!)}:${this.write(values[i]!, at)}`;
      } catch (error) {
        if (error instanceof EvaluationError)
          error.addTrace(at, `while evaluating attribute '${showIdentifier(keys[i]!)}'`);
        throw error;
      }
    }
    return `${text}}`;
  }

  #list(list: readonly Slot[], pos: Pos): string {
    let text = "[";
    for (let i = 0; i < list.length; i++) {
      try {
        text += `${i === 0 ? "" : ","}${this.write(list[i]!, pos)}`;
      } catch (error) {
        if (error instanceof EvaluationError)
          error.addTrace(pos, `while evaluating list element at index ${i}`);
        throw error;
      }
    }
    return `${text}]`;
  }
}
