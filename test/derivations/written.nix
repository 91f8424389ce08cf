# Derivations in which implementers go wrong, one feature an attribute. Compared with real Nix: every byte of every
# .drv file and all paths. `since`: the Nix release from which on the case is as it is now.
let
  base = {
    name = "base";
    system = "x86_64-linux";
    builder = "/bin/sh";
  };
  make = attributes: derivation (base // attributes);

  simple = make { name = "simple"; };
  several = make {
    name = "several";
    outputs = [ "out" "dev" "man" ];
  };
  fixed = make {
    name = "fixed";
    outputHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    outputHashAlgo = "sha256";
  };
  fixedOtherwise = make {
    name = "fixed";
    how = "in another way";
    outputHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    outputHashAlgo = "sha256";
  };
  text = builtins.toFile "text" "contents\n";
  md5 = "d41d8cd98f00b204e9800998ecf8427e";
  sha1 = "da39a3ee5e6b4b0d3255bfef95601890afd80709";
  sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  sha512 = "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e";
  fix = outputHashMode: outputHashAlgo: outputHash: make {
    name = "fix";
    inherit outputHashMode outputHashAlgo outputHash;
  };
  chain = builtins.foldl' (previous: n: make { name = "chain-${toString n}"; inherit previous; }) simple
    (builtins.genList (n: n) 100);
  wide = builtins.genList (n: make { name = "wide-${toString n}"; inherit n; }) 100;
in
{
  inherit simple several fixed fixedOtherwise;

  # Values as variables.
  null' = make { value = null; };
  true' = make { value = true; };
  false' = make { value = false; };
  zero = make { value = 0; };
  negative = make { value = -42; };
  largest = make { value = 9223372036854775807; };
  smallest = make { value = -9223372036854775807 - 1; };
  float = make { value = 1.5; };
  floats = make { values = [ 0.1 1.0e10 3.0 (-2.5) 1.0e-3 ]; };
  empty-string = make { value = ""; };
  empty-list = make { value = [ ]; };
  list = make { value = [ "a" "b c" 1 true false null 2.5 ]; };
  nested-list = make { value = [ "a" [ "b" [ ] [ [ "c" ] ] ] "d" [ ] ]; };
  list-ends-in-empty = make { value = [ "a" [ ] ]; };
  to-string = make { value = { __toString = self: "it is ${self.x}"; x = "me"; }; };
  out-path = make { value = { outPath = "/not/a/store/path"; }; };
  derivation-value = make { value = simple; };
  derivation-list = make { values = [ simple several fixed ]; };

  # Bytes.
  quotes = make { value = "a \"quoted\" 'word' \\ back\\\\slash"; };
  white = make { value = "line\nline\r\n\ttab \${not} $$ $x"; };
  indented = make { value = ''
    one
      two ''${x} '''quoted''' ''\n ''\t
  ''; };
  unicode = make { value = "grüße, 世界 🐍"; };
  control = make { value = builtins.fromJSON "\"\\u0001\\u001f\\u007f\""; };
  long = make { value = builtins.concatStringsSep "," (builtins.genList toString 5000); };
  odd-variables = make { "a b" = 1; "ä" = 2; "\"q\"" = 3; "" = 4; "new\nline" = 5; A = 6; a = 7; _ = 8; };
  order = make { z = 1; Z = 2; "é" = 3; "a-b" = 4; a_b = 5; aB = 6; ab = 7; "1" = 8; };
  escaped-builder = make { builder = "/bin/a \"b\"\n\\"; };
  odd-system = make { system = "any thing"; };

  # Names.
  name-characters = make { name = "aZ09+-._?="; };
  name-long = make { name = builtins.concatStringsSep "" (builtins.genList (_: "n") 207); };
  name-digits = make { name = "1.2.3"; };
  name-drv-like = make { name = "x.drv.patch"; };
  name-dashes = make { name = "-a"; };

  # Arguments.
  no-args = make { args = [ ]; };
  args = make { args = [ "-c" "echo \"$out\"\n" "" 1 true null [ "x" "y" ] simple text ]; };
  args-deps-only = make { args = [ "${several.dev}/bin" ]; };

  # Outputs.
  outputs-dev-first = make { outputs = [ "dev" "out" ]; };
  outputs-no-out = make { outputs = [ "lib" ]; };
  outputs-odd = make { outputs = [ "out" "Zed" "a1" "x_y" "x-y" ]; };
  outputs-drv = { since = "2.32"; value = make { outputs = [ "drv" ]; }; };
  outputs-string = make { outputs = [ "out" "a" ]; out = "overwritten"; a = simple; };
  outputs-named-like-variables = make { outputs = [ "builder2" "out" ]; builder2 = "x"; };
  placeholder' = make { value = "${builtins.placeholder "out"}/x ${builtins.placeholder "dev"}"; outputs = [ "out" "dev" ]; };

  # Inputs.
  input-one = make { a = "${simple}"; };
  input-outputs = make { a = several.dev; b = several.man; };
  input-same-twice = make { a = several.dev; b = "${several.dev}/x"; c = several; };
  input-text = make { a = text; };
  input-text-with-reference = make { a = builtins.toFile "with" "see ${text}"; };
  input-source = make { src = ./tree; };
  input-source-string = make { src = "${./tree}"; file = ./tree/file; sub = ./tree/sub; };
  input-executable = make { src = ./tree/script; };
  input-link = make { src = ./tree/link; };
  input-filtered = make {
    src = builtins.filterSource (path: type: baseNameOf path != "left-out") ./tree;
  };
  input-path = make {
    src = builtins.path {
      path = ./tree;
      name = "renamed";
      filter = path: type: type != "symlink";
    };
  };
  input-path-flat = make {
    src = builtins.path {
      path = ./tree/file;
      name = "flat";
      recursive = false;
    };
  };
  input-path-checked = make {
    src = builtins.path {
      path = ./tree/file;
      name = "checked";
      recursive = false;
      sha256 = builtins.hashFile "sha256" ./tree/file;
    };
  };
  input-drv-path = make { drv = simple.drvPath; };
  input-drv-path-deep = make { drv = (make { name = "middle"; inherit several fixed text; }).drvPath; };
  input-drv-path-opaque = make { drv = builtins.unsafeDiscardOutputDependency several.drvPath; };
  input-drv-path-nothing = make { drv = builtins.unsafeDiscardStringContext several.drvPath; };
  input-fixed = make { a = fixed; };
  input-fixed-two-ways = make { a = fixed; b = fixedOtherwise; };
  # The way a fixed output is fetched must not show in the paths of its users.
  input-fixed-either = make { name = "either"; a = fixed; };
  input-fixed-or = make { name = "either"; a = fixedOtherwise; };
  input-users-unite = make {
    a = make { name = "user"; inherit fixed; };
    b = make { name = "user"; fixed = fixedOtherwise; };
  };
  input-users-unite-outputs = make {
    a = (make { name = "user"; outputs = [ "out" "dev" ]; inherit fixed; }).dev;
    b = (make { name = "user"; outputs = [ "out" "dev" ]; fixed = fixedOtherwise; }).out;
  };
  input-chain = make { a = chain; };
  input-wide = make { inputs = wide; };
  input-diamond =
    let
      bottom = make { name = "bottom"; };
      left = make { name = "left"; inherit bottom; };
      right = make { name = "right"; inherit bottom; };
    in
    make { inherit left right bottom; };
  input-overlapping-contexts = make {
    a = builtins.substring 0 5 "${simple}";
    b = builtins.replaceStrings [ "x" ] [ "${several.dev}" ] "axb";
    c = builtins.concatStringsSep ":" [ simple several ];
    d = toString [ several.man text ];
    e = builtins.toJSON { inherit simple; list = [ several.dev ]; };
    f = builtins.toXML { x = simple.outPath; };
  };
  input-appended = make {
    a = builtins.appendContext "plain" (builtins.getContext "${several.dev}${text}");
  };
  input-nothing-left = make { a = builtins.unsafeDiscardStringContext "${simple}"; };

  # Fixed outputs: every mode, algorithm and notation.
  fixed-flat-md5 = fix "flat" "md5" md5;
  fixed-flat-sha1 = fix "flat" "sha1" sha1;
  fixed-flat-sha256 = fix "flat" "sha256" sha256;
  fixed-flat-sha512 = fix "flat" "sha512" sha512;
  fixed-recursive-md5 = fix "recursive" "md5" md5;
  fixed-recursive-sha1 = fix "recursive" "sha1" sha1;
  fixed-recursive-sha256 = fix "recursive" "sha256" sha256;
  fixed-recursive-sha512 = fix "recursive" "sha512" sha512;
  fixed-no-mode = make { outputHashAlgo = "sha256"; outputHash = sha256; };
  fixed-upper-case = fix "flat" "sha256" "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855";
  fixed-nix32 = fix "recursive" "sha256" "0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73";
  fixed-base64 = fix "recursive" "sha256" "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
  fixed-prefixed = fix "flat" "sha256" "sha256:${sha256}";
  fixed-prefixed-only = make { outputHash = "sha1:${sha1}"; };
  fixed-sri = fix "recursive" "sha256" "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
  fixed-sri-only = make { outputHash = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="; outputHashMode = "recursive"; };
  fixed-sri-empty-algo = fix "recursive" "" "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
  fixed-sri-null-algo = fix "flat" null "sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==";
  fixed-sri-md5 = make { outputHash = "md5-1B2M2Y8AsgTpgAmY7PhCfg=="; };
  fixed-with-inputs = make { outputHash = sha256; outputHashAlgo = "sha256"; inherit simple several; };
  fixed-empty = fix "flat" "sha256" "";
  fixed-url = derivation {
    name = "fetched";
    system = "builtin";
    builder = "builtin:fetchurl";
    url = "mirror://pypi/x/x/x-1.tar.gz";
    outputHash = sha256;
    outputHashAlgo = "sha256";
    outputHashMode = "flat";
    preferLocalBuild = true;
    impureEnvVars = [ "http_proxy" "https_proxy" ];
    unpack = false;
    executable = false;
    urls = [ "a" "b" ];
  };

  # Attributes with a meaning of their own.
  pass-as-file = make { passAsFile = [ "script" "other" ]; script = "echo ${simple}\n"; other = ""; };
  references = make {
    allowedReferences = [ ];
    allowedRequisites = [ simple "out" ];
    disallowedReferences = [ several.dev ];
    disallowedRequisites = several.man;
  };
  graph = make { exportReferencesGraph = [ "graph" simple "other" several.dev ]; };
  graph-deep = make { exportReferencesGraph = [ "graph" simple.drvPath ]; };
  discard = make { unsafeDiscardReferences = true; };
  features = make { requiredSystemFeatures = [ "kvm" "big-parallel" ]; preferLocalBuild = false; allowSubstitutes = false; __noChroot = true; };
  impure-host-deps = make { __impureHostDeps = [ "/usr" ]; __sandboxProfile = ""; __propagatedImpureHostDeps = [ ]; };
  ignore-nulls = make { __ignoreNulls = true; a = null; b = 1; args = null; };
  ignore-nulls-not = make { __ignoreNulls = false; a = null; };
  ignore-nulls-deep = make { __ignoreNulls = true; a = [ null ]; };
  content-addressed-not = { since = "2.32"; value = make { __contentAddressed = false; }; };
  impure-not = make { __impure = false; };
  meta-like = make { version = "1"; pname = "p"; stdenv = simple; nativeBuildInputs = [ simple several.dev ]; };

  # Structured attributes.
  structured = make { __structuredAttrs = true; };
  structured-false = make { __structuredAttrs = false; };
  structured-values = { since = "2.32"; value = make {
    __structuredAttrs = true;
    outputs = [ "out" "dev" ];
    null = null;
    bool = [ true false ];
    int = 42;
    min = -9223372036854775807 - 1;
    floats = [ 0.5 1.0 100.0 1.0e20 1.0e-7 123456.789 (-0.1) ];
    string = "quoted \" back \\ new \n tab \t return \r slash / é 🐍 ${builtins.fromJSON "\"\\u0001\\u007f\""}";
    set = { b = { }; a = [ { } [ ] ]; "x y" = { z = 1; }; };
    simple = simple;
    many = [ several.dev several.man ];
    text = text;
    path = ./tree/file;
    functor = { __toString = _: "text"; };
  }; };
  structured-args = make { __structuredAttrs = true; args = [ "-c" "${simple}" ]; x = 1; };
  structured-fixed = make {
    __structuredAttrs = true;
    outputHash = sha256;
    outputHashAlgo = "sha256";
    outputHashMode = "recursive";
  };
  structured-fixed-sri = make {
    __structuredAttrs = true;
    outputHash = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
  };
  structured-ignore-nulls = make { __structuredAttrs = true; __ignoreNulls = true; a = null; b = { c = null; }; };
  structured-checks = make {
    __structuredAttrs = true;
    outputChecks.out = { maxSize = 1000; allowedReferences = [ simple ]; };
    exportReferencesGraph.closure = [ simple several.man ];
  };
  structured-builder = make { __structuredAttrs = true; builder = "${simple}/bin/sh"; };
  structured-drv-path = make { __structuredAttrs = true; deep = several.drvPath; };
  structured-placeholder = make { __structuredAttrs = true; here = builtins.placeholder "out"; };
  json-text = { since = "2.34"; value = make { __json = ''{"b": [1, 2.0], "a": "x\u00e9\n", "c": {}, "n": null}''; }; };
}
