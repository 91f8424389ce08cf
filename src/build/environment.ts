/**
 * The variables and files that a builder starts with, the same as Nix's.
 *
 * Manual: "Derivations — builder execution", and "Advanced attributes" for passAsFile, structured attributes,
 * exportReferencesGraph and impureEnvVars. Output placeholders become paths in variables, arguments and files.
 */
import { hashPlaceholder } from "../derivation/derivation.ts";
import type { ByteString } from "../format/bytes.ts";
import { printContentAddress } from "../format/content-address.ts";
import { hashBytes } from "../format/hash.ts";
import { encodeNix32 } from "../format/nix32.ts";
import { type StorePath, splitStorePath } from "../format/store-path.ts";
import type { Store } from "../store/store.ts";
import type { DerivationOptions } from "./derivation-options.ts";
import { BuildError } from "./result.ts";
import {
  isJsonArray,
  isJsonObject,
  type Json,
  JsonFloat,
  type JsonObject,
  printJson,
  sortedKeys,
} from "./structured-json.ts";

export interface BuilderInput {
  readonly args: readonly ByteString[];
  readonly env: ReadonlyMap<ByteString, ByteString>;
  /** Output name → path that the builder is to make. */
  readonly outputs: ReadonlyMap<ByteString, ByteString>;
  readonly fixedOutput: boolean;
  readonly options: DerivationOptions;
}

export interface BuilderSurroundings {
  readonly store: Store;
  /** Closure of everything the derivation names as input. */
  readonly inputClosure: ReadonlySet<ByteString>;
  /** As the builder sees it: `/build` in the sandbox. */
  readonly buildDir: ByteString;
  readonly cores: number;
  /** The caller's environment, for impureEnvVars. */
  readonly hostEnvironment: (name: ByteString) => ByteString | undefined;
}

export interface BuilderEnvironment {
  readonly args: ByteString[];
  readonly env: Map<ByteString, ByteString>;
  /** Files to write into the build directory: plain name → contents. */
  readonly files: Map<ByteString, ByteString>;
}

/** @throws BuildError for a references graph of something that is no input */
export function builderEnvironment(input: BuilderInput, around: BuilderSurroundings): BuilderEnvironment {
  const { options } = input;
  const files = new Map<ByteString, ByteString>();
  const env = new Map<ByteString, ByteString>([
    // A shell without PATH would make up one of the host's.
    ["PATH", "/path-not-set"],
    ["HOME", "/homeless-shelter"],
    ["NIX_STORE", around.store.storeDir],
    ["NIX_BUILD_CORES", `${around.cores}`],
  ]);
  const setFile = (variable: ByteString, file: ByteString, contents: ByteString) => {
    files.set(file, contents);
    env.set(variable, `${around.buildDir}/${file}`);
  };

  if (options.structured !== undefined) {
    const attributes = new Map<ByteString, Json>(options.structured);
    attributes.set("outputs", new Map([...input.outputs]));
    for (const [key, paths] of options.exportReferencesGraph) {
      attributes.set(key, describePaths(around.store, exportReferences(paths, around)));
    }
    setFile("NIX_ATTRS_SH_FILE", ".attrs.sh", printShell(attributes));
    setFile("NIX_ATTRS_JSON_FILE", ".attrs.json", printJson(attributes));
  } else {
    for (const [name, value] of input.env) {
      if (!options.passAsFile.has(name)) env.set(name, value);
      else setFile(`${name}Path`, `.attr-${encodeNix32(hashBytes("sha256", name).bytes)}`, value);
    }
    for (const [file, paths] of options.exportReferencesGraph) {
      files.set(file, registration(around.store, exportReferences(paths, around)));
    }
  }

  for (const name of ["NIX_BUILD_TOP", "TMPDIR", "TEMPDIR", "TMP", "TEMP", "PWD"])
    env.set(name, around.buildDir);
  if (input.fixedOutput) {
    env.set("NIX_OUTPUT_CHECKED", "1");
    for (const name of options.impureEnvVars) env.set(name, around.hostEnvironment(name) ?? "");
  }
  env.set("NIX_LOG_FD", "2");
  env.set("TERM", "xterm-256color");

  const rewrite = placeholderRewriter(input.outputs);
  return {
    args: input.args.map(rewrite),
    env: new Map([...env].map(([name, value]) => [rewrite(name), rewrite(value)])),
    files: new Map([...files].map(([name, contents]) => [name, rewrite(contents)])),
  };
}

