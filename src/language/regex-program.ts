/**
 * POSIX extended regular expressions, as Nix's `match` and `split` read them: text → automaton.
 *
 * Nix hands its patterns to the C++ library's `std::regex` with the extended grammar, so that library's reading is
 * the specification here, where it differs from POSIX too: no back-references; escaping a character that is not
 * special is an error; `[` lists know no escapes; `{n,m}` copies its operand; at most 100 000 states. The automaton
 * has that library's shape, because which submatches are reported follows from the order it is walked in
 * (regex.ts does the walking).
 */
import { type ByteString, fromBuffer } from "../format/bytes.ts";

/** Why a pattern is refused: not a regular expression, or one too large. */
export class RegexError extends Error {
  readonly reason: "invalid" | "too-large";
  constructor(reason: "invalid" | "too-large") {
    super(reason);
    this.reason = reason;
  }
}

export const opMatch = 0;
/** Tries `alt`, then `next`, and keeps the longer. */
export const opAlternative = 1;
/** Tries `alt` (once more) unless it went round twice without reading; then `next` if that found nothing. */
export const opRepeat = 2;
export const opOpen = 3;
export const opClose = 4;
export const opBegin = 5;
export const opEnd = 6;
export const opAccept = 7;
const opDummy = 8;

const stateLimit = 100_000;

/** What the fast path (regex.ts) must know of a pattern. */
export interface RegexTraits {
  /** No operand of a repetition can match the empty string. */
  readonly simpleLoops: boolean;
  readonly hasAlternative: boolean;
  /** The whole can match the empty string. */
  readonly nullable: boolean;
  /** Same meaning in JavaScript's syntax; undefined where the meanings may differ. */
  readonly source: string | undefined;
  /** Unbounded or long repetitions: each may walk the whole text. */
  readonly loops: number;
  /** Choices that each may double the work of a backtracking matcher. */
  readonly choices: number;
}

export interface RegexProgram {
  readonly start: number;
  readonly ops: Uint8Array;
  readonly next: Int32Array;
  readonly alt: Int32Array;
  /** opMatch: index into `sets`; opOpen, opClose: group. */
  readonly arg: Int32Array;
  /** Membership by byte, 256 entries each. */
  readonly sets: readonly Uint8Array[];
  /** Groups without the whole match. */
  readonly groups: number;
  /** Per state: opRepeat whose operand can be empty gets a number from 0, others -1. */
  readonly emptyLoop: Int32Array;
  /** Bytes a match can start with; undefined if it can be empty. */
  readonly firstBytes: Uint8Array | undefined;
  readonly traits: RegexTraits;
}

/** Part of an automaton with one way in and one out. */
interface Sequence {
  readonly start: number;
  end: number;
  nullable: boolean;
  /** JavaScript's spelling; undefined: none that surely means the same. */
  source: string | undefined;
  /** The number of bytes it matches if that is always the same and there is no choice inside; else -1. */
  width: number;
  /** Holds a group that some ways through it leave untouched. */
  optionalGroup: boolean;
  hasGroup: boolean;
}

const classes: Record<string, (c: number) => boolean> = {
  d: isDigit,
  w: (c) => isAlpha(c) || isDigit(c) || c === 95,
  s: isSpace,
  alnum: (c) => isAlpha(c) || isDigit(c),
  alpha: isAlpha,
  blank: (c) => c === 32 || c === 9,
  cntrl: (c) => c < 32 || c === 127,
  digit: isDigit,
  graph: (c) => c > 32 && c < 127,
  lower: (c) => c >= 97 && c <= 122,
  print: (c) => c >= 32 && c < 127,
  punct: (c) => c > 32 && c < 127 && !isAlpha(c) && !isDigit(c),
  space: isSpace,
  upper: (c) => c >= 65 && c <= 90,
  xdigit: (c) => isDigit(c) || (c >= 65 && c <= 70) || (c >= 97 && c <= 102),
};

function isDigit(c: number): boolean {
  return c >= 48 && c <= 57;
}
function isAlpha(c: number): boolean {
  return (c >= 65 && c <= 90) || (c >= 97 && c <= 122);
}
function isSpace(c: number): boolean {
  return c === 32 || (c >= 9 && c <= 13);
}

