/**
 * `if`, `assert`, and the operators but `+` (compile-string.ts).
 *
 * Arithmetic and comparison of two machine numbers are done here; everything else (floats, overflow, wrong types) goes
 * to the builtin that the operator stands for, which gives Nix's error.
 */

import { explainInequality } from "./assert-equal.ts";
import type { Assert, Binary, Builtin2, Expr, If, Not } from "./ast.ts";
import { Attrs } from "./attrs.ts";
import { call2, tooDeep } from "./call.ts";
import { type Compiler, type Env, type Run, slotOf } from "./compiled.ts";
import { equalValues } from "./equality.ts";
import { EvaluationError } from "./errors.ts";
import type { NixEvaluator } from "./evaluator.ts";
import { showExpression } from "./show-expression.ts";
import { type List, noPos, type Pos, PrimOp, type Slot, type Value } from "./value.ts";

const notContext = "in the argument of the not operator";

function notABoolean(ev: NixEvaluator, value: Value, pos: Pos): EvaluationError {
  return ev.typeError(`expected a Boolean but found ${ev.showType(value)}: ${ev.showValue(value)}`, pos);
}

/** Evaluates to a boolean; `context` is what is said above an error, `pos` where. */
function compileBool(c: Compiler, expr: Expr, pos: Pos, context: string): (env: Env) => boolean {
  const { ev } = c;
  const run = c.run(expr);
  return (env) => {
    try {
      const value = run(env);
      if (value === true || value === false) return value;
      throw notABoolean(ev, value, pos);
    } catch (error) {
      throw error instanceof EvaluationError ? error.addTrace(pos, context) : error;
    }
  };
}

export function compileIf(c: Compiler, expr: If): Run {
  const { ev } = c;
  const { pos } = expr;
  const condition = c.run(expr.condition);
  const whenTrue = c.run(expr.whenTrue);
  const whenFalse = c.run(expr.whenFalse);
  // As `compileBool`, written out: every closure less is felt in a loop.
  return (env) => {
    let chosen: Value;
    try {
      chosen = condition(env);
      if (chosen !== true && chosen !== false) throw notABoolean(ev, chosen, pos);
    } catch (error) {
      throw error instanceof EvaluationError
        ? error.addTrace(pos, "while evaluating a branch condition")
        : error;
    }
    return chosen ? whenTrue(env) : whenFalse(env);
  };
}

export function compileAssert(c: Compiler, expr: Assert): Run {
  const { ev } = c;
  const { pos } = expr;
  const condition = compileBool(c, expr.condition, pos, "in the condition of the assert statement");
  const body = c.run(expr.body);
  // Now, for functions inside of it lose their trees when they are called.
  const shown = showExpression(expr.condition);
  return (env) => {
    if (condition(env)) return body(env);
    if (expr.condition.kind === "binary" && expr.condition.operator === "==") {
      const left = c.run(expr.condition.left)(env);
      const right = c.run(expr.condition.right)(env);
      try {
        explainInequality(ev, left, right, 0);
      } catch (error) {
        throw error instanceof EvaluationError && error.kind === "assertion"
          ? error.addTrace(pos, `while evaluating the condition of the assertion '${shown}'`)
          : error;
      }
    }
    throw new EvaluationError("assertion", `assertion '${shown}' failed`, pos);
  };
}

export function compileNot(c: Compiler, expr: Not): Run {
  const operand = compileBool(c, expr.operand, expr.pos, notContext);
  return (env) => !operand(env);
}

export function compileBinary(c: Compiler, expr: Binary): Run {
  const { ev } = c;
  const { pos, left, right } = expr;
  switch (expr.operator) {
    case "&&": {
      const a = compileBool(c, left, pos, "in the left operand of the AND (&&) operator");
      const b = compileBool(c, right, pos, "in the right operand of the AND (&&) operator");
      return (env) => a(env) && b(env);
    }
    case "||": {
      const a = compileBool(c, left, pos, "in the left operand of the OR (||) operator");
      const b = compileBool(c, right, pos, "in the right operand of the OR (||) operator");
      return (env) => a(env) || b(env);
    }
    case "->": {
      const a = compileBool(c, left, pos, "in the left operand of the IMPL (->) operator");
      const b = compileBool(c, right, pos, "in the right operand of the IMPL (->) operator");
      return (env) => !a(env) || b(env);
    }
    case "==": {
      const a = c.run(left);
      const b = c.run(right);
      return (env) => {
        const x = a(env);
        const y = b(env);
        // A comparison counts as a call; to be seen only where the limit is met. It has no place in Nix's tree.
        if (ev.depth >= ev.maxDepth) throw tooDeep(noPos);
        return equalValues(ev, x, y, noPos, "while testing two values for equality");
      };
    }
    case "!=": {
      const a = c.run(left);
      const b = c.run(right);
      return (env) => {
        const x = a(env);
        const y = b(env);
        if (ev.depth >= ev.maxDepth) throw tooDeep(noPos);
        return !equalValues(ev, x, y, noPos, "while testing two values for inequality");
      };
    }
    case "//":
      return compileUpdate(c, left, right);
    case "++": {
      const a = c.run(left);
      const b = c.run(right);
      return (env) => {
        const x = a(env);
        const y = b(env);
        const first = Array.isArray(x) ? (x as List) : elements(c, x, pos);
        const second = Array.isArray(y) ? (y as List) : elements(c, y, pos);
        if (first.length === 0) return second;
        return second.length === 0 ? first : first.concat(second);
      };
    }
    default:
      return expr.operator satisfies never;
  }
}

