/**
 * LALR(1) tables with default reductions, from a grammar in text: what a parser generator makes, for `syntax-error.ts`.
 *
 * Conflicts are resolved by precedence alone, as in yacc: the stronger wins; between equals, left-associative reduces,
 * right-associative shifts, non-associative is an error. In each state the reduction with the most look-ahead symbols
 * becomes the default for everything else, which is why expected symbols may be fewer than the grammar allows.
 */

export type Action =
  | { readonly kind: "shift"; readonly state: number }
  | { readonly kind: "reduce"; readonly rule: number }
  | { readonly kind: "accept" }
  | { readonly kind: "error" };

export interface Rule {
  readonly left: string;
  readonly right: readonly string[];
  readonly precedence: Precedence | undefined;
}
interface Precedence {
  readonly level: number;
  readonly associativity: "left" | "right" | "nonassoc";
}
export interface TableState {
  /** By terminal number; those that only the default covers are missing. */
  readonly actions: ReadonlyMap<number, Action>;
  readonly defaultAction: Action;
  readonly gotos: ReadonlyMap<string, number>;
}
export interface AutomatonTables {
  readonly rules: readonly Rule[];
  readonly states: readonly TableState[];
}

const error: Action = { kind: "error" };

function readRules(
  grammar: readonly string[],
  terminals: readonly string[],
  precedences: ReadonlyMap<string, Precedence>,
): Rule[] {
  const rules: Rule[] = [{ left: "$accept", right: ["start", "$end"], precedence: undefined }];
  const isTerminal = new Set(terminals);
  for (const line of grammar) {
    const colon = line.indexOf(": ");
    const left = line.slice(0, colon);
    for (const alternative of line.slice(colon + 2).split(" | ")) {
      const words = alternative.split(" ");
      const explicit = words[words.length - 1]!;
      const marked = explicit.startsWith("%");
      const right = marked ? words.slice(0, -1) : words;
      const symbol = marked ? explicit.slice(1) : right.findLast((word) => isTerminal.has(word));
      rules.push({ left, right, precedence: symbol === undefined ? undefined : precedences.get(symbol) });
    }
  }
  return rules;
}

/** An item is a rule with a dot in it: rule number × 16 + place of the dot. */
const itemsPerRule = 16;

class Builder {
  readonly rules: readonly Rule[];
  readonly #terminals: readonly string[];
  readonly #numbers: ReadonlyMap<string, number>;
  readonly #byLeft = new Map<string, number[]>();
  readonly #nullable = new Set<string>();
  /** Terminals that can begin a symbol, as bits. */
  readonly #first = new Map<string, bigint>();
  /** Kernel items of each state, with their look-ahead sets as bits. */
  readonly #kernels: Map<number, bigint>[] = [];
  readonly #transitions: Map<string, number>[] = [];

  constructor(rules: readonly Rule[], terminals: readonly string[]) {
    this.rules = rules;
    this.#terminals = terminals;
    this.#numbers = new Map(terminals.map((name, i) => [name, i]));
    rules.forEach(({ left }, i) => {
      const list = this.#byLeft.get(left);
      if (list === undefined) this.#byLeft.set(left, [i]);
      else list.push(i);
    });
    this.#findFirst();
    this.#findStates();
  }

  #findFirst(): void {
    for (const [name, number] of this.#numbers) this.#first.set(name, 1n << BigInt(number));
    for (let changed = true; changed; ) {
      changed = false;
      for (const { left, right } of this.rules) {
        const before = this.#first.get(left) ?? 0n;
        const after = before | this.#firstOf(right, 0, 0n);
        if (after !== before) {
          this.#first.set(left, after);
          changed = true;
        }
        if (!this.#nullable.has(left) && right.every((symbol) => this.#nullable.has(symbol))) {
          this.#nullable.add(left);
          changed = true;
        }
      }
    }
  }

  /** What can stand first in `symbols` from `from` on, followed by what `after` says. */
  #firstOf(symbols: readonly string[], from: number, after: bigint): bigint {
    let set = 0n;
    for (let i = from; i < symbols.length; i++) {
      set |= this.#first.get(symbols[i]!) ?? 0n;
      if (!this.#nullable.has(symbols[i]!)) return set;
    }
    return set | after;
  }

