/** Paths and the files they lead to. Manual: "Path", "Built-ins". */
import type { ByteString } from "../../format/bytes.ts";
import { isInStore, splitStorePath } from "../../format/store-path.ts";
import { Attrs, compareNames } from "../attrs.ts";
import { Context, opaqueElement } from "../context.ts";
import { EvaluationError } from "../errors.ts";
import type { NixEvaluator } from "../evaluator.ts";
import { dirName } from "../path.ts";
import type { BuiltinFamily } from "../registry.ts";
import {
  contextOf,
  type Evaluator,
  force,
  isString,
  makeString,
  NixPath,
  type Pos,
  type SearchPathEntry,
  type Slot,
  textOf,
  type Value,
} from "../value.ts";
import { requiredAttribute } from "./attribute-sets.ts";

const realising = "while realising the context of a path";

/** Without the part up to the last slash; one slash at the end does not count. */
function baseNameOf(path: ByteString): ByteString {
  let end = path.length;
  if (end > 1 && path.charCodeAt(end - 1) === 47) end--;
  return path.slice(path.lastIndexOf("/", end - 1) + 1, end);
}

function readFile(ev: Evaluator, pos: Pos, path: Slot): Value {
  const file = ev.coerceToPath(path, pos, realising);
  const text = (ev as NixEvaluator).files.readFile(file, pos);
  if (text.includes("\0"))
    throw ev.error(`the contents of the file '${file}' cannot be represented as a Nix string`, pos);
  return makeString(text, referencesIn(ev, file, text));
}

/** The store paths that a file of the store can refer to and does, as context of its contents. */
function referencesIn(ev: Evaluator, file: ByteString, text: ByteString): Context | undefined {
  const { world } = ev;
  if (!isInStore(file, world.storeDir)) return undefined;
  const storePath = splitStorePath(file, world.storeDir).storePath;
  if (!world.isValidPath(storePath)) return undefined;
  const hashAt = world.storeDir.length + 1;
  const found = world
    .computeClosure(storePath)
    .filter((path) => text.includes(path.slice(hashAt, hashAt + 32)));
  return Context.from(found.map(opaqueElement));
}

function pathExists(ev: Evaluator, pos: Pos, path: Slot): Value {
  const { files } = ev as NixEvaluator;
  const value = force(path);
  // A slash at the end asks for a directory.
  const mustBeDirectory = isString(value) && /\/\.?$/.test(textOf(value));
  try {
    const file = ev.coerceToPath(value, pos, realising);
    if (mustBeDirectory) return files.type(files.resolveArgument(file, pos), pos) === "directory";
    if (file === "/") return true;
    return files.type(files.resolveArgument(file, pos, true), pos) !== undefined;
  } catch (error) {
    if (error instanceof EvaluationError && error.kind === "restricted") return false;
    throw error;
  }
}

function findFile(ev: Evaluator, pos: Pos, list: Slot, name: Slot): Value {
  const elements = ev.forceList(list, pos, "while evaluating the first argument passed to builtins.findFile");
  const entries: SearchPathEntry[] = [];
  for (const element of elements) {
    const attrs = ev.forceAttrs(
      element,
      pos,
      "while evaluating an element of the list passed to builtins.findFile",
    );
    const prefixSlot = attrs.get("prefix");
    const prefix =
      prefixSlot === undefined
        ? ""
        : ev.forceStringNoContext(
            prefixSlot,
            pos,
            "while evaluating the `prefix` attribute of an element of the list passed to builtins.findFile",
          );
    const string = ev.coerceToString(
      requiredAttribute(ev, attrs, "path", "in an element of the __nixPath"),
      pos,
      "while evaluating the `path` attribute of an element of the list passed to builtins.findFile",
      { copyToStore: false },
    );
    let path = textOf(string);
    try {
      for (const [from, to] of ev.realiseContext(contextOf(string), pos)) path = path.replaceAll(from, to);
    } catch (error) {
      const invalid =
        error instanceof EvaluationError ? /^path '(.*)' is not valid$/.exec(error.bytes) : null;
      if (invalid === null) throw error;
      throw ev.error(`cannot find '${path}', since path '${invalid[1]}' is not valid`, pos);
    }
    entries.push({ prefix, path });
  }
  const wanted = ev.forceStringNoContext(
    name,
    pos,
    "while evaluating the second argument passed to builtins.findFile",
  );
  return ev.findFile(entries, wanted, pos);
}

export const fileBuiltins: BuiltinFamily = {
  functions: [
    {
      name: "baseNameOf",
      args: ["x"],
      global: true,
      doc: "The last component of a path or string.",
      fn: (ev, pos, path) => {
        const string = ev.coerceToString(
          path,
          pos,
          "while evaluating the first argument passed to builtins.baseNameOf",
          { copyToStore: false, canonicalizePath: false },
        );
        return makeString(baseNameOf(textOf(string)), contextOf(string));
      },
    },
    {
      name: "dirOf",
      args: ["s"],
      global: true,
      doc: "All but the last component: of a path a path, of a string a string.",
      fn: (ev, pos, path) => {
        const value = force(path);
        if (value instanceof NixPath) return new NixPath(dirName(value.path));
        const string = ev.coerceToString(
          value,
          pos,
          "while evaluating the first argument passed to 'builtins.dirOf'",
          { copyToStore: false, canonicalizePath: false },
        );
        const text = textOf(string);
        const slash = text.lastIndexOf("/");
        return makeString(slash < 0 ? "." : slash === 0 ? "/" : text.slice(0, slash), contextOf(string));
      },
    },
    {
      name: "findFile",
      args: ["search-path", "lookup-path"],
      doc: "The path that a name has in a search path, a list of `{ prefix; path; }`: what `<name>` means.",
      fn: findFile,
    },
    {
      name: "pathExists",
      args: ["path"],
      doc: "Whether there is something at the path.",
      fn: pathExists,
    },
    {
      name: "readDir",
      args: ["path"],
      doc: "The entries of a directory, each `regular`, `directory`, `symlink` or `unknown`.",
      fn: (ev, pos, path) => {
        const directory = ev.coerceToPath(path, pos, realising);
        const entries = (ev as NixEvaluator).files.readDirectory(directory, pos);
        const names = [...entries.keys()].sort(compareNames);
        return Attrs.fromSorted(
          names,
          names.map((name) => entries.get(name)!),
        );
      },
    },
    {
      name: "readFile",
      args: ["path"],
      doc: "The contents of a file.",
      fn: readFile,
    },
    {
      name: "readFileType",
      args: ["p"],
      doc: "What is at the path: `regular`, `directory`, `symlink` or `unknown`.",
      fn: (ev, pos, path) => {
        const file = ev.coerceToPath(path, pos, realising);
        const type = (ev as NixEvaluator).files.type(file, pos);
        if (type === undefined) throw ev.error(`path '${file}' does not exist`, pos);
        return type;
      },
    },
    {
      name: "toPath",
      args: ["s"],
      doc: "The absolute path of a path or string, as a string. Obsolete.",
      fn: (ev, pos, path) => {
        const { path: file, context } = ev.coerceToPathWithContext(
          path,
          pos,
          "while evaluating the first argument passed to builtins.toPath",
        );
        return makeString(file, context);
      },
    },
  ],
};
