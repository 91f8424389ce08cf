/*
  `fetchurl`: one file by URL and hash. The builder is Nix's own `builtin:fetchurl`, so nothing must be built first.

  Nix reads `url` alone; bruma tries every one of `urls` in turn, and knows `mirror://` addresses.
  `postFetch` and `downloadToTemp` need a program of ours to run, and are done by a second derivation (fetchzip does so).
*/
{ lib }:
let
  # Mirrors that are no registry's; `mirror://debian/` and `mirror://pypi/` are found by bruma, as the machine has them.
  mirrors = {
    gnu = [
      "https://ftpmirror.gnu.org/"
      "https://ftp.gnu.org/gnu/"
    ];
    savannah = [ "https://download.savannah.gnu.org/releases/" ];
    sourceforge = [ "https://downloads.sourceforge.net/" ];
    sourceware = [ "https://sourceware.org/pub/" ];
    kernel = [ "https://cdn.kernel.org/pub/" ];
    apache = [
      "https://dlcdn.apache.org/"
      "https://archive.apache.org/dist/"
    ];
    gnome = [ "https://download.gnome.org/" ];
    xorg = [ "https://xorg.freedesktop.org/releases/" ];
  };
  expand =
    address:
    let
      parts = builtins.match "mirror://([a-z]+)/(.*)" address;
      name = builtins.elemAt parts 0;
    in
    if parts != null && mirrors ? ${name} then map (place: place + builtins.elemAt parts 1) mirrors.${name} else [ address ];
in
lib.makeOverridable (
  {
    url ? "",
    urls ? [ ],
    name ? "",
    pname ? "",
    version ? "",
    hash ? "",
    sha256 ? "",
    sha512 ? "",
    sha1 ? "",
    md5 ? "",
    outputHash ? "",
    outputHashAlgo ? "",
    executable ? false,
    unpack ? false,
    recursiveHash ? executable || unpack,
    curlOpts ? "",
    curlOptsList ? [ ],
    netrcPhase ? null,
    showURLs ? false,
    meta ? { },
    passthru ? { },
    preferLocalBuild ? true,
    impureEnvVars ? [ ],
    ...
  }@arguments:
  let
    known = builtins.filter (address: address != "") ((if url == "" then [ ] else lib.toList url) ++ urls);
    addresses = if known == [ ] then throw "fetchurl requires either `url` or `urls` to be set" else builtins.concatMap expand known;
    first = builtins.head addresses;
    baseName = builtins.baseNameOf (toString first);
    # A query is no part of a file's name.
    plainName = builtins.head (builtins.match "([^?#]*).*" baseName);
    storeName =
      if name != "" then
        name
      else if pname != "" && version != "" then
        "${pname}-${version}"
      else
        lib.strings.sanitizeDerivationName (builtins.replaceStrings [ "%20" "%2B" "%2b" ] [ "-" "+" "+" ] plainName);
    given = builtins.filter (candidate: candidate.value != "") [
      {
        algorithm = null;
        value = hash;
      }
      {
        algorithm = "sha256";
        value = sha256;
      }
      {
        algorithm = "sha512";
        value = sha512;
      }
      {
        algorithm = "sha1";
        value = sha1;
      }
      {
        algorithm = "md5";
        value = md5;
      }
      {
        algorithm = if outputHashAlgo == "" then null else outputHashAlgo;
        value = outputHash;
      }
    ];
    chosen =
      if hash == "" && arguments ? hash && given == [ ] then
        {
          algorithm = null;
          value = lib.fakeHash;
        }
      else if sha256 == "" && arguments ? sha256 && given == [ ] then
        {
          algorithm = null;
          value = lib.fakeHash;
        }
      else if given == [ ] then
        throw "fetchurl requires a hash for fixed-output derivation: ${lib.concatStringsSep " " addresses}"
      else if builtins.length given > 1 then
        throw "multiple hashes passed to `fetchurl`: ${lib.concatStringsSep " " addresses}"
      else
        builtins.head given;
  in
  if arguments ? postFetch && arguments.postFetch != "" then
    throw "fetchurl: `postFetch` is not supported by the bundled package set; use fetchzip, or runCommand on what fetchurl gives"
  else if netrcPhase != null then
    throw "fetchurl: `netrcPhase` is not supported by the bundled package set"
  else
    derivation (
      {
        name = storeName;
        system = "builtin";
        builder = "builtin:fetchurl";
        url = first;
        urls = addresses;
        inherit executable unpack preferLocalBuild;
        outputHash = chosen.value;
        outputHashMode = if recursiveHash then "recursive" else "flat";
        # Not these: they must not be seen by `builtin:fetchurl`'s network.
        impureEnvVars = [
          "http_proxy"
          "https_proxy"
          "ftp_proxy"
          "all_proxy"
          "no_proxy"
        ]
        ++ impureEnvVars;
      }
      // (if chosen.algorithm == null then { outputHashAlgo = null; } else { outputHashAlgo = chosen.algorithm; })
      // (if builtins.length addresses < 2 then { urls = [ first ]; } else { })
    )
    // passthru
    // {
      inherit meta passthru url;
      urls = addresses;
      outputs = [ "out" ];
    }
)
