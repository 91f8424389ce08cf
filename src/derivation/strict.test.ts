/** `derivationStrict` in an evaluator over a world in memory: values, contexts, and every refusal in Nix's words. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { toText } from "../format/bytes.ts";
import { Attrs } from "../language/attrs.ts";
import { encodeElement } from "../language/context.ts";
import { EvaluationError } from "../language/errors.ts";
import { createEvaluator } from "../language/evaluator.ts";
import { contextOf, isString, textOf } from "../language/value.ts";
import { parseDerivation } from "./aterm.ts";
import { memoryWorld } from "./memory-world.ts";
import { derivationBuiltins } from "./strict.ts";

function evaluate(text: string, world = memoryWorld()) {
  const evaluator = createEvaluator(world, { extraBuiltins: [derivationBuiltins] });
  const value = evaluator.forceDeep(evaluator.evalText(text, "/"));
  return { value, world };
}

test("values and their contexts", () => {
  const { value, world } = evaluate(
    'builtins.derivationStrict { name = "n"; system = "x"; builder = "/b"; outputs = [ "out" "dev" ]; }',
  );
  assert.ok(value instanceof Attrs);
  assert.deepEqual(value.keys, ["dev", "drvPath", "out"]);
  const drvPath = value.get("drvPath")!;
  assert.ok(isString(drvPath));
  assert.deepEqual(contextOf(drvPath)!.sorted().map(encodeElement), [`=${textOf(drvPath)}`]);
  const dev = value.get("dev")!;
  assert.ok(isString(dev));
  assert.deepEqual(contextOf(dev)!.sorted().map(encodeElement), [`!dev!${textOf(drvPath)}`]);
  const written = parseDerivation(world.texts.get(textOf(drvPath))!, "n", "/nix/store");
  assert.equal(written.outputs.get("dev")!.path, textOf(dev));
  assert.equal(written.env.get("dev"), textOf(dev));
  assert.equal(written.env.get("outputs"), "out dev");
});

test("inputs come from contexts", () => {
  const { value, world } = evaluate(`
    let
      make = attributes: derivation ({ name = "n"; system = "x"; builder = "/b"; } // attributes);
      a = make { name = "a"; outputs = [ "out" "lib" ]; };
      text = builtins.toFile "text" "t";
    in (make { inherit text; lib = a.lib; deep = (make { name = "b"; inherit a; }).drvPath; }).drvPath`);
  assert.ok(isString(value));
  const { inputDrvs, inputSrcs } = parseDerivation(world.texts.get(textOf(value))!, "n", "/nix/store");
  const name = (path: string) => path.slice(44);
  assert.deepEqual([...inputDrvs].map(([path, outputs]) => [name(path), [...outputs].sort()]).sort(), [
    ["a.drv", ["lib", "out"]],
    ["b.drv", ["out"]],
  ]);
  assert.deepEqual([...inputSrcs].map(name).sort(), ["a.drv", "b.drv", "text"]);
});

test("placeholders", () => {
  assert.equal(
    evaluate('builtins.placeholder "out"').value,
    "/1rz4g4znpzjwh1xymhjpm42vipw92pr73vdgl6xs1hycac8kf2n9",
  );
});

test("warnings", () => {
  const { world } = evaluate(
    '(derivation { name = "n"; system = "x"; builder = "/b"; outputHash = ""; outputHashAlgo = "sha256"; __json = "{}"; }).drvPath',
  );
  assert.deepEqual(world.messages, [
    "warning: In derivation 'n': setting structured attributes via '__json' is deprecated, and may be disallowed in future versions of Nix. Set '__structuredAttrs = true' instead.",
    "warning: found empty hash, assuming 'sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='",
  ]);
  const structured = evaluate(
    '(derivation { name = "n"; system = "x"; builder = "/b"; __structuredAttrs = true; maxSize = 1; }).drvPath',
  );
  assert.match(
    structured.world.messages[0]!,
    /'structuredAttrs' disables the effect of the derivation attribute 'maxSize'/,
  );
});

const drv = 'name = "n"; system = "x"; builder = "/b";';
/** Attributes, the message of Nix 2.34, a line of its trace. */
const refusals: [string, string, string?][] = [
  [
    'system = "x"; builder = "/b";',
    "attribute 'name' missing",
    "in the attrset passed as argument to builtins.derivationStrict",
  ],
  [
    'name = 1; system = "x"; builder = "/b";',
    "expected a string but found an integer: 1",
    "while evaluating the derivation attribute 'name'",
  ],
  [
    'name = "a b"; system = "x"; builder = "/b";',
    "invalid derivation name: name 'a b' contains illegal character ' '. Please pass a different 'name'.",
  ],
  [
    'name = ""; system = "x"; builder = "/b";',
    "invalid derivation name: name must not be empty. Please pass a different 'name'.",
  ],
  [
    'name = ".."; system = "x"; builder = "/b";',
    "invalid derivation name: name '..' is not valid. Please pass a different 'name'.",
  ],
  [
    'name = "n"; system = "x";',
    "required attribute 'builder' missing",
    "while evaluating derivation 'n'\n  whose name attribute is located at «string»:1:29",
  ],
  ['name = "n"; builder = "/b";', "required attribute 'system' missing"],
  [
    'name = "n.drv"; system = "x"; builder = "/b";',
    "derivation names are allowed to end in '.drv' only if they produce a single derivation file",
  ],
  [
    `${drv} outputs = [ "a" "a" ];`,
    "duplicate derivation output 'a'",
    "while evaluating attribute 'outputs' of derivation 'n'",
  ],
  [`${drv} outputs = [ "drvPath" ];`, "invalid derivation output name 'drvPath'"],
  [`${drv} outputs = [ ];`, "derivation cannot have an empty set of outputs"],
  [
    `${drv} outputHash = "abc"; outputHashAlgo = "sha256";`,
    "hash 'abc' has wrong length for hash algorithm 'sha256'",
  ],
  [
    `${drv} outputHash = "abc";`,
    "hash 'abc' does not include a type, nor is the type otherwise known from context",
  ],
  [`${drv} outputHash = "";`, "empty hash requires explicit hash algorithm"],
  [
    `${drv} outputHash = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="; outputHashAlgo = "md5";`,
    "hash 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=' should have type 'md5'",
  ],
  [
    `${drv} outputHash = "abc"; outputHashMode = "foo";`,
    "invalid value 'foo' for 'outputHashMode' attribute",
    "while evaluating attribute 'outputHashMode' of derivation 'n'",
  ],
  [
    `${drv} outputHash = "abc"; outputHashMode = "text";`,
    "experimental Nix feature 'dynamic-derivations' is disabled (text-hashed derivation 'n', outputHashMode = \"text\"); add '--extra-experimental-features dynamic-derivations' to enable it",
  ],
  [
    `${drv} outputHash = "abc"; outputHashMode = "git";`,
    "experimental Nix feature 'git-hashing' is disabled; add '--extra-experimental-features git-hashing' to enable it",
  ],
  [
    `${drv} outputHash = "abc"; outputHashAlgo = "blake3";`,
    "experimental Nix feature 'blake3-hashes' is disabled; add '--extra-experimental-features blake3-hashes' to enable it",
  ],
  [
    `${drv} outputHash = "abc"; outputs = [ "out" "dev" ];`,
    "multiple outputs are not supported in fixed-output derivations",
  ],
  [
    `${drv} __contentAddressed = true;`,
    "experimental Nix feature 'ca-derivations' is disabled; add '--extra-experimental-features ca-derivations' to enable it",
    "while evaluating attribute '__contentAddressed' of derivation 'n'",
  ],
  [
    `${drv} __impure = true;`,
    "experimental Nix feature 'impure-derivations' is disabled; add '--extra-experimental-features impure-derivations' to enable it",
  ],
  [
    `${drv} args = "x";`,
    'expected a list but found a string: "x"',
    "while evaluating attribute 'args' of derivation 'n'",
  ],
  [
    `${drv} args = [ (x: x) ];`,
    "cannot coerce a function to a string: «lambda @ «string»:1:81»",
    "while evaluating an element of the argument list",
  ],
  [`${drv} __structuredAttrs = true; outputs = "out";`, 'expected a list but found a string: "out"'],
  [
    `${drv} __structuredAttrs = 1;`,
    "expected a Boolean but found an integer: 1",
    "while evaluating the `__structuredAttrs` attribute passed to builtins.derivationStrict",
  ],
  [`${drv} __structuredAttrs = true; foo = x: x;`, "cannot convert a function to JSON"],
  [
    `${drv} __json = "[]";`,
    "cannot process __json attribute: [json.exception.type_error.302] type must be object, but is array",
  ],
];
for (const [attributes, message, trace] of refusals)
  test(`refused: ${attributes}`, () => {
    assert.throws(
      () => evaluate(`builtins.derivationStrict { ${attributes} }`),
      (error: Error) => {
        assert.ok(error instanceof EvaluationError, error.stack ?? "");
        assert.equal(error.message, message);
        if (trace !== undefined)
          assert.ok(
            error.trace.some(({ text }) => toText(text) === trace),
            JSON.stringify(error.trace),
          );
        return true;
      },
    );
  });
