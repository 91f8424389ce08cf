# A shell with one Python that has pandas, requests and matplotlib.
#
#     ./bruma shell examples/first-shell/shell.nix --run "python examples/first-shell/plot.py"
let
  pkgs = import <nixpkgs> { };
in
pkgs.mkShell {
  packages = [
    (pkgs.python3.withPackages (ps: [
      ps.pandas
      ps.requests
      ps.matplotlib
    ]))
  ];
}
