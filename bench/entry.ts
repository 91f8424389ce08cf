/**
 * Entering the first example's shell again, nothing changed: `bruma shell` (its record, and with the record thrown
 * away), bare `sh` and `node` as floors, and `nix-shell` of each real Nix where both share one store.
 *
 * The shell is made first if need be, in the user's own store (or `BRUMA_STORE_ROOT`), which takes minutes then.
 *
 * Run: bench/run entry
 */
import { spawnSync } from "node:child_process";
import { join, resolve } from "node:path";
import { compare, type Peer } from "./measure.ts";
import { packedBruma } from "./packed.ts";
import { nixPeers } from "./peers.ts";

const checkout = resolve(import.meta.dirname, "..");
const bruma = join(packedBruma(), "bruma");
const file = join(checkout, "examples/first-shell/shell.nix");
const channel = join(checkout, "channel");

const made = spawnSync(bruma, ["shell", file, "--run", "true"], { stdio: "inherit" });
if (made.status !== 0) throw new Error("the shell could not be made");

const peers: Peer[] = [
  { label: "bruma shell --run true", command: [bruma, "shell", file, "--run", "true"] },
  { label: "… python -c ''", command: [bruma, "shell", file, "--run", "python -c ''"] },
  { label: "node -e 0", command: [process.execPath, "-e", "0"] },
];
const ownStore = process.env.BRUMA_STORE_ROOT === undefined && process.geteuid?.() === 0;
if (ownStore) {
  for (const peer of nixPeers()) {
    const command = [peer.program("nix-shell"), file, "-I", `nixpkgs=${channel}`, "--run", "true"];
    peers.push({ label: peer.label, command, env: { NIX_CONFIG: "substituters =", NIX_PATH: "" } });
  }
}
await compare("enter the first example's shell again", peers);
