/**
 * Fetchers: arguments checked here as Nix checks them; the fetching itself is the world's. Manual: "Built-ins".
 *
 * Deviation: what a fetcher's scheme allows as attributes is checked by the world, after the checks here.
 */

import type { ByteString } from "../../format/bytes.ts";
import { storeNameFault } from "../../format/store-path.ts";
import { parseUrl, showUrl } from "../../format/url.ts";
import { Attrs, AttrsBuilder } from "../attrs.ts";
import { Context, opaqueElement } from "../context.ts";
import { asEvaluationError, EvaluationError } from "../errors.ts";
import type { NixEvaluator } from "../evaluator.ts";
import { flakeHooks } from "../flake-hooks.ts";
import { type FlakeAttributes, showReference, withErrors } from "../flake-reference.ts";
import { checkInput, gitUrl, inputFromUrl, isLockedInput, narHashOf } from "../input-schemes.ts";
import { showIdentifier } from "../literal.ts";
import type { BuiltinFamily } from "../registry.ts";
import { resolvePseudoUrl } from "../search-path.ts";
import { treeAttributes } from "../tree-attributes.ts";
import {
  type Evaluator,
  force,
  integer,
  isInteger,
  isString,
  makeString,
  NixPath,
  noPos,
  type Pos,
  type Slot,
  textOf,
  type Value,
} from "../value.ts";
import { valueToJson } from "../value-to-json.ts";
import type { FetchRequest, FetchResult } from "../world.ts";
import { hashArgument } from "./store-objects.ts";

type InputAttributes = Map<string, ByteString | bigint | boolean>;

/** A store path brings its context; the bundled package set lies outside the store and has none. */
function pathValue(ev: Evaluator, { path, inStore }: FetchResult): Value {
  (ev as NixEvaluator).files.allow(path);
  return inStore ? makeString(path, Context.of(opaqueElement(path))) : path;
}

function fetchFile(
  who: "fetchurl" | "fetchTarball",
  defaultName: string,
): (ev: Evaluator, pos: Pos, slot: Slot) => Value {
  return (ev, pos, slot) => {
    let url: ByteString | undefined;
    let sha256: ByteString | undefined;
    let name = defaultName;
    let named = false;
    const argument = force(slot);
    if (argument instanceof Attrs) {
      for (let i = 0; i < argument.size; i++) {
        const at = argument.posAt(i);
        const value = argument.values[i]!;
        switch (argument.keys[i]) {
          case "url":
            url = ev.forceStringNoContext(value, at, "while evaluating the url we should fetch");
            break;
          case "sha256":
            sha256 = hashArgument(
              ev,
              ev.forceStringNoContext(
                value,
                at,
                "while evaluating the sha256 of the content we should fetch",
              ),
            );
            break;
          case "name":
            named = true;
            name = ev.forceStringNoContext(
              value,
              at,
              "while evaluating the name of the content we should fetch",
            );
            break;
          default:
            throw ev.error(`unsupported argument '${argument.keys[i]}' to '${who}'`, pos);
        }
      }
      if (url === undefined) throw ev.error("'url' argument required", pos);
    } else url = ev.forceStringNoContext(argument, pos, "while evaluating the url we should fetch");
    if (who === "fetchTarball") url = resolvePseudoUrl(url);
    ev.checkUri(url, pos);
    if (name === "") name = url.replace(/\/+$/, "").slice(url.replace(/\/+$/, "").lastIndexOf("/") + 1);
    const fault = storeNameFault(name);
    if (fault !== undefined) {
      const mend = named
        ? `Please change the value for the 'name' attribute passed to '${who}', so that it can create a valid store path.`
        : argument instanceof Attrs
          ? `Please add a valid 'name' attribute to the argument for '${who}', so that it can create a valid store path.`
          : `Please pass an attribute set with 'url' and 'name' attributes to '${who}',  so that it can create a valid store path.`;
      throw ev.error(`invalid store path name when fetching URL '${url}': ${fault}. ${mend}`, pos);
    }
    if (ev.settings.pureEval && sha256 === undefined)
      throw ev.error(`in pure evaluation mode, '${who}' requires a 'sha256' argument`, pos);
    const isTarball = who === "fetchTarball";
    if (!/^[A-Za-z][A-Za-z0-9+.-]*:/.test(url))
      throw ev.error(`${isTarball ? "" : "URL "}'${url}' doesn't have a scheme`);
    const request = { kind: isTarball ? "tarball" : "url", url, name, sha256 } as const;
    return pathValue(ev, isTarball ? fetch(ev, request, url) : ev.world.fetch(request));
  };
}

