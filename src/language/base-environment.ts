/**
 * The scope every file starts with, and the `builtins` set, made of the families' lists.
 *
 * A builtin that is not global can still be reached as `__NAME`, and that is what operators call (`__sub`).
 */
import { derivationSource } from "./derivation-wrapper.ts";
import type { NixEvaluator } from "./evaluator.ts";
import type { BuiltinFamily } from "./registry.ts";
import { type Sym, symbol } from "./symbol.ts";
import { later, PrimOp, type Slot } from "./value.ts";

/** Adds everything to `globals`; gives the contents of `builtins`. */
export function fillBaseEnvironment(
  ev: NixEvaluator,
  families: readonly BuiltinFamily[],
  globals: Map<Sym, Slot>,
): Map<string, Slot> {
  const builtins = new Map<string, Slot>();
  const add = (name: string, slot: Slot, global: boolean): void => {
    builtins.set(name, slot);
    globals.set(symbol(global ? name : `__${name}`), slot);
  };
  add("true", true, true);
  add("false", false, true);
  add("null", null, true);
  for (const { functions, constants } of families) {
    for (const { name, args, fn, doc, global, feature, internal } of functions) {
      if (feature !== undefined && !ev.settings.experimentalFeatures.has(feature)) continue;
      const op = new PrimOp(ev, name, fn, args, doc);
      if (internal === true) globals.set(symbol(name), op);
      else add(name, op, global ?? false);
    }
    for (const { name, value, global, impureOnly } of constants ?? []) {
      if (impureOnly === true && ev.settings.pureEval) continue;
      add(name, value(ev), global ?? false);
    }
  }
  add(
    "derivation",
    later(() => ev.evalInternal("\xc2\xabnix-internal\xc2\xbb/derivation-internal.nix", derivationSource)),
    true,
  );
  add(
    "builtins",
    later(() => ev.builtins),
    true,
  );
  return builtins;
}
