/** `nix eval --write-to`: a string becomes a file, a set a directory of what is in it. Manual: `nix eval`. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { fsPath, toBuffer, toBytes } from "../../format/bytes.ts";
import { Attrs } from "../../language/attrs.ts";
import { EvaluationError } from "../../language/errors.ts";
import type { NixEvaluator } from "../../language/evaluator.ts";
import { forceAt, isString, noPos, type Pos, type Slot, textOf } from "../../language/value.ts";
import { CommandError } from "../cli-error.ts";

/** @throws CommandError if there is something at the path */
export function writeStrings(ev: NixEvaluator, slot: Slot, pos: Pos, path: string): void {
  if (existsSync(path)) throw new CommandError(`path '${path}' already exists`);
  write(ev, slot, pos, toBytes(path));
}

function write(ev: NixEvaluator, slot: Slot, pos: Pos, path: string): void {
  const value = forceAt(slot, pos);
  if (isString(value)) {
    writeFileSync(fsPath(path), toBuffer(textOf(value)));
    return;
  }
  if (!(value instanceof Attrs)) {
    const place = pos === noPos ? "\xc2\xabnone\xc2\xbb:0" : ev.positions.show(pos);
    throw ev.typeError(`value at '${place}' is not a string or an attribute set`);
  }
  mkdirSync(fsPath(path));
  for (const name of value.keys) {
    const at = value.posOf(name);
    try {
      // Nix looks for the first two alone; a slash would lead out of the directory.
      if (name === "." || name === ".." || name === "" || /[/\0]/.test(name))
        throw ev.error(`invalid file name '${name}'`);
      write(ev, value.get(name)!, at, `${path}/${name}`);
    } catch (error) {
      throw error instanceof EvaluationError
        ? error.addTrace(at, `while evaluating the attribute '${name}'`)
        : error;
    }
  }
}
