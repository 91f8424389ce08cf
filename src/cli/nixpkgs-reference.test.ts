/** Which addresses mean nixpkgs, and which only look like it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isNixpkgsUrl, nixpkgsReference } from "./nixpkgs-reference.ts";

const yes = [
  "https://github.com/NixOS/nixpkgs/archive/cf8cc1201be8bc71b7cbbbdaf349b22f4f99c7ae.tar.gz",
  "https://github.com/nixos/nixpkgs/tarball/nixos-unstable",
  "https://github.com/NixOS/nixpkgs-channels/archive/nixos-19.03.tar.gz",
  "https://api.github.com/repos/NixOS/nixpkgs/tarball/master",
  "https://codeload.github.com/NixOS/nixpkgs/tar.gz/master",
  "https://nixos.org/channels/nixos-24.05/nixexprs.tar.xz",
  "https://channels.nixos.org/nixos-24.05/nixexprs.tar.xz",
  "https://releases.nixos.org/nixos/24.05/nixos-24.05.1/nixexprs.tar.xz",
  "channel:nixos-23.11",
  "github:NixOS/nixpkgs/nixos-24.05",
  "nixpkgs",
  "https://github.com/NixOS/nixpkgs.git",
];
const no = [
  "https://github.com/NixOS/nixpkgs-review/archive/x.tar.gz",
  "https://github.com/someone/nixpkgs/archive/x.tar.gz",
  "https://github.com/NixOS/nix/archive/x.tar.gz",
  "https://example.org/?https://github.com/NixOS/nixpkgs/",
  "github:NixOS/nixpkgs-wayland",
  "nixpkgs-fmt",
];

test("addresses of nixpkgs", () => {
  for (const url of yes) assert.ok(isNixpkgsUrl(url), url);
  for (const url of no) assert.ok(!isNixpkgsUrl(url), url);
});

test("what the evaluator asks for", () => {
  assert.equal(nixpkgsReference({ kind: "tarball", url: yes[0]! }), yes[0]);
  assert.equal(nixpkgsReference({ kind: "url", url: yes[0]! }), undefined);
  const tree = (entries: Record<string, string>) => ({
    kind: "tree" as const,
    attributes: new Map(Object.entries(entries)),
  });
  assert.equal(nixpkgsReference(tree({ type: "indirect", id: "nixpkgs" })), "nixpkgs");
  assert.equal(
    nixpkgsReference(tree({ type: "github", owner: "NixOS", repo: "nixpkgs", ref: "x" })),
    "github:NixOS/nixpkgs/x",
  );
  assert.equal(nixpkgsReference(tree({ type: "github", owner: "NixOS", repo: "nix" })), undefined);
});
