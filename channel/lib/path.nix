# Paths without copying them to the store, and relative paths as strings ("subpaths").
#
# A subpath is a string without leading slash and `..`; in normal form it begins with `./`.
{ lib }:
let
  inherit (builtins) isPath isString typeOf;
  inherit (lib) assertMsg;

  # Why a string is no subpath; null if it is one.
  subpathFault = value:
    if !(isString value) then "The given value is of type ${typeOf value}, but a string was expected"
    else if value == "" then "The given string is empty"
    else if builtins.substring 0 1 value == "/" then "The given string \"${value}\" starts with a `/`, representing an absolute path"
    else if builtins.match "(.*/)?\\.\\.(/.*)?" value != null then
      "The given string \"${value}\" contains a `..` component, which is not allowed in subpaths"
    else null;

  # Parts without `.` and empty ones.
  subpathParts = value: builtins.filter (p: p != "" && p != ".") (lib.filter isString (builtins.split "/+" value));
  joinRelative = parts: "./" + (if parts == [ ] then "." else builtins.concatStringsSep "/" parts);

  # Its root (as a path) and the names below.
  deconstruct = path:
    let
      go = names: p: if p == dirOf p then { root = p; inherit names; } else go ([ (baseNameOf p) ] ++ names) (dirOf p);
    in
    go [ ] path;

  needPath = who: which: value:
    assertMsg (isPath value) "lib.path.${who}: The ${which} argument is of type ${typeOf value}, but a path was expected";
in
rec {
  append = path: subpath:
    assert needPath "append" "first" path;
    assert assertMsg (subpathFault subpath == null) "lib.path.append: Second argument is not a valid subpath string:\n    ${subpathFault subpath}";
    path + ("/" + subpath);

  hasPrefix = path1:
    assert needPath "hasPrefix" "first" path1;
    let
      a = deconstruct path1;
    in
    path2:
      assert needPath "hasPrefix" "second" path2;
      let
        b = deconstruct path2;
      in
      assert assertMsg (a.root == b.root)
        "lib.path.hasPrefix: Filesystem roots must be the same for both paths, but paths with different roots were given:\n    first argument: \"${toString path1}\" with root \"${toString a.root}\"\n    second argument: \"${toString path2}\" with root \"${toString b.root}\"";
      lib.take (lib.length a.names) b.names == a.names;

  removePrefix = path1:
    assert needPath "removePrefix" "first" path1;
    let
      a = deconstruct path1;
    in
    path2:
      assert needPath "removePrefix" "second" path2;
      let
        b = deconstruct path2;
        n = lib.length a.names;
      in
      assert assertMsg (a.root == b.root)
        "lib.path.removePrefix: Filesystem roots must be the same for both paths, but paths with different roots were given:\n    first argument: \"${toString path1}\" with root \"${toString a.root}\"\n    second argument: \"${toString path2}\" with root \"${toString b.root}\"";
      if lib.take n b.names == a.names then joinRelative (lib.drop n b.names)
      else throw "lib.path.removePrefix: The first path argument \"${toString path1}\" is not a component-wise prefix of the second path argument \"${toString path2}\".";

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

    join = subpaths:
      let
        checked = lib.imap0
          (i: s:
            if isValid s then s
            else throw "lib.path.subpath.join: Element at index ${toString i} is not a valid subpath string:\n    ${subpathFault s}")
          subpaths;
      in
      joinRelative (lib.concatMap subpathParts checked);

    components = s:
      assert assertMsg (isValid s) "lib.path.subpath.components: Argument is not a valid subpath string:\n    ${subpathFault s}";
      subpathParts s;

    normalise = s:
      assert assertMsg (isValid s) "lib.path.subpath.normalise: Argument is not a valid subpath string:\n    ${subpathFault s}";
      joinRelative (subpathParts s);
  };
}
