let
  numbers = builtins.genList (n: n * 7919 - n * n) 200000;
  even = builtins.filter (n: n - n / 2 * 2 == 0) numbers;
  sorted = builtins.sort (a: b: a < b) even;
in
builtins.foldl' (sum: n: sum + n) 0 (map (n: n + 1) sorted)
