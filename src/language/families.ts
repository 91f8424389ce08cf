/**
 * Every family of builtins that needs nothing but the language and its world. `derivationStrict` and `placeholder`
 * come from the derivation floor.
 */

import { arithmeticBuiltins } from "./builtins/arithmetic.ts";
import { attributeSetBuiltins } from "./builtins/attribute-sets.ts";
import { constantBuiltins } from "./builtins/constants.ts";
import { controlBuiltins } from "./builtins/control.ts";
import { dataFormatBuiltins } from "./builtins/data-formats.ts";
import { fetcherBuiltins } from "./builtins/fetchers.ts";
import { fileBuiltins } from "./builtins/files.ts";
import { flakeBuiltins } from "./builtins/flakes.ts";
import { closureBuiltins } from "./builtins/generic-closure.ts";
import { hashBuiltins } from "./builtins/hashes.ts";
import { listBuiltins } from "./builtins/lists.ts";
import { storeObjectBuiltins } from "./builtins/store-objects.ts";
import { stringContextBuiltins } from "./builtins/string-contexts.ts";
import { stringBuiltins } from "./builtins/strings.ts";
import { typeBuiltins } from "./builtins/types.ts";
import type { BuiltinFamily } from "./registry.ts";

export const families: readonly BuiltinFamily[] = [
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
