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

  # A set from what the caller gave, or why it cannot be one.
  coerce = who: value:
    let
      wrong = why: throw "lib.fileset.${who}: ${why}; a path or a file set is needed here";
    in
    if isFileset value then value
    else if value ? _isLibCleanSourceWith then wrong "a source of lib.sources is given (lib.fileset.fromSource makes a file set of one)"
    else if isString value then wrong "the string \"${toString value}\" is given"
    else if !(isPath value) then wrong "a ${typeOf value} is given"
    else if builtins.pathExists value then singleton value
    else throw "lib.fileset.${who}: there is no ${toString value} (lib.fileset.maybeMissing is for paths that need not be there)";
  isFileset = x: x._type or "" == "fileset";

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
      throw "lib.fileset.${who}: the sets lie below different roots: ${lib.concatMapStringsSep ", " toString roots}"
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
    if !(isPath path) then throw "lib.fileset.${who}: a ${typeOf path} is given, where a path is needed"
    else if !(builtins.pathExists (path + "/.git")) then
      throw "lib.fileset.${who}: ${toString path} is no working tree of a Git repository"
    else make path (tree source.outPath);
in
rec {
  # { root, fileset } -> a source: a set with outPath.
  toSource = { root, fileset }:
    let
      set = coerce "toSource" fileset;
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
    if !(isPath root) then throw "lib.fileset.toSource: `root` is a ${typeOf root}; it must be a path"
    else if !(builtins.pathExists root) then throw "lib.fileset.toSource: there is no `root` ${toString root}"
    else if pathType root != "directory" then
      throw "lib.fileset.toSource: `root` ${toString root} is a file: give the directory it is in, and the file as `fileset`"
    else if !below then
      throw "lib.fileset.toSource: `fileset` may have files in ${toString set._base}, outside of `root` ${toString root}: choose a higher root or a smaller set"
    else
      lib.cleanSourceWith { name = "source"; src = root; inherit filter; };

  # Everything in the set, as a list of paths.
  toList = fileset:
    let
      set = coerce "toList" fileset;
    in
    if set._base == null then [ ] else toList' set._base set._tree;

  union = a: b: unionOf "union" [ (coerce "union" a) (coerce "union" b) ];
  unions = sets:
    if !(isList sets) then throw "lib.fileset.unions: a ${typeOf sets} is given; it takes a list"
    else unionOf "unions" (lib.imap0 (i: coerce "unions (element ${toString i})") sets);
  unionOf = who: sets:
    let
      c = commonBase who sets;
    in
    if c.base == null then none else make c.base (unionTrees c.trees);

  intersection = a: b:
    let
      c = commonBase "intersection" [ (coerce "intersection" a) (coerce "intersection" b) ];
    in
    if c.base == null then none
    else make c.base (intersectTrees c.base (builtins.elemAt c.trees 0) (builtins.elemAt c.trees 1));

  difference = positive: negative:
    let
      c = commonBase "difference" [ (coerce "difference" positive) (coerce "difference" negative) ];
    in
    if c.base == null then none
    else make c.base (subtractTrees c.base (builtins.elemAt c.trees 0) (builtins.elemAt c.trees 1));

  # Files of a set for which ({ name, type, hasExt }: bool) holds.
  fileFilter = predicate: path:
    if !(isFunction predicate) then throw "lib.fileset.fileFilter: a ${typeOf predicate} is given first; it takes a function"
    else if isFileset path then
      throw "lib.fileset.fileFilter: a file set is given; filter a path, and take the `intersection` of both"
    else
      let
        set = coerce "fileFilter" path;
      in
      make set._base (filterTree predicate set._base set._tree);

  # A path that need not be there.
  maybeMissing = path:
    if !(isPath path) then throw "lib.fileset.maybeMissing: a ${typeOf path} is given; it takes a path"
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
    if !(isPath root) then throw "lib.fileset.fromSource: the source is made of a ${typeOf root}; it must be made of a path"
    else if pathType root != "directory" then singleton root
    else make root (tree root);

  # The files that git tracks in a working tree.
  gitTracked = gitFiles "gitTracked" false;
  gitTrackedWith = { recurseSubmodules ? false }: gitFiles "gitTrackedWith" recurseSubmodules;

  # Tells on stderr what is in a set, then gives the value.
  trace = fileset: x: builtins.trace (describe (coerce "trace" fileset)) x;
  traceVal = fileset: builtins.trace (describe (coerce "traceVal" fileset)) fileset;

  inherit isFileset;
  empty = none;
}
