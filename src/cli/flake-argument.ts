/**
 * A flake as it is typed: `.`, `..#python`, `github:o/r#x^dev`, `nixpkgs#hello`. A path is looked for upwards, to the
 * directory with `flake.nix`; in a Git repository it means that repository. Manual: "nix", "Installables".
 */
import { existsSync, lstatSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { FlakeReference } from "../flake/reference.ts";
import { type ByteString, toBytes, toText } from "../format/bytes.ts";
import { pathToSegments } from "../format/url.ts";
import {
  type ErrorMaker,
  parseReferenceWithFragment,
  splitReference,
  type TypedPaths,
} from "../language/flake-reference.ts";
import { CommandError } from "./cli-error.ts";
import { printMessage } from "./output.ts";

export interface FlakeArgument {
  readonly reference: FlakeReference;
  /** What follows `#`; "" for nothing. */
  readonly fragment: ByteString;
  /** `^a,b`; "all" for `^*`; undefined: what the package says. */
  readonly outputs: readonly string[] | "all" | undefined;
}

/** Does a word name a flake rather than a file? `.#x`, `github:o/r`, `path:…`, `git+https:…`. */
export function namesFlake(word: string): boolean {
  return (
    word.includes("#") || /^(github|gitlab|sourcehut|path|flake|git|(git|hg|tarball)\+[a-z]+):/.test(word)
  );
}

/** Like realpath, but what is not there stays. */
function absolute(path: string): string {
  const whole = resolve(path);
  try {
    return realpathSync(whole);
  } catch {
    return whole;
  }
}

/** The directory of the flake that a path means. @throws CommandError */
function findFlake(path: string): string {
  let directory = path;
  const status = lstatSync(directory, { throwIfNoEntry: false });
  if (status === undefined) throw new CommandError(`path '${directory}' does not exist`);
  if (!status.isDirectory()) {
    if (basename(directory) !== "flake.nix")
      throw new CommandError(`path "${directory}" is not a flake (because it's not a directory)`);
    directory = dirname(directory);
    printMessage(
      `warning: Path "${path}" should point at the directory containing the 'flake.nix' file, not the file itself. Pretending that you meant "${directory}"`,
    );
  }
  if (existsSync(join(directory, "flake.nix"))) return directory;
  printMessage(`path "${directory}" does not contain a 'flake.nix', searching up`);
  const device = lstatSync(directory).dev;
  for (; directory !== "/"; directory = dirname(directory)) {
    if (existsSync(join(directory, "flake.nix"))) return directory;
    if (existsSync(join(directory, ".git")))
      throw new CommandError(
        `path "${directory}" is not part of a flake (neither it nor its parent directories contain a 'flake.nix' file)`,
      );
    if (lstatSync(directory).dev !== device)
      throw new CommandError(
        `unable to find a flake before encountering filesystem boundary at "${directory}"`,
      );
  }
  throw new CommandError("could not find a flake.nix file");
}

const typedPaths = (mayBeMissing: boolean): TypedPaths => ({
  absolute: (path) => toBytes(absolute(toText(path))),
  find(path, query) {
    const typed = absolute(toText(path));
    const directory = mayBeMissing ? typed : findFlake(typed);
    for (let root = directory; root !== "/"; root = dirname(root)) {
      if (!existsSync(join(root, ".git"))) continue;
      const more = new Map(query);
      const below = directory.slice(root.length + 1);
      if (below !== "") {
        if (more.has("dir"))
          throw new CommandError(`flake URL '${toText(path)}' has an inconsistent 'dir' parameter`);
        more.set("dir", toBytes(below));
      }
      if (existsSync(join(root, ".git", "shallow"))) more.set("shallow", "1");
      return { scheme: "git+file", authority: "", path: pathToSegments(toBytes(root)), query: more };
    }
    return { scheme: "path", authority: "", path: pathToSegments(toBytes(directory)), query };
  },
});

/**
 * @param options.mayBeMissing a path need not have a `flake.nix`
 * @throws EvaluationError for what is no reference; CommandError for a path that means no flake
 */
export function parseFlakeArgument(
  ev: ErrorMaker,
  text: string,
  options: { readonly mayBeMissing?: boolean } = {},
): FlakeArgument {
  const match = /^(.*)\^(\*|[a-zA-Z0-9_-]+(?:,[a-zA-Z0-9_-]+)*)$/s.exec(text);
  const { attributes, fragment } = parseReferenceWithFragment(ev, toBytes(match?.[1] ?? text), {
    typed: typedPaths(options.mayBeMissing ?? false),
  });
  const outputs = match === null ? undefined : match[2] === "*" ? "all" : match[2]!.split(",");
  return { reference: splitReference(attributes), fragment, outputs };
}
