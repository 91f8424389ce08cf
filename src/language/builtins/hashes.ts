/** Hashes of strings and files, and their notations. Manual: "Built-ins". */
import { type Hash, type HashFormat, hashBytes, parseHash, parseHashAlgorithm } from "../../format/hash.ts";
import type { NixEvaluator } from "../evaluator.ts";
import type { BuiltinFamily } from "../registry.ts";
import { type Evaluator, type Pos, type Slot, textOf, type Value } from "../value.ts";
import { requiredAttribute } from "./attribute-sets.ts";

const formats: Record<string, HashFormat> = {
  base16: "base16",
  base32: "nix32",
  nix32: "nix32",
  base64: "base64",
  sri: "sri",
};

function convertHash(ev: Evaluator, pos: Pos, arguments_: Slot): Value {
  const attrs = ev.forceAttrs(
    arguments_,
    pos,
    "while evaluating the first argument passed to builtins.convertHash",
  );
  const text = ev.forceStringNoContext(
    requiredAttribute(ev, attrs, "hash", "while locating the attribute 'hash'"),
    pos,
    "while evaluating the attribute 'hash'",
  );
  const algorithmSlot = attrs.get("hashAlgo");
  const algorithm =
    algorithmSlot === undefined
      ? undefined
      : parseHashAlgorithm(
          ev.forceStringNoContext(algorithmSlot, pos, "while evaluating the attribute 'hashAlgo'"),
        );
  const formatName = ev.forceStringNoContext(
    requiredAttribute(ev, attrs, "toHashFormat", "while locating the attribute 'toHashFormat'"),
    pos,
    "while evaluating the attribute 'toHashFormat'",
  );
  const format = Object.hasOwn(formats, formatName) ? formats[formatName] : undefined;
  if (format === undefined)
    throw ev.error(`unknown hash format '${formatName}', expect 'base16', 'base32', 'base64', or 'sri'`);
  if (formatName === "base32")
    ev.world.message('warning: "base32" is a deprecated alias for hash format "nix32".');
  const hash: Hash = parseHash(text, algorithm);
  return hash.format(format);
}

export const hashBuiltins: BuiltinFamily = {
  functions: [
    {
      name: "convertHash",
      args: ["args"],
      doc: "A hash in another notation: `{ hash; hashAlgo; toHashFormat; }`, the last one of `base16`, `nix32`, `base64`, `sri`.",
      fn: convertHash,
    },
    {
      name: "hashFile",
      args: ["type", "p"],
      doc: "The hash of a file's contents in base 16, by `md5`, `sha1`, `sha256` or `sha512`.",
      fn: (ev, pos, type, path) => {
        const algorithm = parseHashAlgorithm(
          ev.forceStringNoContext(
            type,
            pos,
            "while evaluating the first argument passed to builtins.hashFile",
          ),
        );
        const file = ev.coerceToPath(path, pos, "while realising the context of a path");
        return (ev as NixEvaluator).files.hashFile(file, algorithm, pos).toBase16();
      },
    },
    {
      name: "hashString",
      args: ["type", "s"],
      doc: "The hash of a string in base 16, by `md5`, `sha1`, `sha256` or `sha512`.",
      fn: (ev, pos, type, s) => {
        const algorithm = parseHashAlgorithm(
          ev.forceStringNoContext(
            type,
            pos,
            "while evaluating the first argument passed to builtins.hashString",
          ),
        );
        const text = ev.forceString(
          s,
          pos,
          "while evaluating the second argument passed to builtins.hashString",
        );
        return hashBytes(algorithm, textOf(text)).toBase16();
      },
    },
  ],
};
