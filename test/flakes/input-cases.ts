/** Inputs: references of every kind that needs no network, follows, overrides, and trees that are no flakes. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are Nix's.
import type { Case } from "./case.ts";
import type { Place } from "./place.ts";

const a = 'F "path:@/a"';

const registrySetting = { "flake-registry": "@/registry.json" };

/** A registry in which each name stands for a reference. */
function writeRegistry(place: Place, names: Readonly<Record<string, object>>): void {
  const flakes = Object.entries(names).map(([id, to]) => ({ from: { type: "indirect", id }, to }));
  place.write("registry.json", JSON.stringify({ version: 2, flakes }));
}

/** `b` is a flake with `x = "b"`; `a` has inputs. */
function withB(
  name: string,
  text: string,
  expression: string,
  more: (place: Place) => void = () => {},
): Case {
  return {
    name,
    write(place) {
      place.flake("b", '{ outputs = { self }: { x = "b"; name = "b"; }; }');
      place.flake("a", text);
      more(place);
    },
    expression,
  };
}

/** `c` and `d` differ; `b` takes `c`; `a` says more of it. */
function withChain(name: string, text: string, expression: string): Case {
  return {
    name,
    write(place) {
      place.flake("d", '{ outputs = _: { x = "d"; }; }');
      place.flake("c", '{ outputs = _: { x = "c"; }; }');
      place.flake("b", '{ inputs.c.url = "path:@/c"; outputs = { self, c }: { x = "b-${c.x}"; c = c; }; }');
      place.flake("a", text);
    },
    expression,
  };
}

