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
