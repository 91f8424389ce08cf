/**
 * Command lines: flags as data, parsed as Nix parses them, with help and suggestions made from the same data.
 *
 * Nix's rules: `-qlf` is `-q -l -f`, `-j3` is `-j 3`, flags and positional arguments mix freely, `--` ends flags.
 * `--flag=value` is ours besides. Some flags take two arguments (`--arg NAME EXPR`). A command that runs a program
 * (`run PACKAGE ARGS…`) may ask that everything after the n-th positional argument be taken as it stands.
 */
import { UsageError } from "./cli-error.ts";
import { nearestNames } from "./nearest.ts";

export interface Flag {
  /** All spellings, the long one first: `["--attr", "-A"]`. */
  readonly names: readonly string[];
  /** Names of its arguments, as help shows them; none: a switch. */
  readonly arguments?: readonly string[];
  /** One line; undefined: the flag works but help does not list it (obsolete, or Nix's and without effect). */
  readonly help?: string | undefined;
  /** Many flags more, each made when somebody asks for it; such an entry has no names of its own. */
  readonly more?: { find(name: string): Flag | undefined; names(): readonly string[] };
}

export interface CommandLine {
  /** As the user types it: `bruma eval`, `nix-build`. */
  readonly name: string;
  /** What comes after the name in the usage line. */
  readonly usage: string;
  /** One or two sentences. */
  readonly summary: string;
  readonly flags: readonly Flag[];
  /** Complete command lines with what they do. */
  readonly examples?: readonly (readonly [command: string, meaning: string])[];
  /** Everything after this many positional arguments is positional too, flags or not. */
  readonly passAfter?: number;
  /** Exit status of wrong usage: 2 for bruma, 1 for Nix's programs. */
  readonly usageStatus?: number;
  /** More text for help, below the flags. */
  readonly notes?: string;
}

/** What a command line said; flags are asked for by their first spelling. */
export class Arguments {
  readonly #values: ReadonlyMap<string, readonly (readonly string[])[]>;
  readonly positional: readonly string[];
  /** What stood after `--` or after the point where flags end; undefined if there was no such point. */
  readonly rest: readonly string[] | undefined;
  /** Flags in the order given: some commands care. */
  readonly order: readonly (readonly [name: string, values: readonly string[]])[];

