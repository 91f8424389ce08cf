/** String contexts: looking at them, taking them away, adding to them. Manual: "String context". */
import type { ByteString } from "../../format/bytes.ts";
import { StorePathError } from "../../format/format-error.ts";
import { isDerivationPath, parseStorePath, type StorePath } from "../../format/store-path.ts";
import { Attrs, AttrsBuilder } from "../attrs.ts";
import {
  type BuiltElement,
  builtElement,
  Context,
  type ContextElement,
  type DynamicElement,
  drvDeepElement,
  opaqueElement,
  showElement,
  unionContexts,
} from "../context.ts";
import { showIdentifier } from "../literal.ts";
import type { BuiltinFamily } from "../registry.ts";
import {
  contextOf,
  type Evaluator,
  makeString,
  noPos,
  type Pos,
  type Slot,
  textOf,
  type Value,
} from "../value.ts";

/** The path of the derivation that a derivation makes, where it is known without building. */
function producedPath(ev: Evaluator, producer: BuiltElement | DynamicElement): ByteString {
  const path =
    producer.kind === "built"
      ? ev.world.describeDerivation?.(producer.drvPath).outputs.get(producer.output)
      : undefined;
  if (path === undefined || path === "")
    throw ev.error(
      `cannot show the context of a string: '${showElement(producer)}' is the output of a derivation that must be built first`,
    );
  return path;
}

function getContext(ev: Evaluator, pos: Pos, s: Slot): Value {
  const string = ev.forceString(s, pos, "while evaluating the argument passed to builtins.getContext");
  const context = contextOf(string);
  if (context === undefined) return Attrs.empty;
  const infos = new Map<ByteString, { path: boolean; allOutputs: boolean; outputs: ByteString[] }>();
  const info = (path: ByteString) => {
    let known = infos.get(path);
    if (known === undefined) {
      known = { path: false, allOutputs: false, outputs: [] };
      infos.set(path, known);
    }
    return known;
  };
  for (const element of context.sorted()) {
    if (element.kind === "opaque") info(element.path).path = true;
    else if (element.kind === "drvDeep") info(element.drvPath).allOutputs = true;
    else if (element.kind === "built") info(element.drvPath).outputs.push(element.output);
    else info(producedPath(ev, element.producer)).outputs.push(element.output);
  }
  const result = new AttrsBuilder();
  for (const [path, { path: isPath, allOutputs, outputs }] of infos) {
    const attrs = new AttrsBuilder();
    if (isPath) attrs.set("path", true);
    if (allOutputs) attrs.set("allOutputs", true);
    if (outputs.length > 0) attrs.set("outputs", outputs);
    result.set(path, attrs.build());
  }
  return result.build();
}

function appendContext(ev: Evaluator, pos: Pos, s: Slot, set: Slot): Value {
  const string = ev.forceString(
    s,
    noPos,
    "while evaluating the first argument passed to builtins.appendContext",
  );
  const additions = ev.forceAttrs(
    set,
    pos,
    "while evaluating the second argument passed to builtins.appendContext",
  );
  const elements: ContextElement[] = [];
  for (let i = 0; i < additions.size; i++) {
    const name = additions.keys[i]!;
    const at = additions.posAt(i);
    let path: StorePath;
    try {
      path = parseStorePath(name, ev.world.storeDir);
    } catch (error) {
      if (!(error instanceof StorePathError)) throw error;
      throw ev.error(`context key '${showIdentifier(name)}' is not a store path`, at);
    }
    if (!ev.world.readOnly) ev.world.ensurePath(path);
    const info = ev.forceAttrs(additions.values[i]!, at, "while evaluating the value of a string context");
    const isPath = info.get("path");
    if (
      isPath !== undefined &&
      ev.forceBool(isPath, info.posOf("path"), "while evaluating the `path` attribute of a string context")
    )
      elements.push(opaqueElement(path));
    const allOutputs = info.get("allOutputs");
    if (
      allOutputs !== undefined &&
      ev.forceBool(
        allOutputs,
        info.posOf("allOutputs"),
        "while evaluating the `allOutputs` attribute of a string context",
      )
    ) {
      if (!isDerivationPath(path))
        throw ev.error(
          `tried to add all-outputs context of "${name}", which is not a derivation, to a string`,
          at,
        );
      elements.push(drvDeepElement(path));
    }
    const outputs = info.get("outputs");
    if (outputs !== undefined) {
      const where = info.posOf("outputs");
      const names = ev.forceList(
        outputs,
        where,
        "while evaluating the `outputs` attribute of a string context",
      );
      if (names.length > 0 && !isDerivationPath(path))
        throw ev.error(
          `tried to add derivation output context of "${name}", which is not a derivation, to a string`,
          at,
        );
      for (const output of names)
        elements.push(
          builtElement(
            path,
            ev.forceStringNoContext(output, where, "while evaluating an output name within a string context"),
          ),
        );
    }
  }
  return makeString(textOf(string), unionContexts(contextOf(string), Context.from(elements)));
}

