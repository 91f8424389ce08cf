/** Where a flake comes from: repositories in every state, archives, hashes that are stated. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are Nix's.
import type { Case } from "./case.ts";
import type { Place } from "./place.ts";

const g = 'F "git+file://@/g"';
const text = "{ outputs = { self }: { x = 1; i = self.sourceInfo; n = builtins.attrNames self; }; }";

function repository(place: Place): Place {
  return place.flake("g", text).write("g/other", "1").commit("g");
}

function inRepository(
  name: string,
  expression: Case["expression"],
  change: (place: Place) => void = () => {},
): Case {
  return {
    name: `git: ${name}`,
    write: (place) => change(repository(place)),
    expression,
  };
}

export const sourceCases: readonly Case[] = [
  inRepository("clean", `{ inherit (${g}) i n; }`),
  inRepository("a changed file", `{ inherit (${g}) i n; }`, (place) => void place.write("g/other", "2")),
  inRepository("a new file that is not added", `builtins.pathExists ((${g}).outPath + "/new")`, (place) => {
    place.write("g/new", "2");
  }),
  inRepository("a new file that is added", `builtins.pathExists ((${g}).outPath + "/new")`, (place) => {
    place.write("g/new", "2");
    place.git("g", "add", "new");
  }),
  inRepository("a new file, added by intent", `builtins.readFile ((${g}).outPath + "/new")`, (place) => {
    place.write("g/new", "2");
    place.git("g", "add", "-N", "new");
  }),
  inRepository("a deleted file", `builtins.pathExists ((${g}).outPath + "/other")`, (place) => {
    place.remove("g/other");
  }),
  inRepository("flake.nix is not added", 'F "git+file://@/h"', (place) => {
    place.flake("h", text);
    place.git("h", "init", "-q", "-b", "main", ".");
  }),
  inRepository("flake.nix is added to nothing", `(F "git+file://@/h").i`, (place) => {
    place.flake("h", text);
    place.git("h", "init", "-q", "-b", "main", ".");
    place.git("h", "add", "flake.nix");
  }),
  inRepository("no flake.nix", 'F "git+file://@/g"', (place) => {
    place.git("g", "rm", "-q", "flake.nix");
  }),
  inRepository("a directory", '{ inherit (F "git+file://@/g?dir=sub") x i; }', (place) => {
    place
      .flake("g/sub", "{ outputs = { self }: { x = builtins.readFile ../other; i = self.sourceInfo; }; }")
      .commit("g");
  }),
  inRepository("a directory that is not there", 'F "git+file://@/g?dir=nope"'),
  inRepository("a branch", '{ inherit (F "git+file://@/g?ref=main") i n; }'),
  inRepository("another branch", '{ inherit (F "git+file://@/g?ref=side") x i; }', (place) => {
    place.git("g", "checkout", "-q", "-b", "side");
    place.flake("g", "{ outputs = { self }: { x = 2; i = self.sourceInfo; }; }").commit("g");
    place.git("g", "checkout", "-q", "main");
  }),
  inRepository("a tag", '(F "git+file://@/g?ref=refs/tags/v1").i', (place) => {
    place.git("g", "tag", "v1");
    place.write("g/other", "2").commit("g");
  }),
  inRepository("a commit", (place) => `(F "git+file://@/g?rev=${place.rev("g")}").i`),
  inRepository(
    "a commit of a changed tree",
    (place) => `(F "git+file://@/g?rev=${place.rev("g")}").i`,
    (place) => {
      place.write("g/other", "2");
    },
  ),
  inRepository("a branch of a changed tree", '(F "git+file://@/g?ref=main").i', (place) => {
    place.write("g/other", "2");
  }),
  inRepository("a detached head", `(${g}).i`, (place) => {
    place.git("g", "checkout", "-q", "--detach");
  }),
  inRepository("two commits", `(${g}).i.revCount`, (place) => void place.write("g/other", "2").commit("g")),
  inRepository("shallow", '(F "git+file://@/g?shallow=1").i'),
  inRepository("a bare repository", '(F "git+file://@/bare").i', (place) => {
    place.git("g", "clone", "-q", "--bare", ".", place.path("bare"));
  }),
  inRepository("a plain path into a repository", 'builtins.attrNames (F "@/g").i'),
  inRepository("an executable file and a link", `builtins.readDir (${g}).outPath`, (place) => {
    place.write("g/run", "#!/bin/sh").link("g/link", "run");
    place.git("g", "update-index", "--add", "--chmod=+x", "run");
    place.commit("g");
  }),
  inRepository("submodules are left out", `builtins.readDir ((${g}).outPath + "/sub")`, (place) => {
    place.write("s/file", "x").commit("s");
    place.git("g", "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", place.path("s"), "sub");
    place.commit("g");
  }),
  inRepository(
    "submodules that self asks for",
    `{ d = builtins.readDir ((${g}).outPath + "/sub"); inherit (${g}) i; }`,
    (place) => {
      place.write("s/file", "x").commit("s");
      place.git(
        "g",
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "--quiet",
        "add",
        place.path("s"),
        "sub",
      );
      place.flake(
        "g",
        "{ inputs.self.submodules = true; outputs = { self }: { i = self.sourceInfo // { narHash = null; outPath = null; }; }; }",
      );
      place.commit("g");
    },
  ),
  inRepository(
    "submodules that the reference asks for",
    'builtins.readDir ((F "git+file://@/g?submodules=1").outPath + "/sub")',
    (place) => {
      place.write("s/file", "x").commit("s");
      place.git(
        "g",
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "--quiet",
        "add",
        place.path("s"),
        "sub",
      );
      place.commit("g");
    },
  ),
  inRepository(
    "an input of a repository: no revision without lock file",
    '{ inherit (F "git+file://@/h") n; }',
    (place) => {
      place
        .flake(
          "h",
          '{ inputs.g.url = "git+file://@/g"; outputs = { self, g }: { n = builtins.attrNames self; }; }',
        )
        .commit("h");
    },
  ),
  inRepository("as input", '(F "path:@/a").i', (place) => {
    place.flake("a", '{ inputs.g.url = "git+file://@/g"; outputs = { self, g }: { i = g.sourceInfo; }; }');
  }),
  inRepository("as input, changed", '(F "path:@/a").i', (place) => {
    place.flake("a", '{ inputs.g.url = "git+file://@/g"; outputs = { self, g }: { i = g.sourceInfo; }; }');
    place.write("g/other", "2");
  }),
  inRepository("as input that is no flake", '(F "path:@/a").i', (place) => {
    place.flake(
      "a",
      '{ inputs.g = { type = "git"; url = "file://@/g"; ref = "main"; flake = false; }; outputs = { self, g }: { i = g.sourceInfo; }; }',
    );
  }),
  inRepository("a commit, impure", (place) => `(F "git+file://@/g?rev=${place.rev("g")}").i`),
  { ...inRepository("pure: a tree", `(${g}).i`), pure: true },
  {
    ...inRepository("pure: a commit", (place) => `(F "git+file://@/g?rev=${place.rev("g")}").i`),
    pure: true,
  },
  {
    ...inRepository(
      "pure: an input that is not locked",
      (place) => `(F "git+file://@/h?rev=${place.rev("h")}").x`,
      (place) => {
        place
          .flake("h", '{ inputs.g.url = "git+file://@/g"; outputs = { self, g }: { inherit (g) x; }; }')
          .commit("h");
      },
    ),
    pure: true,
  },
  {
    name: "path: a stated time",
    write: (place) => void place.flake("a", text),
    expression: '(F "path:@/a?lastModified=12&revCount=3").i',
  },
  {
    name: "path: a stated commit",
    write: (place) => void place.flake("a", text),
    expression: '(F "path:@/a?rev=0123456789abcdef0123456789abcdef01234567").i',
  },
  {
    name: "path: a wrong hash",
    write: (place) => void place.flake("a", text),
    expression: '(F "path:@/a?narHash=sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=").i',
  },
  {
    name: "path: a hash that is none",
    write: (place) => void place.flake("a", text),
    expression: '(F "path:@/a?narHash=abc").i',
  },
  {
    name: "path: a directory, and out of it",
    write: (place) => void place.flake("a/b", text),
    expression: '(F "path:@/a?dir=../b").x',
  },
  {
    name: "path: into the store",
    write: (place) => void place.flake("a", text),
    expression:
      'let f = F "path:@/a"; in (F "path:${builtins.unsafeDiscardStringContext f.outPath}").i == f.i // { lastModified = 0; lastModifiedDate = "19700101000000"; }',
  },
  {
    name: "path: an unreadable name",
    write: (place) => void place.flake("a b", text),
    expression: '(F "path:@/a%20b").x',
  },
  {
    name: "tarball",
    write: (place) => void place.flake("t", text).tarball("t.tar.gz", "t"),
    expression: '(F "file://@/t.tar.gz").i',
  },
  {
    name: "tarball: a directory in it",
    write: (place) => void place.flake("t/sub", text).tarball("t.tar.gz", "t"),
    expression: '(F "tarball+file://@/t.tar.gz?dir=sub").x',
  },
  {
    name: "tarball: as input",
    write: (place) =>
      void place
        .flake("t", text)
        .tarball("t.tar.gz", "t")
        .flake("a", '{ inputs.t.url = "file://@/t.tar.gz"; outputs = { self, t }: { i = t.sourceInfo; }; }'),
    expression: '(F "path:@/a").i',
  },
  {
    name: "tarball: no flake",
    write: (place) => void place.write("t/x", "").tarball("t.tar.gz", "t"),
    expression: 'F "file://@/t.tar.gz"',
  },
  {
    name: "tarball: broken outputs",
    write: (place) => void place.flake("t", "{ outputs = 1; }").tarball("t.tar.gz", "t"),
    expression: 'F "file://@/t.tar.gz"',
  },
  {
    name: "tarball: not there",
    write: () => {},
    expression: 'F "file://@/t.tar.gz"',
  },
  {
    name: "fetchTree: a tree of a repository",
    write: (place) => void repository(place),
    expression: 'builtins.fetchTree "git+file://@/g"',
  },
  {
    name: "fetchTree: a path",
    write: (place) => void place.flake("a", text),
    expression: 'builtins.fetchTree { type = "path"; path = "@/a"; }',
  },
  {
    name: "fetchTree: a path as text",
    write: (place) => void place.flake("a", text),
    expression: 'builtins.fetchTree "@/a"',
  },
  {
    name: "fetchTree: a name",
    write: (place) =>
      void place.flake("b", text).write(
        "registry.json",
        JSON.stringify({
          version: 2,
          flakes: [{ from: { type: "indirect", id: "known" }, to: { type: "path", path: "@/b" } }],
        }),
      ),
    expression: 'builtins.fetchTree "flake:known"',
    settings: { "flake-registry": "@/registry.json" },
  },
  {
    name: "fetchTree: a name that nobody knows",
    write: () => {},
    expression: 'builtins.fetchTree "flake:nope"',
  },
  {
    name: "fetchTree: pure",
    write: (place) => void place.flake("a", text),
    expression: 'builtins.fetchTree "path:@/a"',
    pure: true,
  },
  {
    name: "fetchTree: a commit of the wrong time",
    write: (place) => void repository(place),
    expression: 'builtins.fetchTree { type = "git"; url = "file://@/g"; ref = "main"; lastModified = 12; }',
  },
];
