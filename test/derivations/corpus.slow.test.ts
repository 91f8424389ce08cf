/**
 * Derivations as real Nix makes them: the bytes of every .drv file and every path, for `written.nix` and for 400
 * generated ones. Needs `nix-instantiate` (installed by apt where that is missing and we are root); one process of it
 * evaluates everything.
 *
 * `BRUMA_TEST_SEED` gives another generated corpus, `BRUMA_TEST_NIX` a prefix of the commands (`chroot DIR`).
 */
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { after, before, test } from "node:test";
import { SystemWorld } from "../../src/cli/system-world.ts";
import { derivationBuiltins } from "../../src/derivation/strict.ts";
import { createEvaluator } from "../../src/language/evaluator.ts";
import { isString, textOf } from "../../src/language/value.ts";
import { removeTree } from "../../src/store/canonical.ts";
import { layoutBelow } from "../../src/store/layout.ts";
import { LocalStore } from "../../src/store/local-store.ts";
import { realNix } from "../real-nix.ts";
import { generateDerivations } from "./generate.ts";

const nix = realNix();
const seed = Number(process.env.BRUMA_TEST_SEED ?? 1);
const generatedCount = 400;
const here = import.meta.dirname;
let scratch = "";

before(() => {
  scratch = fs.mkdtempSync(path.join(os.tmpdir(), "bruma-corpus-"));
});
after(() => removeTree(scratch));

/** Every derivation of a file with its outputs, as JSON; cases that this Nix has otherwise are left out. */
function describe(file: string, version: string): string {
  return `
    let
      cases = import ${file};
      wanted = builtins.filter
        (name: !(cases.\${name} ? since) || builtins.compareVersions "${version}" cases.\${name}.since >= 0)
        (builtins.attrNames cases);
      value = name: if cases.\${name} ? since then cases.\${name}.value else cases.\${name};
    in
    builtins.listToAttrs (map (name: {
      inherit name;
      value = [ (builtins.unsafeDiscardStringContext (value name).drvPath) ] ++ map (output: output.outPath) (value name).all;
    }) wanted)`;
}

function compareCorpus(file: string, minimum: number): void {
  const root = `${scratch}/store-${path.basename(file, ".nix")}`;
  const expression = describe(file, nix!.version);
  const theirs = nix!.instantiate(
    ["--eval", "--strict", "--json", "--read-write-mode", "--expr", expression],
    `${root}/nix`,
  );
  const evaluate = (store: LocalStore, readOnly: boolean): string => {
    const world = new SystemWorld({
      layout: store.layout,
      openStore: () => store,
      readOnly,
      system: "x86_64-linux",
      environment: {},
      channel: here,
      bundledNixpkgs: false,
      buildOptions: {} as never,
      message: () => {},
    });
    const evaluator = createEvaluator(world, { extraBuiltins: [derivationBuiltins] });
    const text = Buffer.from(`builtins.toJSON (${expression})`).toString("latin1");
    const value = evaluator.forceDeep(evaluator.evalText(text, "/"));
    assert.ok(isString(value));
    return textOf(value);
  };
  const store = new LocalStore(layoutBelow(`${root}/bruma`), { durable: false });
  const ours = evaluate(store, false);
  store.close();
  // Without writing anything the paths are the same.
  const untouched = new LocalStore(layoutBelow(`${root}/untouched`), { durable: false });
  assert.equal(evaluate(untouched, true), ours);
  assert.ok(!fs.existsSync(`${root}/untouched`));

  const expected = JSON.parse(theirs) as Record<string, string[]>;
  const actual = JSON.parse(Buffer.from(ours, "latin1").toString()) as Record<string, string[]>;
  const physical = (store: string, file: string) => `${root}/${store}${file}`;
  const read = (store: string, file: string) => fs.readFileSync(physical(store, file), "utf8");
  // The bytes say more than a path that differs.
  for (const [name, paths] of Object.entries(expected)) {
    const [drvPath] = actual[name]!;
    if (paths[0] !== drvPath) assert.equal(read("bruma", drvPath!), read("nix", paths[0]!), name);
    assert.deepEqual(actual[name], paths, name);
  }
  assert.deepEqual(Object.keys(actual), Object.keys(expected));
  assert.ok(Object.keys(actual).length >= minimum, `only ${Object.keys(actual).length} cases`);

  const entries = (store: string) =>
    fs
      .readdirSync(physical(store, "/nix/store"))
      .filter((name) => !name.startsWith(".") && !name.endsWith(".lock"));
  const files = entries("nix");
  assert.deepEqual(entries("bruma").sort(), files.sort());
  for (const file of files)
    if (file.endsWith(".drv"))
      assert.equal(read("bruma", `/nix/store/${file}`), read("nix", `/nix/store/${file}`), file);

  // And Nix finds our store in order.
  nix!.store(["--verify", "--check-contents"], `${root}/bruma`);
}

test("written derivations", {
  skip: nix === undefined && "no nix-instantiate, and none could be installed",
}, () => {
  compareCorpus(`${here}/written.nix`, 100);
});

test("generated derivations", {
  skip: nix === undefined && "no nix-instantiate, and none could be installed",
}, () => {
  const file = `${scratch}/generated.nix`;
  fs.writeFileSync(file, generateDerivations(generatedCount, seed));
  compareCorpus(file, generatedCount);
});
