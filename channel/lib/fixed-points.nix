# Sets that refer to their own final form, and overlays (`final: prev: { … }`) on top of them.
{ lib }:
rec {
  # (a -> a) -> a: the value that f maps to itself, found by laziness.
  fix = f: let x = f x; in x;

  # As fix, and the result carries f as `__unfix__`.
  fix' = f: let x = f x // { __unfix__ = f; }; in x;

  # Applies f until nothing changes any more.
  converge = f: x:
    let
      next = f x;
    in
    if next == x then x else converge f next;

  # overlay -> (final -> set) -> (final -> set)
  extends = overlay: f: final:
    let
      prev = f final;
    in
    prev // overlay final prev;

  # overlay -> overlay -> overlay: the second sees what the first did.
  composeExtensions = first: second: final: prev:
    let
      changed = first final prev;
    in
    changed // second final (prev // changed);

  composeManyExtensions = lib.foldr composeExtensions (_: _: { });

  # (final -> set) -> set with `extend`.
  makeExtensible = makeExtensibleWithCustomName "extend";

  makeExtensibleWithCustomName = extenderName: rattrs:
    fix' (self: rattrs self // {
      ${extenderName} = overlay: makeExtensibleWithCustomName extenderName (extends overlay rattrs);
    });

  # `prev: { … }`, `final: prev: { … }` or a plain set -> overlay
  toExtension = f:
    if lib.isFunction f then
      final: prev:
        let
          partial = f prev;
        in
        if lib.isFunction partial then f final prev else partial
    else
      _: _: f;
}
