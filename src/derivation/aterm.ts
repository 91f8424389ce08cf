/**
 * The ATerm form of store derivations, the contents of `.drv` files: printed to the byte as Nix does, because the bytes
 * decide the path, and parsed as strictly.
 *
 * Environment, arguments and the builder are escaped (`"`, `\`, newline, return, tab and nothing else); outputs,
 * inputs, paths and the system are printed as they are, for so Nix does.
 * Manual: "Derivation ATerm format".
 */
import type { ByteString } from "../format/bytes.ts";
import { FormatError } from "../format/format-error.ts";
import { parseStorePath } from "../format/store-path.ts";
import {
  type Derivation,
  type DerivationOutput,
  fixedOutput,
  fixedOutputPath,
  type Variables,
  variablesOf,
} from "./derivation.ts";
import { DerivationError } from "./derivation-error.ts";
import { HashedText } from "./hashed-text.ts";

/** JSON writes these otherwise than ATerm does, which leaves them as they are. */
const control = /[\x00-\x08\x0b\x0c\x0e-\x1f]/;
const special = /["\\\n\r\t]/;
const specials = /["\\\n\r\t]/g;
const escapes: Record<string, string> = {
  '"': '\\"',
  "\\": "\\\\",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

function quote(text: ByteString): ByteString {
  return special.test(text) ? escapeText(text) : `"${text}"`;
}

/** Of a text with something to escape in it. */
function escapeText(text: ByteString): ByteString {
  // But for other control characters, JSON escapes what ATerm does, and V8 has it in machine code.
  return control.test(text) ? `"${text.replace(specials, (c) => escapes[c]!)}"` : JSON.stringify(text);
}

function plainList(texts: readonly ByteString[]): ByteString {
  return texts.length === 0 ? "[]" : `["${texts.join('","')}"]`;
}

/** Names of outputs, as an input has them. */
export function printOutputNames(names: ReadonlySet<ByteString>): ByteString {
  if (names.size === 1) for (const name of names) return `["${name}"]`;
  return plainList([...names].sort());
}

/** The list of input derivations with their outputs. @param sorted their paths */
export function printInputs(
  inputs: ReadonlyMap<ByteString, ReadonlySet<ByteString>>,
  sorted: readonly ByteString[] = [...inputs.keys()].sort(),
): ByteString {
  if (sorted.length === 0) return "[]";
  const parts: ByteString[] = [];
  let before = '[("';
  for (let index = 0; index < sorted.length; index++) {
    const key = sorted[index]!;
    const names = inputs.get(key)!;
    parts.push(
      before,
      key,
      names.size === 1 && names.has("out") ? '",["out"]' : `",${printOutputNames(names)}`,
    );
    before = '),("';
  }
  parts.push(")]");
  return parts.join("");
}

/** What of a derivation is the same in all its printings. */
export interface PrintedParts extends Omit<Derivation, "name" | "outputs" | "inputDrvs" | "env"> {
  /** Sorted. */
  readonly outputNames: readonly ByteString[];
  /** Those of them that are variables; sorted. */
  readonly outputVariables: readonly ByteString[];
  /** What it says of variables named after outputs is not printed. */
  readonly env: Variables;
}

/** Stands for outputs whose fields and variables are blank. */
const masked = null;

/**
 * Prints one derivation several times over: as it is, with masked outputs, with inputs replaced (hash-modulo.ts).
 * The long part behind the inputs is made once.
 */
export class DerivationPrinter {
  readonly #outputNames: readonly ByteString[];
  /** What follows the inputs, but for the values of variables named after outputs: one more than there are such. */
  readonly #pieces: ByteString[] = [];
  readonly #outputVariables: readonly ByteString[];
  /** The pieces with the values between them, as bytes. */
  readonly #rest = new HashedText();
  /** Whose values those are. */
  #restOf: ReadonlyMap<ByteString, DerivationOutput> | typeof masked | undefined;

  constructor(given: PrintedParts) {
    const { outputNames, outputVariables, inputSrcs, system, builder, args, env } = given;
    this.#outputNames = outputNames;
    this.#outputVariables = outputVariables;
    const { names, values } = env;
    // Joined: a string put together by additions would be a tree, walked again for each printing. The array is made
    // as long as it gets at most: growing, it would leave as much behind as it holds.
    const parts = new Array<ByteString>(6 + 2 * args.length + 5 * (names.length + outputVariables.length));
    let used = 0;
    parts[used++] = inputSrcs.size === 0 ? ",[]" : `,${plainList([...inputSrcs].sort())}`;
    parts[used++] = ',"';
    parts[used++] = system;
    parts[used++] = '",';
    parts[used++] = quote(builder);
    let before = ",[";
    for (const arg of args) {
      parts[used++] = before;
      parts[used++] = quote(arg);
      before = ",";
    }
    /** What opens the list, or ends one variable, without its last quote, and begins the next. */
    before = args.length === 0 ? ',[],[("' : '],[("';
    let index = 0;
    for (const output of outputVariables) {
      for (; index < names.length && names[index]! < output; index++) variable(names[index]!, values[index]!);
      if (names[index] === output) index++;
      parts[used++] = before.slice(0, -1);
      parts[used++] = quote(output);
      parts[used++] = ",";
      this.#cut(parts, used);
      used = 0;
      before = '),("';
    }
    for (; index < names.length; index++) variable(names[index]!, values[index]!);
    parts[used++] = names.length + outputVariables.length === 0 ? before.slice(0, -2) : before.slice(0, -3);
    parts[used++] = "])";
    this.#cut(parts, used);

    function variable(name: ByteString, value: ByteString): void {
      const escaped = special.test(value);
      if (special.test(name)) {
        parts[used++] = before.slice(0, -1);
        parts[used++] = escapeText(name);
        parts[used++] = escaped ? "," : ',"';
      } else {
        parts[used++] = before;
        parts[used++] = name;
        parts[used++] = escaped ? '",' : '","';
      }
      // Most have nothing to escape: no string is made for their quotes alone.
      parts[used++] = escaped ? escapeText(value) : value;
      before = escaped ? '),("' : '"),("';
    }
  }

  #cut(parts: readonly ByteString[], end: number): void {
    this.#pieces.push((end === parts.length ? parts : parts.slice(0, end)).join(""));
  }

  /**
   * @param inputs the printed list of them
   * @param outputs undefined: masked, their fields and variables blank
   * @param env of variables named after outputs; undefined: they hold the outputs' paths
   */
  print(
    inputs: ByteString,
    outputs: ReadonlyMap<ByteString, DerivationOutput> | undefined,
    env?: ReadonlyMap<ByteString, ByteString>,
  ): ByteString {
    let text = `${this.#start(outputs)}${inputs}${this.#pieces[0]!}`;
    for (let index = 0; index < this.#outputVariables.length; index++)
      text += this.#value(index, outputs, env) + this.#pieces[index + 1]!;
    return text;
  }

  /** SHA-256, in base 16, of what `print` gives: without making that. */
  hash(
    inputs: ByteString,
    outputs: ReadonlyMap<ByteString, DerivationOutput> | undefined,
    env?: ReadonlyMap<ByteString, ByteString>,
  ): string {
    const rest = this.#rest;
    const first = this.#pieces[0]!;
    if (!rest.isThere) {
      rest.clear();
      rest.put(first);
      this.#restOf = undefined;
    }
    const variables = this.#outputVariables;
    if (variables.length > 0 && (env !== undefined || this.#restOf !== (outputs ?? masked))) {
      rest.cut(first.length);
      for (let index = 0; index < variables.length; index++) {
        rest.put(this.#value(index, outputs, env));
        rest.put(this.#pieces[index + 1]!);
      }
      this.#restOf = env === undefined ? (outputs ?? masked) : undefined;
    }
    return rest.sha256Base16(this.#start(outputs), inputs);
  }

  /** What is before the inputs. */
  #start(outputs: ReadonlyMap<ByteString, DerivationOutput> | undefined): ByteString {
    let text = "";
    for (const name of this.#outputNames) {
      text += text === "" ? 'Derive([("' : ',("';
      if (outputs === undefined) text += `${name}","","","")`;
      else {
        const { path, hashAlgo, hash } = outputs.get(name)!;
        text += `${name}","${path}","${hashAlgo}","${hash}")`;
      }
    }
    return `${text}],`;
  }

  /** Of a variable named after an output, printed. */
  #value(
    index: number,
    outputs: ReadonlyMap<ByteString, DerivationOutput> | undefined,
    env: ReadonlyMap<ByteString, ByteString> | undefined,
  ): ByteString {
    if (outputs === undefined) return '""';
    const name = this.#outputVariables[index]!;
    return quote(env === undefined ? outputs.get(name)!.path : env.get(name)!);
  }
}

/** For a derivation that is complete. */
export function printerOf(derivation: Derivation): DerivationPrinter {
  const outputNames = [...derivation.outputs.keys()].sort();
  const { env } = derivation;
  const outputVariables = outputNames.filter((name) => env.has(name));
  return new DerivationPrinter({ ...derivation, outputNames, outputVariables, env: variablesOf(env) });
}

/** The contents of the derivation's `.drv` file. */
export function printDerivation(derivation: Derivation): ByteString {
  const { inputDrvs, outputs, env } = derivation;
  return printerOf(derivation).print(printInputs(inputDrvs), outputs, env);
}

class Reader {
  text: ByteString;
  position = 0;
  constructor(text: ByteString) {
    this.text = text;
  }

  expect(wanted: string): void {
    if (!this.text.startsWith(wanted, this.position))
      throw new DerivationError(`expected string '${wanted}'`);
    this.position += wanted.length;
  }

  string(): ByteString {
    this.expect('"');
    const start = this.position;
    let at = start;
    let escaped = false;
    for (;;) {
      const code = this.text.charCodeAt(at);
      if (Number.isNaN(code)) throw new DerivationError("unterminated string in derivation");
      if (code === 34) break;
      if (code === 92) {
        escaped = true;
        at++;
      }
      at++;
    }
    if (at >= this.text.length) throw new DerivationError("unterminated string in derivation");
    this.position = at + 1;
    const raw = this.text.slice(start, at);
    if (!escaped) return raw;
    return raw.replace(/\\([\s\S])/g, (_, c: string) =>
      c === "n" ? "\n" : c === "r" ? "\r" : c === "t" ? "\t" : c,
    );
  }

  /** Calls `item` until the list's end. */
  list(item: () => void): void {
    this.expect("[");
    if (this.text[this.position] === "]") {
      this.position++;
      return;
    }
    for (;;) {
      item();
      const next = this.text[this.position];
      if (next === "]") {
        this.position++;
        return;
      }
      this.expect(",");
    }
  }
}

/**
 * Parses a `.drv` file's contents.
 * @param name without `.drv`, from the path: fixed outputs' paths depend on it and are checked
 * @throws DerivationError or FormatError when the text is malformed, paths are outside the store, an output is of an
 *   experimental kind, or a fixed output's path does not follow from its hash
 */
export function parseDerivation(text: ByteString, name: ByteString, storeDir: ByteString): Derivation {
  try {
    return parse(text, name, storeDir);
  } catch (error) {
    if (!(error instanceof DerivationError) && !(error instanceof FormatError)) throw error;
    throw new DerivationError(`error parsing derivation '${name}.drv': ${error.message}`, { cause: error });
  }
}

function parse(text: ByteString, name: ByteString, storeDir: ByteString): Derivation {
  const reader = new Reader(text);
  const outputs = new Map<ByteString, DerivationOutput>();
  const inputDrvs = new Map<ByteString, Set<ByteString>>();
  const inputSrcs = new Set<ByteString>();
  const args: ByteString[] = [];
  const env = new Map<ByteString, ByteString>();
  const storePath = (): ByteString => {
    const path = reader.string();
    // Only the canonical form: two spellings of one path must not make two derivations.
    if (parseStorePath(path, storeDir) !== path)
      throw new DerivationError(`path '${path}' is not in the Nix store`);
    return path;
  };

  if (text.startsWith("DrvWithVersion("))
    throw new DerivationError(
      "experimental Nix feature 'dynamic-derivations' is disabled; add '--extra-experimental-features dynamic-derivations' to enable it",
    );
  if (!text.startsWith("D"))
    throw new DerivationError("derivation does not start with 'Derive' or 'DrvWithVersion'");
  reader.expect("Derive(");
  reader.list(() => {
    reader.expect("(");
    const id = reader.string();
    reader.expect(",");
    const path = reader.string();
    reader.expect(",");
    const hashAlgo = reader.string();
    reader.expect(",");
    const hash = reader.string();
    reader.expect(")");
    if (outputs.has(id)) throw new DerivationError(`duplicate output '${id}' in derivation`);
    outputs.set(id, checkOutput({ path, hashAlgo, hash }, id, name, storeDir));
  });
  reader.expect(",");
  reader.list(() => {
    reader.expect("(");
    const drvPath = storePath();
    reader.expect(",");
    const names = new Set<ByteString>();
    reader.list(() => void names.add(reader.string()));
    if (names.size === 0) throw new DerivationError(`inputDrvs entry for '${drvPath}' specifies no outputs`);
    inputDrvs.set(drvPath, names);
    reader.expect(")");
  });
  reader.expect(",");
  reader.list(() => void inputSrcs.add(storePath()));
  reader.expect(",");
  const system = reader.string();
  reader.expect(",");
  const builder = reader.string();
  reader.expect(",");
  reader.list(() => void args.push(reader.string()));
  reader.expect(",");
  reader.list(() => {
    reader.expect("(");
    const variable = reader.string();
    reader.expect(",");
    env.set(variable, reader.string());
    reader.expect(")");
  });
  reader.expect(")");
  if (reader.position !== text.length) throw new DerivationError("trailing text after the derivation");
  if (outputs.size === 0) throw new DerivationError("must have at least one output");
  return { name, outputs, inputDrvs, inputSrcs, system, builder, args, env };
}

function checkOutput(
  output: DerivationOutput,
  id: ByteString,
  drvName: ByteString,
  storeDir: ByteString,
): DerivationOutput {
  const disabled = (feature: string): DerivationError =>
    new DerivationError(
      `experimental Nix feature '${feature}' is disabled; add '--extra-experimental-features ${feature}' to enable it`,
    );
  if (output.hashAlgo === "") {
    if (output.path === "") throw disabled("ca-derivations"); // its path waits for an input's
    if (parseStorePath(output.path, storeDir) !== output.path)
      throw new DerivationError(`path '${output.path}' is not in the Nix store`);
    return output;
  }
  if (output.hash === "impure") throw disabled("impure-derivations");
  if (output.hash === "") throw disabled("ca-derivations");
  if (output.hashAlgo.startsWith("text:")) throw disabled("dynamic-derivations");
  if (output.hashAlgo.startsWith("git:")) throw disabled("git-hashing");
  const specification = fixedOutput(output)!;
  if (fixedOutputPath(specification, drvName, id, storeDir) !== output.path)
    throw new DerivationError(
      `derivation output '${id}' has path '${output.path}', which does not match its content address`,
    );
  return output;
}
