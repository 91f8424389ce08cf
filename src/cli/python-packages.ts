/**
 * `bruma shell -p python3Packages.numpy`: a package of a Python set is of use only to a Python that sees it, so each
 * set named gets an environment of its Python with these packages. nix-shell keeps Nix's meaning of -p.
 */

export interface PackageList {
  /** Nix expressions, one for each thing that goes into the shell. */
  readonly expressions: readonly string[];
  /** What was added, in words; undefined when nothing was. */
  readonly notice: string | undefined;
}

/** `python3Packages.numpy`, `python311.pkgs.requests`: set and package; undefined for anything else. */
function pythonPackage(word: string): { readonly set: string; readonly name: string } | undefined {
  const match = /^((?:pkgs\.)?python\d*(?:Packages|\.pkgs))\.([A-Za-z0-9_][A-Za-z0-9_'-]*|"[^"]+")$/.exec(
    word,
  );
  // Python itself and tools that are no modules stay what they are.
  if (match === null || match[2] === "python") return undefined;
  return { set: match[1]!, name: match[2]! };
}

/** @param words as given after -p */
export function shellPackages(words: readonly string[]): PackageList {
  const sets = new Map<string, string[]>();
  const others: string[] = [];
  for (const word of words) {
    const found = pythonPackage(word);
    if (found === undefined) others.push(word);
    else sets.set(found.set, [...(sets.get(found.set) ?? []), found.name]);
  }
  const environments = [...sets].map(
    ([set, names]) =>
      `${set}.python.withPackages (_: [ ${names.map((name) => `${set}.${name}`).join(" ")} ])`,
  );
  const notice =
    sets.size === 0
      ? undefined
      : [...sets]
          .map(([set, names]) => `entering with the Python of ${set} that has ${names.join(", ")}`)
          .join("; ");
  // The environments first: their python is the one that PATH finds.
  return { expressions: [...environments, ...others], notice };
}

/** The expression that -p stands for. */
export function packagesExpression(expressions: readonly string[]): string {
  const inputs = expressions.map((expression) => `(${expression})`).join(" ");
  return `{...}@args: with import <nixpkgs> args; (pkgs.runCommandCC or pkgs.runCommand) "shell" { buildInputs = [ ${inputs} ]; } ""`;
}
