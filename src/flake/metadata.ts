/** What `nix flake metadata` tells of a locked flake: addresses, revision, inputs as a tree. Manual: "nix flake metadata". */
import type { ByteString } from "../format/bytes.ts";
import { hashBytes } from "../format/hash.ts";
import { dateAndTime } from "../format/time.ts";
import type { NixEvaluator } from "../language/evaluator.ts";
import { isLockedInput, narHashOf, revisionOf } from "../language/input-schemes.ts";
import { showInputPath } from "./input-path.ts";
import type { LockedFlake } from "./lock.ts";
import { type Json, LockedNode, type LockNode } from "./lock-file.ts";
import { type FlakeReference, show, toAttributes } from "./reference.ts";
import { unlockedInput } from "./write-lock-file.ts";

/** In this machine's time zone. */
function localTime(seconds: bigint): string {
  const minutes = new Date(Number(seconds) * 1000).getTimezoneOffset();
  return dateAndTime(Number.isNaN(minutes) ? seconds : seconds - BigInt(minutes) * 60n);
}

/** What a lock file's user can rely on: the same for the same sources. Undefined where that cannot be told. */
function fingerprint(ev: NixEvaluator, { flake, lockFile }: LockedFlake): string | undefined {
  if (unlockedInput(ev, lockFile) !== undefined) return undefined;
  const { input, dir } = flake.locked;
  const type = input.get("type");
  const narHash = narHashOf(ev, input);
  const rev = revisionOf(ev, input);
  let source: ByteString | undefined;
  if (type === "path") source = narHash && `path:${narHash}`;
  else if (type === "tarball" || type === "file") source = narHash ?? rev;
  else source = rev;
  if (source === undefined) return undefined;
  if (type === "git")
    for (const [name, letter] of [
      ["submodules", "s"],
      ["exportIgnore", "e"],
      ["lfs", "l"],
    ] as const)
      if (input.get(name) === true) source += `;${letter}`;
  let text = `${source};${dir};${lockFile.print()}`;
  for (const name of ["revCount", "lastModified"])
    if (input.has(name)) text += `;${name}=${String(input.get(name))}`;
  return hashBytes("sha256", text).toBase16();
}

/** As JSON. */
export function metadataJson(ev: NixEvaluator, locked: LockedFlake): Json {
  const { flake, lockFile } = locked;
  const json = new Map<ByteString, Json>();
  const reference = (name: string, url: string, value: FlakeReference) => {
    json.set(name, toAttributes(value)).set(url, show(ev, value));
  };
  if (flake.file.description !== undefined) json.set("description", flake.file.description);
  reference("original", "originalUrl", flake.original);
  reference("resolved", "resolvedUrl", flake.resolved);
  reference("locked", "url", flake.locked);
  const { input } = flake.locked;
  // Nix shows its mark for inputs that nothing is to be added to.
  json.set("locked", new Map([...toAttributes(flake.locked), ["__final", true as const]]));
  const rev = revisionOf(ev, input);
  if (rev !== undefined) json.set("revision", rev);
  for (const [from, to] of [
    ["dirtyRev", "dirtyRevision"],
    ["revCount", "revCount"],
    ["lastModified", "lastModified"],
  ] as const) {
    const value = input.get(from);
    if (value !== undefined) json.set(to, value);
  }
  json.set("path", flake.root).set("locks", lockFile.toJson());
  const shown = fingerprint(ev, locked);
  if (shown !== undefined) json.set("fingerprint", shown);
  return json;
}

/** As lines. */
export function metadataLines(ev: NixEvaluator, locked: LockedFlake): ByteString[] {
  const { flake, lockFile } = locked;
  const { input } = flake.locked;
  const lines: ByteString[] = [];
  const line = (name: string, value: unknown) => {
    if (value !== undefined) lines.push(`${`${name}:`.padEnd(14)} ${String(value)}`);
  };
  line("Resolved URL", show(ev, flake.resolved));
  if (isLockedInput(ev, input)) line("Locked URL", show(ev, flake.locked));
  line("Description", flake.file.description);
  line("Path", flake.root);
  line("Revision", revisionOf(ev, input));
  line("Revision", input.get("dirtyRev"));
  line("Revisions", input.get("revCount"));
  const modified = input.get("lastModified");
  if (typeof modified === "bigint") line("Last modified", localTime(modified));
  line("Fingerprint", fingerprint(ev, locked));
  if (lockFile.root.inputs.size > 0) lines.push("Inputs:");
  const visited = new Set<LockNode>([lockFile.root]);
  const visit = (node: LockNode, prefix: ByteString): void => {
    const inputs = node.sortedInputs;
    inputs.forEach(([name, edge], i) => {
      const { branch, below } = treeLines(i === inputs.length - 1);
      if (!(edge instanceof LockedNode)) {
        lines.push(`${prefix}${branch}${name} follows input '${showInputPath(edge)}'`);
        return;
      }
      const time = edge.locked.input.get("lastModified");
      const date = typeof time === "bigint" ? ` (${dateAndTime(time)})` : "";
      lines.push(`${prefix}${branch}${name}: ${show(ev, edge.locked)}${date}`);
      if (visited.has(edge)) return;
      visited.add(edge);
      visit(edge, prefix + below);
    });
  };
  visit(lockFile.root, "");
  return lines;
}

/** The lines of a tree, in UTF-8. */
export function treeLines(isLast: boolean): { branch: ByteString; below: ByteString } {
  const line = "\xe2\x94\x80".repeat(3);
  return isLast
    ? { branch: `\xe2\x94\x94${line}`, below: "    " }
    : { branch: `\xe2\x94\x9c${line}`, below: "\xe2\x94\x82   " };
}
