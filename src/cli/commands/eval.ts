/** `bruma eval`: evaluates an expression or a file and prints the value. */

import { existsSync } from "node:fs";
import { toBytes } from "../../format/bytes.ts";
import { force } from "../../language/value.ts";
import type { Command } from "../command.ts";
import { openSession } from "../compose.ts";
import { expressionSources, fileSource, startEvaluation, textSource } from "../evaluation.ts";
import { buildFlags, evaluationFlags, lockFlags } from "../flags.ts";
import { selectTyped } from "../flake-installable.ts";
import { attrPaths } from "../nix/nix-instantiate.ts";
import { showValue } from "../show-value.ts";

export const evalCommand: Command = {
  line: {
    name: "bruma eval",
    usage: "[FLAG…] [EXPRESSION | FILE | FLAKE#NAME | -]",
    summary: "Evaluates an expression (or a file that exists) and prints the value, whole.",
    flags: [
      {
        names: ["--file", "-f"],
        arguments: ["FILE"],
        help: "evaluate this file; the argument is then an attribute of it",
      },
      { names: ["--expr", "-E"], help: "the argument is an expression, even if a file has that name" },
      { names: ["--attr", "-A"], arguments: ["ATTRIBUTE"], help: "take this attribute of the value" },
      { names: ["--apply"], arguments: ["FUNCTION"], help: "apply a function to the value first" },
      { names: ["--json"], help: "print as JSON" },
      { names: ["--raw"], help: "print a string as it is, without quotes and line break" },
      { names: ["--xml"], help: "print as XML" },
      { names: ["--no-location"] },
      { names: ["--lazy"], help: "leave what is not evaluated yet as «thunk»" },
      { names: ["--strict"] },
      { names: ["--read-only"], help: "write nothing to the store" },
      ...lockFlags,
      ...evaluationFlags,
      ...buildFlags,
    ],
    examples: [
      ["bruma eval '1 + 1'", "prints 2"],
      ["bruma eval .#lib.version", "an output of this directory's flake"],
      ["bruma eval -f shell.nix drvPath --raw", "the derivation that a file means"],
    ],
  },
  async run(given) {
    const file = given.value("--file");
    const [first] = given.positional;
    // `.#x` and the like: as an expression it would be a comment, at best.
    const isFlake =
      file === undefined &&
      !given.has("--expr") &&
      /^[^\s'"(){}]+#\S*$/.test(first ?? "") &&
      !existsSync(first!);
    const session = await openSession(given, { readOnly: given.has("--read-only"), pureEval: isFlake });
    try {
      const evaluation = startEvaluation(session);
      let paths = attrPaths(given);
      let source: Pick<ReturnType<typeof textSource>, "evaluate"> | undefined;
      if (isFlake) source = { evaluate: () => force(selectTyped(evaluation, given, first!, "eval").slot) };
      else if (file !== undefined) {
        source = fileSource(evaluation, file);
        if (first !== undefined) paths = given.positional.map(toBytes);
      } else if (first !== undefined && first !== "-" && !given.has("--expr") && !existsSync(first)) {
        source = textSource(evaluation, toBytes(first));
      }
      const sources =
        source === undefined ? expressionSources(evaluation, { defaultFile: "./default.nix" }) : [source];
      for (const one of sources) {
        const root = one.evaluate();
        for (const path of paths) {
          let selected = evaluation.select(root, path);
          const apply = given.value("--apply");
          if (apply !== undefined) {
            selected = evaluation.ev.call(textSource(evaluation, toBytes(apply)).evaluate(), selected, 0);
          }
          await showValue(evaluation, selected, { strict: !given.has("--lazy") });
        }
      }
      return 0;
    } finally {
      session.close();
    }
  },
};
