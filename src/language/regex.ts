/**
 * Matching and splitting with POSIX extended regular expressions, as Nix's `match` and `split` do.
 *
 * The result is the one the C++ library reports: the longest match at the leftmost place, and among the ways to
 * reach it the first in the order in which the automaton is walked (left alternative first, repeat before going
 * on). That library walks every way, which takes exponential time and a stack as deep as the text is long. Here
 * the walk keeps its own stack and notes for each (state, place) whether anything was found behind it: a second
 * visit cannot find more than the first did, so the time is at most states × length.
 *
 * Patterns for which JavaScript's own matcher surely gives the same answer in bounded time go to it: no loops in
 * loops, no operand that can be empty, and for `split` no alternatives (JavaScript takes the first, not the longest).
 */
import type { ByteString } from "../format/bytes.ts";
import {
  compileRegex,
  opAccept,
  opAlternative,
  opBegin,
  opClose,
  opEnd,
  opMatch,
  opOpen,
  opRepeat,
  RegexError,
  type RegexProgram,
} from "./regex-program.ts";

export { RegexError };

/** Start and end of the whole match and of every group, two numbers each; -1 where a group took no part. */
type Spans = Int32Array;

/** How many steps JavaScript's matcher may take at worst before the walker is preferred. */
const backtrackingBudget = 2_000_000;

const noGroups: (ByteString | null)[] = [];

export class Regex {
  readonly groups: number;
  readonly #program: RegexProgram;
  /** Anchored at both ends. */
  readonly #exact: RegExp | undefined;
  readonly #search: RegExp | undefined;

  /** @throws RegexError */
  constructor(pattern: ByteString) {
    const program = compileRegex(pattern);
    const { traits } = program;
    this.#program = program;
    this.groups = program.groups;
    if (traits.source !== undefined && traits.simpleLoops) {
      this.#exact = new RegExp(`^(?:${traits.source})$`);
      if (!traits.hasAlternative && !traits.nullable) this.#search = new RegExp(traits.source, "g");
    }
  }

  /** The groups if the whole text matches: text, or null where a group took no part. Else undefined. */
  match(text: ByteString): (ByteString | null)[] | undefined {
    if (this.#exact !== undefined && this.#cheap(text.length)) {
      const found = this.#exact.exec(text);
      if (found === null) return undefined;
      const result: (ByteString | null)[] = [];
      for (let group = 1; group <= this.groups; group++) result.push(found[group] ?? null);
      return result;
    }
    const spans = new Walker(this.#program, text).exact();
    return spans === undefined ? undefined : groupsOf(text, spans);
  }

  /** Texts between the matches, with the groups of the match between each two of them. */
  split(text: ByteString): (ByteString | (ByteString | null)[])[] {
    const result: (ByteString | (ByteString | null)[])[] = [];
    let end = 0;
    if (this.#search !== undefined && this.#cheap(text.length)) {
      this.#search.lastIndex = 0;
      for (let found = this.#search.exec(text); found !== null; found = this.#search.exec(text)) {
        result.push(text.slice(end, found.index));
        if (this.groups === 0) result.push(noGroups);
        else {
          const groups: (ByteString | null)[] = [];
          for (let group = 1; group <= this.groups; group++) groups.push(found[group] ?? null);
          result.push(groups);
        }
        end = found.index + found[0].length;
      }
    } else {
      const walker = new Walker(this.#program, text);
      for (let spans = walker.search(0); spans !== undefined; spans = walker.searchAfter(spans)) {
        result.push(text.slice(end, spans[0]), groupsOf(text, spans));
        end = spans[1]!;
      }
    }
    result.push(text.slice(end));
    return result;
  }

  #cheap(length: number): boolean {
    const { loops, choices } = this.#program.traits;
    return 2 ** choices * Math.max(length, 1) ** Math.max(1, loops) <= backtrackingBudget;
  }
}

function groupsOf(text: ByteString, spans: Spans): (ByteString | null)[] {
  const result: (ByteString | null)[] = [];
  for (let i = 2; i < spans.length; i += 2) {
    result.push(spans[i + 1]! < 0 ? null : text.slice(spans[i], spans[i + 1]));
  }
  return result;
}

// Kinds of frames on the walker's stack; each frame is four numbers: kind, a, b, c.
const frameRestore = 0; // spans[a] = b
const frameRepeat = 1; // tried once more at state a, place b, context c; now go on
const frameLeft = 2; // tried the left alternative of state a at place b, context c; now the right
const frameRight = 3; // tried the right one; c: whether the left found anything, in context d (see #contexts)
const frameNote = 4; // note what was found for state a, place b, context c

const unknown = 0;
const never = -1;

class Walker {
  readonly #program: RegexProgram;
  readonly #text: ByteString;
  /**
   * For branching states in the empty context: `never`, `unknown`, or the number of the search that found an end
   * behind it. What leads nowhere stays so for later searches; what leads to an end must be walked again by them.
   */
  readonly #notes: Int32Array;
  /** Branching states are numbered, so that notes take space only for them. */
  readonly #branch: Int32Array;
  readonly #width: number;
  #search = 0;
  readonly #spans: Spans;
  #best: Spans | undefined;
  #stack: Int32Array = new Int32Array(1024);
  #top = 0;
  /** How often loops with an operand that can be empty went round without reading: see #count. */
  readonly #contexts: {
    counts: Map<number, number>;
    more: Map<number, number>;
    notes: Map<number, number>;
  }[] = [{ counts: new Map(), more: new Map(), notes: new Map() }];
  readonly #contextIds = new Map<string, number>();

