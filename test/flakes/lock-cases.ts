/** Lock files: what is kept, what is made anew, old versions, and broken ones. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are Nix's.
import type { Case } from "./case.ts";
import type { Place } from "./place.ts";

const x = '(F "path:@/a").x';

/** `a` takes `b`, a repository with two commits whose first the lock file names. */
function locked(
  name: string,
  lock: (rev: string, place: Place) => unknown,
  expression = x,
  more: (place: Place) => void = () => {},
): Case {
  return {
    name: `lock file: ${name}`,
    write(place) {
      place.flake("b", '{ outputs = { self }: { x = "old"; i = self.sourceInfo; }; }').commit("b");
      const rev = place.rev("b");
      place.flake("b", '{ outputs = { self }: { x = "new"; i = self.sourceInfo; }; }').commit("b");
      place.flake("a", '{ inputs.b.url = "git+file://@/b"; outputs = { self, b }: { inherit (b) x i; }; }');
      const contents = lock(rev, place);
      place.write("a/flake.lock", typeof contents === "string" ? contents : JSON.stringify(contents));
      more(place);
    },
    expression,
  };
}

const original = { type: "git", url: "file://@/b" };
const node = (rev: string) => ({
  locked: {
    type: "git",
    url: "file://@/b",
    rev,
    ref: "refs/heads/main",
    lastModified: 1600000000,
    revCount: 1,
  },
  original,
});
const file = (nodes: unknown, more: object = {}) => ({ version: 7, root: "root", nodes, ...more });
const whole = (rev: string, b: object = node(rev)) => file({ root: { inputs: { b: "b" } }, b });

