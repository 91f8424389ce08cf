# Lists.
{ lib }:
let
  inherit (builtins) elem elemAt filter genList head length tail;

  id' = x: x;
  max0 = n: if n < 0 then 0 else n;
in
rec {
  inherit (builtins) head tail length elem elemAt concatLists filter map genList isList all any;

  ## Making them

  singleton = x: [ x ];
  optional = condition: x: if condition then [ x ] else [ ];
  optionals = condition: list: if condition then list else [ ];
  toList = x: if builtins.isList x then x else [ x ];

  # first -> last -> the whole numbers from the one to the other, both included.
  range = first: last: if first > last then [ ] else genList (n: first + n) (last - first + 1);
  replicate = n: x: genList (_: x) n;

  ## Mapping

  forEach = list: f: map f list;
  imap0 = f: list: genList (n: f n (elemAt list n)) (length list);
  imap1 = f: list: genList (n: f (n + 1) (elemAt list n)) (length list);
  ifilter0 = p: list:
    map (n: elemAt list n) (filter (n: p n (elemAt list n)) (genList id' (length list)));
  concatMap = builtins.concatMap or (f: list: builtins.concatLists (map f list));

  # Lists within lists, however deep, become one; what is no list becomes a list of itself.
  flatten = x: if builtins.isList x then concatMap flatten x else [ x ];

  ## Folding

  # (a -> b -> b) -> b -> [ a ] -> b
  foldr = op: nul: list:
    let
      len = length list;
      go = n: if n == len then nul else op (elemAt list n) (go (n + 1));
    in
    go 0;
  fold = foldr;

  # (b -> a -> b) -> b -> [ a ] -> b: lazy, from the end of the list.
  foldl = op: nul: list:
    let
      go = n: if n == -1 then nul else op (go (n - 1)) (elemAt list n);
    in
    go (length list - 1);

  # As foldl, forcing each result (the first value too).
  foldl' = op: acc: builtins.seq acc (builtins.foldl' op acc);

  ## Looking

  remove = x: filter (e: e != x);

  # p -> if none -> if many -> [ a ]
  findSingle = p: none: many: list:
    let
      found = filter p list;
      n = length found;
    in
    if n == 0 then none else if n == 1 then head found else many;

  findFirstIndex = p: default: list:
    let
      # Whether found is told by sign, so that the fold needs no set for each element.
      end = foldl'
        (index: x: if index >= 0 then index else if p x then -index - 1 else index - 1)
        (-1)
        list;
    in
    if end < 0 then default else end;

  findFirst = p: default: list:
    let
      index = findFirstIndex p null list;
    in
    if index == null then default else elemAt list index;

  count = p: foldl' (n: x: if p x then n + 1 else n) 0;

  ## Parting

  partition = builtins.partition;

  # op -> nul -> key -> list -> key -> folded values
  groupBy' = op: nul: key: list: builtins.mapAttrs (_: foldl' op nul) (groupBy key list);
  groupBy = builtins.groupBy or (key: list:
    builtins.zipAttrsWith (_: values: values) (map (x: { ${key x} = x; }) list));

  take = n: sublist 0 n;
  takeEnd = n: list: drop (max0 (length list - n)) list;
  drop = n: list: sublist n (length list) list;
  dropEnd = n: list: take (max0 (length list - n)) list;

  # start -> count -> list: as much of it as there is.
  sublist = start: count: list:
    let
      len = length list;
    in
    genList (n: elemAt list (n + start))
      (if start >= len then 0 else if start + count > len then len - start else count);

  hasPrefix = prefix: list: take (length prefix) list == prefix;
  removePrefix = prefix: list:
    if hasPrefix prefix list then drop (length prefix) list
    else throw "lib.lists.removePrefix: the second list does not begin with the first";

  commonPrefix = a: b:
    let
      most = lib.min (length a) (length b);
      go = n: if n < most && elemAt a n == elemAt b n then go (n + 1) else n;
    in
    take (go 0) a;

  # The list with another element at an index.
  replaceElemAt = list: index: value:
    if index < 0 || index >= length list then
      throw "replaceElemAt: the index ${toString index} is out of range for a list of ${toString (length list)} elements"
    else
      take index list ++ [ value ] ++ drop (index + 1) list;

  last = list:
    assert lib.assertMsg (list != [ ]) "lists.last: the list is empty";
    elemAt list (length list - 1);
  init = list:
    assert lib.assertMsg (list != [ ]) "lists.init: the list is empty";
    take (length list - 1) list;

  ## Two lists

  zipListsWith = f: a: b: genList (n: f (elemAt a n) (elemAt b n)) (lib.min (length a) (length b));
  zipLists = zipListsWith (fst: snd: { inherit fst snd; });
  crossLists = f: foldl (fs: args: concatMap (f': map f' args) fs) [ f ];
  intersectLists = e: filter (x: elem x e);
  subtractLists = e: filter (x: !(elem x e));
  mutuallyExclusive = a: b: a == [ ] || !(builtins.any (x: elem x a) b);

  ## Order

  reverseList = list:
    let
      len = length list;
    in
    genList (n: elemAt list (len - n - 1)) len;

  sort = builtins.sort;

  # (a -> key) -> [ a ] -> [ a ]: each key is computed once.
  sortOn = key: list:
    map (pair: elemAt pair 1)
      (builtins.sort (a: b: head a < head b) (map (x: [ (key x) x ]) list));

  # cmp -> [ a ] -> [ a ] -> -1 | 0 | 1: the order of dictionaries.
  compareLists = cmp: a: b:
    if a == [ ] then (if b == [ ] then 0 else -1)
    else if b == [ ] then 1
    else
      let
        first = cmp (head a) (head b);
      in
      if first == 0 then compareLists cmp (tail a) (tail b) else first;

  # Runs of digits compare as numbers: [ "disk9" "disk10" ].
  naturalSort = list:
    let
      parts = s: map (x: if builtins.isList x then lib.toIntBase10 (head x) else x) (builtins.split "(0|[1-9][0-9]*)" s);
      less = a: b: compareLists lib.compare (head a) (head b) < 0;
    in
    map (pair: elemAt pair 1) (builtins.sort less (map (x: [ (parts x) x ]) list));

  # stopOnCycles -> before -> list -> { minimal, visited, rest } | { cycle, loops, visited, rest }: depth first
  # from the first element to one that nothing is `before`; with `stopOnCycles`, a way back to something on the
  # path ends the search.
  listDfs = stopOnCycles: before: list:
    let
      go = us: visited: rest:
        let
          loops = filter (x: before x us) visited;
          parts = partition (x: before x us) rest;
        in
        if stopOnCycles && loops != [ ] then
          { cycle = us; inherit loops visited rest; }
        else if parts.right == [ ] then
          { minimal = us; inherit visited rest; }
        else
          go (head parts.right) ([ us ] ++ visited) (tail parts.right ++ parts.wrong);
    in
    go (head list) [ ] (tail list);

  # before -> list -> { result } | { cycle, loops }: what is `before` something comes first.
  toposort = before: list:
    let
      found = listDfs true before list;
      rest = toposort before (found.visited ++ found.rest);
    in
    if length list < 2 then { result = list; }
    else if found ? cycle then
      { cycle = reverseList ([ found.cycle ] ++ found.visited); inherit (found) loops; }
    else if rest ? cycle then rest
    else { result = [ found.minimal ] ++ rest.result; };

  ## Once each

  unique = foldl' (seen: x: if elem x seen then seen else seen ++ [ x ]) [ ];
  # Of strings alone, quick, and sorted.
  uniqueStrings = list: builtins.attrNames (builtins.groupBy (x: x) list);
  allUnique = list: length (unique list) == length list;

  concatAttrValues = set: builtins.concatLists (builtins.attrValues set);
}