  constructor(program: RegexProgram, text: ByteString) {
    this.#program = program;
    this.#text = text;
    this.#branch = new Int32Array(program.ops.length);
    let branches = 0;
    for (let id = 0; id < program.ops.length; id++) {
      const op = program.ops[id];
      if (op === opAlternative || op === opRepeat) this.#branch[id] = branches++;
    }
    this.#width = text.length + 1;
    this.#notes = new Int32Array(branches * this.#width);
    this.#spans = new Int32Array(2 * program.groups + 2);
  }

  /** The whole text. */
  exact(): Spans | undefined {
    return this.#walk(0, true, false);
  }

  /** The leftmost, then longest match that starts at `from` or after it. */
  search(from: number): Spans | undefined {
    const { firstBytes } = this.#program;
    for (let start = from; start <= this.#text.length; start++) {
      if (firstBytes !== undefined && firstBytes[this.#text.charCodeAt(start)] !== 1) continue;
      const found = this.#walk(start, false, false);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** The next match after one: after an empty one, first a longer one at the same place. */
  searchAfter(previous: Spans): Spans | undefined {
    const end = previous[1]!;
    if (previous[0] !== end) return this.search(end);
    if (end === this.#text.length) return undefined;
    return this.#walk(end, false, true) ?? this.search(end + 1);
  }

  /** `^` holds at the start of the text alone, `$` at its end alone. @param notEmpty refuse the empty match */
  #walk(start: number, exact: boolean, notEmpty: boolean): Spans | undefined {
    const { ops, next, alt, arg, sets, emptyLoop } = this.#program;
    const text = this.#text;
    const length = text.length;
    const spans = this.#spans.fill(-1);
    this.#search++;
    this.#best = undefined;
    this.#top = 0;
    let state = this.#program.start;
    let at = start;
    let context = 0;
    let found = false;
    for (;;) {
      // Downwards, until this way ends.
      down: for (;;) {
        switch (ops[state]) {
          case opMatch:
            if (at < length && sets[arg[state]!]![text.charCodeAt(at)] === 1) {
              at++;
              context = 0;
              state = next[state]!;
              continue;
            }
            found = false;
            break down;
          case opOpen:
          case opClose: {
            const slot = 2 * arg[state]! + (ops[state] === opOpen ? 0 : 1);
            this.#push(frameRestore, slot, spans[slot]!, 0);
            spans[slot] = at;
            state = next[state]!;
            continue;
          }
          case opBegin:
            if (at === 0) {
              state = next[state]!;
              continue;
            }
            found = false;
            break down;
          case opEnd:
            if (at === length) {
              state = next[state]!;
              continue;
            }
            found = false;
            break down;
          case opAccept:
            found = (!exact || at === length) && !(notEmpty && at === start);
            if (found && (this.#best === undefined || at > this.#best[1]!)) {
              this.#best = spans.slice();
              // Nothing can be longer: what is left to walk would change nothing.
              if (at === length) return this.#best;
            }
            break down;
          case opAlternative: {
            const known = this.#known(state, at, context);
            if (known !== undefined) {
              found = known;
              break down;
            }
            this.#push(frameLeft, state, at, context);
            state = alt[state]!;
            continue;
          }
          case opRepeat: {
            const known = this.#known(state, at, context);
            if (known !== undefined) {
              found = known;
              break down;
            }
            const loop = emptyLoop[state]!;
            if (loop >= 0) {
              const rounds = this.#contexts[context]!.counts.get(loop) ?? 0;
              if (rounds >= 2) {
                this.#push(frameNote, state, at, context);
                state = next[state]!;
                continue;
              }
              this.#push(frameRepeat, state, at, context);
              context = this.#oneMore(context, loop, rounds);
            } else {
              this.#push(frameRepeat, state, at, context);
            }
            state = alt[state]!;
            continue;
          }
          default:
            throw new Error(`regular expression automaton: unknown state ${ops[state]}`);
        }
      }
      // Upwards, until there is another way to try.
      let again = false;
      while (!again) {
        if (this.#top === 0) return this.#best;
        this.#top -= 4;
        const stack = this.#stack;
        const kind = stack[this.#top]!;
        const a = stack[this.#top + 1]!;
        const b = stack[this.#top + 2]!;
        const c = stack[this.#top + 3]!;
        switch (kind) {
          case frameRestore:
            spans[a] = b;
            break;
          case frameRepeat:
            if (found) this.#note(a, b, c, true);
            else {
              this.#push(frameNote, a, b, c);
              state = next[a]!;
              at = b;
              context = c;
              again = true;
            }
            break;
          case frameLeft:
            this.#push(found ? frameRight : frameNote, a, b, c);
            state = next[a]!;
            at = b;
            context = c;
            again = true;
            break;
          case frameRight:
            found = true;
            this.#note(a, b, c, true);
            break;
          default:
            this.#note(a, b, c, found);
        }
      }
    }
  }

  #push(kind: number, a: number, b: number, c: number): void {
    if (this.#top + 4 > this.#stack.length) {
      const larger = new Int32Array(this.#stack.length * 2);
      larger.set(this.#stack);
      this.#stack = larger;
    }
    const stack = this.#stack;
    const top = this.#top;
    stack[top] = kind;
    stack[top + 1] = a;
    stack[top + 2] = b;
    stack[top + 3] = c;
    this.#top = top + 4;
  }

  #known(state: number, at: number, context: number): boolean | undefined {
    const place = this.#branch[state]! * this.#width + at;
    const note = context === 0 ? this.#notes[place]! : (this.#contexts[context]!.notes.get(place) ?? unknown);
    return note === never ? false : note === this.#search ? true : undefined;
  }

  #note(state: number, at: number, context: number, found: boolean): void {
    const place = this.#branch[state]! * this.#width + at;
    const note = found ? this.#search : never;
    if (context === 0) this.#notes[place] = note;
    else this.#contexts[context]!.notes.set(place, note);
  }

  /** The context in which `loop` has gone round once more since the last byte was read. */
  #oneMore(context: number, loop: number, rounds: number): number {
    const from = this.#contexts[context]!;
    let to = from.more.get(loop);
    if (to === undefined) {
      const counts = new Map(from.counts).set(loop, rounds + 1);
      const key = [...counts].sort((a, b) => a[0] - b[0]).join(";");
      to = this.#contextIds.get(key);
      if (to === undefined) {
        to = this.#contexts.push({ counts, more: new Map(), notes: new Map() }) - 1;
        this.#contextIds.set(key, to);
      }
      from.more.set(loop, to);
    }
    return to;
  }
}

const cache = new Map<ByteString, Regex | RegexError>();
const cacheSize = 2000;

/** A compiled pattern, from a cache. @throws RegexError */
export function regex(pattern: ByteString): Regex {
  let known = cache.get(pattern);
  if (known === undefined) {
    try {
      known = new Regex(pattern);
    } catch (error) {
      if (!(error instanceof RegexError)) throw error;
      known = error;
    }
    if (cache.size >= cacheSize) cache.clear();
    cache.set(pattern, known);
  }
  if (known instanceof RegexError) throw known;
  return known;
}
