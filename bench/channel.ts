/**
 * Evaluating the first example's shell on the bundled channel to its derivation: bruma beside each real Nix,
 * the same files, each with a store of its own that has all it writes already (the first rounds are not measured).
 *
 * Run: bench/run channel
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { compare, type Peer } from "./measure.ts";
import { packedBruma } from "./packed.ts";
import { nixEnvironment, nixPeers } from "./peers.ts";

const checkout = resolve(import.meta.dirname, "..");
const directory = mkdtempSync(join(tmpdir(), "bruma-bench-"));
try {
  const file = join(checkout, "examples/first-shell/shell.nix");
  const args = [file, "-I", `nixpkgs=${join(checkout, "channel")}`];
  const peers: Peer[] = nixPeers().map((peer, index) => {
    const root = join(directory, `nix${index}`);
    mkdirSync(root);
    return {
      label: peer.label,
      command: [peer.program("nix-instantiate"), ...args],
      env: nixEnvironment(root),
    };
  });
  const env = { BRUMA_STORE_ROOT: join(directory, "bruma"), NIX_PATH: "" };
  peers.push({ label: "bruma", command: [join(packedBruma(), "compat/bin/nix-instantiate"), ...args], env });
  await compare("nix-instantiate examples/first-shell/shell.nix, on the channel", peers, 21);
} finally {
  rmSync(directory, { recursive: true, force: true });
}
