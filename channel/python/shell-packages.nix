/*
  Packages for a shell, as given → as the shell gets them: Python packages become environments.

  `mkShell { packages = [ python3 python3Packages.numpy ]; }` means a Python that has numpy. nixpkgs lets a variable say so, which
  every other Python in the shell obeys as well, and every program written in Python. Here the packages of one interpreter, and
  the interpreter if it is listed, are replaced by one environment, in the place of the first of them.
*/
{ lib }:
packages:
let
  list = lib.flatten packages;
  isModule = package: lib.isAttrs package && lib.isAttrs (package.pythonModule or null) && package ? neededBeside;
  isInterpreter = package: lib.isAttrs package && package ? withPackages && package ? sitePackages && !(package.pythonEnvironment or false);
  interpreterOf = package: if isModule package then package.pythonModule else package;
  concerns = python: package: (isModule package || isInterpreter package) && (interpreterOf package).outPath == python.outPath;
  # Interpreters that have packages listed beside them.
  pythons = lib.foldl' (known: package: if isModule package && !(lib.any (python: concerns python package) known) then known ++ [ package.pythonModule ] else known) [ ] list;
  environment = python: python.buildEnv.override { extraLibs = lib.filter (package: isModule package && concerns python package) list; };
  replace =
    { done, result }:
    package:
    let
      python = lib.findFirst (python: concerns python package) null pythons;
    in
    if python == null then
      {
        inherit done;
        result = result ++ [ package ];
      }
    else if builtins.elem python.outPath done then
      { inherit done result; }
    else
      {
        done = done ++ [ python.outPath ];
        result = result ++ [ (environment python) ];
      };
in
if pythons == [ ] then
  packages
else
  (lib.foldl' replace {
    done = [ ];
    result = [ ];
  } list).result
