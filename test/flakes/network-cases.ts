/** Flakes that a server has, on this machine: archives, repositories, a registry. `$URL` is its address. */
import type { Case } from "./case.ts";
import type { Place } from "./place.ts";

const text = "{ outputs = { self }: { x = 1; i = self.sourceInfo; }; }";

function served(name: string, expression: Case["expression"], write: (place: Place) => void): Case {
  return { name: `network: ${name}`, write, expression, serve: true };
}

/** A repository as a plain web server can give it. */
function repository(place: Place): void {
  place.flake("g", text).commit("g");
  place.git("g", "update-server-info");
}

export const networkCases: readonly Case[] = [
  served(
    "an archive",
    '(F "$URL/t.tar.gz").i',
    (place) => void place.flake("t", text).tarball("t.tar.gz", "t"),
  ),
  served("an archive with an address for ever", '(F "$URL/immutable/t.tar.gz").i', (place) => {
    place.flake("t", text).tarball("t.tar.gz", "t");
  }),
  served("archives as inputs", 'let f = F "path:@/a"; in [ f.i f.j ]', (place) => {
    place.flake("t", text).tarball("t.tar.gz", "t");
    place.flake(
      "a",
      '{ inputs.t.url = "$URL/t.tar.gz"; inputs.u.url = "$URL/immutable/t.tar.gz"; outputs = { self, t, u }: { i = t.sourceInfo; j = u.sourceInfo; }; }',
    );
  }),
  served("an archive that is not there", 'F "$URL/nope.tar.gz"', () => {}),
  served("a file that is no flake", 'builtins.readFile (F "path:@/a").inputs.f', (place) => {
    place.write("file", "hello");
    place.flake("a", '{ inputs.f = { url = "$URL/file"; flake = false; }; outputs = { self, f }: { }; }');
  }),
  served("an archive that is no flake", 'builtins.readDir (F "path:@/a").inputs.t.outPath', (place) => {
    place.write("t/x", "").tarball("t.tar.gz", "t");
    place.flake("a", '{ inputs.t = { url = "$URL/t.tar.gz"; flake = false; }; outputs = { self, t }: { }; }');
  }),
  served("a repository", '(F "git+$URL/g/.git").i', repository),
  served("a branch of a repository", '(F "git+$URL/g/.git?ref=main").i', repository),
  served("a commit of a repository", (place) => `(F "git+$URL/g/.git?rev=${place.rev("g")}").i`, repository),
  served("a repository as input", '(F "path:@/a").i', (place) => {
    repository(place);
    place.flake("a", '{ inputs.g.url = "git+$URL/g/.git"; outputs = { self, g }: { i = g.sourceInfo; }; }');
  }),
  {
    ...served("a registry", '(F "known").x', (place) => {
      place.flake("b", text);
      place.write(
        "registry.json",
        JSON.stringify({
          version: 2,
          flakes: [{ from: { type: "indirect", id: "known" }, to: { type: "path", path: "@/b" } }],
        }),
      );
    }),
    settings: { "flake-registry": "$URL/registry.json" },
  },
];
