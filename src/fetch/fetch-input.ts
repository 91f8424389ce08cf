/**
 * Answers what evaluation asks to have fetched: one request, one scheme, one result in the store.
 *
 * Attributes of a `tree` request are those of a lock file's `locked` or of `fetchTree`'s argument, `type` among them.
 */
import type { FetchRequest, FetchResult } from "../language/world.ts";
import { FetchError } from "./error.ts";
import type { FetchContext, InputAttributes } from "./fetch-context.ts";
import { showInput, textAttribute } from "./fetched-tree.ts";
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
      return await fetchGitInput(request.attributes, context, "fetchGit");
    case "tree":
      return await fetchTree(request.attributes, context);
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

async function fetchTree(attributes: InputAttributes, context: FetchContext): Promise<FetchResult> {
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
      return await fetchGitInput(attributes, context, "fetchTree");
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