  #closure(kernel: ReadonlyMap<number, bigint>): Map<number, bigint> {
    const items = new Map(kernel);
    const pending = [...items.keys()];
    while (pending.length > 0) {
      const item = pending.pop()!;
      const { right } = this.rules[Math.floor(item / itemsPerRule)]!;
      const dot = item % itemsPerRule;
      const expansions = dot < right.length ? this.#byLeft.get(right[dot]!) : undefined;
      if (expansions === undefined) continue;
      const lookahead = this.#firstOf(right, dot + 1, items.get(item)!);
      for (const rule of expansions) {
        const added = rule * itemsPerRule;
        const known = items.get(added);
        if (known !== undefined && (known | lookahead) === known) continue;
        items.set(added, (known ?? 0n) | lookahead);
        pending.push(added);
      }
    }
    return items;
  }

  /** States by their items without look-ahead; look-aheads flow until nothing changes. */
  #findStates(): void {
    const numbers = new Map<string, number>();
    const stateOf = (kernel: ReadonlyMap<number, bigint>): { state: number; changed: boolean } => {
      const key = [...kernel.keys()].sort((a, b) => a - b).join(" ");
      const known = numbers.get(key);
      if (known === undefined) {
        numbers.set(key, this.#kernels.length);
        this.#transitions.push(new Map());
        this.#kernels.push(new Map(kernel));
        return { state: this.#kernels.length - 1, changed: true };
      }
      let changed = false;
      const lookaheads = this.#kernels[known]!;
      for (const [item, set] of kernel) {
        const united = lookaheads.get(item)! | set;
        if (united !== lookaheads.get(item)) {
          lookaheads.set(item, united);
          changed = true;
        }
      }
      return { state: known, changed };
    };
    const pending = [stateOf(new Map([[0, 0n]])).state];
    while (pending.length > 0) {
      const state = pending.shift()!;
      const moves = new Map<string, Map<number, bigint>>();
      for (const [item, lookahead] of this.#closure(this.#kernels[state]!)) {
        const symbol = this.rules[Math.floor(item / itemsPerRule)]!.right[item % itemsPerRule];
        if (symbol === undefined) continue;
        const kernel = moves.get(symbol) ?? new Map<number, bigint>();
        moves.set(symbol, kernel.set(item + 1, lookahead));
      }
      for (const [symbol, kernel] of moves) {
        const next = stateOf(kernel);
        this.#transitions[state]!.set(symbol, next.state);
        if (next.changed && !pending.includes(next.state)) pending.push(next.state);
      }
    }
  }

  table(state: number, precedences: ReadonlyMap<string, Precedence>): TableState {
    const actions = new Map<number, Action>();
    const gotos = new Map<string, number>();
    const reductions: { rule: number; lookahead: bigint }[] = [];
    for (const [item, lookahead] of this.#closure(this.#kernels[state]!)) {
      const rule = Math.floor(item / itemsPerRule);
      if (this.rules[rule]!.right.length === item % itemsPerRule) reductions.push({ rule, lookahead });
    }
    reductions.sort((a, b) => a.rule - b.rule);
    const reducing = new Map<number, number>();
    for (const { rule, lookahead } of reductions.toReversed()) {
      for (let t = 0; t < this.#terminals.length; t++)
        if ((lookahead >> BigInt(t)) & 1n) reducing.set(t, rule);
    }
    for (const [symbol, next] of this.#transitions[state]!) {
      const terminal = this.#numbers.get(symbol);
      if (terminal === undefined) gotos.set(symbol, next);
      else {
        const shift: Action = symbol === "$end" ? { kind: "accept" } : { kind: "shift", state: next };
        const rule = reducing.get(terminal);
        const resolved = rule === undefined ? shift : this.#resolve(shift, rule, precedences.get(symbol));
        if (resolved.kind === "reduce") continue;
        actions.set(terminal, resolved);
        reducing.delete(terminal);
      }
    }
    let defaultRule = -1;
    let most = 0;
    for (const { rule } of reductions) {
      const count = [...reducing.values()].filter((r) => r === rule).length;
      if (count > most) {
        most = count;
        defaultRule = rule;
      }
    }
    for (const [terminal, rule] of reducing)
      if (rule !== defaultRule) actions.set(terminal, { kind: "reduce", rule });
    return { actions, defaultAction: defaultRule < 0 ? error : { kind: "reduce", rule: defaultRule }, gotos };
  }

  #resolve(shift: Action, rule: number, symbol: Precedence | undefined): Action {
    const { precedence } = this.rules[rule]!;
    if (precedence === undefined || symbol === undefined || symbol.level > precedence.level) return shift;
    if (symbol.level < precedence.level || symbol.associativity === "left") return { kind: "reduce", rule };
    return symbol.associativity === "right" ? shift : error;
  }

  get size(): number {
    return this.#kernels.length;
  }
}

/** @param precedences weakest first: associativity, then symbols */
export function makeTables(
  terminals: readonly string[],
  precedences: readonly (readonly ["left" | "right" | "nonassoc", ...string[]])[],
  grammar: readonly string[],
): AutomatonTables {
  const levels = new Map<string, Precedence>();
  precedences.forEach(([associativity, ...symbols], level) => {
    for (const symbol of symbols) levels.set(symbol, { level, associativity });
  });
  const builder = new Builder(readRules(grammar, terminals, levels), terminals);
  return {
    rules: builder.rules,
    states: Array.from({ length: builder.size }, (_, state) => builder.table(state, levels)),
  };
}
