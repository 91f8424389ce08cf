/** Answers all cases of the suite in a thread with a stack as deep as the launcher gives the program. */
import { parentPort } from "node:worker_threads";
import { type Case, caseFiles, casesOf, normalise, suiteDirectory } from "./cases.ts";
import { answer, makeEvaluator } from "./evaluate.ts";

const results: (Case & { actual: string })[] = [];
for (const file of caseFiles()) {
  const ev = makeEvaluator({ environment: { HOME: "/home/tester" } });
  for (const one of casesOf(file))
    results.push({
      ...one,
      actual: normalise(answer(ev, one.expression, suiteDirectory).text, suiteDirectory),
    });
}
parentPort?.postMessage(results);
