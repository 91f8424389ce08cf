# What fetchers have in common: variables of proxies, and hashes in one argument.
{ lib }:
let
  # The hash by whichever name it is given; empty ones become a hash of nothing, to learn the right one.
  fakes = { hash = lib.fakeHash; sha256 = lib.fakeSha256; sha512 = lib.fakeSha512; };
in
rec {
  # Variables that a fetching build takes over from its surroundings.
  proxyImpureEnvVars = [
    "http_proxy" "https_proxy" "ftp_proxy" "all_proxy" "no_proxy"
    "HTTP_PROXY" "HTTPS_PROXY" "FTP_PROXY" "ALL_PROXY" "NO_PROXY"
    "NIX_SSL_CERT_FILE"
  ];

  # Arguments with `hash`, `sha256`, … -> the same with `outputHash` and `outputHashAlgo` instead.
  normalizeHash = { hashTypes ? [ "sha256" ], required ? true }:
    let
      names = [ "hash" ] ++ hashTypes;
      list = lib.concatMapStringsSep ", " (n: "`${n}`") names;
    in
    args:
    let
      given = builtins.filter (n: args ? ${n}) names;
      name = builtins.head given;
      value = args.${name};
    in
    if args ? outputHash && args ? outputHashAlgo && given == [ ] then args
    else if builtins.length given > 1 then
      throw "multiple hashes passed: ${lib.concatMapStringsSep ", " (n: "`${n}`") given}; give one of them"
    else if given == [ ] then
      if required then throw "fetcher called without a hash: it takes one of ${list}" else args
    else
      removeAttrs args names // {
        outputHash = if value == "" then fakes.${name} or (throw "no fake hash is known for '${name}'") else value;
        outputHashAlgo = if name == "hash" then null else name;
      };

  # A fetcher that takes `outputHash` and `outputHashAlgo` -> one that takes `hash`, `sha256`, ….
  withNormalizedHash = { hashTypes ? [ "sha256" ] }: fetcher:
    let
      declared = lib.functionArgs fetcher;
      optional = declared.outputHash && declared.outputHashAlgo;
      args = removeAttrs declared [ "outputHash" "outputHashAlgo" ] // { hash = optional; };
    in
    if !(declared ? outputHash && declared ? outputHashAlgo) then
      throw "withNormalizedHash: the fetcher must take `outputHash` and `outputHashAlgo`"
    else
      lib.setFunctionArgs (given: fetcher (normalizeHash { inherit hashTypes; required = !optional; } given)) args;
}
