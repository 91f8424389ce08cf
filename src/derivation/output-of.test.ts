/** `builtins.outputOf`: what Nix 2.34 says for the same expressions, with the features on and off. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createEvaluator } from "../language/evaluator.ts";
import { printValue } from "../language/print.ts";
import { memoryWorld } from "./memory-world.ts";
import { derivationBuiltins } from "./strict.ts";

const prelude = `
  let
    d = derivation { name = "x"; builder = "/bin/sh"; system = "x86_64-linux"; outputs = [ "out" "dev" ]; };
    f = builtins.unsafeDiscardOutputDependency;
    inherit (builtins) outputOf getContext;
  in `;

function answer(
  expression: string,
  features: readonly string[] = ["dynamic-derivations", "ca-derivations"],
): string {
  const world = memoryWorld();
  const ev = createEvaluator(world, {
    extraBuiltins: [derivationBuiltins],
    settings: { experimentalFeatures: new Set(features) },
  });
  try {
    const value = ev.evalText(prelude + expression, "/");
    ev.forceDeep(value);
    return printValue(ev, value);
  } catch (error) {
    return `error: ${(error as Error).message}`;
  }
}

const drv = "/nix/store/gk9jafzyszc4y6jy0ib8cllh4g3d7jd1-x.drv";
const out = "/nix/store/2ngj8i671753afgdfaac2icfpann4kf8-x";
const placeholder = "/0signrqvqzklzzsn02w3bznm9w6ndbp1adlmlb9kbq538rk5ccrz";

const cases: readonly (readonly [string, string])[] = [
  ['outputOf (f d.drvPath) "out" == d.outPath', "true"],
  ['getContext (outputOf (f d.drvPath) "dev")', `{ "${drv}" = { outputs = [ "dev" ]; }; }`],
  ['outputOf d.outPath "out"', `"${placeholder}"`],
  ['outputOf (outputOf d.outPath "out") "foo"', '"/0qq5m5vdgvy450pn2bfbhpmn5qxgzpr80hplavb37lii3688c29k"'],
  ['builtins.hasContext (outputOf d.outPath "out")', "true"],
  ['builtins.unsafeDiscardStringContext (outputOf d.outPath "out")', `"${placeholder}"`],
  [
    'outputOf d.drvPath "out"',
    `error: string '${drv}' has a context which refers to a complete source and binary closure. This is not supported at this time`,
  ],
  ['outputOf (f d.drvPath) "nope"', `error: derivation '${drv}' does not have output 'nope'`],
  [
    'outputOf "abc" "out"',
    "error: string 'abc' has 0 entries in its context. It should only have exactly one entry",
  ],
  [
    'outputOf (f d.drvPath + "x") "out"',
    `error: path string '${drv}x' has context with the different path '${drv}'`,
  ],
  [
    'outputOf (d.outPath + "x") "out"',
    `error: string '${out}x' has context with the output 'out' from derivation '${drv}', but the string is not the right placeholder for this derivation output. It should be '${out}'`,
  ],
  [
    'outputOf (outputOf d.outPath "out" + "x") "foo"',
    `error: string '${placeholder}x' has context with the output 'out' from derivation '${drv}^out', but the string is not the right placeholder for this derivation output. It should be '${placeholder}'`,
  ],
  ["outputOf (f d.drvPath) 1", "error: expected a string but found an integer: 1"],
  ['outputOf 1 "out"', "error: expected a string but found an integer: 1"],
  [
    'builtins.addDrvOutputDependencies (outputOf d.outPath "out")',
    "error: `addDrvOutputDependencies` can only act on derivations, not on a derivation output such as 'out'",
  ],
  [
    'builtins.toFile "x" (outputOf d.outPath "out")',
    "error: files created by builtins.toFile may not reference derivations, but x references !out!out!gk9jafzyszc4y6jy0ib8cllh4g3d7jd1-x.drv",
  ],
  [
    'builtins.getAttr (outputOf d.outPath "out") {}',
    `error: the string '${placeholder}' is not allowed to refer to a store path (such as '${drv}^out^out')`,
  ],
];

for (const [expression, expected] of cases)
  test(expression, () => assert.equal(answer(expression), expected));

test("without the feature the builtin does not exist", () => {
  assert.equal(answer("builtins ? outputOf", []), "false");
  assert.equal(answer("builtins ? outputOf", ["dynamic-derivations"]), "true");
});

test("a placeholder needs content-addressed derivations, too", () => {
  assert.equal(
    answer('outputOf d.outPath "out"', ["dynamic-derivations"]),
    "error: experimental Nix feature 'ca-derivations' is disabled; add '--extra-experimental-features ca-derivations' to enable it",
  );
});

test("what cannot be done says so", () => {
  const needs = answer(
    '(derivation { name = "y"; system = "s"; builder = outputOf d.outPath "out"; }).drvPath',
  );
  assert.match(needs, /that needs '.*-x\.drv\^out\^out'.* is not supported$/);
  assert.match(answer('import (outputOf d.outPath "out")'), /^error: cannot build '.*\^out\^out'/);
});
