/** Batches of random expressions through Nix and bruma, and the smallest expression for each difference. */

import { Worker } from "node:worker_threads";
import * as fc from "fast-check";
import { expressions, prelude, print, type Tree } from "./grammar.ts";
import { mutants, shorter } from "./mutate.ts";
import { Oracle, type OracleOptions, type Outcome } from "./oracle.ts";
import { shrinks } from "./shrink.ts";

export interface Difference {
  readonly expression: string;
  readonly nix: Outcome;
  readonly bruma: Outcome;
}

export interface CompareOptions extends OracleOptions {
  readonly count: number;
  readonly seed: number;
  readonly batch: number;
  readonly depth: number;
  /** Error messages must be equal too, not only that there is an error. */
  readonly messages: boolean;
  /** Texts that are hardly Nix (mutate.ts) rather than expressions of the grammar. */
  readonly syntax?: boolean;
  /** Stop after so many differences. */
  readonly maxDifferences: number;
  readonly onDifference?: (difference: Difference) => void;
  readonly onProgress?: (done: number, timeouts: number) => void;
}

export interface Report {
  readonly compared: number;
  readonly values: number;
  readonly errors: number;
  /** Expressions that Nix gave no answer to. */
  readonly timeouts: number;
  readonly differences: readonly Difference[];
}

class Bruma {
  #worker: Worker | undefined;

  #start(): Worker {
    this.#worker ??= new Worker(new URL("./bruma.worker.ts", import.meta.url), {
      resourceLimits: { stackSizeMb: 512, maxOldGenerationSizeMb: 4096 },
    });
    return this.#worker;
  }

  ask(asked: readonly string[], separate: boolean): Promise<Outcome[]> {
    const worker = this.#start();
    return new Promise((resolve, reject) => {
      worker.once("error", reject);
      worker.once("message", (outcomes: Outcome[]) => {
        worker.off("error", reject);
        resolve(outcomes);
      });
      worker.postMessage({ prelude, expressions: asked, separate });
    });
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }
}

/** Something to compare, and how to make it smaller. */
interface Candidate {
  readonly text: string;
  smaller(): Candidate[];
}

function treeCandidate(tree: Tree): Candidate {
  return { text: print(tree), smaller: () => shrinks(tree).map(treeCandidate) };
}

function textCandidate(text: string): Candidate {
  return { text, smaller: () => shorter(text).map(textCandidate) };
}

function differ(nix: Outcome, bruma: Outcome, messages: boolean): boolean {
  if (nix.kind === "timeout" || bruma.kind === "timeout") return false;
  if (nix.kind !== bruma.kind) return true;
  if (nix.kind === "error" && !messages) return false;
  const unnamed = bruma.text.includes("«lambda @");
  return plain(nix.text, unnamed) !== plain(bruma.text, unnamed);
}

/**
 * What differs and may: docs/decisions/language.md. Nix takes every empty set for the same one, and prints all but the
 * first as repeated; a fault in TOML is told in other words; of two sets' different names another is told; a function
 * under a name that is worked out is not named before it is evaluated.
 */
function plain(text: string, withoutNames: boolean): string {
  const same = text
    .replaceAll("«repeated»", "{ }")
    .replace(/^(error: while parsing TOML: \[error\]).*/, "$1");
  return withoutNames ? same.replace(/«lambda (?:"[^"]*"|[^\s"]+) @/g, "«lambda @") : same;
}

/** What two differences have in common when they are the same fault: their messages without names and numbers. */
function signature({ nix, bruma }: Difference): string {
  const shape = (outcome: Outcome) =>
    outcome.kind === "error"
      ? outcome.text.replace(/'[^']*'|"[^"]*"|[0-9]+/g, "_").slice(0, 80)
      : outcome.kind;
  return `${shape(nix)}|${shape(bruma)}`;
}

export async function compare(options: CompareOptions): Promise<Report> {
  const oracle = new Oracle(options);
  const bruma = new Bruma();
  const differences: Difference[] = [];
  const known = new Set<string>();
  let compared = 0;
  let values = 0;
  let errors = 0;
  let timeouts = 0;
  const separate = options.syntax === true;
  const both = async (texts: readonly string[]): Promise<Difference[]> => {
    const [nix, ours] = await Promise.all([oracle.ask(prelude, texts, separate), bruma.ask(texts, separate)]);
    return texts.map((expression, i) => ({ expression, nix: nix[i]!, bruma: ours[i]! }));
  };
  const smallest = async (candidate: Candidate, found: Difference): Promise<Difference> => {
    let current = candidate;
    let result = found;
    for (let round = 0; round < 60; round++) {
      const candidates = current.smaller().filter((smaller) => smaller.text.length < current.text.length);
      if (candidates.length === 0) break;
      const outcomes = await both(candidates.map((one) => one.text));
      const next = outcomes.findIndex(
        (one) => differ(one.nix, one.bruma, options.messages) && signature(one) === signature(result),
      );
      if (next < 0) break;
      current = candidates[next]!;
      result = outcomes[next]!;
    }
    return result;
  };
  const source: fc.Arbitrary<Candidate> = separate
    ? mutants(options.depth).map(textCandidate)
    : expressions(options.depth).map(treeCandidate);
  try {
    for (let round = 0; compared < options.count && differences.length < options.maxDifferences; round++) {
      const candidates = fc.sample(source, {
        numRuns: Math.min(options.batch, options.count - compared),
        seed: options.seed + round,
      });
      const outcomes = await both(candidates.map((one) => one.text));
      for (const [i, one] of outcomes.entries()) {
        if (one.nix.kind === "timeout") timeouts++;
        else if (one.nix.kind === "value") values++;
        else errors++;
        if (!differ(one.nix, one.bruma, options.messages) || known.has(signature(one))) continue;
        known.add(signature(one));
        const difference = await smallest(candidates[i]!, one);
        known.add(signature(difference));
        differences.push(difference);
        options.onDifference?.(difference);
      }
      compared += candidates.length;
      options.onProgress?.(compared, timeouts);
    }
    return { compared, values, errors, timeouts, differences };
  } finally {
    oracle.close();
    await bruma.close();
  }
}
