/**
 * Commands on flakes, one after another in the directory `a`. What Nix 2.34 prints, and the lock file it leaves after each,
 * is in `commands.json`; `expect.ts` writes it.
 */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are Nix's.
import type { Place } from "./place.ts";

export interface CommandCase {
  readonly name: string;
  readonly write: (place: Place) => void;
  /** Words after `nix`; `@` as in cases. */
  readonly steps: readonly (readonly string[])[];
}

const derivation = (name: string) =>
  `derivation { name = "${name}"; system = "x86_64-linux"; builder = "/bin/sh"; }`;

function threeFlakes(place: Place): void {
  place.flake("b", '{ outputs = _: { x = "b"; }; }').commit("b");
  place.flake("c", '{ outputs = _: { x = "c"; }; }');
  place.flake("a/own", '{ inputs.b.url = "git+file://@/b?ref=main"; outputs = { self, b }: { y = 1; }; }');
  place.flake(
    "a",
    `{
      inputs.b.url = "git+file://@/b";
      inputs.c = { url = "path:@/c"; flake = false; };
      inputs.d.follows = "b";
      inputs.own.url = "path:./own";
      inputs.other.url = "path:@/c";
      outputs = { self, b, ... }: {
        x = b.x;
        packages.x86_64-linux.default = ${derivation("p")};
        packages.x86_64-linux.foo = self.packages.x86_64-linux.default;
        legacyPackages.x86_64-linux.bar.baz = 3;
        list = [ 1 2 ];
        isImpure = builtins ? currentSystem;
      };
    }`,
  );
}

const evaluations = [
  ["eval", ".#x"],
  ["eval", ".#default.name"],
  ["eval", ".#packages.x86_64-linux.default.name"],
  ["eval", ".#foo"],
  ["eval", ".#bar.baz"],
  ["eval", ".#.x"],
  ["eval", ".#.packages"],
  ["eval", ".#fooo"],
  ["eval", ".#nope.nope"],
  ["eval", "--json", ".#list"],
  ["eval", ".#isImpure"],
  ["eval", "--impure", ".#isImpure"],
  ["eval", "./own#y"],
  ["eval", "..#x"],
  ["eval", "./flake.nix#x"],
  ["eval", "nope#x"],
  ["eval", ".#x", "--apply", "s: s + s"],
];

export const commandCases: readonly CommandCase[] = [
  {
    name: "in a directory",
    write: threeFlakes,
    steps: [["flake", "lock"], ["flake", "lock"], ...evaluations],
  },
  {
    name: "in a repository",
    write(place) {
      threeFlakes(place);
      place.commit("a");
    },
    steps: [["eval", ".#x"], ["flake", "lock"], ...evaluations, ["eval", "path:.#x"]],
  },
  {
    name: "locking",
    write: threeFlakes,
    steps: [
      ["flake", "lock", "--no-update-lock-file"],
      ["eval", "--no-write-lock-file", ".#x"],
      ["flake", "lock", "--override-input", "b", "path:@/c"],
      ["eval", ".#x"],
      ["flake", "update", "b"],
      ["flake", "update", "nope"],
      ["eval", "--override-input", "b", "path:@/c", ".#x"],
      ["eval", "--override-input", "nope", "path:@/c", ".#x"],
      ["flake", "lock", "--override-input", "own/b", "path:@/c"],
      ["flake", "update", "own/b"],
      ["flake", "lock", "git+file://@/b"],
      ["flake", "lock", "nope"],
    ],
  },
  {
    name: "metadata",
    write(place) {
      threeFlakes(place);
      place.commit("a");
    },
    steps: [
      ["flake", "metadata", "git+file://@/b"],
      ["flake", "metadata", "git+file://@/b", "--json"],
      ["flake", "metadata", "path:@/c"],
      ["flake", "metadata", "path:@/c", "--json"],
      ["flake", "metadata", "--no-write-lock-file", "git+file://@/a"],
      ["flake", "metadata", "git+file://@/b?ref=main&dir=nope"],
    ],
  },
  {
    name: "show",
    write: (place) =>
      void place.flake(
        "a",
        `{
          description = "everything";
          outputs = { self }: let d = name: ${derivation("${name}")}; in {
            packages.x86_64-linux = { default = d "p"; other = d "o" // { meta.description = "other"; }; not = { name = "x"; }; };
            packages.aarch64-linux.default = d "q";
            packages.empty = { };
            devShells.x86_64-linux.default = d "sh";
            devShell.x86_64-linux = d "old";
            checks.x86_64-linux.c = d "c";
            checks.empty = { };
            apps.x86_64-linux = { a = { type = "app"; program = "/x"; meta.description = "run it"; }; b = { type = "app"; program = "/y"; }; };
            legacyPackages.x86_64-linux = { l = d "l"; bad = throw "no"; };
            overlay = x: y: { };
            overlays.default = x: y: { };
            nixosModules.m = { };
            nixosModule = { };
            nixosConfigurations.host = { };
            lib = { f = x: x; };
            hydraJobs.a.b = d "h";
            templates.t = { description = "T"; path = ./.; };
            defaultTemplate = { description = "D"; path = ./.; };
            formatter = { x86_64-linux = d "fmt"; aarch64-linux = d "f2"; };
            defaultPackage.x86_64-linux = d "dp";
            "a.b" = 1;
          };
        }`,
      ),
    steps: [
      ["flake", "show"],
      ["flake", "show", "--json"],
      ["flake", "show", "--all-systems", "--legacy"],
      ["flake", "show", "--all-systems", "--legacy", "--json"],
    ],
  },
  {
    name: "show what is broken",
    write: (place) =>
      void place.flake(
        "a",
        '{ outputs = _: { packages.x86_64-linux.a = throw "no"; apps.x86_64-linux.b = { type = "x"; }; }; }',
      ),
    steps: [
      ["flake", "show"],
      ["flake", "show", "--json"],
    ],
  },
  {
    name: "building",
    write: (place) =>
      void place.flake(
        "a",
        `{ outputs = { self }: { packages.x86_64-linux.default = ${derivation("p")}; s = "x"; n = 1; t = "\${self}/x"; }; }`,
      ),
    steps: [
      ["build", ".#s", "--dry-run"],
      ["build", ".#n", "--dry-run"],
      ["build", ".#nope", "--dry-run"],
    ],
  },
];
