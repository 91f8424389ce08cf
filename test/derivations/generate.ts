/**
 * Makes a Nix file of random derivations that use one another, the same for the same seed.
 *
 * Each attribute combines features at random: outputs, dependencies on outputs, whole derivations and text files, fixed
 * outputs in all notations, odd bytes, structured attributes.
 */

/** A small generator of pseudo-random numbers (mulberry32): the corpus must not change with the library. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

const outputSets = [
  ["out"],
  ["out", "dev"],
  ["dev", "out", "doc"],
  ["lib"],
  ["bin", "out"],
  ["out", "a", "B", "c_d"],
];
const names = ["pkg", "a.b", "x+y", "n_m", "q=1", "z?", "1.0", "UPPER", "-dash"];
const dollar = "$";
const strings = [
  '"plain"',
  '""',
  '"with \\"quotes\\" and \\\\ back"',
  '"line\\nline\\ttab\\r"',
  `''\n  indented\n    text ''${dollar}{x}\n''`,
  '"ünïcödé 🐍"',
  `"\\${dollar}{dollar} ${dollar}${dollar}"`,
];
const scalars = ["null", "true", "false", "0", "(-7)", "123456789012", "1.25", "0.1"];
const hashes: readonly [string, string][] = [
  ["md5", "d41d8cd98f00b204e9800998ecf8427e"],
  ["sha1", "da39a3ee5e6b4b0d3255bfef95601890afd80709"],
  ["sha256", "0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73"],
  ["sha256", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="],
  ["", "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="],
  [
    "sha512",
    "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
  ],
];

/** A file whose value is a set of `count` derivations, `d0` to `d<count - 1>`. */
export function generateDerivations(count: number, seed: number): string {
  const random = randomNumbers(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const pick = <T>(items: readonly T[]): T => items[below(items.length)]!;
  const chance = (probability: number): boolean => random() < probability;
  const made: { name: string; outputs: readonly string[] }[] = [];

  const dependency = (): string => {
    if (made.length === 0) return '"none"';
    // Mostly recent ones, so that chains grow long.
    const one = made[Math.max(0, made.length - 1 - (chance(0.7) ? below(8) : below(made.length)))]!;
    switch (below(8)) {
      case 0:
        return `${one.name}.drvPath`;
      case 1:
        return `(builtins.unsafeDiscardOutputDependency ${one.name}.drvPath)`;
      case 2:
        return `"prefix \${${one.name}}/bin"`;
      case 3:
        return `(builtins.toFile "f${below(5)}" "text ${below(5)}")`;
      case 4:
        return one.name;
      default:
        return `${one.name}.${pick(one.outputs)}`;
    }
  };
  const value = (depth: number): string => {
    const kind = below(depth > 2 ? 6 : 8);
    if (kind < 2) return pick(strings);
    if (kind < 3) return pick(scalars);
    if (kind < 6) return dependency();
    return `[ ${Array.from({ length: below(4) }, () => value(depth + 1)).join(" ")} ]`;
  };

  const lines: string[] = ["rec {"];
  for (let index = 0; index < count; index++) {
    const name = `d${index}`;
    const attributes: string[] = [
      `name = "${pick(names)}-${below(40)}";`,
      `system = "${chance(0.9) ? "x86_64-linux" : "builtin"}";`,
      `builder = ${chance(0.2) ? dependency().replace(/^d\d+(\.[A-Za-z_]+)?$/, (text) => `"${dollar}{${text}}/bin/sh"`) : '"/bin/sh"'};`,
    ];
    let outputs: readonly string[] = ["out"];
    const structured = chance(0.2);
    if (structured) attributes.push("__structuredAttrs = true;");
    if (chance(0.1)) attributes.push("__ignoreNulls = true;");
    if (chance(0.2)) {
      const [algorithm, hash] = pick(hashes);
      attributes.push(`outputHash = "${hash}";`, `outputHashAlgo = "${algorithm}";`);
      if (chance(0.7)) attributes.push(`outputHashMode = "${pick(["flat", "recursive"])}";`);
    } else if (chance(0.6)) {
      outputs = pick(outputSets);
      attributes.push(`outputs = [ ${outputs.map((output) => `"${output}"`).join(" ")} ];`);
    }
    if (chance(0.5))
      attributes.push(`args = [ ${Array.from({ length: below(4) }, () => value(1)).join(" ")} ];`);
    if (!structured && chance(0.2)) attributes.push('passAsFile = [ "v0" ];');
    for (let variable = below(5); variable > 0; variable--)
      attributes.push(`v${variable - 1} = ${value(0)};`);
    if (structured && chance(0.5))
      attributes.push(`set = { x = ${value(0)}; "y z" = { w = ${value(1)}; }; };`);
    lines.push(`  ${name} = derivation {`, ...attributes.map((line) => `    ${line}`), "  };");
    made.push({ name, outputs });
  }
  lines.push("}", "");
  return lines.join("\n");
}
