/**
 * Evaluation beside real Nix: start-up, pure computation, and, where `BRUMA_BENCH_NIXPKGS` names a nixpkgs tree, package
 * sets. Every row is a whole process, on the same file.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compare, type Peer } from "../measure.ts";
import { packedBruma } from "../packed.ts";
import { nixEnvironment, nixPeers } from "../peers.ts";

const here = import.meta.dirname;
const root = mkdtempSync(join(tmpdir(), "bruma-bench-eval-"));

interface Work {
  readonly title: string;
  readonly arguments: readonly string[];
  readonly rounds: number;
}

function packageSets(): Work[] {
  const tree = process.env.BRUMA_BENCH_NIXPKGS;
  if (tree === undefined) {
    console.log("(BRUMA_BENCH_NIXPKGS names no nixpkgs tree: package sets are left out)");
    return [];
  }
  const python = join(root, "python.nix");
  writeFileSync(
    python,
    `let pkgs = import ${tree} { }; in (pkgs.python27.withPackages (ps: [ ps.requests ps.numpy ps.flask ])).drvPath`,
  );
  const many = join(root, "many.nix");
  writeFileSync(
    many,
    `let
      pkgs = import ${tree} { config = { allowUnfree = true; allowBroken = true; }; };
      names = builtins.filter (n: builtins.match "[a-c].*" n != null) (builtins.attrNames pkgs);
      path = n: let r = builtins.tryEval (let v = pkgs.\${n}; in if (v.type or "") == "derivation" then v.drvPath else ""); in if r.success then r.value else "";
    in builtins.hashString "sha256" (builtins.concatStringsSep "," (map (n: builtins.unsafeDiscardStringContext (path n)) names))`,
  );
  return [
    { title: "nixpkgs: hello.drvPath", arguments: [tree, "-A", "hello.drvPath"], rounds: 7 },
    { title: "nixpkgs: python27.withPackages", arguments: [python], rounds: 7 },
    { title: "nixpkgs: every package from a to c", arguments: [many], rounds: 3 },
  ];
}

const works: Work[] = [
  { title: "1 + 1", arguments: ["-E", "1 + 1"], rounds: 11 },
  ...[
    ["fib"],
    ["lists"],
    ["sets", "size", "2000"],
    ["sets", "size", "40000"],
    ["strings"],
    ["modules", "layers", "400"],
    ["modules", "layers", "2000"],
  ].map(([name, ...given]) => ({
    title: [`${name}.nix`, ...given].join(" "),
    arguments: [join(here, `${name}.nix`), ...(given.length === 0 ? [] : ["--arg", ...given])],
    rounds: 7,
  })),
  ...packageSets(),
];

try {
  const nixes = nixPeers();
  const packed = packedBruma();
  for (const work of works) {
    const bruma: Peer = {
      label: "bruma",
      command: [join(packed, "compat/bin/nix-instantiate"), "--eval", ...work.arguments],
      env: { NIX_PATH: "" },
    };
    const peers = nixes.map((nix) => ({
      label: nix.label,
      command: [nix.program("nix-instantiate"), "--eval", ...work.arguments],
      env: nixEnvironment(root),
    }));
    await compare(work.title, [...peers, bruma], work.rounds);
  }
} finally {
  rmSync(root, { recursive: true, force: true });
}
