# Parts of version strings, as separated by dots.
{ lib }:
rec {
  # "1.2.3" -> [ "1" "2" "3" ]
  inherit (builtins) compareVersions splitVersion;
  major = v: builtins.elemAt (splitVersion v) 0;
  minor = v: builtins.elemAt (splitVersion v) 1;
  patch = v: builtins.elemAt (splitVersion v) 2;
  majorMinor = v: builtins.concatStringsSep "." (lib.take 2 (splitVersion v));
  # Cuts, or fills with zeros, to so many parts.
  pad = n: version:
    let
      numeric = builtins.head (lib.splitString "-" version);
      suffix = lib.removePrefix numeric version;
      zeros = builtins.genList (_: "0") n;
    in
    builtins.concatStringsSep "." (lib.take n (splitVersion numeric ++ zeros)) + suffix;
}
