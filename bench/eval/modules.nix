# A fixed point of overlays, as package sets are made of.
{ layers }:
let
  fix = f: let x = f x; in x;
  extend = f: overlay: self: let super = f self; in super // overlay self super;
  layer = n: self: super: {
    "p${toString n}" = { name = "p${toString n}"; deps = super.${"p${toString (n - 1)}"}.deps ++ [ self.base ]; };
    all = super.all ++ [ self.${"p${toString n}"}.name ];
  };
  first = self: { base = { name = "base"; deps = [ ]; }; p0 = { name = "p0"; deps = [ ]; }; all = [ ]; };
  set = fix (builtins.foldl' extend first (builtins.genList (n: layer (n + 1)) layers));
in
builtins.length set.all + builtins.foldl' (sum: name: sum + builtins.length set.${name}.deps) 0 set.all
