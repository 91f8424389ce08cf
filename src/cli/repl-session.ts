/** What a repl knows and does with one input: names in scope, commands, completion. Knows nothing of terminals. */
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { resolve } from "node:path";
import { type ByteString, fromBuffer, toBytes, toText } from "../format/bytes.ts";
import { parseStorePath, type StorePath } from "../format/store-path.ts";
import { Attrs } from "../language/attrs.ts";
import { ownPos } from "../language/call.ts";
import { EvaluationError } from "../language/errors.ts";
import { showIdentifier } from "../language/literal.ts";
import { parse, parseBindings } from "../language/parser.ts";
import { PositionTable } from "../language/position.ts";
import { showValue } from "../language/print.ts";
import {
  force,
  isString,
  Lambda,
  PartialApplication,
  PrimOp,
  type Slot,
  textOf,
  type Value,
} from "../language/value.ts";
import { realiseTargets } from "./building.ts";
import { CommandError, UsageError } from "./cli-error.ts";
import type { Session } from "./compose.ts";
import { findDerivations } from "./derivations.ts";
import { type Evaluation, fileSource, startEvaluation, textSource } from "./evaluation.ts";
import { printMessage } from "./output.ts";
import { ownCommand, ownEnvironment } from "./own-process.ts";
import { addRoot } from "./roots.ts";
import { outputPaths } from "./store-paths.ts";

const help = `The following commands are available:

  <expr>        Evaluate and print expression
  <x> = <expr>  Bind expression to variable
  :a <expr>     Add attributes from resulting set to scope
  :b <expr>     Build a derivation
  :bl <expr>    Build a derivation, creating GC roots in the working directory
  :doc <expr>   Show documentation of a builtin function or a function with a comment
  :ll           Show the names that were added last
  :l <path>     Load Nix expression and add it to scope
  :log <expr>   Show logs for a derivation
  :p <expr>     Evaluate and print expression recursively, strings as they are
  :q            Exit
  :r            Reload all files
  :s <expr>     Enter a shell with the dependencies of a derivation
  :t <expr>     Describe result of evaluation
  :te [bool]    Enable, disable or toggle showing traces for errors
  :u <expr>     Enter a shell with a package
  :?            Show this text
`;

/** How many of the names added are told. */
const listedNames = 20;

const parseOptions = { basePath: "/", home: () => "/" };

/** Why a text cannot be read so; undefined: it can. */
function parseFailure(read: typeof parse | typeof parseBindings, text: ByteString): string | undefined {
  const positions = new PositionTable();
  try {
    read(positions.add({ kind: "string" }, text), positions, parseOptions);
    return undefined;
  } catch (error) {
    return error instanceof EvaluationError ? error.message : undefined;
  }
}

/** Would more lines make sense of this input? */
export function isIncomplete(text: string): boolean {
  if (/^\s*:/.test(text) || text.trim() === "") return false;
  const bytes = toBytes(text);
  if (parseFailure(parseBindings, bytes) === undefined) return false;
  const asBindings = parseFailure(parseBindings, `${bytes};`);
  if (asBindings === undefined) return false;
  const unfinished = /unexpected end of file/;
  return unfinished.test(asBindings) || unfinished.test(parseFailure(parse, bytes) ?? "");
}

export class Repl {
  readonly #session: Session;
  readonly #evaluation: Evaluation;
  readonly #names = new Map<ByteString, Slot>();
  #lastAdded: Attrs | undefined;
  /** Files loaded so far, for `:r`. */
  readonly #loaded: string[] = [];

  constructor(session: Session) {
    this.#session = session;
    this.#evaluation = startEvaluation(session);
  }

  #evaluate(text: string): Value {
    const { ev } = this.#evaluation;
    return ev.evalTextWith(toBytes(text), toBytes(process.cwd()), this.#names);
  }

