# A set that grows by one name at a time, and is then looked at whole.
{ size }:
let
  names = builtins.genList (n: "name${toString n}") size;
  start = builtins.listToAttrs (map (name: { inherit name; value = { inherit name; size = builtins.stringLength name; }; }) names);
  grow = set: n: set // { "extra${toString n}" = set."name${toString n}" // { depth = n; }; };
  grown = builtins.foldl' grow start (builtins.genList (n: n) 1000);
in
builtins.foldl' (sum: set: sum + set.size + (set.depth or 0)) 0 (builtins.attrValues (builtins.mapAttrs (_: set: set // { seen = true; }) grown))
