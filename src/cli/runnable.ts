/** A program of the store as it can be started here: as it is, or inside a mount namespace that shows the store. */
import { toText } from "../format/bytes.ts";
import { namespaceCommand } from "../shell/namespace.ts";
import type { Session } from "./compose.ts";
import { sandboxHelper } from "./sandbox-helper.ts";

/** The command as it can be started on this machine. */
export async function runnable(session: Session, command: readonly string[]): Promise<string[]> {
  const { layout } = session;
  if (layout.isNative) return [...command];
  return namespaceCommand(
    {
      helper: await sandboxHelper(session),
      storeDir: toText(layout.storeDir),
      physicalStoreDir: toText(layout.physicalStoreDir),
      workingDirectory: process.cwd(),
    },
    command,
  );
}
