# Functions that nixpkgs keeps for old callers.
{ lib }:
let
  inherit (builtins) genericClosure isAttrs;
in
{
  imap = lib.imap1;
  nvs = name: value: lib.listToAttrs [ (lib.nameValuePair name value) ];
  setAttr = set: name: value: set // { ${name} = value; };
  maybeAttr = name: default: set: set.${name} or default;
  maybeAttrNullable = maybe: default: set: if maybe == null then default else set.${maybe} or default;
  maybeEnv = name: default:
    let
      value = builtins.getEnv name;
    in
    if value == "" then default else value;
  ifEnable = condition: value:
    if condition then value
    else if builtins.isList value then [ ]
    else if isAttrs value then { }
    else if builtins.isString value then ""
    else if builtins.isBool value then false
    else null;
  condConcat = name: list: checker:
    lib.foldl (acc: pair: if checker (builtins.head pair) then acc + lib.last pair else acc) name
      (lib.genList (i: [ (lib.elemAt list (2 * i)) (lib.elemAt list (2 * i + 1)) ]) (lib.length list / 2));

  # Packages and all that they propagate, each once.
  closePropagation = packages:
    let
      nodes = map (val: { key = val.outPath; inherit val; });
    in
    map (n: n.val) (genericClosure {
      startSet = nodes (lib.filter isAttrs packages);
      operator = n: nodes (lib.filter isAttrs
        (n.val.propagatedBuildInputs or [ ] ++ n.val.propagatedNativeBuildInputs or [ ]));
    });
}
