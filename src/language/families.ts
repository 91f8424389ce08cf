/** The families of builtins that belong to the language itself. */
import { arithmeticBuiltins } from "./builtins/arithmetic.ts";
import { attributeSetBuiltins } from "./builtins/attribute-sets.ts";
import { dataFormatBuiltins } from "./builtins/data-formats.ts";
import { listBuiltins } from "./builtins/lists.ts";
import { stringContextBuiltins } from "./builtins/string-contexts.ts";
import { stringBuiltins } from "./builtins/strings.ts";
import { typeBuiltins } from "./builtins/types.ts";
import type { BuiltinFamily } from "./registry.ts";

export const families: readonly BuiltinFamily[] = [
  arithmeticBuiltins,
  attributeSetBuiltins,
  dataFormatBuiltins,
  listBuiltins,
  stringContextBuiltins,
  stringBuiltins,
  typeBuiltins,
];
