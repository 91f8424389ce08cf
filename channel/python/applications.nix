/*
  Programs written in Python (or shipped as Python packages), at the top of the set as nixpkgs has them.

  `override { python3 = …; }` runs one on another interpreter; `overrideAttrs` may change what is installed.
*/
final:
let
  lib = import ../lib;
  names = [
    "bandit"
    "black"
    "cookiecutter"
    "copier"
    "flake8"
    "gunicorn"
    "httpie"
    "isort"
    "jupyter"
    "maturin"
    "meson"
    "mkdocs"
    "mypy"
    "nox"
    "pip-tools"
    "pipx"
    "poetry"
    "pre-commit"
    "pylint"
    "pyright"
    "ruff"
    "streamlit"
    "tox"
    "twine"
    "uv"
    "virtualenv"
    "yt-dlp"
  ];
  application =
    name:
    lib.makeOverridable (
      {
        python3,
        stdenv,
      }:
      let
        package = python3.pkgs.${name} or (throw "${name} is not in the Python packages of ${python3.name}");
      in
      stdenv.mkDerivation {
        pname = name;
        inherit (package) version;
        dontUnpack = true;
        dontConfigure = true;
        dontBuild = true;
        preferLocalBuild = true;
        installPhase = ''
          runHook preInstall
          mkdir -p "$out/bin"
          for program in ${package}/bin/*; do ln -s "$program" "$out/bin/"; done
          if [ -d ${package}/share ]; then ln -s ${package}/share "$out/share"; fi
          runHook postInstall
        '';
        preInstall = "";
        postInstall = "";
        dontFixup = true;
        passthru = {
          python = python3;
          pythonPackage = package;
        };
        meta = (package.meta or { }) // {
          mainProgram = name;
        };
      }
    ) {
      inherit (final) python3;
      stdenv = final.stdenvNoCC;
    };
in
lib.genAttrs names application
