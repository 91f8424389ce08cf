/** JSON, TOML and XML. Manual: "Built-ins"; TOML 1.0 without dates and times, which Nix refuses too. */
import { JsonError, parseJson } from "../json.ts";
import type { BuiltinFamily } from "../registry.ts";
import { parseToml, TomlError } from "../toml.ts";
import { makeString, noPos } from "../value.ts";
import { valueToJson } from "../value-to-json.ts";
import { valueToXml } from "../value-to-xml.ts";

export const dataFormatBuiltins: BuiltinFamily = {
  functions: [
    {
      name: "fromJSON",
      args: ["e"],
      doc: "The value that a JSON text says.",
      fn: (ev, pos, s) => {
        const text = ev.forceStringNoContext(
          s,
          pos,
          "while evaluating the first argument passed to builtins.fromJSON",
        );
        try {
          return parseJson(text);
        } catch (error) {
          if (!(error instanceof JsonError)) throw error;
          const shown = ev.error(error.bytes, noPos);
          throw error.syntax ? shown.addTrace(pos, "while decoding a JSON string") : shown;
        }
      },
    },
    {
      name: "fromTOML",
      args: ["e"],
      global: true,
      doc: "The value that a TOML text says.",
      fn: (ev, pos, s) => {
        const text = ev.forceStringNoContext(
          s,
          pos,
          "while evaluating the argument passed to builtins.fromTOML",
        );
        try {
          return parseToml(text);
        } catch (error) {
          if (!(error instanceof TomlError)) throw error;
          throw ev.error(`while parsing TOML: ${error.bytes}`, pos);
        }
      },
    },
    {
      name: "toJSON",
      args: ["e"],
      doc: "The value as JSON. Derivations are their `outPath`, paths are copied to the store.",
      fn: (ev, pos, value) => {
        const { text, context } = valueToJson(ev, value, pos);
        return makeString(text, context);
      },
    },
    {
      name: "toXML",
      args: ["e"],
      doc: "The value as XML, for style sheets.",
      fn: (ev, pos, value) => {
        const { text, context } = valueToXml(ev, value, pos);
        return makeString(text, context);
      },
    },
  ],
};
