/** Bruma's answers to a batch, in a thread with a deep stack: message { prelude, expressions } → Outcome[]. */
import { parentPort } from "node:worker_threads";
import { toBytes, toText } from "../../src/format/bytes.ts";
import { BrumaError } from "../../src/format/error.ts";
import { showValue } from "../../src/language/print.ts";
import { force, isString, type Slot, textOf } from "../../src/language/value.ts";
import { makeEvaluator } from "../language/evaluate.ts";
import { batchText, type Outcome } from "./oracle.ts";

function failure(error: unknown): Outcome {
  if (error instanceof BrumaError)
    return { kind: "error", text: `error: ${error.message.split("\n", 1)[0]}`.trim() };
  return { kind: "error", text: `defect: ${error instanceof Error ? error.stack : String(error)}` };
}

interface Batch {
  prelude: string;
  expressions: string[];
  separate?: boolean;
}

parentPort!.on("message", ({ prelude, expressions, separate }: Batch) => {
  let ev = makeEvaluator({ environment: { HOME: "/tmp" }, lazyFunctions: true });
  if (separate === true) {
    parentPort!.postMessage(
      expressions.map((expression) => {
        try {
          ev.depth = 0;
          return answer(ev.evalText(toBytes(expression), "/"));
        } catch (error) {
          return failure(error);
        }
      }),
    );
    return;
  }
  let list: readonly Slot[];
  try {
    const value = ev.evalText(toBytes(batchText(prelude, expressions)), "/");
    list = value as readonly Slot[];
  } catch {
    // One that cannot even be parsed spoils the batch: each by itself.
    parentPort!.postMessage(
      expressions.map((expression) => {
        ev = makeEvaluator({ environment: { HOME: "/tmp" }, lazyFunctions: true });
        try {
          const [slot] = ev.evalText(toBytes(batchText(prelude, [expression])), "/") as readonly Slot[];
          return answer(slot!);
        } catch (error) {
          return failure(error);
        }
      }),
    );
    return;
  }
  parentPort!.postMessage(list.map(answer));

  function answer(slot: Slot): Outcome {
    ev.depth = 0;
    try {
      const options = { force: true, derivationPaths: true, indent: 2, errors: "top" } as const;
      const value = force(slot);
      // The repl prints a string as it is.
      const text = isString(value) ? textOf(value) : showValue(ev, value, options);
      return { kind: "value", text: toText(text).trim() };
    } catch (error) {
      return failure(error);
    }
  }
});