function placeholderRewriter(outputs: ReadonlyMap<ByteString, ByteString>): (text: ByteString) => ByteString {
  const pairs = [...outputs].map(([output, path]) => [hashPlaceholder(output), path] as const);
  return (text) => {
    let result = text;
    for (const [placeholder, path] of pairs) {
      if (result.includes(placeholder)) result = result.replaceAll(placeholder, () => path);
    }
    return result;
  };
}

/** Closure of the paths; where it has derivations, also what their outputs need. Sorted. */
function exportReferences(paths: readonly ByteString[], around: BuilderSurroundings): StorePath[] {
  const { store, inputClosure } = around;
  const closure = new Set<StorePath>();
  for (const path of paths) {
    const { storePath } = splitStorePath(path, store.storeDir);
    if (!inputClosure.has(storePath)) {
      throw new BuildError(
        `cannot export references of path '${storePath}' because it is not in the input closure of the derivation`,
        { kind: "input-rejected" },
      );
    }
    for (const member of store.computeClosure([storePath])) closure.add(member);
  }
  for (const path of [...closure]) {
    if (!path.endsWith(".drv")) continue;
    for (const output of store.queryDerivationOutputs(path).values()) {
      for (const member of store.computeClosure([output])) closure.add(member);
    }
  }
  return [...closure].sort();
}

/** The format that `nix-store --load-db` reads, without hashes and derivers. */
function registration(store: Store, paths: readonly StorePath[]): ByteString {
  return paths
    .map((path) => {
      const { references } = store.pathInfo(path);
      return `${path}\n\n${references.length}\n${references.map((reference) => `${reference}\n`).join("")}`;
    })
    .join("");
}

function describePaths(store: Store, paths: readonly StorePath[]): Json {
  return paths.map((path): JsonObject => {
    const info = store.pathInfo(path);
    let closureSize = 0n;
    for (const member of store.computeClosure([path])) closureSize += BigInt(store.pathInfo(member).narSize);
    const described = new Map<ByteString, Json>([
      ["narHash", info.narHash.toPrefixedNix32()],
      ["narSize", BigInt(info.narSize)],
      ["references", [...info.references]],
      ["path", path],
      ["valid", true],
      ["closureSize", closureSize],
    ]);
    if (info.ca !== undefined) described.set("ca", printContentAddress(info.ca));
    return described;
  });
}

/** The attributes that Bash can hold, as declarations for `source`. */
export function printShell(attributes: JsonObject): ByteString {
  let text = "";
  for (const key of sortedKeys(attributes)) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(key)) continue;
    const value = attributes.get(key) as Json;
    const word = shellWord(value);
    if (word !== undefined) text += `declare ${key}=${word}\n`;
    else if (isJsonArray(value)) {
      const items = value.map(shellWord);
      if (items.every((item) => item !== undefined)) {
        text += `declare -a ${key}=(${items.map((item) => `${item} `).join("")})\n`;
      }
    } else if (isJsonObject(value)) {
      const items = sortedKeys(value).map((name) => [name, shellWord(value.get(name) as Json)] as const);
      if (items.every(([, item]) => item !== undefined)) {
        text += `declare -A ${key}=(${items.map(([name, item]) => `[${shellQuote(name)}]=${item} `).join("")})\n`;
      }
    }
  }
  return text;
}

const shellQuote = (text: ByteString): ByteString => `'${text.replaceAll("'", "'\\''")}'`;

/** undefined for what is no simple value. Whole numbers come out as 32-bit integers, as Nix prints them. */
function shellWord(value: Json): ByteString | undefined {
  if (typeof value === "string") return shellQuote(value);
  if (value === null) return "''";
  if (typeof value === "boolean") return value ? "1" : "";
  if (typeof value === "bigint") return BigInt.asIntN(32, value).toString();
  if (value instanceof JsonFloat) {
    const single = Math.fround(value.value);
    return Number.isFinite(single) && Math.ceil(single) === single
      ? `${Math.trunc(value.value) | 0}`
      : undefined;
  }
  return undefined;
}