  /** Adds a file's attributes to the scope. @returns what to print */
  load(file: string): string {
    const value = this.#evaluation.autoCall(fileSource(this.#evaluation, file).evaluate());
    if (!this.#loaded.includes(file)) this.#loaded.push(file);
    return this.#addAttributes(value);
  }

  /** Adds the attributes of an expression to the scope. */
  addFrom(text: ByteString): string {
    return this.#addAttributes(this.#evaluation.autoCall(textSource(this.#evaluation, text).evaluate()));
  }

  #addAttributes(value: Value): string {
    const { ev } = this.#evaluation;
    const set = ev.forceAttrs(
      value,
      ownPos(value),
      "while evaluating an attribute set to be merged in the global scope",
    );
    for (const name of set.keys) this.#names.set(name, set.get(name)!);
    this.#lastAdded = set;
    const more = set.size > listedNames ? `\n... and ${set.size - listedNames} more; view with :ll` : "";
    const listed = set.keys.slice(0, listedNames).map(showIdentifier).join(", ");
    printMessage(`Added ${set.size} variables.\n${toText(listed)}${more}`);
    return "";
  }

  /** Takes one complete input. @returns what to print, bytes, or "quit" */
  async answer(input: string): Promise<ByteString | "quit"> {
    const text = input.trim();
    if (text === "") return "";
    const command = /^:(\S+)\s*([\s\S]*)$/.exec(text);
    if (command !== null) return await this.#command(command[1]!, command[2]!.trim());
    if (this.#bind(toBytes(text))) return "";
    return this.#print(this.#evaluate(text), 1);
  }

  /** `x = 1`, `inherit (a) b;`: names for the scope. False: the input is something else. */
  #bind(text: ByteString): boolean {
    const { ev } = this.#evaluation;
    for (const bindings of [text, `${text};`]) {
      try {
        for (const [name, slot] of ev.evalBindings(bindings, toBytes(process.cwd()), this.#names))
          this.#names.set(name, slot);
        return true;
      } catch (error) {
        if (!(error instanceof EvaluationError) || error.kind !== "parse") throw error;
      }
    }
    return false;
  }

  #print(value: Value, depth: number): string {
    const options = {
      force: true,
      derivationPaths: true,
      maxDepth: depth,
      indent: 2,
      errors: "top",
    } as const;
    return `${showValue(this.#evaluation.ev, value, options)}\n`;
  }

  async #command(name: string, rest: string): Promise<ByteString | "quit"> {
    const { ev } = this.#evaluation;
    const needs = (what: string) => {
      if (rest === "") throw new UsageError(`:${name} wants ${what}`, ":? lists the commands");
      return rest;
    };
    switch (name) {
      case "?":
      case "help":
        return help;
      case "q":
      case "quit":
        return "quit";
      case "a":
      case "add":
        return this.#addAttributes(this.#evaluate(needs("an expression")));
      case "l":
      case "load":
        return this.load(needs("a file"));
      case "r":
      case "reload": {
        this.#names.clear();
        ev.forgetFiles();
        return this.#loaded.map((file) => this.load(file)).join("");
      }
      case "p":
      case "print": {
        const value = this.#evaluate(needs("an expression"));
        if (isString(value)) return `${textOf(value)}\n`;
        return this.#print(value, Number.POSITIVE_INFINITY);
      }
      case "ll":
      case "last-loaded":
        if (this.#lastAdded === undefined) throw new CommandError("nothing has been loaded yet");
        return this.#lastAdded.keys.map((name) => `${name}\n`).join("");
      case "t":
        return `${ev.showType(this.#evaluate(needs("an expression")))}\n`;
      case "te":
      case "trace-enable":
        ev.showTrace = rest === "" ? !ev.showTrace : rest === "true";
        return `${ev.showTrace ? "" : "not "}showing error traces\n`;
      case "b":
      case "bl":
        return await this.#build(needs("an expression"), name === "bl");
      case "doc":
        return this.#documentation(needs("an expression"));
      case "u":
        return await this.#shell(
          `(import <nixpkgs> {}).runCommand "shell" { buildInputs = [ (${needs("an expression")}) ]; } ""`,
        );
      case "s":
        return await this.#shell(needs("an expression"));
      case "log": {
        const { buildLog } = await import("./build-logs.ts");
        return fromBuffer(buildLog(this.#session, this.#derivation(needs("an expression")).drvPath));
      }
      default:
        throw new UsageError(`unknown command ':${name}'`, ":? lists the commands");
    }
  }

  #derivation(text: string): { drvPath: StorePath; value: Value } {
    const value = this.#evaluate(text);
    const found = findDerivations(this.#evaluation.ev, value, this.#evaluation.autoCall);
    if (found.length !== 1)
      throw new CommandError(`this expression is ${found.length} derivations, and must be one`);
    return { drvPath: parseStorePath(found[0]!.drvPath, this.#session.layout.storeDir), value };
  }

  async #build(text: string, roots: boolean): Promise<string> {
    const { drvPath } = this.#derivation(text);
    const outcome = await realiseTargets(this.#session, [{ path: drvPath, outputs: undefined }]);
    if (outcome.status !== 0) return "";
    const lines = ["", "This derivation produced the following outputs:"];
    for (const [name, path] of outputPaths(this.#session, drvPath)) {
      if (roots) addRoot(this.#session, `repl-result-${name}`, path);
      lines.push(`  ${name} -> ${path}`);
    }
    return `${lines.join("\n")}\n`;
  }

  async #shell(text: string): Promise<string> {
    const { drvPath } = this.#derivation(text);
    const [program, first] = ownCommand();
    spawnSync(program, [...first, "shell", toText(drvPath)], { stdio: "inherit", env: ownEnvironment() });
    return "";
  }

  #documentation(text: string): string {
    const value = this.#evaluate(text);
    const builtin = value instanceof PartialApplication ? value.primOp : value;
    if (builtin instanceof PrimOp) {
      const head = `builtins.${builtin.name} ${builtin.args.join(" ")}`;
      return toBytes(`${head}\n\n${builtin.doc ?? "This function has no documentation yet."}\n`);
    }
    if (value instanceof Lambda && value.code.doc !== undefined) {
      const place = this.#evaluation.ev.positions.show(value.code.pos);
      return `Function ${value.code.name ?? ""}  (defined at ${place})\n\n${value.code.doc}\n`;
    }
    throw new CommandError("value does not have documentation");
  }

  /** For node:readline: the candidates, and the part of the line that they replace. */
  complete(line: string): [string[], string] {
    const word = /[A-Za-z0-9_.'"<>/~:-]*$/.exec(line)![0];
    if (word.startsWith("./") || word.startsWith("/")) return [this.#files(word), word];
    if (/^:[a-z]*$/.test(line)) {
      const names = [...help.matchAll(/^ {2}(:\S+)/gm)].map((match) => match[1]!);
      return [names.filter((name) => name.startsWith(line)), line];
    }
    const dot = word.lastIndexOf(".");
    if (dot < 0) {
      const { ev } = this.#evaluation;
      const all = [
        ...this.#names.keys(),
        ...["builtins", "import", "map", "toString", "let", "with", "inherit"],
        ...ev.builtins.keys,
      ];
      return [[...new Set(all.map(toText))].filter((name) => name.startsWith(word)).sort(), word];
    }
    try {
      const value = force(this.#evaluate(word.slice(0, dot)));
      if (!(value instanceof Attrs)) return [[], word];
      const prefix = word.slice(dot + 1);
      const found = value.keys.map(toText).filter((name) => name.startsWith(prefix));
      return [found.map((name) => `${word.slice(0, dot + 1)}${name}`), word];
    } catch {
      return [[], word];
    }
  }

  #files(word: string): string[] {
    const slash = word.lastIndexOf("/");
    const directory = word.slice(0, slash + 1);
    try {
      return readdirSync(resolve(directory), { withFileTypes: true })
        .filter((entry) => entry.name.startsWith(word.slice(slash + 1)))
        .map((entry) => `${directory}${entry.name}${entry.isDirectory() ? "/" : ""}`);
    } catch {
      return [];
    }
  }
}
