/**
 * Evaluates expressions for tests, in this process: the answer is what `nix-instantiate --eval --strict` prints, or
 * `error: ` and the message. Nothing is written to any store; store paths are only computed.
 */

import { SystemWorld } from "../../src/cli/system-world.ts";
import { derivationBuiltins } from "../../src/derivation/strict.ts";
import { toBytes, toText } from "../../src/format/bytes.ts";
import { BrumaError } from "../../src/format/error.ts";
import { createEvaluator, type NixEvaluator } from "../../src/language/evaluator.ts";
import type { Origin } from "../../src/language/position.ts";
import { printValue } from "../../src/language/print.ts";
import type { EvaluatorSettings } from "../../src/language/value.ts";
import { layoutBelow } from "../../src/store/layout.ts";

export interface Answer {
  readonly ok: boolean;
  /** The value, or the error's message with everything it says; text, not bytes. */
  readonly text: string;
}

export interface TestEvaluatorOptions {
  /** Where `trace` and warnings go; nowhere if left out. */
  readonly message?: (text: string) => void;
  readonly environment?: NodeJS.ProcessEnv;
  readonly lazyFunctions?: boolean;
  readonly settings?: Partial<EvaluatorSettings>;
}

/** Without child processes: those would be this test again. */
class TestWorld extends SystemWorld {
  override fetch(): never {
    throw new BrumaError("tests of the language fetch nothing");
  }
  override realise(): never {
    throw new BrumaError("tests of the language build nothing");
  }
}

export function makeEvaluator(options: TestEvaluatorOptions = {}): NixEvaluator {
  const world = new TestWorld({
    layout: layoutBelow("/nonexistent-store-root"),
    openStore: () => {
      throw new BrumaError("tests of the language have no store");
    },
    readOnly: true,
    system: "x86_64-linux",
    environment: options.environment ?? {},
    channel: "/nonexistent-channel",
    bundledNixpkgs: false,
    buildOptions: {} as never,
    message: options.message ?? (() => {}),
  });
  return createEvaluator(world, {
    extraBuiltins: [derivationBuiltins],
    ...(options.lazyFunctions === undefined ? {} : { lazyFunctions: options.lazyFunctions }),
    settings: {
      experimentalFeatures: new Set(["flakes", "nix-command", "fetch-tree"]),
      ...options.settings,
    },
  });
}

/**
 * @param directory what relative paths are relative to
 * @param isFile the expression is said to be a file of that directory, not an argument of `-E`
 */
export function answer(ev: NixEvaluator, expression: string, directory: string, isFile = true): Answer {
  // An error leaves the count of nested calls as it was.
  ev.depth = 0;
  try {
    const path = toBytes(`${directory}/expression.nix`);
    const origin: Origin = isFile ? { kind: "file", path } : { kind: "string" };
    const value = ev.evalText(toBytes(expression), toBytes(directory), origin);
    ev.forceDeep(value);
    return { ok: true, text: toText(printValue(ev, value)) };
  } catch (error) {
    return { ok: false, text: message(error) };
  }
}

function message(error: unknown): string {
  if (error instanceof BrumaError) return `error: ${error.message}`;
  if (error instanceof RangeError && /call stack/.test(error.message))
    return "error: stack overflow (JavaScript)";
  return `defect: ${error instanceof Error ? error.stack : String(error)}`;
}
