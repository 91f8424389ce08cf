# Functions on any value: combinators, booleans, whole numbers, warnings, and functions with declared arguments.
{ lib }:
let
  inherit (builtins) fromJSON readFile trace getEnv;

  hexDigits = {
    "0" = 0; "1" = 1; "2" = 2; "3" = 3; "4" = 4; "5" = 5; "6" = 6; "7" = 7; "8" = 8; "9" = 9;
    a = 10; b = 11; c = 12; d = 13; e = 14; f = 15;
    A = 10; B = 11; C = 12; D = 13; E = 14; F = 15;
  };

  strict = (getEnv "NIX_ABORT_ON_WARN") != "" && !(builtins.elem (getEnv "NIX_ABORT_ON_WARN") [ "0" "false" "no" ]);
in
rec {
  ## Combinators

  # a -> a
  id = x: x;

  # a -> b -> a: the first argument, whatever the second is.
  const = x: _: x;

  # a -> [ functions ] -> b: sends a value through functions, left to right.
  pipe = builtins.foldl' (x: f: f x);

  # [ a ] -> [ a ] -> [ a ]
  concat = x: y: x ++ y;

  # (a -> b -> c) -> b -> a -> c
  flip = f: a: b: f b a;

  # (a -> b) -> (a | null) -> (b | null)
  mapNullable = f: a: if a == null then null else f a;

  # a -> (a | null) -> a: the second, unless it is null.
  defaultTo = fallback: x: if x == null then fallback else x;

  # set -> set -> set: `//` as a function.
  mergeAttrs = x: y: x // y;

  ## Booleans

  or = x: y: x || y;
  and = x: y: x && y;
  xor = x: y: x != y;
  boolToString = b: if b then "true" else "false";
  boolToYesNo = b: if b then "yes" else "no";

  ## Whole numbers

  bitAnd = builtins.bitAnd;
  bitOr = builtins.bitOr;
  bitXor = builtins.bitXor;
  bitNot = builtins.sub (-1);

  min = x: y: if x < y then x else y;
  max = x: y: if x > y then x else y;

  # The remainder of truncating division: it has the sign of `base`.
  mod = base: int: base - (int * (builtins.div base int));

  # -1, 0 or 1.
  compare = a: b: if a < b then -1 else if a > b then 1 else 0;

  # Orders with `yes` among those that satisfy `p`, with `no` among the rest; the former come first.
  splitByAndCompare = p: yes: no: a: b:
    if p a then (if p b then yes a b else -1)
    else if p b then 1
    else no a b;

  # The digits of a number ≥ 0 in a base, most significant first.
  toBaseDigits = base: i:
    let
      go = rest: digits:
        if rest < base then [ rest ] ++ digits else go (rest / base) ([ (mod rest base) ] ++ digits);
    in
    assert builtins.isInt base;
    assert builtins.isInt i;
    assert base >= 2;
    assert i >= 0;
    go i [ ];

  # "FF" | "0xff" -> 255
  fromHexString = value:
    let
      found = builtins.match "(0[xX])?([0-9a-fA-F]+)" value;
      digits = builtins.filter (c: c != "" && c != [ ]) (builtins.split "" (builtins.elemAt found 1));
    in
    if found == null then
      throw "lib.trivial.fromHexString: '${value}' is not a hexadecimal number"
    else
      builtins.foldl' (sum: digit: sum * 16 + hexDigits.${digit}) 0 digits;

  # 255 -> "FF"
  toHexString = i:
    let
      digit = d: builtins.substring d 1 "0123456789ABCDEF";
    in
    builtins.concatStringsSep "" (map digit (toBaseDigits 16 i));

  inherit (builtins)
    add ceil deepSeq div floor genericClosure isBool isFloat isInt lessThan mul pathExists seq sub;

  ## Files

  importJSON = path: fromJSON (readFile path);
  importTOML = path: builtins.fromTOML (readFile path);

  ## What this is

  release = "26.05";
  codeName = "bruma";
  versionSuffix = ".bruma";
  version = release + versionSuffix;
  nixpkgsVersion = version;
  oldestSupportedRelease = 2511;
  isInOldestRelease = oldestSupportedReleaseIsAtLeast;
  oldestSupportedReleaseIsAtLeast = release: release <= oldestSupportedRelease;
  revisionWithDefault = default: default;
  inNixShell = getEnv "IN_NIX_SHELL" != "";
  inPureEvalMode = !(builtins ? currentSystem);

  ## Messages: traced, or thrown, and then the value

  # string -> a -> a
  warn = builtins.warn or (message: value:
    let
      text = "evaluation warning: ${message}";
    in
    if strict then
      trace text (abort "NIX_ABORT_ON_WARN is set: a warning ends the evaluation")
    else
      trace text value);

  warnIf = condition: message: if condition then warn message else id;
  warnIfNot = condition: message: if condition then id else warn message;
  throwIf = condition: message: if condition then throw message else id;
  throwIfNot = condition: message: if condition then id else throw message;
  info = message: trace "INFO: ${message}";
  showWarnings = warnings: result: builtins.foldl' (rest: message: warn message rest) result warnings;

  # name -> allowed -> given -> a -> a: throws if something given is not allowed.
  checkListOfEnum = message: valid: given:
    let
      unexpected = lib.subtractLists valid given;
      show = list: builtins.concatStringsSep ", " (map toString list);
    in
    throwIfNot (unexpected == [ ])
      "${message}: ${show unexpected} unexpected; valid ones: ${show valid}";

  ## Functions

  # Gives a function the argument names `functionArgs` will tell, for functions that take their set whole.
  setFunctionArgs = f: args: {
    __functor = _: f;
    __functionArgs = args;
  };

  # Name -> has it a default? Also of sets with a functor.
  functionArgs = f:
    if f ? __functor then f.__functionArgs or (functionArgs (f.__functor f))
    else builtins.functionArgs f;

  isFunction = f: builtins.isFunction f || (f ? __functor && isFunction (f.__functor f));

  # g -> f -> f, with the arguments that g declares.
  mirrorFunctionArgs = g:
    let
      args = functionArgs g;
    in
    f: setFunctionArgs f args;

  # A function stays, anything else becomes the function that always gives it.
  toFunction = v: if isFunction v then v else _: v;
}
