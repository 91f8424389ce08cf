/** `.drv` files: bytes that Nix wrote come back, hostile ones are refused. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import * as fc from "fast-check";
import { FormatError } from "../format/format-error.ts";
import { parseDerivation, printDerivation, printerOf } from "./aterm.ts";
import { type Derivation, isFixedOutput, structuredAttrs } from "./derivation.ts";
import { DerivationError } from "./derivation-error.ts";
import { checkOutputPaths, DerivationHasher } from "./hash-modulo.ts";

const store = "/nix/store";
const hasher = new DerivationHasher((path) => {
  throw new Error(`nothing at ${path}`);
});

// Written by Nix 2.34, all named "a".
const written = [
  String.raw`Derive([("dev","/nix/store/nqczjv7kzp8i37qgr6gh42fh4b5wp5x4-a-dev","",""),("out","/nix/store/5pxgs1f4qqp12pvcdz6sai1kw0hjka1c-a","","")],[],[],"x","/b",[],[("__json","{\"builder\":\"/b\",\"e\":\"é\",\"f\":1e+300,\"g\":0.1,\"h\":3.0,\"name\":\"a\",\"outputs\":[\"out\",\"dev\"],\"system\":\"x\",\"x\":1.5,\"y\":null,\"z\":{\"a\":[true,\"q\\\"\"],\"b\":1}}"),("dev","/nix/store/nqczjv7kzp8i37qgr6gh42fh4b5wp5x4-a-dev"),("out","/nix/store/5pxgs1f4qqp12pvcdz6sai1kw0hjka1c-a")])`,
  `Derive([("out","/nix/store/80iz39mz6cyx9h1g72v0kgnwwddi5yxd-a","","")],[],[],"x","/b",[],[("__structuredAttrs",""),("a",""),("b","1"),("builder","/b"),("c",""),("d","1 a 2 "),("e","1.500000"),("ign",""),("name","a"),("out","/nix/store/80iz39mz6cyx9h1g72v0kgnwwddi5yxd-a"),("system","x")])`,
  `Derive([("out","/nix/store/vvg4vb767vrnsqhb7ih58v4a5gq4iyy4-a","r:sha256","e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")],[],[],"x","/b",[],[("builder","/b"),("name","a"),("out","/nix/store/vvg4vb767vrnsqhb7ih58v4a5gq4iyy4-a"),("outputHash","sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="),("outputHashAlgo",""),("outputHashMode","nar"),("system","x")])`,
].map((text) => Buffer.from(text, "utf8").toString("latin1"));

test("what Nix wrote comes back, and its output paths are right", () => {
  for (const text of written) {
    const derivation = parseDerivation(text, "a", store);
    assert.equal(printDerivation(derivation), text);
    checkOutputPaths(derivation, hasher, store);
  }
  const [structured, , fixed] = written.map((text) => parseDerivation(text, "a", store));
  assert.match(structuredAttrs(structured!)!, /^\{"builder"/);
  assert.ok(isFixedOutput(fixed!));
  assert.ok(!isFixedOutput(structured!));
});

const bytes = fc.uint8Array({ maxLength: 20 }).map((array) => Buffer.from(array).toString("latin1"));

test("every derivation comes back", () => {
  fc.assert(
    fc.property(
      fc.array(bytes),
      fc.array(fc.tuple(bytes, bytes)),
      bytes.filter((text) => !/["\\]/.test(text)),
      bytes,
      (args, env, system, builder) => {
        const derivation: Derivation = {
          name: "a",
          outputs: new Map([
            ["out", { path: `${store}/5pxgs1f4qqp12pvcdz6sai1kw0hjka1c-a`, hashAlgo: "", hash: "" }],
          ]),
          inputDrvs: new Map([[`${store}/5pxgs1f4qqp12pvcdz6sai1kw0hjka1c-b.drv`, new Set(["out", "dev"])]]),
          inputSrcs: new Set([`${store}/5pxgs1f4qqp12pvcdz6sai1kw0hjka1c-c`]),
          system,
          builder,
          args,
          env: new Map(env),
        };
        const text = printDerivation(derivation);
        const back = parseDerivation(text, "a", store);
        assert.deepEqual(back, derivation);
        assert.equal(printDerivation(back), text);
      },
    ),
  );
});

test("refusals", () => {
  const [, plain, fixed] = written as [string, string, string];
  const says = (text: string, message: RegExp) =>
    assert.throws(
      () => parseDerivation(text, "a", store),
      (error: Error) => {
        assert.ok(error instanceof DerivationError);
        assert.match(error.message, message);
        return true;
      },
    );
  says("", /does not start with 'Derive'/);
  says("Derive", /expected string 'Derive\('/);
  says("Derive([", /expected string/);
  says(`${plain}x`, /trailing text/);
  says(plain.slice(0, -2), /expected string|unterminated/);
  says(plain.replace("/nix/store/80i", "/tmp/80i"), /not in the Nix store/);
  says(plain.replace("/nix/store/80i", "/nix/store//80i"), /not in the Nix store/);
  says(plain.replace('"/nix/store/80iz39mz6cyx9h1g72v0kgnwwddi5yxd-a","",""', '"","",""'), /ca-derivations/);
  says(plain.replace("Derive(", 'DrvWithVersion("xp-dyn-drv",'), /dynamic-derivations/);
  says(
    plain.replace("],[],[],", '],[("/nix/store/80iz39mz6cyx9h1g72v0kgnwwddi5yxd-a.drv",[])],[],'),
    /specifies no outputs/,
  );
  says(fixed.replace("vvg4vb767", "vvg4vb768"), /does not match its content address/);
  says(fixed.replace('"e3b0c4', '"e3b0c'), /wrong length/);
  says(fixed.replace('"r:sha256"', '"r:sha257"'), /unknown hash algorithm/);
  says(
    fixed.replace(
      '"r:sha256","e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"',
      '"r:sha256","impure"',
    ),
    /impure/,
  );
  says('Derive([],[],[],"x","/b",[],[])', /at least one output/);
  says('Derive([("out","\\', /unterminated/);
});

test("a derivation cannot claim another's path", () => {
  const [, plain] = written as [string, string];
  const other = plain.replaceAll("80iz39mz6cyx9h1g72v0kgnwwddi5yxd", "80iz39mz6cyx9h1g72v0kgnwwddi5yxf");
  assert.throws(
    () => checkOutputPaths(parseDerivation(other, "a", store), hasher, store),
    /incorrect output/,
  );
  const variable = plain.replace('("out","/nix/store/80iz39mz6cyx9h1g72v0kgnwwddi5yxd-a")', '("out","/etc")');
  assert.throws(
    () => checkOutputPaths(parseDerivation(variable, "a", store), hasher, store),
    /incorrect environment variable 'out'/,
  );
});

test("damaged files never crash the parser", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...written),
      fc.nat(800),
      fc.integer({ min: 0, max: 255 }),
      (text, at, byte) => {
        const position = at % text.length;
        const damaged = text.slice(0, position) + String.fromCharCode(byte) + text.slice(position + 1);
        try {
          parseDerivation(damaged, "a", store);
        } catch (error) {
          if (!(error instanceof DerivationError) && !(error instanceof FormatError)) throw error;
        }
      },
    ),
    { numRuns: 2000 },
  );
});

test("a printer's hash is that of what it prints, in any order and with others in between", () => {
  const derivations = written.map((text) => parseDerivation(text, "a", store));
  const others = new Map(
    ["out", "dev"].map((name) => [name, { path: `${store}/${name}`, hashAlgo: "", hash: "" }]),
  );
  const env = new Map(["out", "dev"].map((name) => [name, `\xff"${name}`]));
  const step = fc.record({
    which: fc.nat({ max: derivations.length - 1 }),
    inputs: fc.constantFrom("[]", '[("a",["out"])]'),
    outputs: fc.constantFrom("own", "others", "masked"),
    given: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30, size: "max" }), (steps) => {
      const printers = derivations.map(printerOf);
      for (const { which, inputs, outputs, given } of steps) {
        const own = derivations[which]!.outputs;
        const shown = outputs === "own" ? own : outputs === "others" ? others : undefined;
        const asked = [inputs, shown, given ? env : undefined] as const;
        const text = printers[which]!.print(...asked);
        const expected = createHash("sha256").update(text, "latin1").digest("hex");
        assert.equal(printers[which]!.hash(...asked), expected);
      }
    }),
  );
});

test("a derivation that is its own input is refused", () => {
  const path = `${store}/80iz39mz6cyx9h1g72v0kgnwwddi5yxd-a.drv`;
  const text = (written[1] as string).replace("],[],[],", `],[("${path}",["out"])],[],`);
  const circular = new DerivationHasher(() => parseDerivation(text, "a", store));
  const inputs = new Map([[path, new Set(["out"])]]);
  assert.throws(() => circular.printInputs(inputs, "b"), /input of itself/);
});

test("inputs of one hash unite their outputs", () => {
  const plain = parseDerivation(written[1] as string, "a", store);
  const fixed = parseDerivation(written[2] as string, "a", store);
  const inputs = new DerivationHasher(() => assert.fail("all are known"));
  const [a, b, c] = ["a", "b", "c"].map((letter) => `${store}/${letter.repeat(32)}-x.drv`);
  inputs.add(a!, plain);
  inputs.add(b!, plain);
  inputs.add(c!, fixed);
  const only = (path: string) => inputs.printInputs(new Map([[path, new Set(["out"])]]), "user");
  const hash = (path: string) => /^\[\("([0-9a-f]{64})",\["out"\]\)\]$/.exec(only(path))![1]!;
  assert.equal(hash(a!), hash(b!));
  const printed = inputs.printInputs(
    new Map([
      [a!, new Set(["out", "lib"])],
      [c!, new Set(["out"])],
      [b!, new Set(["out", "dev"])],
    ]),
    "user",
  );
  const items = [`("${hash(a!)}",["dev","lib","out"])`, `("${hash(c!)}",["out"])`];
  assert.equal(printed, `[${items.sort().join(",")}]`);
  assert.throws(
    () => inputs.printInputs(new Map([[c!, new Set(["out", "dev"])]]), "user"),
    /no hash for output 'dev' of derivation 'user'/,
  );
});