/** @param input as errors name it */
function fetch(ev: Evaluator, request: FetchRequest, input: ByteString): FetchResult {
  try {
    return ev.world.fetch(request);
  } catch (error) {
    const known = asEvaluationError(error);
    // That it has another hash is not told of the fetching.
    if (known instanceof EvaluationError && known.exitCode !== 102)
      known.addTrace(noPos, `while fetching the input '${input}'`);
    throw known;
  }
}

function gitAddress(url: ByteString): ByteString {
  return showUrl(gitUrl(url));
}

function inputAttributes(
  ev: Evaluator,
  pos: Pos,
  who: "fetchGit" | "fetchTree",
  slot: Slot,
): FlakeAttributes {
  const isGit = who === "fetchGit";
  const input: InputAttributes = new Map();
  const argument = force(slot);
  if (!(argument instanceof Attrs)) {
    const url = textOf(
      ev.coerceToString(argument, pos, `while evaluating the first argument passed to '${who}'`, {
        copyToStore: false,
      }),
    );
    if (isGit)
      return withErrors(ev, () =>
        checkInput(ev, input.set("type", "git").set("url", gitAddress(url)).set("exportIgnore", true)),
      );
    if (!ev.settings.experimentalFeatures.has("flakes"))
      throw ev.error(`passing a string argument to '${who}' requires the 'flakes' experimental feature`, pos);
    return withErrors(ev, () => inputFromUrl(ev, parseUrl(url), true));
  }
  let type: ByteString | undefined = isGit ? "git" : undefined;
  const typeSlot = argument.get("type");
  if (typeSlot !== undefined) {
    if (isGit) throw ev.error("unexpected argument 'type'", pos);
    type = ev.forceStringNoContext(
      typeSlot,
      argument.posOf("type"),
      `while evaluating the \`type\` argument passed to '${who}'`,
    );
  }
  if (type === undefined) throw ev.error(`argument 'type' is missing in call to '${who}'`, pos);
  input.set("type", type);
  for (let i = 0; i < argument.size; i++) {
    const name = argument.keys[i]!;
    if (name === "type") continue;
    const value = force(argument.values[i]!);
    if (isString(value) || value instanceof NixPath) {
      const text = textOf(ev.coerceToString(value, argument.posAt(i), "", { copyToStore: false }));
      input.set(name, isGit && name === "url" ? withErrors(ev, () => gitAddress(text)) : text);
    } else if (typeof value === "boolean") input.set(name, value);
    else if (isInteger(value)) {
      if (value < 0) throw ev.error(`negative value given for '${who}' argument '${name}': ${value}`, pos);
      input.set(name, BigInt(value));
    } else if (name === "publicKeys") {
      if (!ev.settings.experimentalFeatures.has("verified-fetches"))
        throw ev.error(
          "experimental Nix feature 'verified-fetches' is disabled; add '--extra-experimental-features verified-fetches' to enable it",
        );
      input.set(name, valueToJson(ev, value, pos).text);
    } else
      throw ev.typeError(
        `argument '${name}' to '${who}' is ${ev.showType(value)} while a string, Boolean or integer is expected`,
      );
  }
  if (isGit && !input.has("exportIgnore") && input.get("submodules") !== true)
    input.set("exportIgnore", true);
  if (type === "git" && !isGit && !input.has("shallow")) input.set("shallow", true);
  if (!isGit && input.has("name"))
    throw ev.error(`argument 'name' isn’t supported in call to '${who}'`.replace("’", "\xe2\x80\x99"), pos);
  return withErrors(ev, () => checkInput(ev, input));
}

