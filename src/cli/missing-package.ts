/** What to say when a package that was asked for by name is not in the set: the nearest names, and how else to get it. */
import { toBytes, toText } from "../format/bytes.ts";
import { Attrs } from "../language/attrs.ts";
import { force } from "../language/value.ts";
import { CommandError } from "./cli-error.ts";
import { type Evaluation, textSource } from "./evaluation.ts";
import { nearestNames } from "./nearest.ts";

function namesOf(evaluation: Evaluation, expression: string): string[] {
  try {
    const value = force(textSource(evaluation, toBytes(expression)).evaluate());
    return value instanceof Attrs ? value.keys.map(toText) : [];
  } catch {
    return [];
  }
}

/**
 * @param wanted the name that is missing
 * @param words what was given after -p
 * @returns undefined when the name is in none of the words, and so no package that was asked for
 */
export function missingPackage(
  evaluation: Evaluation,
  wanted: string,
  words: readonly string[],
  cause: Error,
): CommandError | undefined {
  const word = words.find((text) => text.split(/[^A-Za-z0-9_'-]+/).includes(wanted));
  if (word === undefined) return undefined;
  const dot = word.lastIndexOf(`.${wanted}`);
  const set = dot > 0 ? word.slice(0, dot) : "";
  const isPython = /python/i.test(set);
  const names = namesOf(evaluation, set === "" ? "import <nixpkgs> { }" : `(import <nixpkgs> { }).${set}`);
  const near = nearestNames(wanted, names);
  const hints: string[] = [];
  if (near.length > 0)
    hints.push(
      `the nearest names are: ${near.map((name) => (set === "" ? name : `${set}.${name}`)).join(", ")}`,
    );
  if (set === "") {
    const python = namesOf(evaluation, "(import <nixpkgs> { }).python3Packages");
    const normal = wanted.toLowerCase().replaceAll("_", "-");
    const match = python.find((name) => name.toLowerCase().replaceAll("_", "-") === normal);
    if (match !== undefined)
      hints.push(`there is a Python package of that name: -p python3Packages.${match}`);
  }
  if (isPython) {
    hints.push(
      `a Python package that the set lacks can be described in a file and added with packageOverrides: python3Packages.buildPythonPackage with a source from fetchPypi`,
    );
  }
  const where = set === "" ? "the package set" : set;
  return new CommandError(`${where} has no package '${wanted}'`, {
    hint: hints.length > 0 ? hints.join("; ") : "'bruma repl <nixpkgs>' completes the names that there are",
    cause,
  });
}
