# Paths without copying them to the store, and relative paths as strings ("subpaths").
#
# A subpath is a string without leading slash and `..`; in normal form it begins with `./`.
{ lib }:
let
  inherit (builtins) isPath isString typeOf;
  inherit (lib) assertMsg;

  # Why something is no subpath; null if it is one.
  subpathFault = value:
    let
      shown = "\"${value}\"";
    in
    if !(isString value) then "it is a ${typeOf value}, not a string"
    else if value == "" then "it is empty"
    else if lib.hasPrefix "/" value then "${shown} is absolute: it begins with `/`"
    else if lib.elem ".." (lib.splitString "/" value) then "${shown} has a `..` in it"
    else null;
  needSubpath = who: value:
    let
      fault = subpathFault value;
    in
    fault == null || throw "lib.path.${who}: not a subpath: ${fault}";

  # Parts without `.` and empty ones.
  subpathParts = value: builtins.filter (p: p != "" && p != ".") (lib.filter isString (builtins.split "/+" value));
  joinRelative = parts: "./" + (if parts == [ ] then "." else builtins.concatStringsSep "/" parts);

  # Its root (as a path) and the names below.
  deconstruct = path:
    let
      go = names: p: if p == dirOf p then { root = p; inherit names; } else go ([ (baseNameOf p) ] ++ names) (dirOf p);
    in
    go [ ] path;

  # The names that path2 has beyond path1; null if it does not lie there.
  compare = who: path1:
    assert needPath who "first" path1;
    let
      a = deconstruct path1;
      n = lib.length a.names;
    in
    path2:
      assert needPath who "second" path2;
      let
        b = deconstruct path2;
      in
      if a.root != b.root then
        throw "lib.path.${who}: ${toString path1} and ${toString path2} have different roots, ${toString a.root} and ${toString b.root}"
      else if lib.take n b.names == a.names then lib.drop n b.names
      else null;

  needPath = who: which: value:
    assertMsg (isPath value) "lib.path.${who}: The ${which} argument is of type ${typeOf value}, but a path was expected";
in
rec {
  append = path: subpath:
    assert needPath "append" "first" path;
    assert needSubpath "append" subpath;
    path + ("/" + subpath);

  # Is the second path below the first, or the same?
  hasPrefix = path1:
    let
      below = compare "hasPrefix" path1;
    in
    path2: below path2 != null;

  # What the second path has beyond the first, as a subpath.
  removePrefix = path1:
    let
      below = compare "removePrefix" path1;
    in
    path2:
    let
      rest = below path2;
    in
    if rest != null then joinRelative rest
    else throw "lib.path.removePrefix: ${toString path2} is not below ${toString path1}";

  splitRoot = path:
    assert needPath "splitRoot" "first" path;
    let
      d = deconstruct path;
    in
    { inherit (d) root; subpath = joinRelative d.names; };

  # Does it name something that may be a store object: a path in the store, with a hash of the right form?
  hasStorePathPrefix = path:
    assert needPath "hasStorePathPrefix" "first" path;
    let
      d = deconstruct path;
      store = (deconstruct (/. + builtins.storeDir)).names;
      n = lib.length store;
      name = lib.elemAt d.names n;
      isObject = s: builtins.match "[0-9a-df-np-sv-z]{32}-.*" s != null;
      # Content-addressed derivations' placeholders lie at the root.
      isPlaceholder = s: builtins.match "[0-9a-df-np-sv-z]{52}" s != null;
    in
    (lib.length d.names > n && lib.take n d.names == store && isObject name)
    || (d.names != [ ] && isPlaceholder (builtins.head d.names));

  subpath = rec {
    isValid = value: subpathFault value == null;

    # [ subpath ] -> subpath
    join = subpaths:
      let
        checked = lib.imap0
          (i: s: if isValid s then s else throw "lib.path.subpath.join: element ${toString i} is no subpath: ${subpathFault s}")
          subpaths;
      in
      joinRelative (lib.concatMap subpathParts checked);

    # Its names.
    components = s: assert needSubpath "subpath.components" s; subpathParts s;

    normalise = s: assert needSubpath "subpath.normalise" s; joinRelative (subpathParts s);
  };
}
