# What fetchers have in common: variables of proxies, and hashes in one argument.
{ lib }:
let
  knownHashes = [ "sha256" "sha512" ];

  # The arguments without the hash, which becomes `outputHash` and `outputHashAlgo`.
  normalize = { hashTypes ? knownHashes, required ? true }: args:
    let
      given = builtins.filter (n: args ? ${n} && args.${n} != null && args.${n} != "") ([ "hash" "outputHash" ] ++ hashTypes);
      rest = removeAttrs args ([ "hash" "outputHash" "outputHashAlgo" ] ++ hashTypes);
      name = builtins.head given;
      chosen =
        if name == "hash" || name == "outputHash" then {
          outputHash = args.${name};
          outputHashAlgo = if name == "outputHash" then args.outputHashAlgo or null else null;
        } else {
          outputHash = args.${name};
          outputHashAlgo = name;
        };
      empty = builtins.any (n: args.${n} or null == "") ([ "hash" ] ++ hashTypes);
    in
    if builtins.length given > 1 then
      throw "multiple hashes passed: ${builtins.concatStringsSep ", " given}"
    else if given == [ ] then
      if empty then rest // { outputHash = lib.fakeHash; outputHashAlgo = null; }
      else if required then throw "fetcher called without `hash`"
      else rest // { outputHash = null; outputHashAlgo = null; }
    else rest // chosen;
in
{
  # Variables that a fetching build takes over from its surroundings.
  proxyImpureEnvVars = [
    "http_proxy" "https_proxy" "ftp_proxy" "all_proxy" "no_proxy"
    "HTTP_PROXY" "HTTPS_PROXY" "FTP_PROXY" "ALL_PROXY" "NO_PROXY"
    "NIX_SSL_CERT_FILE"
  ];

  normalizeHash = normalize;

  # A fetcher that takes `outputHash` -> one that takes `hash`, `sha256` or `sha512`.
  withNormalizedHash = { hashTypes ? knownHashes }: fetcher:
    let
      args = lib.functionArgs fetcher;
      hashArgs = lib.genAttrs ([ "hash" ] ++ hashTypes) (_: true);
    in
    lib.setFunctionArgs
      (given: fetcher (normalize { inherit hashTypes; } given))
      (removeAttrs args [ "outputHash" "outputHashAlgo" ] // hashArgs);
}
