/**
 * Downloads to a file, from several addresses of the same bytes: they are tried in order, each `mirror://` address
 * standing for all that `mirrors.ts` finds; the first that gives the right bytes serves.
 */
import { type Attempt, FetchError, HashMismatchError, withoutCredentials } from "./error.ts";
import { resolveMirrors } from "./mirrors.ts";
import { type DownloadResult, type TransferRequest, transferFile } from "./transfer.ts";

export type { DownloadResult };

export interface DownloadRequest extends TransferRequest {
  /** `http`, `https`, `file` and `mirror` addresses of the same bytes; text, not byte strings. */
  readonly urls: readonly string[];
}

/**
 * @throws HashMismatchError if every address that answered gave other bytes
 * @throws FetchError naming every address tried
 */
export async function downloadFile(request: DownloadRequest): Promise<DownloadResult> {
  const { settings } = request;
  const attempts: Attempt[] = [];
  let mismatch: HashMismatchError | undefined;
  let firstFailure: FetchError | undefined;
  for (const asked of request.urls) {
    let candidates: readonly string[];
    try {
      candidates = await resolveMirrors(asked, settings, request.sink);
    } catch (error) {
      if (!(error instanceof FetchError)) throw error;
      attempts.push(
        ...(error.attempts.length > 0 ? error.attempts : [{ url: asked, reason: error.message }]),
      );
      firstFailure ??= error;
      continue;
    }
    for (const url of candidates) {
      try {
        return await transferFile(url, request);
      } catch (error) {
        if (!(error instanceof FetchError)) throw error;
        if (request.signal?.aborted) throw error;
        if (error instanceof HashMismatchError) mismatch ??= error;
        firstFailure ??= error;
        attempts.push(
          ...(error.attempts.length > 0
            ? error.attempts
            : [{ url: withoutCredentials(url), reason: error.message }]),
        );
      }
    }
  }
  // Of several causes, wrong bytes are the one the user must hear of.
  if (mismatch !== undefined) throw mismatch;
  throw failure(request, attempts, firstFailure);
}

function failure(
  request: DownloadRequest,
  attempts: readonly Attempt[],
  first: FetchError | undefined,
): FetchError {
  const wanted = withoutCredentials(request.urls[0] ?? "");
  const alone = attempts.length === 1 && attempts[0]!.url === wanted;
  const list = attempts.map((a) => `  ${a.url}: ${a.reason}`).join("\n");
  return new FetchError(
    alone
      ? `unable to download '${wanted}': ${attempts[0]!.reason}`
      : `unable to download '${wanted}'; tried:\n${list}`,
    { attempts, hint: first?.hint, cause: first },
  );
}
