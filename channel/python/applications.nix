/*
  Programs written in Python that nixpkgs has at the top of its set: `pkgs.poetry` and `python3.pkgs.poetry` are the same code, the
  former for its programs only. `override { python3 = python311; }` runs it on another Python.
*/
final:
let
  lib = import ../lib;
  application =
    attribute: name:
    lib.makeOverridable (
      { python3 }:
      let
        package = python3.pkgs.toPythonApplication python3.pkgs.${name};
      in
      package // { overrideAttrs = (installed package).overrideAttrs; }
    ) { inherit (final) python3; };
  # What `overrideAttrs` changes: links to the programs, installed by phases with the usual hooks.
  installed =
    package:
    final.stdenvNoCC.mkDerivation {
      inherit (package) name;
      dontUnpack = true;
      dontConfigure = true;
      dontBuild = true;
      dontFixup = true;
      preInstall = "";
      postInstall = "";
      installPhase = ''
        runHook preInstall
        mkdir -p "$out/bin"
        for program in ${package}/bin/*; do ln -s "$program" "$out/bin/"; done
        runHook postInstall
      '';
      passthru = package.passthru or { };
      meta = package.meta or { };
    };
  # Attribute of the top → name in the package set.
  same = lib.genAttrs [
    "autopep8"
    "bandit"
    "black"
    "cookiecutter"
    "copier"
    "deptry"
    "flit"
    "httpie"
    "isort"
    "locust"
    "maturin"
    "meson"
    "mkdocs"
    "mypy"
    "nox"
    "papermill"
    "pip-tools"
    "pipx"
    "poetry"
    "pre-commit"
    "pylint"
    "pyright"
    "pyupgrade"
    "ruff"
    "scrapy"
    "snakeviz"
    "sphinx"
    "streamlit"
    "twine"
    "uv"
    "virtualenv"
    "voila"
    "vulture"
    "yapf"
    "yt-dlp"
  ] (name: name);
  others = {
    ansible = "ansible-core";
    jupyter = "jupyter";
    pylsp = "python-lsp-server";
    tox = "tox";
  };
in
lib.mapAttrs application (same // others)
