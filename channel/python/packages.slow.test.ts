/**
 * The package set as users of nixpkgs know it, evaluated by bruma itself in an empty store. Nothing is built or fetched.
 * Slow: it starts the program for each case.
 */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { makePlace, type Outcome, type Place } from "../../test/end-to-end/place.ts";

let place: Place;
before(() => {
  place = makePlace("python-set");
});
after(() => place.remove());

const channel = join(import.meta.dirname, "..");

/** Evaluates an expression with the set in scope, strictly, as JSON. */
function evaluate(expression: string): Outcome {
  const file = join(place.directory, "case.nix");
  writeFileSync(file, `with import ${channel} { };\n${expression}\n`);
  return place.run("nix-instantiate", ["--eval", "--strict", "--json", "--read-write-mode", file]);
}

function value(expression: string): unknown {
  const { status, stdout, stderr } = evaluate(expression);
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
}

describe("python.pkgs", () => {
  for (const python of ["python313", "python312", "python311"]) {
    test(`every package of ${python} has a derivation`, () => {
      const count = value(`
        let names = builtins.attrNames (lib.importJSON (${channel}/python + "/index-\${${python}.pythonVersion}.json"));
        in builtins.length (map (name: ${python}.pkgs.\${name}.drvPath) names)`);
      assert.ok((count as number) > 600, String(count));
    });
  }

  test("a name that is not there gets the nearest names", () => {
    const { status, stderr } = evaluate("(python3.withPackages (ps: [ ps.numpi ])).drvPath");
    assert.equal(status, 1);
    assert.match(stderr, /attribute 'numpi' missing/);
    assert.match(stderr, /Did you mean .*numpy/);
  });

  test("a Python without an index says which have one", () => {
    const { status, stderr } = evaluate("python314.pkgs.numpy.drvPath");
    assert.equal(status, 1);
    assert.match(
      stderr,
      /numpy is not bundled for Python 3\.14: the index has sets for 3\.11 and 3\.12 and 3\.13/,
    );
  });

  test("other spellings are the same package", () => {
    assert.equal(
      value("with python3.pkgs; PyYAML.drvPath == pyyaml.drvPath && sklearn.outPath == scikit-learn.outPath"),
      true,
    );
  });

  test("python.withPackages, python3Packages and python.buildEnv agree", () => {
    assert.equal(
      value(`(python3.withPackages (ps: [ ps.six ])).drvPath == (python3.buildEnv.override { extraLibs = [ python3Packages.six ]; }).drvPath
        && python3Packages.six.drvPath == python313.pkgs.six.drvPath`),
      true,
    );
  });

  test("an overlay of the packages reaches those that need them", () => {
    const names = value(`
      let python = python3.override {
            self = python;
            packageOverrides = final: previous: {
              six = final.buildPythonPackage { pname = "six"; version = "9"; src = python3.pkgs.six.sdist; };
            };
          };
      in map (package: package.name) (python.pkgs.requiredPythonModules [ python.pkgs.python-dateutil ])`);
    assert.deepEqual(names, ["python3.13-python-dateutil-2.9.0.post0", "python3.13-six-9"]);
  });

  test("packageOverrides work without self as well", () => {
    assert.equal(
      value(`
        let python = python3.override { packageOverrides = final: previous: { six = previous.toolz; }; };
        in (python.withPackages (ps: [ ps.six ])).drvPath == (python3.withPackages (ps: [ ps.toolz ])).drvPath`),
      true,
    );
  });

  test("overridePythonAttrs with an sdist builds from source", () => {
    assert.deepEqual(
      value(`
        let new = python3.pkgs.six.overridePythonAttrs (old: { version = "1.0"; src = old.passthru.sdist; });
        in [ new.format new.name (new.drvPath != python3.pkgs.six.drvPath) ]`),
      ["pyproject", "python3.13-six-1.0", true],
    );
  });

  test("overrideAttrs keeps the package a Python package", () => {
    assert.equal(
      value('python3.pkgs.hasPythonModule (python3.pkgs.six.overrideAttrs (old: { postInstall = "true"; }))'),
      true,
    );
  });

  test("callPackage gives a package file what it asks for", () => {
    writeFileSync(
      join(place.directory, "toolz.nix"),
      `{ lib, buildPythonPackage, fetchPypi, setuptools, wheel }:
       buildPythonPackage rec {
         pname = "toolz";
         version = "0.10.0";
         src = fetchPypi { inherit pname version; hash = "sha256-CP3V73yWSArRHBLUct4hrNMjWZlvaaUlkpm1QP66RWA="; };
         pyproject = true;
         build-system = [ setuptools wheel ];
       }`,
    );
    assert.equal(
      value(`(python3.pkgs.callPackage ${place.directory}/toolz.nix { }).src.url`),
      "mirror://pypi/t/toolz/toolz-0.10.0.tar.gz",
    );
  });

  test("an application says how to get its dependencies' interpreter wrong", () => {
    const { status, stderr } = evaluate(`
      (python3.pkgs.buildPythonPackage { pname = "x"; version = "1"; src = python3.pkgs.six.sdist; dependencies = [ python311.pkgs.six ]; }).drvPath`);
    assert.equal(status, 1);
    assert.match(
      stderr,
      /x-1: python3\.11-six-.* is for python3-3\.11.*, and this is a build for python3-3\.13/,
    );
  });
});

