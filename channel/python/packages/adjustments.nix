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
  tkinter = previous.tkinter or null;
}
