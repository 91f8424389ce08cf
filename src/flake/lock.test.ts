/** Locking over a world in memory: what is fetched and what is not, hosted inputs, registries, pure evaluation. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { BrumaError } from "../format/error.ts";
import { Attrs } from "../language/attrs.ts";
import { EvaluationError } from "../language/errors.ts";
import { createEvaluator, type NixEvaluator } from "../language/evaluator.ts";
import { force } from "../language/value.ts";
import { callFlake } from "./call-flake.ts";
import { type LockedFlake, type LockOptions, lockFlake } from "./lock.ts";
import { type MemoryTree, type MemoryWorld, memoryWorld } from "./memory-world.ts";
import { parseReference } from "./reference.ts";
import type { RegistrySource } from "./registry.ts";
import { Sources } from "./source.ts";

const rev = "0123456789abcdef0123456789abcdef01234567";
const narHash = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

interface Place {
  readonly world: MemoryWorld;
  readonly ev: NixEvaluator;
  readonly sources: Sources;
  readonly lock: (reference: string, options?: Partial<LockOptions>) => LockedFlake;
}

function place(trees: Record<string, MemoryTree>, registries: readonly RegistrySource[] = []): Place {
  const world = memoryWorld(trees);
  const ev = createEvaluator(world, { settings: { experimentalFeatures: new Set(["flakes"]) } });
  const sources = new Sources(ev, { registries, useRegistries: true, answers: () => false });
  const lock = (reference: string, options: Partial<LockOptions> = {}) =>
    lockFlake(ev, sources, parseReference(ev, reference), {
      useRegistries: true,
      allowUnlocked: true,
      ...options,
    });
  return { world, ev, sources, lock };
}

const library: MemoryTree = {
  files: { "flake.nix": "{ outputs = _: { x = 1; }; }" },
  locked: { rev, ref: null, lastModified: 12n },
};
const user = (inputs: string, more: Record<string, string> = {}): MemoryTree => ({
  files: { "flake.nix": `{ inputs = { ${inputs} }; outputs = { self, ... }: { y = 2; }; }`, ...more },
});

function messageOf(run: () => unknown): { message: string; hint: string | undefined } {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof EvaluationError, String(error));
    return { message: error.message, hint: error.hint };
  }
  assert.fail("there was no error");
}

test("an input of a host: the branch is what was asked for, the commit what was found", () => {
  const { lock } = place({ "/a": user('lib.url = "github:o/lib/main";'), lib: library });
  const locked = lock("path:/a");
  assert.ok(locked.isChanged);
  assert.equal(
    locked.lockFile.print(),
    `{
  "nodes": {
    "lib": {
      "locked": {
        "lastModified": 12,
        "narHash": "${narHash}",
        "owner": "o",
        "repo": "lib",
        "rev": "${rev}",
        "type": "github"
      },
      "original": {
        "owner": "o",
        "ref": "main",
        "repo": "lib",
        "type": "github"
      }
    },
    "root": {
      "inputs": {
        "lib": "lib"
      }
    }
  },
  "root": "root",
  "version": 7
}`,
  );
});

test("what the lock file has is fetched when it is asked for, and not before", () => {
  const written = place({ "/a": user('lib.url = "github:o/lib";'), lib: library });
  const text = written.lock("path:/a").lockFile.print();
  const { world, ev, sources, lock } = place({
    "/a": user('lib.url = "github:o/lib";', { "flake.lock": text }),
    lib: library,
  });
  const locked = lock("path:/a");
  assert.equal(locked.isChanged, false);
  assert.deepEqual(world.fetched, ["/a"]);
  const flake = callFlake(ev, sources, locked);
  assert.ok(flake instanceof Attrs);
  assert.deepEqual(world.fetched, ["/a"]);
  const inputs = force(flake.get("inputs")!);
  assert.ok(inputs instanceof Attrs);
  const lib = force(inputs.get("lib")!);
  assert.ok(lib instanceof Attrs);
  assert.equal(force(lib.get("x")!), 1);
  assert.equal(force(lib.get("shortRev")!), rev.slice(0, 7));
  assert.deepEqual(world.fetched, ["/a", "lib"]);
});

test("one input twice is fetched once, and has two nodes", () => {
  const { world, lock } = place({
    "/a": user('l.url = "github:o/lib"; m.url = "github:o/lib"; m.flake = false;'),
    lib: library,
  });
  const { lockFile } = lock("path:/a");
  assert.deepEqual(world.fetched, ["/a", "lib"]);
  assert.match(lockFile.print(), /"m": \{\n {6}"flake": false,/);
});

const entry = (from: string, to: string) =>
  JSON.stringify({
    version: 2,
    flakes: [{ from: { type: "indirect", id: from }, to: { type: "github", owner: "o", repo: to } }],
  });

test("inputs ask the global registry alone; what is typed asks all", () => {
  const registries: RegistrySource[] = [
    { kind: "user", place: "/user", read: () => entry("lib", "mine") },
    { kind: "global", place: "/global", read: () => entry("lib", "lib") },
  ];
  const trees = { "/a": user("lib = { };"), lib: library, mine: library };
  const asInput = place(trees, registries);
  asInput.lock("path:/a");
  assert.deepEqual(asInput.world.fetched, ["/a", "lib"]);
  const typed = place(trees, registries);
  typed.lock("lib");
  assert.deepEqual(typed.world.fetched, ["mine"]);
});

test("a registry that cannot be had is told of when a name is not found", () => {
  const broken: RegistrySource = {
    kind: "global",
    place: "https://registry.example/x.json",
    read: () => {
      throw new BrumaError("no network");
    },
  };
  const { lock } = place({ "/a": user("lib = { };") }, [broken]);
  const { message, hint } = messageOf(() => lock("path:/a"));
  assert.equal(message, "cannot find flake 'flake:lib' in the flake registries");
  assert.match(hint ?? "", /https:\/\/registry\.example\/x\.json cannot be had: no network/);
});

test("a registry that is malformed is a warning", () => {
  for (const text of [
    "{",
    "[]",
    '{"version": 3}',
    '{"version": 2, "flakes": 1}',
    '{"version": 2, "flakes": [1]}',
  ]) {
    const { world, lock } = place({}, [{ kind: "global", place: "/x", read: () => text }]);
    assert.match(messageOf(() => lock("lib")).message, /^cannot find flake 'flake:lib'/);
    if (text !== "[]" || world.messages.length > 0)
      assert.match(world.messages[0] ?? "", /^warning: cannot read flake registry '\/x': /);
  }
});

test("pure evaluation fetches what says exactly what it is", () => {
  const trees = {
    "/a": user('lib.url = "github:o/lib";'),
    "/b": user(`lib.url = "github:o/lib/${rev}";`),
    lib: library,
  };
  const { lock } = place(trees);
  const pure = { allowUnlocked: false, useRegistries: false };
  assert.equal(
    messageOf(() => lock("path:/a", pure)).message,
    "cannot update unlocked flake input 'lib' in pure mode",
  );
  assert.ok(lock("path:/b", pure).isChanged);
});

test("overrides of the command line, updates", () => {
  const trees = {
    "/a": user('lib.url = "github:o/lib";'),
    lib: library,
    other: { ...library, locked: { rev: rev.replace("0", "f"), lastModified: 13n } },
  };
  const { ev, world, lock } = place(trees);
  const override = parseReference(ev, "github:o/other");
  const text = lock("path:/a", { overrides: [[["lib"], override]] }).lockFile.print();
  assert.match(text, /"repo": "other"/);
  assert.match(text, /"original": \{\n\s+"owner": "o",\n\s+"repo": "lib"/);
  lock("path:/a", { overrides: [[["nope"], override]], updates: [["none"]] });
  assert.ok(world.messages.includes("warning: 'none' does not match any input of this flake"));
  assert.ok(
    world.messages.includes(
      "warning: the flag '--override-input nope github:o/other' does not match any input",
    ),
  );
});

test("a hostile lock file: long chains, circles, foreign names", () => {
  const chain = (length: number) => {
    const nodes: Record<string, unknown> = { root: { inputs: { n: "n0" } } };
    for (let i = 0; i < length; i++)
      nodes[`n${i}`] = {
        locked: { type: "github", owner: "o", repo: "lib", rev, narHash },
        original: { type: "github", owner: "o", repo: "lib" },
        ...(i + 1 < length ? { inputs: { n: `n${i + 1}` } } : { inputs: { n: "n0" } }),
      };
    return JSON.stringify({ version: 7, root: "root", nodes });
  };
  const from = (text: string) =>
    place({ "/a": user('n.url = "github:o/lib";', { "flake.lock": text }), lib: library });
  assert.match(
    messageOf(() => from(chain(3)).lock("path:/a")).message,
    /^lock file '.*\/flake\.lock' is malformed: the input 'n0' is an input of itself$/,
  );
  const nodes: Record<string, unknown> = { root: { inputs: { n: "n0" } } };
  for (let i = 0; i < 40; i++)
    nodes[`n${i}`] = {
      locked: { type: "github", owner: "o", repo: "lib", rev, narHash },
      original: { type: "github", owner: "o", repo: "lib" },
      ...(i < 39 ? { inputs: { l: `n${i + 1}`, r: `n${i + 1}` } } : {}),
    };
  const many = JSON.stringify({ version: 7, root: "root", nodes });
  assert.equal(messageOf(() => from(many).lock("path:/a")).message, "the flake has more than 20000 inputs");
  for (const name of ["__proto__", "constructor", "toString"]) {
    const text = `{"version":7,"root":"root","nodes":{"root":{"inputs":{"n":"${name}"}}}}`;
    assert.equal(
      messageOf(() => from(text).lock("path:/a")).message,
      `lock file references missing node '${name}'`,
    );
  }
});
