/**
 * The channel as text and as a value: it stays within the builtins of Nix 2.8, every seed it names is pinned, and
 * every name of the set either evaluates or says why not.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const channel = fileURLToPath(new URL(".", import.meta.url));
const checkout = join(channel, "..");

function nixFiles(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".nix"))
    .map((name) => join(directory, name));
}

/** `builtins` of Nix 2.8, experimental ones left out. */
const known = new Set(
  `abort add addErrorContext all any appendContext attrNames attrValues baseNameOf bitAnd bitOr bitXor catAttrs ceil
  compareVersions concatLists concatMap concatStringsSep currentSystem currentTime deepSeq derivation derivationStrict
  dirOf div elem elemAt false fetchGit fetchMercurial fetchTarball fetchTree fetchurl filter filterSource findFile
  floor foldl' fromJSON fromTOML functionArgs genList genericClosure getAttr getContext getEnv getFlake groupBy hasAttr
  hasContext hashFile hashString head import intersectAttrs isAttrs isBool isFloat isFunction isInt isList isNull isPath
  isString langVersion length lessThan listToAttrs map mapAttrs match mul nixPath nixVersion null parseDrvName partition
  path pathExists placeholder readDir readFile removeAttrs replaceStrings scopedImport seq sort split splitVersion
  storeDir storePath stringLength sub substring tail throw toFile toJSON toPath toString toXML trace true tryEval typeOf
  unsafeDiscardOutputDependency unsafeDiscardStringContext unsafeGetAttrPos zipAttrsWith`.split(/\s+/),
);

test("only builtins of Nix 2.8 are used", () => {
  const unknown: string[] = [];
  for (const file of nixFiles(channel)) {
    const text = readFileSync(file, "utf8")
      .replace(/\/\*[\s\S]*?\*\//g, "")
      .replace(/#.*$/gm, "");
    for (const [, name] of text.matchAll(/\bbuiltins\.([a-zA-Z']+)(?![a-zA-Z'])(?!\s+or\b)/g)) {
      if (!known.has(name!)) unknown.push(`${file}: builtins.${name}`);
    }
  }
  assert.deepEqual(unknown, []);
});

test("every seed is pinned once, by the hash of its tree, to a file of the pool", () => {
  const pins: Record<
    string,
    Record<string, { name: string; path: string; size: number; hash: string }>
  > = JSON.parse(readFileSync(join(channel, "seeds/pins.json"), "utf8"));
  const names = readFileSync(join(channel, "seeds/names.txt"), "utf8")
    .replace(/#.*$/gm, "")
    .split(/\s+/)
    .filter((name) => name !== "");
  for (const [architecture, seeds] of Object.entries(pins)) {
    assert.deepEqual(Object.keys(seeds).sort(), [...new Set(names)].sort(), architecture);
    for (const [name, pin] of Object.entries(seeds)) {
      assert.match(pin.name, /^[a-zA-Z0-9+._?=-]+$/, name);
      assert.match(pin.path, /^pool\/main\/[a-z0-9]+\/[a-z0-9+.-]+\/[^/]+_(amd64|arm64|all)\.deb$/, name);
      assert.match(pin.hash, /^(sha256:[0-9a-z]{52}|sha256-[A-Za-z0-9+/]{43}=)$/, name);
      assert.ok(pin.size > 0, name);
    }
  }
});

test("every name of the set evaluates or refuses with a reason", () => {
  const done = spawnSync(
    join(checkout, "compat/bin/nix-instantiate"),
    ["--eval", "--strict", "--json", join(channel, "tests/evaluates.nix")],
    { encoding: "utf8", maxBuffer: 1 << 26 },
  );
  assert.equal(done.status, 0, done.stderr);
  const values: Record<string, string> = JSON.parse(done.stdout);
  for (const name of ["python36", "pkgsCross", "llvmPackages"]) assert.equal(values[name], "refused", name);
  for (const name of ["stdenv", "gcc", "python3", "python311", "openssl", "git", "gtk3", "util-linux"]) {
    assert.equal(values[name], "derivation", name);
  }
});
