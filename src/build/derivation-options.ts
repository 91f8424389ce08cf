/**
 * Attributes of a derivation that steer its build and are not just variables: manual, "Advanced attributes".
 *
 * With structured attributes they come from `__json`, and the reference checks stand in `outputChecks` alone; without,
 * from the variables of the same names, words split at white space.
 */
import type { ByteString } from "../format/bytes.ts";
import { BuildError } from "./result.ts";
import {
  isJsonArray,
  isJsonObject,
  type Json,
  JsonFloat,
  type JsonObject,
  parseJson,
} from "./structured-json.ts";

/** What a check names: a store path or one of the derivation's own outputs. Which, is seen by its look. */
export type ReferenceName = ByteString;

export interface OutputChecks {
  /** In the checks over whole closures, the output itself does not count. */
  readonly ignoreSelf: boolean;
  readonly maxSize: bigint | undefined;
  readonly maxClosureSize: bigint | undefined;
  /** undefined allows everything, an empty list nothing. */
  readonly allowedReferences: readonly ReferenceName[] | undefined;
  readonly allowedRequisites: readonly ReferenceName[] | undefined;
  readonly disallowedReferences: readonly ReferenceName[];
  readonly disallowedRequisites: readonly ReferenceName[];
}

export interface DerivationOptions {
  /** Parsed `__json`, if the derivation has structured attributes. */
  readonly structured: JsonObject | undefined;
  readonly checksFor: (output: ByteString) => OutputChecks | undefined;
  readonly unsafeDiscardReferences: ReadonlySet<ByteString>;
  readonly passAsFile: ReadonlySet<ByteString>;
  /** File name or attribute → the paths whose closures are to be described. */
  readonly exportReferencesGraph: ReadonlyMap<ByteString, readonly ByteString[]>;
  readonly noChroot: boolean;
  readonly impureEnvVars: readonly ByteString[];
  readonly requiredSystemFeatures: readonly ByteString[];
  readonly preferLocalBuild: boolean;
  readonly allowSubstitutes: boolean;
}

const words = (text: ByteString): ByteString[] => text.split(/[ \t\n\r]+/).filter((word) => word !== "");

function rejected(message: string): never {
  throw new BuildError(message, { kind: "input-rejected" });
}

/**
 * @param env the derivation's variables
 * @param json text of its structured attributes, if it has them; `__json` among the variables counts too
 * @throws BuildError for an attribute of the wrong type
 */
export function derivationOptions(
  env: ReadonlyMap<ByteString, ByteString>,
  json: ByteString | undefined = env.get("__json"),
): DerivationOptions {
  const parsed = json === undefined ? undefined : parseJson(json);
  if (parsed !== undefined && !isJsonObject(parsed)) rejected("the '__json' attribute is not a JSON object");
  const structured = parsed as JsonObject | undefined;

  const boolean = (name: ByteString, otherwise: boolean): boolean => {
    if (structured === undefined) {
      const value = env.get(name);
      return value === undefined ? otherwise : value === "1";
    }
    const value = structured.get(name);
    if (value === undefined) return otherwise;
    return typeof value === "boolean" ? value : rejected(`attribute '${name}' must be a Boolean`);
  };
  const list = (name: ByteString): ByteString[] | undefined => {
    if (structured === undefined) {
      const value = env.get(name);
      return value === undefined ? undefined : [...new Set(words(value))];
    }
    const value = structured.get(name);
    return value === undefined ? undefined : strings(value, name);
  };

  return {
    structured,
    checksFor: structured === undefined ? plainChecks(list) : structuredChecks(structured),
    unsafeDiscardReferences: discarded(structured),
    passAsFile: new Set(structured === undefined ? words(env.get("passAsFile") ?? "") : []),
    exportReferencesGraph: referencesGraph(env, structured),
    noChroot: boolean("__noChroot", false),
    impureEnvVars: list("impureEnvVars") ?? [],
    requiredSystemFeatures: list("requiredSystemFeatures") ?? [],
    preferLocalBuild: boolean("preferLocalBuild", false),
    allowSubstitutes: boolean("allowSubstitutes", true),
  };
}

