/*
  Hooks under nixpkgs' names. Most of what they do is part of buildPythonPackage here; those are empty, so that packages
  that list them evaluate and build.
*/
{
  pkgs,
  lib,
  python,
}:
let
  included = name: pkgs.makeSetupHook { inherit name; } ./hooks/included.sh;
  testHook =
    name: dependencies: script:
    pkgs.makeSetupHook {
      inherit name;
      passthru.pythonDependencies = dependencies;
    } script
    // {
      pythonDependencies = dependencies;
    };
  parts = [
    "condaInstallHook"
    "condaUnpackHook"
    "eggUnpackHook"
    "flitBuildHook"
    "pipBuildHook"
    "pipInstallHook"
    "pypaBuildHook"
    "pypaInstallHook"
    "pythonCatchConflictsHook"
    "pythonImportsCheckHook"
    "pythonNamespacesHook"
    "pythonOutputDistHook"
    "pythonRelaxDepsHook"
    "pythonRemoveBinBytecodeHook"
    "pythonRemoveTestsDirHook"
    "pythonRuntimeDepsCheckHook"
    "setuptoolsBuildHook"
    "setuptoolsCheckHook"
    "setuptoolsRustBuildHook"
    "wheelUnpackHook"
    "wrapPython"
  ];
in
lib.genAttrs parts included
// {
  pytestCheckHook = testHook "pytest-check-hook" [ python.pkgs.pytest ] ./hooks/pytest-check.sh;
  pytest7CheckHook = testHook "pytest-check-hook" [ python.pkgs.pytest ] ./hooks/pytest-check.sh;
  unittestCheckHook = testHook "unittest-check-hook" [ ] ./hooks/unittest-check.sh;
}
