/** Which -p arguments get a Python that sees them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { packagesExpression, shellPackages } from "./python-packages.ts";

test("packages of a Python set come in one environment of its Python, before everything else", () => {
  const list = shellPackages(["jq", "python3Packages.numpy", "python3Packages.requests"]);
  assert.deepEqual(list.expressions, [
    "python3Packages.python.withPackages (_: [ python3Packages.numpy python3Packages.requests ])",
    "jq",
  ]);
  assert.match(list.notice ?? "", /numpy, requests/);
});

test("each set has its own; other spellings of sets count", () => {
  const list = shellPackages(["python311Packages.flask", "python3.pkgs.numpy", "pkgs.python3Packages.six"]);
  assert.equal(list.expressions.length, 3);
  assert.ok(list.expressions[1]!.startsWith("python3.pkgs.python.withPackages"));
});

test("what is no package of a Python set stays as it is", () => {
  const words = [
    "python3",
    "python3Packages.python",
    "python3.withPackages (p: [ p.numpy ])",
    "pythonPackages",
    "jq",
  ];
  assert.deepEqual(shellPackages(words), { expressions: words, notice: undefined });
});

test("the expression is one that Nix reads the same way", () => {
  assert.match(packagesExpression(["a", "b c"]), /buildInputs = \[ \(a\) \(b c\) \]/);
});
