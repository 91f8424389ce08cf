/** Strings: bytes with a context that follows every part of a string. Manual: "String", "Built-ins". */
import type { ByteString } from "../../format/bytes.ts";
import { Attrs } from "../attrs.ts";
import { unionContexts } from "../context.ts";
import { longestString, stringTooLong } from "../errors.ts";
import { type Regex, RegexError, regex } from "../regex.ts";
import type { BuiltinFamily } from "../registry.ts";
import { filled } from "../shape.ts";
import {
  contextOf,
  type Evaluator,
  force,
  isString,
  makeString,
  type Pos,
  type Slot,
  textOf,
  type Value,
} from "../value.ts";
import { compareVersions, parseDrvName, splitVersion } from "../version.ts";

function substring(ev: Evaluator, pos: Pos, a: Slot, b: Slot, s: Slot): Value {
  const start = ev.forceInt(
    a,
    pos,
    "while evaluating the first argument (the start offset) passed to builtins.substring",
  );
  if (start < 0) throw ev.error("negative start position in 'substring'", pos);
  const length = ev.forceInt(
    b,
    pos,
    "while evaluating the second argument (the substring length) passed to builtins.substring",
  );
  if (length === 0) {
    const value = force(s);
    if (isString(value)) return makeString("", contextOf(value));
  }
  const string = ev.coerceToString(
    s,
    pos,
    "while evaluating the third argument (the string) passed to builtins.substring",
  );
  const text = textOf(string);
  const from = Number(start);
  // A negative length means: to the end.
  const part =
    from >= text.length ? "" : length < 0 ? text.slice(from) : text.slice(from, from + Number(length));
  return makeString(part, contextOf(string));
}

function concatStringsSep(ev: Evaluator, pos: Pos, separator: Slot, list: Slot): Value {
  const between = ev.forceString(
    separator,
    pos,
    "while evaluating the first argument (the separator string) passed to builtins.concatStringsSep",
  );
  const elements = ev.forceList(
    list,
    pos,
    "while evaluating the second argument (the list of strings to concat) passed to builtins.concatStringsSep",
  );
  let context = contextOf(between);
  const texts: ByteString[] = [];
  for (let i = 0; i < elements.length; i++) {
    const part = ev.coerceToString(
      elements[i]!,
      pos,
      "while evaluating one element of the list of strings to concat passed to builtins.concatStringsSep",
    );
    if (typeof part === "string") texts.push(part);
    else {
      texts.push(part.text);
      context = unionContexts(context, part.context);
    }
  }
  return makeString(texts.join(textOf(between)), context);
}

/** Of so many patterns or fewer V8 looks for each alone: it compares many bytes at once. */
const fewPatterns = 8;

/** Where patterns occur in a text: of those that begin at one place the first counts. None of them is empty. */
class FewOccurrences {
  readonly #patterns: readonly ByteString[];
  readonly #text: ByteString;
  /** Where each occurs next; -1: nowhere. */
  readonly #next: number[];
  /** Where `find` found one. */
  at = 0;

  constructor(patterns: readonly ByteString[], text: ByteString) {
    this.#patterns = patterns;
    this.#text = text;
    this.#next = patterns.map((pattern) => text.indexOf(pattern));
  }

  /** The number of the pattern that occurs first, at `from` or behind it; -1: none. */
  find(from: number): number {
    const next = this.#next;
    let found = -1;
    for (let index = 0; index < next.length; index++) {
      let at = next[index]!;
      if (at >= 0 && at < from) {
        at = this.#text.indexOf(this.#patterns[index]!, from);
        next[index] = at;
      }
      if (at < 0 || (found >= 0 && at >= this.at)) continue;
      found = index;
      this.at = at;
    }
    return found;
  }
}

/** The same of any patterns: each place of the text is looked at. An empty one occurs everywhere. */
class ManyOccurrences {
  readonly #patterns: readonly ByteString[];
  readonly #text: ByteString;
  readonly #every: readonly number[];
  /** For all but short work, by first byte: the numbers of the patterns to try, in order. */
  readonly #byFirst: (number[] | undefined)[] | undefined;
  at = 0;

