# Derivations that need not be evaluated to be looked at.
{ lib }:
{
  unsafeDiscardOutputDependency = builtins.unsafeDiscardOutputDependency;
  addDrvOutputDependencies = builtins.addDrvOutputDependencies or (throw "addDrvOutputDependencies needs a Nix that has it as a builtin");

  # A derivation whose `outPath`, `drvPath` and outputs are known by name, so that nothing is forced to list them.
  lazyDerivation = { derivation, meta ? null, passthru ? { }, outputs ? [ "out" ] }:
    let
      checked =
        if derivation.type or null != "derivation" then
          throw "lazyDerivation: what is given is no derivation"
        else if derivation.outputs or [ "out" ] != outputs then
          throw "lazyDerivation: ${derivation.name or "the derivation"} has the outputs ${toString derivation.outputs}, not ${toString outputs}: say so with `outputs`"
        else
          derivation;
    in
    {
      type = "derivation";
      inherit (checked) outPath outputName drvPath name system;
      inherit outputs;
    }
    // lib.genAttrs outputs (name: checked.${name})
    // { meta = if meta != null then meta else checked.meta or { }; }
    // passthru;

  # An attribute of a derivation that is there only under a condition, without changing the rest's hash.
  optionalDrvAttr = condition: value: if condition then value else null;

  # Warns only when it is built or its path is used.
  warnOnInstantiate = message: drv:
    let
      guarded = builtins.mapAttrs (_: lib.warn message)
        (removeAttrs drv [ "meta" "name" "type" "outputName" "outputs" "pname" "version" "passthru" "override" "overrideAttrs" "overrideDerivation" ]);
    in
    drv // guarded;
}
