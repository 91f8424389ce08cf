/** Answers all cases of the suite in a thread with a stack as deep as the launcher gives the program. */
import { parentPort } from "node:worker_threads";
import { type Case, caseFiles, casesOf, normalise, suiteDirectory } from "./cases.ts";
import { answer, makeEvaluator } from "./evaluate.ts";

const results: (Case & { actual: string })[] = [];
for (const file of caseFiles()) {
  const cases = casesOf(file);
  const options = cases[0]?.options ?? new Map<string, string>();
  const ev = makeEvaluator({
    environment: { HOME: "/home/tester" },
    settings: {
      pureEval: options.get("pure-eval") === "true",
      restrictEval: options.get("restrict-eval") === "true",
    },
  });
  for (const one of cases) {
    const { text } = answer(ev, one.expression, suiteDirectory, options.size === 0);
    results.push({ ...one, actual: normalise(text, suiteDirectory) });
  }
}
parentPort?.postMessage({ results, builtins: makeEvaluator().builtins.keys });
