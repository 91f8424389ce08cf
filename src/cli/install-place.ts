/** Where bruma itself lies: the folder with `channel/` and `compat/` in it, seen from the sources or the bundle. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

let found: string | undefined;

/** The checkout's or the npm package's folder. */
export function installPlace(): string {
  if (found === undefined) {
    let place = import.meta.dirname;
    while (!existsSync(join(place, "package.json")) && dirname(place) !== place) place = dirname(place);
    found = place;
  }
  return found;
}

export function channelDirectory(): string {
  return join(installPlace(), "channel");
}

export function compatDirectory(): string {
  return join(installPlace(), "compat", "bin");
}
