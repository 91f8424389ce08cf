/** Prints an evaluated value on standard output in the form that flags ask for: Nix's own, JSON, XML, raw. */
import { ownPos } from "../language/call.ts";
import { forceAt, noPos, type Slot, textOf } from "../language/value.ts";
import type { Evaluation } from "./evaluation.ts";
import { writeOutput } from "./output.ts";

export async function showValue(
  evaluation: Evaluation,
  selected: Slot,
  options: { readonly strict?: boolean } = {},
): Promise<void> {
  const { ev, session } = evaluation;
  const { given } = session;
  // Nix calls a function here only if there is something to call it with.
  const value =
    evaluation.arguments.size === 0 ? forceAt(selected, ownPos(selected)) : evaluation.autoCall(selected);
  const strict = options.strict ?? given.has("--strict");
  const form = given.order.findLast(([flag]) => /^--(raw|json|xml)$/.test(flag))?.[0];
  if (form === "--raw") {
    writeOutput(textOf(ev.coerceToString(value, noPos, "while generating the nix-instantiate output")));
  } else if (form === "--json") {
    const { valueToJson } = await import("../language/value-to-json.ts");
    writeOutput(`${valueToJson(ev, value, noPos).text}\n`);
  } else if (form === "--xml") {
    const { valueToXml } = await import("../language/value-to-xml.ts");
    writeOutput(valueToXml(ev, value, noPos, { strict, location: !given.has("--no-location") }).text);
  } else {
    const { printValue } = await import("../language/print.ts");
    if (strict) ev.forceDeep(value);
    writeOutput(`${printValue(ev, value)}\n`);
  }
}
