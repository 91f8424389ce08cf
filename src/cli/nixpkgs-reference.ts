/**
 * What counts as a reference to nixpkgs, when the bundled channel is asked to answer for it.
 *
 * Archives, tarballs and git addresses of GitHub's NixOS/nixpkgs (and the old nixpkgs-channels), the channel and
 * release pages of nixos.org, `channel:` abbreviations, and the flake references and registry name of the same.
 */
import type { FetchRequest } from "../language/world.ts";

const patterns = [
  /^(git\+)?https?:\/\/(www\.)?github\.com\/nixos\/nixpkgs(-channels)?(\.git)?(\/|$|[?#])/i,
  /^(git\+)?(ssh:\/\/)?git@github\.com[:/]nixos\/nixpkgs(\.git)?([?#]|$)/i,
  /^git:\/\/github\.com\/nixos\/nixpkgs(\.git)?(\/|$|[?#])/i,
  /^https?:\/\/(codeload|api)\.github\.com\/(repos\/)?nixos\/nixpkgs(-channels)?\//i,
  /^https?:\/\/(www\.)?nixos\.org\/channels\//i,
  /^https?:\/\/channels\.nixos\.org\//i,
  /^https?:\/\/releases\.nixos\.org\/(nixpkgs|nixos)\//i,
  /^https?:\/\/flakehub\.com\/f\/(DeterminateSystems|NixOS)\/nixpkgs/i,
  /^channel:(nixos|nixpkgs)-/,
  /^(flake:)?nixpkgs(\/|$)/,
  /^(flake:)?github:nixos\/nixpkgs(\/|$|\?)/i,
];

/** Whether a URL, or anything else that may stand in NIX_PATH, means nixpkgs. */
export function isNixpkgsUrl(url: string): boolean {
  return patterns.some((pattern) => pattern.test(url));
}

/** The same for what the evaluator asks to have fetched; gives the words for a message, or undefined. */
export function nixpkgsReference(request: FetchRequest): string | undefined {
  if (request.kind === "tarball" || request.kind === "url") {
    return request.kind === "tarball" && isNixpkgsUrl(request.url) ? request.url : undefined;
  }
  const text = (name: string) => {
    const value = request.attributes.get(name);
    return typeof value === "string" ? value : "";
  };
  const url = text("url");
  if (url !== "") return isNixpkgsUrl(url) ? url : undefined;
  const type = text("type");
  if (type === "indirect" && text("id").toLowerCase() === "nixpkgs") return "nixpkgs";
  if (type === "github" && /^nixos$/i.test(text("owner")) && /^nixpkgs$/i.test(text("repo"))) {
    const version = text("rev") || text("ref");
    return `github:${text("owner")}/${text("repo")}${version === "" ? "" : `/${version}`}`;
  }
  return undefined;
}
