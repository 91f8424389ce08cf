/**
 * What flakes need of the machine: the registries. Nix's own files serve (`nix registry add` writes the user's), and the
 * global registry is Nix's unless `flake-registry` names another address or file; empty: none.
 */
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { RegistrySource } from "../flake/registry.ts";
import type { FlakeSurroundings } from "../flake/source.ts";
import { fromBuffer, toBytes } from "../format/bytes.ts";
import { BrumaError } from "../format/error.ts";
import type { Session } from "./compose.ts";
import { nixOption, nixSwitch } from "./flags.ts";
import { nixpkgsReference } from "./nixpkgs-reference.ts";

const globalRegistry = "https://channels.nixos.org/flake-registry.json";

function registryFile(kind: "user" | "system" | "global", file: string): RegistrySource {
  return {
    kind,
    place: file,
    read: () => (existsSync(file) ? fromBuffer(readFileSync(file)) : undefined),
  };
}

function global(session: Session): RegistrySource | undefined {
  const place =
    nixOption(session.given, "flake-registry") ?? session.settings.flakeRegistry ?? globalRegistry;
  if (place === "") return undefined;
  if (place.startsWith("/")) return registryFile("global", place);
  const read = () => {
    const { world } = session;
    if (session.buildOptions.offline)
      throw new BrumaError("the network is switched off", { hint: "run again without --offline" });
    const { path } = world.fetch({ kind: "url", url: toBytes(place), name: "flake-registry.json" });
    return world.readFile(path);
  };
  return { kind: "global", place, read };
}

export function flakeSurroundings(
  session: Session,
  environment: NodeJS.ProcessEnv = process.env,
): FlakeSurroundings {
  const base = environment.XDG_CONFIG_HOME || join(environment.HOME || homedir(), ".config");
  const own = environment.NIX_CONFIG_HOME || join(base, "nix");
  const registries = [
    registryFile("user", join(own, "registry.json")),
    registryFile("system", join(environment.NIX_CONF_DIR || "/etc/nix", "registry.json")),
  ];
  const shared = global(session);
  if (shared !== undefined) registries.push(shared);
  return {
    registries,
    useRegistries: nixSwitch(session.given, "use-registries") !== false,
    answers: (attributes) =>
      session.bundledNixpkgs && nixpkgsReference({ kind: "tree", attributes }) !== undefined,
  };
}
