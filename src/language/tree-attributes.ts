/**
 * What an expression sees of a fetched tree: `outPath` and what is known of its origin. `fetchTree`, `fetchGit` and the
 * `sourceInfo` of flakes give the same attributes. Manual: `fetchTree`, `fetchGit`.
 */
import type { ByteString } from "../format/bytes.ts";
import { compactTime } from "../format/time.ts";
import { type Attrs, AttrsBuilder } from "./attrs.ts";
import type { ErrorMaker, FlakeAttributes } from "./flake-reference.ts";
import { formatErrors, narHashOf, revisionOf } from "./input-schemes.ts";
import { integer, type Value } from "./value.ts";

export interface TreeAttributesOptions {
  /** A tree without a commit gets zeros for one, as old expressions expect of `fetchGit`. */
  readonly zeroRevision?: boolean;
  /** It is not what its commit says: none is told. */
  readonly forceDirty?: boolean;
}

/** @param input as it was found (locked) @throws EvaluationError for malformed hashes */
export function treeAttributes(
  ev: ErrorMaker,
  outPath: Value,
  input: FlakeAttributes,
  { zeroRevision = false, forceDirty = false }: TreeAttributesOptions = {},
): Attrs {
  const attrs = new AttrsBuilder();
  attrs.set("outPath", outPath);
  const narHash = narHashOf(ev, input);
  if (narHash !== undefined) attrs.set("narHash", narHash);
  if (input.get("type") === "git") attrs.set("submodules", input.get("submodules") === true);
  if (!forceDirty) {
    const rev: ByteString | undefined = revisionOf(ev, input) ?? (zeroRevision ? "0".repeat(40) : undefined);
    if (rev !== undefined) attrs.set("rev", rev).set("shortRev", rev.slice(0, 7));
    const count = input.get("revCount");
    if (typeof count === "bigint") attrs.set("revCount", integer(count));
    else if (zeroRevision) attrs.set("revCount", 0);
  }
  for (const name of ["dirtyRev", "dirtyShortRev"]) {
    const value = input.get(name);
    if (typeof value === "string") attrs.set(name, value);
  }
  const modified = input.get("lastModified");
  if (typeof modified === "bigint")
    attrs.set("lastModified", integer(modified)).set(
      "lastModifiedDate",
      formatErrors(ev, () => compactTime(modified)),
    );
  return attrs.build();
}
