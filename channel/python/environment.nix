/*
  `python.buildEnv` and `python.withPackages`: a virtual environment (PEP 405) in the store.

  Its interpreter finds the packages because `pyvenv.cfg` stands beside it, not through variables: child processes inherit
  what they should, other Pythons inherit nothing, and editors, pip, uv and Jupyter take it for what it is.
  make-environment.py does the work, run by the interpreter itself.

  Takes nixpkgs' arguments. `permitUserSite` makes it an environment with access to the system's packages, the only kind
  in which Python looks at the user's own. What cannot be part of the environment is left out with a warning that says
  what to do, where nixpkgs says nothing.
*/
{
  pkgs,
  lib,
  python,
}:
{
  extraLibs ? [ ],
  extraOutputsToInstall ? [ ],
  postBuild ? "",
  ignoreCollisions ? false,
  permitUserSite ? false,
  makeWrapperArgs ? [ ],
  nativeBuildInputs ? [ ],
}:
let
  modules = import ./packages/modules.nix { inherit lib python; };
  given = lib.filter (package: package != null) (lib.flatten (lib.toList extraLibs));
  nameOf = package: package.pname or package.name or "a package";

  # The interpreter itself is there anyway.
  isInterpreter = package: lib.isAttrs package && package ? sitePackages && package ? withPackages;
  others = lib.filter (package: !isInterpreter package) given;
  judge =
    package:
    if !lib.isAttrs package then
      throw "python.withPackages: ${if builtins.isFunction package then "a function" else builtins.typeOf package} is no package; each element of the list must be one, such as `ps.requests`"
    else if modules.hasPythonModule package then
      true
    else
      builtins.trace (
        if package ? pythonModule && lib.isAttrs package.pythonModule then
          "warning: ${nameOf package} is built for ${package.pythonModule.name} and left out of this environment of ${python.name}; take it from this interpreter's packages (the argument of withPackages)"
        else if package ? pythonModule then
          "warning: ${nameOf package} is an application (buildPythonApplication or toPythonApplication), whose modules are not for import, and is left out of this environment; build it with buildPythonPackage to import it, or list it beside the environment to run it"
        else
          "warning: ${nameOf package} has no `pythonModule` and is left out of this environment; build it with buildPythonPackage, or pass it through `toPythonModule` if it installs into ${python.sitePackages}; a package that is no Python code belongs beside the environment"
      ) false;
  requested = lib.filter judge others;
  required = modules.closure requested;

  # One version of each project. Who names a package means it, also where another package would bring its own.
  projectOf = package: lib.toLower (lib.replaceStrings [ "_" "." ] [ "-" "-" ] (package.pname or (lib.getName package)));
  pathOf = package: (modules.bare package).outPath;
  asked = builtins.groupBy projectOf requested;
  chosen =
    project: packages:
    let
      paths = lib.unique (map pathOf packages);
      wanted = lib.unique (map pathOf (asked.${project} or [ ]));
      list = lib.concatMapStringsSep ", " (path: lib.concatStringsSep "-" (lib.drop 1 (lib.splitString "-" (baseNameOf path)))) paths;
    in
    if builtins.length paths == 1 then
      [ (builtins.head packages) ]
    else if builtins.length wanted == 1 then
      builtins.trace
        "warning: ${project} is in this environment as you list it; packages that need it would bring another (${list}). To give them yours as well, put it into packageOverrides"
        (lib.filter (package: pathOf package == builtins.head wanted) packages)
    else
      throw "Found duplicated packages in closure for dependency '${project}': ${list}. An environment can hold one; put the one you mean into packageOverrides of the interpreter, so that every package gets it";
  grouped = builtins.groupBy projectOf required;
  packages = lib.concatLists (lib.mapAttrsToList chosen grouped);
  # The order decides who wins a collision that is ignored: what was asked for comes first.
  rank = lib.listToAttrs (lib.imap0 (index: package: lib.nameValuePair (builtins.unsafeDiscardStringContext (pathOf package)) index) (lib.reverseList (lib.reverseList required)));
  ordered = lib.sort (a: b: rank.${builtins.unsafeDiscardStringContext (pathOf a)} < rank.${builtins.unsafeDiscardStringContext (pathOf b)}) packages;
  outputs = package: [ (modules.bare package) ] ++ map (output: package.${output}) (lib.filter (output: output != "out" && package ? ${output} && builtins.elem output (package.outputs or [ ])) extraOutputsToInstall);

  settings = {
    packages = map toString (lib.concatMap outputs ordered);
    python = "${python}";
    inherit (python) executable;
    inherit ignoreCollisions permitUserSite;
    prompt = "${python.name}-env";
  };
  name = "${python.name}-env";
  plain = derivation (
    {
      inherit name;
      inherit (pkgs) system;
      builder = python.interpreter;
      args = [
        "-I"
        ./make-environment.py
      ];
      settings = builtins.toJSON settings;
      preferLocalBuild = true;
      allowSubstitutes = false;
    }
    // (if builtins.length ordered > 400 then { passAsFile = [ "settings" ]; } else { })
  );
  # With commands of the user's, or programs to be wrapped, a shell has to run.
  finished = pkgs.runCommand name
    {
      settings = builtins.toJSON settings;
      passAsFile = [ "settings" ];
      nativeBuildInputs = nativeBuildInputs ++ lib.optional (makeWrapperArgs != [ ]) pkgs.makeWrapper;
    }
    ''
      ${python.interpreter} -I ${./make-environment.py}
      ${lib.optionalString (makeWrapperArgs != [ ]) ''
        for program in "$out"/bin/*; do
          if [ -f "$program" ] && [ -x "$program" ]; then
            wrapProgram "$program" ${lib.concatStringsSep " " makeWrapperArgs}
          fi
        done
      ''}
      ${postBuild}
    '';
  built = if postBuild == "" && makeWrapperArgs == [ ] then plain else finished;
  passthru = {
    inherit (python)
      interpreter
      executable
      sitePackages
      pythonVersion
      libPrefix
      implementation
      pkgs
      withPackages
      buildEnv
      ;
    inherit python;
    interpreterPath = "${built}/bin/${python.executable}";
    extraLibs = requested;
    pythonEnvironment = true;
    env = pkgs.mkShell {
      name = "interactive-${name}";
      packages = [ environment ];
    };
    passthru = { };
    meta = {
      description = "${python.name} with ${toString (builtins.length packages)} packages";
      mainProgram = python.executable;
      outputsToInstall = [ "out" ];
      available = true;
      broken = false;
    };
    pname = "${python.pname or "python3"}-env";
    inherit (python) version;
  };
  environment = built // passthru // { interpreter = "${built}/bin/${python.executable}"; };
in
environment