  constructor(patterns: readonly ByteString[], text: ByteString) {
    this.#patterns = patterns;
    this.#text = text;
    this.#every = patterns.map((_, index) => index);
    if (patterns.length * text.length <= 512 || patterns.includes("")) return;
    this.#byFirst = filled<number[] | undefined>(256, undefined);
    for (let index = 0; index < patterns.length; index++) {
      const first = patterns[index]!.charCodeAt(0);
      const known = this.#byFirst[first];
      if (known === undefined) this.#byFirst[first] = [index];
      else known.push(index);
    }
  }

  find(from: number): number {
    const text = this.#text;
    const byFirst = this.#byFirst;
    for (let at = from; at <= text.length; at++) {
      const candidates = byFirst === undefined ? this.#every : byFirst[text.charCodeAt(at)];
      if (candidates === undefined) continue;
      for (let i = 0; i < candidates.length; i++) {
        if (!text.startsWith(this.#patterns[candidates[i]!]!, at)) continue;
        this.at = at;
        return candidates[i]!;
      }
    }
    return -1;
  }
}

function replaceStrings(ev: Evaluator, pos: Pos, from: Slot, to: Slot, s: Slot): Value {
  const patternSlots = ev.forceList(
    from,
    pos,
    "while evaluating the first argument passed to builtins.replaceStrings",
  );
  const replacementSlots = ev.forceList(
    to,
    pos,
    "while evaluating the second argument passed to builtins.replaceStrings",
  );
  if (patternSlots.length !== replacementSlots.length)
    throw ev.error("'from' and 'to' arguments passed to builtins.replaceStrings have different lengths", pos);
  const patterns = patternSlots.map((slot) =>
    textOf(
      ev.forceString(
        slot,
        pos,
        "while evaluating one of the strings to replace passed to builtins.replaceStrings",
      ),
    ),
  );
  const string = ev.forceString(
    s,
    pos,
    "while evaluating the third argument passed to builtins.replaceStrings",
  );
  const text = textOf(string);
  let context = contextOf(string);
  // Replacements are evaluated when they are first needed, and only then bring their context.
  const replacements: (ByteString | undefined)[] = [];
  const replacement = (index: number): ByteString => {
    let known = replacements[index];
    if (known === undefined) {
      const value = ev.forceString(
        replacementSlots[index]!,
        pos,
        "while evaluating one of the replacement strings passed to builtins.replaceStrings",
      );
      context = unionContexts(context, contextOf(value));
      known = textOf(value);
      replacements[index] = known;
    }
    return known;
  };
  if (patterns.length === 0) return string;
  const occurrences =
    patterns.length <= fewPatterns && !patterns.includes("")
      ? new FewOccurrences(patterns, text)
      : new ManyOccurrences(patterns, text);
  const parts: ByteString[] = [];
  let length = 0;
  // Joined now and then: millions of small pieces take many times the room of what they say.
  let joined = "";
  const append = (part: ByteString): void => {
    length += part.length;
    if (length > longestString) throw stringTooLong();
    if (parts.push(part) < 1 << 16) return;
    joined += parts.join("");
    parts.length = 0;
  };
  let copied = 0;
  let next = 0;
  for (let found = occurrences.find(next); found >= 0; found = occurrences.find(next)) {
    const { at } = occurrences;
    if (copied < at) append(text.slice(copied, at));
    append(replacement(found));
    const size = patterns[found]!.length;
    if (size === 0) append(text.charAt(at));
    next = size === 0 ? at + 1 : at + size;
    copied = next;
  }
  if (joined === "" && parts.length === 0) return string;
  append(text.slice(copied));
  return makeString(joined + parts.join(""), context);
}

/** The regular expression that is the first argument of a builtin. */
function forceRegex(ev: Evaluator, pos: Pos, slot: Slot, builtin: string): Regex {
  const trace = `while evaluating the first argument passed to builtins.${builtin}`;
  const pattern = ev.forceStringNoContext(slot, pos, trace);
  try {
    return regex(pattern);
  } catch (error) {
    if (!(error instanceof RegexError)) throw error;
    throw ev.error(
      error.reason === "too-large"
        ? `memory limit exceeded by regular expression '${pattern}'`
        : `invalid regular expression '${pattern}'`,
      pos,
    );
  }
}

export const stringBuiltins: BuiltinFamily = {
  functions: [
    {
      name: "compareVersions",
      args: ["s1", "s2"],
      doc: "-1, 0 or 1 as the first version is older than, the same as or newer than the second.",
      fn: (ev, pos, a, b) =>
        compareVersions(
          ev.forceStringNoContext(
            a,
            pos,
            "while evaluating the first argument passed to builtins.compareVersions",
          ),
          ev.forceStringNoContext(
            b,
            pos,
            "while evaluating the second argument passed to builtins.compareVersions",
          ),
        ),
    },
    {
      name: "concatStringsSep",
      args: ["separator", "list"],
      doc: "The strings of a list, one after the other, with the separator between each two.",
      fn: concatStringsSep,
    },
    {
      name: "match",
      args: ["regex", "str"],
      doc: "The groups of a POSIX extended regular expression that matches the whole string; `null` if it does not.",
      fn: (ev, pos, pattern, s) => {
        const expression = forceRegex(ev, pos, pattern, "match");
        const text = textOf(
          ev.forceString(s, pos, "while evaluating the second argument passed to builtins.match"),
        );
        return expression.match(text) ?? null;
      },
    },
    {
      name: "parseDrvName",
      args: ["s"],
      doc: "Splits a package's name with version: the version starts after the first dash that no letter follows.",
      fn: (ev, pos, s) => {
        const { name, version } = parseDrvName(
          ev.forceStringNoContext(
            s,
            pos,
            "while evaluating the first argument passed to builtins.parseDrvName",
          ),
        );
        return Attrs.fromSorted(["name", "version"], [name, version]);
      },
    },
    {
      name: "replaceStrings",
      args: ["from", "to", "s"],
      doc: "The string with each occurrence of a string in `from` replaced by its neighbour in `to`, in one pass.",
      fn: replaceStrings,
    },
    {
      name: "split",
      args: ["regex", "str"],
      doc: "The parts of the string between matches of the regular expression, and between them the lists of groups.",
      fn: (ev, pos, pattern, s) => {
        const expression = forceRegex(ev, pos, pattern, "split");
        const value = ev.forceString(s, pos, "while evaluating the second argument passed to builtins.split");
        const parts = expression.split(textOf(value));
        return parts.length === 1 ? [value] : parts;
      },
    },
    {
      name: "splitVersion",
      args: ["s"],
      doc: "The components of a version, as `compareVersions` compares them.",
      fn: (ev, pos, s) =>
        splitVersion(
          ev.forceStringNoContext(
            s,
            pos,
            "while evaluating the first argument passed to builtins.splitVersion",
          ),
        ),
    },
    {
      name: "stringLength",
      args: ["e"],
      doc: "The number of bytes of the string.",
      fn: (ev, pos, s) =>
        textOf(ev.coerceToString(s, pos, "while evaluating the argument passed to builtins.stringLength"))
          .length,
    },
    {
      name: "substring",
      args: ["start", "len", "s"],
      doc: "That many bytes of the string from a place counted from 0; with a negative length, up to the end.",
      fn: substring,
    },
    {
      name: "toString",
      args: ["e"],
      global: true,
      doc: "The value as a string; `null` and `false` give an empty one, `true` gives `1`, lists are joined by spaces.",
      fn: (ev, pos, value) =>
        ev.coerceToString(value, pos, "while evaluating the first argument passed to builtins.toString", {
          more: true,
          copyToStore: false,
        }),
    },
  ],
};
