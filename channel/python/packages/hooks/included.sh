# What this hook does in nixpkgs, buildPythonPackage does here by itself.
