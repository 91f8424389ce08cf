# Sets of files, to say which files a source is made of. nixpkgs' manual, "lib.fileset".
#
# A file set is a root directory and a tree below it: "all" for everything there, null for nothing, a type name for a
# file, or a set of names for a directory of which a part is meant. Nothing is copied until `toSource`.
{ lib }:
let
  inherit (builtins) attrNames attrValues isAttrs isFunction isList isPath isString mapAttrs readDir typeOf;
  inherit (lib.filesystem) pathType;
  inherit (lib.path) append;

  make = base: tree: { _type = "fileset"; _base = base; _tree = tree; };
  none = { _type = "fileset"; _base = null; _tree = null; };

  names = path:
    let
      go = acc: p: if p == dirOf p then acc else go ([ (baseNameOf p) ] ++ acc) (dirOf p);
    in
    go [ ] path;
  rootOf = path: let up = dirOf path; in if up == path then path else rootOf up;
  fromNames = root: parts: if parts == [ ] then root else append root (lib.path.subpath.join parts);

  coerce = who: value:
    if value._type or "" == "fileset" then value
    else if value ? _isLibCleanSourceWith then
      throw "lib.fileset.${who} is a `lib.sources`-based value, but it should be a file set or a path instead.\n    To convert a `lib.sources`-based value to a file set you can use `lib.fileset.fromSource`."
    else if !(isPath value) then
      if isString value && lib.hasPrefix "/" value then
        throw "lib.fileset.${who} (\"${toString value}\") is a string-like value, but it should be a file set or a path instead.\n    Paths represented as strings are not supported by `lib.fileset`, use `lib.sources` or derivations instead."
      else
        throw "lib.fileset.${who} is of type ${typeOf value}, but it should be a file set or a path instead."
    else if !(builtins.pathExists value) then
      throw "lib.fileset.${who} (${toString value}) is a path that does not exist.\n    To create a file set from a path that may not exist, use `lib.fileset.maybeMissing`."
    else
      singleton value;

  singleton = path:
    let
      type = pathType path;
    in
    if type == "directory" then make path "all"
    else make (dirOf path) (mapAttrs (_: _: null) (readDir (dirOf path)) // { ${baseNameOf path} = type; });

  # A directory's tree with its entries named.
  spread = path: tree:
    if tree == "all" then mapAttrs (_: type: if type == "directory" then "all" else type) (readDir path)
    else if tree == null then mapAttrs (_: _: null) (readDir path)
    else tree;

  # The tree of a set as seen from a directory above.
  lift = parts: path: tree:
    if parts == [ ] then tree
    else mapAttrs (_: _: null) (readDir path) // {
      ${builtins.head parts} = lift (builtins.tail parts) (append path (builtins.head parts)) tree;
    };

  # Both trees from the deepest directory that holds both.
  commonBase = who: sets:
    let
      real = builtins.filter (s: s._base != null) sets;
      roots = lib.unique (map (s: rootOf s._base) real);
      prefix = lib.foldl' (acc: s: lib.lists.commonPrefix acc (names s._base)) (names (builtins.head real)._base) real;
      base = fromNames (builtins.head roots) prefix;
      n = builtins.length prefix;
    in
    if builtins.length roots > 1 then
      throw "lib.fileset.${who}: Filesystem roots are not the same: ${lib.concatMapStringsSep ", " toString roots}. Different filesystem roots are not supported."
    else if real == [ ] then { base = null; trees = map (_: null) sets; }
    else {
      inherit base;
      trees = map (s: if s._base == null then null else lift (lib.drop n (names s._base)) base s._tree) sets;
    };

  unionTrees = trees:
    let
      some = builtins.filter (t: t != null) trees;
      whole = lib.findFirst (t: isString t) null some;
    in
    if whole != null then whole
    else if some == [ ] then null
    else lib.zipAttrsWith (_: unionTrees) some;

  intersectTrees = path: a: b:
    if a == null || b == null then null
    else if a == "all" then b
    else if b == "all" || isString b then a
    else if isString a then a
    else mapAttrs (name: value: intersectTrees (append path name) value (b.${name} or null)) a;

  subtractTrees = path: a: b:
    if a == null || isString b then null
    else if b == null then a
    else
      mapAttrs (name: value: subtractTrees (append path name) value (b.${name} or null)) (spread path a);

  # Directories with nothing in them become nothing, and full ones "all".
  isEmpty = tree: tree == null || (isAttrs tree && builtins.all isEmpty (attrValues tree));
  emptyBelow = path: tree:
    tree == null
    || (tree == "all" && builtins.all (n: emptyBelow (append path n) (spread path tree).${n}) (attrNames (readDir path)))
    || (isAttrs tree && builtins.all (n: emptyBelow (append path n) tree.${n}) (attrNames tree));

  filterTree = predicate: path: tree:
    let
      entry = name: sub:
        let
          p = append path name;
        in
        if sub == null then null
        else if sub == "all" || isAttrs sub then filterTree predicate p sub
        else if predicate {
          inherit name;
          type = sub;
          hasExt = ext:
            let
              found = builtins.match ".*(\\..*)" name;
            in
            lib.hasSuffix ".${ext}" name && found != null;
        } then sub
        else null;
    in
    if tree == null then null else mapAttrs entry (spread path tree);

  toList' = path: tree:
    lib.concatMap
      (name:
        let
          sub = (spread path tree).${name};
          p = append path name;
        in
        if sub == null then [ ] else if sub == "all" || isAttrs sub then toList' p sub else [ p ])
      (attrNames (spread path tree));

  show = path: tree: indent:
    lib.concatMapStrings
      (name:
        let
          sub = (spread path tree).${name};
          p = append path name;
        in
        if sub == null then ""
        else if sub == "all" then "\n${indent}- ${name} (all files in directory)"
        else if isAttrs sub then (if emptyBelow p sub then "" else "\n${indent}- ${name}${show p sub "${indent}  "}")
        else "\n${indent}- ${name} (${sub})")
      (attrNames (spread path tree));
  describe = set:
    if set._base == null || emptyBelow set._base set._tree then "(empty)"
    else if set._tree == "all" then "${toString set._base} (all files in directory)"
    else "${toString set._base}${show set._base set._tree ""}";

  gitFiles = who: recurse: path:
    let
      source = builtins.fetchGit ({ url = path; } // lib.optionalAttrs recurse { submodules = true; });
      tree = storePath: mapAttrs
        (name: type: if type == "directory" then tree (storePath + "/${name}") else type)
        (readDir storePath);
    in
    if !(isPath path) then throw "lib.fileset.${who}: Expected the argument to be a path, but it's a ${typeOf path} instead."
    else if !(builtins.pathExists (path + "/.git")) then
      throw "lib.fileset.${who}: Expected the argument (${toString path}) to point to a local working tree of a Git repository, but it's not."
    else make path (tree source.outPath);
in
rec {
  # { root, fileset } -> a source: a set with outPath.
  toSource = { root, fileset }:
    let
      set = coerce "toSource: `fileset`" fileset;
      rootNames = names root;
      below = set._base == null || lib.take (builtins.length rootNames) (names set._base) == rootNames;
      tree = if set._base == null then null else lift (lib.drop (builtins.length rootNames) (names set._base)) root set._tree;
      lookup = parts: t:
        if parts == [ ] || isString t || t == null then t
        else lookup (builtins.tail parts) (t.${builtins.head parts} or null);
      filter = path: type:
        let
          parts = lib.splitString "/" (lib.removePrefix (lib.removeSuffix "/" (toString root) + "/") path);
          found = lookup parts tree;
        in
        if type == "directory" then found != null && !(emptyBelow (fromNames root parts) found) else found != null;
    in
    if !(isPath root) then
      throw "lib.fileset.toSource: `root` ${if isString root then "(${toString root}) is a string-like value, but it should be a path instead.\n    Paths in strings are not supported by `lib.fileset`, use `lib.sources` or derivations instead." else "is of type ${typeOf root}, but it should be a path instead."}"
    else if !(builtins.pathExists root) then throw "lib.fileset.toSource: `root` (${toString root}) is a path that does not exist."
    else if pathType root != "directory" then
      throw "lib.fileset.toSource: `root` (${toString root}) is a file, but it should be a directory instead. Potential solutions:\n    - If you want to import the file into the store _without_ a containing directory, use string interpolation or `builtins.path` instead of this function.\n    - If you want to import the file into the store _with_ a containing directory, set `root` to the containing directory, such as ${toString (dirOf root)}, and set `fileset` to the file path."
    else if !below then
      throw "lib.fileset.toSource: `fileset` could contain files in ${toString set._base}, which is not under the `root` (${toString root}). Potential solutions:\n    - Set `root` to ${toString set._base} or any directory higher up. This changes the layout of the resulting store path.\n    - Set `fileset` to a file set that cannot contain files outside the `root` (${toString root}). This could change the files included in the result."
    else
      lib.cleanSourceWith { name = "source"; src = root; inherit filter; };

  # Everything in the set, as a list of paths.
  toList = fileset:
    let
      set = coerce "toList: Argument" fileset;
    in
    if set._base == null then [ ] else toList' set._base set._tree;

  union = a: b: unionOf "union" [ (coerce "union: First argument" a) (coerce "union: Second argument" b) ];
  unions = sets:
    if !(isList sets) then throw "lib.fileset.unions: Argument is of type ${typeOf sets}, but it should be a list instead."
    else unionOf "unions" (lib.imap0 (i: coerce "unions: Element ${toString i}") sets);
  unionOf = who: sets:
    let
      c = commonBase who sets;
    in
    if c.base == null then none else make c.base (unionTrees c.trees);

  intersection = a: b:
    let
      c = commonBase "intersection" [ (coerce "intersection: First argument" a) (coerce "intersection: Second argument" b) ];
    in
    if c.base == null then none
    else make c.base (intersectTrees c.base (builtins.elemAt c.trees 0) (builtins.elemAt c.trees 1));

  difference = positive: negative:
    let
      c = commonBase "difference" [ (coerce "difference: First argument (positive set)" positive) (coerce "difference: Second argument (negative set)" negative) ];
    in
    if c.base == null then none
    else make c.base (subtractTrees c.base (builtins.elemAt c.trees 0) (builtins.elemAt c.trees 1));

  # Files of a set for which ({ name, type, hasExt }: bool) holds.
  fileFilter = predicate: path:
    if !(isFunction predicate) then
      throw "lib.fileset.fileFilter: First argument is of type ${typeOf predicate}, but it should be a function instead."
    else if path._type or "" == "fileset" then
      throw "lib.fileset.fileFilter: Second argument is a file set, but it should be a path instead.\n    If you need to filter files in a file set, use `intersection fileset (fileFilter pred ./.)` instead."
    else
      let
        set = coerce "fileFilter: Second argument" path;
      in
      make set._base (filterTree predicate set._base set._tree);

  # A path that need not be there.
  maybeMissing = path:
    if !(isPath path) then throw "lib.fileset.maybeMissing: Argument is of type ${typeOf path}, but it should be a path instead."
    else if builtins.pathExists path then singleton path
    else none;

  # What a source of `lib.sources` holds.
  fromSource = source:
    let
      root = source.origSrc or source;
      filter = source.filter or (_: _: true);
      tree = path: mapAttrs
        (name: type:
          let
            p = append path name;
          in
          if !(filter (toString p) type) then null else if type == "directory" then tree p else type)
        (readDir path);
    in
    if !(isPath root) then throw "lib.fileset.fromSource: The source origin of the argument is of type ${typeOf root}, but it should be a path instead."
    else if pathType root != "directory" then singleton root
    else make root (tree root);

  # The files that git tracks in a working tree.
  gitTracked = gitFiles "gitTracked" false;
  gitTrackedWith = { recurseSubmodules ? false }: gitFiles "gitTrackedWith" recurseSubmodules;

  # Tells on stderr what is in a set, then gives the value.
  trace = fileset: x: builtins.trace (describe (coerce "trace: Argument" fileset)) x;
  traceVal = fileset: builtins.trace (describe (coerce "traceVal: Argument" fileset)) fileset;

  isFileset = x: x._type or "" == "fileset";
  empty = none;
}
