/** What a repl knows and does with one input: names in scope, commands, completion. Knows nothing of terminals. */
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { resolve } from "node:path";
import { type ByteString, fromBuffer, toBytes, toText } from "../format/bytes.ts";
import { parseStorePath, type StorePath } from "../format/store-path.ts";
import { Attrs } from "../language/attrs.ts";
import { ownPos } from "../language/call.ts";
import { EvaluationError } from "../language/errors.ts";
import { isLockedInput } from "../language/input-schemes.ts";
import { showIdentifier } from "../language/literal.ts";
import { parse, parseBindings } from "../language/parser.ts";
import { PositionTable } from "../language/position.ts";
import { showValue } from "../language/print.ts";
import {
  force,
  isString,
  Lambda,
  noPos,
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
import { type Evaluation, fileSource, startEvaluation } from "./evaluation.ts";
import { parseFlakeArgument } from "./flake-argument.ts";
import { callTyped, lockTyped } from "./flake-installable.ts";
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
  :l [path]     Load Nix expression and add it to scope; without a path, default.nix
  :lf <flake>   Load the outputs of a flake and add them to scope
  :log <expr>   Show logs for a derivation
  :p <expr>     Evaluate and print expression recursively, strings as they are
  :q            Exit
  :r            Reload all files
  :sh <expr>    Enter a shell with the dependencies of a derivation
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

/** Commands that take an expression. */
const expressionCommands = new Set(["a", "add", "b", "bl", "doc", "log", "p", "print", "s", "sh", "t", "u"]);

/** Would more lines make sense of this input? */
export function isIncomplete(text: string): boolean {
  const unfinished = /unexpected end of file/;
  const command = commandIn(text.trim());
  if (command !== undefined) {
    if (!expressionCommands.has(command.name) || command.rest === "") return false;
    return unfinished.test(parseFailure(parse, toBytes(command.rest)) ?? "");
  }
  if (text.trim() === "") return false;
  const bytes = toBytes(text);
  const failures = [
    parseFailure(parse, bytes),
    parseFailure(parseBindings, bytes),
    parseFailure(parseBindings, `${bytes};`),
  ];
  return (
    failures.every((failure) => failure !== undefined) && failures.some((text) => unfinished.test(text!))
  );
}

/** `:name rest` */
function commandIn(text: string): { name: string; rest: string } | undefined {
  const found = /^:(\S*)\s*([\s\S]*)$/.exec(text);
  return found === null ? undefined : { name: found[1]!, rest: found[2]!.trim() };
}

/** What a doc comment says: without its marks and the indentation of its lines. */
function innerText(comment: ByteString): ByteString {
  const [first = "", ...more] = comment.slice("/**".length, -"*/".length).split("\n");
  const widths = more.filter((line) => line.trim() !== "").map((line) => /^\s*/.exec(line)![0].length);
  const width = Math.min(...widths);
  return [first.trim(), ...more.map((line) => line.slice(width).trimEnd())].join("\n").trim();
}

export class Repl {
  readonly #session: Session;
  readonly #evaluation: Evaluation;
  readonly #names = new Map<ByteString, Slot>();
  #lastAdded: Attrs | undefined;
  /** What was loaded so far, for `:r`: what names it, and its value. */
  readonly #loaded = new Map<string, () => Slot>();

  constructor(session: Session) {
    this.#session = session;
    this.#evaluation = startEvaluation(session);
  }

  /** After an evaluation that was broken off. */
  recover(): void {
    const { ev } = this.#evaluation;
    ev.depth = 0;
    ev.forgetFiles();
  }

  #evaluate(text: string): Value {
    const { ev } = this.#evaluation;
    return ev.evalTextWith(toBytes(text), toBytes(process.cwd()), this.#names);
  }

  /** Adds a file's attributes to the scope, and again at `:r`. */
  load(file: string): void {
    this.#load(file, () => this.#evaluation.autoCall(fileSource(this.#evaluation, file).evaluate()));
  }

  /** The same with a value. @param name for messages */
  loadValue(name: string, evaluate: (evaluation: Evaluation) => Slot): void {
    this.#load(name, () => evaluate(this.#evaluation));
  }

  #loadFlake(word: string): void {
    this.#load(word, () => {
      const { ev } = this.#evaluation;
      const argument = parseFlakeArgument(ev, word);
      if (ev.settings.pureEval && !isLockedInput(ev, argument.reference.input))
        throw new CommandError(
          `cannot use ':load-flake' on unlocked flake reference '${word}' (use --impure to override)`,
        );
      return callTyped(this.#evaluation, lockTyped(this.#evaluation, this.#session.given, argument));
    });
  }

  #load(name: string, evaluate: () => Slot): void {
    this.#addAttributes(evaluate());
    // Loaded again it comes last again.
    this.#loaded.delete(name);
    this.#loaded.set(name, evaluate);
  }

  #addAttributes(value: Slot): void {
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
  }

  /** Takes one complete input. @returns what to print, bytes, or "quit" */
  async answer(input: string): Promise<ByteString | "quit"> {
    const text = input.trim();
    if (text === "") return "";
    const command = commandIn(text);
    if (command !== undefined) return await this.#command(command.name, command.rest);
    if (this.#bind(toBytes(text))) return "";
    return this.#print(this.#evaluate(text), 1);
  }

  /** `x = 1`, `inherit (a) b;`: names for the scope. False: the input is something else. */
  #bind(text: ByteString): boolean {
    const { ev } = this.#evaluation;
    for (const bindings of [text, `${text};`]) {
      try {
        for (const [name, slot] of ev.evalBindings(bindings, toBytes(process.cwd()), this.#names, text))
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
        this.#addAttributes(this.#evaluate(needs("an expression")));
        return "";
      case "l":
      case "load":
        this.load(rest === "" ? "." : rest);
        return "";
      case "lf":
      case "load-flake":
        this.#loadFlake(needs("a flake"));
        return "";
      case "r":
      case "reload": {
        this.#names.clear();
        ev.forgetFiles();
        for (const [shown, evaluate] of this.#loaded) {
          printMessage(`Loading "${shown}"...`);
          this.#addAttributes(evaluate());
        }
        return "";
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
        if (rest !== "" && rest !== "true" && rest !== "false")
          throw new UsageError(`unexpected argument '${rest}' to :${name}`);
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
      case "sh":
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
    if (!(value instanceof Attrs) || !this.#evaluation.ev.isDerivation(value))
      throw new CommandError("expression does not evaluate to a derivation, so I can't build it");
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
    const { ev } = this.#evaluation;
    // Of a set that can be called, what it calls.
    const functor = value instanceof Attrs ? value.get("__functor") : undefined;
    const called = functor === undefined ? value : force(ev.call(functor, value, noPos));
    if (called instanceof Lambda) {
      const { pos, docStart, docEnd } = called.code;
      const name = functor === undefined ? called.code.name : "__functor";
      const title = name === undefined ? "Function defined" : `Function ${name}\n\xe2\x80\xa6 defined`;
      const doc = docStart === noPos ? "" : `\n${innerText(ev.positions.text(docStart, docEnd))}\n`;
      return `${title} at ${ev.positions.show(pos)}\n${doc}`;
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
