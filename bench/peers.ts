/**
 * The real Nixes to measure beside: the one on the PATH, and those that `BRUMA_BENCH_NIX` names, a list of
 * `DIRECTORY` (with `nix-instantiate` and its brothers in it) separated by colons.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";

export interface NixPeer {
  /** "nix 2.34.8" */
  readonly label: string;
  program(name: string): string;
}

export function nixPeers(): NixPeer[] {
  const directories = ["", ...(process.env.BRUMA_BENCH_NIX ?? "").split(":").filter((word) => word !== "")];
  const peers: NixPeer[] = [];
  for (const directory of directories) {
    const program = (name: string) => (directory === "" ? name : join(directory, name));
    const said = spawnSync(program("nix-instantiate"), ["--version"], { encoding: "utf8" });
    const version = /\(Nix\) (\S+)/.exec(said.stdout ?? "")?.[1];
    if (version !== undefined) peers.push({ label: `nix ${version}`, program });
  }
  if (peers.length === 0)
    console.log("(no real Nix on the PATH and none in BRUMA_BENCH_NIX: bruma stands alone)");
  return peers;
}

/** What keeps a peer off the machine's own store: everything goes below `root`. */
export function nixEnvironment(root: string): Record<string, string> {
  return {
    NIX_STORE_DIR: "/nix/store",
    NIX_REMOTE: `local?root=${root}`,
    NIX_CONFIG: "substituters =\nbuild-users-group =\nsandbox = false",
    NIX_PATH: "",
    HOME: root,
  };
}
