# Questions to the file system, and package sets from directories.
{ lib }:
let
  inherit (builtins) pathExists readDir;
in
rec {
  # "regular", "directory", "symlink" or "unknown"; throws if nothing is there.
  pathType = builtins.readFileType or (path:
    if !(pathExists path) then
      # readFile names the path in its error.
      abort "lib.filesystem.pathType: Path ${toString path} does not exist."
    else if dirOf path == path then "directory"
    else (readDir (dirOf path)).${baseNameOf path});

  pathIsDirectory = path: pathExists path && pathType path == "directory";
  pathIsRegularFile = path: pathExists path && pathType path == "regular";

  # Every file below, as paths.
  listFilesRecursive = dir:
    lib.concatLists (lib.mapAttrsToList
      (name: type: if type == "directory" then listFilesRecursive (dir + "/${name}") else [ (dir + "/${name}") ])
      (readDir dir));

  # The nearest ancestor with an entry that matches: null or { path; matches; }
  locateDominatingFile = pattern: file:
    let
      go = path:
        let
          matches = builtins.filter (m: m != null) (map (builtins.match pattern) (builtins.attrNames (readDir path)));
        in
        if matches != [ ] then { inherit path matches; }
        else if path == /. then null
        else go (dirOf path);
      isDir =
        let
          base = baseNameOf file;
          type = (readDir (dirOf file)).${base} or null;
        in
        file == /. || type == "directory";
    in
    go (if isDir then file else dirOf file);

  # A tree of hashes by file name, from a directory of `hash-name` paths.
  haskellPathsInDir = root:
    let
      cabal = name: type:
        lib.nameValuePair name (root + "/${name}");
      has = name: type: type == "directory" && pathExists (root + "/${name}/${name}.cabal");
    in
    lib.mapAttrs' cabal (lib.filterAttrs has (readDir root));

  # Calls `package.nix` in each directory and `*.nix` beside, as a set by their names.
  packagesFromDirectoryRecursive = { callPackage, directory, newScope ? null, ... }@args:
    let
      default = directory + "/package.nix";
      entry = name: type:
        let
          path = directory + "/${name}";
        in
        if type == "directory" then {
          ${name} = packagesFromDirectoryRecursive (args // { directory = path; });
        }
        else if type == "regular" && lib.hasSuffix ".nix" name then {
          ${lib.removeSuffix ".nix" name} = callPackage path { };
        }
        else if type == "regular" then { }
        else throw "packagesFromDirectoryRecursive: ${toString path} is neither a file nor a directory";
      all = lib.concatMapAttrs entry (readDir directory);
    in
    if pathExists default then callPackage default { }
    else if args ? newScope then
      lib.recurseIntoAttrs (lib.makeScope newScope (self:
        lib.concatMapAttrs
          (name: type:
            let
              path = directory + "/${name}";
            in
            if type == "directory" then {
              ${name} = packagesFromDirectoryRecursive (args // {
                inherit (self) callPackage newScope;
                directory = path;
              });
            }
            else if type == "regular" && lib.hasSuffix ".nix" name then {
              ${lib.removeSuffix ".nix" name} = self.callPackage path { };
            }
            else { })
          (readDir directory)))
    else all;

  resolveDefaultNix = path:
    let
      text = toString path;
    in
    if pathIsDirectory path then path + "/default.nix"
    else if lib.hasSuffix "/" text then path + "default.nix"
    else path;
}
