/**
 * One evaluation for a command: the evaluator with this session's world, and what the command line named to be
 * evaluated (files, directories, `<names>`, URLs, expressions, standard input).
 */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { derivationBuiltins } from "../derivation/strict.ts";
import { getFlake } from "../flake/get-flake.ts";
import { parseReference } from "../flake/reference.ts";
import { Sources } from "../flake/source.ts";
import { type ByteString, fromBuffer, toBytes } from "../format/bytes.ts";
import type { StorePath } from "../format/store-path.ts";
import type { Expr } from "../language/ast.ts";
import { type Attrs, AttrsBuilder } from "../language/attrs.ts";
import { EvaluationError } from "../language/errors.ts";
import { createEvaluator, type NixEvaluator } from "../language/evaluator.ts";
import { provideFlakes } from "../language/flake-hooks.ts";
import { printError } from "../language/print-error.ts";
import { showExpression } from "../language/show-expression.ts";
import { later, noPos, type Slot, type Value } from "../language/value.ts";
import type { World } from "../language/world.ts";
import { CommandError } from "./cli-error.ts";
import { isPseudoUrl, type Session } from "./compose.ts";
import { flakeSurroundings } from "./flake-surroundings.ts";
import { errorColour } from "./output.ts";
import { errorRenderers } from "./report.ts";
import { addRoot } from "./roots.ts";

export interface Evaluation {
  readonly session: Session;
  readonly ev: NixEvaluator;
  /** `--arg` and `--argstr`. */
  readonly arguments: Attrs;
  /** Calls a function that takes a set, with the arguments that it names. */
  readonly autoCall: (slot: Slot) => Value;
  /** The attribute at a path such as `a.b."c.d".0`; functions on the way are called. */
  readonly select: (root: Slot, path: ByteString) => Slot;
  readonly addRoot: (link: string, path: StorePath) => string;
  /** What flakes have been fetched; made when first asked for. */
  readonly flakes: () => Sources;
}

export interface EvaluationOptions {
  /** Instead of the session's own. */
  readonly world?: World;
  /** See EvaluatorOptions.lazyFunctions. */
  readonly lazyFunctions?: boolean;
  /** Arguments for functions, besides those of the command line, which win. */
  readonly arguments?: ReadonlyMap<ByteString, Slot>;
}

export function startEvaluation(session: Session, options: EvaluationOptions = {}): Evaluation {
  const ev = createEvaluator(options.world ?? session.world, {
    extraBuiltins: [derivationBuiltins],
    nixPath: session.searchPath(),
    settings: session.evaluatorSettings(),
    showTrace: session.showTrace,
    lazyFunctions: options.lazyFunctions ?? false,
    workingDirectory: toBytes(process.cwd()),
  });
  let sources: Sources | undefined;
  // Most evaluations have nothing to do with flakes.
  const sourcesOnce = () => {
    sources ??= new Sources(ev, flakeSurroundings(session));
    return sources;
  };
  provideFlakes(ev, {
    getFlake: (_, pos, reference) => getFlake(ev, sourcesOnce(), pos, reference),
    resolve: (input) => sourcesOnce().lookUp(input, "limited"),
    fetch: (reference) => sourcesOnce().fetch(parseReference(ev, reference).input, "all").path,
  });
  errorRenderers.push((error) =>
    error instanceof EvaluationError
      ? printError(ev, error, { showTrace: ev.showTrace, colour: errorColour() })
      : undefined,
  );
  const builder = new AttrsBuilder();
  const base = toBytes(process.cwd());
  const given = new Map<ByteString, Slot>(options.arguments);
  for (const [flag, [name, text]] of session.given.order) {
    if (flag === "--argstr") given.set(toBytes(name!), toBytes(text!));
    else if (flag === "--arg-from-file") given.set(toBytes(name!), fromBuffer(readFileSync(text!)));
    else if (flag === "--arg-from-stdin") given.set(toBytes(name!), fromBuffer(readFileSync(0)));
    else if (flag === "--arg") {
      const expression = ev.parseText(toBytes(text!), base);
      ev.check(expression);
      given.set(
        toBytes(name!),
        later(() => ev.evaluate(expression)),
      );
    }
  }
  for (const [name, slot] of given) builder.set(name, slot);
  const set = builder.build();
  return {
    session,
    ev,
    arguments: set,
    autoCall: (slot) => ev.autoCall(slot, set),
    select: (root, path) => ev.selectPath(root, path, set),
    addRoot: (link, path) => addRoot(session, link, path),
    flakes: sourcesOnce,
  };
}

/** Something to evaluate. */
export interface ExpressionSource {
  evaluate(): Value;
  /** The expression as it was understood (`--parse`). */
  show(): ByteString;
}

/** The tree as text, once every variable in it is known to mean something. */
function showChecked(ev: NixEvaluator, expr: Expr): ByteString {
  const text = showExpression(expr);
  ev.check(expr);
  return text;
}

export function textSource(
  evaluation: Evaluation,
  text: ByteString,
  kind: "string" | "stdin" = "string",
): ExpressionSource {
  const { ev } = evaluation;
  const parse = () => ev.parseText(text, toBytes(process.cwd()), { kind });
  return { evaluate: () => ev.evaluate(parse()), show: () => showChecked(ev, parse()) };
}

/** A file, `<name>`, URL or directory, as an argument names it. */
export function fileSource(evaluation: Evaluation, argument: string): ExpressionSource {
  const { ev } = evaluation;
  const file = lookupFile(evaluation, argument);
  return { evaluate: () => ev.evalFile(file), show: () => showChecked(ev, ev.parseFile(file)) };
}

/** The place that an argument means, without looking into directories. */
export function lookupFile(evaluation: Evaluation, argument: string): ByteString {
  const { ev } = evaluation;
  if (argument.startsWith("flake:")) return ev.resolveSearchPathEntry(toBytes(argument))!;
  if (isPseudoUrl(argument)) return ev.world.fetch({ kind: "tarball", url: toBytes(argument) }).path;
  const name = /^<(.+)>$/.exec(argument);
  if (name !== null) return ev.coerceToPath(ev.findFile(ev.nixPath, toBytes(name[1]!), noPos), noPos, "");
  return toBytes(resolve(argument));
}

/** What the positional arguments name, `-E` and `-` considered. */
export function expressionSources(
  evaluation: Evaluation,
  options: { readonly defaultFile: string },
): ExpressionSource[] {
  const { given } = evaluation.session;
  const sources: ExpressionSource[] = [];
  const all = [...given.positional, ...(given.rest ?? [])];
  const words = all.filter((word) => word !== "-");
  if (all.includes("-")) {
    sources.push(textSource(evaluation, fromBuffer(readFileSync(0)), "stdin"));
  } else if (words.length === 0 && !given.has("--expr")) {
    if (evaluation.ev.world.fileType(toBytes(resolve(options.defaultFile))) === undefined) {
      throw new CommandError(`path '${resolve(options.defaultFile)}' does not exist`, {
        hint: "name the file to evaluate, or give an expression with -E",
      });
    }
    words.push(options.defaultFile);
  }
  for (const word of words) {
    sources.push(given.has("--expr") ? textSource(evaluation, toBytes(word)) : fileSource(evaluation, word));
  }
  return sources;
}
