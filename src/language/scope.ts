/**
 * What each variable stands for, decided once for a whole file before anything is evaluated.
 *
 * A function, a `let`, a `rec { }` and a `with` each add one environment at run time; a variable becomes a pair (how
 * many environments up, which slot), the value itself for a name of the base environment, or, when only a `with` can
 * have it, the list of the `with`s around it. A name that nothing can define is an error here, even in code that is
 * never reached, as in Nix.
 */
import type { AttrName, AttrsExpr, Expr, Variable, WithReference } from "./ast.ts";
import { EvaluationError } from "./errors.ts";
import type { Sym } from "./symbol.ts";
import type { Pos, Slot } from "./value.ts";

interface Binding {
  readonly depth: number;
  readonly index: number;
  readonly shadowed: Binding | null;
}

interface WithScope {
  readonly depth: number;
  readonly pos: Pos;
  readonly outer: WithScope | undefined;
}

class Resolver {
  readonly #globals: ReadonlyMap<Sym, Slot>;
  /** Number of environments around the current place. */
  #depth = 0;
  #with: WithScope | undefined;

  constructor(globals: ReadonlyMap<Sym, Slot>) {
    this.#globals = globals;
  }

  #push(sym: Sym, index: number): void {
    sym.binding = { depth: this.#depth, index, shadowed: sym.binding as Binding | null };
  }

  #pop(sym: Sym): void {
    sym.binding = (sym.binding as Binding).shadowed;
  }

  #variable(variable: Variable): void {
    const binding = variable.sym.binding as Binding | null;
    if (binding !== null) {
      variable.level = this.#depth - binding.depth;
      variable.index = binding.index;
      return;
    }
    const slot = this.#globals.get(variable.sym);
    if (slot !== undefined) {
      variable.global = slot;
      return;
    }
    if (this.#with === undefined) {
      throw new EvaluationError("undefined", `undefined variable '${variable.sym.name}'`, variable.pos);
    }
    const withs: WithReference[] = [];
    for (let scope: WithScope | undefined = this.#with; scope !== undefined; scope = scope.outer) {
      withs.push({ level: this.#depth - scope.depth, pos: scope.pos });
    }
    variable.withs = withs;
  }

  #names(path: readonly AttrName[]): void {
    for (const name of path) if ("kind" in name) this.resolve(name);
  }

  /** `body` is resolved inside of the bindings' scope (`let`). */
  #recursive(attrs: AttrsExpr, body: Expr | undefined): void {
    const { definitions } = attrs;
    try {
      // `inherit x;` means the x outside.
      for (const { origin, value } of definitions) if (origin === "inherit") this.resolve(value);
    } catch (error) {
      // An unknown name in what others are inherited from is told first.
      this.#inside(definitions, () => this.#sources(attrs));
      throw error;
    }
    this.#inside(definitions, () => {
      this.#sources(attrs);
      for (const { origin, value } of definitions) if (origin === "plain") this.resolve(value);
      for (const { name, value } of attrs.dynamic) {
        this.resolve(name);
        this.resolve(value);
      }
      if (body !== undefined) this.resolve(body);
    });
  }

  #sources({ sources }: AttrsExpr): void {
    for (const { expr } of sources) this.resolve(expr);
  }

  #inside(definitions: AttrsExpr["definitions"], resolve: () => void): void {
    this.#depth++;
    for (let i = 0; i < definitions.length; i++) this.#push(definitions[i]!.sym, i + 1);
    try {
      resolve();
    } finally {
      for (const { sym } of definitions) this.#pop(sym);
      this.#depth--;
    }
  }

  resolve(expr: Expr): void {
    switch (expr.kind) {
      case "constant":
      case "path":
      case "current-position":
        return;
      case "variable":
        this.#variable(expr);
        return;
      case "select":
        this.resolve(expr.subject);
        if (expr.fallback !== undefined) this.resolve(expr.fallback);
        this.#names(expr.path);
        return;
      case "has-attr":
        this.resolve(expr.subject);
        this.#names(expr.path);
        return;
      case "call":
        this.resolve(expr.fn);
        for (const arg of expr.args) this.resolve(arg);
        return;
      case "attrs":
        if (expr.recursive) {
          this.#recursive(expr, undefined);
          return;
        }
        for (const { expr: source } of expr.sources) this.resolve(source);
        for (const { origin, value } of expr.definitions) if (typeof origin === "string") this.resolve(value);
        for (const { name, value } of expr.dynamic) {
          this.resolve(name);
          this.resolve(value);
        }
        return;
      case "let":
        this.#recursive(expr.bindings, expr.body);
        return;
      case "list":
        for (const element of expr.elements) this.resolve(element);
        return;
      case "lambda": {
        const { argument, formals } = expr;
        this.#depth++;
        let index = 1;
        if (argument !== undefined) this.#push(argument, index++);
        if (formals !== undefined) for (const { sym } of formals) this.#push(sym, index++);
        try {
          if (formals !== undefined) {
            for (const { fallback } of formals) if (fallback !== undefined) this.resolve(fallback);
          }
          this.resolve(expr.body);
        } finally {
          if (argument !== undefined) this.#pop(argument);
          if (formals !== undefined) for (const { sym } of formals) this.#pop(sym);
          this.#depth--;
        }
        return;
      }
      case "with": {
        this.resolve(expr.namespace);
        this.#depth++;
        const outer = this.#with;
        this.#with = { depth: this.#depth, pos: expr.pos, outer };
        try {
          this.resolve(expr.body);
        } finally {
          this.#with = outer;
          this.#depth--;
        }
        return;
      }
      case "if":
        this.resolve(expr.condition);
        this.resolve(expr.whenTrue);
        this.resolve(expr.whenFalse);
        return;
      case "assert":
        this.resolve(expr.condition);
        this.resolve(expr.body);
        return;
      case "not":
        this.resolve(expr.operand);
        return;
      case "binary":
        this.resolve(expr.left);
        this.resolve(expr.right);
        return;
      case "builtin2":
        this.#variable(expr.fn);
        this.resolve(expr.left);
        this.resolve(expr.right);
        return;
      case "concatenation":
        for (const { expr: part } of expr.parts) this.resolve(part);
        return;
      case "deferred":
        throw new Error("a tree that was kept has its variables resolved");
      default:
        expr satisfies never;
    }
  }
}

/**
 * Resolves every variable of a tree; `globals` is the base environment.
 * @throws EvaluationError of kind "undefined"
 */
export function resolveVariables(expr: Expr, globals: ReadonlyMap<Sym, Slot>): void {
  new Resolver(globals).resolve(expr);
}