/** POSIX names of the characters that are no letters, from 0 to 127 where they exist (`[[.hyphen.]]`). */
const collatingNames = (
  "NUL SOH STX ETX EOT ENQ ACK alert backspace tab newline vertical-tab form-feed carriage-return SO SI DLE DC1 " +
  "DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC IS4 IS3 IS2 IS1 space exclamation-mark quotation-mark number-sign " +
  "dollar-sign percent-sign ampersand apostrophe left-parenthesis right-parenthesis asterisk plus-sign comma " +
  "hyphen period slash zero one two three four five six seven eight nine colon semicolon less-than-sign " +
  "equals-sign greater-than-sign question-mark commercial-at A B C D E F G H I J K L M N O P Q R S T U V W X Y Z " +
  "left-square-bracket backslash right-square-bracket circumflex underscore grave-accent a b c d e f g h i j k l " +
  "m n o p q r s t u v w x y z left-curly-bracket vertical-line right-curly-bracket tilde DEL"
).split(" ");

const special = ".[\\()*+?{|^$";

class Compiler {
  readonly #text: ByteString;
  #at = 0;
  readonly #ops: number[] = [];
  readonly #next: number[] = [];
  readonly #alt: number[] = [];
  readonly #arg: number[] = [];
  readonly #empty: number[] = [];
  #emptyLoops = 0;
  readonly #sets: Uint8Array[] = [];
  readonly #setIndex = new Map<string, number>();
  #groups = 0;
  #simpleLoops = true;
  #hasAlternative = false;
  #loops = 0;
  #choices = 0;

  constructor(text: ByteString) {
    this.#text = text;
  }

  compile(): RegexProgram {
    const whole = this.#one(this.#state(opOpen, 0), true, "", 0);
    const body = this.#disjunction(0);
    if (this.#at < this.#text.length) throw new RegexError("invalid");
    this.#append(whole, body);
    this.#append(whole, this.#one(this.#state(opClose, 0), true, "", 0));
    this.#append(whole, this.#one(this.#state(opAccept, 0), true, "", 0));
    this.#skipDummies();
    const program = {
      start: whole.start,
      ops: Uint8Array.from(this.#ops),
      next: Int32Array.from(this.#next),
      alt: Int32Array.from(this.#alt),
      arg: Int32Array.from(this.#arg),
      emptyLoop: Int32Array.from(this.#empty),
      sets: this.#sets,
      groups: this.#groups,
      traits: {
        simpleLoops: this.#simpleLoops,
        hasAlternative: this.#hasAlternative,
        nullable: body.nullable,
        source: body.source,
        loops: this.#loops,
        choices: this.#choices,
      },
    };
    return { ...program, firstBytes: body.nullable ? undefined : firstBytes(program) };
  }

  #state(op: number, arg: number, next = -1, alt = -1): number {
    const id = this.#ops.length;
    if (id >= stateLimit) throw new RegexError("too-large");
    this.#ops.push(op);
    this.#next.push(next);
    this.#alt.push(alt);
    this.#arg.push(arg);
    this.#empty.push(-1);
    return id;
  }

  #one(state: number, nullable: boolean, source: string | undefined, width: number): Sequence {
    return { start: state, end: state, nullable, source, width, optionalGroup: false, hasGroup: false };
  }

  #append(to: Sequence, more: Sequence): void {
    this.#next[to.end] = more.start;
    to.end = more.end;
    to.nullable &&= more.nullable;
    to.source = to.source === undefined || more.source === undefined ? undefined : to.source + more.source;
    to.width = to.width < 0 || more.width < 0 ? -1 : to.width + more.width;
    to.optionalGroup ||= more.optionalGroup;
    to.hasGroup ||= more.hasGroup;
  }

  #peek(): string {
    return this.#text.charAt(this.#at);
  }

  /** @param depth open parentheses, against a JavaScript stack overflow on ten thousands of them. */
  #disjunction(depth: number): Sequence {
    if (depth > 20_000) throw new RegexError("too-large");
    let left = this.#alternative(depth);
    while (this.#peek() === "|") {
      this.#at++;
      this.#hasAlternative = true;
      this.#choices++;
      const right = this.#alternative(depth);
      const end = this.#state(opDummy, 0);
      this.#next[left.end] = end;
      this.#next[right.end] = end;
      left = {
        start: this.#state(opAlternative, 0, right.start, left.start),
        end,
        nullable: left.nullable || right.nullable,
        source:
          left.source === undefined || right.source === undefined
            ? undefined
            : `(?:${left.source}|${right.source})`,
        width: -1,
        optionalGroup: left.hasGroup || right.hasGroup,
        hasGroup: left.hasGroup || right.hasGroup,
      };
    }
    return left;
  }

  #alternative(depth: number): Sequence {
    const terms: Sequence[] = [];
    for (let term = this.#term(depth); term !== undefined; term = this.#term(depth)) terms.push(term);
    const result = this.#one(this.#state(opDummy, 0), true, "", 0);
    for (const term of terms) this.#append(result, term);
    return result;
  }

  #term(depth: number): Sequence | undefined {
    const c = this.#peek();
    if (c === "^" || c === "$") {
      this.#at++;
      return this.#one(this.#state(c === "^" ? opBegin : opEnd, 0), true, c, 0);
    }
    let atom = this.#atom(depth);
    if (atom === undefined) return undefined;
    for (;;) {
      const quantified = this.#quantifier(atom);
      if (quantified === undefined) return atom;
      atom = quantified;
    }
  }

