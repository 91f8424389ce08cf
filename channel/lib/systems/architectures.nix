# Instruction sets by the name that `-march` takes.
{ lib }:
let
  x86-64 = [ ];
  v2 = [ "sse3" "ssse3" "sse4_1" "sse4_2" ];
  v3 = v2 ++ [ "aes" "avx" "avx2" "fma" ];
  v4 = v3 ++ [ "avx512" ];
in
rec {
  features = {
    default = [ ];
    inherit x86-64;
    x86-64-v2 = v2;
    x86-64-v3 = v3;
    x86-64-v4 = v4;
    westmere = v2 ++ [ "aes" ];
    sandybridge = v2 ++ [ "aes" "avx" ];
    ivybridge = v2 ++ [ "aes" "avx" ];
    haswell = v3;
    broadwell = v3;
    skylake = v3;
    skylake-avx512 = v4;
    znver1 = v3;
    znver2 = v3;
    znver3 = v3;
    znver4 = v4;
  };

  # older architecture -> newer ones that run its programs.
  inferiors = builtins.mapAttrs (_: _: [ ]) features;
  canExecute = arch: inferior: arch == inferior || builtins.elem inferior (inferiors.${arch} or [ ]);

  predicates =
    let
      has = feature: arch: builtins.elem feature (features.${arch} or [ ]);
    in
    {
      sse3Support = has "sse3";
      ssse3Support = has "ssse3";
      sse4_1Support = has "sse4_1";
      sse4_2Support = has "sse4_2";
      sse4_aSupport = has "sse4a";
      avxSupport = has "avx";
      avx2Support = has "avx2";
      avx512Support = has "avx512";
      aesSupport = has "aes";
      fmaSupport = has "fma";
      fma4Support = has "fma4";
      lsxSupport = has "lsx";
      lasxSupport = has "lasx";
    };
}