describe("python.withPackages", () => {
  const warned = (expression: string): string => {
    const { status, stderr } = evaluate(`(python3.withPackages (ps: [ ps.six (${expression}) ])).drvPath`);
    assert.equal(status, 0, stderr);
    return stderr;
  };

  test("warns of a package of another Python", () => {
    assert.match(
      warned("python311.pkgs.numpy"),
      /warning: numpy is built for python3-3\.11.* left out of this environment of python3-3\.13/,
    );
  });
  test("warns of an application", () => {
    assert.match(
      warned("python3.pkgs.toPythonApplication python3.pkgs.black"),
      /warning: black is an application .* build it with buildPythonPackage/,
    );
  });
  test("warns of what is no Python package", () => {
    assert.match(warned("coreutils"), /warning: coreutils has no `pythonModule` .*toPythonModule/);
  });
  test("refuses what is no package at all", () => {
    const { status, stderr } = evaluate("(python3.withPackages (ps: [ ps.callPackage ])).drvPath");
    assert.equal(status, 1);
    assert.match(stderr, /a function is no package/);
  });
  test("leaves the interpreter and null out without a word", () => {
    assert.equal(
      value(
        "(python3.withPackages (ps: [ ps.six python3 null ])).drvPath == (python3.withPackages (ps: [ ps.six ])).drvPath",
      ),
      true,
    );
  });
  test("takes the version that is listed, and says so", () => {
    const own =
      '(python3.pkgs.buildPythonPackage { pname = "six"; version = "9"; src = python3.pkgs.six.sdist; })';
    const { status, stderr } = evaluate(`(python3.withPackages (ps: [ ps.python-dateutil ${own} ])).drvPath`);
    assert.equal(status, 0, stderr);
    assert.match(stderr, /warning: six is in this environment as you list it/);
  });
  test("refuses two versions of one project", () => {
    const own =
      '(python3.pkgs.buildPythonPackage { pname = "six"; version = "9"; src = python3.pkgs.six.sdist; })';
    const { status, stderr } = evaluate(`(python3.withPackages (ps: [ ps.six ${own} ])).drvPath`);
    assert.equal(status, 1);
    assert.match(stderr, /Found duplicated packages in closure for dependency 'six'/);
  });
});

describe("mkShell", () => {
  test("gets nothing beside an application, which has what it needs", () => {
    assert.deepEqual(
      value("map (package: package.name) (mkShell { packages = [ black coreutils ]; }).nativeBuildInputs"),
      value("[ python3.pkgs.black.name coreutils.name ]"),
    );
    assert.equal(
      value("(poetry.override { python3 = python311; }).drvPath == python311.pkgs.poetry.drvPath"),
      true,
    );
  });

  test("makes one environment of an interpreter and its packages", () => {
    assert.equal(
      value(`
        let names = packages: map (package: package.drvPath) (mkShell { inherit packages; }).nativeBuildInputs;
        in [
          (names [ python3 coreutils python3Packages.six python3Packages.toolz ] == [ (python3.withPackages (ps: [ ps.six ps.toolz ])).drvPath coreutils.drvPath ])
          (names [ python3 coreutils ] == [ python3.drvPath coreutils.drvPath ])
        ]`)?.toString(),
      "true,true",
    );
  });
});
