/**
 * One evaluation for a command: the evaluator with this session's world, and what the command line named to be
 * evaluated (files, directories, `<names>`, URLs, expressions, standard input).
 */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { derivationFamily } from "../derivation/strict.ts";
import { type ByteString, toBytes } from "../format/bytes.ts";
import type { StorePath } from "../format/store-path.ts";
import { type Attrs, AttrsBuilder } from "../language/attrs.ts";
import { EvaluationError } from "../language/errors.ts";
import { createEvaluator, type NixEvaluator } from "../language/evaluator.ts";
import { printError } from "../language/print-error.ts";
import { showExpression } from "../language/show-expression.ts";
import { force, later, noPos, type Slot, type Value } from "../language/value.ts";
import { CommandError } from "./cli-error.ts";
import { isPseudoUrl, type Session } from "./compose.ts";
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
}

/** @param extraArguments given besides those of the command line, which win */
export async function startEvaluation(session: Session): Promise<Evaluation> {
  const ev = createEvaluator(session.world, {
    extraBuiltins: [derivationFamily],
    nixPath: session.searchPath(),
    settings: session.evaluatorSettings(),
  });
  errorRenderers.push((error) =>
    error instanceof EvaluationError
      ? printError(ev, error, { showTrace: session.showTrace, colour: errorColour() })
      : undefined,
  );
  const builder = new AttrsBuilder();
  const base = toBytes(process.cwd());
  for (const [flag, values] of session.given.order) {
    const [name, text] = values as [string, string];
    if (flag === "--argstr") builder.set(toBytes(name), toBytes(text));
    else if (flag === "--arg") {
      const source = toBytes(text);
      const expression = ev.parseText(source, base, { kind: "string" });
      builder.set(
        toBytes(name),
        later(() => force(ev.evaluate(expression))),
      );
    }
  }
  const given = builder.build();
  return {
    session,
    ev,
    arguments: given,
    autoCall: (slot) => ev.autoCall(slot, given),
    select: (root, path) => ev.selectPath(root, path, given),
    addRoot: (link, path) => addRoot(session, link, path),
  };
}

/** Something to evaluate. */
export interface ExpressionSource {
  evaluate(): Slot;
  /** The expression as it was understood (`--parse`). */
  show(): ByteString;
  /** The file, if it is one. */
  readonly file: ByteString | undefined;
}

export function textSource(
  evaluation: Evaluation,
  text: ByteString,
  kind: "string" | "stdin" = "string",
): ExpressionSource {
  const { ev } = evaluation;
  const parse = () => ev.parseText(text, toBytes(process.cwd()), { kind });
  return { evaluate: () => ev.evaluate(parse()), show: () => showExpression(parse()), file: undefined };
}

/** A file, `<name>`, URL or directory, as an argument names it. */
export function fileSource(evaluation: Evaluation, argument: string): ExpressionSource {
  const { ev } = evaluation;
  const file = resolveDirectory(evaluation, lookupFile(evaluation, argument));
  return { evaluate: () => ev.evalFile(file), show: () => showExpression(ev.parseFile(file)), file };
}

/** The place that an argument means, without looking into directories. */
export function lookupFile(evaluation: Evaluation, argument: string): ByteString {
  const { ev } = evaluation;
  if (isPseudoUrl(argument)) return ev.world.fetch({ kind: "tarball", url: toBytes(argument) }).path;
  const name = /^<(.+)>$/.exec(argument);
  if (name !== null) return ev.coerceToPath(ev.findFile(ev.nixPath, toBytes(name[1]!), noPos), noPos, "");
  return toBytes(resolve(argument));
}

/** A directory means its default.nix. */
function resolveDirectory(evaluation: Evaluation, path: ByteString): ByteString {
  const { ev } = evaluation;
  const real = ev.resolveSymlinks(path, noPos);
  if (ev.world.fileType(real) === undefined) {
    throw new CommandError(`path '${path}' does not exist`);
  }
  return ev.world.fileType(real) === "directory" ? `${real}/default.nix` : real;
}

/** What the positional arguments name, `-E` and `-` considered. */
export function expressionSources(
  evaluation: Evaluation,
  options: { readonly defaultFile: string },
): ExpressionSource[] {
  const { given } = evaluation.session;
  const sources: ExpressionSource[] = [];
  const words = given.positional.filter((word) => word !== "-");
  if (given.positional.includes("-")) {
    sources.push(textSource(evaluation, readFileSync(0).latin1Slice(), "stdin"));
  } else if (words.length === 0 && !given.has("--expr")) words.push(options.defaultFile);
  for (const word of words) {
    sources.push(given.has("--expr") ? textSource(evaluation, toBytes(word)) : fileSource(evaluation, word));
  }
  return sources;
}
