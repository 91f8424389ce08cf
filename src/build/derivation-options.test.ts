/** Attributes that steer builds, from variables and from structured attributes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { derivationOptions } from "./derivation-options.ts";

const plain = (env: Record<string, string>) => derivationOptions(new Map(Object.entries(env)));
const structured = (json: string, env: Record<string, string> = {}) =>
  derivationOptions(new Map(Object.entries({ ...env, __json: json })));

test("without attributes", () => {
  const options = plain({});
  assert.equal(options.structured, undefined);
  assert.equal(options.allowSubstitutes, true);
  assert.equal(options.preferLocalBuild, false);
  assert.deepEqual(options.checksFor("out"), {
    ignoreSelf: true,
    maxSize: undefined,
    maxClosureSize: undefined,
    allowedReferences: undefined,
    allowedRequisites: undefined,
    disallowedReferences: [],
    disallowedRequisites: [],
  });
});

test("from variables: words, and 1 for true", () => {
  const options = plain({
    allowedReferences: "",
    disallowedReferences: " out\n/nix/store/x  out ",
    passAsFile: "a b",
    exportReferencesGraph: "g1 /p1 g2 /p2",
    allowSubstitutes: "",
    preferLocalBuild: "1",
    __noChroot: "1",
    impureEnvVars: "http_proxy https_proxy",
    requiredSystemFeatures: "kvm",
  });
  assert.deepEqual(options.checksFor("any")?.allowedReferences, []);
  assert.deepEqual(options.checksFor("any")?.disallowedReferences, ["out", "/nix/store/x"]);
  assert.deepEqual([...options.passAsFile], ["a", "b"]);
  assert.deepEqual(
    [...options.exportReferencesGraph],
    [
      ["g1", ["/p1"]],
      ["g2", ["/p2"]],
    ],
  );
  assert.deepEqual(
    [options.allowSubstitutes, options.preferLocalBuild, options.noChroot],
    [false, true, true],
  );
  assert.deepEqual(options.impureEnvVars, ["http_proxy", "https_proxy"]);
  assert.deepEqual(options.requiredSystemFeatures, ["kvm"]);
});

test("from structured attributes: types as they are, checks by output alone", () => {
  const options = structured(
    `{"allowSubstitutes":false,"allowedReferences":["x"],"exportReferencesGraph":{"g":["/a",["/b"]]},
      "outputChecks":{"out":{"maxSize":10,"maxClosureSize":20,"allowedRequisites":[],"disallowedReferences":["dev"]}},
      "requiredSystemFeatures":["big-parallel"],"unsafeDiscardReferences":{"out":true,"dev":false}}`,
    { passAsFile: "a" },
  );
  assert.equal(options.allowSubstitutes, false);
  assert.equal(options.checksFor("dev"), undefined);
  const checks = options.checksFor("out");
  assert.equal(checks?.ignoreSelf, false);
  assert.equal(checks?.maxSize, 10n);
  assert.equal(checks?.maxClosureSize, 20n);
  assert.deepEqual(checks?.allowedRequisites, []);
  assert.equal(checks?.allowedReferences, undefined);
  assert.deepEqual(checks?.disallowedReferences, ["dev"]);
  assert.deepEqual([...options.exportReferencesGraph], [["g", ["/a", "/b"]]]);
  assert.deepEqual([...options.unsafeDiscardReferences], ["out"]);
  assert.equal(options.passAsFile.size, 0);
});

test("wrong types are named", () => {
  assert.throws(() => structured("[]"), /not a JSON object/);
  assert.throws(() => structured('{"outputChecks":1}'), /'outputChecks' must be a set/);
  assert.throws(() => structured('{"allowSubstitutes":"1"}'), /'allowSubstitutes' must be a Boolean/);
  assert.throws(() => structured('{"exportReferencesGraph":{"g":1}}'), /not an array or a string/);
  assert.throws(() => plain({ exportReferencesGraph: "odd" }), /odd number of tokens/);
  assert.throws(() => plain({ exportReferencesGraph: "../x /p" }), /invalid file name '\.\.\/x'/);
});
