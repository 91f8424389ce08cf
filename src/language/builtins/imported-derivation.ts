/**
 * `import /nix/store/….drv`: a derivation's file as the set that `derivation` once gave for it. Manual: `import`.
 *
 * The language does not know the file's format; the world describes it.
 */
import type { ByteString } from "../../format/bytes.ts";
import { isInStore, tryParseStorePath } from "../../format/store-path.ts";
import { AttrsBuilder } from "../attrs.ts";
import { builtElement, Context, drvDeepElement } from "../context.ts";
import type { NixEvaluator } from "../evaluator.ts";
import { type Evaluator, makeString, type Pos, type Value } from "../value.ts";

const wrapperSource = `attrs@{ drvPath, outputs, name, ... }:
let
  sets = map
    (output: {
      name = output;
      value = shared // {
        outPath = builtins.getAttr output attrs;
        outputName = output;
      };
    })
    outputs;
  shared = builtins.listToAttrs sets // {
    all = map (set: set.value) sets;
    inherit drvPath name;
    type = "derivation";
  };
in (builtins.head sets).value
`;

const wrappers = new WeakMap<Evaluator, Value>();

/** Undefined if the path is not a valid derivation of the store. */
export function importedDerivation(ev: Evaluator, pos: Pos, path: ByteString): Value | undefined {
  const { world } = ev;
  if (!path.endsWith(".drv") || !isInStore(path, world.storeDir)) return undefined;
  const drvPath = tryParseStorePath(path, world.storeDir);
  if (drvPath === undefined || !world.isValidPath(drvPath)) return undefined;
  if (world.describeDerivation === undefined)
    throw ev.error(
      `cannot import the derivation '${path}': this evaluation cannot read derivation files`,
      pos,
    );
  const { name, outputs } = world.describeDerivation(drvPath);
  const attrs = new AttrsBuilder();
  attrs.set("drvPath", makeString(drvPath, Context.of(drvDeepElement(drvPath))));
  attrs.set("name", name);
  const names = [...outputs.keys()].sort();
  for (const output of names)
    attrs.set(output, makeString(outputs.get(output)!, Context.of(builtElement(drvPath, output))));
  attrs.set("outputs", names);
  let wrapper = wrappers.get(ev);
  if (wrapper === undefined) {
    wrapper = (ev as NixEvaluator).evalInternal("imported-drv-to-derivation.nix", wrapperSource);
    wrappers.set(ev, wrapper);
  }
  return ev.call(wrapper, attrs.build(), pos);
}
