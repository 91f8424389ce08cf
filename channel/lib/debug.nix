# Looking at values while they are evaluated, and tests of functions.
{ lib }:
let
  inherit (builtins) deepSeq isAttrs isList trace;

  # A value as text, cut off at a depth.
  show = depth: v:
    let
      mark = text: { __pretty = _: text; val = null; };
      go = depth: v:
        if depth == 0 && isList v && v != [ ] then mark "[…]"
        else if depth == 0 && isAttrs v && v != { } then mark "{…}"
        else if isList v then map (go (depth - 1)) v
        else if isAttrs v then lib.mapAttrs (_: go (depth - 1)) v
        else v;
    in
    lib.generators.toPretty { allowPrettyValues = true; } (go depth v);
in
rec {
  traceIf = condition: message: x: if condition then trace message x else x;

  traceValFn = f: x: trace (f x) x;
  traceVal = traceValFn lib.id;

  # Forces what it traces, as deep as it goes, or to a depth.
  traceSeq = x: y: trace (deepSeq x x) y;
  traceSeqN = depth: x: y: trace (show depth x) y;
  traceValSeqFn = f: v: traceValFn f (deepSeq v v);
  traceValSeq = traceValSeqFn lib.id;
  traceValSeqNFn = f: depth: v: traceSeqN depth (f v) v;
  traceValSeqN = traceValSeqNFn lib.id;

  # depth -> name -> f -> x: traces argument and result of a call.
  traceFnSeqN = depth: name: f: x:
    let
      result = f x;
    in
    lib.traceSeqN (depth + 1) { fn = name; from = x; to = result; } result;

  # { testX = { expr, expected }; … } -> those that fail, as { name, expected, result }. An attribute `tests` lists
  # those to run; otherwise the ones whose names begin with `test`.
  runTests = tests:
    lib.concatLists (lib.attrValues (lib.mapAttrs
      (name: test:
        let
          wanted = if tests ? tests then lib.elem name tests.tests else lib.substring 0 4 name == "test";
        in
        if wanted && test.expr != test.expected then
          [ { inherit name; inherit (test) expected; result = test.expr; } ]
        else
          [ ])
      (removeAttrs tests [ "tests" ])));

  # As runTests, throwing if any fails.
  throwTestFailures = { failures, description ? "tests", ... }:
    if failures == [ ] then null
    else
      throw "${toString (lib.length failures)} ${description} failed:\n${lib.concatMapStringsSep "\n" (t: "- ${t.name}: expected ${lib.generators.toPretty { } t.expected}, got ${lib.generators.toPretty { } t.result}") failures}";

  # expressions -> a test that all of them are true.
  testAllTrue = expr: { inherit expr; expected = map (_: true) expr; };
}
