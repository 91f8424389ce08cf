# Attribute sets, and the few questions about derivations that are questions about sets.
{ lib }:
let
  inherit (builtins) attrNames concatLists concatMap elem elemAt filter foldl' head isAttrs length listToAttrs tail;
in
rec {
  inherit (builtins) attrNames listToAttrs hasAttr isAttrs getAttr removeAttrs intersectAttrs;

  ## By path: [ "a" "b" ] is `set.a.b`

  # path -> default -> set -> value
  attrByPath = path: default: set:
    let
      len = length path;
      go = n: s:
        if n == len then s
        else
          let
            name = elemAt path n;
          in
          if s ? ${name} then go (n + 1) s.${name} else default;
    in
    go 0 set;

  hasAttrByPath = path: set:
    let
      len = length path;
      go = n: s: n == len || (s ? ${elemAt path n} && go (n + 1) s.${elemAt path n});
    in
    go 0 set;

  # path -> set -> the longest beginning of the path that exists.
  longestValidPathPrefix = path: set:
    let
      len = length path;
      go = n: s:
        if n == len || !(s ? ${elemAt path n}) then lib.take n path
        else go (n + 1) s.${elemAt path n};
    in
    go 0 set;

  setAttrByPath = path: value:
    let
      len = length path;
      go = n: if n == len then value else { ${elemAt path n} = go (n + 1); };
    in
    go 0;

  getAttrFromPath = path:
    attrByPath path (abort ("cannot find attribute '" + builtins.concatStringsSep "." path + "'"));

  # [ { path; update = old: new; } ] -> set -> set: longer paths are updated first; what is not there is
  # an error only if `update` uses its argument.
  updateManyAttrsByPath =
    let
      go = depth: hasValue: value: updates:
        let
          split = lib.partition (u: length u.path == depth) updates;
          nested = lib.groupBy (u: elemAt u.path depth) split.wrong;
          withNested =
            if split.wrong == [ ] then value
            else if hasValue && !(isAttrs value) then
              throw ("updateManyAttrsByPath: Path '${lib.showAttrPath (lib.take depth (head split.wrong).path)}' is given, "
                + "but the attribute there is of type ${builtins.typeOf value}, no set")
            else
              (if hasValue then value else { }) // builtins.mapAttrs
                (name: go (depth + 1) (hasValue && value ? ${name})
                  (if hasValue && value ? ${name} then value.${name}
                  else throw "updateManyAttrsByPath: Path '${lib.showAttrPath (lib.take (depth + 1) (head nested.${name}).path)}' does not exist in the given value, but the first update to this path tries to access the existing value."))
                nested;
          here = hasValue || split.wrong != [ ];
        in
        if split.right == [ ] then withNested
        else lib.foldl (acc: u: u.update acc) (if here then withNested else value) split.right;
    in
    updates: value: go 0 true value updates;

  ## Values

  attrValues = builtins.attrValues;
  attrVals = names: set: map (name: set.${name}) names;
  getAttrs = names: set: genAttrs names (name: set.${name});
  catAttrs = builtins.catAttrs;

  nameValuePair = name: value: { inherit name value; };
  genAttrs = names: f: listToAttrs (map (name: { inherit name; value = f name; }) names);
  genAttrs' = list: f: listToAttrs (map f list);
  optionalAttrs = condition: set: if condition then set else { };

  ## Mapping and filtering

  mapAttrs = builtins.mapAttrs;
  mapAttrs' = f: set: listToAttrs (mapAttrsToList f set);
  mapAttrsToList = f: set: map (name: f name set.${name}) (attrNames set);
  attrsToList = mapAttrsToList nameValuePair;
  concatMapAttrs = f: set: mergeAttrsList (mapAttrsToList f set);

  # (path -> value -> new) -> set: into every set that is reached.
  mapAttrsRecursive = mapAttrsRecursiveCond (_: true);
  # The condition says which sets to enter; what it refuses is handed to f whole.
  mapAttrsRecursiveCond = enter: f: set:
    let
      go = path: builtins.mapAttrs (name: value:
        if isAttrs value && enter value then go (path ++ [ name ]) value else f (path ++ [ name ]) value);
    in
    go [ ] set;

  # As mapAttrsRecursiveCond, with a list for each set.
  mapAttrsToListRecursive = mapAttrsToListRecursiveCond (_: _: true);
  mapAttrsToListRecursiveCond = enter: f: set:
    let
      go = path: value:
        if isAttrs value && enter path value then
          concatMap (name: go (path ++ [ name ]) value.${name}) (attrNames value)
        else
          [ (f path value) ];
    in
    go [ ] set;

  filterAttrs = p: set: removeAttrs set (filter (name: !(p name set.${name})) (attrNames set));
  filterAttrsRecursive = p: set:
    listToAttrs (concatMap
      (name:
        let
          value = set.${name};
        in
        if p name value then
          [ { inherit name; value = if isAttrs value then filterAttrsRecursive p value else value; } ]
        else
          [ ])
      (attrNames set));

  ## Folding

  # (acc -> name -> value -> acc) -> acc -> set -> acc, in the order of names.
  foldlAttrs = f: init: set: foldl' (acc: name: f acc name set.${name}) init (attrNames set);

  # (value -> acc -> acc) -> acc -> [ sets ] -> set of folds
  foldAttrs = op: nul: sets:
    lib.foldr
      (set: acc: foldl' (acc': name: acc' // { ${name} = op set.${name} (acc'.${name} or nul); }) acc (attrNames set))
      { }
      sets;

  # Everything within the set that satisfies p, searched no further there.
  collect = p: x:
    if p x then [ x ]
    else if isAttrs x then concatMap (collect p) (builtins.attrValues x)
    else [ ];

  anyAttrs = p: set: builtins.any (name: p name set.${name}) (attrNames set);
  allAttrs = p: set: builtins.all (name: p name set.${name}) (attrNames set);

  # { a = [ 1 2 ]; b = [ 3 ]; } -> [ { a = 1; b = 3; } { a = 2; b = 3; } ]
  cartesianProduct = setOfLists:
    foldl'
      (sets: name: concatMap (set: map (value: set // { ${name} = value; }) setOfLists.${name}) sets)
      [ { } ]
      (attrNames setOfLists);
  cartesianProductOfSets = cartesianProduct;
  mapCartesianProduct = f: set: map f (cartesianProduct set);

  ## Merging

  # One set of many, later ones winning; in halves, for large numbers of them.
  mergeAttrsList = sets:
    let
      go = from: to:
        let
          middle = from + (to - from) / 2;
        in
        if to - from > 1 then go from middle // go middle to else elemAt sets from;
    in
    if sets == [ ] then { } else go 0 (length sets);

  zipAttrsWithNames = names: f: sets:
    listToAttrs (map (name: { inherit name; value = f name (catAttrs name sets); }) names);
  zipAttrsWith = builtins.zipAttrsWith or (f: sets:
    zipAttrsWithNames (attrNames (mergeAttrsList sets)) f sets);
  zipAttrs = zipAttrsWith (_: values: values);
  zip = zipAttrs;
  zipWithNames = zipAttrsWithNames;

  # stop -> lhs -> rhs: sets are merged as deep as `stop path l r` says no.
  recursiveUpdateUntil = stop: lhs: rhs:
    let
      go = path: zipAttrsWith (name: values:
        let
          here = path ++ [ name ];
        in
        if length values == 1 || stop here (elemAt values 1) (head values) then head values
        else go here values);
    in
    go [ ] [ rhs lhs ];

  recursiveUpdate = lhs: rhs:
    recursiveUpdateUntil (_: l: r: !(isAttrs l && isAttrs r)) lhs rhs;

  # Is every value of the pattern, however deep, in the set?
  matchAttrs = pattern: set:
    assert isAttrs pattern;
    builtins.all
      (name:
        set ? ${name}
        && (
          let
            p = pattern.${name};
            v = set.${name};
          in
          if isAttrs p then isAttrs v && matchAttrs p v else p == v
        ))
      (attrNames pattern);

  # Only the names that `old` has.
  overrideExisting = old: new: old // builtins.intersectAttrs old new;

  # Throws if both have a name.
  unionOfDisjoint = x: y:
    let
      both = builtins.intersectAttrs x y;
      mask = builtins.mapAttrs (name: _: throw "unionOfDisjoint: collision on ${name}") both;
    in
    (x // y) // mask;

  ## Derivations

  isDerivation = value: (value.type or null) == "derivation";

  # A store path -> something that passes for its derivation.
  toDerivation = path:
    let
      path' = builtins.storePath path;
      result = {
        type = "derivation";
        name = lib.strings.sanitizeDerivationName (builtins.substring 33 (-1) (baseNameOf path'));
        outPath = path';
        outputs = [ "out" ];
        out = result;
        outputName = "out";
      };
    in
    result;

  # An output, else `out`, else the thing itself; an output that was asked for stays.
  getOutput = output: pkg:
    if !(pkg ? outputSpecified) || !pkg.outputSpecified then pkg.${output} or pkg.out or pkg else pkg;
  getFirstOutput = candidates: pkg:
    let
      found = lib.findFirst (name: pkg ? ${name}) null candidates;
    in
    if pkg.outputSpecified or false || found == null then pkg else pkg.${found};
  getBin = getOutput "bin";
  getLib = getOutput "lib";
  getStatic = getFirstOutput [ "static" "lib" "out" ];
  getDev = getOutput "dev";
  getInclude = getFirstOutput [ "include" "dev" "out" ];
  getMan = getOutput "man";
  chooseDevOutputs = map getDev;

  # Marks for programs that walk package sets.
  recurseIntoAttrs = set: set // { recurseForDerivations = true; };
  dontRecurseIntoAttrs = set: set // { recurseForDerivations = false; };

  # Path as one would write it: a."b c".d
  showAttrPath = path:
    if path == [ ] then "<root attribute path>"
    else builtins.concatStringsSep "." (map lib.strings.escapeNixIdentifier path);
}
