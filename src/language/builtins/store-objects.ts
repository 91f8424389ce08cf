/** Putting files and texts into the store, and referring to what is there. Manual: "Built-ins". */

import type { ByteString } from "../../format/bytes.ts";
import { parseHash } from "../../format/hash.ts";
import { isInStore, splitStorePath, tryParseStorePath } from "../../format/store-path.ts";
import { Context, encodeElement, opaqueElement, unionContexts } from "../context.ts";
import { asEvaluationError, EvaluationError } from "../errors.ts";
import type { NixEvaluator } from "../evaluator.ts";
import { showIdentifier } from "../literal.ts";
import { baseName } from "../path.ts";
import type { BuiltinFamily } from "../registry.ts";
import { contextOf, type Evaluator, makeString, type Pos, type Slot, textOf, type Value } from "../value.ts";

interface AddRequest {
  readonly path: ByteString;
  readonly context: Context | undefined;
  readonly name: ByteString;
  readonly filter: Slot | undefined;
  readonly method: "nar" | "flat";
  readonly sha256: ByteString | undefined;
}

/** The string of the store path that a file or tree has in the store. */
function addPath(ev: Evaluator, pos: Pos, request: AddRequest): Value {
  const { world } = ev;
  const { files } = ev as NixEvaluator;
  const { filter } = request;
  try {
    let path = request.path;
    for (const [from, to] of ev.realiseContext(request.context, pos)) path = path.replaceAll(from, to);
    const real = ev.resolveSymlinks(path, pos);
    if (files.type(real, pos) === undefined && request.sha256 === undefined)
      throw ev.error(`path '${real}' does not exist`);
    const storePath = world.addPath(real, {
      name: request.name,
      method: request.method,
      ...(request.sha256 === undefined ? {} : { sha256: request.sha256 }),
      ...(filter === undefined
        ? {}
        : {
            filter: (file, type) =>
              ev.forceBool(
                ev.call2(filter, file, type, pos),
                pos,
                "while evaluating the return value of the path filter function",
              ),
          }),
    });
    files.allow(storePath);
    return makeString(storePath, Context.of(opaqueElement(storePath)));
  } catch (error) {
    const known = asEvaluationError(error);
    if (known instanceof EvaluationError) throw known.addTrace(pos, `while adding path '${request.path}'`);
    throw error;
  }
}

function filterSource(ev: Evaluator, pos: Pos, filter: Slot, source: Slot): Value {
  const { path, context } = ev.coerceToPathWithContext(
    source,
    pos,
    "while evaluating the second argument (the path to filter) passed to 'builtins.filterSource'",
  );
  ev.forceFunction(filter, pos, "while evaluating the first argument passed to builtins.filterSource");
  return addPath(ev, pos, {
    path,
    context,
    name: baseName(path),
    filter,
    method: "nar",
    sha256: undefined,
  });
}

/** A hash as an argument of a fetcher; an empty one stands for zeros, so that the error tells the right one. */
export function hashArgument(ev: Evaluator, text: ByteString): ByteString {
  if (text !== "") {
    parseHash(text, "sha256");
    return text;
  }
  const zeros = `sha256-${"A".repeat(43)}=`;
  ev.world.message(`warning: found empty hash, assuming '${zeros}'`);
  return zeros;
}

