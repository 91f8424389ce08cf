/**
 * A flake reference as this floor works with it: an input (what is fetched) and a directory in it.
 * Manual: "Flake references".
 */
import type { ByteString } from "../format/bytes.ts";
import { showUrl, tryParseUrl } from "../format/url.ts";
import {
  type ErrorMaker,
  type FlakeAttributes,
  parseFlakeReference,
  type ReferenceOptions,
  showReference,
  splitReference,
  withErrors,
} from "../language/flake-reference.ts";
import { checkInput, revisionOf, showAttributes } from "../language/input-schemes.ts";

export interface FlakeReference {
  /** Checked; without `dir`. */
  readonly input: FlakeAttributes;
  /** "" for the input's top. */
  readonly dir: ByteString;
}

/** @throws EvaluationError */
export function parseReference(
  ev: ErrorMaker,
  text: ByteString,
  options: ReferenceOptions = {},
): FlakeReference {
  return splitReference(parseFlakeReference(ev, text, options));
}

/** @throws EvaluationError for attributes that the input's kind does not have */
export function referenceFromAttributes(ev: ErrorMaker, attributes: FlakeAttributes): FlakeReference {
  const { input, dir } = splitReference(attributes);
  const checked = withErrors(ev, () => checkInput(ev, input));
  if (attributes.has("dir") && typeof attributes.get("dir") !== "string")
    throw ev.error(`input attribute 'dir' is not a string ${showAttributes(attributes)}`);
  return { input: checked, dir };
}

export function toAttributes({ input, dir }: FlakeReference): FlakeAttributes {
  return dir === "" ? input : new Map([...input, ["dir", dir]]);
}

export function show(ev: ErrorMaker, { input, dir }: FlakeReference): ByteString {
  return withErrors(ev, () => showReference(ev, input, dir));
}

export function sameInput(a: FlakeAttributes, b: FlakeAttributes): boolean {
  if (a.size !== b.size) return false;
  for (const [name, value] of a) if (b.get(name) !== value || !b.has(name)) return false;
  return true;
}

export function sameReference(a: FlakeReference, b: FlakeReference): boolean {
  return a.dir === b.dir && sameInput(a.input, b.input);
}

/** A key for maps: the same text for the same input. */
export function inputKey(input: FlakeAttributes): string {
  return showAttributes(input);
}

/** A `path:` relative to the flake that has it; undefined for all others. */
export function relativePath({ input }: FlakeReference): ByteString | undefined {
  const path = input.get("path");
  return input.get("type") === "path" && typeof path === "string" && !path.startsWith("/") ? path : undefined;
}

/** As it is compared: old lock files repeat `dir` in the address. */
export function canonical(reference: FlakeReference): FlakeReference {
  const address = reference.input.get("url");
  if (typeof address !== "string") return reference;
  const url = tryParseUrl(address, true);
  if (url === undefined) return reference;
  const query = new Map(url.query);
  if (reference.dir !== "" && query.get("dir") === reference.dir) query.delete("dir");
  return { ...reference, input: new Map([...reference.input, ["url", showUrl({ ...url, query })]]) };
}

/** The input with another branch or tag, or another commit (what stands behind a registry's name). */
export function withRevision(
  ev: ErrorMaker,
  input: FlakeAttributes,
  ref: ByteString | undefined,
  rev: ByteString | undefined,
): FlakeAttributes {
  if (ref === undefined && rev === undefined) return input;
  const shown = () => withErrors(ev, () => showReference(ev, input, ""));
  const changed = new Map(input);
  switch (input.get("type")) {
    case "github":
    case "gitlab":
    case "sourcehut":
      if (ref !== undefined && rev !== undefined)
        throw ev.error(
          `cannot apply both a commit hash (${rev}) and a branch/tag name ('${ref}') to input '${shown()}'`,
        );
      changed.delete("ref");
      changed.delete("rev");
      break;
    case "git":
    case "hg":
    case "indirect":
      break;
    default:
      if (ref !== undefined)
        throw ev.error(`don't know how to set branch/tag name of input '${shown()}' to '${ref}'`);
      throw ev.error(`don't know how to set revision of input '${shown()}' to '${rev}'`);
  }
  if (ref !== undefined) changed.set("ref", ref);
  if (rev !== undefined) changed.set("rev", rev);
  if (changed.get("type") === "git" && changed.has("rev") && !changed.has("ref"))
    throw ev.error(
      `Git input '${withErrors(ev, () => showReference(ev, changed, ""))}' has a commit hash but no branch/tag name`,
    );
  return changed;
}

/** Branch or tag, and commit, that an input states. */
export function revisionsOf(
  ev: ErrorMaker,
  input: FlakeAttributes,
): { ref: ByteString | undefined; rev: ByteString | undefined } {
  const ref = input.get("ref");
  return { ref: typeof ref === "string" ? ref : undefined, rev: revisionOf(ev, input) };
}