  constructor(
    order: readonly (readonly [string, readonly string[]])[],
    positional: readonly string[],
    rest: readonly string[] | undefined,
  ) {
    this.order = order;
    const values = new Map<string, (readonly string[])[]>();
    for (const [name, given] of order) {
      const list = values.get(name);
      if (list === undefined) values.set(name, [given]);
      else list.push(given);
    }
    this.#values = values;
    this.positional = positional;
    this.rest = rest;
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  count(name: string): number {
    return this.#values.get(name)?.length ?? 0;
  }

  /** The argument of a flag's last use. */
  value(name: string): string | undefined {
    return this.#values.get(name)?.at(-1)?.[0];
  }

  /** The arguments of a flag's every use. */
  values(name: string): readonly string[] {
    return (this.#values.get(name) ?? []).map((given) => given[0]!);
  }

  /** Every use of a flag with several arguments. */
  tuples(name: string): readonly (readonly string[])[] {
    return this.#values.get(name) ?? [];
  }

  /** A flag's argument as a whole number. @throws UsageError */
  number(name: string): number | undefined {
    const text = this.value(name);
    if (text === undefined) return undefined;
    if (!/^\d+$/.test(text)) throw new UsageError(`flag '${name}' wants a number, not '${text}'`);
    return Number(text);
  }
}

/** Thrown for `--help`: the caller prints the text to standard output. */
export class HelpRequest extends Error {
  readonly text: string;
  constructor(text: string) {
    super("help");
    this.text = text;
  }
}

type FindFlag = (name: string) => Flag | undefined;

function expand(words: readonly string[], find: FindFlag, passAfter: number | undefined): string[] {
  if (passAfter === 0) return ["--", ...words];
  const result: string[] = [];
  let positional = 0;
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (word === "--") return [...result, ...words.slice(i)];
    const compound = /^-[A-Za-z]./.test(word) && find(word) === undefined;
    if (!compound) {
      result.push(word);
      if (!word.startsWith("-") || word === "-") positional++;
      if (passAfter !== undefined && positional >= passAfter) return [...result, "--", ...words.slice(i + 1)];
      // Arguments of flags are not expanded, whatever they look like.
      for (let n = find(word)?.arguments?.length ?? 0; n > 0 && i + 1 < words.length; n--) {
        result.push(words[++i]!);
      }
      continue;
    }
    let at = 1;
    for (; at < word.length && /[A-Za-z]/.test(word[at]!); at++) {
      const flag = find(`-${word[at]}`);
      result.push(`-${word[at]}`);
      if (flag?.arguments !== undefined && at + 1 < word.length) {
        at++;
        break;
      }
      // The last letter's arguments are the next words.
      if (flag?.arguments !== undefined) {
        for (let n = flag.arguments.length; n > 0 && i + 1 < words.length; n--) result.push(words[++i]!);
      }
    }
    if (at < word.length) result.push(word.slice(at));
  }
  return result;
}

/** @throws UsageError, HelpRequest */
export function parseArguments(command: CommandLine, words: readonly string[]): Arguments {
  const flags = new Map<string, Flag>();
  const more: NonNullable<Flag["more"]>[] = [];
  for (const flag of command.flags) {
    // A command's own flags stand before shared ones and win (`-q` of nix-store).
    for (const name of flag.names) if (!flags.has(name)) flags.set(name, flag);
    if (flag.more !== undefined) more.push(flag.more);
  }
  const find: FindFlag = (name) => {
    let flag = flags.get(name);
    for (let i = 0; flag === undefined && i < more.length; i++) flag = more[i]!.find(name);
    return flag;
  };
  const fail = (message: string, hint?: string): never => {
    throw new UsageError(
      message,
      hint ?? `'${command.name} --help' lists the flags`,
      command.usageStatus ?? 2,
    );
  };
  const order: [string, readonly string[]][] = [];
  const positional: string[] = [];
  let rest: string[] | undefined;
  const expanded = expand(words, find, command.passAfter);
  for (let i = 0; i < expanded.length; i++) {
    const word = expanded[i]!;
    if (word === "--") {
      rest = expanded.slice(i + 1);
      break;
    }
    if (!word.startsWith("-") || word === "-") {
      positional.push(word);
      continue;
    }
    const equals = word.startsWith("--") ? word.indexOf("=") : -1;
    const name = equals > 0 ? word.slice(0, equals) : word;
    const flag = find(name);
    if (flag === undefined) {
      if (name === "--help" || name === "-h") throw new HelpRequest(helpText(command));
      const near = nearestNames(name, [...flags.keys(), ...more.flatMap((all) => all.names()), "--help"]);
      fail(
        `unrecognised flag '${name}'`,
        near.length > 0 ? `did you mean ${near.map((n) => `'${n}'`).join(" or ")}?` : undefined,
      );
    }
    const wanted = flag!.arguments?.length ?? 0;
    const given: string[] = [];
    if (equals > 0) {
      if (wanted !== 1) fail(`flag '${name}' does not take its argument with '='`);
      given.push(word.slice(equals + 1));
    }
    while (given.length < wanted) {
      i++;
      if (i >= expanded.length) {
        fail(
          `flag '${name}' requires ${wanted === 1 ? "an argument" : `${wanted} arguments`}: ${flag!.arguments!.join(" ")}`,
        );
      }
      given.push(expanded[i]!);
    }
    order.push([flag!.names[0]!, given]);
  }
  return new Arguments(order, positional, rest);
}

/** The text that `--help` prints. */
export function helpText(command: CommandLine): string {
  const lines = [`usage: ${command.name} ${command.usage}`.trimEnd(), "", command.summary, ""];
  const listed = command.flags.filter((flag) => flag.help !== undefined);
  if (listed.length > 0) {
    lines.push("flags:");
    const left = (flag: Flag) =>
      `  ${[...flag.names].sort((a, b) => a.length - b.length).join(", ")} ${flag.arguments?.join(" ") ?? ""}`.trimEnd();
    const width = Math.min(34, Math.max(...listed.map((flag) => left(flag).length)) + 2);
    for (const flag of listed) {
      const start = left(flag);
      lines.push(
        start.length < width ? start.padEnd(width) + flag.help : `${start}\n${" ".repeat(width)}${flag.help}`,
      );
    }
    lines.push("");
  }
  if (command.notes !== undefined) lines.push(command.notes, "");
  if (command.examples !== undefined) {
    lines.push("examples:");
    for (const [example, meaning] of command.examples) lines.push(`  ${example}`, `      ${meaning}`);
    lines.push("");
  }
  return `${lines.join("\n").trimEnd()}\n`;
}
