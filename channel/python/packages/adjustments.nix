/*
  What the index cannot say of a package.

  Keep this short: a package that needs more than a wheel gives is better left out of the index, with the reason.
*/
{
  pkgs,
  lib,
  python,
}:
final: previous:
{
  # The interpreter's own Tk binding, which nixpkgs has as a package.
  inherit (python) tkinter;
}
// lib.optionalAttrs (previous ? py-cpuinfo && previous ? py-cpuinfo2) {
  # One is a fork of the other under the same module name, and some packages ask for this and some for that.
  py-cpuinfo = final.py-cpuinfo2;
}