  #atom(depth: number): Sequence | undefined {
    if (this.#at >= this.#text.length) return undefined;
    const c = this.#peek();
    switch (c) {
      case ".": {
        this.#at++;
        const set = new Uint8Array(256).fill(1);
        set[0] = 0;
        return this.#set(set, "[^\\0]");
      }
      case "(": {
        this.#at++;
        const group = ++this.#groups;
        const result = this.#one(this.#state(opOpen, group), true, "(", 0);
        this.#append(result, this.#disjunction(depth + 1));
        if (this.#peek() !== ")") throw new RegexError("invalid");
        this.#at++;
        this.#append(result, this.#one(this.#state(opClose, group), true, ")", 0));
        result.hasGroup = true;
        return result;
      }
      case "[":
        return this.#bracket();
      case "\\": {
        const escaped = this.#text.charAt(this.#at + 1);
        if (escaped === "" || !special.includes(escaped)) throw new RegexError("invalid");
        this.#at += 2;
        return this.#char(escaped);
      }
      case "\0":
        throw new RegexError("invalid");
      case ")":
      case "|":
      case "*":
      case "+":
      case "?":
      case "{":
        return undefined;
      default:
        this.#at++;
        return this.#char(c);
    }
  }

  #char(c: string): Sequence {
    const set = new Uint8Array(256);
    set[c.charCodeAt(0)] = 1;
    return this.#set(set, escapeForJavaScript(c.charCodeAt(0)));
  }

