/** Links that keep store paths: `result`, `--add-root`. */
import { lstatSync } from "node:fs";
import { resolve } from "node:path";
import { toBytes } from "../format/bytes.ts";
import type { StorePath } from "../format/store-path.ts";
import { CommandError } from "./cli-error.ts";
import type { Session } from "./compose.ts";

/** Makes a link that keeps a path. @returns the link's absolute place */
export function addRoot(session: Session, link: string, path: StorePath): string {
  const place = resolve(link);
  const status = lstatSync(place, { throwIfNoEntry: false });
  if (status !== undefined && !status.isSymbolicLink()) {
    throw new CommandError(`cannot create symlink '${place}': something that is no link is there already`, {
      hint: "choose another name with --out-link NAME, or --no-out-link",
    });
  }
  session.store.addPermRoot(path, toBytes(place));
  return place;
}
