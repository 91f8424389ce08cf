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
import { type Derivation, type DerivationOutput, fixedOutput, fixedOutputPath } from "./derivation.ts";
import { DerivationError } from "./derivation-error.ts";

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
  return special.test(text) ? `"${text.replace(specials, (c) => escapes[c]!)}"` : `"${text}"`;
}

function plainList(texts: readonly ByteString[]): ByteString {
  return texts.length === 0 ? "[]" : `["${texts.join('","')}"]`;
}

/** The list of input derivations with their outputs, keyed by path or, for hashing, by hash. */
export function printInputs(inputs: ReadonlyMap<ByteString, ReadonlySet<ByteString>>): ByteString {
  const items = [...inputs.keys()]
    .sort()
    .map((key) => `("${key}",${plainList([...inputs.get(key)!].sort())})`);
  return `[${items.join(",")}]`;
}

/**
 * Prints one derivation several times over: as it is, with masked outputs, with inputs replaced (hash-modulo.ts).
 * The long middle part is made once.
 */
export class DerivationPrinter {
  #derivation: Derivation;
  #outputNames: readonly ByteString[];
  #middle: ByteString;
  /** The variables between those that are named after outputs, printed and joined: one more than `#outputVariables`. */
  #stretches: ByteString[] = [];
  #outputVariables: ByteString[] = [];

  constructor(derivation: Derivation) {
    this.#derivation = derivation;
    const { system, builder, args, env, outputs } = derivation;
    this.#outputNames = [...outputs.keys()].sort();
    this.#middle = `${plainList([...derivation.inputSrcs].sort())},"${system}",${quote(builder)},[${args.map(quote).join(",")}]`;
    let stretch: ByteString[] = [];
    for (const name of [...env.keys()].sort()) {
      if (outputs.has(name)) {
        this.#stretches.push(stretch.join(","));
        this.#outputVariables.push(name);
        stretch = [];
      } else stretch.push(`(${quote(name)},${quote(env.get(name)!)})`);
    }
    this.#stretches.push(stretch.join(","));
  }

  /** The `.drv` file's contents, with these outputs. */
  printWhole(outputs: ReadonlyMap<ByteString, DerivationOutput>): ByteString {
    return this.print(printInputs(this.#derivation.inputDrvs), outputs);
  }

  /** @param outputs their fields, replacing the derivation's own; undefined: masked, paths and variables blank */
  print(inputs: ByteString, outputs: ReadonlyMap<ByteString, DerivationOutput> | undefined): ByteString {
    const printedOutputs = this.#outputNames.map((name) => {
      const output = outputs?.get(name);
      return output === undefined
        ? `("${name}","","","")`
        : `("${name}","${output.path}","${output.hashAlgo}","${output.hash}")`;
    });
    const own = this.#derivation.outputs;
    let env = this.#stretches[0]!;
    for (let index = 0; index < this.#outputVariables.length; index++) {
      const name = this.#outputVariables[index]!;
      // Variables named after outputs hold their paths, which this printing may know better.
      const value =
        outputs === undefined
          ? ""
          : outputs === own
            ? this.#derivation.env.get(name)!
            : outputs.get(name)!.path;
      env += `${env === "" ? "" : ","}(${quote(name)},${quote(value)})`;
      const stretch = this.#stretches[index + 1]!;
      if (stretch !== "") env += `,${stretch}`;
    }
    return `Derive([${printedOutputs.join(",")}],${inputs},${this.#middle},[${env}])`;
  }
}

/** The contents of the derivation's `.drv` file. */
export function printDerivation(derivation: Derivation): ByteString {
  return new DerivationPrinter(derivation).printWhole(derivation.outputs);
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