function path(ev: Evaluator, pos: Pos, arguments_: Slot): Value {
  const attrs = ev.forceAttrs(arguments_, pos, "while evaluating the argument passed to 'builtins.path'");
  let source: { path: ByteString; context: Context | undefined } | undefined;
  let name = "";
  let filter: Slot | undefined;
  let method: "nar" | "flat" = "nar";
  let sha256: ByteString | undefined;
  for (let i = 0; i < attrs.size; i++) {
    const key = attrs.keys[i]!;
    const slot = attrs.values[i]!;
    const at = attrs.posAt(i);
    switch (key) {
      case "path":
        source = ev.coerceToPathWithContext(
          slot,
          at,
          "while evaluating the 'path' attribute passed to 'builtins.path'",
        );
        break;
      case "name":
        name = ev.forceStringNoContext(
          slot,
          at,
          "while evaluating the `name` attribute passed to builtins.path",
        );
        break;
      case "filter":
        ev.forceFunction(slot, at, "while evaluating the `filter` parameter passed to builtins.path");
        filter = slot;
        break;
      case "recursive":
        method = ev.forceBool(slot, at, "while evaluating the `recursive` attribute passed to builtins.path")
          ? "nar"
          : "flat";
        break;
      case "sha256":
        sha256 = hashArgument(
          ev,
          ev.forceStringNoContext(
            slot,
            at,
            "while evaluating the `sha256` attribute passed to builtins.path",
          ),
        );
        break;
      default:
        throw ev.error(`unsupported argument '${showIdentifier(key)}' to 'builtins.path'`, at);
    }
  }
  if (source === undefined)
    throw ev.error("missing required 'path' attribute in the first argument to 'builtins.path'", pos);
  return addPath(ev, pos, {
    path: source.path,
    context: source.context,
    name: name === "" ? baseName(source.path) : name,
    filter,
    method,
    sha256,
  });
}

function toFile(ev: Evaluator, pos: Pos, nameSlot: Slot, contentsSlot: Slot): Value {
  const name = ev.forceStringNoContext(
    nameSlot,
    pos,
    "while evaluating the first argument passed to builtins.toFile",
  );
  const contents = ev.forceString(
    contentsSlot,
    pos,
    "while evaluating the second argument passed to builtins.toFile",
  );
  const references: ByteString[] = [];
  for (const element of contextOf(contents)?.sorted() ?? []) {
    if (element.kind !== "opaque")
      throw ev.error(
        `files created by builtins.toFile may not reference derivations, but ${name} references ` +
          encodeElement(element).replace(`${ev.world.storeDir}/`, ""),
        pos,
      );
    references.push(element.path);
  }
  const storePath = ev.world.addText(name, textOf(contents), references);
  (ev as NixEvaluator).files.allow(storePath);
  return makeString(storePath, Context.of(opaqueElement(storePath)));
}

function storePath(ev: Evaluator, pos: Pos, slot: Slot): Value {
  if (ev.settings.pureEval)
    throw ev.error("'builtins.storePath' is not allowed in pure evaluation mode", pos);
  const { world } = ev;
  const { path: given, context } = ev.coerceToPathWithContext(
    slot,
    pos,
    "while evaluating the first argument passed to 'builtins.storePath'",
  );
  // A symlink that is itself a store path stays.
  const path =
    tryParseStorePath(given, world.storeDir) === undefined ? ev.resolveSymlinks(given, pos) : given;
  if (!isInStore(path, world.storeDir)) throw ev.error(`path '${path}' is not in the Nix store`, pos);
  const { storePath: root } = splitStorePath(path, world.storeDir);
  if (!world.readOnly) world.ensurePath(root);
  return makeString(path, unionContexts(context, Context.of(opaqueElement(root))));
}

export const storeObjectBuiltins: BuiltinFamily = {
  functions: [
    {
      name: "filterSource",
      args: ["e1", "e2"],
      doc: "Copies a tree to the store without what the function, called with path and type, gives `false` for.",
      fn: filterSource,
    },
    {
      name: "path",
      args: ["args"],
      doc: "Copies a file or tree to the store: `{ path; name; filter; recursive; sha256; }`, all but `path` optional.",
      fn: path,
    },
    {
      name: "storePath",
      args: ["path"],
      doc: "A path in the store as a string that depends on it, without copying.",
      fn: storePath,
    },
    {
      name: "toFile",
      args: ["name", "s"],
      doc: "Writes a text to the store and gives its path; the text may refer to store paths, but not to derivations.",
      fn: toFile,
    },
  ],
};
