# Source trees with parts left out. A filtered source is a set { origSrc, filter, name } with an outPath, so that
# filters compose without copying.
{ lib }:
let
  inherit (builtins) match;

  versionControl = [ ".git" ".svn" "CVS" ".hg" ".jj" ".pijul" "_darcs" ];

  describe = src:
    if src ? _isLibCleanSourceWith then src
    else { origSrc = src; filter = _: _: true; name = "source"; _isLibCleanSourceWith = false; };

  toSource = { origSrc, filter, name }: {
    _isLibCleanSourceWith = true;
    inherit origSrc filter name;
    outPath = builtins.path { inherit filter name; path = origSrc; };
  };
in
rec {
  # path -> type -> bool: false for what editors, version control and builds leave behind.
  cleanSourceFilter = path: type:
    let
      name = baseNameOf (toString path);
    in
    !(
      builtins.elem name versionControl
      || lib.hasSuffix "~" name
      || match "^\\.sw[a-z]$" name != null
      || match "^\\..*\\.sw[a-z]$" name != null
      || lib.hasSuffix ".o" name
      || lib.hasSuffix ".so" name
      || (type == "symlink" && lib.hasPrefix "result" name)
      || type == "unknown"
    );

  cleanSource = src: cleanSourceWith { filter = cleanSourceFilter; inherit src; };

  # { src, filter, name }: a path or a filtered source, filtered further.
  cleanSourceWith = { src, filter ? _: _: true, name ? null }:
    let
      from = describe src;
    in
    toSource {
      inherit (from) origSrc;
      filter = path: type: filter path type && from.filter path type;
      name = if name != null then name else from.name;
    };

  # Tells on stderr what the filter says of each file.
  trace = src:
    let
      from = describe src;
    in
    toSource {
      inherit (from) origSrc name;
      filter = path: type:
        let
          r = from.filter path type;
        in
        builtins.trace "${from.name}.filter ${path} = ${lib.boolToString r}" r;
    };

  # Keeps what matches one of the expressions, relative to the root; directories on the way must match too.
  sourceByRegex = src: regexes:
    let
      from = describe src;
      root = toString from.origSrc;
    in
    cleanSourceWith {
      inherit src;
      filter = path: _:
        let
          relative = lib.removePrefix (root + "/") (toString path);
        in
        lib.any (re: match re relative != null) regexes;
    };

  # Keeps directories, and files with these endings.
  sourceFilesBySuffices = src: suffixes:
    cleanSourceWith {
      inherit src;
      filter = name: type:
        type == "directory" || lib.any (suffix: lib.hasSuffix suffix (baseNameOf (toString name))) suffixes;
    };

  ## Paths

  pathType = lib.filesystem.pathType;
  pathIsDirectory = lib.filesystem.pathIsDirectory;
  pathIsRegularFile = lib.filesystem.pathIsRegularFile;

  pathHasContext = path: builtins.hasContext path && lib.hasPrefix builtins.storeDir path;
  canCleanSource = src: src ? _isLibCleanSourceWith || !(pathHasContext (toString src));

  # path of .git -> commit; throws when there is none.
  commitIdFromGitRepo = path:
    let
      r = _commitIdFromGitRepoOrError path;
    in
    r.value or (throw r.error);
  pathIsGitRepo = path: (_commitIdFromGitRepoOrError path) ? value;
  revOrDefault = path: default: (_commitIdFromGitRepoOrError path).value or default;

  _commitIdFromGitRepoOrError =
    let
      commit = text: match "([0-9a-f]{40}|[0-9a-f]{64})" text;
      # A reference by name: its own file, else its line in packed-refs.
      reference = dir: name:
        let
          loose = dir + "/${name}";
          packed = dir + "/packed-refs";
          common = dir + "/commondir";
          line = lib.findFirst (l: match "[0-9a-f]+ ${lib.escapeRegex name}" l != null) null
            (lib.splitString "\n" (builtins.readFile packed));
        in
        if lib.pathIsRegularFile loose then head' dir (lib.fileContents loose)
        else if lib.pathIsRegularFile packed && line != null then { value = builtins.head (lib.splitString " " line); }
        else if lib.pathIsRegularFile common then
          let
            to = lib.fileContents common;
          in
          reference (if lib.hasPrefix "/" to then to else dir + "/${to}") name
        else
          { error = "${toString dir} has no '${name}'"; };
      head' = dir: text:
        let
          to = match "ref: (.*)" text;
        in
        if to != null then reference dir (builtins.head to)
        else if commit text != null then { value = text; }
        else { error = "File contains neither a commit nor a reference: ${text}"; };
      go = path:
        if lib.pathIsRegularFile path then
          # A worktree or submodule: `gitdir: …`
          let
            to = match "gitdir: (.*)" (lib.fileContents path);
            dir = builtins.head to;
          in
          if to == null then { error = "File contains no gitdir: ${toString path}"; }
          else go (/. + (if lib.hasPrefix "/" dir then dir else "${toString (dirOf path)}/${dir}"))
        else if lib.pathIsDirectory path && lib.pathIsRegularFile (path + "/HEAD") then
          head' path (lib.fileContents (path + "/HEAD"))
        else
          { error = "Not a .git directory: ${toString path}"; };
    in
    go;

  # What a fetched repository is called in the store.
  repoRevToName = kind: repo: rev: "source";
  shortRev = rev: builtins.substring 0 7 rev;
  revOrTag = rev: tag: if tag == null then (if rev == null then throw "Exactly one of tag or rev must be given" else rev) else tag;
  filterSource = builtins.filterSource;
  urlToName = url:
    let
      base = baseNameOf (lib.removeSuffix "/" (lib.last (lib.splitString ":" (toString url))));
      found = builtins.match "(.*)\\.(tar|zip|tgz|git)(\\..*)?" base;
    in
    if found == null then base else builtins.head found;
}
