/*
  Questions about Python packages: is it one, of which interpreter, what does it need at run time.

  What a package needs is data (`dependencies`, or `propagatedBuildInputs` as nixpkgs names it), not part of how it is
  built, so that cycles among them do no harm: the closure is taken over names and paths, never over builds.
*/
{ lib, python }:
let
  hasPythonModule = package: lib.isAttrs package && package ? pythonModule && sameInterpreter package.pythonModule;
  # The same interpreter may have been made twice, by an override that changed nothing but its packages.
  sameInterpreter = module: lib.isAttrs module && (module.pythonVersion or null) == python.pythonVersion && (module.implementation or null) == python.implementation;
  # What an environment takes of a package: its modules without the programs that are bound to them.
  bare = package: package.bare or package;
  direct = package: lib.filter hasPythonModule (lib.flatten (package.dependencies or [ ] ++ package.propagatedBuildInputs or [ ]));
  closure =
    packages:
    map (item: item.package) (
      builtins.genericClosure {
        startSet = map (package: {
          key = (bare package).outPath;
          inherit package;
        }) packages;
        operator =
          item:
          map (package: {
            key = (bare package).outPath;
            inherit package;
          }) (direct item.package);
      }
    );
in
{
  inherit hasPythonModule closure bare;
  requiredPythonModules = packages: closure (lib.filter hasPythonModule (lib.flatten packages));
  makePythonPath = packages: lib.makeSearchPathOutput "out" python.sitePackages (map bare (closure (lib.filter hasPythonModule (lib.flatten packages))));
  disabledIf = condition: package: if condition then throw "${package.name} does not work with ${python.name}" else package;
}
