# Assertions that say what is wrong.
{ lib }:
rec {
  # bool -> string -> bool: throws the message rather than an anonymous assertion failure.
  assertMsg = condition: message: condition || throw message;

  assertOneOf = name: value: values:
    assertMsg (builtins.elem value values)
      "${name} must be one of ${lib.generators.toPretty { } values}, but is: ${lib.generators.toPretty { } value}";

  # Each element of a list.
  assertEachOneOf = name: given: values:
    assertMsg (builtins.all (value: builtins.elem value values) given)
      "every element of ${name} must be one of ${lib.generators.toPretty { } values}, but is: ${lib.generators.toPretty { } given}";

  # As modules have: [ { assertion; message; } ] -> value -> value
  checkAssertWarn = assertions: warnings: value:
    let
      failed = map (a: a.message) (builtins.filter (a: !a.assertion) assertions);
    in
    if failed != [ ] then
      throw "\nFailed assertions:\n${lib.concatMapStringsSep "\n" (m: "- ${m}") failed}"
    else
      lib.showWarnings warnings value;
}
