/**
 * Every family of builtins that needs nothing but the language and its world. `derivationStrict` and `placeholder`
 * come from the derivation floor.
 */
import type { BuiltinFamily } from "../registry.ts";
import { arithmeticBuiltins } from "./arithmetic.ts";
import { attributeSetBuiltins } from "./attribute-sets.ts";
import { constantBuiltins } from "./constants.ts";
import { controlBuiltins } from "./control.ts";
import { dataFormatBuiltins } from "./data-formats.ts";
import { fetcherBuiltins } from "./fetchers.ts";
import { fileBuiltins } from "./files.ts";
import { flakeBuiltins } from "./flakes.ts";
import { closureBuiltins } from "./generic-closure.ts";
import { hashBuiltins } from "./hashes.ts";
import { listBuiltins } from "./lists.ts";
import { storeObjectBuiltins } from "./store-objects.ts";
import { stringContextBuiltins } from "./string-contexts.ts";
import { stringBuiltins } from "./strings.ts";
import { typeBuiltins } from "./types.ts";

export const languageBuiltins: readonly BuiltinFamily[] = [
  arithmeticBuiltins,
  attributeSetBuiltins,
  closureBuiltins,
  constantBuiltins,
  controlBuiltins,
  dataFormatBuiltins,
  fetcherBuiltins,
  fileBuiltins,
  flakeBuiltins,
  hashBuiltins,
  listBuiltins,
  storeObjectBuiltins,
  stringBuiltins,
  stringContextBuiltins,
  typeBuiltins,
];
