# Where a package's files come from, for `meta.sourceProvenance`.
{ lib }:
lib.mapAttrs (shortName: type: { inherit shortName; } // type) {
  fromSource = { isSource = true; };
  binaryNativeCode = { isSource = false; };
  binaryBytecode = { isSource = false; };
  binaryFirmware = { isSource = false; };
}
