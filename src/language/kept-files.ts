/**
 * Which files' trees are kept from run to run (kept-tree.ts), and how they are found: by the text and by all else that
 * decides what tree it makes.
 */
import type { ByteString } from "../format/bytes.ts";
import { sha256Base16 } from "../format/sha256.ts";
import type { Expr } from "./ast.ts";
import { KeptTree } from "./kept-tree.ts";
import { writeTree } from "./kept-tree-writer.ts";
import type { LintKind, LintLevel } from "./lint.ts";
import { type ParseOptions, parse } from "./parser.ts";
import type { PositionTable, Source } from "./position.ts";
import { resolveVariables } from "./scope.ts";
import type { Sym } from "./symbol.ts";
import type { Slot } from "./value.ts";
import type { ParseCache } from "./world.ts";

/** Shorter files are parsed in the time that looking for their trees takes. */
const shortest = 1024;

/** Of the evaluator's settings what parsing depends on. */
export interface ParseSettings {
  readonly experimentalFeatures: ReadonlySet<string>;
  readonly lintUrlLiterals: LintLevel;
  readonly lintShortPathLiterals: LintLevel;
  readonly lintAbsolutePathLiterals: LintLevel;
}

export class KeptFiles {
  /** Undefined where Nix's settings have literals complained of: that is done while parsing. */
  readonly #cache: ParseCache | undefined;
  readonly #globals: ReadonlyMap<Sym, Slot>;
  readonly #features: ReadonlySet<string>;
  #mark: ByteString | undefined;

  /** `globals`: the names that are always in scope. */
  constructor(cache: ParseCache | undefined, globals: ReadonlyMap<Sym, Slot>, settings: ParseSettings) {
    const { lintUrlLiterals, lintShortPathLiterals, lintAbsolutePathLiterals } = settings;
    const levels = [lintUrlLiterals, lintShortPathLiterals, lintAbsolutePathLiterals];
    this.#cache = levels.every((level) => level === "ignore") ? cache : undefined;
    this.#globals = globals;
    this.#features = settings.experimentalFeatures;
  }

  /** One text makes different trees where other names are always in scope, or other features. */
  #key(text: ByteString): ByteString {
    if (this.#mark === undefined) {
      const names = [...this.#globals.keys()].map(({ name }) => name);
      this.#mark = sha256Base16([...names, "", ...[...this.#features].sort()].join("\n")).slice(0, 16);
    }
    // Not the text itself: put behind the mark it would be copied.
    return this.#mark + sha256Base16(text);
  }

  /** A tree that an earlier run made, its variables resolved. */
  tree(source: Source, basePath: ByteString): Expr | undefined {
    const { text, base } = source;
    if (this.#cache === undefined || text.length < shortest) return undefined;
    const bytes = this.#cache.read(this.#key(text));
    if (bytes === undefined) return undefined;
    return KeptTree.open(bytes, { base, basePath, globals: this.#globals })?.root();
  }

  /**
   * Parses a file and resolves its variables; keeps the tree if it may.
   * @throws EvaluationError of kinds "parse" and "undefined"
   */
  parse(
    source: Source,
    positions: PositionTable,
    options: (watch: (kind: LintKind) => void) => ParseOptions,
    scope: ReadonlyMap<Sym, Slot>,
  ): Expr {
    let alike = scope === this.#globals && source.text.length >= shortest;
    const watch = (kind: LintKind): void => {
      // What Nix warns of, and what depends on more than the text, is met anew each time.
      if (kind === "or-identifier" || kind === "home-path") alike = false;
    };
    const expr = parse(source, positions, options(watch));
    resolveVariables(expr, scope);
    if (alike) this.#cache?.write(this.#key(source.text), writeTree(expr, source.base));
    return expr;
  }
}
