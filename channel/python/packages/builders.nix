/*
  The part of `python.pkgs` that is no package: what callPackage gives, what makes packages, and questions about them.
*/
{
  pkgs,
  lib,
  python,
  final,
}:
let
  modules = import ./modules.nix { inherit lib python; };
  buildPythonPackage = import ./build-python-package.nix { inherit pkgs lib python final; };
  application = import ./application.nix { inherit pkgs lib python; };
  scope = pkgs // final;
in
{
  inherit python lib pkgs;
  inherit (modules)
    hasPythonModule
    requiredPythonModules
    makePythonPath
    disabledIf
    ;
  inherit (python)
    isPy27
    isPy3k
    isPyPy
    isPy310
    isPy311
    isPy312
    isPy313
    pythonAtLeast
    pythonOlder
    sitePackages
    ;
  isPy314 = python.isPy314 or false;
  pythonPackages = final;
  python3Packages = final;
  callPackage = lib.callPackageWith scope;
  callPackages = lib.callPackagesWith scope;
  newScope = extra: lib.callPackageWith (scope // extra);
  overrideScope = extension: python.override { packageOverrides = lib.composeExtensions (python.packageOverrides or (_: _: { })) extension; }.pkgs;

  buildPythonPackage = buildPythonPackage { application = false; };
  buildPythonApplication = buildPythonPackage { application = true; };
  fetchPypi = import ./fetch-pypi.nix { inherit lib; inherit (pkgs) fetchurl; };
  inherit (application) toPythonApplication;
  toPythonModule =
    package:
    (
      if package ? overrideAttrs then
        package.overrideAttrs (old: {
          passthru = (old.passthru or { }) // {
            pythonModule = python;
          };
        })
      else
        package
    )
    // {
      pythonModule = python;
      requiredPythonModules = modules.requiredPythonModules (package.propagatedBuildInputs or [ ]);
    };
  mkPythonMetaPackage =
    {
      pname,
      version,
      dependencies ? [ ],
      meta ? { },
      ...
    }:
    final.buildPythonPackage {
      inherit pname version dependencies meta;
      format = "other";
      dontUnpack = true;
      doCheck = false;
      installPhase = ''
        info=$out/${python.sitePackages}/${lib.replaceStrings [ "-" ] [ "_" ] pname}-${version}.dist-info
        mkdir -p "$info"
        printf 'Metadata-Version: 2.1\nName: %s\nVersion: %s\n' ${pname} ${version} > "$info/METADATA"
      '';
    };
  withPackages = python.withPackages;
}
// import ./hooks.nix { inherit pkgs lib python; }
