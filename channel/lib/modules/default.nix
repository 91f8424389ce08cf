# Modules: sets of options and definitions that become one configuration.
#
# A module is a file, a set, or a function of the module arguments. Evaluating collects all that are imported
# (collect.nix), groups declarations and definitions by option and merges them by type (merge.nix); properties like
# `mkIf` stand for definitions until then (properties.nix); aliases.nix has modules about renamed options.
# nixpkgs' manual, "Module System".
{ lib }:
import ./evaluate.nix { inherit lib; }
// import ./collect.nix { inherit lib; }
// import ./merge.nix { inherit lib; }
// import ./properties.nix { inherit lib; }
// import ./aliases.nix { inherit lib; }
