/*
  Every name at the top of the set → "derivation", the type of another value, or what it says when it refuses.
*/
let
  pkgs = import ../. { };
  what = value: if builtins.isAttrs value && value ? drvPath then builtins.seq value.drvPath "derivation" else builtins.typeOf value;
in
builtins.mapAttrs (
  name: value:
  let
    result = builtins.tryEval (what value);
  in
  if result.success then result.value else "refused"
) pkgs