function strings(value: Json, name: string): ByteString[] {
  if (!isJsonArray(value)) return rejected(`attribute '${name}' must be a list of strings`);
  return value.map((item) =>
    typeof item === "string" ? item : rejected(`attribute '${name}' must be a list of strings`),
  );
}

function plainChecks(list: (name: ByteString) => ByteString[] | undefined): () => OutputChecks {
  const checks: OutputChecks = {
    ignoreSelf: true,
    maxSize: undefined,
    maxClosureSize: undefined,
    allowedReferences: list("allowedReferences"),
    allowedRequisites: list("allowedRequisites"),
    disallowedReferences: list("disallowedReferences") ?? [],
    disallowedRequisites: list("disallowedRequisites") ?? [],
  };
  return () => checks;
}

function structuredChecks(structured: JsonObject): (output: ByteString) => OutputChecks | undefined {
  const all = structured.get("outputChecks");
  if (all === undefined) return () => undefined;
  if (!isJsonObject(all)) return rejected("attribute 'outputChecks' must be a set");
  const byOutput = new Map<ByteString, OutputChecks>();
  for (const [output, given] of all) {
    if (!isJsonObject(given)) return rejected(`attribute 'outputChecks."${output}"' must be a set`);
    const size = (name: ByteString): bigint | undefined => {
      const value = given.get(name);
      if (value === undefined) return undefined;
      if (typeof value === "bigint" && value >= 0n) return value;
      if (value instanceof JsonFloat && value.value >= 0) return BigInt(Math.trunc(value.value));
      return rejected(`attribute 'outputChecks."${output}".${name}' must be a number of bytes`);
    };
    const names = (name: ByteString): ByteString[] | undefined => {
      const value = given.get(name);
      return value === undefined ? undefined : strings(value, `outputChecks."${output}".${name}`);
    };
    byOutput.set(output, {
      ignoreSelf: false,
      maxSize: size("maxSize"),
      maxClosureSize: size("maxClosureSize"),
      allowedReferences: names("allowedReferences"),
      allowedRequisites: names("allowedRequisites"),
      disallowedReferences: names("disallowedReferences") ?? [],
      disallowedRequisites: names("disallowedRequisites") ?? [],
    });
  }
  return (output) => byOutput.get(output);
}

function discarded(structured: JsonObject | undefined): Set<ByteString> {
  const value = structured?.get("unsafeDiscardReferences");
  if (value === undefined) return new Set();
  if (!isJsonObject(value)) return rejected("attribute 'unsafeDiscardReferences' must be a set of Booleans");
  return new Set([...value].filter(([, flag]) => flag === true).map(([output]) => output));
}

function referencesGraph(
  env: ReadonlyMap<ByteString, ByteString>,
  structured: JsonObject | undefined,
): Map<ByteString, ByteString[]> {
  const graph = new Map<ByteString, ByteString[]>();
  if (structured !== undefined) {
    const value = structured.get("exportReferencesGraph");
    // Nix warns and goes on when it is no set.
    if (isJsonObject(value)) for (const [key, paths] of value) graph.set(key, flatten(paths));
    return graph;
  }
  const text = env.get("exportReferencesGraph") ?? "";
  const tokens = words(text);
  if (tokens.length % 2 !== 0) return rejected(`odd number of tokens in 'exportReferencesGraph': '${text}'`);
  for (let index = 0; index < tokens.length; index += 2) {
    const name = tokens[index] as ByteString;
    if (!/^[A-Za-z_][A-Za-z0-9_.-]*$/.test(name))
      rejected(`invalid file name '${name}' in 'exportReferencesGraph'`);
    graph.set(name, [tokens[index + 1] as ByteString]);
  }
  return graph;
}

function flatten(value: Json): ByteString[] {
  if (typeof value === "string") return [value];
  if (isJsonArray(value)) return value.flatMap(flatten);
  return rejected("'exportReferencesGraph' value is not an array or a string");
}
