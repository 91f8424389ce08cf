/**
 * `derivation`, in the language itself: one set for each output around what `derivationStrict` gives, lazily, so that
 * looking at a package's name does not compute its hash.
 */

export const derivationSource = `attrs@{ outputs ? [ "out" ], ... }:
let
  strict = derivationStrict attrs;
  sets = map
    (name: {
      inherit name;
      value = shared // {
        outPath = builtins.getAttr name strict;
        drvPath = strict.drvPath;
        type = "derivation";
        outputName = name;
      };
    })
    outputs;
  shared = attrs // builtins.listToAttrs sets // {
    all = map (set: set.value) sets;
    drvAttrs = attrs;
  };
in (builtins.head sets).value
`;

/** \`<nix/fetchurl.nix>\`: a download as a derivation that Nix (and bruma) builds without a shell. */
export const fetchurlSource = `{
  system ? "",
  url,
  hash ? "",
  md5 ? "",
  sha1 ? "",
  sha256 ? "",
  sha512 ? "",
  outputHash ? if hash != "" then hash else if sha512 != "" then sha512 else if sha1 != "" then sha1 else if md5 != "" then md5 else sha256,
  outputHashAlgo ? if hash != "" then "" else if sha512 != "" then "sha512" else if sha1 != "" then "sha1" else if md5 != "" then "md5" else "sha256",
  executable ? false,
  unpack ? false,
  name ? baseNameOf (toString url),
  impure ? false,
}:

derivation (
  {
    builder = "builtin:fetchurl";
    outputHashMode = if unpack || executable then "recursive" else "flat";
    inherit name url executable unpack;
    system = "builtin";
    preferLocalBuild = true;
    impureEnvVars = [ "http_proxy" "https_proxy" "ftp_proxy" "all_proxy" "no_proxy" ];
    urls = [ url ];
  }
  // (if impure then { __impure = true; } else { inherit outputHashAlgo outputHash; })
)
`;
