/** Finds the log of a build by derivation, output, or a link to one. */
import { readBuildLog } from "../build/build-log.ts";
import { toText } from "../format/bytes.ts";
import { isDerivationPath, type StorePath } from "../format/store-path.ts";
import { CommandError } from "./cli-error.ts";
import type { Session } from "./compose.ts";

/** @throws CommandError when no log is kept */
export function buildLog(session: Session, path: StorePath): Buffer {
  const candidates = isDerivationPath(path)
    ? [path]
    : [session.store.queryPathInfo(path)?.deriver, ...session.store.queryDerivers(path)];
  for (const drvPath of candidates) {
    const log = drvPath === undefined ? undefined : readBuildLog(session.layout.logDir, drvPath);
    if (log !== undefined) return log;
  }
  throw new CommandError(`build log of derivation '${toText(candidates[0] ?? path)}' is not available`, {
    hint: "only what was built on this machine has a log; fixed outputs that bruma itself fetched have none",
  });
}
