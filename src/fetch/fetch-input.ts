/**
 * Answers what evaluation asks to have fetched: one request, one scheme, one result in the store.
 *
 * Attributes of a `tree` request are those of a lock file's `locked` or of `fetchTree`'s argument, `type` among them.
 */
import { type ByteString, toText } from "../format/bytes.ts";
import { showAttributes } from "../language/input-schemes.ts";
import type { FetchRequest, FetchResult, FetchTreeRequest } from "../language/world.ts";
import { FetchError } from "./error.ts";
import type { FetchContext, InputAttributes } from "./fetch-context.ts";
import { lockedTree, type SchemeResult, showInput, textAttribute } from "./fetched-tree.ts";
import { fetchGitInput } from "./git.ts";
import { fetchHostedInput } from "./hosted.ts";
import { fetchPathInput } from "./path.ts";
import { fetchFileInput, fetchTarball, fetchTarballInput } from "./tarball.ts";
import { fetchUrl } from "./url.ts";

/**
 * @throws FetchError and its kin, saying what was tried
 * @throws BrumaError of the format floor for impossible hashes and names
 */
export async function fetchInput(request: FetchRequest, context: FetchContext): Promise<FetchResult> {
  switch (request.kind) {
    case "url":
      return await fetchUrl(request, context);
    case "tarball":
      return await fetchTarball(request, context);
    case "git":
    case "tree":
      return await fetchTree(request, context);
    case "closure":
      throw new FetchError(
        "'builtins.fetchClosure' is not supported: no binary cache is asked during evaluation",
      );
    default: {
      const never: never = request;
      throw new Error(`unknown request ${String(never)}`);
    }
  }
}

async function fetchTree(request: FetchTreeRequest, context: FetchContext): Promise<FetchResult> {
  const { attributes } = request;
  const isFinal = attributes.get("__final") === true;
  const known = isFinal ? await lockedTree(attributes, context) : undefined;
  const { path, inStore, info, changes } = known ?? (await fetchScheme(request, context));
  const found = new Map<string, ByteString | bigint | boolean>(attributes);
  for (const name of ["rev", "revCount", "lastModified", "dirtyRev", "dirtyShortRev", "narHash"]) {
    const value = info.get(name);
    if (value !== undefined) found.set(name, value);
  }
  for (const [name, value] of changes ?? []) {
    if (value === undefined) found.delete(name);
    else if (!info.has(name)) found.set(name, value);
  }
  found.delete("__final");
  checkFound(attributes, found, isFinal);
  if (!isFinal) return { path, inStore, info, locked: found };
  const locked = new Map(attributes);
  locked.delete("__final");
  const narHash = info.get("narHash");
  if (narHash !== undefined && !locked.has("narHash")) locked.set("narHash", narHash);
  return { path, inStore, info, locked };
}

/** A lock file's entry must be found as it says; others at least where they state a commit, its number or its time. */
function checkFound(stated: InputAttributes, found: InputAttributes, isFinal: boolean): void {
  const mismatch = (message: string) => new FetchError(toText(message));
  if (isFinal) {
    for (const [name, value] of stated)
      if (name !== "narHash" && found.has(name) && found.get(name) !== value)
        throw mismatch(
          `mismatch in field '${name}' of input '${showAttributes(stated)}', got '${showAttributes(final(stated, found))}'`,
        );
    return;
  }
  for (const name of ["lastModified", "rev", "revCount"]) {
    const value = stated.get(name);
    if (value === undefined || found.get(name) === value) continue;
    const got = name === "lastModified" ? `, got ${found.get(name) ?? -1}` : "";
    throw mismatch(
      `'${name}' attribute mismatch in input '${showInput(found)}', expected ${String(value)}${got}`,
    );
  }
}

/** What was found, as it would stand beside what the lock file states. */
function final(stated: InputAttributes, found: InputAttributes): InputAttributes {
  const shown = new Map<string, ByteString | bigint | boolean>([...found, ["__final", true]]);
  if (!stated.has("narHash")) shown.delete("narHash");
  return shown;
}

async function fetchScheme(
  { kind, attributes, lock }: FetchTreeRequest,
  context: FetchContext,
): Promise<SchemeResult> {
  if (kind === "git") return await fetchGitInput(attributes, context, "fetchGit", lock);
  const type = textAttribute(attributes, "type");
  switch (type) {
    case undefined:
      throw new FetchError("argument 'type' is missing in call to 'fetchTree'");
    case "tarball":
      return await fetchTarballInput(attributes, context);
    case "file":
      return await fetchFileInput(attributes, context);
    case "path":
      return await fetchPathInput(attributes, context);
    case "git":
      return await fetchGitInput(attributes, context, "fetchTree", lock);
    case "github":
    case "gitlab":
    case "sourcehut":
      return await fetchHostedInput(attributes, context);
    case "hg":
      throw new FetchError(`Mercurial repositories are not supported: '${showInput(attributes)}'`, {
        hint: "Fetch an archive of the commit with fetchTarball instead.",
      });
    case "indirect":
      throw new FetchError(`the registry is asked before fetching: '${showInput(attributes)}' is indirect`);
    default:
      throw new FetchError(`input '${showInput(attributes)}' is unsupported: there is no scheme '${type}'`);
  }
}
