/** Order of evaluation, failing, catching, messages, importing. Manual: "Built-ins". */
import { Attrs } from "../attrs.ts";
import { asEvaluationError, EvaluationError } from "../errors.ts";
import type { NixEvaluator } from "../evaluator.ts";
import { showValue } from "../print.ts";
import { chomp } from "../print-error.ts";
import type { BuiltinFamily } from "../registry.ts";
import { type Evaluator, force, isString, type Pos, type Slot, textOf, type Value } from "../value.ts";
import { importedDerivation } from "./imported-derivation.ts";

function trace(ev: Evaluator, _pos: Pos, message: Slot, value: Slot): Value {
  const shown = force(message);
  ev.world.message(`trace: ${isString(shown) ? textOf(shown) : showValue(ev as NixEvaluator, shown)}`);
  return force(value);
}

function addErrorContext(ev: Evaluator, pos: Pos, message: Slot, value: Slot): Value {
  try {
    return force(value);
  } catch (error) {
    const known = asEvaluationError(error);
    if (!(known instanceof EvaluationError)) throw error;
    const text = ev.coerceToString(
      message,
      pos,
      "while evaluating the error message passed to builtins.addErrorContext",
      { copyToStore: false },
    );
    throw known.addTrace(0, textOf(text), true);
  }
}

function tryEval(_ev: Evaluator, _pos: Pos, value: Slot): Value {
  try {
    force(value);
    return Attrs.fromSorted(["success", "value"], [true, value]);
  } catch (error) {
    // `throw`, `assert` and a missing search path entry; nothing else.
    if (error instanceof EvaluationError && (error.kind === "thrown" || error.kind === "assertion"))
      return Attrs.fromSorted(["success", "value"], [false, false]);
    throw error;
  }
}

function importPath(ev: Evaluator, pos: Pos, path: Slot, scope: Slot | undefined): Value {
  const file = ev.coerceToPath(path, pos, "while realising the context of a path");
  const derivation = importedDerivation(ev, pos, file);
  if (derivation !== undefined) return derivation;
  if (scope === undefined) return ev.importFile(file, pos);
  const attrs = ev.forceAttrs(
    scope,
    pos,
    "while evaluating the first argument passed to builtins.scopedImport",
  );
  return ev.evalFileScoped(file, attrs, pos);
}

const indent = " ".repeat("evaluation warning: ".length);

export const controlBuiltins: BuiltinFamily = {
  functions: [
    {
      name: "abort",
      args: ["s"],
      global: true,
      doc: "Ends the evaluation with a message; `tryEval` does not catch it.",
      fn: (ev, pos, s) => {
        const message = ev.coerceToString(
          s,
          pos,
          "while evaluating the error message passed to builtins.abort",
        );
        throw ev.abort(`evaluation aborted with the following error message: '${textOf(message)}'`);
      },
    },
    {
      name: "addErrorContext",
      args: ["message", "value"],
      doc: "The value; should its evaluation fail, the message is added to the error.",
      fn: addErrorContext,
    },
    {
      name: "break",
      args: ["v"],
      global: true,
      doc: "The value itself: a place for a debugger to stop.",
      fn: (_ev, _pos, value) => force(value),
    },
    {
      name: "deepSeq",
      args: ["e1", "e2"],
      doc: "Evaluates the first value with everything in it, then gives the second.",
      fn: (ev, pos, a, b) => {
        ev.forceDeep(a, pos);
        return force(b);
      },
    },
    {
      name: "getEnv",
      args: ["s"],
      doc: "The environment variable of that name, empty if there is none and in restricted or pure evaluation.",
      fn: (ev, pos, s) => {
        const name = ev.forceStringNoContext(
          s,
          pos,
          "while evaluating the first argument passed to builtins.getEnv",
        );
        if (ev.settings.restrictEval || ev.settings.pureEval) return "";
        return ev.world.environment(name) ?? "";
      },
    },
    {
      name: "import",
      args: ["path"],
      global: true,
      doc: "What the expression in a file means; of a directory, that in its `default.nix`. Evaluated once.",
      fn: (ev, pos, path) => importPath(ev, pos, path, undefined),
    },
    {
      name: "scopedImport",
      args: ["scope", "path"],
      global: true,
      doc: "As `import`, with the attributes of a set as further variables. Evaluated each time.",
      fn: (ev, pos, scope, path) => importPath(ev, pos, path, scope),
    },
    {
      name: "seq",
      args: ["e1", "e2"],
      doc: "Evaluates the first value, but not what is in it, then gives the second.",
      fn: (_ev, _pos, a, b) => {
        force(a);
        return force(b);
      },
    },
    {
      name: "throw",
      args: ["s"],
      global: true,
      doc: "Fails with a message; `tryEval` catches it.",
      fn: (ev, pos, s) => {
        const message = ev.coerceToString(
          s,
          pos,
          "while evaluating the error message passed to builtin.throw",
        );
        throw ev.thrown(textOf(message));
      },
    },
    {
      name: "trace",
      args: ["e1", "e2"],
      doc: "Prints the first value to standard error, then gives the second.",
      fn: trace,
    },
    {
      name: "traceVerbose",
      args: ["e1", "e2"],
      doc: "As `trace` with the setting `trace-verbose`; without it, the first value is not evaluated.",
      fn: (ev, pos, a, b) => (ev.settings.traceVerbose ? trace(ev, pos, a, b) : force(b)),
    },
    {
      name: "tryEval",
      args: ["e"],
      doc: "`{ success; value; }` of evaluating the value, but not what is in it; catches `throw` and `assert` alone.",
      fn: tryEval,
    },
    {
      name: "warn",
      args: ["e1", "e2"],
      doc: "Prints a warning, which must be a string, then gives the second value.",
      fn: (ev, pos, message, value) => {
        const text = ev.forceString(
          message,
          pos,
          "while evaluating the first argument; the message passed to builtins.warn",
        );
        const said = chomp(textOf(text));
        const lines = said
          .split("\n")
          .map((line, i) => chomp(`${i === 0 ? "evaluation warning: " : indent}${line}`));
        // Of nothing to say, Nix makes an empty line.
        ev.world.message(said === "" ? "" : lines.join("\n"));
        if (ev.settings.abortOnWarn) {
          throw ev.error("aborting to reveal stack trace of warning, as abort-on-warn is set");
        }
        return force(value);
      },
    },
  ],
};