function fetchInput(who: "fetchGit" | "fetchTree"): (ev: Evaluator, pos: Pos, slot: Slot) => Value {
  const isGit = who === "fetchGit";
  return (ev, pos, slot) => {
    const given = inputAttributes(ev, pos, who, slot);
    const isName = given.get("type") === "indirect" && !ev.settings.pureEval;
    const input = isName ? (flakeHooks(ev)?.resolve(given) ?? given) : given;
    const shown = withErrors(ev, () => showReference(ev, input, ""));
    if (ev.settings.pureEval && !isLockedInput(ev, input)) {
      if (narHashOf(ev, input) === undefined)
        throw ev.error(`in pure evaluation mode, '${who}' doesn't fetch unlocked input '${shown}'`, pos);
      ev.world.message(
        `warning: Input '${shown}' is unlocked (e.g. lacks a Git revision) but is checked by NAR hash. ` +
          "This is not reproducible and will break after garbage collection or when shared.",
      );
    }
    ev.checkUri(shown, pos);
    if (input.get("__final") === true)
      throw ev.error(`input '${shown}' is not allowed to use the '__final' attribute`);
    // A malformed hash is told before anything is fetched.
    narHashOf(ev, input);
    const address = input.get("url");
    if (input.get("type") === "git" && typeof address === "string" && /^file:(?!\/)/.test(address))
      ev.world.message(
        `warning: Fetching Git repository '${address}', which uses a path relative to the current directory. This is not supported and will stop working in a future release. See https://github.com/NixOS/nix/issues/12281 for details.`,
      );
    const result = fetch(ev, { kind: isGit ? "git" : "tree", attributes: input }, shown);
    return treeAttributes(ev, pathValue(ev, result), result.locked ?? result.info, { zeroRevision: isGit });
  };
}

function fetchMercurial(ev: Evaluator, pos: Pos, slot: Slot): Value {
  let url = "";
  let rev: ByteString | undefined;
  let ref: ByteString | undefined;
  let name = "source";
  const argument = force(slot);
  const coerce = (value: Slot, at: Pos, context: string): ByteString =>
    textOf(ev.coerceToString(value, at, context, { copyToStore: false }));
  if (argument instanceof Attrs) {
    for (let i = 0; i < argument.size; i++) {
      const at = argument.posAt(i);
      const value = argument.values[i]!;
      const key = argument.keys[i]!;
      const context = `while evaluating the \`${key}\` attribute passed to builtins.fetchMercurial`;
      if (key === "url") url = coerce(value, at, context);
      else if (key === "rev") {
        // Either a revision or the name of a branch or tag.
        const text = ev.forceStringNoContext(value, at, context);
        if (/^[0-9a-fA-F]{40}$/.test(text)) rev = text;
        else ref = text;
      } else if (key === "name") name = ev.forceStringNoContext(value, at, context);
      else throw ev.error(`unsupported argument '${showIdentifier(key)}' to 'fetchMercurial'`, at);
    }
    if (url === "") throw ev.error("'url' argument required", pos);
  } else url = coerce(argument, pos, "while evaluating the first argument passed to builtins.fetchMercurial");
  ev.checkUri(url, pos);
  if (ev.settings.pureEval && rev === undefined)
    throw ev.error("in pure evaluation mode, 'fetchMercurial' requires a Mercurial revision");
  const attributes: InputAttributes = new Map<string, ByteString>([
    ["type", "hg"],
    ["url", url.includes("://") ? url : `file://${url}`],
    ["name", name],
  ]);
  if (ref !== undefined) attributes.set("ref", ref);
  if (rev !== undefined) attributes.set("rev", rev);
  const result = ev.world.fetch({ kind: "tree", attributes });
  const attrs = new AttrsBuilder();
  attrs.set("outPath", pathValue(ev, result));
  const branch = result.info.get("ref");
  if (typeof branch === "string") attrs.set("branch", branch);
  const found = result.info.get("rev");
  const revision = typeof found === "string" ? found : "0".repeat(40);
  attrs.set("rev", revision).set("shortRev", revision.slice(0, 12));
  const count = result.info.get("revCount");
  if (typeof count === "bigint") attrs.set("revCount", integer(count));
  return attrs.build();
}