function elements(c: Compiler, value: Value, pos: Pos): List {
  return c.ev.forceList(value, pos, "while evaluating one of the elements to concatenate");
}

function compileUpdate(c: Compiler, left: Expr, right: Expr): Run {
  const a = compileOperandSet(c, left, "in the left operand of the update (//) operator");
  const b = compileOperandSet(c, right, "in the right operand of the update (//) operator");
  return (env) => {
    // The right one first, as Nix does since it merges chains of updates at once.
    const y = b(env);
    return a(env).update(y);
  };
}

function compileOperandSet(c: Compiler, expr: Expr, context: string): (env: Env) => Attrs {
  const { ev } = c;
  const { pos } = expr;
  const run = c.run(expr);
  // A chain has no context of its own: its operands have.
  const chain = expr.kind === "binary" && expr.operator === "//";
  return (env) => {
    try {
      const value = run(env);
      if (value instanceof Attrs) return value;
      throw ev.typeError(`expected a set but found ${ev.showType(value)}: ${ev.showValue(value)}`);
    } catch (error) {
      throw !chain && error instanceof EvaluationError ? error.addTrace(pos, context) : error;
    }
  };
}

export function compileBuiltin2(c: Compiler, expr: Builtin2): Run {
  const { ev } = c;
  const { pos, negated } = expr;
  const op = expr.fn.global;
  if (!(op instanceof PrimOp)) {
    const fn = c.run(expr.fn);
    const left = c.delay(expr.left);
    const right = c.delay(expr.right);
    const run: Run = (env) => call2(ev, fn(env), slotOf(left, env), slotOf(right, env), pos);
    return negated ? not(c, run, pos) : run;
  }
  const left = c.run(expr.left);
  const right = c.run(expr.right);
  const slow = (x: Slot, y: Slot): Value => call2(ev, op, x, y, pos);
  // Operands are evaluated inside the builtin, as far as traces go.
  const traced = (error: unknown): unknown =>
    error instanceof EvaluationError ? error.addTrace(pos, `while calling the '${op.name}' builtin`) : error;
  // In each, a look at the depth: it is a call like any other, to be seen where the limit is met.
  switch (op.name) {
    case "sub":
      return (env) => {
        if (ev.depth >= ev.maxDepth) throw tooDeep(pos);
        let x: Value;
        let y: Value;
        try {
          x = left(env);
          y = right(env);
        } catch (error) {
          throw traced(error);
        }
        if (typeof x === "number" && typeof y === "number") {
          const result = x - y;
          if (result <= Number.MAX_SAFE_INTEGER && result >= Number.MIN_SAFE_INTEGER) return result;
        }
        return slow(x, y);
      };
    case "mul":
      return (env) => {
        if (ev.depth >= ev.maxDepth) throw tooDeep(pos);
        let x: Value;
        let y: Value;
        try {
          x = left(env);
          y = right(env);
        } catch (error) {
          throw traced(error);
        }
        if (typeof x === "number" && typeof y === "number") {
          const result = x * y;
          // Adding 0 makes 0 of -0.
          if (result <= Number.MAX_SAFE_INTEGER && result >= Number.MIN_SAFE_INTEGER) return result + 0;
        }
        return slow(x, y);
      };
    case "div":
      return (env) => {
        if (ev.depth >= ev.maxDepth) throw tooDeep(pos);
        let x: Value;
        let y: Value;
        try {
          x = left(env);
          y = right(env);
        } catch (error) {
          throw traced(error);
        }
        if (typeof x === "number" && typeof y === "number" && y !== 0) return Math.trunc(x / y) + 0;
        return slow(x, y);
      };
    case "lessThan": {
      const less: Run = (env) => {
        if (ev.depth >= ev.maxDepth) throw tooDeep(pos);
        let x: Value;
        let y: Value;
        try {
          x = left(env);
          y = right(env);
        } catch (error) {
          throw traced(error);
        }
        return typeof x === "number" && typeof y === "number" ? x < y : slow(x, y);
      };
      return negated ? not(c, less, pos) : less;
    }
  }
  const run: Run = (env) => {
    let x: Value;
    let y: Value;
    try {
      x = left(env);
      y = right(env);
    } catch (error) {
      throw traced(error);
    }
    return slow(x, y);
  };
  return negated ? not(c, run, pos) : run;
}

/** `a <= b` is `!(b < a)`, in traces too. */
function not(c: Compiler, run: Run, pos: Pos): Run {
  const { ev } = c;
  return (env) => {
    try {
      const value = run(env);
      if (value === true || value === false) return !value;
      throw notABoolean(ev, value, pos);
    } catch (error) {
      throw error instanceof EvaluationError ? error.addTrace(pos, notContext) : error;
    }
  };
}