export const inputCases: readonly Case[] = [
  withB("a path", '{ inputs.b.url = "path:@/b"; outputs = { self, b }: { inherit (b) x; }; }', `G (${a})`),
  withB(
    "what an input is",
    '{ inputs.b.url = "path:@/b"; outputs = { self, b }: { }; }',
    `let i = (${a}).inputs.b; in { n = builtins.attrNames i; inherit (i) sourceInfo _type inputs x; }`,
  ),
  withB(
    "attributes instead of a url",
    '{ inputs.b = { type = "path"; path = "@/b"; }; outputs = { self, b }: { inherit (b) x; }; }',
    `(${a}).x`,
  ),
  withB(
    "an input that nothing asks for",
    '{ inputs.b.url = "path:@/b"; outputs = { self, ... }: { x = 1; }; }',
    `(${a}).x`,
  ),
  withB(
    "an input that is not there",
    '{ inputs.b.url = "path:@/nope"; outputs = { self, ... }: { x = 1; }; }',
    `(${a}).x`,
  ),
  withB(
    "an input that is no argument",
    '{ inputs.b.url = "path:@/b"; outputs = { self }: { x = 1; }; }',
    `(${a}).x`,
  ),
  withB(
    "an input that is broken",
    '{ inputs.b.url = "path:@/b"; outputs = { self, b }: { x = 1; }; }',
    `(${a}).x`,
    (place) => void place.flake("b", "{ outputs = 1; }"),
  ),
  withB(
    "no flake",
    '{ inputs.b = { url = "path:@/b"; flake = false; }; outputs = { self, b }: { n = builtins.attrNames b; p = "${b}"; i = b.sourceInfo; f = builtins.readFile (b + "/flake.nix"); }; }',
    `{ inherit (${a}) n i f; }`,
  ),
  withB(
    "no flake, in a directory",
    '{ inputs.b = { url = "path:@?dir=b"; flake = false; }; outputs = { self, b }: { p = b.outPath == b.sourceInfo.outPath; }; }',
    `(${a}).p`,
  ),
  withB(
    "a file that is no flake",
    '{ inputs.b = { url = "file:@/b/flake.nix"; flake = false; }; outputs = { self, b }: { t = builtins.readFile b.outPath; n = builtins.attrNames b; }; }',
    `{ inherit (${a}) t n; }`,
  ),
  withB(
    "a directory of an input",
    '{ inputs.b.url = "path:@?dir=b"; outputs = { self, b }: { inherit (b) x; o = builtins.baseNameOf b.outPath; same = b.outPath == b.sourceInfo.outPath + "/b"; }; }',
    `{ inherit (${a}) x o same; }`,
  ),
  {
    name: "a relative path",
    write(place) {
      place.flake("a/sub", "{ outputs = { self }: { x = 1; p = self.outPath; }; }");
      place.flake(
        "a",
        '{ inputs.sub.url = "path:./sub"; outputs = { self, sub }: { inherit (sub) x p sourceInfo; }; }',
      );
    },
    expression: `let f = ${a}; in { inherit (f) x; p = f.p == f.outPath + "/sub"; n = builtins.attrNames f.sourceInfo; i = builtins.attrNames f.inputs.sub; }`,
  },
  {
    name: "a relative path without dot",
    write(place) {
      place.flake("a/sub", "{ outputs = _: { x = 1; }; }");
      place.flake("a", '{ inputs.sub.url = "path:sub"; outputs = { self, sub }: { inherit (sub) x; }; }');
    },
    expression: `(${a}).x`,
  },
  {
    name: "a path as it is written in Nix",
    write(place) {
      place.flake("a/sub", "{ outputs = _: { x = 1; }; }");
      place.flake("a", "{ inputs.sub.url = ./sub; outputs = { self, sub }: { inherit (sub) x; }; }");
    },
    expression: `(${a}).x`,
  },
  {
    name: "a relative path with a directory",
    write(place) {
      place.flake("a/sub/dir", "{ outputs = _: { x = 1; }; }");
      place.flake(
        "a",
        '{ inputs.sub.url = "path:./sub?dir=dir"; outputs = { self, sub }: { inherit (sub) x; }; }',
      );
    },
    expression: `(${a}).x`,
  },
  {
    name: "relative paths among themselves",
    write(place) {
      place.flake(
        "a/one",
        '{ inputs.two.url = "path:../two"; outputs = { self, two }: { x = two.x + 1; }; }',
      );
      place.flake("a/two", "{ outputs = _: { x = 1; }; }");
      place.flake("a", '{ inputs.one.url = "path:./one"; outputs = { self, one }: { inherit (one) x; }; }');
    },
    expression: `(${a}).x`,
  },
  {
    name: "a relative path in a directory of a repository",
    write(place) {
      place.flake("r/top/sub", "{ outputs = _: { x = 1; }; }");
      place.flake("r/other", "{ outputs = _: { x = 2; }; }");
      place.flake(
        "r/top",
        '{ inputs.sub.url = "path:./sub"; inputs.other.url = "path:../other"; outputs = { self, sub, other }: { x = [ sub.x other.x ]; r = self ? rev; s = sub ? rev; }; }',
      );
      place.commit("r");
    },
    expression: '{ inherit (F "git+file://@/r?dir=top") x r s; }',
  },
  {
    name: "a relative path that leads out",
    write(place) {
      place.flake("b", "{ outputs = _: { x = 1; }; }");
      place.flake("a", '{ inputs.b.url = "path:../b"; outputs = { self, b }: { inherit (b) x; }; }');
    },
    expression: `(${a}).x`,
  },
  {
    name: "a relative path that is no flake",
    write(place) {
      place.write("a/data/x", "hello");
      place.flake(
        "a",
        '{ inputs.d = { url = "path:./data"; flake = false; }; outputs = { self, d }: { x = builtins.readFile "${d}/x"; n = builtins.attrNames d; o = d.outPath == self.outPath + "/data"; }; }',
      );
    },
    expression: `{ inherit (${a}) x n o; }`,
  },
  {
    name: "a relative path that is not there",
    write: (place) =>
      void place.flake("a", '{ inputs.d.url = "path:./nope"; outputs = { self, d }: { x = 1; }; }'),
    expression: `(${a}).x`,
  },
  withChain(
    "inputs of inputs",
    '{ inputs.b.url = "path:@/b"; outputs = { self, b }: { inherit (b) x; n = builtins.attrNames b.inputs; }; }',
    `{ inherit (${a}) x n; }`,
  ),
  withChain(
    "an override",
    '{ inputs.b.url = "path:@/b"; inputs.b.inputs.c.url = "path:@/d"; outputs = { self, b }: { inherit (b) x; }; }',
    `(${a}).x`,
  ),
  withChain(
    "an override by follows",
    '{ inputs.b.url = "path:@/b"; inputs.d.url = "path:@/d"; inputs.b.inputs.c.follows = "d"; outputs = { self, b, d }: { inherit (b) x; same = b.c.outPath == d.outPath; }; }',
    `{ inherit (${a}) x same; }`,
  ),
  withChain(
    "follows into an input",
    '{ inputs.b.url = "path:@/b"; inputs.c.follows = "b/c"; outputs = { self, b, c }: { x = [ b.x c.x ]; }; }',
    `(${a}).x`,
  ),
  withChain(
    "follows of follows",
    '{ inputs.b.url = "path:@/b"; inputs.c.follows = "b/c"; inputs.e.follows = "c"; outputs = { self, e, ... }: { inherit (e) x; }; }',
    `(${a}).x`,
  ),
  withChain(
    "follows the flake itself",
    '{ inputs.b.url = "path:@/b"; inputs.b.inputs.c.follows = ""; outputs = { self, b }: { x = "a"; y = b.x; }; }',
    `(${a}).y`,
  ),
  withChain(
    "follows what is not there",
    '{ inputs.b.url = "path:@/b"; inputs.b.inputs.c.follows = "nope"; outputs = { self, b }: { }; }',
    `(${a}).outPath`,
  ),
  withChain(
    "follows in a circle",
    '{ inputs.b.follows = "c"; inputs.c.follows = "b"; outputs = { self, b, c }: { }; }',
    `(${a}).outPath`,
  ),
  withChain("follows itself", '{ inputs.b.follows = "b"; outputs = { self, b }: { }; }', `(${a}).outPath`),
  withChain(
    "an override of an input that is not there",
    '{ inputs.b.url = "path:@/b"; inputs.b.inputs.nope.url = "path:@/d"; outputs = { self, b }: { inherit (b) x; }; }',
    `(${a}).x`,
  ),
  withChain(
    "an override that says nothing",
    '{ inputs.b.url = "path:@/b"; inputs.b.inputs.c = { }; outputs = { self, b }: { inherit (b) x; }; }',
    `(${a}).x`,
  ),
  withChain(
    "an override keeps what the input is",
    '{ inputs.b.url = "path:@/b"; inputs.b.inputs.c = { url = "path:@/d"; flake = false; }; outputs = { self, b }: { inherit (b) x; }; }',
    `(${a}).x`,
  ),
  {
    name: "the outermost override is heard",
    write(place) {
      for (const name of ["d", "e", "c"]) place.flake(name, `{ outputs = _: { x = "${name}"; }; }`);
      place.flake("b", '{ inputs.c.url = "path:@/c"; outputs = { self, c }: { inherit (c) x; }; }');
      place.flake(
        "m",
        '{ inputs.b.url = "path:@/b"; inputs.b.inputs.c.url = "path:@/d"; outputs = { self, b }: { inherit (b) x; }; }',
      );
      place.flake(
        "a",
        '{ inputs.m.url = "path:@/m"; inputs.m.inputs.b.inputs.c.url = "path:@/e"; inputs.n.url = "path:@/m"; outputs = { self, m, n }: { x = [ m.x n.x ]; }; }',
      );
    },
    expression: `(${a}).x`,
  },
  {
    name: "follows in an input is relative to it",
    write(place) {
      place.flake("c", '{ outputs = _: { x = "c"; }; }');
      place.flake("b", '{ inputs.c.url = "path:@/c"; outputs = { self, c }: { inherit (c) x; }; }');
      place.flake(
        "m",
        '{ inputs.d.follows = "b/c"; inputs.b.url = "path:@/b"; outputs = { self, b, d }: { x = [ b.x d.x ]; }; }',
      );
      place.flake("a", '{ inputs.m.url = "path:@/m"; outputs = { self, m }: { inherit (m) x; }; }');
    },
    expression: `(${a}).x`,
  },
  {
    name: "an override with a relative path",
    write(place) {
      place.flake("c", '{ outputs = _: { x = "c"; }; }');
      place.flake("b", '{ inputs.c.url = "path:@/c"; outputs = { self, c }: { inherit (c) x; }; }');
      place.flake("a/own", '{ outputs = _: { x = "own"; }; }');
      place.flake(
        "a",
        '{ inputs.b.url = "path:@/b"; inputs.b.inputs.c.url = "path:./own"; outputs = { self, b }: { inherit (b) x; }; }',
      );
    },
    expression: `(${a}).x`,
  },
  {
    name: "a circle of flakes",
    write(place) {
      place.flake("b", '{ inputs.a.url = "path:@/a"; outputs = { self, a }: { }; }');
      place.flake("a", '{ inputs.b.url = "path:@/b"; outputs = { self, b }: { }; }');
    },
    expression: `(${a}).outPath`,
  },
  {
    name: "a flake that is its own input",
    write: (place) => void place.flake("a", '{ inputs.a.url = "path:@/a"; outputs = { self, a }: { }; }'),
    expression: `(${a}).outPath`,
  },
  {
    name: "one input by two names",
    write(place) {
      place.flake("b", '{ outputs = _: { x = "b"; }; }');
      place.flake(
        "a",
        '{ inputs.b.url = "path:@/b"; inputs.c.url = "path:@/b"; outputs = { self, b, c }: { x = b.outPath == c.outPath; }; }',
      );
    },
    expression: `(${a}).x`,
  },
  {
    name: "names that need quotes",
    write(place) {
      place.flake("b", '{ outputs = _: { x = "b"; }; }');
      place.flake("a", '{ inputs."b.c d".url = "path:@/b"; outputs = i: { inherit (i."b.c d") x; }; }');
    },
    expression: `(${a}).x`,
  },
  withB("a name and no registry", "{ outputs = { self, nope }: { }; }", `(${a}).outPath`),
  {
    ...withB(
      "a name of the registry",
      "{ outputs = { self, known }: { inherit (known) x; }; }",
      `(${a}).x`,
      (place) => writeRegistry(place, { known: { type: "path", path: "@/b" } }),
    ),
    settings: registrySetting,
  },
  {
    ...withB("a name of the registry as reference", "{ outputs = _: { }; }", '(F "known").x', (place) =>
      writeRegistry(place, { known: { type: "path", path: "@", dir: "b" } }),
    ),
    settings: registrySetting,
  },
  {
    ...withB("a name with a branch", "{ outputs = _: { }; }", 'F "known/main"', (place) =>
      writeRegistry(place, { known: { type: "path", path: "@/b" } }),
    ),
    settings: registrySetting,
  },
  {
    ...withB(
      "a name with a branch of a repository",
      "{ outputs = _: { }; }",
      '(F "known/side").x',
      (place) => {
        place.commit("b");
        place.git("b", "checkout", "-q", "-b", "side");
        place.flake("b", '{ outputs = _: { x = "side"; }; }').commit("b");
        place.git("b", "checkout", "-q", "main");
        writeRegistry(place, { known: { type: "git", url: "file://@/b" } });
      },
    ),
    settings: registrySetting,
  },
  {
    ...withB("a registry that goes in a circle", "{ outputs = _: { }; }", 'F "one"', (place) =>
      writeRegistry(place, { one: { type: "indirect", id: "two" }, two: { type: "indirect", id: "one" } }),
    ),
    settings: registrySetting,
  },
  {
    ...withB("no look into registries", "{ outputs = { self, known }: { }; }", `(${a}).outPath`),
    settings: { "use-registries": "false" },
  },
  { ...withB("pure: an unlocked reference", "{ outputs = _: { x = 1; }; }", `(${a}).x`), pure: true },
  { ...withB("pure: a name", "{ outputs = _: { x = 1; }; }", '(F "known").x'), pure: true },
];
