/** Joining lists: of as many as there are, also where the stack is small. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

const evaluator = JSON.stringify(pathToFileURL(join(import.meta.dirname, "../evaluator.ts")).href);
const program = `
import { createEvaluator } from ${evaluator};
const evaluator = createEvaluator({ storeDir: "/nix/store", readOnly: true });
const lists = Array.from({ length: 600_000 }, (_, i) => [i]);
const joined = evaluator.callMany(evaluator.builtins.get("concatLists"), [lists], 0);
console.log(joined.length, joined[0], joined.at(-1));
`;

test("more lists than a function takes arguments are joined", () => {
  // A process of its own: this one may have the program's deep stack.
  const words = ["--disable-warning=ExperimentalWarning", "--input-type=module", "--eval", program];
  assert.equal(execFileSync(process.execPath, words, { encoding: "utf8" }), "600000 0 599999\n");
});