  #set(set: Uint8Array, source: string): Sequence {
    const key = fromBuffer(set);
    let index = this.#setIndex.get(key);
    if (index === undefined) {
      index = this.#sets.push(set) - 1;
      this.#setIndex.set(key, index);
    }
    return this.#one(this.#state(opMatch, index), false, source, 1);
  }

  #quantifier(operand: Sequence): Sequence | undefined {
    switch (this.#peek()) {
      case "*": {
        this.#at++;
        const loop = this.#repeat(-1, operand.start, operand.nullable);
        this.#next[operand.end] = loop;
        return { ...operand, start: loop, end: loop, ...this.#looped(operand, "*", true, 0) };
      }
      case "+": {
        this.#at++;
        const loop = this.#repeat(-1, operand.start, operand.nullable);
        this.#next[operand.end] = loop;
        return { ...operand, end: loop, ...this.#looped(operand, "+", true, 1) };
      }
      case "?": {
        this.#at++;
        const end = this.#state(opDummy, 0);
        const loop = this.#repeat(end, operand.start, operand.nullable);
        this.#next[operand.end] = end;
        this.#choices++;
        return { ...operand, start: loop, end, ...this.#looped(operand, "?", false, 0) };
      }
      case "{":
        this.#at++;
        return this.#interval(operand);
      default:
        return undefined;
    }
  }

  #repeat(next: number, alt: number, nullable: boolean): number {
    const id = this.#state(opRepeat, 0, next, alt);
    if (nullable) {
      this.#empty[id] = this.#emptyLoops++;
      this.#simpleLoops = false;
    }
    return id;
  }

  /** The traits of a repeated operand. */
  #looped(
    operand: Sequence,
    suffix: string,
    many: boolean,
    minimum: number,
  ): Pick<Sequence, "nullable" | "source" | "width" | "optionalGroup"> {
    if (many) this.#loops++;
    // JavaScript forgets the groups of an earlier round; with every group set in every round nobody can tell.
    // A choice inside a loop makes backtracking explode: such a pattern is left to the walker.
    const same =
      operand.source !== undefined &&
      !operand.nullable &&
      (!many || (operand.width > 0 && !operand.optionalGroup));
    return {
      nullable: operand.nullable || minimum === 0,
      source: same ? `(?:${operand.source})${suffix}` : undefined,
      width: -1,
      optionalGroup: operand.optionalGroup || (minimum === 0 && operand.hasGroup),
    };
  }

  #number(): number | undefined {
    let digits = "";
    while (isDigit(this.#text.charCodeAt(this.#at))) digits += this.#text.charAt(this.#at++);
    if (digits === "") return undefined;
    const value = Number(digits);
    if (value > 0x7fffffff) throw new RegexError("invalid");
    return value;
  }

  #interval(operand: Sequence): Sequence {
    const minimum = this.#number();
    if (minimum === undefined) throw new RegexError("invalid");
    let maximum: number | undefined = minimum;
    if (this.#peek() === ",") {
      this.#at++;
      maximum = this.#number();
    }
    if (this.#peek() !== "}") throw new RegexError("invalid");
    this.#at++;
    const result = this.#one(this.#state(opDummy, 0), true, "", 0);
    for (let i = 0; i < minimum; i++) this.#append(result, this.#clone(operand));
    if (maximum === undefined) {
      const copy = this.#clone(operand);
      const loop = this.#repeat(-1, copy.start, operand.nullable);
      this.#next[copy.end] = loop;
      this.#append(result, { ...copy, start: loop, end: loop });
    } else {
      if (maximum < minimum) throw new RegexError("invalid");
      const end = this.#state(opDummy, 0);
      for (let i = minimum; i < maximum; i++) {
        const copy = this.#clone(operand);
        const choice = this.#repeat(end, copy.start, operand.nullable);
        this.#append(result, { ...copy, start: choice });
      }
      this.#next[result.end] = end;
      result.end = end;
    }
    if (operand.nullable) this.#simpleLoops = false;
    const suffix = `{${minimum}${maximum === minimum ? "" : `,${maximum ?? ""}`}}`;
    const fixed = minimum === maximum;
    const looped = this.#looped(operand, suffix, !fixed || minimum > 1, minimum);
    // A fixed number of copies of a fixed width is no loop for a backtracking matcher.
    if (fixed && operand.width >= 0 && minimum > 1) this.#loops--;
    return {
      ...result,
      ...looped,
      nullable: operand.nullable || minimum === 0,
      width: fixed && operand.width >= 0 ? operand.width * minimum : -1,
      // `a{0}` leaves its groups out altogether.
      hasGroup: operand.hasGroup,
      source: maximum === 0 ? undefined : looped.source,
    };
  }

  /** A copy of the states of a sequence, with the same groups. */
  #clone(original: Sequence): Sequence {
    const copies = new Map<number, number>();
    const pending = [original.start];
    const copyOf = (id: number): number => {
      const known = copies.get(id);
      if (known !== undefined) return known;
      const empty = this.#empty[id]! >= 0;
      const copy = this.#state(this.#ops[id]!, this.#arg[id]!, this.#next[id], this.#alt[id]);
      if (empty) this.#empty[copy] = this.#emptyLoops++;
      copies.set(id, copy);
      pending.push(id);
      return copy;
    };
    copyOf(original.start);
    while (pending.length > 0) {
      const id = pending.pop()!;
      const copy = copies.get(id)!;
      if (this.#alt[id]! >= 0) this.#alt[copy] = copyOf(this.#alt[id]!);
      if (id === original.end) this.#next[copy] = -1;
      else if (this.#next[id]! >= 0) this.#next[copy] = copyOf(this.#next[id]!);
    }
    return { ...original, start: copies.get(original.start)!, end: copies.get(original.end)! };
  }

  #bracket(): Sequence {
    this.#at++;
    let negated = false;
    if (this.#peek() === "^") {
      negated = true;
      this.#at++;
    }
    const set = new Uint8Array(256);
    const add = (test: (c: number) => boolean): void => {
      for (let c = 0; c < 256; c++) if (test(c)) set[c] = 1;
    };
    // "none": nothing before, or a range just ended; a dash there is an error unless it is first or last.
    let last: number | "none" | "class" = "none";
    let first = true;
    for (;;) {
      const token = this.#bracketToken(first);
      if (token.kind === "end") break;
      if (token.kind === "char") {
        set[token.code] = 1;
        last = token.code;
      } else if (token.kind === "class") {
        add(token.test);
        last = "class";
      } else if (first) {
        set[45] = 1;
        last = 45;
      } else {
        const next = this.#bracketToken(false);
        if (next.kind === "end") {
          set[45] = 1;
          break;
        }
        const to = next.kind === "char" && !next.named ? next.code : next.kind === "dash" ? 45 : undefined;
        // The library compares `char`s, which are signed.
        if (typeof last !== "number" || to === undefined || signed(last) > signed(to))
          throw new RegexError("invalid");
        const from = last;
        add((c) => signed(from) <= signed(c) && signed(c) <= signed(to));
        last = "none";
      }
      first = false;
    }
    if (negated) for (let c = 0; c < 256; c++) set[c] = set[c] === 1 ? 0 : 1;
    return this.#set(set, setForJavaScript(set));
  }

  #bracketToken(
    first: boolean,
  ):
    | { kind: "end" }
    | { kind: "dash" }
    | { kind: "char"; code: number; named: boolean }
    | { kind: "class"; test: (c: number) => boolean } {
    const c = this.#peek();
    if (c === "") throw new RegexError("invalid");
    this.#at++;
    if (c === "-") return { kind: "dash" };
    if (c === "]" && !first) return { kind: "end" };
    if (c === "[") {
      const kind = this.#peek();
      if (kind === "") throw new RegexError("invalid");
      if (kind === "." || kind === ":" || kind === "=") {
        const close = this.#text.indexOf(kind, this.#at + 1);
        if (close < 0 || this.#text.charAt(close + 1) !== "]") throw new RegexError("invalid");
        const name = this.#text.slice(this.#at + 1, close);
        this.#at = close + 2;
        if (kind === ":") {
          const test = Object.hasOwn(classes, name.toLowerCase()) ? classes[name.toLowerCase()] : undefined;
          if (test === undefined) throw new RegexError("invalid");
          return { kind: "class", test };
        }
        const code = collatingNames.indexOf(name);
        if (code < 0) throw new RegexError("invalid");
        if (kind === ".") return { kind: "char", code, named: true };
        // Equivalent means: the same letter in either case.
        return { kind: "class", test: (x) => lower(x) === lower(code) };
      }
    }
    return { kind: "char", code: c.charCodeAt(0), named: false };
  }

  #skipDummies(): void {
    const target = (id: number): number => {
      let to = id;
      while (to >= 0 && this.#ops[to] === opDummy) to = this.#next[to]!;
      return to;
    };
    for (let id = 0; id < this.#ops.length; id++) {
      this.#next[id] = target(this.#next[id]!);
      this.#alt[id] = target(this.#alt[id]!);
    }
  }
}

