/** `<name>` and NIX_PATH. Manual: `nix-path`, `builtins.findFile`. */
import type { ByteString } from "../format/bytes.ts";
import type { NixEvaluator } from "./evaluator.ts";
import { canonPath } from "./path.ts";
import { NixPath, type Pos, type SearchPathEntry, type Value } from "./value.ts";

/** `NIX_PATH` and `-I` items: `path` or `prefix=path`. */
export function parseSearchPathEntry(text: ByteString): SearchPathEntry {
  const equals = text.indexOf("=");
  if (equals < 0) return { prefix: "", path: text };
  return { prefix: text.slice(0, equals), path: text.slice(equals + 1) };
}

/** Splits NIX_PATH at colons, but not at those of URLs (`https://…`, `channel:…`, `flake:…`). */
export function parseSearchPath(text: ByteString): SearchPathEntry[] {
  const entries: SearchPathEntry[] = [];
  let start = 0;
  const push = (end: number): void => {
    if (end > start) entries.push(parseSearchPathEntry(text.slice(start, end)));
    start = end + 1;
  };
  for (let i = 0; i < text.length; i++) {
    if (text[i] !== ":") continue;
    const value = text.slice(start, i).replace(/^[^=]*=/, "");
    const isUrl = text.startsWith("://", i) || value === "channel" || value === "flake";
    if (!isUrl) push(i);
  }
  push(text.length);
  return entries;
}

export function isPseudoUrl(text: ByteString): boolean {
  return /^(channel:|(http|https|file|channel|git|s3|ssh):\/\/)/.test(text);
}

/** `channel:NAME` stands for the tarball of a channel. */
export function resolvePseudoUrl(text: ByteString): ByteString {
  if (!text.startsWith("channel:")) return text;
  return `https://channels.nixos.org/${text.slice("channel:".length)}/nixexprs.tar.xz`;
}

/** What of `name` is left after the entry's prefix; undefined if it does not match. */
function suffixOf(entry: SearchPathEntry, name: ByteString): ByteString | undefined {
  if (entry.prefix === "") return name;
  if (name === entry.prefix) return "";
  return name.startsWith(`${entry.prefix}/`) ? name.slice(entry.prefix.length + 1) : undefined;
}

/** Where the files live that Nix carries in itself (`<nix/fetchurl.nix>`). */
export const corePackages = "/__corepkgs__";

/** As messages name a path: what comes with the evaluator is `<nix/…>`. */
export function shownPath(path: ByteString): ByteString {
  return path.startsWith(`${corePackages}/`) ? `<nix${path.slice(corePackages.length)}>` : path;
}

/** @throws EvaluationError of kind "thrown" if no entry has the file */
export function findFile(
  ev: NixEvaluator,
  searchPath: readonly SearchPathEntry[],
  name: ByteString,
  pos: Pos,
): Value {
  for (const entry of ev.settings.pureEval ? [] : searchPath) {
    const suffix = suffixOf(entry, name);
    if (suffix === undefined) continue;
    const root = ev.resolveSearchPathEntry(entry.path);
    if (root === undefined) continue;
    // `..` leads no further up than to the entry.
    const path = suffix === "" ? canonPath(root) : canonPath(`${root}${canonPath(`/${suffix}`)}`);
    const found = ev.existingPath(path, pos);
    if (found !== undefined) return new NixPath(found);
  }
  if (name.startsWith("nix/")) return new NixPath(`${corePackages}/${name.slice(4)}`);
  throw ev.thrown(
    ev.settings.pureEval
      ? `cannot look up '<${name}>' in pure evaluation mode (use '--impure' to override)`
      : `file '${name}' was not found in the Nix search path (add it using $NIX_PATH or -I)`,
    pos,
  );
}
