Places of syntax errors.
#----
/nix/store/
#----
[ /a/ ]
#----
/a/${"b"}/c/ 1
#----
~/a/ 1
#----
{ a = 1; a = 2; }
#----
x: y
#----
1 |> (x: x)
#----
# options: extra-experimental-features pipe-operators
[ (1 |> (x: x + 1) |> (y: [ y ])) (builtins.map (x: x + 1) <| [ 1 2 ]) ((a: b: a - b) 5 <| 3) (3 |> (a: b: a - b) 5) (builtins.add 1 <| builtins.add 2 <| 3) (1 + 1 |> builtins.add 2) ]
#----
# options: extra-experimental-features pipe-operators
1 |> (x: x) <| 2
#----
# options: extra-experimental-features pipe-operators
1 |> throw "a"
#----
# options: extra-experimental-features pipe-operators
x: x |> if true then 1 else 2
#----
# options: extra-experimental-features pipe-operators
1 |> 2
#----
# options: extra-experimental-features pipe-operators
(1 - 2) <| 3
#----
# options: extra-experimental-features pipe-operators
{ a = 1 |>; }
