/** Paths of inputs: `a/b` is the input `b` of the input `a`. Manual: "Flake inputs", `follows`. */
import type { ByteString } from "../format/bytes.ts";
import type { ErrorMaker } from "../language/flake-reference.ts";

export type InputPath = readonly ByteString[];

/** Empty parts are left out, so that "" is the flake itself. @throws EvaluationError */
export function parseInputPath(ev: ErrorMaker, text: ByteString): InputPath {
  const path = text.split("/").filter((element) => element !== "");
  for (const element of path)
    if (!/^[a-zA-Z][a-zA-Z0-9_-]*$/.test(element))
      throw ev.error(`invalid flake input attribute path element '${element}'`);
  return path;
}

export function showInputPath(path: InputPath): ByteString {
  return path.join("/");
}

export function samePath(a: InputPath | undefined, b: InputPath | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.length === b.length && a.every((element, i) => element === b[i]);
}

/** As Nix orders them: element by element. */
export function comparePaths(a: InputPath, b: InputPath): number {
  for (let i = 0; i < a.length && i < b.length; i++) if (a[i] !== b[i]) return a[i]! < b[i]! ? -1 : 1;
  return a.length - b.length;
}
