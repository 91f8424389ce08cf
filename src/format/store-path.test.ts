/** Store paths: computed values as Nix gives them, parsing, and the rules for names. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { StorePathError } from "./format-error.ts";
import { hashBytes, parseHash } from "./hash.ts";
import {
  checkStoreName,
  makeFixedOutputPath,
  makeTextPath,
  parseStorePath,
  splitStorePath,
  storePathBaseName,
  storePathHashPart,
  storePathName,
  tryParseStorePath,
} from "./store-path.ts";

const store = "/nix/store";

test('builtins.toFile ".a" ""', () => {
  assert.equal(
    makeTextPath(".a", hashBytes("sha256", ""), [], store),
    "/nix/store/1widj4nzdpw1mcgwkzip7zwpbhydzq50-.a",
  );
});

test("fixed outputs", () => {
  const hash = parseHash("sha256:0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73");
  const nar = makeFixedOutputPath("x", { method: "nar", hash }, store);
  const flat = makeFixedOutputPath("x", { method: "flat", hash }, store);
  assert.notEqual(nar, flat);
  assert.notEqual(makeFixedOutputPath("x", { method: "nar", hash, self: true }, store), nar);
  assert.throws(
    () => makeFixedOutputPath("x", { method: "flat", hash, references: [nar] }, store),
    /not allowed to refer to other store paths/,
  );
});

test("parts", () => {
  const path = parseStorePath(`${store}/1widj4nzdpw1mcgwkzip7zwpbhydzq50-.a`, store);
  assert.equal(storePathName(path), ".a");
  assert.equal(storePathHashPart(path), "1widj4nzdpw1mcgwkzip7zwpbhydzq50");
  assert.equal(storePathBaseName(path), "1widj4nzdpw1mcgwkzip7zwpbhydzq50-.a");
  assert.deepEqual(splitStorePath(`${path}/bin/x`, store), { storePath: path, rest: "/bin/x" });
  assert.equal(parseStorePath(`${store}//./1widj4nzdpw1mcgwkzip7zwpbhydzq50-.a/`, store), path);
});

test("what is no store path", () => {
  const says = (path: string, message: string | RegExp) =>
    assert.throws(() => parseStorePath(path, store), { message });
  says("", "empty path is not a valid store path");
  says("/nix/store/abc", "'abc' is too short to be a valid store path");
  says("/tmp/1widj4nzdpw1mcgwkzip7zwpbhydzq50-a", /is not in the Nix store/);
  says("/nix/store/1widj4nzdpw1mcgwkzip7zwpbhydzq50-a/b", /is not in the Nix store/);
  says("/nix/storeX/1widj4nzdpw1mcgwkzip7zwpbhydzq50-a", /is not in the Nix store/);
  says("/nix/store/1widj4nzdpw1mcgwkzip7zwpbhydzq50xa", /not followed by a '-'/);
  says("/nix/store/ewidj4nzdpw1mcgwkzip7zwpbhydzq50-a", /illegal base-32 character 'e'/);
  says("/nix/store/1widj4nzdpw1mcgwkzip7zwpbhydzq50-", /name must not be empty/);
  assert.equal(tryParseStorePath("/nix/store/abc", store), undefined);
});

test("names", () => {
  for (const good of ["a", ".a", "...", "..a", "a+b-c._?=9", "a".repeat(211)]) checkStoreName(good);
  for (const bad of ["", ".", "..", ".-a", "..-a", "a b", "a/b", "é", "a\0", "a".repeat(212)])
    assert.throws(() => checkStoreName(bad), StorePathError, bad);
});