export const lockCases: readonly Case[] = [
  locked("kept", (rev) => whole(rev)),
  locked("what is kept is as the file says", (rev) => whole(rev), '(F "path:@/a").i'),
  locked("no warning", (rev) => whole(rev), 'builtins.attrNames (F "path:@/a").inputs'),
  locked(
    "the input is another now",
    (rev) => whole(rev),
    x,
    (place) => {
      place.flake(
        "a",
        '{ inputs.b.url = "git+file://@/b?ref=main"; outputs = { self, b }: { inherit (b) x; }; }',
      );
    },
  ),
  locked(
    "an input more",
    (rev) => whole(rev),
    'let f = F "path:@/a"; in [ f.x f.inputs.c.x ]',
    (place) => {
      place.flake("c", '{ outputs = _: { x = "c"; }; }');
      place.flake(
        "a",
        '{ inputs.b.url = "git+file://@/b"; inputs.c.url = "path:@/c"; outputs = { self, b, c }: { inherit (b) x; }; }',
      );
    },
  ),
  locked(
    "an input less",
    (rev) => whole(rev),
    'builtins.attrNames (F "path:@/a").inputs',
    (place) => {
      place.flake("a", "{ outputs = _: { }; }");
    },
  ),
  locked("the commit is not there", () => whole("0123456789abcdef0123456789abcdef01234567"), x),
  locked(
    "what nobody asks for is not fetched",
    () => whole("0123456789abcdef0123456789abcdef01234567"),
    'builtins.attrNames (F "path:@/a").inputs',
  ),
  locked("another time", (rev) => whole(rev, { locked: { ...node(rev).locked, lastModified: 1 }, original })),
  locked("another number of commits", (rev) =>
    whole(rev, { locked: { ...node(rev).locked, revCount: 7 }, original }),
  ),
  locked("another hash", (rev) =>
    whole(rev, {
      locked: { ...node(rev).locked, narHash: "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=" },
      original,
    }),
  ),
  locked("version 5", (rev) => ({
    version: 5,
    root: "root",
    nodes: {
      root: { inputs: { b: "b" } },
      b: {
        info: { lastModified: 1600000000 },
        locked: { type: "git", url: "file://@/b", rev, ref: "refs/heads/main", revCount: 1 },
        original,
      },
    },
  })),
  locked("version 6", (rev) => ({ ...whole(rev), version: 6 })),
  locked("version 4", (rev) => ({ ...whole(rev), version: 4 })),
  locked("version 8", (rev) => ({ ...whole(rev), version: 8 })),
  locked("no version", (rev) => ({ root: "root", nodes: whole(rev).nodes })),
  locked("a root by another name", (rev) => ({
    version: 7,
    root: "top",
    nodes: { top: { inputs: { b: "b" } }, b: node(rev) },
  })),
  locked("a node by another name", (rev) => file({ root: { inputs: { b: "other" } }, other: node(rev) })),
  locked("no JSON", () => "{"),
  locked("empty", () => "", x),
  locked("a list", () => "[]"),
  locked("no nodes", () => ({ version: 7, root: "root" })),
  locked("no root", () => ({ version: 7, nodes: {} })),
  locked("a node is missing", () => file({ root: { inputs: { b: "b" } } })),
  locked("a circle to the root", () => file({ root: { inputs: { b: "root" } } })),
  locked("no original", (rev) => whole(rev, { locked: node(rev).locked })),
  locked("nothing locked", (rev) => whole(rev, { original: node(rev).original })),
  locked("not locked", (rev) =>
    whole(rev, { locked: { type: "git", url: "file://@/b" }, original: node(rev).original }),
  ),
  locked(
    "not locked, but hashed",
    (rev) =>
      whole(rev, {
        locked: {
          type: "git",
          url: "file://@/b",
          lastModified: 1600000000,
          narHash: "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        },
        original,
      }),
    'builtins.attrNames (F "path:@/a").inputs',
  ),
  locked("an attribute that is a list", (rev) =>
    whole(rev, { locked: { ...node(rev).locked, x: [] }, original }),
  ),
  locked("an attribute too many", (rev) => whole(rev, { locked: { ...node(rev).locked, x: 1 }, original })),
  locked("a type that nobody knows", () =>
    whole("", {
      locked: { type: "ftp", narHash: "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=" },
      original: { type: "ftp" },
    }),
  ),
  locked(
    "no flake any more",
    (rev) => whole(rev, { ...node(rev), flake: false } as never),
    '(F "path:@/a").i',
  ),
  locked(
    "inputs of an input",
    (rev) => file({ root: { inputs: { b: "b" } }, b: { ...node(rev), inputs: { c: "c" } }, c: node(rev) }),
    'builtins.attrNames (F "path:@/a").inputs.b.inputs',
  ),
  {
    name: "lock file: follows is kept",
    write(place) {
      place.flake("c", '{ outputs = _: { x = "c"; }; }').commit("c");
      const rev = place.rev("c");
      place.flake("c", '{ outputs = _: { x = "newer"; }; }').commit("c");
      place.flake(
        "a",
        '{ inputs.c.url = "git+file://@/c"; inputs.d.follows = "c"; outputs = { self, c, d }: { x = [ c.x d.x ]; }; }',
      );
      const c = {
        locked: {
          type: "git",
          url: "file://@/c",
          rev,
          ref: "refs/heads/main",
          lastModified: 1600000000,
          revCount: 1,
        },
        original: { type: "git", url: "file://@/c" },
      };
      place.write("a/flake.lock", JSON.stringify(file({ root: { inputs: { c: "c", d: ["c"] } }, c })));
    },
    expression: x,
  },
  {
    name: "lock file: of an input that is new",
    write(place) {
      place.flake("c", '{ outputs = _: { x = "old"; }; }').commit("c");
      const rev = place.rev("c");
      place.flake("c", '{ outputs = _: { x = "new"; }; }').commit("c");
      place.flake("b", '{ inputs.c.url = "git+file://@/c"; outputs = { self, c }: { inherit (c) x; }; }');
      const c = {
        locked: {
          type: "git",
          url: "file://@/c",
          rev,
          ref: "refs/heads/main",
          lastModified: 1600000000,
          revCount: 1,
        },
        original: { type: "git", url: "file://@/c" },
      };
      place.write("b/flake.lock", JSON.stringify(file({ root: { inputs: { c: "c" } }, c })));
      place.flake("a", '{ inputs.b.url = "path:@/b"; outputs = { self, b }: { inherit (b) x; }; }');
    },
    expression: x,
  },
  {
    name: "lock file: an old address with its directory",
    write(place) {
      place.flake("b/sub", '{ outputs = _: { x = "b"; }; }').commit("b");
      const rev = place.rev("b");
      place.flake(
        "a",
        '{ inputs.b.url = "git+file://@/b?dir=sub"; outputs = { self, b }: { inherit (b) x; }; }',
      );
      const b = {
        locked: {
          dir: "sub",
          type: "git",
          url: "file://@/b?dir=sub",
          rev,
          ref: "refs/heads/main",
          lastModified: 1600000000,
          revCount: 1,
        },
        original: { dir: "sub", type: "git", url: "file://@/b?dir=sub" },
      };
      place.write("a/flake.lock", JSON.stringify(file({ root: { inputs: { b: "b" } }, b })));
    },
    expression: x,
  },
  {
    name: "lock file: a relative path",
    write(place) {
      place.flake(
        "a/sub",
        "{ outputs = { self }: { x = 1; p = self.outPath; n = builtins.attrNames self.sourceInfo; }; }",
      );
      place.flake(
        "a",
        '{ inputs.sub.url = "path:./sub"; outputs = { self, sub }: { x = { inherit (sub) x n; p = builtins.substring (builtins.stringLength self.outPath) 99 sub.p; }; }; }',
      );
      const sub = {
        locked: { type: "path", path: "./sub" },
        original: { type: "path", path: "./sub" },
        parent: [],
      };
      place.write("a/flake.lock", JSON.stringify(file({ root: { inputs: { sub: "sub" } }, sub })));
    },
    expression: x,
  },
  {
    name: "lock file: a relative path out of the tree",
    write(place) {
      place.flake("b", "{ outputs = _: { x = 1; }; }");
      place.flake(
        "a",
        '{ inputs.b.url = "path:../../../../../../../../../../..@/b"; outputs = { self, b }: { inherit (b) x; }; }',
      );
      const path = `../../../../../../../../../../..${place.directory}/b`;
      const b = { locked: { type: "path", path }, original: { type: "path", path }, parent: [] };
      place.write("a/flake.lock", JSON.stringify(file({ root: { inputs: { b: "b" } }, b })));
    },
    expression: x,
  },
  {
    name: "lock file: a path with its hash",
    write(place) {
      place.flake("b", '{ outputs = _: { x = "b"; }; }');
      place.flake("a", '{ inputs.b.url = "path:@/b"; outputs = { self, b }: { inherit (b) x; }; }');
      const b = {
        locked: {
          type: "path",
          path: "@/b",
          lastModified: 1600000000,
          narHash: "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        },
        original: { type: "path", path: "@/b" },
      };
      place.write("a/flake.lock", JSON.stringify(file({ root: { inputs: { b: "b" } }, b })));
    },
    expression: x,
  },
  {
    name: "lock file: in a repository, committed",
    write(place) {
      place.flake("b", '{ outputs = _: { x = "b"; }; }').commit("b");
      const rev = place.rev("b");
      place.flake(
        "r",
        '{ inputs.b.url = "git+file://@/b"; outputs = { self, b }: { x = [ b.x (self ? rev) (self ? revCount) ]; }; }',
      );
      place.write(
        "r/flake.lock",
        JSON.stringify(
          file({
            root: { inputs: { b: "b" } },
            b: {
              locked: {
                type: "git",
                url: "file://@/b",
                rev,
                ref: "refs/heads/main",
                lastModified: 1600000000,
                revCount: 1,
              },
              original,
            },
          }),
        ),
      );
      place.commit("r");
    },
    expression: '(F "git+file://@/r").x',
  },
  {
    name: "lock file: pure, all locked",
    write(place) {
      place.flake("b", '{ outputs = _: { x = "b"; }; }').commit("b");
      const rev = place.rev("b");
      place.flake("r", '{ inputs.b.url = "git+file://@/b"; outputs = { self, b }: { inherit (b) x; }; }');
      place.write(
        "r/flake.lock",
        JSON.stringify(
          file({
            root: { inputs: { b: "b" } },
            b: {
              locked: {
                type: "git",
                url: "file://@/b",
                rev,
                ref: "refs/heads/main",
                lastModified: 1600000000,
                revCount: 1,
              },
              original,
            },
          }),
        ),
      );
      place.commit("r");
    },
    expression: (place) => `(F "git+file://@/r?rev=${place.rev("r")}").x`,
    pure: true,
  },
];
