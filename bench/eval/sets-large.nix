# As sets.nix, with a set large enough for its copies to count.
let
  names = builtins.genList (n: "name${toString n}") 40000;
  start = builtins.listToAttrs (map (name: { inherit name; value = { inherit name; size = builtins.stringLength name; }; }) names);
  grow = set: n: set // { "extra${toString n}" = set."name${toString n}" // { depth = n; }; };
  grown = builtins.foldl' grow start (builtins.genList (n: n) 1000);
in
builtins.foldl' (sum: set: sum + set.size + (set.depth or 0)) 0 (builtins.attrValues (builtins.mapAttrs (_: set: set // { seen = true; }) grown))