function addDrvOutputDependencies(ev: Evaluator, pos: Pos, s: Slot): Value {
  const string = ev.coerceToString(
    s,
    pos,
    "while evaluating the argument passed to builtins.addDrvOutputDependencies",
  );
  const elements = [...(contextOf(string)?.elements ?? [])];
  const element = elements[0];
  if (elements.length !== 1 || element === undefined)
    throw ev.error(
      `context of string '${textOf(string)}' must have exactly one element, but has ${elements.length}`,
      pos,
    );
  switch (element.kind) {
    case "opaque":
      if (!element.path.endsWith(".drv")) throw ev.error(`path '${element.path}' is not a derivation`, pos);
      return makeString(textOf(string), Context.of(drvDeepElement(element.path)));
    case "built":
    case "dynamic":
      throw ev.error(
        "`addDrvOutputDependencies` can only act on derivations, not on a derivation output such as " +
          `'${element.output}'`,
        pos,
      );
    case "drvDeep":
      return string;
  }
}

function unsafeDiscardOutputDependency(ev: Evaluator, pos: Pos, s: Slot): Value {
  const string = ev.coerceToString(
    s,
    pos,
    "while evaluating the argument passed to builtins.unsafeDiscardOutputDependency",
  );
  const context = contextOf(string);
  if (context === undefined) return string;
  const elements = context
    .sorted()
    .map((element) => (element.kind === "drvDeep" ? opaqueElement(element.drvPath) : element));
  return makeString(textOf(string), Context.from(elements));
}

export const stringContextBuiltins: BuiltinFamily = {
  functions: [
    {
      name: "addDrvOutputDependencies",
      args: ["s"],
      doc: "The string, whose context must be one derivation, with a context that means all of its outputs.",
      fn: addDrvOutputDependencies,
    },
    {
      name: "appendContext",
      args: ["s", "context"],
      doc: "The string with more context, written as `getContext` shows it.",
      fn: appendContext,
    },
    {
      name: "getContext",
      args: ["s"],
      doc: "The string's context: a set by store path, with `path`, `allOutputs` and `outputs`.",
      fn: getContext,
    },
    {
      name: "hasContext",
      args: ["s"],
      doc: "Whether the string has a context.",
      fn: (ev, pos, s) =>
        contextOf(ev.forceString(s, pos, "while evaluating the argument passed to builtins.hasContext")) !==
        undefined,
    },
    {
      name: "unsafeDiscardOutputDependency",
      args: ["s"],
      doc: "The string with whole derivations in its context turned into mere paths of `.drv` files.",
      fn: unsafeDiscardOutputDependency,
    },
    {
      name: "unsafeDiscardStringContext",
      args: ["s"],
      doc: "The string without its context.",
      fn: (ev, pos, s) =>
        textOf(
          ev.coerceToString(
            s,
            pos,
            "while evaluating the argument passed to builtins.unsafeDiscardStringContext",
          ),
        ),
    },
  ],
};
