/**
 * Tree → closures: one small function for each node, chosen for what its operands are.
 *
 * Nothing is compiled before it runs: a thunk's code and a function's body become closures on their first use, and the
 * tree they came from is let go. Most of a large package set is never evaluated, and costs only its parsing.
 */
import type { Expr } from "./ast.ts";
import { compileAttrs, compileLet } from "./compile-attrs.ts";
import { compileCall, delayLambda, makeLambda } from "./compile-call.ts";
import { compileAssert, compileBinary, compileBuiltin2, compileIf, compileNot } from "./compile-operator.ts";
import { compileHasAttr, compileSelect } from "./compile-select.ts";
import { compileConcatenation } from "./compile-string.ts";
import { compileVariable, compileWith, delayVariable } from "./compile-variable.ts";
import { type Compiler, type Delay, type Env, type Run, slotOf } from "./compiled.ts";
import type { NixEvaluator } from "./evaluator.ts";
import { literalPath } from "./path.ts";
import { filled } from "./shape.ts";
import { Code, NixPath, type Slot } from "./value.ts";

const emptyList: readonly Slot[] = [];

function makeFirstRun(c: Compiler): Code["run"] {
  return function (this: Code, env: Env) {
    const run = c.run(this.source as Expr) as Code["run"];
    this.run = run;
    this.source = undefined;
    return run(env as never);
  };
}

class TreeCompiler implements Compiler {
  readonly ev: NixEvaluator;
  constructor(ev: NixEvaluator) {
    this.ev = ev;
  }

  delay(expr: Expr): Delay {
    switch (expr.kind) {
      case "constant":
        return expr.value;
      case "path":
        return new NixPath(literalPath(expr.base, expr.literal));
      case "variable":
        return delayVariable(this, expr);
      case "lambda":
        if (this.ev.lazyFunctions) break;
        return delayLambda(this, expr);
      case "list":
        if (expr.elements.length === 0) return emptyList;
        break;
    }
    return new Code(this.#compileAndRun, expr);
  }

  /** The first run of a Code: called as its method. One function for all of them, for there are many. */
  readonly #compileAndRun = makeFirstRun(this);

  run(expr: Expr): Run {
    switch (expr.kind) {
      case "constant": {
        const { value } = expr;
        return () => value;
      }
      case "path": {
        const value = new NixPath(literalPath(expr.base, expr.literal));
        return () => value;
      }
      case "variable":
        return compileVariable(this, expr);
      case "select":
        return compileSelect(this, expr);
      case "has-attr":
        return compileHasAttr(this, expr);
      case "attrs":
        return compileAttrs(this, expr);
      case "list":
        return compileList(this, expr.elements);
      case "lambda":
        return makeLambda(this, expr);
      case "call":
        return compileCall(this, expr);
      case "let":
        return compileLet(this, expr);
      case "with":
        return compileWith(this, expr);
      case "if":
        return compileIf(this, expr);
      case "assert":
        return compileAssert(this, expr);
      case "not":
        return compileNot(this, expr);
      case "binary":
        return compileBinary(this, expr);
      case "builtin2":
        return compileBuiltin2(this, expr);
      case "concatenation":
        return compileConcatenation(this, expr);
      case "deferred":
        return this.run(expr.tree.read(expr.at));
      case "current-position": {
        const { ev } = this;
        const { pos } = expr;
        return () => ev.positionValue(pos);
      }
      default:
        return expr satisfies never;
    }
  }
}

function compileList(c: Compiler, elements: readonly Expr[]): Run {
  if (elements.length === 0) return () => emptyList;
  const delays = elements.map((element) => c.delay(element));
  const [d0, d1] = delays as [Delay, Delay];
  if (delays.length === 1) return (env) => [slotOf(d0, env)];
  if (delays.length === 2) return (env) => [slotOf(d0, env), slotOf(d1, env)];
  // Copied so that the array has its final size and kind from the start.
  const template: Slot[] = filled(delays.length, null);
  return (env) => {
    const list = template.slice();
    for (let i = 0; i < delays.length; i++) list[i] = slotOf(delays[i]!, env);
    return list;
  };
}

/** The closure for a whole file's tree, variables resolved; its environment is empty. */
export function compileTree(ev: NixEvaluator, expr: Expr): Run {
  return new TreeCompiler(ev).run(expr);
}