function lower(c: number): number {
  return c >= 65 && c <= 90 ? c + 32 : c;
}

function signed(c: number): number {
  return c < 128 ? c : c - 256;
}

function escapeForJavaScript(c: number): string {
  return `\\x${c.toString(16).padStart(2, "0")}`;
}

function setForJavaScript(set: Uint8Array): string {
  let inside = "";
  for (let c = 0; c < 256; c++) {
    if (set[c] === 0) continue;
    let to = c;
    while (to < 255 && set[to + 1] === 1) to++;
    inside += to === c ? escapeForJavaScript(c) : `${escapeForJavaScript(c)}-${escapeForJavaScript(to)}`;
    c = to;
  }
  return `[${inside}]`;
}

function firstBytes(
  program: Pick<RegexProgram, "start" | "ops" | "next" | "alt" | "arg" | "sets">,
): Uint8Array {
  const result = new Uint8Array(256);
  const seen = new Set<number>();
  const pending = [program.start];
  while (pending.length > 0) {
    const id = pending.pop()!;
    if (id < 0 || seen.has(id)) continue;
    seen.add(id);
    const op = program.ops[id]!;
    if (op === opMatch)
      program.sets[program.arg[id]!]!.forEach((yes, c) => {
        if (yes) result[c] = 1;
      });
    else {
      pending.push(program.next[id]!);
      if (op === opAlternative || op === opRepeat) pending.push(program.alt[id]!);
    }
  }
  return result;
}

/** @throws RegexError */
export function compileRegex(text: ByteString): RegexProgram {
  return new Compiler(text).compile();
}