function fetchClosure(ev: Evaluator, pos: Pos, slot: Slot): Value {
  const argument = ev.forceAttrs(slot, pos, "while evaluating the argument passed to builtins.fetchClosure");
  const attributes: InputAttributes = new Map();
  for (let i = 0; i < argument.size; i++) {
    const key = argument.keys[i]!;
    const at = argument.posAt(i);
    const value = argument.values[i]!;
    const context = `while evaluating the attribute '${key}' passed to builtins.fetchClosure`;
    if (key === "fromPath" || key === "toPath") {
      const forced = force(value);
      if (key === "toPath" && forced === "") attributes.set(key, "");
      else attributes.set(key, ev.coerceToStorePath(forced, at, context).path);
    } else if (key === "fromStore") attributes.set(key, ev.forceStringNoContext(value, at, context));
    else if (key === "inputAddressed") attributes.set(key, ev.forceBool(value, at, context));
    else throw ev.error(`attribute '${key}' isn't supported in call to 'fetchClosure'`, pos);
  }
  const missing = (name: string) => ev.error(`attribute '${name}' is missing in call to 'fetchClosure'`, pos);
  if (!attributes.has("fromPath")) throw missing("fromPath");
  if (attributes.get("inputAddressed") === true && attributes.has("toPath"))
    throw ev.error(
      "attribute 'inputAddressed' is set to true, but 'toPath' is also set. Please remove one of them",
      pos,
    );
  const store = attributes.get("fromStore");
  if (store === undefined) throw missing("fromStore");
  if (!/^https?:\/\//.test(String(store)))
    throw ev.error("'fetchClosure' only supports http:// and https:// stores", pos);
  if (String(store).includes("?"))
    throw ev.error(`'fetchClosure' does not support URL query parameters (in '${store}')`, pos);
  return pathValue(ev, ev.world.fetch({ kind: "closure", attributes }));
}

export const fetcherBuiltins: BuiltinFamily = {
  functions: [
    {
      name: "fetchClosure",
      args: ["args"],
      feature: "fetch-closure",
      doc: "Copies a store path with its closure from a binary cache: `{ fromStore; fromPath; toPath; inputAddressed; }`.",
      fn: fetchClosure,
    },
    {
      name: "fetchGit",
      args: ["args"],
      global: true,
      doc: "A tree from a Git repository: a URL or `{ url; name; rev; ref; submodules; shallow; allRefs; … }`.",
      fn: fetchInput("fetchGit"),
    },
    {
      name: "fetchMercurial",
      args: ["args"],
      global: true,
      doc: "A tree from a Mercurial repository: a URL or `{ url; rev; name; }`.",
      fn: fetchMercurial,
    },
    {
      name: "fetchTarball",
      args: ["args"],
      global: true,
      doc: "Downloads and unpacks an archive: a URL or `{ url; sha256; name; }`, the hash that of the unpacked tree.",
      fn: fetchFile("fetchTarball", "source"),
    },
    {
      name: "fetchTree",
      args: ["input"],
      global: true,
      doc: "A tree or file by input attributes as in a flake's lock file: `{ type; … }`.",
      fn: fetchInput("fetchTree"),
    },
    {
      name: "fetchurl",
      args: ["arg"],
      doc: "Downloads a file: a URL or `{ url; sha256; name; }`.",
      fn: fetchFile("fetchurl", ""),
    },
  ],
};
