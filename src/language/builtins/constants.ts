/** Constants of the base environment. `derivation`, `true`, `false`, `null` and `builtins` are the core's. */
import { Attrs } from "../attrs.ts";
import type { BuiltinFamily } from "../registry.ts";
import { later } from "../value.ts";

/** The Nix whose language this is; expressions compare it (`lib.versionAtLeast builtins.nixVersion …`). */
export const nixVersion = "2.34.8";

export const constantBuiltins: BuiltinFamily = {
  functions: [],
  constants: [
    {
      name: "currentSystem",
      doc: "The kind of machine that evaluates, such as `x86_64-linux`.",
      value: (ev) => ev.world.currentSystem,
      impureOnly: true,
    },
    {
      name: "currentTime",
      doc: "Seconds since 1970 when the evaluation began.",
      value: (ev) => later(() => ev.world.currentTime()),
      impureOnly: true,
    },
    {
      name: "langVersion",
      doc: "The version of the language.",
      value: () => 6,
    },
    {
      name: "nixPath",
      doc: 'The search path as a list of `{ path; prefix; }`; `<name>` means `builtins.findFile builtins.nixPath "name"`.',
      value: (ev) =>
        // Pure evaluation knows no names for what is outside.
        (ev.settings.pureEval ? [] : ev.nixPath).map(({ path, prefix }) =>
          Attrs.fromSorted(["path", "prefix"], [path, prefix]),
        ),
    },
    {
      name: "nixVersion",
      doc: "The version of Nix whose language this is.",
      value: () => nixVersion,
    },
    {
      name: "storeDir",
      doc: "The directory of the store.",
      value: (ev) => ev.world.storeDir,
    },
  ],
};
